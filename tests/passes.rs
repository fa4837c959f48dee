//! Time that is counted in passes of the scheduler, so that what a test sees of a wait depends
//! on what happens and not on how busy the machine is.
//!
//! Everything of such a test, the servers too, runs on one thread. A task that is always ready
//! sets the clock of tokio forward by a step after so many passes; nothing else does. In a pass
//! every other task that is ready has its turn and the sockets are asked once. A machine that is
//! busy makes the passes take longer, and does not make them more.

use std::future::Future;
use std::time::Duration;
use tokio::runtime::Builder;

/// What passes at once: less than any limit that a test looks at.
const STEP: Duration = Duration::from_millis(100);
/// Between two steps. The shortest limit that an answer of the other side is given, 2 s for the
/// last words of one who hangs up, is 160 passes; a reply on loopback takes two or three.
const PASSES: u32 = 8;
/// On the wall, between two steps: what the kernel does for loopback outside of our calls, and
/// the blocking threads of the runtime, get their turn.
const PAUSE: Duration = Duration::from_micros(100);

/// Runs `work` to its end on such a clock, which begins where the runtime does.
pub(crate) fn by_passes<T>(work: impl Future<Output = T>) -> T {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let time = tokio::spawn(pass());
        let done = Box::pin(work).await;
        time.abort();
        done
    })
}

async fn pass() {
    loop {
        for _ in 0..PASSES {
            tokio::task::yield_now().await;
        }
        std::thread::sleep(PAUSE);
        tokio::time::advance(STEP).await;
    }
}

/// A peer that works for far longer on the wall than the limit says is in time, where it has
/// only to be asked; a peer that is silent is late.
#[test]
fn work_takes_no_time_and_silence_does() {
    use smtp_tui::net::Clock;
    by_passes(async {
        let clock = Clock::start(1);
        let work = async {
            for _ in 0..20 {
                std::thread::sleep(Duration::from_millis(20));
                tokio::task::yield_now().await;
            }
        };
        let limit = Duration::from_millis(350);
        assert!(clock.timeout(limit, work).await.is_ok());
        let silence = clock.timeout(limit, std::future::pending::<()>());
        assert!(silence.await.is_err());
        assert!(clock.elapsed() < Duration::from_secs(1));
    });
}
