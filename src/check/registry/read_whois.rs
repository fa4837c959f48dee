//! From the lines of a WHOIS answer to a [`Registration`].
//!
//! There is no grammar; RFC 3912 leaves the content open. Nearly all answers are lines of
//! `key: value`, some with blocks under a heading, some with the key in brackets or followed by
//! a row of dots. One pass takes all of them, and the words come from a table.

use super::layout::{LAYOUTS, plain};
use super::registration::{Fact, Meaning, Registration, Status, host_name};
use crate::net::dns::Name;
use crate::text::SafeText;
use std::net::IpAddr;

/// Nameservers and statuses that are kept of one answer; the protocol allows thirteen.
const MAX_LIST: usize = 32;

/// The server answered, and would not serve this client: too many questions, or closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused(pub(super) SafeText);

/// Reads an answer about a domain.
pub(super) fn domain(lines: &[SafeText]) -> Result<Registration, Refused> {
    let mut reader = Reader::default();
    for line in lines {
        reader.line(line);
    }
    let mut found = reader.found;
    let free = found.status(Meaning::Free).is_some();
    let holds_something = found.registrar.is_some()
        || found.created.is_some()
        || found.expires.is_some()
        || !found.nameservers.is_empty()
        || !found.statuses.is_empty() && !free;
    if holds_something {
        found.registered = Some(true);
        return Ok(found);
    }
    let absent = lines.iter().find(|line| LAYOUTS.says_not_registered(line));
    if let Some(line) = absent {
        found.registered = Some(false);
        found.quotes.push((Fact::Absent, trimmed(line)));
    } else if free {
        found.registered = Some(false);
        for (fact, _) in &mut found.quotes {
            if *fact == Fact::Status {
                *fact = Fact::Absent;
            }
        }
    } else if let Some(line) = lines.iter().find(|line| LAYOUTS.says_refused(line)) {
        return Err(Refused(trimmed(line)));
    }
    Ok(found)
}

/// What a registry has on a nameserver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host {
    /// None where the answer says neither.
    pub known: Option<bool>,
    pub addresses: Vec<IpAddr>,
}

/// Reads an answer about a nameserver.
pub(super) fn host(lines: &[SafeText]) -> Result<Host, Refused> {
    let mut host = Host::default();
    for line in lines {
        let Some((key, value)) = key_value(line) else {
            continue;
        };
        if LAYOUTS.host.name.contains(&key) && host_name(first_word(value)).is_some() {
            host.known = Some(true);
        } else if LAYOUTS.host.address.contains(&key) {
            host.addresses.extend(addresses(value));
            host.addresses.truncate(MAX_LIST);
        }
    }
    if host.known.is_none() {
        if lines.iter().any(|line| LAYOUTS.says_not_registered(line)) {
            host.known = Some(false);
        } else if let Some(line) = lines.iter().find(|line| LAYOUTS.says_refused(line)) {
            return Err(Refused(trimmed(line)));
        }
    }
    Ok(host)
}

fn trimmed(line: &SafeText) -> SafeText {
    line.trim().into()
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

#[derive(Default)]
struct Reader {
    found: Registration,
    block: Option<Block>,
}

/// A key whose values may go on in the lines below it.
#[derive(Clone, Copy)]
struct Block {
    fact: Fact,
    /// Columns before the key.
    indent: usize,
    /// The key's own line had a value.
    filled: bool,
}

impl Reader {
    fn line(&mut self, line: &SafeText) {
        let text = line.trim();
        if text.is_empty() || text.starts_with(['%', '#']) || text.starts_with(">>>") {
            return;
        }
        let indent = line.len() - line.trim_start().len();
        if let Some((key, value)) = key_value(line)
            && let Some(fact) = LAYOUTS.fact(&key)
        {
            // Inside the block of a registrar, "Name:" and the like are its own.
            self.block = Some(Block {
                fact,
                indent,
                filled: !value.is_empty(),
            });
            if !value.is_empty() {
                self.take(fact, value, line);
            }
            return;
        }
        if let Some((fact, value)) = LAYOUTS.sentence(text) {
            self.take(fact, value, line);
            return;
        }
        if let Some(block) = self.block {
            self.go_on(block, indent, text, line);
        }
    }

    /// A line below a key, which may be one more value of it.
    fn go_on(&mut self, block: Block, indent: usize, text: &str, line: &SafeText) {
        let deeper = indent > block.indent;
        match block.fact {
            Fact::Nameserver => {
                let is_host = host_name(first_word(text).trim_matches(MARKS)).is_some();
                if is_host && (deeper || !block.filled) {
                    self.take(Fact::Nameserver, text, line);
                } else if !deeper {
                    self.block = None;
                }
            }
            fact if deeper && !block.filled => {
                let value = match text.split_once(':') {
                    Some((key, value)) if matches!(&*plain(key), "name" | "organization") => value,
                    _ => text,
                };
                self.take(fact, value.trim(), line);
                self.block = Some(Block {
                    filled: true,
                    ..block
                });
            }
            _ if !deeper => self.block = None,
            _ => {}
        }
    }

    fn take(&mut self, fact: Fact, value: &str, line: &SafeText) {
        let found = &mut self.found;
        let taken = match fact {
            Fact::Registrar => first(&mut found.registrar, Some(registrar(value))),
            Fact::Created => first(&mut found.created, LAYOUTS.date(value).map(|d| d.start)),
            Fact::Updated => first(&mut found.updated, LAYOUTS.date(value).map(|d| d.start)),
            Fact::Expires => first(
                &mut found.expires,
                LAYOUTS.date(value).map(super::layout::Date::end),
            ),
            Fact::Nameserver => nameservers(&mut found.nameservers, value),
            Fact::Dnssec => first(&mut found.dnssec, signed(value)),
            Fact::Status => statuses(&mut found.statuses, value),
            Fact::Hold => {
                let held = plain(value) == "yes";
                if held {
                    found.statuses.push(Status {
                        word: line.trim().into(),
                        meaning: Some(Meaning::Hold),
                    });
                }
                held
            }
            Fact::Absent => false,
        };
        if taken {
            found.quotes.push((fact, trimmed(line)));
        }
    }
}

/// Fills what is still empty: in an answer with several objects the domain's comes first.
fn first<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    if place.is_some() || value.is_none() {
        return false;
    }
    *place = value;
    true
}

fn registrar(value: &str) -> SafeText {
    // Nominet's `[Tag = NAME]` is not part of the name.
    value
        .split_once(" [Tag")
        .map_or(value, |(name, _)| name)
        .trim()
        .into()
}

/// Statuses of one line: EPP's with the link behind it, or several with commas.
fn statuses(list: &mut Vec<Status>, value: &str) -> bool {
    let value = value.split(" http").next().unwrap_or(value);
    let value = value.split(" (").next().unwrap_or(value);
    let before = list.len();
    for word in value.split([',', '/']) {
        let word = SafeText::from(word.trim());
        let known = list.iter().any(|status| status.word == word.as_str());
        if !word.is_empty() && !known && list.len() < MAX_LIST {
            list.push(Status {
                meaning: LAYOUTS.meaning(&word),
                word,
            });
        }
    }
    list.len() > before
}

fn signed(value: &str) -> Option<bool> {
    let value = plain(value);
    match value.split(' ').next()? {
        "unsigned" | "no" | "inactive" | "n" | "none" | "not" => Some(false),
        "signed" | "signeddelegation" | "yes" | "active" | "y" => Some(true),
        _ => None,
    }
}

/// What may stand around a name or an address.
const MARKS: [char; 9] = ['[', ']', '(', ')', ',', ';', '|', '"', '\''];

/// A nameserver with its addresses, or several nameservers; false when the first word is no
/// host name.
fn nameservers(list: &mut Vec<(Name, Vec<IpAddr>)>, value: &str) -> bool {
    let mut words = value
        .split(|c: char| c.is_whitespace() || c == ',')
        .map(|word| word.trim_matches(MARKS))
        .filter(|word| !word.is_empty());
    let Some(name) = words.next().and_then(host_name) else {
        return false;
    };
    let mut at = entry(list, name);
    for word in words {
        if let Ok(address) = word.parse::<IpAddr>() {
            if let Some((_, addresses)) = at.and_then(|at| list.get_mut(at))
                && !addresses.contains(&address)
            {
                addresses.push(address);
            }
        } else if let Some(name) = host_name(word) {
            at = entry(list, name);
        }
    }
    true
}

fn entry(list: &mut Vec<(Name, Vec<IpAddr>)>, name: Name) -> Option<usize> {
    if let Some(at) = list.iter().position(|(known, _)| *known == name) {
        return Some(at);
    }
    if list.len() >= MAX_LIST {
        return None;
    }
    list.push((name, Vec::new()));
    Some(list.len() - 1)
}

fn addresses(value: &str) -> impl Iterator<Item = IpAddr> {
    value
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter_map(|word| word.trim_matches(MARKS).parse().ok())
}

/// The key of a line in plain form, and its value: `key: value`, `key.....: value`,
/// `[key] value`, `a. [key] value`, `** key: value`, or a key alone as a heading.
fn key_value(line: &SafeText) -> Option<(String, &str)> {
    let text = line.trim().trim_start_matches(['*', ' ']);
    if let Some((mark, rest)) = text.split_once('[')
        && mark.len() <= 3
        && let Some((key, value)) = rest.split_once(']')
    {
        return Some((plain(key), value.trim()));
    }
    let (key, value) = match text.split_once(':') {
        Some((key, value)) => (key, value),
        None => (text, ""),
    };
    let key = plain(key.trim_end_matches(['.', ' ', '\t']));
    (!key.is_empty() && key.len() <= 60).then(|| (key, value.trim()))
}

#[cfg(test)]
mod tests;
