//! The delegation and its nameservers.

mod ask;
mod dnssec;
mod judge;
mod lame;
mod show;

pub use ask::ask;
pub use dnssec::Signatures;
pub use judge::judge;
pub(crate) use show::outcome_word;
pub use show::row;

use super::Check;
use crate::net::dns::{Addresses, Delegation, Name, NotFound, Outcome, RData, RecordType};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub enum Observation {
    Delegation(Delegated),
    Nameserver(Addresses),
    Authority(Authority),
    /// None where there was nobody to ask.
    Signatures(Option<Box<Signatures>>),
}

/// The delegation by the parent, and the NS records that the resolver gives.
#[derive(Clone, Debug)]
pub struct Delegated {
    pub parent: Result<Delegation, NotFound>,
    /// Asked only when the parent gave no answer: a network may let no DNS out but by its
    /// own resolver.
    pub resolver: Option<Arc<Outcome>>,
}

/// What one nameserver answers at one address, without recursion.
#[derive(Clone, Debug)]
pub struct Authority {
    pub soa: Arc<Outcome>,
    pub soa_tcp: Arc<Outcome>,
    pub ns: Arc<Outcome>,
    pub mx: Arc<Outcome>,
}

#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub delegation: Option<Delegated>,
    pub servers: BTreeMap<Name, Addresses>,
    pub authority: BTreeMap<(Name, IpAddr), Authority>,
    pub signatures: Option<Box<Signatures>>,
}

impl Seen {
    pub fn record(&mut self, check: &Check, observation: Observation) {
        match (check, observation) {
            (_, Observation::Delegation(delegated)) => self.delegation = Some(delegated),
            (_, Observation::Signatures(signatures)) => self.signatures = signatures,
            (Check::Nameserver(name), Observation::Nameserver(addresses)) => {
                self.servers.insert(name.clone(), addresses);
            }
            (Check::Authority(name, address), Observation::Authority(authority)) => {
                self.authority.insert((name.clone(), *address), authority);
            }
            _ => {}
        }
    }

    /// The apex of the zone that holds the domain, where the delegation is known.
    pub fn zone(&self) -> Option<&Name> {
        Some(&self.delegation.as_ref()?.parent.as_ref().ok()?.zone)
    }

    /// The nameservers with their glue: as the parent delegates, else as the resolver says.
    pub fn delegated(&self) -> Vec<(Name, Vec<IpAddr>)> {
        let Some(delegated) = &self.delegation else {
            return Vec::new();
        };
        if let Ok(delegation) = &delegated.parent {
            return delegation
                .servers
                .iter()
                .map(|server| (server.name.clone(), server.glue.clone()))
                .collect();
        }
        delegated
            .resolver
            .iter()
            .filter_map(|outcome| outcome.answer())
            .flat_map(ns_names)
            .map(|name| (name, Vec::new()))
            .collect()
    }

    /// Addresses at which a nameserver is to be asked: its own, else its glue.
    pub fn addresses(&self, name: &Name, glue: &[IpAddr]) -> Vec<IpAddr> {
        let Some(own) = self.servers.get(name) else {
            return Vec::new();
        };
        let mut addresses = own.all();
        for address in glue {
            if !addresses.contains(address) {
                addresses.push(*address);
            }
        }
        addresses
    }

    /// Every nameserver that is to be asked has been.
    pub fn is_settled(&self) -> bool {
        self.delegation.is_some()
            && self.delegated().iter().all(|(name, glue)| {
                self.servers.contains_key(name)
                    && self
                        .addresses(name, glue)
                        .iter()
                        .all(|address| self.authority.contains_key(&(name.clone(), *address)))
            })
    }

    /// Whether nameservers can be asked directly from here at all, by this family of
    /// addresses. Where nothing gets out, silence says nothing of the other side.
    pub fn reaches(&self, address: IpAddr) -> bool {
        let answered = |outcome: &Outcome| {
            outcome.answer().is_some()
                && outcome
                    .server
                    .is_some_and(|server| server.is_ipv4() == address.is_ipv4())
        };
        let path = match self.delegation.as_ref().map(|seen| &seen.parent) {
            Some(Ok(delegation)) => &delegation.path[..],
            Some(Err(not_found)) => not_found.path(),
            None => &[],
        };
        path.iter().any(|outcome| answered(outcome))
            || self
                .authority
                .values()
                .any(|seen| answered(&seen.soa) || answered(&seen.soa_tcp))
    }

    /// The servers that answer for the zone with authority.
    pub fn good(&self) -> impl Iterator<Item = (&(Name, IpAddr), &Authority)> {
        self.authority.iter().filter(|(_, seen)| {
            matches!(
                lame::health(seen, self.zone()),
                lame::Health::Good | lame::Health::NoTcp(_)
            )
        })
    }
}

impl Authority {
    pub fn serial(&self) -> Option<u32> {
        [&self.soa, &self.soa_tcp].into_iter().find_map(|outcome| {
            let answer = outcome.answer()?;
            answer
                .message
                .answers
                .iter()
                .chain(&answer.message.authorities)
                .find_map(|record| match &record.data {
                    RData::SOA(soa) => Some(soa.serial),
                    _ => None,
                })
        })
    }
}

/// The names of the NS records that answer, in order.
pub(crate) fn ns_names(answer: &crate::net::dns::Answer) -> Vec<Name> {
    let mut names: Vec<Name> = answer
        .records(RecordType::NS)
        .filter_map(|record| match &record.data {
            RData::NS(target) => Some(target.0.to_lowercase()),
            _ => None,
        })
        .collect();
    names.sort();
    names.dedup();
    names
}
