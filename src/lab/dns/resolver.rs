//! The resolver that the user's machine is configured with.

use super::{Nameserver, Reply};
use crate::net::Clock;
use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::{Name, RData, Record, RecordType};
use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

/// Questions that one question may lead to, so that no loop of names or zones runs on.
const MAX_STEPS: usize = 128;
/// CNAMEs followed from one name.
const MAX_CHAIN: usize = 8;

/// Follows referrals as any recursive resolver does, only that it reaches the nameservers of
/// its world without a packet.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    pub nameservers: HashMap<Ipv4Addr, Arc<Nameserver>>,
    pub roots: Vec<Ipv4Addr>,
    /// Records that it still holds; their TTL runs from the start of the clock.
    pub stale: Vec<Record>,
    /// Answers SERVFAIL to everything.
    pub fails: bool,
    pub clock: Clock,
    /// When the world started, by that clock.
    pub started: Duration,
}

impl Resolver {
    pub(crate) fn answer(&self, name: &Name, rtype: RecordType) -> Reply {
        let mut steps = MAX_STEPS;
        let mut reply = if self.fails {
            Reply::empty(ResponseCode::ServFail)
        } else {
            self.chase(name, rtype, &mut steps)
        };
        reply.authoritative = false;
        reply.recursion_available = true;
        reply
    }

    /// The answer with every CNAME followed to where it ends.
    fn chase(&self, name: &Name, rtype: RecordType, steps: &mut usize) -> Reply {
        let mut answers = Vec::new();
        let mut owner = name.clone();
        for _ in 0..MAX_CHAIN {
            let mut reply = self.one(&owner, rtype, steps);
            let next = end_of_chain(&reply.answers, &owner, rtype);
            answers.append(&mut reply.answers);
            match next {
                Some(target) => owner = target,
                None => {
                    return Reply {
                        answers,
                        additionals: Vec::new(),
                        ..reply
                    };
                }
            }
        }
        Reply::empty(ResponseCode::ServFail)
    }

    fn one(&self, name: &Name, rtype: RecordType, steps: &mut usize) -> Reply {
        let held = self.held(name, rtype);
        if !held.is_empty() {
            return Reply {
                answers: held,
                ..Reply::empty(ResponseCode::NoError)
            };
        }
        let mut servers = self.roots.clone();
        let mut zone = Name::root();
        'down: loop {
            for server in servers {
                let Some(left) = steps.checked_sub(1) else {
                    return Reply::empty(ResponseCode::ServFail);
                };
                *steps = left;
                let Some(nameserver) = self.nameservers.get(&server) else {
                    continue;
                };
                if !nameserver.is_heard() {
                    continue;
                }
                let reply = nameserver.answer(name, rtype);
                let conclusive =
                    matches!(reply.code, ResponseCode::NoError | ResponseCode::NXDomain);
                if reply.authoritative && conclusive {
                    return reply;
                }
                let Some(cut) = cut_below(&reply, &zone, name) else {
                    continue;
                };
                servers = self.addresses(&reply, &cut, *steps);
                zone = cut;
                continue 'down;
            }
            return Reply::empty(ResponseCode::ServFail);
        }
    }

    /// Addresses of the nameservers in a referral to `cut`: by glue, else by asking.
    fn addresses(&self, referral: &Reply, cut: &Name, steps: usize) -> Vec<Ipv4Addr> {
        let mut addresses = Vec::new();
        for record in &referral.authorities {
            let RData::NS(target) = &record.data else {
                continue;
            };
            let glue = addresses_in(&referral.additionals, &target.0);
            let has_glue = !glue.is_empty();
            addresses.extend(glue);
            // A name inside the zone that it serves cannot be found without glue.
            if !has_glue && !cut.zone_of(&target.0) {
                // It gets a share only, so that names which lead nowhere do not use up all.
                let mut share = steps / 4;
                let found = self.chase(&target.0, RecordType::A, &mut share);
                addresses.extend(found.answers.iter().filter_map(address));
            }
        }
        addresses
    }

    /// What it still believes, with what is left of the TTL.
    fn held(&self, name: &Name, rtype: RecordType) -> Vec<Record> {
        let passed = self.clock.elapsed().saturating_sub(self.started).as_secs();
        self.stale
            .iter()
            .filter(|record| record.name == *name && record.record_type() == rtype)
            .filter_map(|record| {
                let mut record = record.clone();
                record.ttl = record.ttl.checked_sub(u32::try_from(passed).ok()?)?;
                (record.ttl > 0).then_some(record)
            })
            .collect()
    }
}

/// Where the CNAMEs of an answer lead out of it, if the answer stops at one.
fn end_of_chain(answers: &[Record], owner: &Name, rtype: RecordType) -> Option<Name> {
    if rtype == RecordType::CNAME {
        return None;
    }
    let last = answers.last()?;
    match &last.data {
        RData::CNAME(target) if target.0 != *owner => Some(target.0.clone()),
        _ => None,
    }
}

/// The zone that a referral leads to, if it leads down and towards `name`.
fn cut_below(reply: &Reply, zone: &Name, name: &Name) -> Option<Name> {
    reply
        .authorities
        .iter()
        .filter(|record| record.record_type() == RecordType::NS)
        .map(|record| &record.name)
        .find(|cut| zone.zone_of(cut) && *cut != zone && cut.zone_of(name))
        .cloned()
}

fn addresses_in(records: &[Record], name: &Name) -> Vec<Ipv4Addr> {
    records
        .iter()
        .filter(|record| record.name == *name)
        .filter_map(address)
        .collect()
}

fn address(record: &Record) -> Option<Ipv4Addr> {
    match &record.data {
        RData::A(address) => Some(address.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::dns::Zone;

    const ROOT: &str = "\
        . 3600 IN SOA a. h. 1 2 3 4 5\n\
        rain.org. 3600 IN NS ns1.rain.org.\n\
        rain.org. 3600 IN NS ns2.rain.org.\n\
        ns1.rain.org. 3600 IN A 88.1.1.1\n\
        sun.net. 3600 IN NS ns1.rain.org.\n\
        left.org. 3600 IN NS ns.right.org.\n\
        right.org. 3600 IN NS ns.left.org.\n";
    const RAIN: &str = "\
        rain.org. 3600 IN SOA a. h. 1 2 3 4 5\n\
        rain.org. 3600 IN MX 10 mx.rain.org.\n\
        ns1.rain.org. 3600 IN A 88.1.1.1\n\
        alias.rain.org. 3600 IN CNAME www.sun.net.\n\
        loop.rain.org. 3600 IN CNAME loop.rain.org.\n";
    const SUN: &str = "\
        sun.net. 3600 IN SOA a. h. 1 2 3 4 5\n\
        www.sun.net. 3600 IN A 88.1.1.9\n";

    fn resolver(stale: &str) -> Resolver {
        let zone = |apex, text| Zone::parse(apex, text).unwrap();
        let server = |zones| {
            Arc::new(Nameserver {
                zones,
                ..Nameserver::default()
            })
        };
        let root = Ipv4Addr::new(198, 41, 0, 4);
        let both = vec![zone("rain.org.", RAIN), zone("sun.net.", SUN)];
        Resolver {
            nameservers: HashMap::from([
                (root, server(vec![zone(".", ROOT)])),
                (Ipv4Addr::new(88, 1, 1, 1), server(both)),
            ]),
            roots: vec![root],
            stale: zone(".", stale).into_records(),
            fails: false,
            clock: Clock::start(1),
            started: Duration::ZERO,
        }
    }

    fn ask(resolver: &Resolver, name: &str, rtype: RecordType) -> Reply {
        resolver.answer(&Name::from_ascii(name).unwrap(), rtype)
    }

    #[tokio::test]
    async fn follows_referrals_and_aliases_across_zones() {
        let resolver = resolver("");
        let mx = ask(&resolver, "rain.org.", RecordType::MX);
        assert!(mx.recursion_available && !mx.authoritative && mx.answers.len() == 1);
        let alias = ask(&resolver, "alias.rain.org.", RecordType::A);
        assert_eq!(alias.answers.len(), 2);
        assert_eq!(address(&alias.answers[1]), Some(Ipv4Addr::new(88, 1, 1, 9)));
        let none = ask(&resolver, "nothing.sun.net.", RecordType::A);
        assert_eq!(none.code, ResponseCode::NXDomain);
    }

    #[tokio::test]
    async fn ends_where_names_lead_in_circles() {
        let resolver = resolver("");
        let code = |name| ask(&resolver, name, RecordType::A).code;
        assert_eq!(code("www.left.org."), ResponseCode::ServFail);
        // ns2.rain.org has no address anywhere; ns1 answers for both.
        assert_eq!(code("rain.org."), ResponseCode::NoError);
        let circle = ask(&resolver, "loop.rain.org.", RecordType::A);
        assert!(circle.answers.len() <= MAX_CHAIN);
    }

    #[tokio::test(start_paused = true)]
    async fn believes_what_it_holds_until_the_ttl_is_over() {
        let resolver = resolver("rain.org. 100 IN MX 10 old.rain.org.\n");
        let ttl = || ask(&resolver, "rain.org.", RecordType::MX).answers[0].ttl;
        assert_eq!(ttl(), 100);
        tokio::time::advance(Duration::from_secs(40)).await;
        assert_eq!(ttl(), 60);
        tokio::time::advance(Duration::from_mins(1)).await;
        assert_eq!(ttl(), 3600);
    }
}
