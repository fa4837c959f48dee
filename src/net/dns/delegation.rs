//! The way down from the root: what each parent zone delegates to.

use super::answer::{Answer, Outcome};
use super::ask::Ask;
use super::resolver::Dns;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

/// Referrals followed before giving up; no real name is that deep.
const MAX_DEPTH: usize = 24;
/// Servers of one zone that are tried.
const MAX_SERVERS: usize = 4;
/// How long a server may take before the next one is asked beside it.
const STAGGER: Duration = Duration::from_millis(900);

/// A nameserver as the parent zone gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParentNs {
    pub name: Name,
    /// Its addresses in the referral (glue, RFC 9499 section 7).
    pub glue: Vec<IpAddr>,
}

/// What the parent says of the zone that holds a domain.
#[derive(Clone, Debug)]
pub struct Delegation {
    /// The apex of the zone: the domain itself, or the nearest cut above it.
    pub zone: Name,
    pub parent: Name,
    pub servers: Vec<ParentNs>,
    /// TTL of the NS records in the parent, in seconds.
    pub ttl: u32,
    /// Questions asked on the way, from the root down; the last one gave the referral.
    pub path: Vec<Arc<Outcome>>,
}

/// Why there is no delegation to speak of.
#[derive(Clone, Debug)]
pub enum NotFound {
    /// The parent says with authority that there is no such name, or no NS for it.
    NotDelegated {
        parent: Name,
        path: Vec<Arc<Outcome>>,
    },
    /// No server of this zone gave an answer, so nothing is known.
    NoAnswer { zone: Name, path: Vec<Arc<Outcome>> },
}

impl NotFound {
    pub fn path(&self) -> &[Arc<Outcome>] {
        match self {
            Self::NotDelegated { path, .. } | Self::NoAnswer { path, .. } => path,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RootServer {
    name: String,
    v4: Ipv4Addr,
    v6: Ipv6Addr,
}

static ROOT: LazyLock<Vec<RootServer>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../../assets/world/root-servers.yaml"))
        .expect("assets/world/root-servers.yaml is checked by a test")
});

impl Dns {
    /// The IPv4 addresses of the root servers, in their order.
    pub fn root_addresses(&self) -> Vec<IpAddr> {
        ROOT.iter().map(|server| server.v4.into()).collect()
    }

    /// Their IPv6 addresses.
    pub fn root_addresses_v6(&self) -> Vec<IpAddr> {
        ROOT.iter().map(|server| server.v6.into()).collect()
    }

    /// Follows the referrals for `domain` from the root to the zone that holds it.
    ///
    /// `stop` is the longest name that counts as a registry's own zone (a public suffix): a
    /// "no such name" from there or above means that the domain is not delegated, one from
    /// below only says where the zone cut is.
    pub async fn delegation(&self, domain: &Name, suffix: &Name) -> Result<Delegation, NotFound> {
        let mut zone = Name::root();
        let mut found: Option<Delegation> = None;
        let mut servers: Vec<ParentNs> = ROOT
            .iter()
            .filter_map(|server| {
                Some(ParentNs {
                    name: Name::from_ascii(&server.name).ok()?,
                    glue: vec![server.v4.into(), server.v6.into()],
                })
            })
            .collect();
        let mut path = Vec::new();
        for _ in 0..MAX_DEPTH {
            let ask = Ask::direct(domain.clone(), RecordType::NS);
            let Some(outcome) = self.any_of(&servers, &zone, ask, &mut path).await else {
                return found.ok_or(NotFound::NoAnswer { zone, path });
            };
            let Some(answer) = outcome.answer() else {
                return found.ok_or(NotFound::NoAnswer { zone, path });
            };
            let Some((cut, records)) = referral(answer, domain, &zone) else {
                if zone.zone_of(suffix) || found.is_none() {
                    return Err(NotFound::NotDelegated { parent: zone, path });
                }
                return found.ok_or(NotFound::NoAnswer { zone, path });
            };
            let delegation = Delegation {
                servers: nameservers(&records, answer),
                ttl: records.iter().map(|record| record.ttl).min().unwrap_or(0),
                zone: cut.clone(),
                parent: zone,
                path: path.clone(),
            };
            if cut == *domain {
                return Ok(delegation);
            }
            servers.clone_from(&delegation.servers);
            zone = cut;
            // A cut at or above the public suffix is the registry's, not the domain's.
            found = (!zone.zone_of(suffix)).then_some(delegation);
        }
        found.ok_or(NotFound::NoAnswer { zone, path })
    }

    /// The first useful answer of a zone's servers, each tried a moment after the one before.
    async fn any_of(
        &self,
        servers: &[ParentNs],
        zone: &Name,
        ask: Ask,
        path: &mut Vec<Arc<Outcome>>,
    ) -> Option<Arc<Outcome>> {
        let clock = *self.network().clock();
        let mut waiting = self.server_addresses(servers).await.into_iter();
        let mut asked = FuturesUnordered::new();
        let mut next = waiting.next();
        loop {
            if let Some(address) = next.take() {
                asked.push(self.ask(SocketAddr::new(address, 53), ask.clone()));
            }
            if asked.is_empty() {
                return None;
            }
            tokio::select! {
                Some(outcome) = asked.next() => {
                    path.push(Arc::clone(&outcome));
                    if outcome.answer().is_some_and(|answer| is_useful(answer, zone)) {
                        return Some(outcome);
                    }
                    next = waiting.next();
                }
                () = clock.sleep(STAGGER), if waiting.len() > 0 => next = waiting.next(),
            }
        }
    }

    /// Addresses of a zone's servers, IPv4 first: glue where there is some, else resolved.
    async fn server_addresses(&self, servers: &[ParentNs]) -> Vec<IpAddr> {
        let mut addresses: Vec<IpAddr> = servers
            .iter()
            .flat_map(|server| server.glue.iter().copied())
            .collect();
        if addresses.is_empty() {
            for server in servers.iter().take(MAX_SERVERS) {
                addresses.extend(self.addresses(&server.name).await.all());
                if addresses.len() >= 2 {
                    break;
                }
            }
        }
        addresses.sort_by_key(IpAddr::is_ipv6);
        addresses.truncate(MAX_SERVERS);
        addresses
    }
}

/// A referral or an authoritative answer; anything else is a lame server of the zone above.
fn is_useful(answer: &Answer, zone: &Name) -> bool {
    answer.is_conclusive()
        && (answer.is_authoritative()
            || answer.message.authorities.iter().any(|record| {
                record.record_type() == RecordType::NS && is_below(&record.name, zone)
            }))
}

fn is_below(name: &Name, zone: &Name) -> bool {
    zone.zone_of(name) && name != zone
}

/// The NS records of the cut nearest to `domain` that the answer speaks of: in the authority
/// section (a referral), or in the answer section (the server serves the child too).
fn referral(answer: &Answer, domain: &Name, zone: &Name) -> Option<(Name, Vec<Record>)> {
    let message = &answer.message;
    let records = message
        .answers
        .iter()
        .filter(|record| record.name == *domain)
        .chain(
            message
                .authorities
                .iter()
                .filter(|_| message.metadata.response_code == ResponseCode::NoError),
        );
    let ns: Vec<&Record> = records
        .filter(|record| record.record_type() == RecordType::NS)
        .filter(|record| is_below(&record.name, zone) && record.name.zone_of(domain))
        .collect();
    let cut = ns
        .iter()
        .map(|record| &record.name)
        .max_by_key(|name| name.num_labels())?;
    Some((
        cut.clone(),
        ns.iter()
            .filter(|record| record.name == *cut)
            .map(|record| (*record).clone())
            .collect(),
    ))
}

fn nameservers(records: &[Record], answer: &Answer) -> Vec<ParentNs> {
    let mut servers: Vec<ParentNs> = records
        .iter()
        .filter_map(|record| match &record.data {
            RData::NS(target) => Some(ParentNs {
                glue: glue(&target.0, answer),
                name: target.0.to_lowercase(),
            }),
            _ => None,
        })
        .collect();
    servers.sort_by(|a, b| a.name.cmp(&b.name));
    servers.dedup_by(|a, b| a.name == b.name);
    servers
}

fn glue(name: &Name, answer: &Answer) -> Vec<IpAddr> {
    answer
        .message
        .additionals
        .iter()
        .filter(|record| record.name == *name)
        .filter_map(|record| match &record.data {
            RData::A(address) => Some(IpAddr::V4(address.0)),
            RData::AAAA(address) => Some(IpAddr::V6(address.0)),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_servers_are_thirteen() {
        assert_eq!(ROOT.len(), 13);
        assert!(
            ROOT.iter()
                .all(|server| Name::from_ascii(&server.name).is_ok())
        );
    }
}
