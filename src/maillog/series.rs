//! Counts over time, in as many steps as fit: the log may last an hour or a year.

use super::event::Fate;

/// What happened in one step of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Step {
    pub sent: u64,
    pub deferred: u64,
    pub bounced: u64,
    pub expired: u64,
    pub rejected: u64,
    /// Messages that came into the queue.
    pub entered: u64,
    /// Messages that left it.
    pub left: u64,
}

impl Step {
    fn add(&mut self, other: &Self) {
        self.sent += other.sent;
        self.deferred += other.deferred;
        self.bounced += other.bounced;
        self.expired += other.expired;
        self.rejected += other.rejected;
        self.entered += other.entered;
        self.left += other.left;
    }

    pub fn of(&mut self, fate: Fate) -> &mut u64 {
        match fate {
            Fate::Sent => &mut self.sent,
            Fate::Deferred => &mut self.deferred,
            Fate::Bounced => &mut self.bounced,
            Fate::Expired => &mut self.expired,
            Fate::Rejected => &mut self.rejected,
        }
    }
}

/// Steps of equal width. When they become too many, two become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Series {
    /// Seconds.
    width: i64,
    /// Number of the first step: its time divided by the width.
    begin: i64,
    steps: Vec<Step>,
}

const MOST: usize = 1024;
const NARROWEST: i64 = 60;

impl Default for Series {
    fn default() -> Self {
        Self {
            width: NARROWEST,
            begin: 0,
            steps: Vec::new(),
        }
    }
}

impl Series {
    /// The step of a time.
    pub fn at(&mut self, at: i64) -> &mut Step {
        if self.steps.is_empty() {
            self.begin = at.div_euclid(self.width);
            self.steps.push(Step::default());
        }
        loop {
            let place = at.div_euclid(self.width) - self.begin;
            let span = place.max(0).unsigned_abs().max(self.steps.len() as u64 - 1)
                + place.min(0).unsigned_abs();
            if span < MOST as u64 {
                break;
            }
            self.widen();
        }
        let place = at.div_euclid(self.width) - self.begin;
        if place < 0 {
            let missing = usize::try_from(-place).unwrap_or_default();
            self.steps
                .splice(0..0, std::iter::repeat_n(Step::default(), missing));
            self.begin += place;
        }
        let place = usize::try_from(place).unwrap_or_default();
        if place >= self.steps.len() {
            self.steps.resize(place + 1, Step::default());
        }
        &mut self.steps[place]
    }

    fn widen(&mut self) {
        let odd = self.begin.rem_euclid(2) == 1;
        let mut wide = Vec::with_capacity(self.steps.len() / 2 + 1);
        if odd {
            // The first one is the second half of its pair.
            wide.extend(self.steps.first().copied());
        }
        for pair in self.steps[usize::from(odd)..].chunks(2) {
            let mut sum = Step::default();
            for step in pair {
                sum.add(step);
            }
            wide.push(sum);
        }
        self.begin = self.begin.div_euclid(2);
        self.width *= 2;
        self.steps = wide;
    }

    /// Seconds of a step.
    pub fn width(&self) -> i64 {
        self.width
    }

    /// When the first step begins, in seconds since 1970 UTC.
    pub fn begin(&self) -> i64 {
        self.begin * self.width
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// At most `most` steps.
    #[must_use]
    pub fn coarser(&self, most: usize) -> Self {
        let mut wide = self.clone();
        while wide.steps.len() > most.max(1) {
            wide.widen();
        }
        wide
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_is_lost_whatever_the_times(times in prop::collection::vec(-5_000_000_000_i64..5_000_000_000, 1..200)) {
            let mut series = Series::default();
            for at in &times {
                *series.at(*at).of(Fate::Sent) += 1;
                prop_assert!(series.steps().len() <= MOST);
            }
            let sum = |series: &Series| series.steps().iter().map(|step| step.sent).sum::<u64>();
            prop_assert_eq!(sum(&series), times.len() as u64);
            prop_assert!(series.begin() <= *times.iter().min().unwrap());
            let coarse = series.coarser(40);
            prop_assert!(coarse.steps().len() <= 40);
            prop_assert_eq!(sum(&coarse), times.len() as u64);
            let end = coarse.begin() + coarse.width() * i64::try_from(coarse.steps().len()).unwrap();
            prop_assert!(end > *times.iter().max().unwrap());
        }
    }
}
