//! A case and its verdict, written for a ticket, a colleague or a machine.

mod form;
mod html;
mod markdown;
mod parts;
mod path;
mod redact;
mod replay;
mod text;

pub use form::{Form, FormError};
pub use path::Step;
pub use replay::{script_of, swaks_of};

use crate::case::{Case, CheckState, Finding, Transcript};
use crate::diagnosis::{Diagnosis, Verdict};
use crate::text::SafeText;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// The document `smtp-tui/report/v1`. Fields may be added; none changes its meaning.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub schema: &'static str,
    pub target: SafeText,
    /// RFC 3339, UTC, in whole seconds.
    pub started_at: String,
    pub elapsed_ms: u64,
    pub verdict: Verdict,
    /// The cause first, then what follows from it, then the others by weight.
    pub findings: Vec<Finding>,
    pub checks: Vec<Check>,
    /// The steps that the run's length hangs on.
    pub critical_path: Vec<Step>,
    pub sessions: Vec<Transcript>,
    pub answers: BTreeMap<&'static str, String>,
    /// Why what follows from the cause follows from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<SafeText>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub next_steps: Vec<SafeText>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<SafeText>,
    /// The practice scenario that it was made in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lab: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Check {
    pub group: &'static str,
    pub subject: SafeText,
    pub status: &'static str,
    /// Since the start of the run.
    pub started_ms: u64,
    pub elapsed_ms: u64,
    pub detail: SafeText,
}

impl Report {
    pub fn new(case: &Case, diagnosis: &Diagnosis) -> Self {
        let target = case
            .target
            .as_ref()
            .map_or_else(String::new, ToString::to_string);
        Self {
            schema: "smtp-tui/report/v1",
            target: target.into(),
            started_at: Timestamp::from_second(case.started_at.as_second())
                .unwrap_or(case.started_at)
                .to_string(),
            elapsed_ms: case.elapsed_ms,
            verdict: diagnosis.verdict.clone(),
            findings: diagnosis.findings.clone(),
            checks: case.checks.iter().map(Check::from).collect(),
            critical_path: path::critical(&case.checks),
            sessions: case.sessions.clone(),
            answers: case
                .answers
                .iter()
                .map(|(question, answer)| (question.word(), answer.joined()))
                .collect(),
            because: diagnosis.because.clone(),
            next_steps: diagnosis.next_steps.clone(),
            notes: case.notes.clone(),
            lab: case.lab.clone(),
        }
    }
}

impl From<&crate::case::CheckRecord> for Check {
    fn from(record: &crate::case::CheckRecord) -> Self {
        // A report knows no running checks: what has not settled was not checked.
        let (status, detail) = match record.state {
            CheckState::Running => (CheckState::NotPossible, "it had not ended yet".into()),
            state => (state, record.detail.clone()),
        };
        Self {
            group: record.group.word(),
            subject: record.subject.clone(),
            status: status.word(),
            started_ms: record.started_ms,
            elapsed_ms: record.elapsed_ms,
            detail,
        }
    }
}
