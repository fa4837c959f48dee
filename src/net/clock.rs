//! Time as the program sees it.

use std::future::Future;
use std::time::Duration;
use tokio::time::Instant;

/// A clock that may run faster than the one on the wall, so that a greeting that takes forty
/// seconds can be practised in four. Every duration that goes in or comes out is in the
/// clock's own time.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    /// How many seconds pass here while one passes outside; 1 on the real network.
    speed: u32,
}

/// The time given to something was over before it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no answer within {} s", .0.as_secs_f32())]
pub struct TimedOut(pub Duration);

impl Clock {
    /// A clock that begins at zero now. `speed` is at least 1.
    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    pub fn start(speed: u32) -> Self {
        Self {
            start: Instant::now(),
            speed: speed.max(1),
        }
    }

    pub fn speed(&self) -> u32 {
        self.speed
    }

    /// Time since the clock began.
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed() * self.speed
    }

    /// The same time in milliseconds, for records.
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// How long `duration` of this clock takes on the wall.
    pub fn outside(&self, duration: Duration) -> Duration {
        duration / self.speed
    }

    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(self.outside(duration)).await;
    }

    /// Sleeps until this clock shows `at`.
    pub async fn sleep_until(&self, at: Duration) {
        tokio::time::sleep_until(self.start + self.outside(at)).await;
    }

    pub async fn timeout<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, TimedOut> {
        tokio::time::timeout(self.outside(limit), work)
            .await
            .map_err(|_| TimedOut(limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn runs_as_fast_as_it_is_told() {
        let clock = Clock::start(10);
        clock.sleep(Duration::from_secs(40)).await;
        assert_eq!(clock.elapsed().as_secs(), 40);
        let late = clock.timeout(Duration::from_secs(5), std::future::pending::<()>());
        assert_eq!(late.await, Err(TimedOut(Duration::from_secs(5))));
        assert_eq!(clock.elapsed().as_secs(), 45);
    }
}
