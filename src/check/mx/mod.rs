//! The MX records and their targets (RFC 5321 section 5.1).

mod ask;
mod judge;
mod set;
mod show;

pub use ask::ask;
pub use judge::judge;
pub use set::{MxSet, Pointer};
pub use show::row;

use super::{Check, Observations, local};
use crate::net::dns::{Addresses, Name, Outcome};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub enum Observation {
    Lookup(Lookup),
    Host(Addresses),
}

/// The MX question at the resolver.
#[derive(Clone, Debug)]
pub struct Lookup {
    pub mx: Arc<Outcome>,
    /// The answer with checking disabled, where the resolver refused the checked one: then
    /// DNSSEC is what fails.
    pub unchecked: Option<Arc<Outcome>>,
}

#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub lookup: Option<Lookup>,
    pub hosts: BTreeMap<Name, Addresses>,
}

impl Seen {
    pub fn record(&mut self, check: &Check, observation: Observation) {
        match (check, observation) {
            (_, Observation::Lookup(lookup)) => self.lookup = Some(lookup),
            (Check::MailHost(name), Observation::Host(addresses)) => {
                self.hosts.insert(name.clone(), addresses);
            }
            _ => {}
        }
    }
}

/// The addresses of a mail host that senders in the world get: those of its own nameserver,
/// where the resolver here is behind.
pub fn addresses<'a>(seen: &'a Observations, host: &Name) -> Option<&'a Addresses> {
    let resolved = seen.mx.hosts.get(host)?;
    Some(local::outdated(seen, host).map_or(resolved, |known| &known.current))
}

/// Addresses of a mail host to which the Internet can connect, IPv4 first.
pub fn reachable_addresses(seen: &Observations, host: &Name) -> Vec<IpAddr> {
    let mut reachable: Vec<IpAddr> = addresses(seen, host)
        .map(Addresses::all)
        .unwrap_or_default()
        .into_iter()
        .filter(|address| not_public(*address).is_none())
        .collect();
    reachable.sort_by_key(IpAddr::is_ipv6);
    reachable
}

/// Hosts to look at: those that the domain's own servers name, and those that the resolver
/// still believes in.
pub fn hosts(seen: &Observations) -> Vec<Name> {
    let mut hosts = Vec::new();
    for set in [MxSet::authoritative(seen), MxSet::resolved(seen)]
        .into_iter()
        .flatten()
    {
        for pointer in set.pointers() {
            if pointer.is_host() && !hosts.contains(&pointer.target) {
                hosts.push(pointer.target.clone());
            }
        }
    }
    hosts
}

/// Why the Internet cannot reach an address, if it cannot (RFC 6890).
pub fn not_public(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, ..] = v4.octets();
            match () {
                () if v4.is_unspecified() => Some("the unspecified address"),
                () if v4.is_loopback() => Some("a loopback address"),
                () if v4.is_private() => Some("a private address (RFC 1918)"),
                () if v4.is_link_local() => Some("a link-local address"),
                () if a == 100 && (64..128).contains(&b) => {
                    Some("a carrier's shared address (RFC 6598)")
                }
                () if v4.is_documentation() => Some("an address for documentation (RFC 5737)"),
                () if a == 0 => Some("an address of network 0"),
                () if v4.is_multicast() => Some("a multicast address"),
                () if a >= 240 => Some("a reserved address"),
                () if a == 198 && (18..20).contains(&b) => {
                    Some("an address for benchmarks (RFC 2544)")
                }
                () => None,
            }
        }
        IpAddr::V6(v6) => {
            let [first, second, ..] = v6.segments();
            match () {
                () if v6.is_unspecified() => Some("the unspecified address"),
                () if v6.is_loopback() => Some("the loopback address"),
                () if first & 0xfe00 == 0xfc00 => Some("a unique local address (RFC 4193)"),
                () if first & 0xffc0 == 0xfe80 => Some("a link-local address"),
                () if v6.is_multicast() => Some("a multicast address"),
                () if first == 0x2001 && second == 0xdb8 => {
                    Some("an address for documentation (RFC 3849)")
                }
                () if v6.to_ipv4_mapped().is_some() => Some("an IPv4-mapped address"),
                () => None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::not_public;

    #[test]
    fn tells_public_addresses_from_the_others() {
        for public in [
            "8.8.8.8",
            "100.63.0.1",
            "100.128.0.1",
            "172.32.0.1",
            "2604:a880::1",
        ] {
            assert_eq!(not_public(public.parse().unwrap()), None, "{public}");
        }
        for other in [
            "0.0.0.0",
            "10.1.2.3",
            "127.0.0.1",
            "169.254.1.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "203.0.113.5",
            "240.0.0.1",
            "::",
            "::1",
            "fd00::1",
            "fe80::1",
            "2001:db8::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(not_public(other.parse().unwrap()).is_some(), "{other}");
        }
    }
}
