//! Lists and texts, wherever they are: moving in them, scrolling them, searching them.

use super::keys::Action;
use super::overlay;
use super::screen::{checklist, checks, codes, diagnosis, logs, report, session};
use super::state::{Pane, Screen, State};
use super::widget::{Doc, plain};

/// Which row of a list is selected, and of how many; none for what is no list, or is empty.
pub fn selected(state: &State, pane: Pane) -> Option<(usize, usize)> {
    match pane {
        Pane::Questions | Pane::Question => Some(checklist::selected(state)),
        Pane::Tree => checks::selected(state),
        Pane::Transcript => session::selected(state),
        Pane::Beside => session::beside_selected(state),
        Pane::CodeList | Pane::CodeSearch => codes::selected(state),
        Pane::LogList => logs::selected(state),
        Pane::Palette
        | Pane::PaletteLine
        | Pane::OpenLog
        | Pane::LogFiles
        | Pane::Scenarios
        | Pane::Guess
        | Pane::Form
        | Pane::Letter
        | Pane::Templates
        | Pane::ComeBack
        | Pane::Trials
        | Pane::Replay => overlay::selected(state, pane),
        _ => None,
    }
}

pub fn select(state: &mut State, pane: Pane, at: usize) {
    match pane {
        Pane::Questions | Pane::Question => checklist::select(state, at),
        Pane::Tree => checks::select(state, at),
        Pane::Transcript => session::select(state, at),
        Pane::Beside => session::select_beside(state, at),
        Pane::CodeList | Pane::CodeSearch => codes::select(state, at),
        Pane::LogList => logs::select(state, at),
        Pane::Palette
        | Pane::PaletteLine
        | Pane::OpenLog
        | Pane::LogFiles
        | Pane::Scenarios
        | Pane::Guess
        | Pane::Form
        | Pane::Letter
        | Pane::Templates
        | Pane::ComeBack
        | Pane::Trials
        | Pane::Replay => {
            overlay::select(state, at);
        }
        _ => {}
    }
}

/// The text of a pane that is one.
pub fn doc(state: &State, pane: Pane) -> Option<Doc> {
    Some(match pane {
        Pane::Explained => checklist::explained(state),
        Pane::Detail => checks::doc(state),
        Pane::Explanation => session::doc(state),
        Pane::Verdict => diagnosis::doc(state),
        Pane::CodeDetail => codes::doc(state),
        Pane::Preview => report::doc(state),
        Pane::LogDetail => logs::doc(state),
        _ => return overlay::doc(state, pane),
    })
}

/// Which list a pane moves: a field above a list moves that one, and so on.
fn list_of(state: &State, pane: Pane) -> Pane {
    match pane {
        Pane::Question => Pane::Questions,
        Pane::Command => Pane::Transcript,
        Pane::CodeSearch => Pane::CodeList,
        Pane::PaletteLine => Pane::Palette,
        Pane::OpenLog => Pane::LogFiles,
        Pane::Tree if state.case.checks.is_empty() => Pane::Detail,
        other => other,
    }
}

/// Whether `action` moves something in that pane.
pub fn moves(state: &State, pane: Pane, action: Action) -> bool {
    let pane = list_of(state, pane);
    match action {
        Action::Up
        | Action::Down
        | Action::PageUp
        | Action::PageDown
        | Action::First
        | Action::Last => {}
        _ => return false,
    }
    if let Some((_, total)) = selected(state, pane) {
        return total > 1;
    }
    let seen = state.panes.get(pane);
    doc(state, pane).is_some() && seen.last_offset() > 0
}

/// Moves by rows or pages in the pane with the focus.
pub fn go(state: &mut State, action: Action) {
    let pane = list_of(state, state.focus());
    let page = usize::from(state.panes.get(pane).height.max(2)) - 1;
    if let Some((at, total)) = selected(state, pane) {
        let next = moved(at, total - 1, page, action);
        if next != at {
            select(state, pane, next);
        }
        return;
    }
    if doc(state, pane).is_some() {
        let seen = state.panes.get(pane);
        let last = seen.last_offset();
        let offset = moved(seen.offset.min(last), last, page, action);
        state.panes.scroll_to(pane, offset);
    }
}

fn moved(at: usize, last: usize, page: usize, action: Action) -> usize {
    match action {
        Action::Up => at.saturating_sub(1),
        Action::Down => at + 1,
        Action::PageUp => at.saturating_sub(page),
        Action::PageDown => at + page,
        Action::First => 0,
        Action::Last => last,
        _ => at,
    }
    .min(last)
}

/// Turns the mouse wheel over a pane: three rows.
pub fn wheel(state: &mut State, pane: Pane, down: bool) {
    let pane = list_of(state, pane);
    let turned = |at: usize, last: usize| {
        if down {
            (at + 3).min(last)
        } else {
            at.saturating_sub(3)
        }
    };
    if let Some((at, total)) = selected(state, pane) {
        select(state, pane, turned(at, total - 1));
    } else {
        let seen = state.panes.get(pane);
        let last = seen.last_offset();
        state
            .panes
            .scroll_to(pane, turned(seen.offset.min(last), last));
    }
}

/// The pane that a search goes through from here.
pub fn searched(state: &State) -> Option<Pane> {
    let focus = match state.overlays.last() {
        Some(overlay) => overlay.pane(),
        None => state.screen_focus(),
    };
    match focus {
        Pane::Questions | Pane::Question => Some(Pane::Questions),
        Pane::Tree if state.case.checks.is_empty() => None,
        Pane::LogList if state.logs.account.is_none() => None,
        Pane::Tree
        | Pane::Detail
        | Pane::LogList
        | Pane::Transcript
        | Pane::Beside
        | Pane::Explanation
        | Pane::Verdict
        | Pane::Preview
        | Pane::LogDetail
        | Pane::Explained
        | Pane::Help
        | Pane::Newcomers => Some(focus),
        Pane::CodeList | Pane::CodeDetail => Some(Pane::CodeList),
        Pane::FindLine => match state.overlays.last() {
            Some(overlay::Overlay::Find(find)) => Some(find.pane),
            _ => None,
        },
        _ => None,
    }
}

/// Goes to the next row that holds what is searched for, round and round; `here` lets the row
/// where we are count too.
pub fn find(state: &mut State, pane: Pane, forward: bool, here: bool) {
    let needle = state.needle.to_lowercase();
    if needle.is_empty() {
        return;
    }
    let rows = rows(state, pane);
    if rows.is_empty() {
        return;
    }
    let at = match selected(state, pane) {
        Some((at, _)) => at,
        None => state.panes.get(pane).offset,
    };
    let total = rows.len();
    let found = (usize::from(!here)..=total)
        .map(|step| {
            if forward {
                (at + step) % total
            } else {
                (at + total * 2 - step) % total
            }
        })
        .find(|index| {
            rows.get(*index)
                .is_some_and(|row| row.to_lowercase().contains(&needle))
        });
    match found {
        Some(index) if selected(state, pane).is_some() => select(state, pane, index),
        Some(index) => state.panes.scroll_to(pane, index),
        None => state.complain(format!("`{}` is not here", state.needle)),
    }
}

/// What each row of a list or a text says.
fn rows(state: &State, pane: Pane) -> Vec<String> {
    if let Some((_, total)) = selected(state, pane) {
        let text = |at| match pane {
            Pane::Questions => checklist::row_text(state, at),
            Pane::Tree => checks::row_text(state, at),
            Pane::Transcript => session::row_text(state, at),
            Pane::Beside => session::beside_text(state, at),
            Pane::LogList => logs::row_text(state, at),
            _ => String::new(),
        };
        return (0..total).map(text).collect();
    }
    let width = usize::from(state.panes.get(pane).width.max(2)) - 1;
    doc(state, pane)
        .map(|doc| doc.wrapped(width).iter().map(plain).collect())
        .unwrap_or_default()
}

/// What `/` does where the screen has a search of its own.
pub fn searches_itself(state: &State) -> bool {
    state.overlays.is_empty() && state.screen == Screen::Codes
}
