//! What a domain publishes about its mail: the records read, judged and corrected. Pure.
//!
//! The grammar and the macros are mail-auth's; what a library keeps to itself, such as which
//! term of a record is wrong and how it was meant, is found here.

pub mod dkim;
pub mod dmarc;
pub mod mta_sts;
pub mod signature;
pub mod spf;
mod tags;
pub mod tlsa;

/// What is wrong with a record, and the record as it was probably meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Problem {
    pub what: String,
    pub corrected: Option<String>,
}

impl Problem {
    fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            corrected: None,
        }
    }
}
