//! Asking the resolver, the root servers and independent mail hosts.

use super::{Cached, KnownHost, Observation, Outbound, Probe, Resolver};
use crate::check::smtp::{self, Family};
use crate::check::{self, Check, Context, Observations, mx};
use crate::knowledge::provider::{self, Provider};
use crate::net::dns::{Ask, Name, RData, RecordType};
use futures_util::future::join_all;
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use std::net::{IpAddr, SocketAddr};

/// MX hosts of one provider that are tried.
const HOSTS: usize = 2;
/// Mail hosts whose addresses are compared.
const MOST_HOSTS: usize = 8;

pub async fn ask(check: &Check, context: &Context, seen: &Observations) -> check::Observation {
    check::Observation::Local(match check {
        Check::Outbound => Observation::Outbound(outbound(context, seen).await),
        Check::Cached => {
            let zone = seen.ns.zone().unwrap_or(&context.request.registered);
            let ask = Ask::recursive(zone.clone(), RecordType::SOA);
            let (soa, hosts) =
                tokio::join!(context.dns.resolve(ask), known_hosts(context, zone, seen));
            Observation::Cached(Cached { soa, hosts })
        }
        _ => Observation::Resolver(resolver(context).await),
    })
}

/// Questions that every working resolver can answer; and the question that opens the search
/// for the delegation, put to the roots, so that nothing is asked twice.
async fn resolver(context: &Context) -> Resolver {
    let dns = &context.dns;
    let request = &context.request;
    let questions = [
        Ask::recursive(Name::root(), RecordType::NS),
        Ask::recursive(request.suffix.clone(), RecordType::NS),
    ];
    let first_question = Ask::direct(request.domain.clone(), RecordType::NS);
    let roots = dns
        .root_addresses()
        .into_iter()
        .take(2)
        .map(|root| dns.ask(SocketAddr::new(root, 53), first_question.clone()));
    // Sessions will say hello with this machine's name; looked up by then, it holds up none.
    let (questions, roots, _) = tokio::join!(
        join_all(questions.map(|question| dns.resolve(question))),
        join_all(roots),
        Box::pin(smtp::own_name(context))
    );
    Resolver { questions, roots }
}

/// The mail hosts below the zone's apex, at the first of its nameservers that serves it.
async fn known_hosts(context: &Context, zone: &Name, seen: &Observations) -> Vec<KnownHost> {
    let dns = &context.dns;
    let Some(address) = seen.ns.good().next().map(|((_, address), _)| *address) else {
        return Vec::new();
    };
    let server = SocketAddr::new(address, 53);
    let hosts = mx::hosts(seen)
        .into_iter()
        .filter(|host| zone.zone_of(host));
    let asked = hosts.take(MOST_HOSTS).map(|name| async move {
        let (cached, current) = tokio::join!(dns.addresses(&name), dns.addresses_at(server, &name));
        KnownHost {
            name,
            cached,
            current,
        }
    });
    join_all(asked).await
}

/// Connects to the providers' hosts, until each family of addresses that is in doubt is known to
/// get out.
async fn outbound(context: &Context, seen: &Observations) -> Outbound {
    let families = smtp::families_in_doubt(seen);
    let root = Ask::direct(context.request.domain.clone(), RecordType::NS);
    let over_ipv6 = async {
        if !families.contains(&Family::V6) {
            return None;
        }
        let server = SocketAddr::new(context.dns.root_addresses_v6().into_iter().next()?, 53);
        Some(context.dns.ask(server, root).await)
    };
    let all = provider::all();
    let mut asked: FuturesUnordered<_> = all.iter().map(|one| of(context, one)).collect();
    let probes = async {
        let mut probes = Vec::new();
        while let Some(more) = asked.next().await {
            probes.extend(more);
            let open = |family: &Family| {
                probes.iter().any(|probe: &Probe| {
                    probe.to.port() == 25
                        && probe.result.is_ok()
                        && Family::of(probe.to.ip()) == *family
                })
            };
            if families.iter().all(open) {
                break;
            }
        }
        probes
    };
    let (probes, over_ipv6) = tokio::join!(probes, over_ipv6);
    Outbound { probes, over_ipv6 }
}

async fn of(context: &Context, provider: &Provider) -> Vec<Probe> {
    let name = |text: &str| {
        let mut name = Name::from_ascii(text).ok()?;
        name.set_fqdn(true);
        Some(name)
    };
    let mut targets = Vec::new();
    if let Some(domain) = name(&provider.mx_domain) {
        let outcome = context
            .dns
            .resolve(Ask::recursive(domain, RecordType::MX))
            .await;
        let mut hosts: Vec<(u16, Name)> = outcome
            .answer()
            .into_iter()
            .flat_map(|answer| answer.records(RecordType::MX).cloned().collect::<Vec<_>>())
            .filter_map(|record| match record.data {
                RData::MX(mx) => Some((mx.preference, mx.exchange)),
                _ => None,
            })
            .collect();
        hosts.sort();
        // 587 of the same host too: few have it open, and where they do nothing shows better
        // that the host is up and only port 25 is held back.
        targets.extend(
            hosts
                .into_iter()
                .take(HOSTS)
                .flat_map(|(_, host)| [(host.clone(), 25), (host, 587)]),
        );
    }
    targets.extend(
        provider
            .submission()
            .filter_map(|(host, port)| Some((name(host)?, port))),
    );
    let tries = targets.into_iter().map(|(host, port)| async move {
        let addresses = context.dns.addresses(&host).await.all();
        let first = |ipv4| {
            addresses
                .iter()
                .copied()
                .find(|address: &IpAddr| address.is_ipv4() == ipv4)
        };
        let tries = [first(true), first(false)]
            .into_iter()
            .flatten()
            .map(|address| {
                let host = context.request.shown(&host);
                async move {
                    let to = SocketAddr::new(address, port);
                    Probe {
                        provider: provider.name.as_str().into(),
                        host,
                        to,
                        result: context.dns.network().connect(to).await.map(drop),
                    }
                }
            });
        join_all(tries).await
    });
    join_all(tries).await.into_iter().flatten().collect()
}
