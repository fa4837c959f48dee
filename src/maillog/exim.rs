//! Exim's main log: `1tp0Ab-000001-2x ** dave@example.com F=<…> R=… T=… H=… […]: …`.

use super::ascii::{bare, between, contains, find, from, head, split, split_last, until};
use super::event::{Arrival, Attempt, Fate, Refusal, Says};
use super::known;
use super::words::Words;

/// What a line says behind its time stamp.
pub(super) fn read(message: &[u8]) -> Result<Option<Says<'_>>, ()> {
    let message = without_pid(message);
    let Some((id, rest)) = with_id(message) else {
        if message.starts_with(b"H=") {
            return Ok(refusal(message).map(Says::Refused));
        }
        if contains(head(message, 60), b" authenticator failed for ") {
            return Ok(Some(Says::LoginFailed));
        }
        return if known::EXIM.has(message) {
            Ok(None)
        } else {
            Err(())
        };
    };
    let Some((flag, rest_of_flag)) = rest.split_at_checked(3) else {
        return Err(());
    };
    match flag {
        b"<= " => Ok(Some(Says::Arrived(arrival(id, rest_of_flag)))),
        b"=> " | b"-> " | b">> " => Ok(attempt(id, Fate::Sent, rest_of_flag)),
        b"== " => Ok(attempt(id, Fate::Deferred, rest_of_flag)),
        b"** " => Ok(attempt(id, Fate::Bounced, rest_of_flag)),
        // Delivered in a test, -N; held back by a hook.
        b"*> " | b"(= " => Ok(None),
        _ if rest.starts_with(b"Completed") => Ok(Some(Says::Ended { id })),
        _ if rest.starts_with(b"H=") => Ok(refusal(rest).map(Says::Refused)),
        _ if known::EXIM_MESSAGE.has(rest) || is_about_an_address(rest) => Ok(None),
        _ => Err(()),
    }
}

/// `[1234] ` in front, of the log selector `pid`.
fn without_pid(message: &[u8]) -> &[u8] {
    if message.first() != Some(&b'[') {
        return message;
    }
    split(head(message, 12), b"] ").map_or(message, |(pid, _)| from(message, pid.len() + 2))
}

/// `1tp0Ab-000001-2x`, and since 4.97 `1tp0Ab-00000000abc-2xYz`.
fn with_id(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let is_id = |long: usize, end: usize| {
        let id = message.get(..end)?;
        let dashes = id.get(6) == Some(&b'-') && id.get(7 + long) == Some(&b'-');
        let rest = message.get(end..)?.strip_prefix(b" ")?;
        let rest = without_pid(rest);
        let digits = id
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
        (dashes && digits).then_some((id, rest))
    };
    is_id(6, 16).or_else(|| is_id(11, 23))
}

/// `anna@example.org: mailbox is full (…)`: a remark that a delivery line repeats.
fn is_about_an_address(rest: &[u8]) -> bool {
    contains(until(rest, b" "), b"@")
}

/// `anna@example.org H=… [192.0.2.44] P=esmtpsa X=… S=2211 id=a1@example.org T="…" for …`
fn arrival<'a>(id: &'a [u8], rest: &'a [u8]) -> Arrival<'a> {
    let sender = until(rest, b" ");
    // The subject is the sender's to choose.
    let fields = split(rest, b" T=\"").map_or(rest, |(fields, _)| fields);
    let field = |name: &[u8]| between(fields, name, b' ').or_else(|| Some(split(fields, name)?.1));
    Arrival {
        id,
        sender: Some(bare(sender)),
        message_id: field(b" id="),
        tls: contains(fields, b" X="),
        parent: if sender == b"<>" { field(b" R=") } else { None },
        recipients: None,
    }
}

/// `dave@example.com F=<…> R=… T=… H=…: text`, `anna <anna@example.org> R=…`.
fn attempt<'a>(id: &'a [u8], fate: Fate, rest: &'a [u8]) -> Option<Says<'a>> {
    let first = until(rest, b" ");
    let mut fields = from(rest, first.len());
    let mut recipient = first;
    if let Some(colon) = first.strip_suffix(b":") {
        recipient = colon;
        fields = from(rest, first.len() - 1);
    } else if !contains(first, b"@")
        && let Some(original) = between(head(rest, 2000), b" <", b'>')
    {
        // A local user, a file or a pipe: the address is behind it.
        recipient = original;
    }
    let text = match fate {
        Fate::Sent => between(fields, b" C=\"", b'"').unwrap_or_default(),
        Fate::Deferred => {
            let (_, rest) = split(fields, b" defer (")?;
            split(rest, b": ").map_or(rest, |(_, text)| text)
        }
        _ => split(fields, b": ").map_or(&b""[..], |(_, text)| text),
    };
    let fate = if fate == Fate::Bounced && is_given_up(text) {
        Fate::Expired
    } else {
        fate
    };
    Some(Says::Tried(Attempt {
        id,
        sender: between(fields, b" F=<", b'>'),
        recipient: bare(recipient),
        several: false,
        fate,
        text,
        fields,
        ends: false,
    }))
}

fn is_given_up(text: &[u8]) -> bool {
    text.ends_with(b"retry timeout exceeded")
        || contains(text, b"failing for a long time")
        || contains(text, b"message has been in the queue too long")
}

/// `H=(h.example.net) [203.0.113.9] F=<…> temporarily rejected RCPT <…>: relay not permitted`
fn refusal(message: &[u8]) -> Option<Refusal<'_>> {
    let (fields, rest) = split(message, b" rejected ")?;
    let temporary = fields.ends_with(b" temporarily");
    let (what, text) = split(rest, b": ").unwrap_or((rest, b""));
    Some(Refusal {
        sender: between(fields, b" F=<", b'>').or_else(|| {
            what.strip_prefix(b"MAIL ")
                .map(|sender| bare(until(sender, b" ")))
        }),
        recipient: what.strip_prefix(b"RCPT ").map(|to| bare(until(to, b" "))),
        client: host(fields)?,
        text,
        temporary,
    })
}

/// The value of `H=`, with the address behind it.
fn host(fields: &[u8]) -> Option<&[u8]> {
    let at = find(fields, b"H=")?;
    let rest = from(fields, at + 2);
    let end = find(rest, b"]").map_or(until(rest, b" ").len(), |end| end + 1);
    rest.get(..end)
}

/// `SMTP error from remote mail server after RCPT TO:<…>: 550 5.1.1 …` is quoted; the rest are
/// Exim's own words.
pub(super) fn words<'a>(attempt: &Attempt<'a>) -> Words<'a> {
    let mut words = Words {
        host: split(attempt.fields, b" H=")
            .and_then(|(before, _)| host(from(attempt.fields, before.len()))),
        ..Words::own(attempt.text)
    };
    // `Connection timed out H=mx1.example.com [192.0.2.9]`: the host behind the text.
    if let Some((own, _)) = split_last(attempt.text, b" H=") {
        words.said = own;
    }
    if attempt.fate == Fate::Sent {
        words.quote(attempt.text);
        return words;
    }
    let Some((_, rest)) = split(attempt.text, b"SMTP error from remote mail server after ")
        .or_else(|| split(attempt.text, b"SMTP error from remote mailer after "))
    else {
        return words;
    };
    let rest = rest.strip_prefix(b"pipelined ").unwrap_or(rest);
    if let Some((command, said)) = split(rest, b": ") {
        words.command = command;
        // Versions before 4.90 name the host once more.
        let said = match said.strip_prefix(b"host ") {
            Some(named) => split(named, b": ").map_or(said, |(_, said)| said),
            None => said,
        };
        words.quote(said);
    }
    words
}
