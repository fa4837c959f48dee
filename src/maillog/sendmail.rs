//! Sendmail: `5239Cfx1002211: to=<…>, delay=…, relay=…, dsn=5.1.1, stat=User unknown`.

use super::ascii::{bare, contains, find, from, head, number, split, until};
use super::event::{Arrival, Attempt, Fate, Refusal, Says};
use super::known;
use super::postfix::field;
use super::words::Words;

pub(super) fn read(message: &[u8]) -> Result<Option<Says<'_>>, ()> {
    let unknown = |message: &[u8]| {
        if known::SENDMAIL.has(message) {
            Ok(None)
        } else {
            Err(())
        }
    };
    let Some((id, rest)) = with_id(message) else {
        return unknown(message);
    };
    if let Some(fields) = rest.strip_prefix(b"from=") {
        return Ok(Some(Says::Arrived(arrival(id, fields))));
    }
    if let Some(list) = rest.strip_prefix(b"to=") {
        return attempt(id, list);
    }
    if rest.starts_with(b"ruleset=") || rest.starts_with(b"reject=") {
        return Ok(by_rule(rest).map(Says::Refused));
    }
    if rest.starts_with(b"<")
        && let Some((recipient, text)) = split(rest, b"... ")
    {
        return Ok(Some(Says::Refused(Refusal {
            recipient: Some(bare(recipient)),
            text,
            ..Refusal::default()
        })));
    }
    if let Some((notice, why)) = with_id(rest) {
        return Ok(notified(id, notice, why));
    }
    unknown(rest)
}

/// A queue id: letters and digits, as long as the year-coded ones since 8.10 (14) or nearly.
fn with_id(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let (id, _) = split(head(message, 26), b": ")?;
    let fits = id.len() >= 8
        && id.iter().all(u8::is_ascii_alphanumeric)
        && id.iter().any(u8::is_ascii_digit);
    fits.then(|| (id, from(message, id.len() + 2)))
}

fn arrival<'a>(id: &'a [u8], fields: &'a [u8]) -> Arrival<'a> {
    Arrival {
        id,
        sender: Some(bare(until(fields, b","))),
        message_id: field(fields, b"msgid=").map(bare),
        recipients: field(fields, b"nrcpts=")
            .and_then(number)
            .and_then(|count| u32::try_from(count).ok()),
        ..Arrival::default()
    }
}

/// `5239Cgx1002213: DSN: User unknown`, `…: sender notify: Cannot send message for 5 days`.
fn notified<'a>(id: &'a [u8], notice: &'a [u8], why: &'a [u8]) -> Option<Says<'a>> {
    let known = [
        &b"DSN: "[..],
        b"sender notify: ",
        b"return to sender: ",
        b"postmaster notify: ",
    ];
    if !known.iter().any(|word| why.starts_with(word)) {
        return None;
    }
    let given_up = contains(why, b"Cannot send message for ");
    Some(Says::Notified {
        id,
        notice,
        given_up,
    })
}

fn attempt<'a>(id: &'a [u8], list: &'a [u8]) -> Result<Option<Says<'a>>, ()> {
    let (recipient, fields) = split(list, b", ").ok_or(())?;
    let at = find(fields, b"stat=").ok_or(())?;
    let text = from(fields, at + 5);
    let class = field(fields, b"dsn=").and_then(|dsn| dsn.first().copied());
    let fate = if text.starts_with(b"Sent") {
        Fate::Sent
    } else if text.starts_with(b"queued") {
        return Ok(None);
    } else if text.starts_with(b"Deferred") || class == Some(b'4') {
        Fate::Deferred
    } else {
        Fate::Bounced
    };
    Ok(Some(Says::Tried(Attempt {
        id,
        sender: None,
        recipient,
        several: true,
        fate,
        text,
        fields: head(fields, at),
        ends: true,
    })))
}

/// `ruleset=check_rcpt, arg1=<…>, relay=… […], reject=550 5.7.1 <…>... Relaying denied`
fn by_rule(rest: &[u8]) -> Option<Refusal<'_>> {
    let at = find(rest, b"reject=")?;
    let text = from(rest, at + 7);
    let fields = rest.get(..at)?;
    let who = field(fields, b"arg1=").map(bare);
    let of_recipient = rest.starts_with(b"ruleset=check_rcpt");
    Some(Refusal {
        sender: who.filter(|_| rest.starts_with(b"ruleset=check_mail")),
        recipient: who.filter(|_| of_recipient),
        client: field(fields, b"relay=").unwrap_or_default(),
        text,
        temporary: text.first() == Some(&b'4'),
    })
}

/// `Deferred: Connection timed out with mx.club.example.`: sendmail gives the reply's words
/// without its code.
pub(super) fn words<'a>(attempt: &Attempt<'a>) -> Words<'a> {
    let text = attempt.text;
    Words {
        host: field(attempt.fields, b"relay="),
        enhanced: field(attempt.fields, b"dsn=").unwrap_or_default(),
        ..Words::own(text.strip_prefix(b"Deferred: ").unwrap_or(text))
    }
}
