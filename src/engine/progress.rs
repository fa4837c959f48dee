//! What a run tells while it runs; both front ends read this and nothing else.

use crate::case::{Answer, Case, CheckRecord, Finding, Transcript};
use crate::knowledge::question::QuestionId;

#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// A check was planned, has something to say while it runs, or has settled.
    Check(CheckRecord),
    /// Everything that follows from what has been seen so far.
    Judged {
        findings: Vec<Finding>,
        measured: Vec<(QuestionId, Answer)>,
    },
    /// An SMTP session that a check held.
    Session(Transcript),
    /// Nothing is running any more.
    Finished { elapsed_ms: u64, cancelled: bool },
}

impl Progress {
    /// Enters it into the case.
    pub fn apply(self, case: &mut Case) {
        match self {
            Self::Check(record) => case.set_check(record),
            Self::Judged { findings, measured } => {
                case.findings = findings;
                for (question, answer) in measured {
                    case.answers.measure(question, answer);
                }
            }
            Self::Session(transcript) => {
                let place = case.sessions.iter_mut().find(|old| {
                    (&old.host, &old.address, old.port)
                        == (&transcript.host, &transcript.address, transcript.port)
                });
                match place {
                    Some(old) => *old = transcript,
                    None => case.sessions.push(transcript),
                }
            }
            Self::Finished { elapsed_ms, .. } => case.elapsed_ms = elapsed_ms,
        }
    }
}
