//! The row of the submission ports.

use super::ask::{Known, Ports, Try};
use super::judge::{Submission, listed_ports};
use crate::case::{CheckState, Exchange};
use crate::check::{Observations, Request, Row, request::shown};
use crate::text::SafeText;
use std::time::Duration;

pub fn row(request: &Request, seen: &Observations) -> Option<Row> {
    Some(ports(seen.submission.ports.as_ref()?, request))
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

fn ports(ports: &Ports, request: &Request) -> Row {
    let (state, detail, meaning): (_, String, _) = match ports.submission() {
        Submission::Answers(_) => (
            CheckState::Passed,
            open(ports),
            "Mail programs can reach the server to which they hand their mail. Whether it takes \
             the user's name and password shows in a session.",
        ),
        Submission::Down { host, known } => (
            if known == Known::Named {
                CheckState::Warned
            } else {
                CheckState::Failed
            },
            format!("{host} does not answer on {}", shut(ports, &host)),
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
             the mail program; the session can be held with it.",
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
    Row {
        state,
        detail: detail.into(),
        exchanges: exchanges(ports),
        meaning: meaning.into(),
        by_hand: by_hand(ports, request),
    }
}

/// "mail.example.org: ports 587 and 465 answer (published)".
fn open(ports: &Ports) -> String {
    let mut hosts: Vec<&SafeText> = Vec::new();
    for tried in ports.tried.iter().filter(|tried| tried.result.is_ok()) {
        if !hosts.contains(&&tried.host) {
            hosts.push(&tried.host);
        }
    }
    let each = hosts.into_iter().take(3).map(|host| {
        let open: Vec<&Try> = ports
            .tried
            .iter()
            .filter(|tried| tried.host == *host && tried.result.is_ok())
            .collect();
        let known = match open.first().map(|tried| tried.known) {
            Some(Known::Published) => " (published)",
            Some(Known::Provider) => " (the provider's)",
            _ => "",
        };
        format!("{host}: {} open{known}", listed_ports(&open))
    });
    each.collect::<Vec<_>>().join("; ")
}

fn shut(ports: &Ports, host: &SafeText) -> String {
    let tried: Vec<&Try> = ports
        .tried
        .iter()
        .filter(|tried| tried.host == *host)
        .collect();
    match tried[..] {
        [] => "any port: it has no address".to_owned(),
        _ => listed_ports(&tried),
    }
}

fn exchanges(ports: &Ports) -> Vec<Exchange> {
    let connected = |tried: &Try| Exchange {
        asked: format!("connect to {} port {}", tried.host, tried.to.port()).into(),
        answered: vec![tried.line()],
        took_ms: milliseconds(tried.took),
    };
    ports
        .srv
        .iter()
        .map(|outcome| outcome.exchange())
        .chain(ports.tried.iter().chain(&ports.others).map(connected))
        .collect()
}

fn by_hand(ports: &Ports, request: &Request) -> Vec<SafeText> {
    let domain = shown(&request.domain);
    let mut commands: Vec<SafeText> = ["_submission", "_submissions"]
        .into_iter()
        .map(|service| format!("dig SRV {service}._tcp.{domain}").into())
        .collect();
    for tried in &ports.tried {
        let command: SafeText = match tried.to.port() {
            465 => format!("openssl s_client -quiet -connect {}:465", tried.host),
            port => format!("telnet {} {port}", tried.host),
        }
        .into();
        if !commands.contains(&command) {
            commands.push(command);
        }
    }
    commands
}
