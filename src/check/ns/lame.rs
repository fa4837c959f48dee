//! Whether a nameserver serves its zone, and if not, in which way it is lame (RFC 9499
//! section 7 lists the meanings of the word).

use super::Authority;
use crate::net::dns::{Answer, Failure, Name, Outcome, RData, RecordType, ResponseCode, code_word};

/// What one nameserver's answers at one address amount to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Health {
    Good,
    /// It serves the zone over UDP, and not over TCP: why.
    NoTcp(String),
    /// It answers, but not for this zone: how.
    Lame(String),
    /// It answers neither over UDP nor over TCP: what came instead.
    Silent(String),
}

pub(super) fn health(authority: &Authority, zone: Option<&Name>) -> Health {
    let udp = authority.soa.answer();
    let tcp = authority.soa_tcp.answer();
    let serves =
        |answer: Option<&Answer>| answer.is_some_and(|answer| lameness(answer, zone).is_none());
    match (udp, tcp) {
        (None, None) => Health::Silent(format!(
            "UDP: {}; TCP: {}",
            failure_of(&authority.soa),
            failure_of(&authority.soa_tcp)
        )),
        _ if serves(udp) && tcp.is_none() => Health::NoTcp(failure_of(&authority.soa_tcp)),
        _ if serves(udp) || (udp.is_none() && serves(tcp)) => Health::Good,
        _ => {
            let how = udp.or(tcp).and_then(|answer| lameness(answer, zone));
            Health::Lame(how.unwrap_or_else(|| "no useful answer".to_owned()))
        }
    }
}

fn failure_of(outcome: &Outcome) -> String {
    match &outcome.result {
        Ok(_) => "answers".to_owned(),
        Err(Failure::Refused) => "port 53 is closed".to_owned(),
        Err(failure) => failure.to_string(),
    }
}

/// How this answer to the question for the zone's SOA shows that the server does not serve it.
fn lameness(answer: &Answer, zone: Option<&Name>) -> Option<String> {
    let code = answer.code();
    if !answer.is_conclusive() {
        return Some(code_word(code));
    }
    let zone = zone.unwrap_or(&answer.ask.name);
    let authorities = &answer.message.authorities;
    if !answer.is_authoritative() {
        let upward = authorities.iter().find(|record| {
            record.record_type() == RecordType::NS
                && record.name != *zone
                && record.name.zone_of(zone)
        });
        return Some(match upward {
            Some(record) => format!("an upward referral to {}", record.name),
            None => "an answer without authority (no AA)".to_owned(),
        });
    }
    let has_soa = answer
        .message
        .answers
        .iter()
        .any(|record| record.name == *zone && matches!(record.data, RData::SOA(_)));
    if has_soa {
        return None;
    }
    let other = authorities
        .iter()
        .find(|record| record.record_type() == RecordType::SOA && record.name != *zone);
    Some(match (code, other) {
        (_, Some(record)) => format!("an answer for another zone, {}", record.name),
        (ResponseCode::NXDomain, None) => "NXDOMAIN".to_owned(),
        _ => "an answer without the zone's SOA record".to_owned(),
    })
}
