//! A check as people see it: a row of the tree and the pane beside it.

use crate::text::SafeText;
use serde::{Deserialize, Serialize};

/// The families, in the order in which they are shown; the words of `--only`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    Local,
    Registry,
    Ns,
    Mx,
    Smtp,
    Tls,
    Rcpt,
    Policy,
    Submission,
    Webmail,
}

impl Group {
    pub const ALL: [Self; 10] = [
        Self::Local,
        Self::Registry,
        Self::Ns,
        Self::Mx,
        Self::Smtp,
        Self::Tls,
        Self::Rcpt,
        Self::Policy,
        Self::Submission,
        Self::Webmail,
    ];

    /// The word of `--only`, JSON and the case file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Registry => "registry",
            Self::Ns => "ns",
            Self::Mx => "mx",
            Self::Smtp => "smtp",
            Self::Tls => "tls",
            Self::Rcpt => "rcpt",
            Self::Policy => "policy",
            Self::Submission => "submission",
            Self::Webmail => "webmail",
        }
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Local => "This machine",
            Self::Registry => "Registry",
            Self::Ns => "Nameservers",
            Self::Mx => "MX records",
            Self::Smtp => "Mail hosts, port 25",
            Self::Tls => "TLS",
            Self::Rcpt => "Envelope",
            Self::Policy => "Policies",
            Self::Submission => "Submission",
            Self::Webmail => "Webmail",
        }
    }
}

/// Names one check of a case, the same in every run: `ns.server ns1.example.org 192.0.2.53`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CheckKey(pub SafeText);

/// Where a check stands. The last five are the words of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    Running,
    Passed,
    Failed,
    Warned,
    /// Not asked for, or not needed.
    Skipped,
    /// It could not be made; `detail` says why. Never counted as passed.
    NotPossible,
}

impl CheckState {
    /// The state of a check that led to findings of this severity, or to none.
    pub fn of(worst: Option<crate::knowledge::finding::Severity>) -> Self {
        use crate::knowledge::finding::Severity;
        match worst {
            Some(Severity::Error) => Self::Failed,
            Some(Severity::Warning) => Self::Warned,
            Some(Severity::Notice) | None => Self::Passed,
        }
    }

    pub fn is_settled(self) -> bool {
        self != Self::Running
    }

    /// The word of the report.
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Warned => "warned",
            Self::Skipped => "skipped",
            Self::NotPossible => "not-possible",
        }
    }
}

/// What was asked and what came back, verbatim, for the pane beside the row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// One line: the question, to whom, by what transport.
    pub asked: SafeText,
    /// The answer's lines, as dig, whois or telnet would show them.
    pub answered: Vec<SafeText>,
    pub took_ms: u64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRecord {
    pub key: CheckKey,
    pub group: Group,
    /// The row under which it hangs; none hangs under its group.
    #[serde(default)]
    pub parent: Option<CheckKey>,
    /// What it is about: a domain, a nameserver, an MX host, an address with its port.
    pub subject: SafeText,
    pub state: CheckState,
    /// Since the start of the run.
    pub started_ms: u64,
    pub elapsed_ms: u64,
    /// The result in one line.
    #[serde(default)]
    pub detail: SafeText,
    #[serde(default)]
    pub exchanges: Vec<Exchange>,
    /// What the result means, for somebody who has not seen one before.
    #[serde(default)]
    pub meaning: SafeText,
    /// The commands that do the same by hand.
    #[serde(default)]
    pub by_hand: Vec<SafeText>,
}
