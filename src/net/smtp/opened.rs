//! The connection under a session, whichever way it goes.

use super::Options;
use super::pipe::Running;
use super::way::{Destination, Lead, Proxy};
use crate::net::network::Permit;
use crate::net::{ConnectError, Connection, Network};
use crate::text::SafeText;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::pin::Pin;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use tokio_socks::tcp::Socks5Stream;

pub(super) trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

/// A connection that stands, and what is to live as long.
pub(super) struct Opened {
    pub(super) stream: Pin<Box<dyn Transport>>,
    /// Our end, where it has an address.
    pub(super) here: Option<IpAddr>,
    pub(super) permit: Option<Permit>,
    pub(super) running: Option<Running>,
    /// What was sent ahead of everything, in words.
    pub(super) header: Option<String>,
}

/// Both ends of a connection, as far as the server sees them.
type Ends = (Option<SocketAddr>, Option<SocketAddr>);

impl Opened {
    pub(super) fn of(connection: Connection) -> Self {
        let (stream, permit) = connection.into_parts();
        Self {
            here: stream.local_addr().ok().map(|here| here.ip()),
            stream: Box::pin(stream),
            permit: Some(permit),
            running: None,
            header: None,
        }
    }

    fn local(stream: impl Transport + 'static, running: Option<Running>) -> Self {
        Self {
            stream: Box::pin(stream),
            here: None,
            permit: None,
            running,
            header: None,
        }
    }

    pub(super) async fn open(
        network: &Network,
        to: &Destination,
        options: &Options,
    ) -> Result<Self, ConnectError> {
        let (mut opened, (here, there)) = match &to.lead {
            Lead::Tcp(address) => tcp(network, SocketAddr::new(*address, to.port), options).await?,
            Lead::Unix(path) => {
                let stream = unix(network, path)
                    .await
                    .map_err(|error| to.failed(&error.to_string()))?;
                (Self::local(stream, None), (None, None))
            }
            Lead::Command(command) => {
                let (running, streams) =
                    Running::start(command).map_err(|error| to.failed(&error.to_string()))?;
                (Self::local(streams, Some(running)), (None, None))
            }
            Lead::Proxy { at, proxy, host } => {
                let connection = network
                    .connect_as_is(*at, options.source)
                    .await
                    .map_err(|error| to.failed(&error.to_string()))?;
                let (stream, permit) = connection.into_parts();
                let stream = through(network, stream, proxy, host, to.port)
                    .await
                    .map_err(|why| to.failed(&why))?;
                let opened = Self {
                    permit: Some(permit),
                    ..Self::local(stream, None)
                };
                (opened, (None, None))
            }
        };
        if let Some(header) = options.header {
            let octets = header.octets(here, there);
            let sent = match octets {
                Ok(octets) => opened.send(network, &octets).await,
                Err(error) => Err(error),
            };
            sent.map_err(|error| to.failed(&error.to_string()))?;
            opened.header = Some(header.words(here, there));
        }
        Ok(opened)
    }

    async fn send(&mut self, network: &Network, octets: &[u8]) -> io::Result<()> {
        let stream = &mut self.stream;
        let work = async {
            stream.write_all(octets).await?;
            stream.flush().await
        };
        let limit = network.limits().connect;
        let done = network.clock().timeout(limit, work).await;
        done.unwrap_or_else(|late| Err(io::Error::other(late.to_string())))
    }
}

async fn tcp(
    network: &Network,
    to: SocketAddr,
    options: &Options,
) -> Result<(Opened, Ends), ConnectError> {
    let connection = match options.source {
        Some(source) => network.connect_from(to, source).await?,
        None => network.connect(to).await?,
    };
    // In the practice world the far end is a socket of loopback; the header is about the host.
    let there = if network.is_practice() {
        Some(to)
    } else {
        connection.stream.peer_addr().ok()
    };
    let here = connection.stream.local_addr().ok();
    Ok((Opened::of(connection), (here, there)))
}

async fn unix(network: &Network, path: &Path) -> io::Result<UnixStream> {
    let limit = network.limits().connect;
    let done = network
        .clock()
        .timeout(limit, UnixStream::connect(path))
        .await;
    done.unwrap_or_else(|late| Err(io::Error::other(late.to_string())))
}

/// The proxy's word for the connection behind it.
async fn through(
    network: &Network,
    stream: TcpStream,
    proxy: &Proxy,
    host: &str,
    port: u16,
) -> Result<Socks5Stream<TcpStream>, String> {
    let work = async {
        match &proxy.login {
            Some((user, password)) => {
                Socks5Stream::connect_with_password_and_socket(
                    stream,
                    (host, port),
                    user,
                    password.expose(),
                )
                .await
            }
            None => Socks5Stream::connect_with_socket(stream, (host, port)).await,
        }
    };
    let limit = network.limits().connect;
    let waited = network.clock().timeout(limit, work);
    tokio::select! {
        () = network.cancelled().cancelled() => Err(ConnectError::Cancelled.to_string()),
        done = waited => match done {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(proxy_words(&error)),
            Err(late) => Err(late.to_string()),
        },
    }
}

fn proxy_words(error: &tokio_socks::Error) -> String {
    use tokio_socks::Error as E;
    match error {
        E::PasswordAuthFailure(_) => "the proxy does not take the login".to_owned(),
        E::NoAcceptableAuthMethods | E::AuthorizationRequired => {
            "the proxy wants another login than was given".to_owned()
        }
        E::InvalidResponseVersion => "what answers is no SOCKS5 proxy".to_owned(),
        E::Io(error) => error.to_string(),
        error => format!("the proxy says: {error}"),
    }
}

impl Destination {
    /// The error of a connection that did not come to stand.
    pub(super) fn failed(&self, why: &str) -> ConnectError {
        match &self.lead {
            Lead::Tcp(address) => ConnectError::Other {
                to: SocketAddr::new(*address, self.port),
                why: why.to_owned(),
            },
            Lead::Unix(_) | Lead::Command(_) | Lead::Proxy { .. } => ConnectError::Way {
                way: SafeText::from(self.to_string()),
                why: why.into(),
            },
        }
    }
}
