//! Free use: which rules the line breaks that is being typed. It is sent all the same.

use super::Session;
use crate::knowledge::stage::Stage;
use crate::smtp::{Ending, rule_broken};

/// The line end after `ending`, round and round.
pub(super) fn next_ending(ending: Ending) -> Ending {
    let at = Ending::ALL.iter().position(|own| *own == ending);
    let next = at.map_or(0, |at| (at + 1) % Ending::ALL.len());
    Ending::ALL.get(next).copied().unwrap_or_default()
}

/// The verbs that can be said now and begin as `text` does, while it is no more than a verb.
pub(super) fn legal_now(session: &Session, text: &str) -> Option<String> {
    let begun = text.trim().to_ascii_uppercase();
    let fits = |verb: &&String| verb.starts_with(&begun) && **verb != begun;
    let verbs: Vec<&str> = session
        .permitted
        .iter()
        .filter(fits)
        .map(String::as_str)
        .collect();
    (!session.awaits_message && !verbs.is_empty()).then(|| format!("Now: {}", verbs.join(", ")))
}

/// The first rule that `text` breaks here, as a clause; none when it can be sent with a good
/// conscience.
pub(super) fn broken(session: &Session, text: &str, ending: Ending) -> Option<String> {
    let line_end = match ending {
        Ending::CrLf => None,
        Ending::None => Some("the line has no end: the server waits for one (RFC 5321, 2.3.8)"),
        Ending::Lf | Ending::Cr => {
            Some("only CR and LF together end a line, never one of them alone (RFC 5321, 2.3.8)")
        }
    };
    if session.awaits_message {
        return line_end.map(str::to_owned);
    }
    escapes(text)
        .or(line_end)
        .or_else(|| order(session, Stage::of_line(text)))
        .map(str::to_owned)
        .or_else(|| rule_broken(text))
}

fn escapes(text: &str) -> Option<&'static str> {
    // A backslash that stands for itself is no escape.
    let text = text.replace("\\\\", "");
    if text.contains("\\0") || text.contains("\\x00") {
        Some("a NUL is in it (RFC 5321, 4.1.2)")
    } else if text.contains("\\r") || text.contains("\\n") {
        Some("a line break within it begins a second command (RFC 5321, 2.3.8)")
    } else if text.contains("\\x") || text.contains("\\t") {
        Some("an octet is in it that no command has (RFC 5321, 4.1.2)")
    } else {
        None
    }
}

/// What does not come now, as far as the transcript shows it.
fn order(session: &Session, stage: Stage) -> Option<&'static str> {
    let greeted = || {
        let mut answered = session.replies.iter().rev();
        answered.any(|reply| matches!(reply.to.as_str(), "EHLO" | "HELO"))
    };
    match stage {
        Stage::StartTls if session.encrypted => {
            Some("the session is inside TLS already (RFC 3207, 4.2)")
        }
        Stage::StartTls if !session.offers("STARTTLS") => {
            Some("STARTTLS is not offered (RFC 3207, 4)")
        }
        Stage::Auth if !session.offers("AUTH") => Some("AUTH is not offered (RFC 4954, 3)"),
        Stage::Mail if !greeted() => Some("EHLO comes first (RFC 5321, 4.1.4)"),
        Stage::Mail if session.in_transaction() => {
            Some("a transaction is open already (RFC 5321, 4.1.4)")
        }
        Stage::Rcpt if !session.in_transaction() => Some("MAIL comes first (RFC 5321, 4.1.4)"),
        Stage::Data if session.recipients.is_empty() => {
            Some("no recipient is accepted yet (RFC 5321, 3.3)")
        }
        _ => None,
    }
}
