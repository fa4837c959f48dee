//! The rows of the MX family, in the shape of dig's answer section.

use super::{MxSet, not_public};
use crate::case::{CheckState, Exchange};
use crate::check::{Check, Observations, Request, Row};
use crate::net::dns::{Addresses, Name};
use std::net::IpAddr;
use std::sync::Arc;

pub fn row(check: &Check, request: &Request, seen: &Observations) -> Option<Row> {
    match check {
        Check::Mx => records(request, seen),
        Check::MailHost(name) => Some(host(request, seen, name, seen.mx.hosts.get(name)?)),
        _ => None,
    }
}

fn records(request: &Request, seen: &Observations) -> Option<Row> {
    let lookup = seen.mx.lookup.as_ref()?;
    let domain = request.domain_shown();
    let mut exchanges = vec![lookup.mx.exchange()];
    exchanges.extend(lookup.unchecked.iter().map(|outcome| outcome.exchange()));
    exchanges.extend(answer_section(seen));
    let (state, detail, meaning) = match MxSet::of(&lookup.mx) {
        Some(MxSet::Records(pointers, _)) if pointers.iter().any(super::Pointer::is_null) => (
            CheckState::Failed,
            "null MX: the domain takes no mail".to_owned(),
            "`MX 0 .` is the domain's own statement that nobody there reads mail (RFC 7505).",
        ),
        Some(MxSet::Records(pointers, _)) => (
            CheckState::Passed,
            pointers
                .iter()
                .map(|pointer| format!("{} {}", pointer.preference, request.shown(&pointer.target)))
                .collect::<Vec<_>>()
                .join(", "),
            "Senders try the lowest number first, equals in any order, and every address of each.",
        ),
        Some(MxSet::Implicit(..)) => (
            CheckState::Warned,
            "no MX records".to_owned(),
            "Without MX records, senders try the domain's own address, if it has one.",
        ),
        Some(MxSet::NoSuchName(_)) => (
            CheckState::Failed,
            "no such name".to_owned(),
            "The DNS has no such name, so there is nowhere to deliver to.",
        ),
        None if lookup.unchecked.is_some() => (
            CheckState::Failed,
            "the resolver refuses the answer: DNSSEC validation fails".to_owned(),
            "With checking disabled the answer is there, so the servers work and the signatures do not.",
        ),
        None if lookup.mx.answer().is_some() => (
            CheckState::Failed,
            format!(
                "the resolver fails: {}",
                super::super::ns::outcome_word(&lookup.mx)
            ),
            "The resolver could not get an answer from the domain's nameservers.",
        ),
        None => (
            CheckState::NotPossible,
            super::super::ns::outcome_word(&lookup.mx),
            "The resolver here did not answer, so this says nothing about the domain.",
        ),
    };
    Some(Row {
        state,
        detail: detail.into(),
        exchanges,
        meaning: meaning.into(),
        by_hand: vec![format!("dig {domain} MX").into()],
    })
}

/// What the domain's own nameservers say, where they were asked.
fn answer_section(seen: &Observations) -> Vec<Exchange> {
    seen.ns
        .authority
        .values()
        .map(|authority| Arc::clone(&authority.mx))
        .map(|outcome| outcome.exchange())
        .collect()
}

fn host(request: &Request, seen: &Observations, name: &Name, addresses: &Addresses) -> Row {
    let all = addresses.all();
    let private = all.iter().find_map(|address| not_public(*address));
    let preference = MxSet::effective(seen)
        .and_then(|set| {
            set.pointers()
                .iter()
                .find(|pointer| pointer.target == *name)
                .cloned()
        })
        .map_or_else(String::new, |pointer| {
            format!("MX {}: ", pointer.preference)
        });
    let list = all
        .iter()
        .map(IpAddr::to_string)
        .collect::<Vec<_>>()
        .join(", ");
    let alias = addresses
        .v4
        .answer()
        .or(addresses.v6.answer())
        .is_some_and(|answer| answer.canonical_name() != *name);
    let (state, detail, meaning) = if all.is_empty() && addresses.is_conclusive() {
        (
            CheckState::Failed,
            format!("{preference}no address"),
            "A mail host without an address cannot be reached. Senders do not fall back to the \
             domain's own address while an MX record stands.",
        )
    } else if all.is_empty() {
        (
            CheckState::NotPossible,
            format!("{preference}its address could not be looked up"),
            "The resolver gave no answer, so nothing is known of this host.",
        )
    } else if let Some(why) = private {
        (
            CheckState::Failed,
            format!("{preference}{list}: {why}"),
            "Nobody outside that network can connect to such an address.",
        )
    } else if alias {
        (
            CheckState::Warned,
            format!("{preference}{list} (behind a CNAME)"),
            "An MX record must name a host directly (RFC 5321 section 5.1, RFC 2181 section \
             10.3). Most senders forgive it, some do not.",
        )
    } else {
        (
            CheckState::Passed,
            format!("{preference}{list}"),
            "The host has addresses; whether it takes mail there is what port 25 will tell.",
        )
    };
    let shown = request.shown(name);
    Row {
        state,
        detail: detail.into(),
        exchanges: vec![addresses.v4.exchange(), addresses.v6.exchange()],
        meaning: meaning.into(),
        by_hand: vec![
            format!("dig {shown} A").into(),
            format!("dig {shown} AAAA").into(),
        ],
    }
}
