//! What a registry or registrar has on file, whatever way it was asked.

use crate::net::dns::Name;
use crate::text::SafeText;
use jiff::Timestamp;
use serde::Deserialize;
use std::net::IpAddr;

/// One file on one domain. Every part may be missing: registries differ in what they tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Registration {
    /// Who said it: the host name of a WHOIS server, or a URL.
    pub origin: SafeText,
    /// None where the answer says neither that the name is registered nor that it is not.
    pub registered: Option<bool>,
    pub registrar: Option<SafeText>,
    pub statuses: Vec<Status>,
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
    /// For a date without a time of day, the end of that day (UTC).
    pub expires: Option<Timestamp>,
    /// The listed nameservers, with addresses where the answer gives some.
    pub nameservers: Vec<(Name, Vec<IpAddr>)>,
    /// Whether the delegation is signed.
    pub dnssec: Option<bool>,
    /// The lines that say it, verbatim.
    pub quotes: Vec<(Fact, SafeText)>,
}

/// What a line of an answer tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fact {
    Registrar,
    Status,
    Created,
    Updated,
    Expires,
    Nameserver,
    Dnssec,
    /// AFNIC's own line for a hold: `hold: YES`.
    Hold,
    /// That nobody has the name.
    #[serde(skip)]
    Absent,
}

/// A status as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    pub word: SafeText,
    /// What it means for mail; none for a status that changes nothing (`ok`, locks).
    pub meaning: Option<Meaning>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Meaning {
    /// Registered, and kept out of the zone.
    Hold,
    /// The registration is over.
    Gone,
    /// Past its date, extended by the registry for the time being.
    Renewing,
    /// Nobody has the name.
    Free,
}

impl Registration {
    /// The first status with this meaning.
    pub fn status(&self, meaning: Meaning) -> Option<&Status> {
        self.statuses
            .iter()
            .find(|status| status.meaning == Some(meaning))
    }

    /// The lines that tell `fact`.
    pub fn quotes(&self, fact: Fact) -> impl Iterator<Item = &SafeText> {
        self.quotes
            .iter()
            .filter(move |(told, _)| *told == fact)
            .map(|(_, line)| line)
    }

    /// The line that holds this status.
    pub fn quote_of(&self, status: &Status) -> Option<&SafeText> {
        self.quotes
            .iter()
            .filter(|(told, _)| matches!(told, Fact::Status | Fact::Hold))
            .map(|(_, line)| line)
            .find(|line| line.contains(status.word.as_str()))
    }

    pub fn nameserver_names(&self) -> Vec<Name> {
        let mut names: Vec<Name> = self
            .nameservers
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        names.sort();
        names.dedup();
        names
    }
}

/// A host name as a registry writes it, made comparable: lower case, with its final dot. None
/// for what is no host name.
pub(super) fn host_name(text: &str) -> Option<Name> {
    let text = text.trim_end_matches('.');
    let plausible = text.contains('.')
        && text.len() <= 253
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        && !text.rsplit('.').next()?.bytes().all(|b| b.is_ascii_digit());
    if !plausible {
        return None;
    }
    let mut name = Name::from_ascii(text.to_ascii_lowercase()).ok()?;
    name.set_fqdn(true);
    Some(name)
}
