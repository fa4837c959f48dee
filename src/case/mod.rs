//! A case: one problem with everything that is known of it. Plain data; the engine fills it,
//! diagnosis and reports read it, [`crate::engine::store`] saves it.

mod answer;
mod check;
mod finding;
pub mod situation;
mod target;
mod tls;
mod transcript;

pub use answer::{Answer, Answers, Source};
pub use check::{CheckKey, CheckRecord, CheckState, Exchange, Group};
pub use finding::Finding;
pub use target::{MailAddress, NotATarget, Target};
pub use tls::{ChainCertificate, Tls};
pub use transcript::{From, Line, Transcript};

use crate::text::SafeText;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Everything that is known of one problem. Holds no password, ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// `smtp-tui/case/v1`
    pub schema: String,
    pub started_at: Timestamp,
    pub elapsed_ms: u64,
    pub target: Option<Target>,
    /// Given with `--from` and `--to`, or asked for: the mail that the verdict is about.
    #[serde(default)]
    pub from: Option<MailAddress>,
    #[serde(default)]
    pub to: Option<MailAddress>,
    #[serde(default)]
    pub answers: Answers,
    /// In the order in which they were planned; a parent stands before its children.
    #[serde(default)]
    pub checks: Vec<CheckRecord>,
    #[serde(default)]
    pub findings: Vec<Finding>,
    #[serde(default)]
    pub sessions: Vec<Transcript>,
    #[serde(default)]
    pub notes: Vec<SafeText>,
    /// The practice scenario that it was played against.
    #[serde(default)]
    pub lab: Option<String>,
}

impl Case {
    pub const SCHEMA: &str = "smtp-tui/case/v1";

    pub fn new(started_at: Timestamp) -> Self {
        Self {
            schema: Self::SCHEMA.to_owned(),
            started_at,
            elapsed_ms: 0,
            target: None,
            from: None,
            to: None,
            answers: Answers::default(),
            checks: Vec::new(),
            findings: Vec::new(),
            sessions: Vec::new(),
            notes: Vec::new(),
            lab: None,
        }
    }

    pub fn check(&self, key: &CheckKey) -> Option<&CheckRecord> {
        self.checks.iter().find(|check| check.key == *key)
    }

    /// Puts a record in the place of the one with its key, or at the end.
    pub fn set_check(&mut self, record: CheckRecord) {
        match self.checks.iter_mut().find(|check| check.key == record.key) {
            Some(old) => *old = record,
            None => self.checks.push(record),
        }
    }
}
