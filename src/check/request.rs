//! What a run is asked to find out.

use super::Selector;
use crate::case::{Group, MailAddress, Target};
use crate::net::dns::Name;
use crate::smtp::Login;
use crate::text::SafeText;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

/// The question of one run; nothing in it changes while it runs.
#[derive(Clone, Debug)]
pub struct Request {
    /// The mail domain.
    pub domain: Name,
    /// The domain under which names are registered: `co.uk` of `mail.example.co.uk`.
    pub suffix: Name,
    /// The registered name: `example.co.uk` of `mail.example.co.uk`.
    pub registered: Name,
    pub from: Option<MailAddress>,
    pub to: Option<MailAddress>,
    pub source_ip: Option<IpAddr>,
    pub selectors: Vec<Selector>,
    /// The name given in EHLO; the machine's own when none was chosen.
    pub ehlo: Option<String>,
    /// Where users send through, by the word of who asks.
    pub submission: Option<SubmissionPlace>,
    /// Whose login is tried there.
    pub login: Option<Login>,
    /// The login goes through TLS also where the certificate does not verify.
    pub unverified_login: bool,
    /// Every mail host is asked to take mail for the sender's own address, which is elsewhere.
    pub relay_test: bool,
    /// After how long a host that puts the mail off for now is asked once more.
    pub come_back: Option<Duration>,
    /// Families that are wanted; empty for all.
    pub only: BTreeSet<Group>,
}

/// A submission host, with its port where that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmissionPlace {
    pub host: Name,
    pub port: Option<u16>,
}

impl Request {
    pub fn new(target: &Target) -> Self {
        let text = target.domain();
        let suffix = psl::suffix_str(text).unwrap_or(text);
        let registered = psl::domain_str(text).unwrap_or(text);
        // A target is a valid domain by construction, so the names parse; the root stands in
        // for what cannot be.
        let name = |text: &str| {
            let mut name = Name::from_ascii(text).unwrap_or_else(|_| Name::root());
            name.set_fqdn(true);
            name
        };
        Self {
            domain: name(text),
            suffix: name(suffix),
            registered: name(registered),
            from: None,
            to: None,
            source_ip: None,
            selectors: Vec::new(),
            ehlo: None,
            submission: None,
            login: None,
            unverified_login: false,
            relay_test: false,
            come_back: None,
            only: BTreeSet::new(),
        }
    }

    pub fn wants(&self, group: Group) -> bool {
        self.only.is_empty() || self.only.contains(&group)
    }

    /// A name without its final dot, for people.
    pub fn shown(&self, name: &Name) -> SafeText {
        shown(name)
    }

    pub fn domain_shown(&self) -> SafeText {
        shown(&self.domain)
    }
}

/// A name without its final dot, for people.
pub(super) fn shown(name: &Name) -> SafeText {
    let text = name.to_ascii();
    match text.strip_suffix('.') {
        Some("") | None => text.into(),
        Some(short) => short.into(),
    }
}
