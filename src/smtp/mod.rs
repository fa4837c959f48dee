//! The SMTP client's protocol (RFC 5321), sans-IO: bytes and times go in, events and bytes come
//! out. Nothing here opens a socket, reads a clock or waits.
//!
//! * [`reply`]: bytes to reply lines and replies, each departure from the grammar marked
//! * [`Command`]: what the client says; typed lines and the rules that they break
//! * [`Extensions`]: what the reply to EHLO offers
//! * [`data`]: a written text to the octets behind the 354
//! * [`state`]: what is legal when, as a table
//! * [`Login`]: who logs in, and with what
//! * [`sasl`]: a login to what AUTH sends, challenge for challenge, and to words for the reader
//! * [`Session`]: the state machine, and how a driver runs it
//! * [`suggest`]: the next sensible command for guided use
//! * [`tls`]: whether a session is to be inside TLS
//!
//! Our fault and theirs are two types: [`LocalError`] and [`RemoteError`].

mod command;
pub mod data;
mod error;
mod event;
mod extension;
mod login;
mod name;
mod path;
mod protocol;
pub mod reply;
mod rules;
pub mod sasl;
mod session;
mod stage;
pub mod state;
pub mod suggest;
mod timeouts;
pub mod tls;

pub use command::{
    Argument, Attributes, Body, Command, Credentials, Ending, FreeLine, MASK, Mechanism, Notify,
    Parameter, Raw, Ret, completions, masked, rule_broken, xtext,
};
pub use error::{LocalError, RemoteError};
pub use event::{Event, EventKind, How};
pub use extension::{Extensions, Keyword, Limits, SizeLimit};
pub use login::Login;
pub use name::HelloName;
pub use path::{ForwardPath, Mailbox, ReversePath};
pub use protocol::{Protocol, UnknownProtocol};
pub use rules::{Standing, rules_broken};
pub use sasl::SaslMechanism;
pub use session::{Deadline, MessageHead, Progress, Session, SessionOptions, Transfer};
pub use stage::Stage;
pub use timeouts::Timeouts;
pub use tls::{Policy as TlsPolicy, UnknownPolicy as UnknownTlsPolicy};
