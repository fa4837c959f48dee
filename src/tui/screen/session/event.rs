//! What passes between this screen and the connection: plain data, both ways.

use crate::case::{Line, Tls};
use crate::smtp::{Login, Raw};

/// What the connection is told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionOrder {
    Connect {
        host: String,
        port: u16,
    },
    /// A line as it was typed; a command that the program knows is sent in its right form.
    Send(String),
    /// DATA where the server has not yet said 354, then this message, dot-stuffed.
    Message {
        headers: Vec<(String, String)>,
        body: Vec<String>,
    },
    StartTls,
    /// Octets as they were typed.
    Raw(Raw),
    /// AUTH with this login, which nothing here keeps.
    LogIn(Box<Login>),
    /// The end of the connection without QUIT.
    Drop,
    /// QUIT where that is still possible, then the end of the connection.
    Disconnect,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionEvent {
    /// A line was sent, was received, or tells what happened.
    Line(Line),
    /// The lines since the last command are a complete reply.
    Replied(Said),
    Ready(Ready),
    /// The connection has ended; why is said in one sentence.
    Closed(String),
    /// What the last TLS handshake has shown, for the case.
    Tls(Box<Tls>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// What it answers; empty for the greeting.
    pub to: String,
    /// How many lines it has.
    pub lines: usize,
    pub took_ms: u64,
}

/// What can be sent now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// The command that usually comes next.
    pub suggested: String,
    /// Why it comes next, in a sentence.
    pub because: String,
    /// The verbs that are legal now.
    pub permitted: Vec<String>,
    pub encrypted: bool,
    /// The server has said 354: the message is next.
    pub awaits_message: bool,
    /// The reverse-path and the accepted forward-paths of the mail transaction so far.
    pub sender: String,
    pub recipients: Vec<String>,
}
