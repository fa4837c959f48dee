//! What the keys of the logs do, and what is told of the reading.

use super::rows::Row;
use super::{By, LogOrder, Logs, OpenLog, Opened, Shown, Whom, keep};
use crate::engine::maillog::reading::{Order, Source, What};
use crate::lab;
use crate::maillog::{Failing, Filter, Story};
use crate::tui::effect::Effect;
use crate::tui::keys::Action;
use crate::tui::overlay::Overlay;
use crate::tui::state::{Pane, State};

pub fn stops(state: &State) -> Vec<Pane> {
    if state.logs.is_text() {
        return vec![Pane::LogDetail];
    }
    vec![Pane::LogList, Pane::LogDetail]
}

pub fn set_focus(state: &mut State, pane: Pane) {
    if stops(state).contains(&pane) {
        state.logs.focus = pane;
    }
}

impl Logs {
    /// Whether a text takes the place of the list.
    pub(super) fn is_text(&self) -> bool {
        self.unread || self.shown.is_some()
    }

    fn settle_focus(&mut self) {
        self.focus = if self.is_text() {
            Pane::LogDetail
        } else {
            Pane::LogList
        };
    }

    fn close_all(&mut self) {
        self.opened = None;
        self.shown = None;
        self.unread = false;
        self.settle_focus();
    }
}

pub fn selected(state: &State) -> Option<(usize, usize)> {
    let logs = &state.logs;
    let total = logs.count();
    (total > 0 && !logs.is_text()).then(|| (logs.at(), total))
}

pub fn select(state: &mut State, at: usize) {
    let logs = &mut state.logs;
    if let Some(opened) = &mut logs.opened {
        opened.selected = at;
    } else if let Some(name) = logs.row(at).map(|row| row.name()) {
        logs.selected.insert(logs.by, name);
    }
    state.panes.scroll_to(Pane::LogDetail, 0);
}

/// Puts the failures together by the one at this place of the list.
pub fn choose(state: &mut State, at: usize) -> Vec<Effect> {
    if let Some(by) = By::ALL.get(at) {
        state.logs.close_all();
        state.logs.by = *by;
        state.panes.scroll_to(Pane::LogList, 0);
        state.panes.scroll_to(Pane::LogDetail, 0);
    }
    Vec::new()
}

/// Reads a log from its beginning.
pub fn read(state: &mut State, source: Source, follow: bool) -> Vec<Effect> {
    let logs = &mut state.logs;
    logs.close_all();
    logs.reading += 1;
    if logs.source.as_ref() != Some(&source) {
        logs.selected.clear();
    }
    logs.account = None;
    logs.failed = None;
    logs.follow = follow;
    logs.source = Some(source.clone());
    let order = Order {
        source,
        filter: logs.filter.clone(),
        what: What::Account { follow },
    };
    let number = logs.reading;
    state.panes.scroll_to(Pane::LogDetail, 0);
    vec![Effect::Log(LogOrder::Read { number, order })]
}

fn read_again(state: &mut State, follow: bool) -> Vec<Effect> {
    match state.logs.source.clone() {
        Some(source) => read(state, source, follow),
        None => Vec::new(),
    }
}

/// The screen is shown: in the practice world there is a log to read.
pub fn visited(state: &mut State) -> Vec<Effect> {
    if state.logs.source.is_some() {
        return Vec::new();
    }
    read_practice(state)
}

/// Reads the mail log of the practice world.
fn read_practice(state: &mut State) -> Vec<Effect> {
    let Some(scenario) = &state.scenario else {
        return Vec::new();
    };
    let Some(Ok(scenario)) = lab::Scenario::find(&scenario.name) else {
        return Vec::new();
    };
    match lab::mail_log(&scenario, state.case.started_at) {
        Ok(log) => {
            let source = Source::Text {
                name: log.name,
                text: log.text.into(),
            };
            read(state, source, false)
        }
        Err(error) => {
            state.complain(error.to_string());
            Vec::new()
        }
    }
}

/// Asks which log is to be read.
pub fn open(state: &mut State) -> Vec<Effect> {
    let typed = match &state.logs.source {
        Some(Source::Named(text)) => text.clone(),
        _ => String::new(),
    };
    let open = OpenLog::new(&typed);
    let effect = open.list();
    state
        .overlays
        .retain(|overlay| !matches!(overlay, Overlay::OpenLog(_)));
    state.overlays.push(Overlay::OpenLog(Box::new(open)));
    vec![effect]
}

/// Another filter was typed: everything is counted anew.
pub fn filter_typed(state: &mut State, filter: Filter) -> Vec<Effect> {
    if state.logs.filter == filter {
        return Vec::new();
    }
    state.logs.filter = filter;
    let follow = state.logs.follow;
    read_again(state, follow)
}

/// The filter that shows only the selected group.
fn narrowed(logs: &Logs) -> Option<Filter> {
    let name = match (&logs.opened, logs.selected_row()?) {
        (Some(opened), _) => opened.of.name.to_string(),
        (None, Row::Reason(failed)) => failed.reason.clone(),
        (None, Row::Place(place)) => place.name.to_string(),
        (None, Row::Message(_)) => return None,
    };
    let mut filter = logs.filter.clone();
    match logs.by {
        By::Reason => filter.reason = Some(name),
        By::Domain => filter.domain = Some(name),
        By::Host => filter.host = Some(name),
        By::Sender if name == "<>" => filter.sender = Some(String::new()),
        By::Sender => filter.sender = Some(name),
        By::Code | By::Newest => return None,
    }
    (filter != logs.filter).then_some(filter)
}

pub fn offers(state: &State, action: Action) -> bool {
    let logs = &state.logs;
    let read = logs.account.is_some();
    match action {
        Action::OpenLog => true,
        Action::Open => !logs.is_text() && (logs.source.is_none() || logs.count() > 0),
        Action::Back => logs.is_text() || logs.opened.is_some(),
        Action::NextFacet | Action::PreviousFacet => read && !logs.is_text(),
        Action::FilterLog | Action::FindMessage => logs.source.is_some(),
        Action::NarrowLog => narrowed(logs).is_some(),
        Action::ClearFilter => logs.filter != Filter::default(),
        Action::PracticeLog => {
            state.scenario.is_some() && !matches!(logs.source, Some(Source::Text { .. }))
        }
        Action::FollowLog => matches!(logs.source, Some(Source::Named(_))),
        Action::StopLog => logs.is_reading(),
        Action::UnreadLines => {
            let account = logs.account.as_ref();
            account.is_some_and(|account| account.lines.unread > 0)
        }
        Action::NoteLog => keep::note(logs).is_some() && !logs.unread,
        Action::TargetOfLog => keep::has_target(logs) && !logs.unread,
        Action::SaveLog | Action::Copy => logs.is_text() || logs.count() > 0,
        Action::SaveAccount => read,
        _ => false,
    }
}

pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if !offers(state, action) {
        return Vec::new();
    }
    match action {
        Action::OpenLog => return open(state),
        Action::Open if state.logs.source.is_none() => return open(state),
        Action::Open => return go_in(state),
        Action::Back => back(state),
        Action::NextFacet | Action::PreviousFacet => {
            let count = By::ALL.len();
            let at = By::ALL.iter().position(|by| *by == state.logs.by);
            let step = if action == Action::NextFacet {
                1
            } else {
                count - 1
            };
            return choose(state, (at.unwrap_or(0) + step) % count);
        }
        Action::NarrowLog => {
            if let Some(filter) = narrowed(&state.logs) {
                return filter_typed(state, filter);
            }
        }
        Action::PracticeLog => return read_practice(state),
        Action::ClearFilter => return filter_typed(state, Filter::default()),
        Action::FollowLog => {
            let follow = !state.logs.follow;
            return read_again(state, follow);
        }
        Action::StopLog => {
            state.logs.follow = false;
            return vec![Effect::Log(LogOrder::Stop)];
        }
        Action::UnreadLines => {
            state.logs.unread = !state.logs.unread;
            state.logs.settle_focus();
            state.panes.scroll_to(Pane::LogDetail, 0);
        }
        Action::NoteLog => return keep::take_note(state),
        Action::TargetOfLog => return keep::check_target(state),
        Action::Copy => {
            let text = keep::saved(state, false);
            state.say("copied what is shown");
            return vec![Effect::Copy(text)];
        }
        _ => {}
    }
    Vec::new()
}

/// Enter: the messages of a group, the story of a message.
fn go_in(state: &mut State) -> Vec<Effect> {
    let logs = &mut state.logs;
    let Some(row) = logs.selected_row() else {
        return Vec::new();
    };
    if let Row::Message(message) = row {
        let message = message.clone();
        return show(state, message);
    }
    let Some(of) = row.wanted(logs.by) else {
        return Vec::new();
    };
    logs.opened = Some(Opened {
        of: of.clone(),
        messages: None,
        more: 0,
        selected: 0,
    });
    logs.settle_focus();
    state.panes.scroll_to(Pane::LogList, 0);
    state.panes.scroll_to(Pane::LogDetail, 0);
    look_up(state, What::Messages(of))
}

fn show(state: &mut State, message: Failing) -> Vec<Effect> {
    state.panes.scroll_to(Pane::LogDetail, 0);
    let id = message.id.clone();
    // What was turned away has no lines but this one.
    let stories = id.is_none().then(|| vec![Story::of_line(&message.line)]);
    state.logs.shown = Some(Shown {
        whom: Whom::Message(Box::new(message)),
        stories,
    });
    state.logs.settle_focus();
    match id {
        Some(id) => look_up(state, What::Story(id.into_string())),
        None => Vec::new(),
    }
}

/// All messages of a queue id, a Message-ID or an address, whatever became of them.
pub fn find_message(state: &mut State, wanted: &str) -> Vec<Effect> {
    state.panes.scroll_to(Pane::LogDetail, 0);
    state.logs.unread = false;
    state.logs.shown = Some(Shown {
        whom: Whom::Typed(wanted.to_owned()),
        stories: None,
    });
    state.logs.settle_focus();
    look_up(state, What::Story(wanted.to_owned()))
}

fn look_up(state: &mut State, what: What) -> Vec<Effect> {
    let logs = &mut state.logs;
    let Some(source) = logs.source.clone() else {
        return Vec::new();
    };
    logs.lookup += 1;
    let number = logs.lookup;
    let filter = logs.filter.clone();
    let order = Order {
        source,
        filter,
        what,
    };
    vec![Effect::Log(LogOrder::LookUp { number, order })]
}

pub(super) fn back(state: &mut State) {
    let logs = &mut state.logs;
    if logs.unread {
        logs.unread = false;
    } else if logs.shown.is_some() {
        logs.shown = None;
    } else {
        logs.opened = None;
        state.panes.scroll_to(Pane::LogList, 0);
    }
    logs.settle_focus();
    state.panes.scroll_to(Pane::LogDetail, 0);
}
