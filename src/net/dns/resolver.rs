//! The DNS as one run sees it: the configured resolver, nameservers asked directly, and a
//! memory, so that no question is asked twice.

use super::answer::{Failure, Outcome};
use super::ask::{self, Ask};
use crate::net::{Network, Transport};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{Name, RecordType};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::OnceCell;

type Memory = HashMap<(Option<SocketAddr>, Ask), Arc<OnceCell<Arc<Outcome>>>>;

/// Cloning shares the memory.
#[derive(Clone)]
pub struct Dns {
    network: Network,
    resolvers: Arc<[SocketAddr]>,
    memory: Arc<Mutex<Memory>>,
}

/// The system's resolver configuration could not be read.
#[derive(Debug, thiserror::Error)]
#[error("reading the system's resolver configuration: {0}")]
pub struct ResolverConfigError(String);

/// Addresses of a name, and the questions that gave them.
#[derive(Clone, Debug)]
pub struct Addresses {
    pub v4: Arc<Outcome>,
    pub v6: Arc<Outcome>,
}

impl Addresses {
    pub fn all(&self) -> Vec<IpAddr> {
        [&self.v4, &self.v6]
            .into_iter()
            .filter_map(|outcome| outcome.answer())
            .flat_map(super::Answer::addresses)
            .collect()
    }

    /// Both questions were answered, so an empty list means that there is no address.
    pub fn is_conclusive(&self) -> bool {
        [&self.v4, &self.v6]
            .into_iter()
            .all(|outcome| outcome.answer().is_some_and(super::Answer::is_conclusive))
    }
}

impl Dns {
    pub fn new(network: Network, resolvers: Vec<SocketAddr>) -> Self {
        Self {
            network,
            resolvers: resolvers.into(),
            memory: Arc::default(),
        }
    }

    /// The resolvers that this machine is configured to use, in their order.
    pub fn system_resolvers() -> Result<Vec<SocketAddr>, ResolverConfigError> {
        let (config, _) = hickory_resolver::system_conf::read_system_conf()
            .map_err(|error| ResolverConfigError(error.to_string()))?;
        let mut resolvers: Vec<_> = config
            .name_servers()
            .iter()
            .map(|server| {
                let port = server
                    .connections
                    .first()
                    .map_or(53, |connection| connection.port);
                SocketAddr::new(server.ip, port)
            })
            .collect();
        resolvers.dedup();
        Ok(resolvers)
    }

    pub fn network(&self) -> &Network {
        &self.network
    }

    pub fn resolvers(&self) -> &[SocketAddr] {
        &self.resolvers
    }

    /// The same resolvers with nothing remembered, for a check that is run again.
    #[must_use]
    pub fn forgetful(&self, network: Network) -> Self {
        Self {
            network,
            resolvers: Arc::clone(&self.resolvers),
            memory: Arc::default(),
        }
    }

    fn remembered(&self, server: Option<SocketAddr>, ask: &Ask) -> Arc<OnceCell<Arc<Outcome>>> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(memory.entry((server, ask.clone())).or_default())
    }

    /// Asks one server, or gives what it said before.
    pub async fn ask(&self, server: SocketAddr, question: Ask) -> Arc<Outcome> {
        let cell = self.remembered(Some(server), &question);
        let outcome = cell
            .get_or_init(|| async { Arc::new(ask::ask(&self.network, server, question).await) });
        Arc::clone(outcome.await)
    }

    /// Asks the configured resolvers: the next one when one stays silent or is out of reach.
    pub async fn resolve(&self, question: Ask) -> Arc<Outcome> {
        let cell = self.remembered(None, &question);
        let outcome = cell.get_or_init(|| async {
            let mut last = None;
            for resolver in self.resolvers.iter() {
                let outcome = self.ask(*resolver, question.clone()).await;
                let answered = outcome.answer().is_some();
                last = Some(outcome);
                if answered {
                    break;
                }
            }
            last.unwrap_or_else(|| {
                Arc::new(Outcome {
                    ask: question.clone(),
                    server: None,
                    transport: Transport::Udp,
                    took: Duration::ZERO,
                    result: Err(Failure::NoResolver),
                })
            })
        });
        Arc::clone(outcome.await)
    }

    /// IPv4 and IPv6 addresses of a name, by the resolver.
    pub async fn addresses(&self, name: &Name) -> Addresses {
        let (v4, v6) = tokio::join!(
            self.resolve(Ask::recursive(name.clone(), RecordType::A)),
            self.resolve(Ask::recursive(name.clone(), RecordType::AAAA)),
        );
        Addresses { v4, v6 }
    }

    /// The same by one nameserver, without recursion.
    pub async fn addresses_at(&self, server: SocketAddr, name: &Name) -> Addresses {
        let (v4, v6) = tokio::join!(
            self.ask(server, Ask::direct(name.clone(), RecordType::A)),
            self.ask(server, Ask::direct(name.clone(), RecordType::AAAA)),
        );
        Addresses { v4, v6 }
    }

    /// The answer with checking disabled, where the resolver fails with it: then DNSSEC is
    /// what stands in the way (RFC 4035 section 3.2.2).
    ///
    /// The checked question is asked once more, since a resolver also fails when it is in a
    /// hurry, and the second answer would then be there either way.
    pub async fn unchecked(&self, question: &Ask) -> Option<Arc<Outcome>> {
        let failed = |outcome: &Outcome| {
            outcome
                .answer()
                .is_some_and(|answer| answer.code() == ResponseCode::ServFail)
        };
        if !failed(&*self.resolve(question.clone()).await) {
            return None;
        }
        let unchecked = self.resolve(question.clone().unchecked()).await;
        if !unchecked.answer().is_some_and(super::Answer::is_conclusive) {
            return None;
        }
        let again = self.resolve(question.clone().with_dnssec()).await;
        failed(&again).then_some(unchecked)
    }

    /// Addresses with checking disabled, where that is what it takes to get them.
    pub async fn unchecked_addresses(&self, checked: &Addresses) -> Option<Addresses> {
        if !checked.all().is_empty() || checked.is_conclusive() {
            return None;
        }
        let (v4, v6) = tokio::join!(
            self.unchecked(&checked.v4.ask),
            self.unchecked(&checked.v6.ask)
        );
        Some(Addresses { v4: v4?, v6: v6? })
    }
}
