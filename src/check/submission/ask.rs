//! Trying the ports, and talking to those that answer.

use super::host::{self, Candidate, Encryption, Known};
use super::published::{self, Looked, Published};
use super::session::{self, Held};
use crate::check::Context;
use crate::check::request::shown;
use crate::net::dns::{Dns, Name, Outcome};
use crate::net::{ConnectError, Connection};
use crate::smtp::Login;
use crate::text::SafeText;
use futures_util::future::join_all;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// Addresses of one host that are tried, one after the other until one answers.
const MAX_ADDRESSES: usize = 2;

/// A port of a host, with the addresses to try.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) host: Name,
    pub(super) known: Known,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
    addresses: Vec<IpAddr>,
}

impl Target {
    pub(super) fn shown(&self) -> SafeText {
        shown(&self.host)
    }
}

/// One connection that was tried, and the session on it.
#[derive(Clone, Debug)]
pub struct Try {
    pub host: Name,
    pub known: Known,
    pub encryption: Encryption,
    pub to: SocketAddr,
    pub took: Duration,
    pub result: Result<(), ConnectError>,
    /// Not with a guessed host, once another one has talked.
    pub session: Option<Box<Held>>,
}

impl Try {
    pub(super) fn shown(&self) -> SafeText {
        shown(&self.host)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Ports {
    pub published: Vec<Published>,
    /// The SRV questions.
    pub srv: Vec<Arc<Outcome>>,
    /// Where the configuration file was looked for.
    pub looked: Vec<Looked>,
    /// Hosts that users depend on and that have no address.
    pub without_address: Vec<(SafeText, Known)>,
    /// Connections to hosts of the domain.
    pub tried: Vec<Try>,
    /// Connections to independent providers, made only when no host of the domain answered.
    pub others: Vec<Try>,
}

pub(super) async fn ask(context: &Context) -> Ports {
    let (dns, request) = (&context.dns, &context.request);
    let found = published::ask(dns, &request.domain).await;
    let candidates = host::candidates(dns, request, &found.published).await;
    let (targets, without_address) = resolved(dns, candidates).await;
    let connected = connect_all(dns, targets).await;
    let tried = talk(context, connected).await;
    let others = if tried.iter().any(|tried| tried.result.is_ok()) {
        Vec::new()
    } else {
        let (targets, _) = resolved(dns, host::others()).await;
        let connected = connect_all(dns, targets).await;
        connected.into_iter().map(|one| one.tried).collect()
    };
    Ports {
        published: found.published,
        srv: found.srv,
        looked: found.looked,
        without_address,
        tried,
        others,
    }
}

/// Every address and port once, and the hosts that certainly have no address.
async fn resolved(dns: &Dns, candidates: Vec<Candidate>) -> (Vec<Target>, Vec<(SafeText, Known)>) {
    let found = join_all(candidates.iter().map(|one| dns.addresses(&one.host))).await;
    let mut targets: Vec<Target> = Vec::new();
    let mut without_address: Vec<(SafeText, Known)> = Vec::new();
    for (candidate, found) in candidates.into_iter().zip(found) {
        let mut addresses = found.all();
        addresses.sort_by_key(IpAddr::is_ipv6);
        addresses.truncate(MAX_ADDRESSES);
        let place = (shown(&candidate.host), candidate.known);
        if addresses.is_empty()
            && found.is_conclusive()
            && matches!(
                candidate.known,
                Known::Told | Known::Autoconfig | Known::Srv
            )
            && !without_address.contains(&place)
        {
            without_address.push(place);
        }
        // The same host by another name.
        addresses.retain(|address| {
            !targets
                .iter()
                .any(|known| known.port == candidate.port && known.addresses.contains(address))
        });
        if !addresses.is_empty() {
            targets.push(Target {
                host: candidate.host,
                known: candidate.known,
                port: candidate.port,
                encryption: candidate.encryption,
                addresses,
            });
        }
    }
    (targets, without_address)
}

/// A connection that was tried, while it may still stand.
struct Connected {
    target: Target,
    tried: Try,
    connection: Option<Connection>,
}

/// Connects to all targets side by side.
async fn connect_all(dns: &Dns, targets: Vec<Target>) -> Vec<Connected> {
    let work = targets.into_iter().map(|target| connect(dns, target));
    join_all(work).await.into_iter().flatten().collect()
}

async fn connect(dns: &Dns, target: Target) -> Vec<Connected> {
    let network = dns.network();
    let mut tries = Vec::new();
    for address in &target.addresses {
        let to = SocketAddr::new(*address, target.port);
        let began = network.clock().elapsed();
        let (result, connection) = match network.connect(to).await {
            Ok(connection) => (Ok(()), Some(connection)),
            Err(error) => (Err(error), None),
        };
        let answers = connection.is_some();
        tries.push(Connected {
            tried: Try {
                host: target.host.clone(),
                known: target.known,
                encryption: target.encryption,
                to,
                took: network.clock().elapsed().saturating_sub(began),
                result,
                session: None,
            },
            target: target.clone(),
            connection,
        });
        if answers {
            break;
        }
    }
    tries
}

/// A session with each port that answers; of guessed hosts, with the first that does. One after
/// the other at the same host, and everywhere when there is a password: it is tried once.
async fn talk(context: &Context, mut connected: Vec<Connected>) -> Vec<Try> {
    let answering = |one: &&Connected| one.connection.is_some();
    let chosen = connected
        .iter()
        .filter(answering)
        .find(|one| one.target.known.is_certain())
        .or_else(|| connected.iter().find(answering))
        .map(|one| (one.target.host.clone(), one.target.known));
    let mut hosts: Vec<Vec<&mut Connected>> = Vec::new();
    for one in &mut connected {
        let wanted = one.target.known.is_certain()
            || chosen
                .as_ref()
                .is_some_and(|(host, _)| *host == one.target.host);
        if !wanted {
            // Hanging up without a word: it said nothing yet either.
            one.connection = None;
            continue;
        }
        match hosts.iter_mut().find(|host| {
            host.iter()
                .any(|known| known.target.host == one.target.host)
        }) {
            Some(host) => host.push(one),
            None => hosts.push(vec![one]),
        }
    }
    let mut login = context.request.login.clone();
    if login.is_some() {
        for host in hosts {
            talk_to_host(context, host, &mut login).await;
        }
    } else {
        let work = hosts
            .into_iter()
            .map(|host| async { talk_to_host(context, host, &mut None).await });
        join_all(work).await;
    }
    connected.into_iter().map(|one| one.tried).collect()
}

/// Ports of one host, one after the other; `login` is taken by the first that can be asked.
async fn talk_to_host(context: &Context, ports: Vec<&mut Connected>, login: &mut Option<Login>) {
    for one in ports {
        let Some(connection) = one.connection.take() else {
            continue;
        };
        let to = one.tried.to;
        let held = session::hold(context, &one.target, to, connection, login.as_ref()).await;
        if held.login().is_some() {
            *login = None;
        }
        one.tried.session = Some(Box::new(held));
    }
}
