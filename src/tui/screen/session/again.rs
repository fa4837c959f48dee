//! A session once more with another host: what was said is said again as replies come.

use super::beside;
use super::compare::{self, Held};
use super::connect::connect;
use super::send::message;
use super::update::{ready_again, record};
use super::{Beside, Phase, SessionOrder};
use crate::case::{From, Line};
use crate::engine::repeat::{Repeat, Step};
use crate::smtp::Login;
use crate::smtp::suggest::Exposure;
use crate::tui::effect::Effect;
use crate::tui::keys::Action;
use crate::tui::overlay::{self, Overlay, Purpose};
use crate::tui::state::{Pane, State};

/// The last session is held again, with this host.
pub fn host_chosen(state: &mut State, host: &str) -> Vec<Effect> {
    let repeat = Repeat::of(&state.session.lines);
    state.session.host.set(host);
    state.session.host_chosen = true;
    let effects = connect(state);
    if !effects.is_empty() {
        state.session.again = Some(repeat);
        state.say("saying the same again");
    }
    effects
}

/// The next of what is to be said again, where the connection is ready for it.
pub(super) fn go_on(state: &mut State) -> Vec<Effect> {
    let asks =
        |overlay: &Overlay| matches!(overlay, Overlay::Form(form) if form.is_of(Purpose::LogIn));
    if state.overlays.iter().any(asks) {
        return Vec::new();
    }
    let Some(again) = &mut state.session.again else {
        return Vec::new();
    };
    let Some(step) = again.take_next() else {
        state.session.again = None;
        return Vec::new();
    };
    let since = Some(state.now.run_ms);
    let send = |order| Effect::Session(order);
    match step {
        Step::Lines(lines) => {
            state.session.waiting_since = since;
            lines
                .into_iter()
                .map(|line| send(SessionOrder::Send(line)))
                .collect()
        }
        Step::StartTls => {
            state.session.waiting_since = since;
            vec![send(SessionOrder::StartTls)]
        }
        Step::LogIn => {
            overlay::open(state, Action::LogInHere);
            Vec::new()
        }
        Step::Message => {
            state.session.waiting_since = since;
            vec![send(message(&state.session))]
        }
    }
}

/// Logs in on the connection that stands.
pub fn log_in(state: &mut State, login: Login, exposure: Exposure) -> Vec<Effect> {
    state.session.login_tried = true;
    if state.session.phase != Phase::Open {
        state.complain("not connected");
        return Vec::new();
    }
    state.session.waiting_since = Some(state.now.run_ms);
    state.session.suggested.clear();
    state.session.command.set("");
    vec![Effect::Session(SessionOrder::LogIn(
        Box::new(login),
        exposure,
    ))]
}

/// The user closed the question for the password: the dialogue goes on without a login.
pub fn leave_login_out(state: &mut State) -> Vec<Effect> {
    state.session.login_tried = true;
    if state.session.again.is_none() {
        ready_again(&mut state.session);
        return Vec::new();
    }
    let at_ms = state.session.lines.last().map_or(0, |line| line.at_ms);
    let mut effects = record(
        state,
        Line {
            at_ms,
            from: From::Event,
            line: "AUTH is left out: a transcript keeps no password".into(),
            code: None,
            enhanced: None,
            encrypted: false,
        },
    );
    effects.extend(go_on(state));
    effects
}

/// The session as it stands, beside the one before.
pub(super) fn show_beside(state: &mut State) {
    let session = &mut state.session;
    let Some(before) = &session.before else {
        return;
    };
    let now = Held {
        host: session.connected_to.0.clone(),
        port: session.connected_to.1.clone(),
        lines: session.lines.iter().take(compare::MOST).cloned().collect(),
    };
    let selected = session.beside.as_ref().map_or(0, |beside| beside.selected);
    session.beside = Some(Beside {
        rows: compare::rows(before, &now),
        selected,
    });
    session.focus = Pane::Beside;
}

/// Another host of the case than that of the last session.
pub fn other_host(state: &State) -> String {
    let last = &state.session.connected_to.0;
    let mut hosts = state.session.hosts(&state.case).into_iter();
    hosts.find(|host| host != last).unwrap_or_default()
}

/// Which row of the comparison is selected, and of how many.
pub fn beside_selected(state: &State) -> Option<(usize, usize)> {
    let beside = state.session.beside.as_ref()?;
    let total = beside::count(beside, state.size.0);
    let last = total.checked_sub(1)?;
    Some((beside.selected.min(last), total))
}

pub fn select_beside(state: &mut State, at: usize) {
    if let Some(beside) = &mut state.session.beside {
        beside.selected = at;
    }
}

pub fn beside_text(state: &State, at: usize) -> String {
    let beside = state.session.beside.as_ref();
    beside.map_or_else(String::new, |beside| beside::text(beside, state.size.0, at))
}
