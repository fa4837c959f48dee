//! Names that more than one family of checks asks for.

use crate::net::dns::{Ask, Dns, Name, RData, RecordType};

/// The mail hosts of a domain by preference, as the resolver gives them; a null MX is none.
pub(super) async fn mail_hosts(dns: &Dns, domain: &Name) -> Vec<Name> {
    let outcome = dns
        .resolve(Ask::recursive(domain.clone(), RecordType::MX))
        .await;
    let Some(answer) = outcome.answer() else {
        return Vec::new();
    };
    let mut hosts: Vec<(u16, Name)> = answer
        .records(RecordType::MX)
        .filter_map(|record| match &record.data {
            RData::MX(mx) if !mx.exchange.is_root() => {
                Some((mx.preference, mx.exchange.to_lowercase()))
            }
            _ => None,
        })
        .collect();
    hosts.sort();
    hosts.into_iter().map(|(_, host)| host).collect()
}

/// `label` in front of a domain.
pub(super) fn below(label: &str, domain: &Name) -> Option<Name> {
    Name::from_ascii(label).ok()?.append_domain(domain).ok()
}

/// A name that nobody sets up.
const NO_SUCH_NAME: &str = "no-such-name-0f3b7a";

/// Whether `name` has its addresses only by a wildcard below `domain` (RFC 4592), which answers
/// for every name: then it shows nothing of a host.
pub(super) async fn is_by_wildcard(dns: &Dns, domain: &Name, name: &Name) -> bool {
    let Some(control) = below(NO_SUCH_NAME, domain) else {
        return false;
    };
    let (own, control) = tokio::join!(dns.addresses(name), dns.addresses(&control));
    let (own, control) = (own.all(), control.all());
    !control.is_empty() && own.iter().all(|address| control.contains(address))
}
