//! From a case to the one cause.

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
