//! What every form of the report shows, in its order.

use super::{Check, Report};
use crate::case::{Finding, From, Line};
use crate::diagnosis::stops_mail;

pub(super) struct Parts<'a> {
    pub(super) causes: Vec<&'a Finding>,
    /// What only follows from the cause.
    pub(super) consequences: Vec<&'a Finding>,
    /// What stops mail as well, and has nothing to do with the cause.
    pub(super) further: Vec<&'a Finding>,
    pub(super) others: Vec<&'a Finding>,
    /// What could not be checked.
    pub(super) missing: Vec<&'a Check>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(report: &'a Report) -> Self {
        let cause = report.verdict.cause;
        let (causes, rest): (Vec<_>, Vec<_>) = report
            .findings
            .iter()
            .partition(|finding| Some(finding.id) == cause && finding.explained_by.is_none());
        let (consequences, rest): (Vec<_>, Vec<_>) = rest
            .into_iter()
            .partition(|finding: &&Finding| cause.is_some() && finding.explained_by == cause);
        let (further, others) = rest
            .into_iter()
            .partition(|finding| finding.explained_by.is_none() && stops_mail(finding));
        let missing = report
            .checks
            .iter()
            .filter(|check| check.status == "not-possible")
            .collect();
        Self {
            causes,
            consequences,
            further,
            others,
            missing,
        }
    }
}

/// `S: 220 ready`, as in RFC 5321 appendix D.
pub(super) fn spoken(line: &Line) -> String {
    let who = match line.from {
        From::Server => "S:",
        From::Client => "C:",
        From::Event => "--",
    };
    format!("{:>6} {who} {}", line.at_ms, line.line)
}
