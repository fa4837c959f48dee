//! What happens in the session, and what its keys do.

use super::{MOST_LINES, Phase, Ready, Replied, Said, Session, SessionEvent, SessionOrder, hosts};
use crate::case::{From, Line, Transcript};
use crate::tui::effect::Effect;
use crate::tui::keys::Action;
use crate::tui::overlay::{Confirm, Overlay};
use crate::tui::state::{Pane, State};

/// Takes what the connection tells.
pub fn happened(state: &mut State, event: SessionEvent) -> Vec<Effect> {
    match event {
        SessionEvent::Line(line) => return record(state, line),
        SessionEvent::Replied(said) => replied(&mut state.session, said),
        SessionEvent::Ready(ready) => make_ready(&mut state.session, ready),
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
            session.suggested.clear();
            session.command.set("");
            if is_field(session.focus) {
                session.focus = Pane::Transcript;
            }
            state.say(why);
            return vec![Effect::SaveCase];
        }
    }
    Vec::new()
}

fn record(state: &mut State, line: Line) -> Vec<Effect> {
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
    let untouched = session.command.is_empty() || session.command.text() == session.suggested;
    session.suggested = ready.suggested;
    if untouched {
        session.command.set(&session.suggested);
        session.command.to_end();
    }
    if ready.awaits_message && !session.awaits_message && !session.composing {
        compose(session);
    }
    session.awaits_message = ready.awaits_message;
}

/// Opens the editor of the message.
fn compose(session: &mut Session) {
    let (sender, recipients) = (session.sender.clone(), session.recipients.clone());
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

fn is_field(pane: Pane) -> bool {
    matches!(
        pane,
        Pane::Host
            | Pane::Port
            | Pane::Command
            | Pane::DraftFrom
            | Pane::DraftTo
            | Pane::DraftSubject
            | Pane::DraftBody
    )
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

pub fn stops(state: &State) -> Vec<Pane> {
    let session = &state.session;
    if session.composing {
        return vec![
            Pane::DraftFrom,
            Pane::DraftTo,
            Pane::DraftSubject,
            Pane::DraftBody,
        ];
    }
    let mut stops = Vec::new();
    if session.is_connected() {
        stops.push(Pane::Command);
    } else {
        stops.extend([Pane::Host, Pane::Port]);
    }
    stops.extend([Pane::Transcript, Pane::Explanation]);
    stops
}

/// The pane after the one with the focus, round and round.
pub fn next_stop(stops: &[Pane], from: Pane, back: bool) -> Pane {
    let Some(at) = stops.iter().position(|pane| *pane == from) else {
        return stops.first().copied().unwrap_or(from);
    };
    let step = if back { stops.len() - 1 } else { 1 };
    stops
        .get((at + step) % stops.len())
        .copied()
        .unwrap_or(from)
}

pub fn set_focus(state: &mut State, pane: Pane) {
    let usable = stops(state);
    state.session.focus = if usable.contains(&pane) {
        pane
    } else {
        usable.first().copied().unwrap_or(Pane::Transcript)
    };
}

/// The text of the field with the focus has changed.
pub fn typed(state: &mut State) {
    if matches!(state.session.focus, Pane::Host | Pane::Port) {
        state.session.host_chosen = true;
    }
    state.session.leaf = None;
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
        Action::Connect => !session.is_connected() && !session.composing,
        Action::ToHost => !session.is_connected(),
        Action::NextHost | Action::PreviousHost => {
            session.focus == Pane::Host && hosts(&state.case).len() > 1
        }
        Action::Send => session.phase == Phase::Open && !session.command.text().trim().is_empty(),
        Action::OlderCommand => !session.sent.is_empty(),
        Action::NewerCommand => session.leaf.is_some(),
        Action::TypeCommand | Action::Disconnect => session.is_connected(),
        Action::Compose => session.phase == Phase::Open && !session.composing,
        Action::SendMessage => session.composing && session.phase == Phase::Open,
        Action::StartTls => session.phase == Phase::Open && !session.encrypted,
        Action::Copy | Action::CopyAll => !session.lines.is_empty(),
        Action::Back => session.composing || is_field(session.focus),
        _ => false,
    }
}

pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if !offers(state, action) {
        if action == Action::Send && state.session.phase != Phase::Open {
            state.complain("not connected yet");
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
        Action::SendMessage => return ask_before_sending(state),
        Action::StartTls => {
            session.waiting_since = Some(state.now.run_ms);
            return vec![Effect::Session(SessionOrder::StartTls)];
        }
        Action::Disconnect => return vec![Effect::Session(SessionOrder::Disconnect)],
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
    if session.composing {
        session.composing = false;
        session.focus = Pane::Command;
        if !session.is_connected() {
            session.focus = Pane::Transcript;
        }
    } else {
        session.focus = Pane::Transcript;
    }
}

fn connect(state: &mut State) -> Vec<Effect> {
    let typed = state.session.host.text();
    let (host, port) = match split_port(typed.trim()) {
        (host, Some(port)) => (host, port),
        (host, None) => (host, state.session.port.text().trim().to_owned()),
    };
    if host.is_empty() {
        state.complain("connect to which host? Type its name or address");
        return Vec::new();
    }
    if host.chars().any(|c| c.is_whitespace() || c == '/') {
        state.complain(format!("`{host}` is no host name and no address"));
        return Vec::new();
    }
    let Some(port) = port.parse::<u16>().ok().filter(|port| *port != 0) else {
        state.complain(format!("`{port}` is no port: a number from 1 to 65535"));
        return Vec::new();
    };
    let session = &mut state.session;
    session.host.set(&host);
    session.port.set(&port.to_string());
    session.phase = Phase::Connecting;
    session.encrypted = false;
    session.awaits_message = false;
    session.lines.clear();
    session.replies.clear();
    session.selected = None;
    session.recipients.clear();
    session.sender.clear();
    session.suggested.clear();
    session.command.set("");
    session.waiting_since = Some(state.now.run_ms);
    session.focus = Pane::Command;
    session.recorded = Some(state.case.sessions.len());
    state.case.sessions.push(Transcript {
        host: host.as_str().into(),
        address: String::new().into(),
        port,
        ..Transcript::default()
    });
    vec![Effect::Session(SessionOrder::Connect { host, port })]
}

/// `host:port` in its parts; an IPv6 address has brackets around it, or no port.
fn split_port(text: &str) -> (String, Option<String>) {
    if let Some(inner) = text.strip_prefix('[')
        && let Some((address, rest)) = inner.split_once(']')
    {
        return (
            address.to_owned(),
            rest.strip_prefix(':').map(str::to_owned),
        );
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host.to_owned(), Some(port.to_owned())),
        _ => (text.to_owned(), None),
    }
}

fn leaf_hosts(state: &mut State, step: isize) {
    let hosts = hosts(&state.case);
    let now = state.session.host.text();
    let at = hosts.iter().position(|host| *host == now);
    let next = match at {
        None => 0,
        Some(at) => {
            at.checked_add_signed(step)
                .unwrap_or(hosts.len().saturating_sub(1))
                % hosts.len().max(1)
        }
    };
    if let Some(host) = hosts.get(next) {
        state.session.host.set(host);
        state.session.host_chosen = true;
    }
}

fn send(state: &mut State) -> Vec<Effect> {
    let session = &mut state.session;
    let line = session.command.text().trim_end().to_owned();
    if line.trim().eq_ignore_ascii_case("data") && !session.awaits_message {
        // The message is written first: a server does not wait long once it has said 354.
        compose(session);
        return Vec::new();
    }
    if line.trim().eq_ignore_ascii_case("starttls") {
        session.command.set("");
        session.waiting_since = Some(state.now.run_ms);
        return vec![Effect::Session(SessionOrder::StartTls)];
    }
    if session.sent.last() != Some(&line) {
        session.sent.push(line.clone());
    }
    session.leaf = None;
    session.selected = None;
    session.suggested.clear();
    session.command.set("");
    session.waiting_since = Some(state.now.run_ms);
    vec![Effect::Session(SessionOrder::Send(line))]
}

fn leaf(session: &mut Session, older: bool) {
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

/// Nothing leaves before the user has said that it may, knowing to whom.
fn ask_before_sending(state: &mut State) -> Vec<Effect> {
    let session = &state.session;
    if session.recipients.is_empty() {
        state.complain("no recipient is accepted yet: MAIL FROM and RCPT TO come first");
        return Vec::new();
    }
    let body: Vec<_> = session.draft.body.lines().to_vec();
    let order = SessionOrder::Message {
        headers: session.draft.headers(),
        body,
    };
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
        on_yes: false,
        then: vec![Effect::Session(order)],
    };
    state.overlays.push(Overlay::Confirm(confirm));
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_may_stand_behind_the_host() {
        for (text, host, port) in [
            ("mx.example.org", "mx.example.org", None),
            ("mx.example.org:587", "mx.example.org", Some("587")),
            ("[2001:db8::1]:25", "2001:db8::1", Some("25")),
            ("2001:db8::1", "2001:db8::1", None),
        ] {
            assert_eq!(split_port(text), (host.to_owned(), port.map(str::to_owned)));
        }
    }

    #[test]
    fn tab_goes_round() {
        let stops = [Pane::Host, Pane::Port, Pane::Transcript];
        assert_eq!(next_stop(&stops, Pane::Transcript, false), Pane::Host);
        assert_eq!(next_stop(&stops, Pane::Host, true), Pane::Transcript);
        assert_eq!(next_stop(&stops, Pane::Verdict, false), Pane::Host);
    }
}
