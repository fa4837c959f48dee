//! qmail: `starting delivery 12: msg 1312345 to remote dave@example.com`, and
//! `delivery 12: failure: 192.0.2.9_does_not_like_recipient./Remote_host_said:_550_…/`.

use super::ascii::{between, from, head, split};
use super::event::{Arrival, Fate, Says};
use super::known;

pub(super) fn read(message: &[u8]) -> Result<Option<Says<'_>>, ()> {
    let said = if let Some(rest) = message.strip_prefix(b"starting delivery ") {
        split(rest, b": msg ").and_then(|(delivery, rest)| {
            let (id, rest) = split(rest, b" to ")?;
            let (_, recipient) = split(rest, b" ")?;
            Some(Says::Began {
                delivery,
                id,
                recipient,
            })
        })
    } else if let Some(rest) = message.strip_prefix(b"delivery ") {
        split(rest, b": ").and_then(|(delivery, rest)| {
            let (outcome, text) = split(rest, b": ")?;
            let fate = match outcome {
                b"success" => Fate::Sent,
                b"failure" => Fate::Bounced,
                b"deferral" => Fate::Deferred,
                _ => return None,
            };
            Some(Says::Delivered {
                delivery,
                fate,
                text: text.strip_suffix(b"/").unwrap_or(text),
            })
        })
    } else if let Some(rest) = message.strip_prefix(b"info msg ") {
        split(rest, b": ").map(|(id, rest)| {
            Says::Arrived(Arrival {
                id,
                sender: between(rest, b" from <", b'>'),
                ..Arrival::default()
            })
        })
    } else {
        message
            .strip_prefix(b"end msg ")
            .map(|id| Says::Ended { id })
    };
    match said {
        Some(said) => Ok(Some(said)),
        None if known::QMAIL.has(message) => Ok(None),
        None => Err(()),
    }
}

/// The words of an outcome with their spaces: `Remote host said: 550 5.1.1 …` is quoted.
pub(super) fn spaced(text: &[u8]) -> Vec<u8> {
    text.iter()
        .map(|byte| if *byte == b'_' { b' ' } else { *byte })
        .collect()
}

/// What the remote host said inside the spaced words of an outcome.
pub(super) fn quoted(text: &[u8]) -> Option<&[u8]> {
    let (_, said) = split(text, b"Remote host said: ")?;
    let end = split(said, b"/Giving up").map_or(said.len(), |(said, _)| said.len());
    Some(head(said, end))
}

/// The address that an outcome names first.
pub(super) fn host(text: &[u8]) -> Option<&[u8]> {
    let first = super::ascii::until(text, b" ");
    let looks = first
        .iter()
        .all(|byte| byte.is_ascii_digit() || *byte == b'.')
        && first.len() > 6;
    looks.then_some(first).or_else(|| {
        let (_, rest) = split(text, b"Connected to ")?;
        Some(super::ascii::until(from(rest, 0), b" "))
    })
}
