//! The client's side of one SMTP session.
//!
//! # For the driver
//!
//! The driver owns the socket and the clock. Times are since the session's start, of a clock
//! that does not go back. In a loop:
//!
//! 1. Write what [`Session::poll_transmit`] gives, call [`Session::handle_written`] after each
//!    piece, until it gives `None`. While [`Session::wants_block`], supply the next block of the
//!    message by [`Session::supply_block`], or [`Session::end_message`], and begin again.
//! 2. Take the events of [`Session::poll_event`] until it gives `None`. On
//!    [`EventKind::StartTlsReady`] shake hands on the same socket, then call
//!    [`Session::tls_established`] or [`Session::tls_failed`].
//! 3. When [`Session::wants_close`], close the socket and call [`Session::handle_closed`]
//!    with [`How::ByUs`].
//! 4. Wait for bytes, for a command of the user, or until [`Session::poll_timeout`]; then call
//!    [`Session::receive`], a `send` method or [`Session::handle_timeout`].
//!
//! **When a write fails, read first.** A server that hangs up has often said why, and the
//! reason lies in the receive buffer: go on reading, with a short limit, and pass every byte to
//! [`Session::receive`], until the read ends or fails too. Only then call
//! [`Session::handle_closed`] with [`How::Broken`] and the words of the write error.
//!
//! With implicit TLS (port 465) the driver shakes hands before [`Session::handle_connected`].

mod hidden;
mod incoming;
mod outgoing;
mod progress;
mod raw;
mod sending;
mod supply;
#[cfg(test)]
mod tests;
mod trace;

pub use progress::Progress;
pub use supply::{MessageHead, Transfer};

use super::event::{Event, EventKind, How};
use super::extension::Extensions;
use super::reply::ReplyParser;
use super::sasl::Typed;
use super::stage::Stage;
use super::state::{On, Outcome, State};
use super::timeouts::Timeouts;
use crate::text::{SafeText, Secret};
use hidden::Hidden;
use outgoing::Outgoing;
use std::collections::VecDeque;
use std::time::Duration;
use supply::Supply;

/// How a session is set up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SessionOptions {
    pub timeouts: Timeouts,
    /// The connection is inside TLS from its first byte.
    pub implicit_tls: bool,
}

/// When [`Session::handle_timeout`] is due, and what is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    pub at: Duration,
    pub stage: Stage,
}

/// A command that has no reply yet.
#[derive(Clone, Debug)]
struct InFlight {
    stage: Stage,
    sent_at: Duration,
    /// Whom an RCPT named, or whom this answer to the message is about (LMTP).
    recipient: Option<SafeText>,
}

/// The state machine: see [`crate::smtp::state`] for what is legal when.
#[derive(Debug)]
pub struct Session {
    options: SessionOptions,
    state: State,
    encrypted: bool,
    /// The latest time that was passed in.
    now: Duration,
    parser: ReplyParser,
    /// In the order in which they were sent; more than one only in free use.
    in_flight: VecDeque<InFlight>,
    /// Lines of raw octets that end in a bare LF or CR: answered only by servers that take that
    /// for the end of a line.
    perhaps: VecDeque<InFlight>,
    /// What was sent raw since the last CRLF, as far as it matters.
    begun: Secret,
    /// LHLO was taken last: the answers to a message come by recipient.
    lmtp: bool,
    /// They do so for this message, and the last answer is about the whole of it (PRDR).
    by_recipient: bool,
    /// Recipients that the server has taken in this transaction.
    recipients: Vec<SafeText>,
    /// An AUTH whose lines nobody explains but the session.
    typed_auth: Option<Typed>,
    /// When the wait for the first of `in_flight`, for a block or for the handshake began.
    wait_began: Duration,
    /// Was answered by a line without a code. Should a reply with one follow, it is the answer.
    answered_badly: Option<InFlight>,
    /// The server answered the message before its final dot was written.
    answered_early: Option<Outcome>,
    outgoing: Outgoing,
    /// The message whose blocks the driver supplies.
    supply: Option<Supply>,
    /// What answers the chunk that is being written; none by DATA.
    chunk: Option<Stage>,
    hidden: Hidden,
    /// Texts of the 334 replies of the last AUTH, as they came.
    challenges: Vec<Secret>,
    events: VecDeque<Event>,
    extensions: Option<Extensions>,
    progress: Progress,
    unsolicited: usize,
    /// Bytes so far.
    received: usize,
}

impl Session {
    pub fn new(options: SessionOptions) -> Self {
        Self {
            options,
            state: State::Unconnected,
            encrypted: options.implicit_tls,
            now: Duration::ZERO,
            parser: ReplyParser::default(),
            in_flight: VecDeque::new(),
            perhaps: VecDeque::new(),
            begun: Secret::new(String::new()),
            lmtp: false,
            by_recipient: false,
            recipients: Vec::new(),
            typed_auth: None,
            wait_began: Duration::ZERO,
            answered_badly: None,
            answered_early: None,
            outgoing: Outgoing::default(),
            supply: None,
            chunk: None,
            hidden: Hidden::default(),
            challenges: Vec::new(),
            events: VecDeque::new(),
            extensions: None,
            progress: Progress::default(),
            unsolicited: 0,
            received: 0,
        }
    }

    pub fn state(&self) -> State {
        self.state
    }

    /// Whether what is sent now goes inside TLS.
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// What the last EHLO offered; none before it, after HELO, and right after STARTTLS.
    pub fn extensions(&self) -> Option<&Extensions> {
        self.extensions.as_ref()
    }

    /// Whether LHLO was the last hello that was taken.
    pub fn is_lmtp(&self) -> bool {
        self.lmtp
    }

    /// The recipients that the server has taken in this transaction, as they were named.
    pub fn recipients(&self) -> &[SafeText] {
        &self.recipients
    }

    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The challenges of the last AUTH, for [`crate::smtp::sasl`] and nothing else: what is
    /// shown of them stands in the events.
    pub(crate) fn challenges(&self) -> Vec<&str> {
        self.challenges.iter().map(Secret::expose).collect()
    }

    /// What is awaited: the first command without a reply, the greeting, the handshake.
    pub fn awaited(&self) -> Option<Stage> {
        match self.state {
            State::Unconnected | State::Closed => None,
            State::TlsHandshake => Some(Stage::StartTls),
            _ => self.in_flight.front().map(|command| command.stage),
        }
    }

    /// Since when [`Session::awaited`] is.
    pub fn waiting_since(&self) -> Option<Duration> {
        self.awaited().map(|_| self.wait_began)
    }

    /// Whether nothing is left to say or hear: 221 or 421 came, or the session is over. Poll
    /// after every call that can make events.
    pub fn wants_close(&self) -> bool {
        matches!(self.state, State::Closing | State::Closed)
    }

    /// The next octets to write, secrets and all. Poll until `None` after
    /// [`Session::handle_written`] and after every `send` method.
    ///
    /// A message comes in blocks, each only after [`Session::handle_written`] for the one
    /// before, so that the time-out of a block means something.
    pub fn poll_transmit(&mut self) -> Option<Vec<u8>> {
        self.outgoing.pop()
    }

    /// The next event. Poll until `None` after every other call.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When to call [`Session::handle_timeout`]; none when nothing is waited for. Poll again
    /// after every other call: each may begin or end a wait.
    pub fn poll_timeout(&self) -> Option<Deadline> {
        let timeouts = &self.options.timeouts;
        let (stage, limit) = match self.state {
            State::TlsHandshake => (Stage::StartTls, timeouts.handshake),
            State::SendingMessage if self.outgoing.has_blocks() => (Stage::Message, timeouts.block),
            // Otherwise somebody types or reads the message, as slowly as they like.
            State::SendingMessage | State::Closing | State::Closed => return None,
            _ => {
                let stage = self.in_flight.front()?.stage;
                (stage, timeouts.of(stage))
            }
        };
        Some(Deadline {
            at: self.wait_began.saturating_add(limit),
            stage,
        })
    }

    /// The transport is up. Call once, before anything else.
    pub fn handle_connected(&mut self, now: Duration) {
        self.tick(now);
        if self.state != State::Unconnected {
            return;
        }
        self.moved(On::Connect);
        self.tell(EventKind::Connected);
        self.await_reply(Stage::Connect);
    }

    /// The time is `now`. Does nothing before the deadline; past it, the session is over: an
    /// answer that came later could be taken for that of another command.
    pub fn handle_timeout(&mut self, now: Duration) {
        self.tick(now);
        let Some(deadline) = self.poll_timeout() else {
            return;
        };
        if self.now < deadline.at {
            return;
        }
        // What came of a line is shown: it is not the same as silence.
        if let Err(error) = self.tell_unfinished_line() {
            return self.fail(error);
        }
        self.tell(EventKind::TimedOut {
            stage: deadline.stage,
            after: self.now.saturating_sub(self.wait_began),
            delivery_unclear: self.delivery_unclear(),
        });
        self.end();
    }

    /// The connection ended. Pass every byte that came before to [`Session::receive`] first.
    pub fn handle_closed(&mut self, now: Duration, how: How) {
        self.tick(now);
        if !self.state.is_connected() {
            return;
        }
        // A last line without its CRLF still answers, if it has a code.
        match self.tell_unfinished_line() {
            Ok(Some(reply)) if reply.code.is_some() => self.handle_reply(reply),
            Ok(_) => {}
            Err(error) => return self.fail(error),
        }
        self.tell(EventKind::Closed {
            how,
            during: self.awaited(),
            expected: matches!(self.state, State::Closing | State::QuitSent),
            delivery_unclear: self.delivery_unclear(),
        });
        self.end();
    }

    fn tick(&mut self, now: Duration) {
        self.now = self.now.max(now);
    }

    fn moved(&mut self, event: On) {
        self.state = self.state.after(event);
    }

    fn tell(&mut self, kind: EventKind) {
        self.events.push_back(Event {
            at: self.now,
            encrypted: self.encrypted,
            kind: self.hidden.masked(kind),
        });
    }

    fn await_reply(&mut self, stage: Stage) {
        self.await_reply_about(stage, None);
    }

    fn await_reply_about(&mut self, stage: Stage, recipient: Option<SafeText>) {
        if self.in_flight.is_empty() {
            self.wait_began = self.now;
        }
        self.answered_badly = None;
        self.in_flight.push_back(InFlight {
            stage,
            sent_at: self.now,
            recipient,
        });
    }

    /// Whether the server may have the whole message and has not said what became of it.
    fn delivery_unclear(&self) -> bool {
        let unanswered = self.in_flight.iter().any(|c| c.stage == Stage::Message);
        let dot_is_out = self.state != State::SendingMessage || self.outgoing.is_writing_last();
        unanswered && dot_is_out
    }

    fn end(&mut self) {
        self.moved(On::End);
        self.in_flight.clear();
        self.perhaps.clear();
        self.outgoing.clear();
        self.supply = None;
        self.chunk = None;
        self.parser = ReplyParser::default();
    }
}
