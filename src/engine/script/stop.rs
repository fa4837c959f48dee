//! Why a script stopped.

use crate::smtp::LocalError;
use crate::smtp::sasl::Flaw;
use crate::text::SafeText;
use serde::Serialize;

/// Why a script stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    #[error("step {step}: expected {expected}, and the server said {said}")]
    Unexpected {
        step: usize,
        expected: String,
        said: String,
    },
    #[error("step {step}: no answer within {seconds} s")]
    Late { step: usize, seconds: u64 },
    #[error("step {step}: the session was over: {why}")]
    Over { step: usize, why: String },
    #[error("step {step}: {error}")]
    Refused { step: usize, error: LocalError },
    #[error("step {step}: {why}")]
    NoMessage { step: usize, why: String },
    #[error("step {step}: no login outside TLS, unless the step says `in_clear: true`")]
    InClear { step: usize },
    #[error(
        "step {step}: no login where the certificate does not verify ({why}), unless the step says \
         `unverified: true`"
    )]
    Unverified { step: usize, why: SafeText },
    #[error(
        "step {step}: of the mechanisms offered none fits: `{offered}`; in clear, PLAIN and LOGIN have to be named"
    )]
    NoMechanism { step: usize, offered: SafeText },
    #[error("step {step}: the login was broken off: {flaw}")]
    Flawed { step: usize, flaw: Flaw },
    /// RFC 5802 section 3: whoever does not know the password could say so too.
    #[error(
        "step {step}: the server says that the login is right, and has not proved that it knows the password"
    )]
    Unproven { step: usize },
}

impl Stop {
    /// The number of the step; 0 is the greeting.
    pub fn step(&self) -> usize {
        match self {
            Self::Unexpected { step, .. }
            | Self::Late { step, .. }
            | Self::Over { step, .. }
            | Self::Refused { step, .. }
            | Self::NoMessage { step, .. }
            | Self::InClear { step }
            | Self::Unverified { step, .. }
            | Self::NoMechanism { step, .. }
            | Self::Flawed { step, .. }
            | Self::Unproven { step } => *step,
        }
    }

    /// What came of it: the word of `result.outcome` in the JSON.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Unexpected { .. }
            | Self::Late { .. }
            | Self::NoMechanism { .. }
            | Self::Flawed { .. }
            | Self::Unproven { .. } => Outcome::Unexpected,
            Self::Over { .. } => Outcome::Over,
            Self::Refused { .. }
            | Self::NoMessage { .. }
            | Self::InClear { .. }
            | Self::Unverified { .. } => Outcome::NotSent,
        }
    }
}

/// How a script ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Everything came as it was expected.
    AsExpected,
    /// The server said something else.
    Unexpected,
    /// The session ended before its time.
    Over,
    /// This side would not send what the step says.
    NotSent,
}
