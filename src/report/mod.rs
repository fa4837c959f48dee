//! A case and its verdict, written for a ticket, a colleague or a machine.

mod came_back;
mod form;
mod html;
mod markdown;
mod parts;
mod path;
mod redact;
mod replay;
mod text;

pub use came_back::{CameBack, Delivery};
pub use form::{Form, FormError};
pub use path::Step;
pub use replay::{script_of, swaks_of};

use crate::case::{Case, CheckState, Finding, Transcript};
use crate::diagnosis::{Diagnosis, Verdict};
use crate::knowledge::question::QuestionId;
use crate::text::SafeText;
use crate::trace::Trace;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Recipients of what came back that a report shows.
const MOST_CAME_BACK: usize = 100;

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
    /// What the bounce that was pasted as an answer tells of each recipient.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub came_back: Option<CameBack>,
    /// The way of the message that was pasted as an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
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
        let answers: BTreeMap<_, _> = case
            .answers
            .iter()
            .map(|(question, answer)| (question.word(), answer.joined()))
            .collect();
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
            came_back: pasted(&answers).and_then(came_back),
            trace: trace(&answers),
            answers,
            because: diagnosis.because.clone(),
            next_steps: diagnosis.next_steps.clone(),
            notes: case.notes.clone(),
            lab: case.lab.clone(),
        }
    }
}

/// The answer to the question for bounces.
fn pasted<'a>(answers: &'a BTreeMap<&'static str, String>) -> Option<&'a str> {
    answers.get(QuestionId::Bounces.word()).map(String::as_str)
}

/// What the answer tells, if it tells anything.
fn came_back(pasted: &str) -> Option<CameBack> {
    let mut told = CameBack::read(pasted.as_bytes());
    // A report to a list of thousands would bury the rest.
    told.deliveries.truncate(MOST_CAME_BACK);
    (!told.deliveries.is_empty()).then_some(told)
}

fn trace(answers: &BTreeMap<&'static str, String>) -> Option<Trace> {
    Trace::of(pasted(answers)?)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::diagnose;

    const PASTED: &str = "550 5.7.1 no\n\nReceived: from a.example (a.example [192.0.2.9]) by \
        <b>.example with ESMTPS id 1; Tue, 24 Nov 2026 10:10:00 +0000\nReceived: from ann by \
        a.example; Tue, 24 Nov 2026 10:00:00 +0000\nFrom: ann@client.example\n";

    #[test]
    fn what_came_back_stands_in_every_form_and_is_redacted_with_it() {
        let bounce = include_str!("../../tests/data/bounces/dsn.eml");
        let mut case = Case::new(Timestamp::UNIX_EPOCH);
        case.answers.give(QuestionId::Bounces, bounce);
        let report = Report::new(&case, &diagnose(&case));
        assert_eq!(report.came_back.as_ref().unwrap().kind, "bounce");
        for form in [Form::Text, Form::Markdown, Form::Html, Form::Json] {
            let text = report.written(form, 80).unwrap();
            assert!(text.contains("userunknown"), "{text}");
            let redacted = report.clone().redacted().written(form, 80).unwrap();
            assert!(redacted.contains("userunknown"), "{redacted}");
            for told in ["nobody@receiver", "anna@sender", "nobody\\@receiver"] {
                assert!(!redacted.contains(told), "{redacted}");
            }
        }
    }

    #[test]
    fn the_way_of_a_pasted_message_stands_in_every_form_and_is_redacted_with_it() {
        let mut case = Case::new(Timestamp::UNIX_EPOCH);
        case.answers.give(QuestionId::Bounces, PASTED);
        let report = Report::new(&case, &diagnose(&case));
        for form in [Form::Text, Form::Markdown, Form::Html, Form::Json] {
            let text = report.written(form, 80).unwrap();
            assert!(text.contains("192.0.2.9"), "{text}");
            assert!(form == Form::Json || text.contains("+10 min 0 s"), "{text}");
            let redacted = report.clone().redacted().written(form, 80).unwrap();
            assert!(!redacted.contains("192.0.2.9"), "{redacted}");
            assert!(!redacted.contains("ann@client"), "{redacted}");
        }
        let html = report.written(Form::Html, 80).unwrap();
        assert!(
            html.contains("width: 100%") && !html.contains("<b>"),
            "{html}"
        );
    }
}
