//! A record that does with fewer look-ups: what includes stand for, written out.

use super::tree::{Found, Node, State};
use crate::policy::spf::{Kind, MAX_LOOKUPS};
use mail_auth::spf::{Mechanism, Qualifier};
use std::net::IpAddr;

/// The record of `own` with as many includes written out as it takes to come down to ten
/// look-ups, the most expensive first, and without terms that find nothing. As far as that goes:
/// what depends on the sender cannot be written out.
pub(super) fn flattened(own: &Node) -> Option<String> {
    if !matches!(own.state, State::Read(_)) {
        return None;
    }
    let mut left = own.lookups();
    // Each term, what it costs, and what could stand there instead.
    let mut terms: Vec<(String, usize, Option<Vec<String>>)> = Vec::new();
    for branch in &own.branches {
        if matches!(branch.found, Found::Addresses { void: true, .. }) {
            left = left.saturating_sub(1);
            continue;
        }
        let (cost, instead) = match (&branch.term.kind, &branch.found) {
            (Kind::Mechanism(Qualifier::Pass, Mechanism::Include { .. }), Found::Record(below)) => {
                (1 + below.lookups(), networks(below))
            }
            _ => (0, None),
        };
        terms.push((branch.term.text.clone(), cost, instead));
    }
    while left > MAX_LOOKUPS {
        let dearest = terms
            .iter_mut()
            .filter(|(_, _, instead)| instead.is_some())
            .max_by_key(|(_, cost, _)| *cost)?;
        left = left.saturating_sub(dearest.1);
        let networks = dearest.2.take().unwrap_or_default();
        dearest.0 = networks.join(" ");
    }
    let mut words = vec!["v=spf1".to_owned()];
    for word in terms.iter().flat_map(|(text, ..)| text.split(' ')) {
        if !word.is_empty() && !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    }
    Some(words.join(" "))
}

/// The networks that a record lets send; none where that depends on more than addresses.
fn networks(node: &Node) -> Option<Vec<String>> {
    let State::Read(record) = &node.state else {
        return None;
    };
    let mut found = Vec::new();
    for branch in &node.branches {
        match (&branch.term.kind, &branch.found) {
            (Kind::Mechanism(_, Mechanism::All), _) => return Some(found),
            (Kind::Modifier, _) | (Kind::Redirect(_), Found::Nothing) => {}
            (
                Kind::Mechanism(Qualifier::Pass, Mechanism::Ip4 { .. } | Mechanism::Ip6 { .. }),
                _,
            ) => found.push(branch.term.text.clone()),
            (Kind::Mechanism(Qualifier::Pass, Mechanism::Include { .. }), Found::Record(below)) => {
                found.extend(networks(below)?);
            }
            (
                Kind::Mechanism(
                    Qualifier::Pass,
                    Mechanism::A {
                        ip4_mask: u32::MAX,
                        ip6_mask: u128::MAX,
                        ..
                    }
                    | Mechanism::Mx {
                        ip4_mask: u32::MAX,
                        ip6_mask: u128::MAX,
                        ..
                    },
                ),
                Found::Addresses { addresses, .. },
            ) => found.extend(addresses.iter().map(written)),
            (Kind::Redirect(_), Found::Record(below)) if record.redirect().is_some() => {
                found.extend(networks(below)?);
            }
            _ => return None,
        }
    }
    Some(found)
}

fn written(address: &IpAddr) -> String {
    match address {
        IpAddr::V4(address) => format!("ip4:{address}"),
        IpAddr::V6(address) => format!("ip6:{address}"),
    }
}
