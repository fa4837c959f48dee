//! `OpenSMTPD`: `8cf1a2b3c4d5e6f7 mta delivery evpid=… to=<…> … result="PermFail" stat="550 …"`.

use super::ascii::{bare, from, head, split, split_last, until};
use super::event::{Arrival, Attempt, Fate, Refusal, Says};
use super::known;
use super::words::Words;

pub(super) fn read(message: &[u8]) -> Result<Option<Says<'_>>, ()> {
    let rest = match split(head(message, 17), b" ") {
        Some((session, _)) if session.iter().all(u8::is_ascii_hexdigit) => {
            from(message, session.len() + 1)
        }
        _ => message,
    };
    let said = if rest.starts_with(b"mta delivery ") || rest.starts_with(b"mda delivery ") {
        attempt(rest)
    } else if rest.starts_with(b"smtp failed-command ") {
        refusal(rest).map(Says::Refused)
    } else if rest.starts_with(b"smtp message ") {
        let id = value(rest, b" msgid=").ok_or(())?;
        Some(Says::Arrived(Arrival {
            id: head(id, 8),
            ..Arrival::default()
        }))
    } else if rest.starts_with(b"smtp envelope ") {
        value(rest, b" evpid=")
            .zip(value(rest, b" from="))
            .map(|(id, sender)| Says::Queued {
                id: head(id, 8),
                sender: bare(sender),
            })
    } else {
        None
    };
    match said {
        Some(said) => Ok(Some(said)),
        None if known::OPENSMTPD.has(rest) => Ok(None),
        None => Err(()),
    }
}

/// The value of a field, without its quotation marks.
fn value<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (_, rest) = split(line, name)?;
    Some(match rest.strip_prefix(b"\"") {
        Some(quoted) => until(quoted, b"\""),
        None => until(rest, b" "),
    })
}

fn attempt(rest: &[u8]) -> Option<Says<'_>> {
    // The reply is the last field, and may hold anything.
    let (fields, text) = split(rest, b" stat=")?;
    let text = text.strip_prefix(b"\"").unwrap_or(text);
    let fate = match value(fields, b" result=")? {
        b"Ok" => Fate::Sent,
        b"TempFail" => Fate::Deferred,
        b"PermFail" | b"Loop" => Fate::Bounced,
        b"Expire" | b"Expired" => Fate::Expired,
        _ => return None,
    };
    Some(Says::Tried(Attempt {
        // The first half of an envelope's id is the message's.
        id: head(value(fields, b" evpid=")?, 8),
        sender: value(fields, b" from=").map(bare),
        recipient: bare(value(fields, b" to=")?),
        several: false,
        fate,
        text: text.strip_suffix(b"\"").unwrap_or(text),
        fields,
        ends: true,
    }))
}

/// `smtp failed-command command="RCPT TO:<…>" result="550 Invalid recipient: <…>"`
fn refusal(rest: &[u8]) -> Option<Refusal<'_>> {
    let (fields, text) = split_last(rest, b" result=\"")?;
    let text = text.strip_suffix(b"\"").unwrap_or(text);
    let command = split(fields, b" command=\"")?.1;
    let command = command.strip_suffix(b"\"").unwrap_or(command);
    let of = |verb: &[u8]| {
        command
            .get(..verb.len())
            .filter(|start| start.eq_ignore_ascii_case(verb))
            .map(|_| bare(until(from(command, verb.len()), b" ")))
    };
    let (sender, recipient) = (of(b"MAIL FROM:"), of(b"RCPT TO:"));
    // A refusal of a command that is about no mail is none of a mail.
    (sender.is_some() || recipient.is_some()).then_some(Refusal {
        sender,
        recipient,
        client: value(rest, b" address=").unwrap_or_default(),
        text,
        temporary: text.first() == Some(&b'4'),
    })
}

/// `relay="192.0.2.9 (mx.example.com)"`
pub(super) fn words<'a>(attempt: &Attempt<'a>) -> Words<'a> {
    let mut words = Words {
        host: value(attempt.fields, b" relay="),
        ..Words::own(attempt.text)
    };
    if super::words::reply_code(attempt.text).is_some() {
        words.quote(attempt.text);
    }
    words
}
