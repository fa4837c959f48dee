//! What passes between this screen and the connection: plain data, both ways.

use crate::case::{Line, Tls};
use crate::engine::message::Outline;
use crate::smtp::suggest::{Envelope, Exposure};
use crate::smtp::{Login, Raw, Standing};

/// What the connection is told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionOrder {
    Connect {
        host: String,
        port: u16,
    },
    /// A line as it was typed; a command that the program knows is sent in its right form.
    Send(String),
    /// DATA where the server has not yet said 354, then this message; or all of it by BDAT.
    Message(Box<Outline>),
    /// Several commands that were suggested together, in one go.
    Together,
    /// Sender, recipients and parameters; their commands are suggested then.
    Envelope(Box<Envelope>),
    StartTls,
    /// Octets as they were typed.
    Raw(Raw),
    /// AUTH with this login, which nothing here keeps.
    LogIn(Box<Login>, Exposure),
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
    /// It and those that go with it in one go; empty where it goes alone.
    pub together: Vec<String>,
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
    pub standing: Box<Standing>,
}
