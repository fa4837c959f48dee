//! What the command line and the editor of the message send.

use super::guide;
use super::{Mode, Session, SessionOrder, Step};
use crate::knowledge::stage::Stage;
use crate::smtp::{Ending, Raw, masked};
use crate::tui::effect::Effect;
use crate::tui::keys::Action;
use crate::tui::overlay::{self, Confirm, Overlay};
use crate::tui::state::{Pane, State};

/// Sends what stands on the command line, or asks for what comes before it.
pub(super) fn send(state: &mut State) -> Vec<Effect> {
    state.session.held_until = None;
    let text = state.session.command.text();
    match state.session.mode {
        Mode::Free(ending) => send_free(state, &text, ending),
        Mode::Guided => send_guided(state, text.trim()),
    }
}

fn send_free(state: &mut State, text: &str, ending: Ending) -> Vec<Effect> {
    match Raw::parse(text, ending) {
        Ok(raw) => said(state, text.to_owned(), SessionOrder::Raw(raw)),
        Err(error) => {
            state.complain(error.to_string());
            Vec::new()
        }
    }
}

fn send_guided(state: &mut State, text: &str) -> Vec<Effect> {
    let session = &mut state.session;
    let is_empty = text.is_empty();
    match session.step {
        Step::LogIn if is_empty => {
            overlay::open(state, Action::LogInHere);
            return Vec::new();
        }
        Step::Message | Step::Data if is_empty => {
            compose(session);
            return Vec::new();
        }
        // There is nobody to ask for: the transaction ends.
        Step::Recipient if is_empty && !session.suggested.is_empty() => {
            state.complain("the address of the recipient is missing");
            return Vec::new();
        }
        Step::Recipient if is_empty => {
            return said(
                state,
                "RSET".to_owned(),
                SessionOrder::Send("RSET".to_owned()),
            );
        }
        _ => {}
    }
    let line = match guide::line(session, text) {
        Ok(line) => line,
        Err(why) => {
            state.complain(why);
            return Vec::new();
        }
    };
    match Stage::of_line(&line) {
        Stage::Data if line.len() == 4 && !session.awaits_message => {
            // The message is written first: a server does not wait long once it has said 354.
            session.command.set("");
            compose(session);
            Vec::new()
        }
        Stage::StartTls if line.len() == 8 => said(state, line, SessionOrder::StartTls),
        _ => said(state, line.clone(), SessionOrder::Send(line)),
    }
}

fn said(state: &mut State, line: String, order: SessionOrder) -> Vec<Effect> {
    let session = &mut state.session;
    // What may hold a secret is not to be leafed through.
    if session.sent.last() != Some(&line) && *masked(&line) == line {
        session.sent.push(line);
    }
    session.leaf = None;
    session.selected = None;
    session.suggested.clear();
    session.proposed.clear();
    session.step = Step::Line;
    session.command.set("");
    session.waiting_since = Some(state.now.run_ms);
    vec![Effect::Session(order)]
}

pub(super) fn leaf(session: &mut Session, older: bool) {
    let at = match (session.leaf, older) {
        (None, true) => session.sent.len().checked_sub(1),
        (Some(at), true) => Some(at.saturating_sub(1)),
        (Some(at), false) => Some(at + 1).filter(|at| *at < session.sent.len()),
        (None, false) => None,
    };
    session.leaf = at;
    let line = at
        .and_then(|at| session.sent.get(at))
        .unwrap_or(&session.suggested)
        .clone();
    session.command.set(&line);
    session.command.to_end();
}

/// The message as it is written.
pub(super) fn message(session: &Session) -> SessionOrder {
    SessionOrder::Message {
        headers: session.draft.headers(),
        body: session.draft.body.lines().to_vec(),
    }
}

/// Nothing leaves before the user has said that it may, knowing to whom.
pub(super) fn ask_before_sending(state: &mut State) -> Vec<Effect> {
    let session = &state.session;
    if session.recipients.is_empty() {
        state.complain("no recipient is accepted yet: MAIL FROM and RCPT TO come first");
        return Vec::new();
    }
    let order = message(session);
    let practice = if state.scenario.is_some() {
        "This is the practice world: the message stays inside this program."
    } else {
        "A real message leaves, and cannot be called back."
    };
    let confirm = Confirm {
        title: "Send this message?".to_owned(),
        text: vec![
            format!("To:      {}", session.recipients.join(", ")),
            format!(
                "From:    {}",
                if session.sender.is_empty() {
                    "<>"
                } else {
                    &session.sender
                }
            ),
            format!(
                "Through: {}, port {}",
                session.host.text(),
                session.port.text()
            ),
            String::new(),
            practice.to_owned(),
        ],
        yes: "Send it".to_owned(),
        no: "Not yet".to_owned(),
        // In the practice world nothing leaves.
        on_yes: state.scenario.is_some(),
        then: vec![Effect::Session(order)],
    };
    state.overlays.push(Overlay::Confirm(confirm));
    Vec::new()
}

/// Opens the editor of the message.
pub(super) fn compose(session: &mut Session) {
    let bare = |path: &String| path.trim_matches(['<', '>']).to_owned();
    let sender = bare(&session.sender);
    let recipients: Vec<_> = session.recipients.iter().map(bare).collect();
    session.draft.take_envelope(&sender, &recipients);
    session.composing = true;
    session.focus = if session.draft.from.is_empty() {
        Pane::DraftFrom
    } else if session.draft.to.is_empty() {
        Pane::DraftTo
    } else {
        Pane::DraftSubject
    };
}
