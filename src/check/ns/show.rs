//! The rows of the nameserver family.

use super::lame::{Health, health};
use super::{Delegated, Seen};
use crate::case::CheckState;
use crate::check::{Check, Observations, Request, Row};
use crate::net::dns::{Addresses, Name, NotFound, code_word};
use crate::text::SafeText;
use std::net::{IpAddr, SocketAddr};

pub fn row(check: &Check, request: &Request, seen: &Observations) -> Option<Row> {
    let seen = &seen.ns;
    match check {
        Check::Delegation => Some(delegation(request, seen.delegation.as_ref()?)),
        Check::Nameserver(name) => Some(server(request, seen, name, seen.servers.get(name)?)),
        Check::Authority(name, address) => authority(request, seen, name, *address),
        Check::Signatures => Some(signatures(request, seen)),
        _ => None,
    }
}

fn signatures(request: &Request, seen: &Seen) -> Row {
    let zone = seen.zone().unwrap_or(&request.registered);
    let shown = request.shown(zone);
    let broken = seen.signatures.as_ref().and_then(|it| it.broken(zone));
    let signed = seen.signatures.as_ref().and_then(|it| it.is_signed());
    let (state, detail) = match (&broken, signed) {
        (Some(broken), _) => (CheckState::Failed, broken.what.clone()),
        (None, Some(true)) => (CheckState::Passed, "the signatures hold".to_owned()),
        (None, Some(false)) => (CheckState::Skipped, "the zone is not signed".to_owned()),
        (None, None) => (
            CheckState::NotPossible,
            "the parent did not say whether the zone is signed".to_owned(),
        ),
    };
    let outcomes = seen.signatures.iter().flat_map(|it| {
        let of_servers = it
            .servers
            .iter()
            .flat_map(|server| std::iter::once(&server.keys).chain(&server.data));
        std::iter::once(&it.ds).chain(of_servers)
    });
    Row {
        state,
        detail: detail.into(),
        exchanges: outcomes.map(|outcome| outcome.exchange()).collect(),
        meaning: "The parent vouches for a key by its DS record, and the key for the records. \
                  Where that breaks, resolvers that validate give no answer at all, and the \
                  others do not notice."
            .into(),
        by_hand: vec![
            format!("dig {shown} DS").into(),
            format!("dig +dnssec {shown} DNSKEY").into(),
            format!("delv {shown} SOA").into(),
        ],
    }
}

fn delegation(request: &Request, delegated: &Delegated) -> Row {
    let domain = request.shown(&request.registered);
    let path = match &delegated.parent {
        Ok(delegation) => &delegation.path,
        Err(NotFound::NotDelegated { path, .. } | NotFound::NoAnswer { path, .. }) => path,
    };
    let mut exchanges: Vec<_> = path.iter().map(|outcome| outcome.exchange()).collect();
    exchanges.extend(delegated.resolver.iter().map(|outcome| outcome.exchange()));
    let names = |servers: &[crate::net::dns::ParentNs]| {
        servers
            .iter()
            .map(|server| request.shown(&server.name).into_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let (state, detail, meaning) = match &delegated.parent {
        Ok(delegation) => (
            CheckState::Passed,
            format!(
                "{} delegates {} to {}",
                zone_words(request, &delegation.parent),
                request.shown(&delegation.zone),
                names(&delegation.servers)
            ),
            format!(
                "These are the servers that the whole Internet asks about {domain}. A changed \
                 delegation can live on in caches for {} s after the change.",
                delegation.ttl
            ),
        ),
        Err(NotFound::NotDelegated { parent, .. }) => (
            CheckState::Failed,
            format!(
                "{} has no delegation for {domain}",
                zone_words(request, parent)
            ),
            format!(
                "Nobody can find the servers of {domain}, so nobody can deliver mail to it: the \
                 name is not registered, on hold, or has no nameservers set."
            ),
        ),
        Err(NotFound::NoAnswer { zone, .. }) => (
            CheckState::NotPossible,
            format!(
                "no server of {} answered from here",
                zone_words(request, zone)
            ),
            "The servers above the domain could not be asked from this network, so this says \
             nothing about the domain. Networks that let only their own resolver ask are one \
             reason."
                .to_owned(),
        ),
    };
    Row {
        state,
        detail: detail.into(),
        exchanges,
        meaning: meaning.into(),
        by_hand: vec![format!("dig +trace {domain} NS").into()],
    }
}

fn zone_words(request: &Request, zone: &Name) -> SafeText {
    if zone.is_root() {
        "the root".into()
    } else {
        request.shown(zone)
    }
}

fn server(request: &Request, seen: &Seen, name: &Name, own: &Addresses) -> Row {
    let glue: Vec<IpAddr> = seen
        .delegated()
        .into_iter()
        .find(|(delegated, _)| delegated == name)
        .map(|(_, glue)| glue)
        .unwrap_or_default();
    let list = |addresses: &[IpAddr]| {
        addresses
            .iter()
            .map(IpAddr::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let addresses = own.all();
    let (state, detail) = if !addresses.is_empty() {
        let alias = own
            .v4
            .answer()
            .is_some_and(|answer| answer.canonical_name() != *name);
        if alias {
            (
                CheckState::Warned,
                format!("{} (behind a CNAME)", list(&addresses)),
            )
        } else {
            (CheckState::Passed, list(&addresses))
        }
    } else if !glue.is_empty() {
        (
            CheckState::Warned,
            format!("no own address seen; glue {}", list(&glue)),
        )
    } else if own.is_conclusive() {
        (CheckState::Failed, "its name has no address".to_owned())
    } else {
        (
            CheckState::NotPossible,
            "its address could not be looked up".to_owned(),
        )
    };
    let shown = request.shown(name);
    Row {
        state,
        detail: detail.into(),
        exchanges: vec![own.v4.exchange(), own.v6.exchange()],
        meaning: "A nameserver whose name has no address cannot be asked: whoever draws it from \
                  the list waits in vain and must try another one."
            .into(),
        by_hand: vec![
            format!("dig {shown} A").into(),
            format!("dig {shown} AAAA").into(),
        ],
    }
}

fn authority(request: &Request, seen: &Seen, name: &Name, address: IpAddr) -> Option<Row> {
    let authority = seen.authority.get(&(name.clone(), address))?;
    let zone = request.shown(seen.zone().unwrap_or(&request.registered));
    let (state, detail, meaning) = match health(authority, seen.zone()) {
        Health::Good => {
            let serial = authority
                .serial()
                .map_or_else(String::new, |serial| format!(", serial {serial}"));
            (
                CheckState::Passed,
                format!("answers with authority over UDP and TCP{serial}"),
                "The server knows the zone itself, and gives its own copy of it.",
            )
        }
        Health::NoTcp(why) => (
            CheckState::Warned,
            format!("answers over UDP; TCP: {why}"),
            "Long answers (many records, DNSSEC) need TCP; without it they are lost for some.",
        ),
        Health::Lame(how) => (
            CheckState::Failed,
            format!("does not serve {zone}: {how}"),
            "The parent sends the world to this server, and it does not know the zone: a lame \
             delegation. Whoever asks it must try the next one.",
        ),
        Health::Silent(what) if !seen.reaches(address) => (
            CheckState::NotPossible,
            format!("nameservers cannot be asked directly from here ({what})"),
            "No nameserver of this address family answers here, so this says nothing about this \
             one: the network here lets no DNS out, or has no such addresses.",
        ),
        Health::Silent(what) => (
            CheckState::Failed,
            what,
            "Nothing came back. The server is down, or a firewall between here and there drops \
             the questions.",
        ),
    };
    let server = Some(SocketAddr::new(address, 53));
    Some(Row {
        state,
        detail: detail.into(),
        exchanges: [
            &authority.soa,
            &authority.soa_tcp,
            &authority.ns,
            &authority.mx,
        ]
        .into_iter()
        .map(|outcome| outcome.exchange())
        .collect(),
        meaning: meaning.into(),
        by_hand: [
            &authority.soa,
            &authority.soa_tcp,
            &authority.ns,
            &authority.mx,
        ]
        .into_iter()
        .map(|outcome| outcome.ask.dig(server).into())
        .collect(),
    })
}

/// The response code of a question in a word, for other families' rows.
pub(crate) fn outcome_word(outcome: &crate::net::dns::Outcome) -> String {
    match &outcome.result {
        Ok(answer) => code_word(answer.code()),
        Err(failure) => failure.to_string(),
    }
}
