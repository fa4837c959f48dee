//! A zone and what it says to a question.

use super::{Question, Reply};
use hickory_server::proto::dnssec::rdata::DNSSECRData;
use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::{Name, RData, Record, RecordType};
use hickory_server::proto::serialize::txt::Parser;
use std::collections::BTreeMap;
use std::fmt::Display;

/// CNAMEs followed within a zone.
const MAX_CHAIN: usize = 8;

/// The records of one zone. Zones here are small, so look-ups go through all of them.
#[derive(Clone, Debug)]
pub(crate) struct Zone {
    pub apex: Name,
    records: Vec<Record>,
}

/// A zone text that is no zone.
#[derive(Debug, thiserror::Error)]
#[error("the zone `{apex}` cannot be read: {why}")]
pub struct ZoneError {
    apex: String,
    why: String,
}

impl ZoneError {
    pub(super) fn signing(apex: &str, why: &dyn Display) -> Self {
        Self {
            apex: apex.to_owned(),
            why: format!("signing it: {why}"),
        }
    }
}

impl Zone {
    /// Reads the records of a zone file (RFC 1035 section 5). `apex` is the origin of names
    /// without a final dot.
    pub(crate) fn parse(apex: &str, text: &str) -> Result<Self, ZoneError> {
        let error = |why: String| ZoneError {
            apex: apex.to_owned(),
            why,
        };
        let mut origin = Name::from_ascii(apex).map_err(|e| error(e.to_string()))?;
        origin.set_fqdn(true);
        let (_, sets) = Parser::new(text, None, Some(origin.clone()))
            .parse()
            .map_err(|e| error(e.to_string()))?;
        let records = sets
            .values()
            .flat_map(|set| set.records_without_rrsigs().cloned())
            .collect();
        Ok(Self {
            apex: origin,
            records,
        })
    }

    /// All records, for a list that is no zone.
    pub(crate) fn into_records(self) -> Vec<Record> {
        self.records
    }

    /// Adds a record that no zone file has: a key, a signature, a DS record.
    pub(crate) fn push(&mut self, record: Record) {
        self.records.push(record);
    }

    /// The sets that the zone speaks of with authority, which are those that get a signature:
    /// neither delegations nor glue (RFC 4035 section 2.2).
    pub(crate) fn own_sets(&self) -> Vec<Vec<Record>> {
        let mut sets: BTreeMap<(Name, u16), Vec<Record>> = BTreeMap::new();
        for record in &self.records {
            let is_own = match record.record_type() {
                RecordType::DS => true,
                RecordType::RRSIG => false,
                _ => self.cut(&record.name).is_none(),
            };
            if is_own {
                let key = (record.name.clone(), record.record_type().into());
                sets.entry(key).or_default().push(record.clone());
            }
        }
        sets.into_values().collect()
    }

    /// The algorithm of RFC 1034 section 4.3.2, step 3, with the wildcards of RFC 4592.
    pub(crate) fn look_up(&self, question: &Question<'_>) -> Reply {
        let mut reply = self.found(question);
        reply.zone = Some(self.apex.clone());
        reply
    }

    fn found(&self, question: &Question<'_>) -> Reply {
        let Question { name, rtype, .. } = *question;
        let with_signatures = question.dnssec_ok;
        if let Some(referral) = self.referral(question) {
            return referral;
        }
        let mut reply = Reply::empty(ResponseCode::NoError);
        reply.authoritative = true;
        let mut owner = name.clone();
        for _ in 0..MAX_CHAIN {
            let found = self.answering(&owner, rtype, with_signatures);
            if !found.is_empty() {
                reply.additionals = self.addresses_of_targets(&found);
                reply.answers.extend(found);
                return reply;
            }
            let aliases = self.answering(&owner, RecordType::CNAME, with_signatures);
            let Some(target) = aliases.iter().find_map(|record| match &record.data {
                RData::CNAME(target) => Some(target.0.clone()),
                _ => None,
            }) else {
                break;
            };
            owner = target;
            reply.answers.extend(aliases);
            if !self.apex.zone_of(&owner) || self.cut(&owner).is_some() {
                return reply;
            }
        }
        if !self.exists(&self.source(&owner)) {
            reply.code = ResponseCode::NXDomain;
        }
        reply.authorities = self.set(&self.apex, RecordType::SOA);
        if with_signatures {
            let signatures = self.signatures(&self.apex, RecordType::SOA);
            reply.authorities.extend(signatures);
        }
        reply
    }

    /// The set that answers for a name: its own, or one made of a wildcard.
    fn answering(&self, owner: &Name, rtype: RecordType, with_signatures: bool) -> Vec<Record> {
        let source = self.source(owner);
        let mut set = self.set(&source, rtype);
        if with_signatures && !set.is_empty() {
            set.extend(self.signatures(&source, rtype));
        }
        if source != *owner {
            for record in &mut set {
                record.name = owner.clone();
            }
        }
        set
    }

    /// The name whose records answer for `owner`: itself, or the wildcard at the closest name
    /// that exists above it.
    fn source(&self, owner: &Name) -> Name {
        let mut below = owner.clone();
        while !self.exists(&below) && below.num_labels() > self.apex.num_labels() {
            let above = below.base_name();
            if self.exists(&above) {
                let wildcard = below.into_wildcard();
                if self.exists(&wildcard) {
                    return wildcard;
                }
                break;
            }
            below = above;
        }
        owner.clone()
    }

    /// The delegation of the zone below that holds `name`, with glue.
    fn referral(&self, question: &Question<'_>) -> Option<Reply> {
        let cut = self.cut(question.name)?;
        // The parent answers for DS itself (RFC 4035 section 3.1.4.1).
        if question.rtype == RecordType::DS && cut == *question.name {
            return None;
        }
        let mut reply = Reply::empty(ResponseCode::NoError);
        reply.authorities = self.set(&cut, RecordType::NS);
        reply.additionals = self.addresses_of_targets(&reply.authorities);
        if question.dnssec_ok {
            reply.authorities.extend(self.set(&cut, RecordType::DS));
            let signatures = self.signatures(&cut, RecordType::DS);
            reply.authorities.extend(signatures);
        }
        Some(reply)
    }

    /// The delegated name that `name` is, or lies under.
    fn cut(&self, name: &Name) -> Option<Name> {
        let mut cut = name.clone();
        let mut found = None;
        while cut.num_labels() > self.apex.num_labels() {
            if !self.set(&cut, RecordType::NS).is_empty() {
                found = Some(cut.clone());
            }
            cut = cut.base_name();
        }
        found
    }

    fn set(&self, name: &Name, rtype: RecordType) -> Vec<Record> {
        self.records
            .iter()
            .filter(|record| record.record_type() == rtype && record.name == *name)
            .cloned()
            .collect()
    }

    fn signatures(&self, name: &Name, rtype: RecordType) -> Vec<Record> {
        let covers = |record: &Record| match &record.data {
            RData::DNSSEC(DNSSECRData::RRSIG(signature)) => signature.input().type_covered == rtype,
            _ => false,
        };
        let mut signatures = self.set(name, RecordType::RRSIG);
        signatures.retain(covers);
        signatures
    }

    /// Whether the name has records, or lies above one that has (RFC 8020).
    fn exists(&self, name: &Name) -> bool {
        self.records.iter().any(|record| name.zone_of(&record.name))
    }

    fn addresses_of_targets(&self, records: &[Record]) -> Vec<Record> {
        let targets = records.iter().filter_map(|record| match &record.data {
            RData::NS(target) => Some(&target.0),
            RData::MX(mx) => Some(&mx.exchange),
            RData::SRV(srv) => Some(&srv.target),
            _ => None,
        });
        targets
            .flat_map(|target| {
                let mut addresses = self.set(target, RecordType::A);
                addresses.extend(self.set(target, RecordType::AAAA));
                addresses
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> Zone {
        Zone::parse(
            "rain.org.",
            "@ 3600 IN SOA ns1 hostmaster 1 7200 3600 1209600 300\n\
             @ 3600 IN NS ns1\n\
             @ 3600 IN MX 10 mx\n\
             ns1 3600 IN A 88.1.1.1\n\
             mx 3600 IN A 88.1.1.2\n\
             www 3600 IN CNAME web.deep\n\
             web.deep 3600 IN A 88.1.1.3\n\
             away 3600 IN CNAME host.example.\n\
             *.wild 3600 IN MX 10 mx\n\
             known.wild 3600 IN A 88.1.1.5\n\
             sub 3600 IN NS ns1.sub\n\
             ns1.sub 3600 IN A 88.1.1.4\n",
        )
        .unwrap()
    }

    fn look_up(name: &str, rtype: RecordType) -> Reply {
        zone().look_up(&Question {
            name: &Name::from_ascii(name).unwrap(),
            rtype,
            dnssec_ok: false,
            checking_disabled: false,
        })
    }

    #[test]
    fn answers_as_rfc_1034_says() {
        let mx = look_up("rain.org.", RecordType::MX);
        assert!(mx.authoritative && mx.answers.len() == 1 && mx.additionals.len() == 1);
        let www = look_up("WWW.rain.org.", RecordType::A);
        assert_eq!(www.answers.len(), 2);
        let away = look_up("away.rain.org.", RecordType::A);
        assert_eq!((away.answers.len(), away.code), (1, ResponseCode::NoError));
        let empty = look_up("deep.rain.org.", RecordType::A);
        assert_eq!(
            (empty.answers.len(), empty.code),
            (0, ResponseCode::NoError)
        );
        let none = look_up("nothing.rain.org.", RecordType::A);
        assert_eq!(none.code, ResponseCode::NXDomain);
        assert_eq!(none.authorities[0].record_type(), RecordType::SOA);
    }

    #[test]
    fn a_wildcard_stands_for_what_is_not_there() {
        let made = look_up("any.thing.wild.rain.org.", RecordType::MX);
        let owner = Name::from_ascii("any.thing.wild.rain.org.").unwrap();
        assert_eq!(made.answers[0].name, owner);
        let nodata = look_up("any.wild.rain.org.", RecordType::A);
        let is_empty = nodata.answers.is_empty();
        assert_eq!((is_empty, nodata.code), (true, ResponseCode::NoError));
        // A name that is there is not made of the wildcard, nor is anything below it.
        for name in ["known.wild.rain.org.", "below.known.wild.rain.org."] {
            assert!(look_up(name, RecordType::MX).answers.is_empty(), "{name}");
        }
    }

    #[test]
    fn refers_to_the_zone_below_with_glue() {
        let referral = look_up("a.sub.rain.org.", RecordType::A);
        assert!(!referral.authoritative && referral.answers.is_empty());
        assert_eq!(referral.authorities[0].record_type(), RecordType::NS);
        assert_eq!(referral.additionals.len(), 1);
    }
}
