//! The list of practice scenarios.

use crate::tui::state::State;
use crate::tui::theme::Role;
use crate::tui::widget::{Doc, Spans};

pub(super) fn row(state: &State, at: usize) -> Spans {
    state
        .scenarios
        .get(at)
        .map(|scenario| {
            vec![
                (Role::Dim, format!("{:>2}  ", at + 1)),
                (Role::Text, scenario.title.clone()),
            ]
        })
        .unwrap_or_default()
}

/// What the customer says, for the selected one.
pub(super) fn story(state: &State, at: usize) -> Doc {
    let mut doc = Doc::default();
    if let Some(scenario) = state.scenarios.get(at) {
        doc.para(
            &scenario
                .story
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" "),
        );
    }
    doc
}
