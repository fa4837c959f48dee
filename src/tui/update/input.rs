//! Clicks, and what is typed or pasted into a field.

use super::{act, show};
use crate::tui::effect::Effect;
use crate::tui::hits::Target;
use crate::tui::keys::Action;
use crate::tui::overlay::{self, Overlay};
use crate::tui::pane;
use crate::tui::screen::{self, checklist, codes, logs, report, session};
use crate::tui::state::{Pane, Screen, State};
use crate::tui::widget::Field;
use crossterm::event::KeyEvent;

pub(super) fn clicked(state: &mut State, target: Target) -> Vec<Effect> {
    state.notice = None;
    match target {
        Target::Nothing => Vec::new(),
        Target::Action(action) => act(state, action),
        Target::Screen(screen) => show(state, screen),
        Target::Choice(at) if state.overlays.is_empty() && state.screen == Screen::Checklist => {
            checklist::choose(state, at)
        }
        Target::Choice(at) if state.overlays.is_empty() && state.screen == Screen::Logs => {
            logs::choose(state, at)
        }
        Target::Choice(at) => {
            report::choose(state, at);
            let name = report::default_name(state);
            if let Some(Overlay::Export(export)) = state.overlays.last_mut() {
                export.propose(name);
            }
            Vec::new()
        }
        Target::Row(pane, at) if !state.overlays.is_empty() => {
            if pane::selected(state, pane).is_some() {
                overlay::click(state, at)
            } else {
                Vec::new()
            }
        }
        Target::Row(pane, at) => {
            let was = pane::selected(state, pane).map(|(at, _)| at);
            let had_focus = state.screen_focus() == pane;
            screen::set_focus(state, pane);
            pane::select(state, pane, at);
            if had_focus && was == Some(at) {
                return act(state, Action::Open);
            }
            Vec::new()
        }
        Target::Pane(pane) => {
            if state.overlays.is_empty() {
                screen::set_focus(state, pane);
            }
            Vec::new()
        }
    }
}

/// The field that a pane is.
pub(super) fn field(state: &mut State, pane: Pane) -> Option<&mut Field> {
    let session = &mut state.session;
    Some(match pane {
        Pane::AnswerLine => &mut state.checklist.line,
        Pane::Bounces => &mut state.checklist.bounces,
        Pane::Host => &mut session.host,
        Pane::Port => &mut session.port,
        Pane::Command => &mut session.command,
        Pane::DraftFrom => &mut session.draft.from,
        Pane::DraftTo => &mut session.draft.to,
        Pane::DraftSubject => &mut session.draft.subject,
        Pane::DraftBody => &mut session.draft.body,
        Pane::CodeSearch => &mut state.codes.search,
        _ => return None,
    })
}

pub(super) fn typed(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    if !state.overlays.is_empty() {
        return overlay::typed(state, key);
    }
    let pane = state.screen_focus();
    // Whoever touches the name of the host chooses it, also by emptying an empty field.
    state.session.host_chosen |= pane == Pane::Host;
    if field(state, pane).is_some_and(|field| field.key(key)) {
        return changed(state, pane);
    }
    Vec::new()
}

pub(super) fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    state.notice = None;
    if !state.overlays.is_empty() {
        return overlay::paste(state, text);
    }
    let mut pane = state.screen_focus();
    if state.screen == Screen::Checklist && field(state, pane).is_none() {
        // Pasted at a question that takes text: it is the answer.
        checklist::begin_typing(state);
        pane = state.screen_focus();
    }
    if let Some(field) = field(state, pane) {
        field.insert(text);
        return changed(state, pane);
    }
    Vec::new()
}

fn changed(state: &mut State, pane: Pane) -> Vec<Effect> {
    match pane {
        Pane::AnswerLine | Pane::Bounces => checklist::typed(state),
        Pane::CodeSearch => {
            codes::typed(state);
            Vec::new()
        }
        _ => {
            session::typed(state);
            Vec::new()
        }
    }
}
