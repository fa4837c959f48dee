//! What the screen asks of the log, and what it is told.

use crate::engine::maillog::reading::{Order, Told};
use crate::engine::path::Candidate;

/// The numbers say to which order an answer belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogOrder {
    /// Ends the reading before, and begins this one.
    Read { number: u64, order: Order },
    /// Looks for messages beside it.
    LookUp { number: u64, order: Order },
    /// Reads no further.
    Stop,
    /// Which files begin with what was typed.
    List(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogEvent {
    Read {
        number: u64,
        told: Told,
    },
    Found {
        number: u64,
        told: Told,
    },
    Listed {
        typed: String,
        candidates: Vec<Candidate>,
    },
}
