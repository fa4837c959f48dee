//! What to ask next, from what is known so far.

use super::{Check, Observations, Request, mx, policy, registry, smtp};
use crate::case::Group;
use crate::net::dns::Name;
use std::net::IpAddr;

/// Nameservers and mail hosts that are looked at, of a domain that has absurdly many.
const MAX_HOSTS: usize = 16;
/// Addresses of one host that are looked at.
const MAX_ADDRESSES: usize = 4;

/// Every check that the case needs, as far as can be said now; parents stand before children.
///
/// Called anew after every observation. A check that was due stays due, so the caller starts
/// those that it has not started yet.
pub fn due(request: &Request, seen: &Observations) -> Vec<Check> {
    let mut due = vec![Check::Resolver];
    if request.wants(Group::Registry) {
        due.extend([Check::Whois, Check::Rdap]);
        due.extend(
            registry::hosts_to_ask(request, seen)
                .into_iter()
                .map(Check::RegisteredHost),
        );
    }
    if request.wants(Group::Ns) {
        due.push(Check::Delegation);
        for (name, glue) in seen.ns.delegated().into_iter().take(MAX_HOSTS) {
            due.push(Check::Nameserver(name.clone()));
            due.extend(
                seen.ns
                    .addresses(&name, &glue)
                    .into_iter()
                    .take(MAX_ADDRESSES)
                    .map(|address| Check::Authority(name.clone(), address)),
            );
        }
    }
    if request.wants(Group::Ns) && seen.ns.is_settled() && seen.ns.good().next().is_some() {
        due.push(Check::Signatures);
    }
    let wants_one = |groups: &[Group]| groups.iter().any(|group| request.wants(*group));
    let talks = wants_one(&[Group::Smtp, Group::Tls, Group::Rcpt]);
    if talks || wants_one(&[Group::Mx, Group::Policy]) {
        due.push(Check::Mx);
        if request.wants(Group::Local) && seen.ns.is_settled() && seen.mx.lookup.is_some() {
            due.push(Check::Cached);
        }
        for host in mx::hosts(seen).into_iter().take(MAX_HOSTS) {
            due.push(Check::MailHost(host));
        }
    }
    if talks {
        for (host, address) in mail_addresses(seen) {
            due.push(Check::Port25(host.clone(), address));
            if request.wants(Group::Tls) && smtp::shows_starttls(seen, &host, address) {
                due.push(Check::StartTls(host.clone(), address));
            }
            if smtp::is_silent(seen, &host, address) {
                due.push(Check::OtherPort(host, address));
            }
        }
        if !smtp::families_in_doubt(seen).is_empty() {
            due.push(Check::Outbound);
        }
    }
    if request.wants(Group::Policy) {
        let hosts: Vec<Name> = mx::hosts(seen).into_iter().take(MAX_HOSTS).collect();
        due.extend(policy::due(request, seen, &hosts));
    }
    if request.wants(Group::Submission) {
        due.push(Check::Submission);
    }
    if request.wants(Group::Webmail) {
        due.push(Check::Webmail);
    }
    due
}

/// Addresses of the mail hosts that are worth a connection, each with its host.
fn mail_addresses(seen: &Observations) -> Vec<(Name, IpAddr)> {
    mx::hosts(seen)
        .into_iter()
        .take(MAX_HOSTS)
        .flat_map(|host| {
            let addresses = mx::reachable_addresses(seen, &host);
            addresses
                .into_iter()
                .take(MAX_ADDRESSES)
                .map(move |address| (host.clone(), address))
        })
        .collect()
}
