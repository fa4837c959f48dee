//! The machine that this runs on: its resolver, its network, its port 25.

mod ask;
mod judge;
mod measure;
mod show;

pub use ask::ask;
pub use judge::judge;
pub use measure::measure;
pub use show::row;

use super::Observations;
use crate::net::ConnectError;
use crate::net::dns::{Addresses, Answer, Name, Outcome, ResponseCode};
use crate::text::SafeText;
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub enum Observation {
    Resolver(Resolver),
    Outbound(Outbound),
    Cached(Cached),
}

/// The configured resolver, and the root servers asked directly for comparison.
#[derive(Clone, Debug)]
pub struct Resolver {
    pub questions: Vec<Arc<Outcome>>,
    pub roots: Vec<Arc<Outcome>>,
}

impl Resolver {
    /// It gave a useful answer to something.
    pub fn works(&self) -> bool {
        self.questions.iter().any(|outcome| {
            outcome.answer().is_some_and(|answer| {
                answer.code() == ResponseCode::NoError && !answer.message.answers.is_empty()
            })
        })
    }

    /// Something outside answered, the resolver or a root server.
    pub fn network_is_up(&self) -> bool {
        self.works()
            || self.roots.iter().any(|outcome| outcome.answer().is_some())
            || self
                .questions
                .iter()
                .any(|outcome| outcome.answer().is_some_and(Answer::is_conclusive))
    }
}

/// One attempt to connect to an independent host.
#[derive(Clone, Debug)]
pub struct Probe {
    pub provider: SafeText,
    pub host: SafeText,
    pub to: SocketAddr,
    pub result: Result<(), ConnectError>,
}

/// Whether independent mail hosts can be reached from here.
#[derive(Clone, Debug)]
pub struct Outbound {
    pub probes: Vec<Probe>,
    /// A root server asked over IPv6, where that family is in doubt: whether it works here at all.
    pub over_ipv6: Option<Arc<Outcome>>,
}

/// The SOA record that the resolver gives, beside what the nameservers were seen to say.
#[derive(Clone, Debug)]
pub struct Cached {
    pub soa: Arc<Outcome>,
    /// The mail hosts whose names stand in the domain's own zone.
    pub hosts: Vec<KnownHost>,
}

/// A mail host as the resolver knows it, and as its own nameserver does.
#[derive(Clone, Debug)]
pub struct KnownHost {
    pub name: Name,
    pub cached: Addresses,
    pub current: Addresses,
}

/// Pools whose answers change from question to question have TTLs below this, in seconds.
const SETTLED_TTL: u32 = 1800;

impl KnownHost {
    /// The resolver and the nameserver have no address in common, and both have said so.
    fn is_elsewhere(&self) -> bool {
        let says = |outcome: &Outcome| {
            outcome.answer().is_some_and(|answer| {
                answer.is_authoritative()
                    && answer.is_conclusive()
                    // An alias may lead into a zone of which this server knows nothing.
                    && (answer.canonical_name() == self.name || !answer.addresses().is_empty())
            })
        };
        let (cached, current) = (self.cached.all(), self.current.all());
        says(&self.current.v4)
            && says(&self.current.v6)
            && self.cached.is_conclusive()
            && cached != current
            && !cached.iter().any(|address| current.contains(address))
    }

    fn current_ttl(&self) -> u32 {
        [&self.current.v4, &self.current.v6]
            .into_iter()
            .filter_map(|outcome| outcome.answer()?.ttl())
            .min()
            .unwrap_or(u32::MAX)
    }
}

/// What stands at the nameservers for a mail host, where the resolver still has something else:
/// a record that lives long enough not to be one of a changing pool, or an address at which
/// nothing takes mail any more.
pub fn outdated<'a>(seen: &'a Observations, host: &Name) -> Option<&'a KnownHost> {
    let cached = seen.local.cached.as_ref()?;
    let known = cached.hosts.iter().find(|known| known.name == *host)?;
    let dead = || {
        known.cached.all().iter().all(|address| {
            let tried = seen.smtp.port25.get(&(host.clone(), *address));
            tried.is_some_and(|dialogue| !dialogue.is_usable())
        })
    };
    (known.is_elsewhere() && (known.current_ttl() >= SETTLED_TTL || dead())).then_some(known)
}

#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub resolver: Option<Resolver>,
    pub outbound: Option<Outbound>,
    pub cached: Option<Cached>,
}

impl Seen {
    pub fn record(&mut self, observation: Observation) {
        match observation {
            Observation::Resolver(resolver) => self.resolver = Some(resolver),
            Observation::Outbound(outbound) => self.outbound = Some(outbound),
            Observation::Cached(cached) => self.cached = Some(cached),
        }
    }
}
