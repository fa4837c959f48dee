//! The rows of the mail hosts.

use super::dialogue::Dialogue;
use super::fault::outcome;
use super::reach::{Family, Reach, reach};
use super::{OtherPort, envelope};
use crate::case::{CheckState, Exchange, Line};
use crate::check::{Check, Observations, Request, Row};
use crate::knowledge::finding::Severity;
use crate::net::ConnectError;
use crate::net::dns::Name;
use crate::smtp::Stage;
use crate::text::SafeText;
use std::net::IpAddr;

pub fn row(check: &Check, request: &Request, seen: &Observations) -> Option<Row> {
    match check {
        Check::Port25(host, address) => {
            let dialogue = seen.smtp.port25.get(&(host.clone(), *address))?;
            Some(port25(request, seen, host, *address, dialogue))
        }
        Check::StartTls(host, address) => {
            let place = (host.clone(), *address);
            let tried = seen.smtp.starttls.get(&place)?;
            let dialogue = seen.smtp.port25.get(&place)?;
            Some(super::starttls_row::row(host, dialogue, tried.as_ref()))
        }
        Check::OtherPort(host, address) => {
            let other = seen.smtp.other.get(&(host.clone(), *address))?;
            Some(other_port(*address, other))
        }
        _ => None,
    }
}

fn port25(
    request: &Request,
    seen: &Observations,
    host: &Name,
    address: IpAddr,
    dialogue: &Dialogue,
) -> Row {
    let (state, meaning) = state(seen, address, dialogue);
    let mut detail = outcome(dialogue);
    if let Some((_, took)) = dialogue
        .greeting
        .as_ref()
        .filter(|(_, took)| took.as_secs() >= 1)
    {
        detail = format!("{detail} (after {} s)", took.as_secs());
    }
    if let Some(said) = dialogue
        .rcpt(super::Asked::Recipient)
        .or(dialogue.reply(Stage::Mail))
    {
        detail = format!("{}: {}", said.stage, super::fault::words(&said.reply));
    }
    if let Some((after, later)) = &dialogue.later {
        let words = later.as_ref().map_or_else(
            || "no answer".to_owned(),
            |said| super::fault::words(&said.reply),
        );
        detail = format!("{detail}; once more after {} s: {words}", after.as_secs());
    }
    let lines = dialogue.transcript.transcript.iter().map(Line::marked);
    let took_ms = dialogue
        .transcript
        .transcript
        .last()
        .map_or(0, |line| line.at_ms);
    Row {
        state,
        detail: detail.into(),
        exchanges: vec![Exchange {
            asked: format!(
                "SMTP session with {} ({address}) port 25",
                request.shown(host)
            )
            .into(),
            answered: lines.collect(),
            took_ms,
        }],
        meaning: meaning.into(),
        by_hand: vec![
            format!("telnet {address} 25").into(),
            format!("openssl s_client -starttls smtp -connect {address}:25 -quiet").into(),
        ],
    }
}

fn state(seen: &Observations, address: IpAddr, dialogue: &Dialogue) -> (CheckState, &'static str) {
    match &dialogue.connected {
        Err(ConnectError::TimedOut { .. }) => match reach(seen, Family::of(address)) {
            Reach::Open => (
                CheckState::Failed,
                "Nothing came back, though other mail hosts answer from here: a firewall in \
                 front of that host drops the connection, or the host is down.",
            ),
            Reach::BlockedHere => (
                CheckState::NotPossible,
                "Port 25 is blocked from here, so this says nothing about the host.",
            ),
            Reach::Unknown => (
                CheckState::NotPossible,
                "Nothing came back. Whether the block is here or there is not known.",
            ),
        },
        Err(ConnectError::Refused { .. })
            if reach(seen, Family::of(address)) == Reach::BlockedHere =>
        {
            (
                CheckState::NotPossible,
                "Port 25 is refused from here whatever the host, so this says nothing about it.",
            )
        }
        Err(ConnectError::Refused { .. }) => (
            CheckState::Failed,
            "The host is up and answered that nothing listens on port 25: its mail server is \
             stopped, or listens elsewhere.",
        ),
        Err(ConnectError::Cancelled) => (CheckState::NotPossible, "The run was cancelled."),
        Err(_) => (
            if seen.ns.reaches(address) {
                CheckState::Failed
            } else {
                CheckState::NotPossible
            },
            "There is no way to that address from here.",
        ),
        Ok(_) if !dialogue.is_usable() => (
            CheckState::Failed,
            "The connection stands, and yet no mail can be handed over: the transcript shows \
             where it ends.",
        ),
        Ok(_) => match envelope::refusal_severity(dialogue) {
            Some(Severity::Error) => (
                CheckState::Failed,
                "The host talks, and refuses this sender or this recipient.",
            ),
            Some(_) => (
                CheckState::Warned,
                "The host talks, and puts this mail off for now.",
            ),
            None if dialogue.leaves_open() => (
                // A 421 is for now.
                match dialogue.shut_down() {
                    Some(_) => CheckState::Warned,
                    None => CheckState::Failed,
                },
                "The host talks, and the session was over before this recipient had an answer.",
            ),
            None if dialogue.broken_off().is_some() => (
                CheckState::Warned,
                "The host takes the hello, and behind it the session breaks off.",
            ),
            None if dialogue.fails_at_tls() => (
                CheckState::Warned,
                "The host takes mail; TLS fails, which senders that insist on it will mind.",
            ),
            None if super::fault::defect(dialogue).is_some() => (
                CheckState::Warned,
                "The host takes mail, and answers in a form that other mail servers stumble over.",
            ),
            None => (
                CheckState::Passed,
                "The host greets and takes the hello: mail can be handed to it.",
            ),
        },
    }
}

fn other_port(address: IpAddr, other: &OtherPort) -> Row {
    let answered = other.answered();
    let lines = other.tried.iter().map(|(to, result)| -> SafeText {
        match result {
            Ok(()) => format!("{to}: connected").into(),
            Err(error) => error.to_string().into(),
        }
    });
    let (state, detail) = match answered {
        Some(to) => (
            CheckState::Passed,
            format!("port {} answers: the host is up", to.port()),
        ),
        None => (
            CheckState::NotPossible,
            "no other port answers either".to_owned(),
        ),
    };
    Row {
        state,
        detail: detail.into(),
        exchanges: vec![Exchange {
            asked: format!("TCP connections to {address}").into(),
            answered: lines.collect(),
            took_ms: 0,
        }],
        meaning: "A host that answers on another port is up, and only port 25 is closed off."
            .into(),
        by_hand: vec![format!("nc -vz {address} 587").into()],
    }
}
