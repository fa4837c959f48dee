//! How entries of the reference are coloured.

use crate::knowledge::reference::Listed;
use crate::tui::theme::Role;

/// By the first digit; a code without a class and a heading stand out.
pub(super) fn role(entry: &Listed) -> Role {
    match entry.code.chars().next() {
        Some('2') => Role::Good,
        Some('3') => Role::Note,
        Some('4') => Role::Warn,
        Some('5') => Role::Bad,
        _ => Role::Title,
    }
}
