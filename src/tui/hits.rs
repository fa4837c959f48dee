//! What a view drew where: the next click is resolved against it, and the next `update`
//! knows how far the panes are scrolled.

use super::keys::Action;
use super::state::{Pane, Screen};
use ratatui::layout::{Position, Rect};

/// What a click means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Action(Action),
    Screen(Screen),
    /// A pane, where nothing more special was drawn.
    Pane(Pane),
    /// A row of a pane, counted from the first one that there is, seen or not.
    Row(Pane, usize),
    /// One of the answers of the question that is shown.
    Choice(usize),
    /// Inside an overlay; it has no meaning, and hides what is under it.
    Nothing,
}

/// How much of a pane was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    pub width: u16,
    pub height: u16,
    /// The first row that was drawn.
    pub offset: usize,
    /// How many rows there are.
    pub total: usize,
}

impl Seen {
    /// The last offset at which the pane is still full.
    pub fn last_offset(self) -> usize {
        self.total.saturating_sub(usize::from(self.height))
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    zones: Vec<(Rect, Target)>,
    pub seen: Vec<(Pane, Seen)>,
}

impl Hits {
    pub fn add(&mut self, zone: Rect, target: Target) {
        if !zone.is_empty() {
            self.zones.push((zone, target));
        }
    }

    /// What lies at `position`; what was drawn later lies on top.
    pub fn at(&self, position: Position) -> Option<Target> {
        self.zones
            .iter()
            .rev()
            .find(|(zone, _)| zone.contains(position))
            .map(|(_, target)| *target)
    }

    /// The pane under `position`, for the mouse wheel.
    pub fn pane_at(&self, position: Position) -> Option<Pane> {
        self.zones
            .iter()
            .rev()
            .filter(|(zone, _)| zone.contains(position))
            .find_map(|(_, target)| match target {
                Target::Pane(pane) | Target::Row(pane, _) => Some(Some(*pane)),
                Target::Nothing => Some(None),
                _ => None,
            })
            .flatten()
    }

    pub fn zones(&self) -> &[(Rect, Target)] {
        &self.zones
    }
}
