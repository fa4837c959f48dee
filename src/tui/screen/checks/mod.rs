//! 2 Checks: a tree that grows live, and beside it what was asked and what came back.

mod detail;
mod tree;
mod update;
mod view;

pub use detail::doc;
pub use tree::{Row, RowId, rows, state_of};
pub use update::{act, offers, row_text, select, selected, set_focus, start, stops};
pub use view::{duration, glance, view};

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
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            focus: Pane::Tree,
            opened: false,
            selected: None,
            folded: BTreeMap::new(),
        }
    }
}

/// Columns from which the details stand beside the tree.
pub const BESIDE_FROM: u16 = 110;
