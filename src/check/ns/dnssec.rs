//! Whether the zone's signatures hold: from the DS record in the parent to the keys, and from the
//! keys to what mail needs (RFC 4035 section 5). Done here anew, so that it is known also where
//! the resolver does not validate, and so that what is broken can be named.

use super::Seen;
use crate::check::Context;
use crate::check::request::shown;
use crate::net::dns::{Answer, Ask, Dns, Name, Outcome, RData, Record, RecordType};
use futures_util::future::join_all;
use hickory_resolver::proto::dnssec::rdata::{DNSKEY, DNSSECRData, DS, RRSIG};
use hickory_resolver::proto::dnssec::{DigestType, Verifier as _};
use hickory_resolver::proto::rr::DNSClass;
use jiff::Timestamp;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Nameservers whose signatures are looked at.
const MOST_SERVERS: usize = 4;

/// What the parent vouches for, and what the nameservers sign.
#[derive(Clone, Debug)]
pub struct Signatures {
    /// The DS records, as a server of the parent zone gives them.
    pub ds: Arc<Outcome>,
    pub servers: Vec<Signed>,
    /// The time by which signatures are judged.
    pub seen_at: Timestamp,
}

/// What one nameserver gave with its signatures.
#[derive(Clone, Debug)]
pub struct Signed {
    pub address: IpAddr,
    pub keys: Arc<Outcome>,
    /// SOA and MX, and whatever proves that there is no MX.
    pub data: [Arc<Outcome>; 2],
}

/// What is wrong, and what mends it.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    pub(super) what: String,
    pub(super) fix: String,
    /// Of the servers that were looked at, all are affected.
    pub(super) everywhere: bool,
    pub(super) evidence: Vec<Arc<Outcome>>,
}

pub(super) async fn ask(context: &Context, seen: &Seen) -> Option<Signatures> {
    let delegation = seen.delegation.as_ref()?.parent.as_ref().ok()?;
    let zone = &delegation.zone;
    let parent = delegation.path.last()?.server?;
    let dns = &context.dns;
    let signed = |server, name: &Name, rtype| {
        dns.ask(server, Ask::direct(name.clone(), rtype).with_dnssec())
    };
    let ds = signed(parent, zone, RecordType::DS).await;
    // Most zones are not signed, and then nothing more is to be asked.
    let servers = if ds_records(&ds).is_empty() {
        Vec::new()
    } else {
        let addresses: Vec<IpAddr> = seen.good().map(|((_, address), _)| *address).collect();
        let asked = addresses.into_iter().take(MOST_SERVERS);
        join_all(asked.map(|address| of_server(dns, address, zone, &context.request.domain))).await
    };
    Some(Signatures {
        ds,
        servers,
        seen_at: Timestamp::now(),
    })
}

async fn of_server(dns: &Dns, address: IpAddr, zone: &Name, domain: &Name) -> Signed {
    let server = SocketAddr::new(address, 53);
    let ask = |name: &Name, rtype| dns.ask(server, Ask::direct(name.clone(), rtype).with_dnssec());
    let (keys, soa, mx) = tokio::join!(
        ask(zone, RecordType::DNSKEY),
        ask(zone, RecordType::SOA),
        ask(domain, RecordType::MX)
    );
    Signed {
        address,
        keys,
        data: [soa, mx],
    }
}

fn ds_records(outcome: &Outcome) -> Vec<DS> {
    let records = outcome
        .answer()
        .into_iter()
        .flat_map(|it| &it.message.answers);
    records
        .filter_map(|record| match &record.data {
            RData::DNSSEC(DNSSECRData::DS(ds)) => Some(ds.clone()),
            _ => None,
        })
        .collect()
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

/// How a signature, or a chain of them, comes short.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fault {
    NotSigned,
    /// None of the keys is the one that the parent vouches for.
    OtherKey(Vec<u16>),
    NoSignature(String),
    Ended(String, i64),
    NotYet(String, i64),
    Wrong(String),
}

impl Signatures {
    /// Whether the parent vouches for a key at all; none without an answer.
    pub(super) fn is_signed(&self) -> Option<bool> {
        let answered = self.ds.answer().is_some_and(Answer::is_conclusive);
        answered.then(|| !self.vouched().is_empty())
    }

    /// The DS records that can be followed: the others count as if they were not there (RFC
    /// 4035 section 5.2).
    fn vouched(&self) -> Vec<DS> {
        let mut records = ds_records(&self.ds);
        records.retain(|ds| ds.digest_type().is_supported() && ds.algorithm().is_supported());
        records
    }

    pub(super) fn broken(&self, zone: &Name) -> Option<Broken> {
        let vouched = self.vouched();
        if vouched.is_empty() {
            return None;
        }
        let seen_at = self.seen_at.as_second();
        let judged: Vec<(&Signed, Fault)> = self
            .servers
            .iter()
            .filter_map(|signed| Some((signed, signed.fault(zone, &vouched, seen_at)?)))
            .collect();
        let (first, fault) = judged.first()?;
        let everywhere = judged.len() == self.servers.len();
        let place = if everywhere {
            String::new()
        } else {
            let at: Vec<String> = judged
                .iter()
                .map(|(it, _)| it.address.to_string())
                .collect();
            format!(", at {}", at.join(", "))
        };
        let (what, fix) = fault.words(zone, &vouched, first);
        let mut evidence = vec![Arc::clone(&self.ds), Arc::clone(&first.keys)];
        if !matches!(fault, Fault::NotSigned | Fault::OtherKey(_)) {
            evidence.extend(first.data.iter().map(Arc::clone));
        }
        Some(Broken {
            what: format!("{what}{place}"),
            fix,
            everywhere,
            evidence,
        })
    }
}

impl Signed {
    fn keys(&self) -> Vec<&DNSKEY> {
        let answer = self.keys.answer();
        let records = answer.into_iter().flat_map(|it| &it.message.answers);
        records.filter_map(key).collect()
    }

    fn fault(&self, zone: &Name, vouched: &[DS], now: i64) -> Option<Fault> {
        let answer = self.keys.answer().filter(|answer| answer.is_conclusive())?;
        let keys = self.keys();
        if keys.is_empty() {
            return Some(Fault::NotSigned);
        }
        let trusted: Vec<&DNSKEY> = keys
            .iter()
            .copied()
            .filter(|key| {
                vouched
                    .iter()
                    .any(|ds| ds.covers(zone, key).unwrap_or(false))
            })
            .collect();
        if trusted.is_empty() {
            let tags = keys.iter().filter(|key| key.secure_entry_point());
            return Some(Fault::OtherKey(
                tags.filter_map(|key| key.calculate_key_tag().ok())
                    .collect(),
            ));
        }
        let of_keys = [(zone, RecordType::DNSKEY)];
        verified(&answer.message.answers, &of_keys, &trusted, now).or_else(|| {
            self.data
                .iter()
                .filter_map(|outcome| outcome.answer())
                .find_map(|answer| {
                    let sets: Vec<(&Name, RecordType)> = answer
                        .message
                        .answers
                        .iter()
                        .filter(|record| signature(record).is_none() && zone.zone_of(&record.name))
                        .map(|record| (&record.name, record.record_type()))
                        .collect();
                    verified(&answer.message.answers, &sets, &keys, now)
                })
        })
    }
}

/// The first of these sets that has no good signature by one of the keys.
fn verified(
    records: &[Record],
    sets: &[(&Name, RecordType)],
    keys: &[&DNSKEY],
    now: i64,
) -> Option<Fault> {
    sets.iter().find_map(|(name, rtype)| {
        let what = format!("{} of {}", rtype, shown(name));
        let of_set = records
            .iter()
            .filter(|record| record.name == **name && record.record_type() == *rtype);
        let signatures: Vec<&RRSIG> = records
            .iter()
            .filter(|record| record.name == **name)
            .filter_map(signature)
            .filter(|it| it.input().type_covered == *rtype)
            .collect();
        let Some(last) = signatures
            .iter()
            .max_by_key(|it| it.input().sig_expiration.get())
        else {
            return Some(Fault::NoSignature(what));
        };
        let begin = |it: &RRSIG| i64::from(it.input().sig_inception.get());
        let end = |it: &RRSIG| i64::from(it.input().sig_expiration.get());
        let good = signatures.iter().any(|it| {
            begin(it) <= now
                && now <= end(it)
                && keys.iter().any(|key| {
                    key.calculate_key_tag()
                        .is_ok_and(|tag| tag == it.input().key_tag)
                        && key
                            .verify_rrsig(name, DNSClass::IN, it, of_set.clone())
                            .is_ok()
                })
        });
        if good {
            None
        } else if signatures.iter().all(|it| end(it) < now) {
            Some(Fault::Ended(what, end(last)))
        } else if signatures.iter().all(|it| begin(it) > now) {
            Some(Fault::NotYet(what, begin(last)))
        } else {
            Some(Fault::Wrong(what))
        }
    })
}

impl Fault {
    /// What is wrong, and the change that mends it.
    fn words(&self, zone: &Name, vouched: &[DS], signed: &Signed) -> (String, String) {
        let name = shown(zone);
        let time = |second: i64| {
            Timestamp::from_second(second).map_or_else(
                |_| second.to_string(),
                |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            )
        };
        let tags = |tags: &[u16]| {
            let tags: Vec<String> = tags.iter().map(u16::to_string).collect();
            tags.join(", ")
        };
        let sign_anew = format!(
            "On the primary nameserver, sign {name} anew and see that signing goes on by itself \
             (BIND: `dnssec-policy`, and `rndc sign {name}`; NSD: run the signer from cron); then \
             the serial must rise, so that the other nameservers fetch it. To get mail flowing at \
             once, have the DS record removed at the registrar."
        );
        match self {
            Self::NotSigned => (
                "the parent has a DS record, and the zone is not signed: it has no DNSKEY"
                    .to_owned(),
                format!(
                    "At the registrar, remove the DS record of {name} (key tag {}), which is left from \
                     before; or sign the zone again with that key.",
                    tags(&vouched.iter().map(DS::key_tag).collect::<Vec<_>>())
                ),
            ),
            Self::OtherKey(own) => {
                let records = ds_lines(zone, signed);
                let record = if records.is_empty() {
                    "the DS record of the key that signs it now".to_owned()
                } else {
                    format!("`{}`", records.join("`, `"))
                };
                let theirs: Vec<u16> = vouched.iter().map(DS::key_tag).collect();
                let what = if theirs == *own {
                    format!(
                        "the digest in the parent's DS record is not that of key {}",
                        tags(own)
                    )
                } else {
                    format!(
                        "the parent's DS record is for key {}, and the zone is signed with key {}",
                        tags(&theirs),
                        tags(own)
                    )
                };
                (
                    what,
                    format!(
                        "At the registrar, replace the DS record of {name} by {record}. To get mail \
                         flowing at once, have the DS record removed there."
                    ),
                )
            }
            Self::NoSignature(what) => (format!("there is no signature over {what}"), sign_anew),
            Self::Ended(what, at) => (
                format!("the signature over {what} ended at {}", time(*at)),
                sign_anew,
            ),
            Self::NotYet(what, at) => (
                format!("the signature over {what} begins only at {}", time(*at)),
                format!("Set the clock of the machine that signs {name}, and sign it anew."),
            ),
            Self::Wrong(what) => (format!("no signature over {what} is right"), sign_anew),
        }
    }
}

/// The DS records that the zone's own keys ask for.
fn ds_lines(zone: &Name, signed: &Signed) -> Vec<String> {
    let keys = signed.keys();
    let entry = keys.iter().filter(|key| key.secure_entry_point());
    entry
        .filter_map(|key| {
            let digest = key.to_digest(zone, DigestType::SHA256).ok()?;
            let digest = hex(digest.as_ref());
            let tag = key.calculate_key_tag().ok()?;
            let algorithm = u8::from(hickory_resolver::proto::dnssec::Verifier::algorithm(*key));
            Some(format!(
                "{} DS {tag} {algorithm} 2 {digest}",
                zone.to_ascii()
            ))
        })
        .collect()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut text, octet| {
        // Writing to a string does not fail.
        let _ = write!(text, "{octet:02X}");
        text
    })
}
