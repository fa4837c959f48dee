//! 2 Checks: a tree that grows live, and beside it what was asked and what came back.

mod detail;
mod tree;
mod update;
mod view;

pub use detail::doc;
pub use tree::{Row, RowId, rows, state_of};
pub use update::{
    act, as_it_stood, finished, offers, row_text, select, selected, set_focus, settle, start, stops,
};
pub use view::{duration, glance, view};

use crate::case::{CheckKey, CheckState};
use crate::tui::state::Pane;
use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checks {
    pub focus: Pane,
    /// Where there is no room beside the tree: the details are shown below it.
    pub opened: bool,
    /// The row that is selected; none is the first.
    pub selected: Option<RowId>,
    /// Rows that the user folded or unfolded; the others fold when all is well.
    pub folded: BTreeMap<RowId, bool>,
    /// The checks run for the first time: rows still come, and only a failure moves one.
    pub growing: bool,
    /// Of checks that are asked again: how they stood.
    pub before: BTreeMap<CheckKey, CheckState>,
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            focus: Pane::Tree,
            opened: false,
            selected: None,
            folded: BTreeMap::new(),
            growing: false,
            before: BTreeMap::new(),
        }
    }
}

/// Columns from which the details stand beside the tree.
pub const BESIDE_FROM: u16 = 110;
