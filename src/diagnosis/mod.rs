//! From a case to the one cause.
//!
//! [`diagnose`] weighs findings and answers by the rules of `assets/verdict.yaml`: what only
//! follows from something else is marked so, what stops mail first is the cause, and where the
//! checks found nothing, the answers are asked. Pure: a saved case gives the same verdict.

mod decisive;
mod rules;
mod weigh;

pub use decisive::{decisive_rules, rule_names};
pub use weigh::{diagnose, stops_mail};

use crate::case::Finding;
use crate::knowledge::finding::FindingId;
use crate::text::SafeText;
use serde::{Deserialize, Serialize};

/// The answer to "why does the mail not arrive?".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub status: Status,
    /// The finding that explains the failure; for `unknown`, what prevented a conclusion.
    pub cause: Option<FindingId>,
    /// One sentence a customer understands.
    pub summary: SafeText,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Healthy,
    /// Mail fails for some, or at times.
    Degraded,
    /// Mail fails for everyone.
    Broken,
    /// What was seen allows no conclusion.
    Unknown,
}

impl Status {
    pub fn word(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Broken => "broken",
            Self::Unknown => "unknown",
        }
    }
}

/// The verdict, and everything that it was reached by.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnosis {
    pub verdict: Verdict,
    /// The cause first, what follows from it next, then the others by weight.
    pub findings: Vec<Finding>,
    /// The place of the cause in `findings`.
    pub cause: Option<usize>,
    /// Why what follows from the cause follows from it.
    pub because: Option<SafeText>,
    /// What could not be checked, and why.
    pub not_checked: Vec<(SafeText, SafeText)>,
    /// What to do to find out more.
    pub next_steps: Vec<SafeText>,
}

impl Diagnosis {
    /// The finding that is the cause.
    pub fn cause(&self) -> Option<&Finding> {
        self.findings.get(self.cause?)
    }

    /// Findings that are only consequences of the cause.
    pub fn consequences(&self) -> impl Iterator<Item = &Finding> {
        let cause = self.cause().map(|finding| finding.id);
        self.findings
            .iter()
            .filter(move |finding| finding.explained_by.is_some() && finding.explained_by == cause)
    }

    /// Findings that have nothing to do with the cause.
    pub fn others(&self) -> impl Iterator<Item = &Finding> {
        let cause = self.cause().map(|finding| finding.id);
        self.findings
            .iter()
            .enumerate()
            .filter(move |(place, finding)| {
                Some(*place) != self.cause
                    && (finding.explained_by.is_none() || finding.explained_by != cause)
            })
            .map(|(_, finding)| finding)
    }
}
