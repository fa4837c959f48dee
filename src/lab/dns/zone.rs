//! A zone and what it says to a question.

use super::Reply;
use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::{Name, RData, Record, RecordType};
use hickory_server::proto::serialize::txt::Parser;

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

    /// The algorithm of RFC 1034 section 4.3.2, step 3, without wildcards.
    pub(crate) fn look_up(&self, name: &Name, rtype: RecordType) -> Reply {
        if let Some(referral) = self.referral(name, rtype) {
            return referral;
        }
        let mut reply = Reply::empty(ResponseCode::NoError);
        reply.authoritative = true;
        let mut owner = name.clone();
        for _ in 0..MAX_CHAIN {
            let found = self.set(&owner, rtype);
            if !found.is_empty() {
                reply.additionals = self.addresses_of_targets(&found);
                reply.answers.extend(found);
                return reply;
            }
            let Some(alias) = self.set(&owner, RecordType::CNAME).pop() else {
                break;
            };
            if let RData::CNAME(target) = &alias.data {
                owner = target.0.clone();
            }
            reply.answers.push(alias);
            if !self.apex.zone_of(&owner) || self.referral(&owner, rtype).is_some() {
                return reply;
            }
        }
        if !self.exists(&owner) {
            reply.code = ResponseCode::NXDomain;
        }
        reply.authorities = self.set(&self.apex, RecordType::SOA);
        reply
    }

    /// The delegation of the zone below that holds `name`, with glue.
    fn referral(&self, name: &Name, rtype: RecordType) -> Option<Reply> {
        let mut cut = name.clone();
        let mut found = None;
        while cut.num_labels() > self.apex.num_labels() {
            let ns = self.set(&cut, RecordType::NS);
            // The parent answers for DS itself (RFC 4035 section 3.1.4.1).
            let answers_itself = rtype == RecordType::DS && cut == *name;
            if !ns.is_empty() && !answers_itself {
                found = Some(ns);
            }
            cut = cut.base_name();
        }
        let mut reply = Reply::empty(ResponseCode::NoError);
        reply.authorities = found?;
        reply.additionals = self.addresses_of_targets(&reply.authorities);
        Some(reply)
    }

    fn set(&self, name: &Name, rtype: RecordType) -> Vec<Record> {
        self.records
            .iter()
            .filter(|record| record.record_type() == rtype && record.name == *name)
            .cloned()
            .collect()
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
            .flat_map(|target| self.set(target, RecordType::A))
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
             sub 3600 IN NS ns1.sub\n\
             ns1.sub 3600 IN A 88.1.1.4\n",
        )
        .unwrap()
    }

    fn look_up(name: &str, rtype: RecordType) -> Reply {
        zone().look_up(&Name::from_ascii(name).unwrap(), rtype)
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
    fn refers_to_the_zone_below_with_glue() {
        let referral = look_up("a.sub.rain.org.", RecordType::A);
        assert!(!referral.authoritative && referral.answers.is_empty());
        assert_eq!(referral.authorities[0].record_type(), RecordType::NS);
        assert_eq!(referral.additionals.len(), 1);
    }
}
