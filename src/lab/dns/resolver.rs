//! The resolver that the user's machine is configured with.

use super::validation::Memory;
use super::{Nameserver, Question, Reply};
use crate::lab::setting::ResolverAnswers;
use crate::net::Clock;
use hickory_server::proto::dnssec::rdata::DNSKEY;
use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::{Name, RData, Record, RecordType};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// Questions that one question may lead to, so that no loop of names or zones runs on.
const MAX_STEPS: usize = 128;
/// CNAMEs followed from one name.
const MAX_CHAIN: usize = 8;

/// Follows referrals as any recursive resolver does, only that it reaches the nameservers of
/// its world without a packet, and validates what comes back.
#[derive(Debug)]
pub(crate) struct Resolver {
    pub nameservers: HashMap<IpAddr, Arc<Nameserver>>,
    pub roots: Vec<IpAddr>,
    /// The root's key, which everything signed goes back to.
    pub anchor: Option<DNSKEY>,
    /// What has been found of the zones' keys.
    pub memory: Memory,
    /// When the world started, in seconds since 1970: the time that signatures are held against.
    pub now: u32,
    /// Records that it still holds; their TTL runs from the start of the clock.
    pub stale: Vec<Record>,
    pub answers: ResolverAnswers,
    pub clock: Clock,
    /// When the world started, by that clock.
    pub started: Duration,
}

impl Resolver {
    pub(crate) fn answer(&self, question: &Question<'_>) -> Reply {
        let mut reply = match self.answers {
            ResolverAnswers::Servfail => Reply::empty(ResponseCode::ServFail),
            ResolverAnswers::Refused => Reply::empty(ResponseCode::Refused),
            ResolverAnswers::Nxdomain => Reply::empty(ResponseCode::NXDomain),
            ResolverAnswers::Normal => {
                let mut steps = MAX_STEPS;
                self.chase(question, &mut steps)
            }
        };
        reply.authoritative = false;
        reply.recursion_available = true;
        if !question.dnssec_ok {
            let asked = |record: &Record| {
                let rtype = record.record_type();
                rtype == question.rtype || rtype != RecordType::RRSIG
            };
            reply.answers.retain(asked);
            reply.authorities.retain(asked);
        }
        reply
    }

    /// The answer as it comes, without validation.
    pub(super) fn unchecked(&self, question: &Question<'_>) -> Reply {
        let mut steps = MAX_STEPS;
        let unchecked = Question {
            checking_disabled: true,
            ..*question
        };
        self.chase(&unchecked, &mut steps)
    }

    /// The answer with every CNAME followed to where it ends.
    fn chase(&self, question: &Question<'_>, steps: &mut usize) -> Reply {
        let mut answers = Vec::new();
        let mut owner = question.name.clone();
        let mut authentic = !question.checking_disabled;
        for _ in 0..MAX_CHAIN {
            let asked = Question {
                name: &owner,
                dnssec_ok: true,
                ..*question
            };
            let mut reply = self.one(&asked, steps);
            if !question.checking_disabled {
                match self.is_secure(&reply) {
                    Ok(secure) => authentic &= secure,
                    Err(why) => {
                        return Reply {
                            extended_error: Some((why.code, why.text)),
                            ..Reply::empty(ResponseCode::ServFail)
                        };
                    }
                }
            }
            let next = end_of_chain(&reply.answers, &owner, question.rtype);
            answers.append(&mut reply.answers);
            match next {
                Some(target) => owner = target,
                None => {
                    return Reply {
                        answers,
                        authentic,
                        additionals: Vec::new(),
                        ..reply
                    };
                }
            }
        }
        Reply::empty(ResponseCode::ServFail)
    }

    fn one(&self, question: &Question<'_>, steps: &mut usize) -> Reply {
        let name = question.name;
        let held = self.held(name, question.rtype);
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
                let Some(reply) = nameserver.answer(question) else {
                    continue;
                };
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
    fn addresses(&self, referral: &Reply, cut: &Name, steps: usize) -> Vec<IpAddr> {
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
                for rtype in [RecordType::A, RecordType::AAAA] {
                    let question = Question {
                        name: &target.0,
                        rtype,
                        dnssec_ok: false,
                        checking_disabled: true,
                    };
                    let found = self.chase(&question, &mut share);
                    addresses.extend(found.answers.iter().filter_map(address));
                }
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
    let is_signature = |record: &&Record| record.record_type() == RecordType::RRSIG;
    let last = answers.iter().rev().find(|one| !is_signature(one))?;
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

fn addresses_in(records: &[Record], name: &Name) -> Vec<IpAddr> {
    records
        .iter()
        .filter(|record| record.name == *name)
        .filter_map(address)
        .collect()
}

fn address(record: &Record) -> Option<IpAddr> {
    match &record.data {
        RData::A(address) => Some(address.0.into()),
        RData::AAAA(address) => Some(address.0.into()),
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
        let root = IpAddr::from([198, 41, 0, 4]);
        let both = vec![zone("rain.org.", RAIN), zone("sun.net.", SUN)];
        Resolver {
            nameservers: HashMap::from([
                (root, server(vec![zone(".", ROOT)])),
                ([88, 1, 1, 1].into(), server(both)),
            ]),
            roots: vec![root],
            anchor: None,
            memory: Memory::default(),
            now: 0,
            stale: zone(".", stale).into_records(),
            answers: ResolverAnswers::Normal,
            clock: Clock::start(1),
            started: Duration::ZERO,
        }
    }

    fn ask(resolver: &Resolver, name: &str, rtype: RecordType) -> Reply {
        resolver.answer(&Question {
            name: &Name::from_ascii(name).unwrap(),
            rtype,
            dnssec_ok: false,
            checking_disabled: false,
        })
    }

    #[tokio::test]
    async fn follows_referrals_and_aliases_across_zones() {
        let resolver = resolver("");
        let mx = ask(&resolver, "rain.org.", RecordType::MX);
        assert!(mx.recursion_available && !mx.authoritative && mx.answers.len() == 1);
        let alias = ask(&resolver, "alias.rain.org.", RecordType::A);
        assert_eq!(alias.answers.len(), 2);
        assert_eq!(address(&alias.answers[1]), Some([88, 1, 1, 9].into()));
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
