//! The seven screens. Each is a module with its own state, what its keys do, and its view.

pub mod checklist;
pub mod checks;
pub mod codes;
pub mod diagnosis;
pub mod logs;
pub mod report;
pub mod session;

use super::effect::Effect;
use super::keys::Action;
use super::state::{Pane, Screen, State};

/// What `action` does on the screen that is shown; nothing, where it means nothing there.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match state.screen {
        Screen::Checklist => checklist::act(state, action),
        Screen::Checks => checks::act(state, action),
        Screen::Session => session::act(state, action),
        Screen::Diagnosis => diagnosis::act(state, action),
        Screen::Codes => codes::act(state, action),
        Screen::Report => report::act(state, action),
        Screen::Logs => logs::act(state, action),
    }
}

/// Whether `action`, which only the screen knows, would do something now.
pub fn offers(state: &State, action: Action) -> bool {
    match state.screen {
        Screen::Checklist => checklist::offers(state, action),
        Screen::Checks => checks::offers(state, action),
        Screen::Session => session::offers(state, action),
        Screen::Diagnosis => diagnosis::offers(state, action),
        Screen::Codes => codes::offers(state, action),
        Screen::Report => report::offers(state, action),
        Screen::Logs => logs::offers(state, action),
    }
}

/// The panes between which Tab moves, in their order.
pub fn stops(state: &State) -> Vec<Pane> {
    match state.screen {
        Screen::Checklist => checklist::stops(state),
        Screen::Checks => checks::stops(state),
        Screen::Session => session::stops(state),
        Screen::Codes => vec![Pane::CodeList, Pane::CodeDetail, Pane::CodeSearch],
        Screen::Diagnosis => vec![Pane::Verdict],
        Screen::Report => vec![Pane::Preview],
        Screen::Logs => logs::stops(state),
    }
}

/// Gives the focus to a pane of the screen that is shown.
pub fn set_focus(state: &mut State, pane: Pane) {
    match state.screen {
        Screen::Checklist => checklist::set_focus(state, pane),
        Screen::Checks => checks::set_focus(state, pane),
        Screen::Session => session::set_focus(state, pane),
        Screen::Codes => state.codes.focus = pane,
        Screen::Logs => logs::set_focus(state, pane),
        Screen::Diagnosis | Screen::Report => {}
    }
}
