//! What happens in the session, and what its keys do.

use super::again;
use super::connect::{connect, leaf_hosts};
use super::focus::is_field;
use super::free::next_ending;
use super::guide;
use super::send::{compose, leaf, send, weigh};
use super::{MOST_LINES, Mode, Phase, Ready, Replied, Said, Session, SessionEvent, SessionOrder};
use crate::case::{From, Line};
use crate::smtp::{Ending, Standing};
use crate::tui::effect::Effect;
use crate::tui::keys::Action;
use crate::tui::overlay;
use crate::tui::state::{Pane, State};

/// Takes what the connection tells.
pub fn happened(state: &mut State, event: SessionEvent) -> Vec<Effect> {
    match event {
        SessionEvent::Line(line) => return record(state, line),
        SessionEvent::Replied(said) => {
            replied(&mut state.session, said);
            if state.session.beside.is_some() {
                again::show_beside(state);
            }
        }
        SessionEvent::Ready(ready) => {
            make_ready(&mut state.session, ready);
            return again::go_on(state);
        }
        SessionEvent::Tls(tls) => {
            let recorded = state.session.recorded;
            if let Some(kept) = recorded.and_then(|at| state.case.sessions.get_mut(at)) {
                kept.tls = Some(*tls);
                return vec![Effect::SaveCase];
            }
        }
        SessionEvent::Closed(why) => {
            // Where nothing came, the transcript itself says why.
            if state.session.lines.is_empty() {
                let since = state.session.waiting_since.unwrap_or(state.now.run_ms);
                record(
                    state,
                    Line {
                        at_ms: state.now.run_ms.saturating_sub(since),
                        from: From::Event,
                        line: why.as_str().into(),
                        code: None,
                        enhanced: None,
                        encrypted: false,
                    },
                );
            }
            let session = &mut state.session;
            session.phase = Phase::Closed;
            session.waiting_since = None;
            session.awaits_message = false;
            session.encrypted = false;
            session.recipients.clear();
            session.composing = false;
            session.held_until = None;
            session.sender.clear();
            session.proposed.clear();
            session.together.clear();
            session.standing = Standing::default();
            session.weighing = None;
            session.because.clear();
            session.permitted.clear();
            session.suggested.clear();
            session.command.set("");
            let was_again = session.again.take().is_some();
            if is_field(session.focus) {
                session.focus = Pane::Transcript;
            }
            overlay::forget_login(state);
            state.say(why);
            if was_again || state.session.beside.is_some() {
                again::show_beside(state);
            }
            return vec![Effect::SaveCase];
        }
    }
    Vec::new()
}

pub(super) fn record(state: &mut State, line: Line) -> Vec<Effect> {
    let session = &mut state.session;
    if session.lines.len() >= MOST_LINES {
        return Vec::new();
    }
    session.lines.push(line.clone());
    let Some(transcript) = session
        .recorded
        .and_then(|at| state.case.sessions.get_mut(at))
    else {
        return Vec::new();
    };
    transcript.transcript.push(line);
    vec![Effect::SaveCase]
}

fn replied(session: &mut Session, said: Said) {
    let end = session.lines.len();
    session.replies.push(Replied {
        lines: (end.saturating_sub(said.lines), end),
        to: said.to,
        took_ms: said.took_ms,
    });
    session.waiting_since = None;
}

fn make_ready(session: &mut Session, ready: Ready) {
    if session.phase == Phase::Connecting {
        session.phase = Phase::Open;
        if matches!(session.focus, Pane::Host | Pane::Port) {
            session.focus = Pane::Command;
        }
    }
    session.waiting_since = None;
    session.encrypted = ready.encrypted;
    session.sender = ready.sender;
    session.recipients = ready.recipients;
    session.proposed = ready.suggested;
    session.because = ready.because;
    session.together = ready.together;
    session.standing = *ready.standing;
    session.permitted = ready.permitted;
    let asks = ready.awaits_message && !session.awaits_message;
    session.awaits_message = ready.awaits_message;
    ready_again(session);
    let by_hand = session.mode != Mode::Guided || session.again.is_some();
    if asks && !session.composing && !by_hand {
        compose(session);
    }
}

/// What stands ready follows from where the dialogue is, unless the user has typed something.
pub(super) fn ready_again(session: &mut Session) {
    let untouched = session.command.is_empty() || session.command.text() == session.suggested;
    let (step, text) = match session.mode {
        Mode::Guided => guide::step(session),
        Mode::Free(_) if session.awaits_message => Default::default(),
        Mode::Free(_) => (guide::Step::Line, session.proposed.clone()),
    };
    session.step = step;
    session.suggested = text;
    if untouched {
        session.command.set(&session.suggested);
        session.command.to_end();
    }
}

/// Between what stands ready and what is typed.
fn change_mode(session: &mut Session) {
    session.mode = match session.mode {
        Mode::Guided => Mode::Free(Ending::default()),
        Mode::Free(_) => Mode::Guided,
    };
    ready_again(session);
}

/// What stands on the command line is sent after so many seconds.
pub fn hold(state: &mut State, seconds: u64) {
    state.session.held_until = Some(
        state
            .now
            .run_ms
            .saturating_add(seconds.saturating_mul(1_000)),
    );
}

/// What the time that has come asks for.
pub fn time_passed(state: &mut State) -> Vec<Effect> {
    let due = state
        .session
        .held_until
        .is_some_and(|at| at <= state.now.run_ms);
    if !due {
        return Vec::new();
    }
    state.session.held_until = None;
    if state.session.composing || !offers(state, Action::Send) {
        return Vec::new();
    }
    send(state)
}

/// Which line is selected, and of how many.
pub fn selected(state: &State) -> Option<(usize, usize)> {
    let total = state.session.lines.len();
    let last = total.checked_sub(1)?;
    Some((state.session.selected.unwrap_or(last).min(last), total))
}

/// Selecting the last line follows the dialogue again.
pub fn select(state: &mut State, at: usize) {
    let last = state.session.lines.len().saturating_sub(1);
    state.session.selected = (at < last).then_some(at);
    state.panes.scroll_to(Pane::Explanation, 0);
}

pub fn row_text(state: &State, at: usize) -> String {
    state
        .session
        .lines
        .get(at)
        .map(|line| line.line.to_string())
        .unwrap_or_default()
}

/// The text of the field with the focus has changed.
pub fn typed(state: &mut State) {
    if matches!(state.session.focus, Pane::Host | Pane::Port) {
        state.session.host_chosen = true;
    }
    state.session.leaf = None;
    // Who goes on typing wants to send it himself.
    state.session.held_until = None;
}

/// The connection is to end because the program does, or the case.
pub fn closed_by_us(state: &State) -> Option<Effect> {
    state
        .session
        .is_connected()
        .then_some(Effect::Session(SessionOrder::Disconnect))
}

pub fn offers(state: &State, action: Action) -> bool {
    let session = &state.session;
    match action {
        _ if session.beside.is_some() => matches!(action, Action::Back | Action::Beside),
        Action::Connect => !session.is_connected() && !session.composing,
        Action::ToHost => !session.is_connected(),
        Action::NextHost | Action::PreviousHost => {
            session.focus == Pane::Host && session.hosts(&state.case).len() > 1
        }
        Action::Send => {
            // One thing after another: what else is typed meanwhile is for free use.
            let guided = session.mode == Mode::Guided;
            let empty_is_something = session.step != guide::Step::Line;
            session.phase == Phase::Open
                && !(guided && session.is_waiting())
                && (empty_is_something || !guided || !session.command.text().trim().is_empty())
        }
        Action::NextEnding => matches!(session.mode, Mode::Free(_)) && !session.composing,
        Action::Repeat => !session.is_connected() && !session.lines.is_empty(),
        Action::Beside => session.before.is_some() && !session.composing,
        Action::OlderCommand => !session.sent.is_empty(),
        Action::NewerCommand => session.leaf.is_some(),
        Action::TypeCommand | Action::Disconnect | Action::Drop => session.is_connected(),
        Action::Compose | Action::FreeMode | Action::WaitBefore | Action::LogInHere => {
            session.phase == Phase::Open && !session.composing
        }
        Action::EnvelopeHere => !session.composing,
        Action::Letter => session.composing,
        Action::Attach => session.composing && session.draft.whole.is_none(),
        Action::SendMessage => session.composing && session.phase == Phase::Open,
        Action::StartTls => session.phase == Phase::Open && !session.encrypted,
        Action::Copy | Action::CopyAll => !session.lines.is_empty(),
        Action::Back => session.composing || is_field(session.focus),
        _ => false,
    }
}

pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if !offers(state, action) {
        if action == Action::Send {
            match state.session.phase {
                Phase::Open if state.session.is_waiting() => {
                    state.complain("the server has the word: its reply is awaited");
                }
                Phase::Open => {}
                _ => state.complain("not connected yet"),
            }
        }
        return Vec::new();
    }
    let session = &mut state.session;
    match action {
        Action::Connect => return connect(state),
        Action::ToHost => session.focus = Pane::Host,
        Action::NextHost => leaf_hosts(state, 1),
        Action::PreviousHost => leaf_hosts(state, -1),
        Action::Send => return send(state),
        Action::OlderCommand => leaf(session, true),
        Action::NewerCommand => leaf(session, false),
        Action::TypeCommand => session.focus = Pane::Command,
        Action::Compose => compose(session),
        Action::SendMessage => return weigh(state),
        Action::StartTls => {
            session.waiting_since = Some(state.now.run_ms);
            return vec![Effect::Session(SessionOrder::StartTls)];
        }
        Action::Disconnect => return vec![Effect::Session(SessionOrder::Disconnect)],
        Action::Drop => return vec![Effect::Session(SessionOrder::Drop)],
        Action::FreeMode => change_mode(session),
        Action::NextEnding => {
            if let Mode::Free(ending) = session.mode {
                session.mode = Mode::Free(next_ending(ending));
            }
        }
        Action::WaitBefore if session.held_until.is_some() => {
            session.held_until = None;
            state.say("the command is not sent by itself any more");
        }
        Action::WaitBefore
        | Action::Repeat
        | Action::LogInHere
        | Action::EnvelopeHere
        | Action::Letter
        | Action::Attach => {
            overlay::open(state, action);
        }
        Action::Beside if session.beside.is_some() => back(session),
        Action::Beside => again::show_beside(state),
        Action::Copy => {
            let text = selected(state)
                .map(|(at, _)| row_text(state, at))
                .unwrap_or_default();
            state.say("copied the line");
            return vec![Effect::Copy(text)];
        }
        Action::CopyAll => {
            let text = super::view::as_text(&session.lines);
            state.say("copied the transcript");
            return vec![Effect::Copy(text)];
        }
        Action::Back => back(session),
        _ => {}
    }
    Vec::new()
}

fn back(session: &mut Session) {
    if session.beside.take().is_some() {
        session.focus = Pane::Transcript;
    } else if session.composing {
        session.composing = false;
        session.focus = Pane::Command;
        if !session.is_connected() {
            session.focus = Pane::Transcript;
        }
    } else {
        session.focus = Pane::Transcript;
    }
}
