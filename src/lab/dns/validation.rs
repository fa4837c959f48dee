//! How the resolver validates: from the root's key down to the zone that answers (RFC 4035
//! section 5).

use super::{Question, Reply, Resolver};
use hickory_server::proto::dnssec::Verifier as _;
use hickory_server::proto::dnssec::rdata::{DNSKEY, DNSSECRData, DS, RRSIG};
use hickory_server::proto::rr::{DNSClass, Name, RData, Record, RecordType};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

/// What the resolver holds to be true of a zone.
#[derive(Clone, Debug)]
pub(super) enum Trust {
    /// The zone is signed, with these keys.
    Keys(Vec<DNSKEY>),
    /// The zone above has no DS record for it.
    Unsigned,
    Bogus(Bogus),
}

/// Why something does not validate: an extended error of RFC 8914.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bogus {
    pub(super) code: u16,
    pub(super) text: String,
}

impl Bogus {
    fn new(code: u16, text: String) -> Self {
        Self { code, text }
    }
}

/// What has been found of zones so far; it does not change while the world runs.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<HashMap<Name, Trust>>);

impl Resolver {
    /// Whether the reply of one zone is secure; an error where it should be and is not.
    pub(super) fn is_secure(&self, reply: &Reply) -> Result<bool, Bogus> {
        let Some(zone) = &reply.zone else {
            return Ok(false);
        };
        match self.trust(zone) {
            Trust::Unsigned => Ok(false),
            Trust::Bogus(why) => Err(why),
            Trust::Keys(keys) => {
                verify_sets(&reply.answers, &keys, self.now)?;
                // Of what is not there, the SOA record speaks.
                verify_sets(&reply.authorities, &keys, self.now)?;
                Ok(true)
            }
        }
    }

    fn trust(&self, zone: &Name) -> Trust {
        let held = |memory: &Memory| {
            let zones = memory.0.lock().unwrap_or_else(PoisonError::into_inner);
            zones.get(zone).cloned()
        };
        if let Some(known) = held(&self.memory) {
            return known;
        }
        let found = self.follow(zone).unwrap_or_else(Trust::Bogus);
        let mut zones = self.memory.0.lock().unwrap_or_else(PoisonError::into_inner);
        zones.insert(zone.clone(), found.clone());
        found
    }

    /// One step of the chain: the DS record above, the key below.
    fn follow(&self, zone: &Name) -> Result<Trust, Bogus> {
        let Some(anchor) = &self.anchor else {
            return Ok(Trust::Unsigned);
        };
        if zone.is_root() {
            return Ok(Trust::Keys(vec![anchor.clone()]));
        }
        let above = self.fetch(zone, RecordType::DS);
        let delegations: Vec<DS> = above
            .answers
            .iter()
            .filter_map(|record| match &record.data {
                RData::DNSSEC(DNSSECRData::DS(ds)) => Some(ds.clone()),
                _ => None,
            })
            .collect();
        if delegations.is_empty() || !self.is_secure(&above)? {
            return Ok(Trust::Unsigned);
        }
        let below = self.fetch(zone, RecordType::DNSKEY);
        let keys: Vec<DNSKEY> = below.answers.iter().filter_map(key).cloned().collect();
        let vouched: Vec<DNSKEY> = keys
            .iter()
            .filter(|key| {
                let covers = |ds: &DS| ds.covers(zone, key).unwrap_or(false);
                delegations.iter().any(covers)
            })
            .cloned()
            .collect();
        if vouched.is_empty() {
            let what = format!("no DNSKEY of {zone} matches the DS record");
            return Err(Bogus::new(9, what));
        }
        verify_sets(&below.answers, &vouched, self.now)?;
        Ok(Trust::Keys(keys))
    }

    fn fetch(&self, name: &Name, rtype: RecordType) -> Reply {
        self.unchecked(&Question {
            name,
            rtype,
            dnssec_ok: true,
            checking_disabled: true,
        })
    }
}

fn key(record: &Record) -> Option<&DNSKEY> {
    match &record.data {
        RData::DNSSEC(DNSSECRData::DNSKEY(key)) => Some(key),
        _ => None,
    }
}

fn signature(record: &Record) -> Option<&RRSIG> {
    match &record.data {
        RData::DNSSEC(DNSSECRData::RRSIG(signature)) => Some(signature),
        _ => None,
    }
}

/// Every set among the records has a good signature by one of the keys.
fn verify_sets(records: &[Record], keys: &[DNSKEY], now: u32) -> Result<(), Bogus> {
    let mut sets: BTreeMap<(&Name, RecordType), Vec<&Record>> = BTreeMap::new();
    for record in records.iter().filter(|one| signature(one).is_none()) {
        let set = sets
            .entry((&record.name, record.record_type()))
            .or_default();
        set.push(record);
    }
    for ((name, rtype), set) in sets {
        let signatures: Vec<&RRSIG> = records
            .iter()
            .filter(|record| record.name == *name)
            .filter_map(signature)
            .filter(|signature| signature.input().type_covered == rtype)
            .collect();
        if signatures.is_empty() {
            return Err(Bogus::new(10, format!("{name} {rtype} is not signed")));
        }
        let good = signatures
            .iter()
            .any(|signature| is_good(signature, name, &set, keys, now));
        if !good {
            let past = signatures
                .iter()
                .all(|signature| signature.input().sig_expiration.get() < now);
            return Err(if past {
                Bogus::new(7, format!("the signature of {name} {rtype} has expired"))
            } else {
                Bogus::new(6, format!("no signature of {name} {rtype} is good"))
            });
        }
    }
    Ok(())
}

fn is_good(signature: &RRSIG, name: &Name, set: &[&Record], keys: &[DNSKEY], now: u32) -> bool {
    let input = signature.input();
    let in_time = input.sig_inception.get() <= now && now <= input.sig_expiration.get();
    in_time
        && keys.iter().any(|key| {
            let records = set.iter().copied();
            key.calculate_key_tag()
                .is_ok_and(|tag| tag == input.key_tag)
                && key
                    .verify_rrsig(name, DNSClass::IN, signature, records)
                    .is_ok()
        })
}
