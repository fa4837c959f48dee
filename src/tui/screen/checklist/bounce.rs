//! What a pasted bounce says: every code in it, explained below it.

use crate::tui::screen::codes::explain;
use crate::tui::state::State;
use crate::tui::theme::Role;
use crate::tui::widget::Doc;

/// The most codes that are explained; a log that was pasted instead of a bounce has thousands.
const MOST: usize = 40;

pub fn doc(state: &State) -> Doc {
    let mut doc = Doc::default();
    if state.checklist.bounces.is_empty() {
        return doc;
    }
    let found = explain::codes_in(&state.checklist.bounces.text());
    if found.is_empty() {
        doc.text(
            Role::Dim,
            "No reply code and no enhanced code stands in it so far. They look like 550 and \
             5.1.1.",
        );
    }
    for (index, code) in found.iter().take(MOST).enumerate() {
        if index > 0 {
            doc.blank();
        }
        doc.append(explain::short(code));
    }
    if found.len() > MOST {
        doc.text(Role::Dim, &format!("and {} more codes", found.len() - MOST));
    }
    doc
}
