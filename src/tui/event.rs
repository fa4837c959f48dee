//! What can happen to the interactive program.

use super::effect::{Effect, Look};
use super::hits::{Seen, Target};
use super::screen::logs::LogEvent;
use super::screen::session::SessionEvent;
use super::state::{Pane, Scenario};
use crate::case::Case;
use crate::engine::Progress;
use crate::engine::message::{Outline, Signature, Weight};
use crate::engine::path::Candidate;
use crate::engine::trial::Ran;
use crossterm::event::KeyEvent;
use jiff::Timestamp;

/// What time it is, on the wall and in the run; a view has no other clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    pub at: Timestamp,
    /// Milliseconds on the clock of the network, by which checks are timed.
    pub run_ms: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    Key(KeyEvent),
    Paste(String),
    Click(Target),
    Wheel {
        pane: Pane,
        down: bool,
    },
    /// The terminal has now this many columns and rows.
    Resized(u16, u16),
    Time(Moment),
    /// What the last drawing showed of each pane.
    Drawn(Vec<(Pane, Seen)>),
    /// From the run of the checks.
    Progress(Progress),
    /// From the live session.
    Session(SessionEvent),
    /// From the reading of a mail log.
    Log(LogEvent),
    /// A test that has a name has ended, or could not be begun.
    Tried(Result<Box<Ran>, String>),
    /// An export has ended.
    Exported(Exported),
    /// A file that was named has been looked at; else why it is of no use.
    Looked {
        look: Look,
        found: Result<Found, String>,
    },
    /// The files that begin with what was typed.
    Completing {
        typed: String,
        candidates: Vec<Candidate>,
    },
    /// What a message comes to; else why it cannot be sent.
    Weighed {
        outline: Box<Outline>,
        weight: Result<Weight, String>,
    },
    /// Something that was asked for could not be done.
    Failed {
        doing: String,
        why: String,
    },
    /// A practice world has come up; the case begins anew in it.
    Entered {
        scenario: Scenario,
        case: Box<Case>,
    },
}

/// What was found where a file was named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A file of so many octets, under its whole path.
    File {
        path: String,
        octets: u64,
    },
    Text(String),
    /// A key that signs.
    Key(Signature),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exported {
    Written {
        path: String,
    },
    /// There is a file of that name.
    Exists {
        path: String,
        /// What writes it all the same.
        again: Box<Effect>,
    },
    Failed {
        path: String,
        why: String,
    },
}
