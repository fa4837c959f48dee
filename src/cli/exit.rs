//! Exit codes: those of monitoring plugins for a verdict, those of sysexits.h for the rest.

use crate::diagnosis::Status;
use std::process::ExitCode;

/// Why a command could not do its work, with the code that says so.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Failure {
    pub(super) code: u8,
    pub(super) message: String,
    /// What to try.
    pub(super) hint: Option<String>,
}

pub(super) const USAGE: u8 = 64;
pub(super) const DATA: u8 = 65;
pub(super) const NO_INPUT: u8 = 66;
pub(super) const UNAVAILABLE: u8 = 69;
pub(super) const CANNOT_CREATE: u8 = 73;
pub(super) const IO: u8 = 74;

impl Failure {
    pub(super) fn new(code: u8, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            hint: None,
        }
    }

    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// 0 healthy, 1 degraded, 2 broken, 3 unknown.
pub(super) fn of(status: Status) -> u8 {
    match status {
        Status::Healthy => 0,
        Status::Degraded => 1,
        Status::Broken => 2,
        Status::Unknown => 3,
    }
}

/// The worst of several: broken before unknown before degraded before healthy.
pub(super) fn worst(statuses: impl IntoIterator<Item = Status>) -> ExitCode {
    let weight = |status: &Status| match status {
        Status::Healthy => 0,
        Status::Degraded => 1,
        Status::Unknown => 2,
        Status::Broken => 3,
    };
    let worst = statuses.into_iter().max_by_key(weight);
    ExitCode::from(worst.map_or(3, of))
}
