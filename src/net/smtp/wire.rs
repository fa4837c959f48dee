//! A session and the socket under it.

mod handshake;
mod writing;

use super::Options;
use super::opened::{Opened, Transport};
use super::pipe::Running;
use super::source::Source;
use super::way::Destination;
use crate::case;
use crate::net::network::Permit;
use crate::net::tls::{self, Observed, Terms};
use crate::net::{Clock, ConnectError, Connection, Network};
use crate::smtp::{Event, EventKind, How, LocalError, Session, SessionOptions};
use crate::text::SafeText;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::pin::Pin;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use writing::{LAST_WORDS, Written, how};

/// Octets taken from the socket at once.
const BUFFER: usize = 16 * 1024;

/// A [`Session`] on a socket. The caller takes [`Wire::event`] until there is none, says
/// something through [`Wire::session`], calls [`Wire::flush`] to the end, and then
/// [`Wire::wait`]s.
pub struct Wire {
    session: Session,
    /// None once the connection is closed.
    stream: Option<Pin<Box<dyn Transport>>>,
    /// Our end of the connection.
    here: Option<IpAddr>,
    reached: Option<Destination>,
    network: Network,
    name: String,
    terms: Terms,
    shows_chain: bool,
    /// The command whose streams these are.
    running: Option<Running>,
    /// Events that come before what the session tells next.
    ahead: VecDeque<Event>,
    /// The clock's time at the session's start.
    began: Duration,
    /// Of what has no time-out of its own.
    longest_write: Duration,
    observed: Option<Observed>,
    tls_error: Option<tls::Error>,
    shown: Option<case::Tls>,
    handshake_due: bool,
    /// The message that is being sent.
    source: Option<Source>,
    _permit: Option<Permit>,
}

impl Wire {
    /// Connects, with TLS from the start where that is wanted; where that fails the session is
    /// over, and its events say why. The session's time begins with the attempt.
    pub async fn open(
        network: &Network,
        to: impl Into<Destination>,
        options: Options,
    ) -> Result<Self, ConnectError> {
        let to = to.into();
        let began = network.clock().elapsed();
        let first = Box::pin(Opened::open(network, &to, &options)).await;
        let (opened, to, refused) = match (first, to.otherwise()) {
            (Err(refused @ ConnectError::Refused { .. }), Some(other)) => {
                let second = Box::pin(Opened::open(network, &other, &options)).await;
                (second.map_err(|_| refused.clone())?, other, Some(refused))
            }
            (first, _) => (first?, to, None),
        };
        let mut wire = Self::begin(network, opened, options, began).await;
        if let Some(refused) = refused {
            wire.note(format!("{refused}; this is {to}"));
        }
        wire.reached = Some(to);
        Ok(wire)
    }

    /// Where the connection has come to; none where it stood already.
    pub fn reached(&self) -> Option<&Destination> {
        self.reached.as_ref()
    }

    /// The same on a connection that stands already; the session's time begins now. The error
    /// is that of the handshake of implicit TLS.
    pub async fn over(
        network: &Network,
        connection: Connection,
        options: Options,
    ) -> Result<Self, tls::Error> {
        let began = network.clock().elapsed();
        let mut wire = Self::begin(network, Opened::of(connection), options, began).await;
        wire.tls_error.take().map_or(Ok(wire), Err)
    }

    async fn begin(network: &Network, opened: Opened, options: Options, began: Duration) -> Self {
        let implicit_tls = options.on_connect();
        let mut wire = Self {
            session: Session::new(SessionOptions {
                timeouts: options.timeouts,
                implicit_tls,
            }),
            here: opened.here,
            reached: None,
            stream: Some(opened.stream),
            network: network.clone(),
            name: options.name,
            terms: options.terms,
            shows_chain: options.shows_chain,
            running: opened.running,
            ahead: VecDeque::new(),
            began,
            longest_write: options.timeouts.block,
            observed: None,
            tls_error: None,
            shown: None,
            handshake_due: false,
            source: None,
            _permit: opened.permit,
        };
        let handshake = if implicit_tls {
            Some(wire.shake_hands(options.timeouts.handshake).await)
        } else {
            None
        };
        let now = wire.now();
        wire.session.handle_connected(now);
        // That it is connected comes before what was seen on the way.
        let of_tls = std::mem::take(&mut wire.ahead);
        while let Some(event) = wire.session.poll_event() {
            wire.ahead.push_back(event);
        }
        if let Some(header) = opened.header {
            wire.note(header);
        }
        wire.ahead.extend(of_tls);
        match handshake {
            Some(Ok(description)) if wire.shows_chain => {
                wire.note(format!("inside TLS now: {description}"));
            }
            Some(Err(error)) => {
                wire.tls_failed(error).await;
                // Nothing was inside TLS, though it was to be.
                for event in &mut wire.ahead {
                    event.encrypted = false;
                }
            }
            _ => {}
        }
        wire
    }

    fn note(&mut self, text: impl Into<SafeText>) {
        let event = Event {
            at: self.now(),
            encrypted: self.session.is_encrypted(),
            kind: EventKind::Noted { text: text.into() },
        };
        self.ahead.push_back(event);
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

    /// Sends a message that is read meanwhile: after the 354, or instead of DATA where
    /// [`Source::transfer`] says so. [`Wire::flush`] and [`Wire::wait`] by turns, until
    /// [`Session::is_supplied`] is false and [`Session::awaited`] is none: chunks are answered
    /// too, and only the last of these replies is the one to the message.
    pub fn send_message(&mut self, source: Source) -> Result<(), LocalError> {
        let offered = self.session.extensions();
        if let Some(keyword) = source.lacks(offered) {
            return Err(LocalError::NotOffered { keyword });
        }
        let head = source.head(offered);
        self.say(|session, now| session.open_message(head, now))?;
        self.source = Some(source);
        Ok(())
    }

    /// What the TLS handshake showed, once there was one.
    pub fn observed(&self) -> Option<&Observed> {
        self.observed.as_ref()
    }

    /// The same for a transcript: whole or broken off, the last handshake that there was.
    pub fn shown(&self) -> Option<&case::Tls> {
        self.shown.as_ref()
    }

    /// Why the TLS handshake failed, if it did.
    pub fn tls_error(&self) -> Option<&tls::Error> {
        self.tls_error.as_ref()
    }

    /// The next event, in the order in which they happened.
    pub fn event(&mut self) -> Option<Event> {
        if let Some(event) = self.ahead.pop_front() {
            return Some(event);
        }
        let event = self.session.poll_event()?;
        self.handshake_due |= matches!(event.kind, EventKind::StartTlsReady);
        Some(event)
    }

    /// Sends what is to be sent, shakes hands where that is due, closes where the session is
    /// over. Not to be dropped half way, unless the connection is dropped with it.
    pub async fn flush(&mut self) {
        loop {
            let octets = match self.session.poll_transmit() {
                Some(octets) => octets,
                None if self.supply().await => continue,
                None => break,
            };
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
            match self.shake_hands(limit).await {
                Ok(description) => {
                    let now = self.now();
                    // A refusal here would mean that no handshake was due.
                    let _ = self.session.tls_established(now, description.as_str());
                }
                Err(error) => self.tls_failed(error).await,
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
            let mut last = Vec::new();
            if let Some(running) = &mut self.running {
                running.rest(&mut last).await;
            }
            for line in last {
                self.note(line);
            }
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
        let running = &mut self.running;
        let complaint = async {
            match running {
                Some(running) => running.complaint().await,
                None => std::future::pending().await,
            }
        };
        let read = tokio::select! {
            read = stream.read(&mut buffer) => Some(read),
            line = complaint => return self.note(line),
            () = until => None,
        };
        if matches!(read, Some(Ok(0) | Err(_))) {
            self.command_ended().await;
        }
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

    /// The standard output of the command has ended: what it complained of says why.
    async fn command_ended(&mut self) {
        let mut last = Vec::new();
        if let Some(running) = &mut self.running {
            running.last_words(&mut last).await;
        }
        for line in last {
            self.note(line);
        }
    }
}
