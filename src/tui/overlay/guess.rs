//! The player's guess: which finding is the cause?

use crate::knowledge::finding::{FindingId, Severity};
use crate::tui::state::Guess;
use crate::tui::theme::Role;
use crate::tui::widget::Spans;

/// What can be guessed: that nothing is wrong, and every finding that stops mail or hinders it.
pub(super) fn all() -> Vec<Guess> {
    std::iter::once(Guess::NothingWrong)
        .chain(
            FindingId::all()
                .filter(|id| id.entry().severity > Severity::Notice)
                .map(Guess::Finding),
        )
        .collect()
}

pub(super) fn row(guess: Guess) -> Spans {
    match guess {
        Guess::NothingWrong => vec![(Role::Text, "nothing is wrong".to_owned())],
        Guess::Finding(id) => vec![
            (Role::Text, format!("{id:<30} ")),
            (Role::Dim, id.entry().means.clone()),
        ],
    }
}
