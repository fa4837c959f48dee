//! Delivery status fields (RFC 3464), in their own part or in the text of some other format.

use super::Action;
use super::address;
use crate::knowledge::code::EnhancedCode;

/// Recipients of one report that are read.
const MOST: usize = 10_000;
/// Octets of one field.
const LONGEST: usize = 4096;

/// The fields of one recipient (RFC 3464 section 2.3).
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    pub(super) recipient: Option<String>,
    pub(super) original: Option<String>,
    pub(super) action: Option<Action>,
    pub(super) status: Option<EnhancedCode>,
    /// Without its type.
    pub(super) diagnostic: String,
    pub(super) remote: Option<String>,
}

impl Fields {
    /// Whether it tells of a delivery, and not only of the message.
    pub(super) fn is_telling(&self) -> bool {
        self.has_recipient()
            && (self.action.is_some() || self.status.is_some() || !self.diagnostic.is_empty())
    }

    pub(super) fn has_recipient(&self) -> bool {
        self.recipient.is_some() || self.original.is_some()
    }

    fn is_empty(&self) -> bool {
        !self.has_recipient()
            && self.action.is_none()
            && self.status.is_none()
            && self.diagnostic.is_empty()
    }

    fn take(&mut self, key: Key, value: &str) {
        match key {
            Key::Final | Key::Actual => {
                if self.recipient.is_none() {
                    self.recipient = address::of_field(value);
                }
            }
            Key::Original => self.original = address::of_field(value),
            Key::Action => self.action = self.action.or_else(|| Action::of(value)),
            Key::Status => {
                let first = value
                    .split([' ', '\t', '(', ','])
                    .find(|word| !word.is_empty());
                self.status = self
                    .status
                    .or_else(|| first.and_then(|word| word.parse().ok()));
            }
            Key::Diagnostic => {
                let words = match value.split_once(';') {
                    Some((kind, words)) if kind.len() <= 32 && !kind.trim().contains(' ') => words,
                    _ => value,
                };
                let words = words.trim();
                if self.diagnostic.is_empty() && !words.is_empty() {
                    words.clone_into(&mut self.diagnostic);
                }
            }
            Key::Remote => {
                let name = value.split_once(';').map_or(value, |(_, name)| name);
                self.remote = name
                    .split_whitespace()
                    .next()
                    .map(|name| name.trim_matches(['[', ']', '.']).to_owned())
                    .filter(|name| !name.is_empty());
            }
            Key::Message => {}
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Final,
    Actual,
    Original,
    Action,
    Status,
    Diagnostic,
    Remote,
    /// A field that is not needed, or of the whole message.
    Message,
}

const KEYS: [(&str, Key); 17] = [
    ("final-recipient", Key::Final),
    ("original-recipient", Key::Original),
    ("x-actual-recipient", Key::Actual),
    ("action", Key::Action),
    ("ction", Key::Action),
    ("status", Key::Status),
    ("diagnostic-code", Key::Diagnostic),
    ("remote-mta", Key::Remote),
    ("reporting-mta", Key::Message),
    ("received-from-mta", Key::Message),
    ("arrival-date", Key::Message),
    ("last-attempt-date", Key::Message),
    ("will-retry-until", Key::Message),
    ("original-envelope-id", Key::Message),
    ("final-log-id", Key::Message),
    ("dsn-gateway", Key::Message),
    ("localized-diagnostic", Key::Message),
];

fn key_of(line: &str) -> Option<(Key, &str)> {
    let (key, value) = line.split_once(':')?;
    let key = key.trim_end();
    KEYS.iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, key)| (*key, value.trim()))
}

/// Whether a line is a field of a delivery status.
pub(super) fn is_field(line: &str) -> bool {
    key_of(line).is_some()
}

/// The recipients of a text with status fields. A blank line ends one, and so does a second
/// recipient field of the same kind where the blank line is missing.
pub(super) fn groups(text: &str) -> Vec<Fields> {
    let mut groups: Vec<Fields> = Vec::new();
    let mut group = Fields::default();
    let mut field: Option<(Key, String)> = None;
    for line in text.lines() {
        let continued = line.starts_with([' ', '\t']) && !line.trim().is_empty();
        if continued {
            if let Some((_, value)) = &mut field
                && value.len() < LONGEST
            {
                value.push(' ');
                value.push_str(line.trim());
            }
            continue;
        }
        if let Some((key, value)) = field.take() {
            let again = match key {
                Key::Final => group.recipient.is_some(),
                Key::Original => group.original.is_some(),
                _ => false,
            };
            if again {
                push(&mut groups, &mut group);
            }
            group.take(key, &value);
        }
        if line.trim().is_empty() {
            push(&mut groups, &mut group);
        } else if let Some((key, value)) = key_of(line) {
            field = Some((key, value.to_owned()));
        }
    }
    if let Some((key, value)) = field {
        group.take(key, &value);
    }
    push(&mut groups, &mut group);
    groups
}

fn push(groups: &mut Vec<Fields>, group: &mut Fields) {
    let group = std::mem::take(group);
    if group.is_empty() || groups.len() >= MOST {
        return;
    }
    // Some mailers put a blank line between the recipient and the rest of its fields.
    if let Some(last) = groups.last_mut()
        && last.has_recipient()
        && !last.is_telling()
        && !group.has_recipient()
    {
        last.action = group.action;
        last.status = group.status;
        last.diagnostic = group.diagnostic;
        last.remote = group.remote;
    } else {
        groups.push(group);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_each_recipient() {
        let text = "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; a@b.example\n\
                    Action: failed\nStatus: 5.1.1 (unknown)\nRemote-MTA: dns; mx.b.example (x)\n\
                    Diagnostic-Code: smtp; 550 5.1.1\n  no such user\n\n\
                    Original-Recipient: rfc822;c@d.example\nAction: Delayed\nStatus: 4.4.1\n";
        let groups = groups(text);
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0].recipient.as_deref(), Some("a@b.example"));
        assert_eq!(groups[0].diagnostic, "550 5.1.1 no such user");
        assert_eq!(groups[0].remote.as_deref(), Some("mx.b.example"));
        assert_eq!(groups[1].action, Some(Action::Delayed));
        assert!(groups.iter().all(Fields::is_telling));
    }

    #[test]
    fn a_missing_blank_line_and_one_too_many_do_no_harm() {
        let joined = "Final-Recipient: rfc822;a@b.example\nAction: failed\n\
                      Final-Recipient: rfc822;c@d.example\nAction: failed\n";
        assert_eq!(groups(joined).len(), 2);
        let apart = "Final-Recipient: rfc822;a@b.example\n\nAction: failed\nStatus: 5.0.0\n";
        let groups = groups(apart);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].action, Some(Action::Failed));
    }
}
