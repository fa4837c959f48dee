//! Postfix: `postfix/smtp[2211]: 4XyZ1a2b3cz9Xk: to=<…>, relay=…, dsn=…, status=… (…)`.

use super::ascii::{bare, between, find, from, head, number, split, split_last};
use super::event::{Arrival, Attempt, Fate, Refusal, Says};
use super::known;
use super::words::Words;

/// What a message of a Postfix program says; none where it says nothing that counts, an error
/// where it is not understood.
pub(super) fn read(message: &[u8]) -> Result<Option<Says<'_>>, ()> {
    if let Some((id, rest)) = with_id(message) {
        if id == b"NOQUEUE" {
            return door(rest);
        }
        return of_message(id, rest);
    }
    Ok(match message {
        [b'c' | b'd', ..]
            if message.starts_with(b"connect from ")
                || message.starts_with(b"disconnect from ") =>
        {
            None
        }
        [b'A' | b'U' | b'T' | b'V', ..] if let Some(said) = tls(message) => Some(said),
        [b'w', ..] if message.starts_with(b"warning: ") => {
            (find(message, b" authentication failed").is_some()
                && find(message, b": SASL ").is_some())
            .then_some(Says::LoginFailed)
        }
        _ if known::POSTFIX.has(message) => None,
        _ => return Err(()),
    })
}

fn tls(message: &[u8]) -> Option<Says<'_>> {
    let (_, rest) = split(head(message, 48), b" TLS connection established ")?;
    match rest {
        [b'f', ..] => Some(Says::TlsIn),
        [b't', ..] => Some(Says::TlsOut),
        _ => None,
    }
}

/// The queue id, or NOQUEUE, that a message begins with.
///
/// Short ids are hexadecimal in capitals; long ones have no vowels (`enable_long_queue_ids`).
fn with_id(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = head(message, 25)
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric())?;
    if length < 5 {
        return None;
    }
    let (id, rest) = message.split_at_checked(length)?;
    let rest = rest.strip_prefix(b": ")?;
    // `warning: ` is no id; a vowel may be where a digit is too, for ids that were made up.
    let is_id = id.iter().all(|byte| may_be_in_id(*byte)) || id.iter().any(u8::is_ascii_digit);
    is_id.then_some((id, rest))
}

/// Digits, capitals and consonants.
fn may_be_in_id(byte: u8) -> bool {
    byte.is_ascii_digit()
        || byte.is_ascii_uppercase()
        || (byte.is_ascii_lowercase() && !matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u'))
}

fn of_message<'a>(id: &'a [u8], rest: &'a [u8]) -> Result<Option<Says<'a>>, ()> {
    let said = match rest {
        [b't', b'o', b'=', b'<', ..] => return attempt(id, from(rest, 4)),
        [b'f', b'r', b'o', b'm', b'=', b'<', ..] => {
            let (sender, rest) = split(from(rest, 6), b">").ok_or(())?;
            if head(rest, 24).starts_with(b", status=")
                && find(head(rest, 32), b"expired").is_some()
            {
                Says::Expired { id, sender }
            } else {
                Says::Queued { id, sender }
            }
        }
        b"removed" => Says::Ended { id },
        [b'c', b'l', ..] if rest.starts_with(b"client=") => arrived(id),
        [b'u', b'i', ..] if rest.starts_with(b"uid=") => arrived(id),
        [b'm', b'e', ..] if rest.starts_with(b"message-id=") => Says::MessageId {
            id,
            message_id: bare(from(rest, 11)),
        },
        [b's' | b'p', ..] if let Some(notice) = notice(rest) => Says::Notified {
            id,
            notice,
            given_up: false,
        },
        [b'r' | b'm', ..] if let Some(refusal) = refusal(rest) => Says::Refused(refusal),
        _ if known::POSTFIX_MESSAGE.has(rest) => return Ok(None),
        _ => return Err(()),
    };
    Ok(Some(said))
}

fn arrived(id: &[u8]) -> Says<'_> {
    Says::Arrived(Arrival {
        id,
        ..Arrival::default()
    })
}

/// `sender non-delivery notification: 4XyZ…`, and the like.
fn notice(rest: &[u8]) -> Option<&[u8]> {
    let (_, id) = split(head(rest, 80), b" notification: ")?;
    let whole = (rest.starts_with(b"sender ") || rest.starts_with(b"postmaster "))
        && id.iter().all(u8::is_ascii_alphanumeric);
    whole.then_some(id)
}

fn attempt<'a>(id: &'a [u8], rest: &'a [u8]) -> Result<Option<Says<'a>>, ()> {
    let (recipient, rest) = split(rest, b">").ok_or(())?;
    let rest = rest.strip_prefix(b", ").ok_or(())?;
    let (fields, outcome) = split(rest, b", status=").ok_or(())?;
    let end = memchr::memchr(b' ', outcome).unwrap_or(outcome.len());
    let fate = match head(outcome, end) {
        b"sent" => Fate::Sent,
        b"deferred" | b"SOFTBOUNCE" => Fate::Deferred,
        b"bounced" => Fate::Bounced,
        b"expired" => Fate::Expired,
        // Address verification: nothing is delivered.
        b"deliverable" | b"undeliverable" => return Ok(None),
        _ => return Err(()),
    };
    let text = from(outcome, end + 1);
    let text = text.strip_prefix(b"(").unwrap_or(text);
    Ok(Some(Says::Tried(Attempt {
        id,
        sender: None,
        recipient,
        several: false,
        fate,
        text: text.strip_suffix(b")").unwrap_or(text),
        fields,
        ends: false,
    })))
}

/// What is said without a queue id.
fn door(rest: &[u8]) -> Result<Option<Says<'_>>, ()> {
    if let Some(refusal) = refusal(rest) {
        return Ok(Some(Says::Refused(refusal)));
    }
    if known::POSTFIX_MESSAGE.has(rest) {
        return Ok(None);
    }
    Err(())
}

/// `reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 …; from=<…> to=<…> proto=ESMTP helo=<…>`;
/// postscreen puts commas between, cleanup and milters name no code for what they discard.
fn refusal(rest: &[u8]) -> Option<Refusal<'_>> {
    let rest = [&b"reject: "[..], b"milter-reject: ", b"proxy-reject: "]
        .iter()
        .find_map(|word| rest.strip_prefix(*word))?;
    let (_, rest) = split(rest, b" from ")?;
    let (client, rest) = split(rest, b": ")?;
    let client = until_port(client);
    let (text, rest) = split_last(rest, b"; from=<").unwrap_or((rest, b""));
    let (sender, rest) = split(rest, b">").unwrap_or((b"", rest));
    let recipient = between(rest, b" to=<", b'>');
    let (sender, recipient) = if rest.is_empty() {
        (None, between(text, b" to=<", b'>'))
    } else {
        (Some(sender), recipient)
    };
    Some(Refusal {
        sender,
        recipient,
        client,
        text,
        temporary: text.first() == Some(&b'4'),
    })
}

/// `[203.0.113.9]:52414` without the port.
fn until_port(client: &[u8]) -> &[u8] {
    match memchr::memrchr(b']', client) {
        Some(end) => head(client, end + 1),
        None => client,
    }
}

/// The parts of an outcome: `host mx.example.com[192.0.2.9] said: 550 5.1.1 … (in reply to RCPT
/// TO command)`, `connect to mx.club.example[198.51.100.7]:25: Connection timed out`.
pub(super) fn words<'a>(attempt: &Attempt<'a>) -> Words<'a> {
    let text = attempt.text;
    let mut words = Words {
        host: relay(attempt.fields),
        enhanced: field(attempt.fields, b"dsn=").unwrap_or_default(),
        ..Words::own(text)
    };
    if let Some(rest) = text.strip_prefix(b"host ") {
        let said = split(rest, b" said: ").or_else(|| split(rest, b" refused to talk to me: "));
        if let Some((host, said)) = said {
            words.host = Some(host);
            let (said, reply_to) = split_last(said, b" (in reply to ").unwrap_or((said, b""));
            words.quote(said);
            words.command = reply_to.strip_suffix(b")").unwrap_or(reply_to);
        }
    } else if number(head(text, 3)).is_some_and(|code| (200..600).contains(&code)) {
        words.quote(text);
    } else if words.host.is_none()
        && let Some((host, _)) = split(head(text, 320), b"]")
        && let Some((_, host)) = split_last(host, b" ")
        && find(host, b"[").is_some()
    {
        let end = host.len() + 1;
        let begin = find(text, host).unwrap_or_default();
        words.host = text.get(begin..begin + end);
    }
    words
}

/// `relay=mx1.example.com[192.0.2.9]:25`; none for `relay=none`.
fn relay(fields: &[u8]) -> Option<&[u8]> {
    let relay = field(fields, b"relay=")?;
    (relay != b"none").then(|| until_port(relay))
}

/// The value of a field of an attempt.
pub(super) fn field<'a>(fields: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut rest = fields;
    loop {
        if let Some(value) = rest.strip_prefix(name) {
            let end = find(value, b", ").unwrap_or(value.len());
            return value.get(..end);
        }
        (_, rest) = split(rest, b", ")?;
    }
}
