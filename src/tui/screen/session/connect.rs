//! To which host, and the beginning of a session.

use super::{Held, Phase, SessionOrder, Step};
use crate::case::Transcript;
use crate::smtp::Standing;
use crate::tui::effect::Effect;
use crate::tui::state::{Pane, State};

/// Connects to the host that stands in the fields; what was said before is kept beside.
pub(super) fn connect(state: &mut State) -> Vec<Effect> {
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
    let before = std::mem::take(&mut session.lines);
    if !before.is_empty() {
        let (host, port) = session.connected_to.clone();
        session.before = Some(Held {
            host,
            port,
            lines: before,
        });
    }
    session.connected_to = (host.clone(), port.to_string());
    session.replies.clear();
    session.login_tried = false;
    session.held_until = None;
    session.again = None;
    session.beside = None;
    session.proposed.clear();
    session.together.clear();
    session.standing = Standing::default();
    session.step = Step::Line;
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
    let mut effects = vec![Effect::Session(SessionOrder::Connect { host, port })];
    // What was asked for here goes with every connection.
    if let Some(envelope) = state.session.envelope.clone() {
        effects.push(Effect::Session(SessionOrder::Envelope(Box::new(envelope))));
    }
    effects
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

pub(super) fn leaf_hosts(state: &mut State, step: isize) {
    let hosts = state.session.hosts(&state.case);
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
}
