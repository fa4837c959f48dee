//! The line in which a search is typed.

use crate::tui::pane;
use crate::tui::state::{Pane, State};
use crate::tui::widget::Field;

#[derive(Clone, Debug)]
pub struct Find {
    pub text: Field,
    /// The pane that is searched.
    pub pane: Pane,
}

impl Find {
    pub(super) fn new(state: &State) -> Option<Self> {
        let pane = pane::searched(state)?;
        Some(Self {
            text: Field::line(""),
            pane,
        })
    }
}
