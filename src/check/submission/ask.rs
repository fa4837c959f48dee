//! Where the mail programs of a domain's users send: what is published, and who answers.

use crate::check::names::{below, mail_hosts};
use crate::check::request::shown;
use crate::knowledge::provider;
use crate::net::ConnectError;
use crate::net::dns::{Ask, Dns, Name, Outcome, RData, RecordType};
use crate::text::SafeText;
use futures_util::future::join_all;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// The ports of submission: with STARTTLS (RFC 6409), and with TLS from the start (RFC 8314).
pub(super) const PORTS: [u16; 2] = [587, 465];
/// Services of RFC 6186 section 3.1 and RFC 8314 section 5.1.
const SERVICES: [&str; 2] = ["_submission._tcp", "_submissions._tcp"];
/// Addresses of one host that are tried.
const MAX_ADDRESSES: usize = 2;
/// Published hosts that are tried.
const MAX_PUBLISHED: usize = 4;
/// Independent providers that are compared with.
const OTHERS: usize = 4;

/// How a host is known to be the one that users send through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The domain publishes it.
    Published,
    /// It is the submission host of the provider to which the domain's mail goes.
    Provider,
    /// Its name says so (`smtp.`), and it is none of the hosts that take mail for the domain.
    Named,
    /// It may well be another host.
    Guessed,
}

/// An SRV record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub service: &'static str,
    /// The root where the service is said not to be offered (RFC 2782).
    pub target: Name,
    pub port: u16,
}

/// One connection that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Try {
    pub host: SafeText,
    pub known: Known,
    pub to: SocketAddr,
    pub took: Duration,
    pub result: Result<(), ConnectError>,
}

#[derive(Clone, Debug, Default)]
pub struct Ports {
    pub published: Vec<Published>,
    /// The SRV questions.
    pub srv: Vec<Arc<Outcome>>,
    /// Hosts that are published and have no address.
    pub without_address: Vec<SafeText>,
    /// Connections to hosts of the domain.
    pub tried: Vec<Try>,
    /// Connections to independent providers, made only when no host of the domain answered.
    pub others: Vec<Try>,
}

/// A host to try, at these ports.
struct Candidate {
    name: Name,
    known: Known,
    ports: Vec<u16>,
}

pub(super) async fn ask(dns: &Dns, domain: &Name) -> Ports {
    let (srv, published) = published(dns, domain).await;
    let offered: Vec<Candidate> = published
        .iter()
        .filter(|record| !record.target.is_root())
        .take(MAX_PUBLISHED)
        .map(|record| Candidate {
            name: record.target.clone(),
            known: Known::Published,
            ports: vec![record.port],
        })
        .collect();
    let candidates = if published.is_empty() {
        guesses(dns, domain).await
    } else {
        offered
    };
    let (targets, without_address) = resolved(dns, candidates).await;
    let tried = connect_all(dns, targets).await;
    let others = if tried.iter().any(|tried| tried.result.is_ok()) {
        Vec::new()
    } else {
        others(dns).await
    };
    Ports {
        published,
        srv,
        without_address,
        tried,
        others,
    }
}

async fn published(dns: &Dns, domain: &Name) -> (Vec<Arc<Outcome>>, Vec<Published>) {
    let asked = SERVICES.into_iter().filter_map(|service| {
        let name = below(service, domain)?;
        Some(async move {
            let outcome = dns.resolve(Ask::recursive(name, RecordType::SRV)).await;
            (service, outcome)
        })
    });
    let mut outcomes = Vec::new();
    let mut published = Vec::new();
    for (service, outcome) in join_all(asked).await {
        let records = outcome.answer().into_iter().flat_map(|answer| {
            answer
                .records(RecordType::SRV)
                .filter_map(|record| match &record.data {
                    RData::SRV(srv) => Some((srv.priority, srv.target.to_lowercase(), srv.port)),
                    _ => None,
                })
        });
        let mut records: Vec<_> = records.collect();
        records.sort();
        published.extend(records.into_iter().map(|(_, target, port)| Published {
            service,
            target,
            port,
        }));
        outcomes.push(outcome);
    }
    (outcomes, published)
}

/// Hosts that are likely, where none is published: the provider's, else the usual names and the
/// first mail host.
async fn guesses(dns: &Dns, domain: &Name) -> Vec<Candidate> {
    let mail_hosts = mail_hosts(dns, domain).await;
    let provider = mail_hosts
        .first()
        .and_then(|host| provider::of_mail_host(&host.to_ascii()));
    if let Some(provider) = provider {
        return of_provider(provider);
    }
    let mut mail_addresses = Vec::new();
    for host in &mail_hosts {
        mail_addresses.extend(dns.addresses(host).await.all());
    }
    let mut candidates = Vec::new();
    for label in ["submission", "smtp", "mail"] {
        let Some(name) = below(label, domain) else {
            continue;
        };
        let takes_mail = mail_hosts.contains(&name)
            || dns
                .addresses(&name)
                .await
                .all()
                .iter()
                .any(|address| mail_addresses.contains(address));
        candidates.push(Candidate {
            name,
            known: if label == "mail" || takes_mail {
                Known::Guessed
            } else {
                Known::Named
            },
            ports: PORTS.to_vec(),
        });
    }
    candidates.extend(mail_hosts.into_iter().take(1).map(|name| Candidate {
        name,
        known: Known::Guessed,
        ports: PORTS.to_vec(),
    }));
    candidates
}

fn of_provider(provider: &provider::Provider) -> Vec<Candidate> {
    provider
        .submission()
        .filter_map(|(host, port)| {
            let mut name = Name::from_ascii(host).ok()?;
            name.set_fqdn(true);
            Some(Candidate {
                name,
                known: Known::Provider,
                ports: vec![port],
            })
        })
        .collect()
}

async fn others(dns: &Dns) -> Vec<Try> {
    let candidates = provider::all()
        .iter()
        .take(OTHERS)
        .flat_map(of_provider)
        .collect();
    let (targets, _) = resolved(dns, candidates).await;
    connect_all(dns, targets).await
}

/// Every address and port once, and the published hosts that certainly have no address.
async fn resolved(
    dns: &Dns,
    candidates: Vec<Candidate>,
) -> (Vec<(SafeText, Known, SocketAddr)>, Vec<SafeText>) {
    let found = join_all(candidates.iter().map(|host| dns.addresses(&host.name))).await;
    let mut targets: Vec<(SafeText, Known, SocketAddr)> = Vec::new();
    let mut without_address = Vec::new();
    for (candidate, found) in candidates.iter().zip(found) {
        let host = shown(&candidate.name);
        let mut addresses = found.all();
        addresses.sort_by_key(IpAddr::is_ipv6);
        addresses.truncate(MAX_ADDRESSES);
        if addresses.is_empty()
            && found.is_conclusive()
            && candidate.known == Known::Published
            && !without_address.contains(&host)
        {
            without_address.push(host.clone());
        }
        for port in &candidate.ports {
            for address in &addresses {
                let to = SocketAddr::new(*address, *port);
                if !targets.iter().any(|(_, _, known)| *known == to) {
                    targets.push((host.clone(), candidate.known, to));
                }
            }
        }
    }
    (targets, without_address)
}

/// Connects and hangs up. Nothing is said: whether the port is open is all that is asked.
async fn connect_all(dns: &Dns, targets: Vec<(SafeText, Known, SocketAddr)>) -> Vec<Try> {
    let network = dns.network();
    join_all(targets.into_iter().map(|(host, known, to)| async move {
        let began = network.clock().elapsed();
        let result = network.connect(to).await.map(drop);
        Try {
            host,
            known,
            to,
            took: network.clock().elapsed().saturating_sub(began),
            result,
        }
    }))
    .await
}
