//! What a session tells.

use super::error::RemoteError;
use super::reply::{Reply, ReplyLine};
use super::stage::Stage;
use crate::text::SafeText;
use std::time::Duration;

/// Something that happened, with all that a transcript needs of it. Every text in it is safe
/// and holds no secret that the client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Since the session's start.
    pub at: Duration,
    /// Inside TLS.
    pub encrypted: bool,
    pub kind: EventKind,
}

/// The kinds of events. After [`EventKind::is_end`] nothing follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// The transport is up; the greeting is awaited.
    Connected,
    /// A line came. Its reply follows with its last line. `stage` is what it answers; none
    /// when nothing was asked.
    Line {
        stage: Option<Stage>,
        line: ReplyLine,
    },
    /// The greeting is whole. `took` since the connection.
    Greeting { reply: Reply, took: Duration },
    /// A command was answered. `took` since it was sent; for the message, since its final dot.
    Reply {
        stage: Stage,
        reply: Reply,
        took: Duration,
    },
    /// A reply to nothing: 421 as a rule.
    Unsolicited(Reply),
    /// A line was handed out for sending: a command, or a typed line of a message.
    Sent { stage: Stage, line: SafeText },
    /// A message is being handed out, of so many lines and octets where that is known before:
    /// octets with the final dot where it is held, without what dots add where it is not.
    SendingMessage {
        lines: Option<usize>,
        octets: Option<u64>,
    },
    /// What a line of AUTH, or the challenge that came, says, for people; secrets masked.
    AuthRead { by_us: bool, words: SafeText },
    /// The reply that follows is about this recipient alone (LMTP, RFC 2033 section 4.2).
    ForRecipient(SafeText),
    /// The final dot is written. (The last chunk of BDAT is a line of its own.)
    MessageSent,
    /// STARTTLS got its 220: the driver shakes hands now.
    StartTlsReady,
    /// Bytes stood in clear behind the 220 of STARTTLS, where none may be. They are thrown
    /// away: whoever sits on the line could have put them there (RFC 3207 section 4.2 and
    /// CVE-2011-0411).
    ClearBehindStartTls { text: SafeText, octets: usize },
    /// The handshake is done. EHLO comes again, what it offered before is forgotten.
    TlsEstablished { description: SafeText },
    /// The handshake failed, the connection is of no use any more.
    TlsFailed { what: SafeText },
    /// Nothing whole came in time.
    TimedOut {
        stage: Stage,
        after: Duration,
        /// The final dot was out: the message may have arrived all the same, and arrives twice
        /// when it is sent again.
        delivery_unclear: bool,
    },
    /// The connection ended.
    Closed {
        how: How,
        /// What was awaited.
        during: Option<Stage>,
        /// Whether QUIT, 221 or 421 had announced it.
        expected: bool,
        /// As in [`EventKind::TimedOut`].
        delivery_unclear: bool,
    },
    /// The driver saw something below the session: a certificate, what a command wrote to its
    /// standard error.
    Noted { text: SafeText },
    /// The server passed a bound; nothing more is read.
    Error(RemoteError),
}

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum How {
    /// The server closed it in order (FIN, TLS `close_notify`).
    ByServer,
    /// We did.
    ByUs,
    /// It broke: reset, no route, a TLS alert; in the system's words.
    Broken(SafeText),
}

impl EventKind {
    /// Whether the session is over with this event.
    pub fn is_end(&self) -> bool {
        matches!(
            self,
            Self::TlsFailed { .. } | Self::TimedOut { .. } | Self::Closed { .. } | Self::Error(_)
        )
    }
}
