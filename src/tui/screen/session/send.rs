//! What the command line and the editor of the message send.

use super::guide;
use super::{Mode, Phase, Session, SessionOrder, Step};
use crate::engine::message::{Outline, Weight};
use crate::knowledge::stage::Stage;
use crate::smtp::{Ending, Extensions, Parameter, Raw, SizeLimit, masked};
use crate::tui::effect::Effect;
use crate::tui::keys::Action;
use crate::tui::overlay::{self, Confirm, Overlay};
use crate::tui::state::{Pane, State};

/// Octets of a chunk of BDAT.
const CHUNK: usize = 64 << 10;

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
        Step::Message | Step::Data | Step::Chunks if is_empty => {
            compose(session);
            return Vec::new();
        }
        Step::Together if is_empty => {
            let first = session.proposed.clone();
            return said(state, first, SessionOrder::Together);
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
    let asked = Stage::of_line(&line);
    let session = &mut state.session;
    // What may hold a secret is not to be leafed through.
    if session.sent.last() != Some(&line) && *masked(&line) == line {
        session.sent.push(line);
    }
    session.leaf = None;
    session.selected = None;
    session.suggested.clear();
    session.proposed.clear();
    session.together.clear();
    // The connection tells anew where it stands once the answer has come.
    session.standing.awaited = Some(asked);
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

/// The message as it is put together, by the way that was asked for.
fn outline(session: &Session) -> Outline {
    let envelope = session.envelope.as_ref();
    let by_chunks = envelope.is_some_and(|own| own.chunks);
    let binary = |word: &Parameter| word.as_str().eq_ignore_ascii_case("BODY=BINARYMIME");
    Outline {
        chunk: by_chunks.then_some(CHUNK),
        binary: envelope.is_some_and(|own| own.mail.iter().any(binary)),
        ..session.draft.outline()
    }
}

pub(super) fn message(session: &Session) -> SessionOrder {
    SessionOrder::Message(Box::new(outline(session)))
}

/// It is weighed first: what cannot be read is found before anything is said.
pub(super) fn weigh(state: &mut State) -> Vec<Effect> {
    let session = &mut state.session;
    if session.recipients.is_empty() {
        state.complain("no recipient is accepted yet: MAIL FROM and RCPT TO come first");
        return Vec::new();
    }
    let outline = outline(session);
    session.weighing = Some(outline.clone());
    vec![Effect::Weigh {
        outline: Box::new(outline),
        from: session.sender.clone(),
        to: session.recipients.clone(),
    }]
}

/// Nothing leaves before the user has said that it may, knowing what and to whom.
pub fn weighed(state: &mut State, outline: Outline, weight: Result<Weight, String>) -> Vec<Effect> {
    let session = &mut state.session;
    // It was changed meanwhile, or the connection is gone.
    if session.weighing.as_ref() != Some(&outline) || session.phase != Phase::Open {
        return Vec::new();
    }
    session.weighing = None;
    let weight = match weight {
        Ok(weight) => weight,
        Err(why) => {
            state.complain(why);
            return Vec::new();
        }
    };
    let confirm = Confirm {
        title: "Send this message?".to_owned(),
        text: question(state, weight),
        yes: "Send it".to_owned(),
        no: "Not yet".to_owned(),
        // In the practice world nothing leaves.
        on_yes: state.scenario.is_some(),
        then: vec![Effect::Session(SessionOrder::Message(Box::new(outline)))],
    };
    state.overlays.push(Overlay::Confirm(confirm));
    Vec::new()
}

fn question(state: &State, weight: Weight) -> Vec<String> {
    let session = &state.session;
    let draft = &session.draft;
    let sender = if session.sender.is_empty() {
        "<>"
    } else {
        &session.sender
    };
    let size = weight.octets.map_or_else(
        || "not known before it is read".to_owned(),
        |octets| format!("{octets} octets, headers and all"),
    );
    let files = draft.enclosures();
    let mut text = vec![
        format!("To:      {}", session.recipients.join(", ")),
        format!("From:    {sender}"),
        format!(
            "Through: {}, port {}",
            session.host.text(),
            session.port.text()
        ),
        format!("Size:    {size}"),
    ];
    if !files.is_empty() && draft.whole.is_none() {
        text.push(format!("Files:   {}", files.join(", ")));
    }
    let signed = draft.signed_as();
    let signed = signed.map_or_else(|| "no".to_owned(), |name| format!("as {name}"));
    text.push(format!("Signed:  {signed}"));
    text.push(String::new());
    text.extend(obstacles(session, weight));
    let practice = if state.scenario.is_some() {
        "This is the practice world: the message stays inside this program."
    } else {
        "A real message leaves, and cannot be called back."
    };
    text.push(practice.to_owned());
    text
}

/// Why the server will not take it, as far as its answer to EHLO tells.
fn obstacles(session: &Session, weight: Weight) -> Vec<String> {
    let offered = session.standing.extensions.as_ref();
    let mut words = Vec::new();
    if let (Some(SizeLimit::Octets(limit)), Some(octets)) =
        (offered.and_then(Extensions::size), weight.octets)
        && limit > 0
        && octets > limit
    {
        words.push(format!(
            "! The server takes {limit} octets at most (SIZE), and this is more."
        ));
    }
    if weight.eight_bit && !session.offers("8BITMIME") {
        words.push(
            "! It holds octets above 127, and the server does not offer 8BITMIME.".to_owned(),
        );
    }
    words
}

/// Opens the editor of the message.
pub(super) fn compose(session: &mut Session) {
    let bare = |path: &String| path.trim_matches(['<', '>']).to_owned();
    let sender = bare(&session.sender);
    let recipients: Vec<_> = session.recipients.iter().map(bare).collect();
    session.draft.take_envelope(&sender, &recipients);
    session.composing = true;
    session.focus = if session.draft.whole.is_some() {
        Pane::DraftBody
    } else if session.draft.from.is_empty() {
        Pane::DraftFrom
    } else if session.draft.to.is_empty() {
        Pane::DraftTo
    } else {
        Pane::DraftSubject
    };
}
