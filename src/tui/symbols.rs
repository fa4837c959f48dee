//! The symbols that stand beside every colour that means something.

use super::theme::Role;
use crate::case::CheckState;
use crate::diagnosis::Status;
use crate::knowledge::code::ReplyClass;
use crate::knowledge::finding::Severity;

pub(super) fn check(state: CheckState) -> (Role, &'static str) {
    match state {
        CheckState::Running => (Role::Running, "…"),
        CheckState::Passed => (Role::Good, "✓"),
        CheckState::Failed => (Role::Bad, "✗"),
        CheckState::Warned => (Role::Warn, "!"),
        CheckState::Skipped => (Role::Dim, "-"),
        CheckState::NotPossible => (Role::Note, "?"),
    }
}

pub(super) fn status(status: Status) -> (Role, &'static str, &'static str) {
    match status {
        Status::Healthy => (Role::Good, "✓", "healthy"),
        Status::Degraded => (Role::Warn, "!", "degraded"),
        Status::Broken => (Role::Bad, "✗", "broken"),
        Status::Unknown => (Role::Note, "?", "unknown"),
    }
}

pub(super) fn severity(severity: Severity) -> (Role, &'static str, &'static str) {
    match severity {
        Severity::Notice => (Role::Note, "•", "notice"),
        Severity::Warning => (Role::Warn, "!", "warning"),
        Severity::Error => (Role::Bad, "✗", "error"),
    }
}

pub(super) fn class(class: ReplyClass) -> Role {
    match class {
        ReplyClass::Positive => Role::Good,
        ReplyClass::Intermediate => Role::Note,
        ReplyClass::Transient => Role::Warn,
        ReplyClass::Permanent => Role::Bad,
    }
}
