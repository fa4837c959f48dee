//! What the interactive program asks for; [`super::run`] has it done.

use super::screen::logs::LogOrder;
use super::screen::report::Format;
use super::screen::session::SessionOrder;
use crate::case::{CheckKey, Target};
use crate::engine::Change;
use crate::engine::message::{Outline, Signature};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Ends the checks that run, and starts them for this target.
    StartChecks(Target),
    Rerun(CheckKey),
    CancelChecks,
    /// Asks for more, or for something else; what was found stays until its answer comes.
    Change(Change),
    Session(SessionOrder),
    /// The case has changed; many changes in a short time are one save.
    SaveCase,
    Export {
        format: Format,
        path: String,
        redact: bool,
        overwrite: bool,
    },
    /// Writes this text to a file.
    Write {
        path: String,
        text: String,
        overwrite: bool,
    },
    /// Reads mail logs.
    Log(LogOrder),
    /// To the clipboard, through the terminal.
    Copy(String),
    /// Makes the test of that id, of this host and no other.
    Try {
        trial: String,
        host: String,
        port: u16,
    },
    /// Looks at a file that was named.
    Look(Look),
    /// Which files begin like that.
    Complete(String),
    /// What the message comes to, as it would be sent now; with the envelope as the server took it.
    Weigh {
        outline: Box<Outline>,
        from: String,
        to: Vec<String>,
    },
    /// Enter a practice world.
    Play {
        scenario: String,
    },
    /// Back to the shell until it brings the program to the front again.
    Suspend,
    Quit,
}

/// Which file is looked at, and for what. A path may begin with `~/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    /// `FILE` or `FILE:TYPE`, to go along with the message.
    Attachment(String),
    /// The text of the message.
    Text(String),
    /// Headers and text to start from, with gaps.
    Template(String),
    /// A whole message, to be sent as it is.
    Whole(String),
    /// The key that signs.
    Key(Signature),
}
