//! What WHOIS and RDAP say of the registered domain.

mod ask;
mod judge;
mod layout;
mod read_rdap;
mod read_whois;
mod registration;
mod show;
#[cfg(test)]
mod tests;

pub use ask::ask;
pub use judge::judge;
pub use read_whois::Host;
pub use registration::{Fact, Meaning, Registration, Status};
pub use show::row;

use super::{Check, Observations, Request};
use crate::case::{Exchange, Group};
use crate::net::dns::Name;
use crate::net::whois;
use crate::text::SafeText;
use std::collections::BTreeMap;

/// Nameservers whose registered address is asked for; registries count questions.
const MAX_HOSTS: usize = 6;

#[derive(Clone, Debug)]
pub enum Observation {
    Whois(Box<Source>),
    Rdap(Box<Source>),
    Host(HostFile),
}

/// One way of asking, WHOIS or RDAP, and what it gave.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name that was asked about.
    pub name: Name,
    pub exchanges: Vec<Exchange>,
    pub by_hand: Vec<SafeText>,
    /// The registry's file, or why there is none.
    pub registry: Result<Registration, Silence>,
    /// The registrar's file, where the registry referred to it and it was given.
    pub registrar: Option<Registration>,
}

/// Why nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    pub why: SafeText,
    /// The reason is this machine's own network or resolver.
    pub is_ours: bool,
}

impl Silence {
    fn unknown() -> Self {
        Self {
            why: "no server is known that could be asked".into(),
            is_ours: false,
        }
    }
}

/// What the registry has on one nameserver.
#[derive(Clone, Debug)]
pub struct HostFile {
    pub exchanges: Vec<Exchange>,
    pub by_hand: Vec<SafeText>,
    pub result: Result<Host, Silence>,
}

#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub whois: Option<Source>,
    pub rdap: Option<Source>,
    pub hosts: BTreeMap<Name, HostFile>,
}

impl Seen {
    pub fn record(&mut self, check: &Check, observation: Observation) {
        match (check, observation) {
            (_, Observation::Whois(source)) => self.whois = Some(*source),
            (_, Observation::Rdap(source)) => self.rdap = Some(*source),
            (Check::RegisteredHost(name), Observation::Host(file)) => {
                self.hosts.insert(name.clone(), file);
            }
            _ => {}
        }
    }

    /// Both ways, as far as they have been gone.
    fn sources(&self) -> impl Iterator<Item = &Source> {
        self.whois.iter().chain(&self.rdap)
    }

    /// The registries' files: WHOIS, then RDAP.
    pub fn files(&self) -> impl Iterator<Item = &Registration> {
        self.sources()
            .filter_map(|source| source.registry.as_ref().ok())
    }

    /// When the registration last changed, by the first file that says so.
    pub fn updated(&self) -> Option<jiff::Timestamp> {
        self.files().find_map(|file| file.updated)
    }

    /// Whether the name is registered: "yes" of one source outweighs "no" of the other, which
    /// may be the wrong server for it.
    pub fn is_registered(&self) -> Option<bool> {
        let mut said = self.files().filter_map(|file| file.registered);
        let first = said.next()?;
        Some(first || said.any(|registered| registered))
    }
}

impl Source {
    /// The registry's file and the registrar's, in this order.
    fn files(&self) -> impl Iterator<Item = &Registration> {
        self.registry.iter().chain(&self.registrar)
    }
}

/// The name that a registry has on file. The public suffix list also holds suffixes of
/// companies, `github.io` and the like; below those nobody keeps a register that could be
/// asked, unless it is listed among the WHOIS servers (`uk.com`).
pub(crate) fn registered_name(request: &Request) -> Name {
    let trimmed = |name: &Name| name.to_ascii().trim_end_matches('.').to_owned();
    let suffix = trimmed(&request.suffix);
    if whois::for_name(&request.registered).is_some_and(|server| server.suffix == suffix) {
        return request.registered.clone();
    }
    let mut registered = trimmed(&request.registered);
    let mut suffix = suffix.as_str();
    while psl::suffix(suffix.as_bytes()).is_some_and(|found| {
        found.typ() == Some(psl::Type::Private) || found.as_bytes() != suffix.as_bytes()
    }) {
        let Some((_, parent)) = suffix.split_once('.') else {
            break;
        };
        suffix.clone_into(&mut registered);
        suffix = parent;
    }
    registration::host_name(&registered).unwrap_or_else(|| request.registered.clone())
}

/// Nameservers whose address the registry of the domain would know, once they are known: those
/// of the delegation, and those that the registry lists.
pub fn hosts_to_ask(request: &Request, seen: &Observations) -> Vec<Name> {
    let domain = registered_name(request);
    let delegated = seen.ns.delegated().into_iter().map(|(name, _)| name);
    // While the delegation is still awaited, it says which ones matter.
    let awaited = request.wants(Group::Ns) && seen.ns.delegation.is_none();
    let listed = seen
        .registry
        .files()
        .filter(|_| !awaited)
        .flat_map(Registration::nameserver_names);
    let mut hosts: Vec<Name> = Vec::new();
    for host in delegated.chain(listed) {
        if whois::registers_host(&domain, &host) && !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts.truncate(MAX_HOSTS);
    hosts
}
