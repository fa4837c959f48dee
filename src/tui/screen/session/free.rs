//! Free use: which rules the line breaks that is being typed. It is sent all the same.

use super::Session;
use crate::smtp::{Ending, Raw, rules_broken};

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

/// The rules that `raw` breaks here, as a clause; none when it can be sent with a good conscience.
pub(super) fn broken(session: &Session, raw: &Raw) -> Option<String> {
    let rules = rules_broken(&session.standing, raw);
    let (first, others) = rules.split_first()?;
    Some(match others.len() {
        0 => first.clone(),
        more => format!("{first}; and {more} more"),
    })
}
