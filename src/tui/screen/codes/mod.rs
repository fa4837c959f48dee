//! 5 Codes: every reply code and enhanced code, searchable, with what can be done.

mod detail;
mod entry;
pub mod explain;
mod view;

pub use detail::doc;
pub use view::view;

use crate::knowledge::reference::{self, Listed};
use crate::tui::effect::Effect;
use crate::tui::keys::Action;
use crate::tui::state::{Pane, State};
use crate::tui::widget::Field;

#[derive(Clone, Debug)]
pub struct Codes {
    pub focus: Pane,
    pub search: Field,
    pub selected: usize,
    /// Where there is no room beside the list: the details take its place.
    pub opened: bool,
}

impl Default for Codes {
    fn default() -> Self {
        Self {
            focus: Pane::CodeList,
            search: Field::line(""),
            selected: 0,
            opened: false,
        }
    }
}

/// The entries that the search finds, the best first.
pub fn found(state: &State) -> Vec<&'static Listed> {
    reference::found(&state.codes.search.text())
}

pub fn selected(state: &State) -> Option<(usize, usize)> {
    let total = found(state).len();
    let last = total.checked_sub(1)?;
    Some((state.codes.selected.min(last), total))
}

pub fn select(state: &mut State, at: usize) {
    state.codes.selected = at;
    state.panes.scroll_to(Pane::CodeDetail, 0);
}

pub fn start_search(state: &mut State) {
    state.codes.focus = Pane::CodeSearch;
    state.codes.opened = false;
}

pub fn typed(state: &mut State) {
    select(state, 0);
    state.panes.scroll_to(Pane::CodeList, 0);
}

pub fn offers(state: &State, action: Action) -> bool {
    let codes = &state.codes;
    match action {
        Action::Open | Action::Copy => selected(state).is_some(),
        Action::Back => codes.focus == Pane::CodeSearch || codes.opened || !codes.search.is_empty(),
        _ => false,
    }
}

pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Open => {
            state.codes.opened = true;
            state.codes.focus = Pane::CodeDetail;
        }
        Action::Back if state.codes.focus == Pane::CodeSearch => {
            state.codes.focus = Pane::CodeList;
        }
        Action::Back if state.codes.opened => {
            state.codes.opened = false;
            state.codes.focus = Pane::CodeList;
        }
        Action::Back => {
            state.codes.search.set("");
            typed(state);
        }
        Action::Copy if selected(state).is_some() => {
            let text = doc(state).plain();
            state.say("copied the entry");
            return vec![Effect::Copy(text)];
        }
        _ => {}
    }
    Vec::new()
}
