//! The chain of checks that the run's length hangs on.

use crate::case::CheckRecord;
use crate::text::SafeText;
use serde::Serialize;

/// One check of the chain; times are since the start of the run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    pub group: &'static str,
    pub subject: SafeText,
    pub start_ms: u64,
    pub end_ms: u64,
}

/// A check begins as soon as the one that it waits for has ended, which the clock, counting
/// whole milliseconds, may show this much apart.
const SLACK_MS: u64 = 2;

/// From the check that ended last back to the start: before each, the one that ended last
/// before it began. What a check waits for is not kept with it, so where two ended in the same
/// moment, the later one of the two stands there.
pub(super) fn critical(checks: &[CheckRecord]) -> Vec<Step> {
    let end = |check: &CheckRecord| check.started_ms + check.elapsed_ms;
    let settled: Vec<&CheckRecord> = checks
        .iter()
        .filter(|check| check.state.is_settled())
        .collect();
    let mut steps = Vec::new();
    let mut last = settled.iter().max_by_key(|check| end(check)).copied();
    while let Some(check) = last {
        steps.push(Step {
            group: check.group.word(),
            subject: check.subject.clone(),
            start_ms: check.started_ms,
            end_ms: end(check),
        });
        last = settled
            .iter()
            .filter(|before| {
                before.started_ms < check.started_ms && end(before) <= check.started_ms + SLACK_MS
            })
            .max_by_key(|before| end(before))
            .copied();
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{CheckKey, CheckState, Group};

    fn check(subject: &str, started_ms: u64, elapsed_ms: u64) -> CheckRecord {
        CheckRecord {
            key: CheckKey(subject.into()),
            group: Group::Mx,
            parent: None,
            subject: subject.into(),
            state: CheckState::Passed,
            started_ms,
            elapsed_ms,
            detail: SafeText::default(),
            exchanges: Vec::new(),
            meaning: SafeText::default(),
            by_hand: Vec::new(),
        }
    }

    #[test]
    fn goes_back_from_the_last_to_the_first() {
        let checks = [
            check("records", 0, 40),
            check("whois", 0, 90),
            check("host", 40, 30),
            check("session", 71, 300),
        ];
        let steps = critical(&checks);
        let names: Vec<&str> = steps.iter().map(|step| step.subject.as_str()).collect();
        assert_eq!(names, ["records", "host", "session"]);
        assert!(
            steps
                .windows(2)
                .all(|two| two[0].start_ms < two[1].start_ms)
        );
        assert_eq!(critical(&[]), []);
    }
}
