//! Our fault and theirs, as two types: the diagnosis hangs on the difference.

use super::reply::bounds;
use super::stage::Stage;
use super::state::State;
use crate::text::SafeText;

/// What we, or the user, did wrong. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LocalError {
    /// A line feed or carriage return would end the line and begin another command.
    #[error("{part} holds a line break, which would begin a second command")]
    LineBreak { part: &'static str },
    #[error("{part} holds a control character (NUL, escape or the like)")]
    Control { part: &'static str },
    #[error("{part} is empty")]
    Empty { part: &'static str },
    #[error("`{text}` is no {part}: {why}")]
    Malformed {
        part: &'static str,
        text: SafeText,
        why: &'static str,
    },
    /// RFC 5321 section 4.5.3.1.
    #[error("{part} has {octets} octets, the limit is {limit}")]
    TooLong {
        part: &'static str,
        octets: usize,
        limit: usize,
    },
    /// The table of [`super::state`] does not have this command here.
    #[error("{} cannot be sent now: {state}", stage.verb().unwrap_or("the message"))]
    NotNow { stage: Stage, state: State },
    #[error("{0} has not come yet")]
    Waiting(Stage),
    #[error("such a message needs {keyword}, which the server does not offer")]
    NotOffered { keyword: &'static str },
    /// RFC 2920: several commands in one go.
    #[error("the server does not offer PIPELINING: one command at a time")]
    NoPipelining,
    #[error("{} must be the last command of its group (RFC 2920, 3.1)", .0.verb().unwrap_or("this"))]
    NotLast(Stage),
    #[error("the session is inside TLS already")]
    AlreadyEncrypted,
    #[error("there is no connection")]
    NotConnected,
    #[error("the TLS handshake is not finished")]
    InHandshake,
}

/// What the peer did wrong, so badly that the session cannot go on. What is merely untidy is a
/// [`super::reply::Defect`] of a reply that is still read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RemoteError {
    #[error(
        "the server sent a line of more than {} bytes without an end",
        bounds::LINE
    )]
    TooLongLine,
    #[error("the server sent a reply of more than {} lines", bounds::LINES)]
    TooManyLines,
    #[error("the server sent a reply of more than {} bytes", bounds::REPLY)]
    TooLongReply,
    #[error(
        "the server sent more than {} replies to which no command belongs",
        bounds::UNSOLICITED
    )]
    TooManyUnsolicited,
    #[error("the server sent more than {} bytes in one session", bounds::SESSION)]
    TooLongSession,
}
