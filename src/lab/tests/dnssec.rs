//! Signed zones, and what the resolver makes of them.

use super::{Visit, name, visit_world};
use crate::net::dns::{Answer, Ask, Outcome, RecordType, ResponseCode};
use hickory_server::proto::dnssec::rdata::{DNSKEY, DNSSECRData, DS};
use hickory_server::proto::rr::{RData, Record};
use std::sync::Arc;

async fn mx(here: &Visit, change: impl Fn(Ask) -> Ask) -> Arc<Outcome> {
    let ask = Ask::recursive(name("rain.org"), RecordType::MX);
    here.dns.resolve(change(ask)).await
}

fn world(dnssec: &str) -> String {
    format!("  dnssec: {dnssec}")
}

fn types(answer: &Answer) -> Vec<RecordType> {
    let answers = answer.message.answers.iter();
    answers.map(Record::record_type).collect()
}

#[tokio::test]
async fn the_resolver_says_what_it_has_validated() {
    for (dnssec, authentic) in [("none", false), ("signed", true)] {
        let here = visit_world(&world(dnssec), 1).await;
        let outcome = mx(&here, |ask| ask).await;
        let answer = outcome.answer().unwrap();
        assert_eq!(answer.is_authentic(), authentic, "{dnssec}");
        assert_eq!(types(answer), [RecordType::MX; 2], "{dnssec}");
        let outcome = mx(&here, Ask::with_dnssec).await;
        let signed = types(outcome.answer().unwrap()).contains(&RecordType::RRSIG);
        assert_eq!(signed, authentic, "{dnssec}");
        // What is not there is validated too, by the SOA record.
        let none = Ask::recursive(name("no.rain.org"), RecordType::A);
        let outcome = here.dns.resolve(none).await;
        let answer = outcome.answer().unwrap();
        let got = (answer.code(), answer.is_authentic());
        assert_eq!(got, (ResponseCode::NXDomain, authentic), "{dnssec}");
    }
}

#[tokio::test]
async fn what_does_not_validate_is_refused_with_the_reason() {
    for (dnssec, words) in [
        ("signature-expired", "has expired"),
        ("ds-mismatch", "matches the DS record"),
        ("ds-left-behind", "matches the DS record"),
    ] {
        let here = visit_world(&world(dnssec), 1).await;
        let outcome = mx(&here, |ask| ask).await;
        let answer = outcome.answer().unwrap();
        assert_eq!(answer.code(), ResponseCode::ServFail, "{dnssec}");
        let errors = answer.extended_errors();
        assert!(errors[0].contains(words), "{dnssec}: {errors:?}");
        let outcome = mx(&here, Ask::unchecked).await;
        let answer = outcome.answer().unwrap();
        assert!(!answer.is_authentic(), "{dnssec}");
        assert_eq!(types(answer), [RecordType::MX; 2], "{dnssec}");
        // Everybody else is well.
        let other = Ask::recursive(name("gmail.com"), RecordType::MX);
        let outcome = here.dns.resolve(other).await;
        assert!(outcome.answer().unwrap().is_conclusive(), "{dnssec}");
    }
}

/// What a check or `dig` sees that asks the servers themselves.
#[tokio::test]
async fn key_and_ds_record_are_there_to_be_compared() {
    for (dnssec, keys, fits) in [
        ("signed", 1, true),
        ("signature-expired", 1, true),
        ("ds-mismatch", 1, false),
        ("ds-left-behind", 0, false),
    ] {
        let here = visit_world(&world(dnssec), 1).await;
        let ask = |server: &str, rtype| {
            let ask = Ask::direct(name("rain.org"), rtype).with_dnssec();
            here.dns.ask(server.parse().unwrap(), ask)
        };
        let above = ask("199.19.56.1:53", RecordType::DS).await;
        let below = ask("88.198.41.53:53", RecordType::DNSKEY).await;
        let (above, below) = (above.answer().unwrap(), below.answer().unwrap());
        assert!(above.is_authoritative() && below.is_authoritative());
        let ds: Vec<&DS> = above.message.answers.iter().filter_map(ds).collect();
        let found: Vec<&DNSKEY> = below.message.answers.iter().filter_map(key).collect();
        assert_eq!((ds.len(), found.len()), (1, keys), "{dnssec}");
        assert!(types(above).contains(&RecordType::RRSIG), "{dnssec}");
        let covered = found
            .iter()
            .any(|key| ds[0].covers(&name("rain.org"), key).unwrap());
        assert_eq!(covered, fits, "{dnssec}");
    }
}

fn ds(record: &Record) -> Option<&DS> {
    match &record.data {
        RData::DNSSEC(DNSSECRData::DS(ds)) => Some(ds),
        _ => None,
    }
}

fn key(record: &Record) -> Option<&DNSKEY> {
    match &record.data {
        RData::DNSSEC(DNSSECRData::DNSKEY(key)) => Some(key),
        _ => None,
    }
}

#[tokio::test]
async fn a_tlsa_record_is_that_of_the_certificate_or_of_the_one_before() {
    let here = visit_world(
        "  dnssec: signed\n  mail_hosts: [{name: a.rain.org, tlsa: good}, {name: b.rain.org, \
         tlsa: former}, {name: c.rain.org}]",
        1,
    )
    .await;
    for (host, records) in [("a", 1), ("b", 1), ("c", 0)] {
        let owner = name(&format!("_25._tcp.{host}.rain.org"));
        let ask = Ask::recursive(owner, RecordType::TLSA);
        let outcome = here.dns.resolve(ask).await;
        let answer = outcome.answer().unwrap();
        assert!(answer.is_authentic(), "{host}");
        assert_eq!(answer.message.answers.len(), records, "{host}");
    }
}
