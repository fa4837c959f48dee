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
