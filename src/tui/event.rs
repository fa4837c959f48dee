//! What can happen to the interactive program.

use super::effect::Effect;
use super::hits::{Seen, Target};
use super::screen::logs::LogEvent;
use super::screen::session::SessionEvent;
use super::state::{Pane, Scenario};
use crate::case::Case;
use crate::engine::Progress;
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
