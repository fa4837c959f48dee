//! A session and the socket under it.

use crate::net::network::Permit;
use crate::net::tls::{self, Observed};
use crate::net::{Clock, ConnectError, Connection, Network};
use crate::smtp::{Event, EventKind, How, Session, SessionOptions, Timeouts};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Octets taken from the socket at once.
const BUFFER: usize = 16 * 1024;
/// How long what a closing server still had to say is read.
const LAST_WORDS: Duration = Duration::from_secs(2);

trait Transport: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Transport for T {}

/// How to open a session.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The host's name, for SNI and the certificate.
    pub name: String,
    pub timeouts: Timeouts,
    /// TLS from the first byte (port 465).
    pub implicit_tls: bool,
}

/// A [`Session`] on a socket. The caller takes [`Wire::event`] until there is none, says
/// something through [`Wire::session`], calls [`Wire::flush`] to the end, and then
/// [`Wire::wait`]s.
pub struct Wire {
    session: Session,
    /// None once the connection is closed.
    stream: Option<Pin<Box<dyn Transport>>>,
    /// Our end of the connection.
    here: Option<IpAddr>,
    network: Network,
    name: String,
    /// The clock's time at the session's start.
    began: Duration,
    /// Of what has no time-out of its own.
    longest_write: Duration,
    observed: Option<Observed>,
    tls_error: Option<tls::Error>,
    handshake_due: bool,
    _permit: Permit,
}

impl Wire {
    /// Connects, with TLS from the start where that is wanted. The session's time begins with
    /// the attempt.
    pub async fn open(
        network: &Network,
        to: SocketAddr,
        options: Options,
    ) -> Result<Self, ConnectError> {
        let began = network.clock().elapsed();
        let connection = network.connect(to).await?;
        Self::begin(network, connection, options, began)
            .await
            .map_err(|error| ConnectError::Other {
                to,
                why: error.to_string(),
            })
    }

    /// The same on a connection that stands already; the session's time begins now. The error
    /// is that of the handshake of implicit TLS.
    pub async fn over(
        network: &Network,
        connection: Connection,
        options: Options,
    ) -> Result<Self, tls::Error> {
        let began = network.clock().elapsed();
        Self::begin(network, connection, options, began).await
    }

    async fn begin(
        network: &Network,
        connection: Connection,
        options: Options,
        began: Duration,
    ) -> Result<Self, tls::Error> {
        let (stream, permit) = connection.into_parts();
        let mut wire = Self {
            session: Session::new(SessionOptions {
                timeouts: options.timeouts,
                implicit_tls: options.implicit_tls,
            }),
            here: stream.local_addr().ok().map(|here| here.ip()),
            stream: Some(Box::pin(stream)),
            network: network.clone(),
            name: options.name,
            began,
            longest_write: options.timeouts.block,
            observed: None,
            tls_error: None,
            handshake_due: false,
            _permit: permit,
        };
        if options.implicit_tls {
            wire.shake_hands(options.timeouts.handshake).await?;
        }
        let now = wire.now();
        wire.session.handle_connected(now);
        Ok(wire)
    }

    /// The address that the connection is made from: for the EHLO of a host without a name.
    pub fn local_address(&self) -> Option<IpAddr> {
        self.here
    }

    /// The network's clock.
    pub fn clock(&self) -> &Clock {
        self.network.clock()
    }

    /// Since the session's start.
    pub fn now(&self) -> Duration {
        self.clock().elapsed().saturating_sub(self.began)
    }

    pub fn session(&self) -> &Session {
        &self.session
    }

    /// To say something: `wire.say(|session, now| session.send(&command, now))`.
    pub fn say<T>(&mut self, with: impl FnOnce(&mut Session, Duration) -> T) -> T {
        let now = self.now();
        with(&mut self.session, now)
    }

    /// What the TLS handshake showed, once there was one.
    pub fn observed(&self) -> Option<&Observed> {
        self.observed.as_ref()
    }

    /// Why the TLS handshake failed, if it did.
    pub fn tls_error(&self) -> Option<&tls::Error> {
        self.tls_error.as_ref()
    }

    /// The next event, in the order in which they happened.
    pub fn event(&mut self) -> Option<Event> {
        let event = self.session.poll_event()?;
        self.handshake_due |= matches!(event.kind, EventKind::StartTlsReady);
        Some(event)
    }

    /// Sends what is to be sent, shakes hands where that is due, closes where the session is
    /// over. Not to be dropped half way.
    pub async fn flush(&mut self) {
        while let Some(octets) = self.session.poll_transmit() {
            // Typed lines of a message have no time-out, and still nobody waits for ever for a
            // server that does not read.
            let deadline = self.session.poll_timeout().map_or_else(
                || self.now().saturating_add(self.longest_write),
                |deadline| deadline.at,
            );
            match self.write(&octets, deadline).await {
                Written::All => {
                    let now = self.now();
                    self.session.handle_written(now);
                }
                Written::TooSlow => {
                    let now = self.now();
                    self.session.handle_timeout(now);
                    let why = "the server takes nothing in";
                    self.session.handle_closed(now, How::Broken(why.into()));
                    self.stream = None;
                    return;
                }
                Written::Failed(error) => return self.last_words(&error).await,
            }
        }
        if std::mem::take(&mut self.handshake_due) {
            let limit = self.session.poll_timeout().map_or(LAST_WORDS, |deadline| {
                deadline.at.saturating_sub(self.now())
            });
            let outcome = self.shake_hands(limit).await;
            let now = self.now();
            match outcome {
                Ok(description) => {
                    // A refusal here would mean that no handshake was due.
                    let _ = self.session.tls_established(now, description.as_str());
                }
                Err(error) => {
                    self.session.tls_failed(now, error.to_string());
                    self.tls_error = Some(error);
                    self.stream = None;
                }
            }
        }
        if self.session.wants_close() {
            self.close().await;
        }
    }

    /// Closes the connection from this side.
    pub async fn close(&mut self) {
        if let Some(mut stream) = self.stream.take() {
            // The other side may be gone already; nothing depends on it.
            let _ = self.clock().timeout(LAST_WORDS, stream.shutdown()).await;
            let now = self.now();
            self.session.handle_closed(now, How::ByUs);
        }
    }

    /// Whether anything can still come.
    pub fn is_open(&self) -> bool {
        self.stream.is_some()
    }

    /// Waits for bytes, or until the session's next time-out. May be dropped at any moment.
    pub async fn wait(&mut self) {
        let clock = *self.network.clock();
        let deadline = self.session.poll_timeout().map(|deadline| deadline.at);
        let until = async {
            match deadline {
                Some(at) => clock.sleep_until(self.began + at).await,
                None => std::future::pending().await,
            }
        };
        let Some(stream) = &mut self.stream else {
            return;
        };
        let mut buffer = vec![0; BUFFER];
        let read = tokio::select! {
            read = stream.read(&mut buffer) => Some(read),
            () = until => None,
        };
        let now = clock.elapsed().saturating_sub(self.began);
        match read {
            Some(Ok(0)) => {
                self.stream = None;
                self.session.handle_closed(now, How::ByServer);
            }
            Some(Ok(octets)) => {
                self.session
                    .receive(buffer.get(..octets).unwrap_or_default(), now);
            }
            Some(Err(error)) => {
                self.stream = None;
                self.session.handle_closed(now, how(&error));
            }
            None => {
                self.session.handle_timeout(now);
            }
        }
    }

    async fn write(&mut self, octets: &[u8], deadline: Duration) -> Written {
        let clock = *self.network.clock();
        let began = self.began;
        let Some(stream) = &mut self.stream else {
            return Written::Failed(io::ErrorKind::NotConnected.into());
        };
        let work = async {
            stream.write_all(octets).await?;
            stream.flush().await
        };
        tokio::select! {
            written = work => written.map_or_else(Written::Failed, |()| Written::All),
            () = clock.sleep_until(began + deadline) => Written::TooSlow,
        }
    }

    /// A write failed: what the server said before it hung up often says why.
    async fn last_words(&mut self, error: &io::Error) {
        let until = self.clock().elapsed() + LAST_WORDS;
        let mut buffer = vec![0; BUFFER];
        while let Some(stream) = &mut self.stream {
            let left = until.saturating_sub(self.network.clock().elapsed());
            let read = self
                .network
                .clock()
                .timeout(left, stream.read(&mut buffer))
                .await;
            match read {
                Ok(Ok(octets)) if octets > 0 => {
                    let now = self.now();
                    self.session
                        .receive(buffer.get(..octets).unwrap_or_default(), now);
                }
                _ => self.stream = None,
            }
        }
        let now = self.now();
        self.session.handle_closed(now, how(error));
    }

    async fn shake_hands(&mut self, limit: Duration) -> Result<String, tls::Error> {
        let broken = |why: &str| tls::Error::Io {
            name: self.name.clone(),
            why: why.to_owned(),
        };
        let stream = self.stream.take().ok_or_else(|| broken("no connection"))?;
        let handshake = tls::connect(
            self.network.trust(),
            stream,
            &self.name,
            tls::Check::Observe,
            &[],
        );
        let (stream, observed) = self
            .clock()
            .timeout(limit, handshake)
            .await
            .map_err(|late| broken(&late.to_string()))??;
        let description = describe(&observed);
        self.observed = Some(observed);
        self.stream = Some(Box::pin(stream));
        Ok(description)
    }
}

enum Written {
    All,
    TooSlow,
    Failed(io::Error),
}

fn how(error: &io::Error) -> How {
    match error.kind() {
        // rustls' word for a close without close_notify: many servers do it.
        io::ErrorKind::UnexpectedEof => How::ByServer,
        _ => How::Broken(error.to_string().into()),
    }
}

fn describe(observed: &Observed) -> String {
    let protocol = observed.protocol.map_or_else(String::new, |protocol| {
        let text = format!("{protocol:?}");
        text.strip_prefix("TLSv1_")
            .map_or(text.clone(), |minor| format!("TLS 1.{minor}"))
    });
    let cipher = observed
        .cipher
        .map_or_else(String::new, |cipher| format!(", {cipher:?}"));
    let verdict = match &observed.verdict {
        Ok(()) => "the certificate verifies".to_owned(),
        Err(error) => format!("the certificate does not verify: {error}"),
    };
    format!("{protocol}{cipher}; {verdict}")
}
