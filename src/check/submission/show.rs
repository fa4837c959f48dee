//! The row of the submission ports.

use super::ask::{Ports, Try};
use super::host::Encryption;
use super::judge::{Submission, judge, user_address};
use super::session::{Held, Outcome, joined};
use crate::case::{CheckState, Exchange, Line};
use crate::check::{Observations, Request, Row, request::shown};
use crate::knowledge::finding::Severity;
use crate::net::ConnectError;
use crate::text::SafeText;
use std::time::Duration;

/// Hosts that the row names.
const MOST_HOSTS: usize = 3;

pub fn row(request: &Request, seen: &Observations) -> Option<Row> {
    let ports = seen.submission.ports.as_ref()?;
    let (state, detail, meaning): (_, String, _) = match ports.submission() {
        Submission::Answers => answers(request, seen, ports),
        Submission::Down { host } => (
            CheckState::Failed,
            down(ports, &host),
            "Mail programs that are set to this host cannot send. Other providers' ports answer \
             from here, so the way out is open.",
        ),
        Submission::BlockedHere => (
            CheckState::NotPossible,
            "ports 587 and 465 seem to be blocked from here: independent providers do not \
             answer either"
                .to_owned(),
            "A firewall between here and the Internet is in the way; nothing can be said of the \
             domain's own host.",
        ),
        Submission::NotOffered => (
            CheckState::Skipped,
            "the domain says that it offers no submission".to_owned(),
            "An SRV record with the target `.` says that a service is not offered (RFC 2782).",
        ),
        Submission::NoHost => (
            CheckState::NotPossible,
            "no submission host is known: none is published and none of the usual names answers"
                .to_owned(),
            "The host for outgoing mail is in the provider's instructions and in the settings of \
             the mail program; `--submission HOST` checks that one.",
        ),
        Submission::NoWay => (
            CheckState::NotPossible,
            ports
                .tried
                .first()
                .map(|tried| tried.line().into_string())
                .unwrap_or_default(),
            "No connection came to stand, neither there nor elsewhere.",
        ),
    };
    Some(Row {
        state,
        detail: detail.into(),
        exchanges: exchanges(ports),
        meaning: meaning.into(),
        by_hand: by_hand(ports, request),
    })
}

fn answers(
    request: &Request,
    seen: &Observations,
    ports: &Ports,
) -> (CheckState, String, &'static str) {
    let worst = judge(request, seen)
        .into_iter()
        .map(|finding| finding.severity)
        .max();
    let login = login(request, ports);
    let detail = [
        Some(each_host(ports)),
        login.as_ref().map(|(_, words)| words.clone()),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join("; ");
    let (state, meaning) = match (worst, &login) {
        (Some(Severity::Error), Some((CheckState::Failed, _))) => (
            CheckState::Failed,
            "The server was reached, and does not take this user name with this password.",
        ),
        (Some(Severity::Error), _) => (
            CheckState::Failed,
            "The port answers, and yet no mail program can hand its mail in there.",
        ),
        (_, Some((state @ (CheckState::Failed | CheckState::Warned), _))) => (
            *state,
            "Mail programs can reach the server; whether it takes this user name and password \
             could not be found out.",
        ),
        (Some(Severity::Warning), _) => (
            CheckState::Warned,
            "Mail programs can hand their mail in; some of them will mind what is wrong here.",
        ),
        _ if !ports.sessions().any(|(_, held)| held.works()) => (
            CheckState::NotPossible,
            "The host has one of the usual names and offers no login, so users probably send \
             through another one: the provider's instructions name it, and `--submission HOST` \
             checks it.",
        ),
        _ if ports.has_dead_port() => (
            CheckState::Warned,
            "Mail programs that are set to the port that does not answer cannot send.",
        ),
        (_, Some(_)) => (
            CheckState::Passed,
            "A mail program with this user name and password can hand its mail in.",
        ),
        _ => (
            CheckState::Passed,
            "Mail programs can reach the server to which they hand their mail, and log in. \
             Whether it takes the user's name and password shows with `--login USER`.",
        ),
    };
    (state, detail, meaning)
}

impl Ports {
    /// One of the ports that users depend on is shut, while others answer.
    fn has_dead_port(&self) -> bool {
        self.tried.iter().any(|tried| {
            tried.known.is_certain()
                && tried.result.is_err()
                && !self
                    .tried
                    .iter()
                    .any(|same| same.to.port() == tried.to.port() && same.result.is_ok())
        })
    }
}

/// "mail.example.org: 587 STARTTLS, AUTH PLAIN LOGIN; 465 TLS, AUTH PLAIN LOGIN (published)".
fn each_host(ports: &Ports) -> String {
    let mut hosts: Vec<&Try> = Vec::new();
    for (tried, _) in ports.sessions() {
        if !hosts.iter().any(|known| known.host == tried.host) {
            hosts.push(tried);
        }
    }
    let each = hosts.into_iter().take(MOST_HOSTS).map(|host| {
        let own = ports.tried.iter().filter(|tried| tried.host == host.host);
        let each: Vec<String> = own.map(of_port).collect();
        format!(
            "{}: {}{}",
            host.shown(),
            each.join("; "),
            host.known.words()
        )
    });
    each.collect::<Vec<_>>().join("; ")
}

/// "587 STARTTLS, AUTH PLAIN LOGIN".
fn of_port(tried: &Try) -> String {
    let port = tried.to.port();
    let Some(held) = &tried.session else {
        return match &tried.result {
            Ok(()) => format!("{port} open"),
            Err(ConnectError::Refused { .. }) => format!("{port} closed"),
            Err(ConnectError::TimedOut { .. }) => format!("{port} silent"),
            Err(_) => format!("{port} out of reach"),
        };
    };
    let dialogue = &held.dialogue;
    if let Some(why) = &dialogue.tls_failed {
        return format!("{port} TLS fails ({why})");
    }
    if !dialogue.is_usable() {
        return format!("{port} {}", crate::check::smtp::outcome(dialogue));
    }
    let tls = match (tried.encryption, held.inside_tls()) {
        (Encryption::FromTheStart, _) => "TLS",
        (_, Some(_)) => "STARTTLS",
        (_, None) => "no TLS",
    };
    format!("{port} {tls}, {}", auth(held))
}

fn auth(held: &Held) -> String {
    let mechanisms = held.mechanisms();
    if mechanisms.is_empty() {
        return "no AUTH".to_owned();
    }
    let clear = held.in_clear().is_some_and(|early| !early.is_empty());
    let early = if clear && held.inside_tls().is_some() {
        " (also before TLS)"
    } else {
        ""
    };
    format!("AUTH {}{early}", joined(&mechanisms))
}

/// What became of the login that the user gave.
fn login(request: &Request, ports: &Ports) -> Option<(CheckState, String)> {
    request.login.as_ref()?;
    let user = user_address(request).map_or_else(String::new, |user| format!(" of {user}"));
    let tried = ports
        .sessions()
        .find_map(|(tried, held)| Some((tried.to.port(), held.login()?)));
    if let Some((port, (outcome, words))) = tried {
        let (state, word) = match outcome {
            Outcome::Accepted => (CheckState::Passed, "accepted"),
            Outcome::Refused | Outcome::NotKnown => (CheckState::Failed, "refused"),
            Outcome::Unavailable | Outcome::Undecided => (CheckState::Warned, "not decided"),
        };
        return Some((state, format!("login{user} {word} on {port}: {words}")));
    }
    let why = ports
        .sessions()
        .find_map(|(_, held)| held.withheld.as_ref())?;
    Some((CheckState::Warned, format!("login not tried: {why}")))
}

fn down(ports: &Ports, host: &SafeText) -> String {
    let own = ports.tried.iter().filter(|tried| tried.shown() == *host);
    let each: Vec<String> = own.map(of_port).collect();
    let known = ports
        .tried
        .iter()
        .find(|tried| tried.shown() == *host)
        .map_or("", |tried| tried.known.words());
    if each.is_empty() {
        return format!("{host} has no address");
    }
    format!("{host}: {}{known}", each.join("; "))
}

fn exchanges(ports: &Ports) -> Vec<Exchange> {
    let questions = ports.srv.iter().map(|outcome| outcome.exchange());
    // A host that does not exist was not asked for anything.
    let looked = ports.looked.iter().filter(|looked| looked.exists());
    let files = looked.map(|looked| Exchange {
        asked: format!("GET {}", looked.url).into(),
        answered: vec![looked.line()],
        took_ms: 0,
    });
    let connections = ports.tried.iter().chain(&ports.others).map(|tried| {
        let transcript = tried.session.as_ref().map(|held| &held.dialogue.transcript);
        let lines = transcript.into_iter().flat_map(|one| &one.transcript);
        Exchange {
            asked: format!("connect to {} port {}", tried.shown(), tried.to.port()).into(),
            answered: std::iter::once(tried.line())
                .chain(lines.map(Line::marked))
                .collect(),
            took_ms: milliseconds(tried.took),
        }
    });
    questions.chain(files).chain(connections).collect()
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

fn by_hand(ports: &Ports, request: &Request) -> Vec<SafeText> {
    let domain = shown(&request.domain);
    let mut commands: Vec<SafeText> = ["_submission", "_submissions"]
        .into_iter()
        .map(|service| format!("dig SRV {service}._tcp.{domain}").into())
        .collect();
    for tried in &ports.tried {
        let command = tried.by_hand();
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    let first = ports.tried.iter().find(|tried| tried.session.is_some());
    commands.extend(first.map(|tried| tried.login_by_hand(request)));
    commands
}
