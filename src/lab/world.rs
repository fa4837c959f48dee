//! The world running: sockets, tasks, and the table that leads to them.

use super::certificate::Authority;
use super::dns;
use super::plan::{self, Plan, PlanError, Service};
use super::scenario::Scenario;
use crate::case::Target;
use crate::net::tls::Trust;
use crate::net::{Clock, Limits, Network, Routes, Transport, Way};
use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

/// Connections that one server talks to at once.
const MAX_CONNECTIONS: usize = 64;
/// Until the next connection is taken when taking one failed.
const PAUSE: Duration = Duration::from_millis(20);

/// A running world. Dropping it ends its tasks and closes its sockets.
#[derive(Debug)]
pub struct World {
    routes: Routes,
    clock: Clock,
    resolvers: Vec<SocketAddr>,
    trust: CertificateDer<'static>,
    target: Option<Target>,
    tasks: TaskTracker,
    ended: DropGuard,
}

/// The world could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the practice world cannot be drawn: {0}")]
    Plan(#[from] PlanError),
    #[error("the practice world cannot open a socket on 127.0.0.1: {0}")]
    Socket(#[from] io::Error),
}

impl From<super::certificate::CertificateError> for StartError {
    fn from(error: super::certificate::CertificateError) -> Self {
        Self::Plan(error.into())
    }
}

impl World {
    /// Starts the world of a scenario; `clock` is the one that all its delays go by.
    pub async fn start(scenario: &Scenario, clock: Clock) -> Result<Self, StartError> {
        // Registries write whole seconds.
        let now = Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default();
        let authority = Authority::new(now)?;
        let plan = plan::draw(scenario, &authority, clock, now)?;
        let tasks = TaskTracker::new();
        let ended = CancellationToken::new();
        let resolvers = plan.resolver.into_iter().collect();
        let table = open(plan, &tasks, &ended, clock).await?;
        tasks.close();
        Ok(Self {
            routes: Routes::Table(Arc::new(table)),
            clock,
            resolvers,
            trust: authority.root(),
            target: scenario.target(),
            tasks,
            ended: ended.drop_guard(),
        })
    }

    /// The way into this world and nowhere else.
    pub fn network(&self, limits: Limits) -> Network {
        Network::new(self.routes.clone(), self.clock, limits, None)
            .with_trust(Trust::only(self.trust.clone()))
    }

    /// The resolver that a machine in this world is configured with.
    pub fn resolvers(&self) -> &[SocketAddr] {
        &self.resolvers
    }

    /// The root that the world's certificates go back to.
    pub fn trust(&self) -> &CertificateDer<'static> {
        &self.trust
    }

    /// What the scenario is about.
    pub fn target(&self) -> Option<&Target> {
        self.target.as_ref()
    }

    /// Ends the world and waits until every task of it has ended.
    pub async fn close(self) {
        drop(self.ended);
        self.tasks.wait().await;
    }
}

/// Opens a socket for everything in the plan that packets can reach.
async fn open(
    plan: Plan,
    tasks: &TaskTracker,
    ended: &CancellationToken,
    clock: Clock,
) -> io::Result<HashMap<(Transport, SocketAddr), Way>> {
    let mut table: HashMap<_, _> = plan.shut.into_iter().collect();
    for (address, speaker) in plan.speakers {
        let at = SocketAddr::new(address, 53);
        if table.contains_key(&(Transport::Udp, at)) {
            continue;
        }
        let udp = udp_socket().await?;
        table.insert((Transport::Udp, at), Way::To(udp.local_addr()?));
        let tcp = match table.entry((Transport::Tcp, at)) {
            Entry::Occupied(_) => None,
            Entry::Vacant(free) => {
                let listener = listener().await?;
                free.insert(Way::To(listener.local_addr()?));
                Some(listener)
            }
        };
        dns::serve(speaker, udp, tcp, tasks, ended.clone(), clock);
    }
    for (at, service) in plan.services {
        let Entry::Vacant(free) = table.entry((Transport::Tcp, at)) else {
            continue;
        };
        let listener = listener().await?;
        free.insert(Way::To(listener.local_addr()?));
        tasks.spawn(accept(
            listener,
            service,
            tasks.clone(),
            ended.clone(),
            clock,
        ));
    }
    Ok(table)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the practice world's own servers, on loopback"
)]
async fn udp_socket() -> io::Result<UdpSocket> {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await
}

async fn listener() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
}

/// Takes connections until the world ends; each has a task of its own, which ends with it.
async fn accept(
    listener: TcpListener,
    service: Service,
    tasks: TaskTracker,
    ended: CancellationToken,
    clock: Clock,
) {
    let permits = Arc::new(tokio::sync::Semaphore::new(MAX_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            () = ended.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // No socket is free, or the client has left already; the next try may fare better.
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
            continue;
        };
        let (service, ended) = (service.clone(), ended.clone());
        tasks.spawn(async move {
            let _permit = permit;
            tokio::select! {
                () = ended.cancelled() => {}
                // The client has seen what there was to see; there is nobody else to tell.
                _ = serve(service, stream, clock) => {}
            }
        });
    }
}

async fn serve(service: Service, mut stream: TcpStream, clock: Clock) -> io::Result<()> {
    stream.set_nodelay(true)?;
    match service {
        Service::Smtp(server) => {
            let ending = super::smtp::converse(&server, &mut stream, false, clock).await?;
            end(&stream, ending)
        }
        Service::Smtps(server) => {
            let ending = super::smtp::converse(&server, &mut stream, true, clock).await?;
            end(&stream, ending)
        }
        Service::Whois(server) => server.serve(stream, clock).await,
        Service::Https(server) => server.serve(stream).await,
    }
}

/// Makes the close that follows a reset, where that is what is wanted.
fn end(stream: &TcpStream, ending: super::smtp::Ending) -> io::Result<()> {
    match ending {
        super::smtp::Ending::Close => Ok(()),
        super::smtp::Ending::Reset => stream.set_zero_linger(),
    }
}
