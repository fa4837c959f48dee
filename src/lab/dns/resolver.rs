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
                servers = self.addresses(&reply, steps);
                zone = cut;
                continue 'down;
            }
            return Reply::empty(ResponseCode::ServFail);
        }
    }

    /// Addresses of the nameservers in a referral: by glue, else by asking.
    fn addresses(&self, referral: &Reply, steps: &mut usize) -> Vec<Ipv4Addr> {
        let mut addresses = Vec::new();
        for record in &referral.authorities {
            let RData::NS(target) = &record.data else {
                continue;
            };
            let glue = addresses_in(&referral.additionals, &target.0);
            if glue.is_empty() && *steps > 0 {
                let found = self.chase(&target.0, RecordType::A, steps);
                addresses.extend(found.answers.iter().filter_map(address));
            } else {
                addresses.extend(glue);
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
