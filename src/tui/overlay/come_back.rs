//! After how long a host that greylists is asked once more.

use crate::engine::Change;
use crate::knowledge::finding::id;
use crate::tui::state::State;
use crate::tui::theme::Role;
use crate::tui::widget::{Doc, Spans};
use std::time::Duration;

/// Minutes to choose from: most hosts want five, some fifteen.
const CHOICES: [u64; 4] = [1, 5, 15, 30];
/// Where the cursor stands at first.
pub(super) const USUAL: usize = 1;

pub(super) const COUNT: usize = CHOICES.len();

fn minutes(at: usize) -> u64 {
    CHOICES.get(at).or(CHOICES.last()).copied().unwrap_or(5)
}

pub(super) fn change(at: usize) -> Change {
    Change::ComeBack(Duration::from_secs(60 * minutes(at)))
}

pub(super) fn row(at: usize) -> Spans {
    let words = match minutes(at) {
        1 => " in 1 minute".to_owned(),
        minutes => format!(" in {minutes} minutes"),
    };
    vec![(Role::Text, words)]
}

/// Whether a host has put the mail of the case off.
pub fn is_possible(state: &State) -> bool {
    state
        .case
        .findings
        .iter()
        .any(|finding| finding.id == id::RCPT_GREYLISTED)
}

pub(super) fn doc(state: &State) -> Doc {
    let mut doc = Doc::default();
    let sender = state
        .case
        .from
        .as_ref()
        .map_or_else(|| "the empty sender".to_owned(), ToString::to_string);
    let recipient = state
        .case
        .to
        .as_ref()
        .map_or_else(|| "the recipient".to_owned(), ToString::to_string);
    doc.para(&format!(
        "Greylisting takes the same mail when it comes again. The hosts that put it off are \
         asked twice more, now and after the wait, for {sender} to {recipient}, as far as RCPT TO; \
         no message is sent. Meanwhile the row of the host counts down, and everything else can \
         be used."
    ));
    doc
}
