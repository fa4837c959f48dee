//! The one place through which the program talks to the world.

use super::clock::{Clock, TimedOut};
use super::routes::{Routes, Transport};
use super::tls::Trust;
use crate::text::SafeText;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

/// How much may be under way at once, and how long one thing may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// TCP connections being opened or open.
    pub connections: usize,
    /// Until a TCP connection stands.
    pub connect: Duration,
    /// Until a DNS question is answered, its repetitions included.
    pub dns: Duration,
    /// One WHOIS, RDAP or HTTPS exchange.
    pub fetch: Duration,
    /// Until the greeting of a mail host is complete; RFC 5321 section 4.5.3.2.1 gives five
    /// minutes.
    pub greeting: Duration,
    /// Until the reply to a command of SMTP before the message.
    pub command: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            connect: Duration::from_secs(10),
            dns: Duration::from_secs(5),
            fetch: Duration::from_secs(10),
            greeting: Duration::from_mins(5),
            command: Duration::from_mins(5),
        }
    }
}

impl Limits {
    /// `--timeout`: nothing waits longer than `limit`.
    #[must_use]
    pub fn at_most(self, limit: Duration) -> Self {
        Self {
            connections: self.connections,
            connect: self.connect.min(limit),
            dns: self.dns.min(limit),
            fetch: self.fetch.min(limit),
            greeting: self.greeting.min(limit),
            command: self.command.min(limit),
        }
    }
}

/// Why a TCP connection did not come to stand. A refusal is an answer of the other host, a
/// time-out is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    #[error("no answer from {to} within {} s", .after.as_secs_f32())]
    TimedOut { to: SocketAddr, after: Duration },
    #[error("{to} refused the connection")]
    Refused { to: SocketAddr },
    #[error("no way to {to}: {why}")]
    Unreachable { to: SocketAddr, why: String },
    /// Accepted, and dropped before anything was said.
    #[error("{to} reset the connection at once")]
    Reset { to: SocketAddr },
    #[error("connecting to {to}: {why}")]
    Other { to: SocketAddr, why: String },
    /// No address is what was to be reached: a socket of this machine, a command, a proxy.
    #[error("{way}: {why}")]
    Way { way: SafeText, why: SafeText },
    #[error("the run was cancelled")]
    Cancelled,
}

impl ConnectError {
    pub fn from_io(to: SocketAddr, error: &io::Error) -> Self {
        let why = error.to_string();
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused { to },
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => Self::Reset { to },
            io::ErrorKind::TimedOut => Self::TimedOut {
                to,
                after: Duration::ZERO,
            },
            io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::AddrNotAvailable
            | io::ErrorKind::NetworkDown => Self::Unreachable { to, why },
            _ => Self::Other { to, why },
        }
    }
}

/// Our end of a TCP connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Source {
    pub address: Option<IpAddr>,
    /// Zero is any.
    pub port: u16,
}

/// A way into the network; cloning it is cheap and shares everything.
#[derive(Clone, Debug)]
pub struct Network {
    shared: Arc<Shared>,
    trust: Trust,
    cancelled: CancellationToken,
}

#[derive(Debug)]
struct Shared {
    routes: Routes,
    clock: Clock,
    limits: Limits,
    connections: Arc<Semaphore>,
    places: Places,
    /// The address that connections leave from, where the user chose one.
    source: Option<IpAddr>,
}

/// Connections to one port of one host at the same time, by everything that runs: hosts of large
/// providers are those of many domains, and turn away who comes too often.
const PER_PLACE: usize = 2;
/// Places that are remembered before those that nobody uses are forgotten.
const MOST_PLACES: usize = 1024;

#[derive(Debug, Default)]
struct Places(Mutex<HashMap<SocketAddr, Arc<Semaphore>>>);

impl Places {
    fn of(&self, to: SocketAddr) -> Arc<Semaphore> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if places.len() >= MOST_PLACES {
            places.retain(|_, place| Arc::strong_count(place) > 1);
        }
        let place = places
            .entry(to)
            .or_insert_with(|| Arc::new(Semaphore::new(PER_PLACE)));
        Arc::clone(place)
    }
}

/// Counts a connection while it lives: among those to the same place, and among all.
#[derive(Debug)]
pub struct Permit {
    _place: OwnedSemaphorePermit,
    _any: OwnedSemaphorePermit,
}

/// A TCP connection, and the permit that counts it while it lives.
#[derive(Debug)]
pub struct Connection {
    pub stream: TcpStream,
    permit: Permit,
}

impl Connection {
    /// The stream, and the permit to be kept while it lives.
    pub fn into_parts(self) -> (TcpStream, Permit) {
        (self.stream, self.permit)
    }
}

impl Network {
    pub fn new(routes: Routes, clock: Clock, limits: Limits, source: Option<IpAddr>) -> Self {
        Self {
            shared: Arc::new(Shared {
                routes,
                clock,
                limits,
                connections: Arc::new(Semaphore::new(limits.connections)),
                places: Places::default(),
                source,
            }),
            trust: Trust::platform(),
            cancelled: CancellationToken::new(),
        }
    }

    /// The same network, whose certificates are judged by `trust`: the practice world has an
    /// authority of its own.
    #[must_use]
    pub fn with_trust(self, trust: Trust) -> Self {
        Self { trust, ..self }
    }

    /// The Internet as it is, with the usual limits.
    pub fn internet() -> Self {
        Self::new(Routes::Internet, Clock::start(1), Limits::default(), None)
    }

    /// The same network for one part of the work, which can be cancelled by itself.
    #[must_use]
    pub fn child(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            trust: self.trust.clone(),
            cancelled: self.cancelled.child_token(),
        }
    }

    pub fn cancel(&self) {
        self.cancelled.cancel();
    }

    pub fn cancelled(&self) -> &CancellationToken {
        &self.cancelled
    }

    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    pub fn limits(&self) -> &Limits {
        &self.shared.limits
    }

    pub fn routes(&self) -> &Routes {
        &self.shared.routes
    }

    /// By which authorities certificates are judged.
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    pub fn is_practice(&self) -> bool {
        matches!(self.shared.routes, Routes::Table(_))
    }

    /// Opens a TCP connection, waiting its turn first; the turn is not part of the time limit.
    pub async fn connect(&self, to: SocketAddr) -> Result<Connection, ConnectError> {
        self.begin(to, self.dial(to)).await
    }

    /// The same from a chosen end, which has to be one of this machine. The practice world is on
    /// loopback: there the address is left aside.
    pub async fn connect_from(
        &self,
        to: SocketAddr,
        source: Source,
    ) -> Result<Connection, ConnectError> {
        let address = source.address.filter(|_| !self.is_practice());
        let work = async {
            match self.shared.routes.way(Transport::Tcp, to).socket() {
                Ok(socket) => reach(socket, Some(Source { address, ..source })).await,
                Err(Some(error)) => Err(error),
                Err(None) => std::future::pending().await,
            }
        };
        self.begin(to, work).await
    }

    /// The same to a real address, whatever the routes say: what the user names as it is, such
    /// as a proxy.
    pub(super) async fn connect_as_is(
        &self,
        to: SocketAddr,
        source: Option<Source>,
    ) -> Result<Connection, ConnectError> {
        self.begin(to, reach(to, source)).await
    }

    async fn begin(
        &self,
        to: SocketAddr,
        dial: impl Future<Output = io::Result<TcpStream>>,
    ) -> Result<Connection, ConnectError> {
        let limit = self.limits().connect;
        let work = async {
            let permit = self.turn(to).await?;
            let stream = match self.clock().timeout(limit, dial).await {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => return Err(ConnectError::from_io(to, &error)),
                Err(TimedOut(after)) => return Err(ConnectError::TimedOut { to, after }),
            };
            Ok(Connection { stream, permit })
        };
        tokio::select! {
            () = self.cancelled.cancelled() => Err(ConnectError::Cancelled),
            done = work => done,
        }
    }

    /// Who waits for a place does not hold up those who go elsewhere.
    async fn turn(&self, to: SocketAddr) -> Result<Permit, ConnectError> {
        let place = self.shared.places.of(to).acquire_owned().await;
        let any = Arc::clone(&self.shared.connections).acquire_owned().await;
        match (place, any) {
            (Ok(place), Ok(any)) => Ok(Permit {
                _place: place,
                _any: any,
            }),
            _ => Err(ConnectError::Cancelled),
        }
    }

    /// The socket to which `to` leads, for a library that dials by itself, with the permit
    /// that counts its connection. Where the way is closed, the same error as from
    /// [`Self::connect`], and after the same time.
    pub(super) async fn led_to(
        &self,
        to: SocketAddr,
    ) -> Result<(SocketAddr, Permit), ConnectError> {
        let permit = self.turn(to).await?;
        match self.shared.routes.way(Transport::Tcp, to).socket() {
            Ok(address) => Ok((address, permit)),
            Err(Some(error)) => Err(ConnectError::from_io(to, &error)),
            Err(None) => {
                let after = self.limits().connect;
                self.clock().sleep(after).await;
                Err(ConnectError::TimedOut { to, after })
            }
        }
    }

    /// The bare connection, without limits: for DNS, whose library has its own.
    pub(super) async fn dial(&self, to: SocketAddr) -> io::Result<TcpStream> {
        let socket_address = match self.shared.routes.way(Transport::Tcp, to).socket() {
            Ok(address) => address,
            Err(Some(error)) => return Err(error),
            Err(None) => std::future::pending().await,
        };
        let socket = if socket_address.is_ipv4() {
            TcpSocket::new_v4()?
        } else {
            TcpSocket::new_v6()?
        };
        // A chosen source address belongs to the real network, not to the practice world.
        if let (Some(source), Routes::Internet) = (self.shared.source, &self.shared.routes)
            && source.is_ipv4() == socket_address.is_ipv4()
        {
            // An address of another machine can be judged, and not be used.
            match socket.bind(SocketAddr::new(source, 0)) {
                Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => {}
                bound => bound?,
            }
        }
        let stream = socket.connect(socket_address).await?;
        // A connection that was reset by now refuses it; reading will tell.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }
}

/// Opens the bare connection; a source that cannot be had is an error.
async fn reach(to: SocketAddr, source: Option<Source>) -> io::Result<TcpStream> {
    let socket = if to.is_ipv4() {
        TcpSocket::new_v4()?
    } else {
        TcpSocket::new_v6()?
    };
    if let Some(source) = source {
        let any: IpAddr = if to.is_ipv4() {
            Ipv4Addr::UNSPECIFIED.into()
        } else {
            Ipv6Addr::UNSPECIFIED.into()
        };
        let from = SocketAddr::new(source.address.unwrap_or(any), source.port);
        // A port that was just in use can be used again.
        socket.set_reuseaddr(true)?;
        socket
            .bind(from)
            .map_err(|error| io::Error::other(format!("it cannot be from {from}: {error}")))?;
    }
    let stream = socket.connect(to).await?;
    // A connection that was reset by now refuses it; reading will tell.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}
