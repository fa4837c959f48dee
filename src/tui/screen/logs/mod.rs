//! 7 Logs: what failed by the mail server's own log: grouped, message by message, and one
//! message's whole story.

mod detail;
mod event;
mod keep;
mod open;
mod rows;
mod told;
mod update;
mod view;

pub use detail::doc;
pub use event::{LogEvent, LogOrder};
pub use keep::{file_name, saved};
pub use open::OpenLog;
pub(in crate::tui) use open::taken;
pub use rows::row_text;
pub use told::happened;
pub use update::{
    act, choose, filter_typed, find_message, offers, open, read, select, selected, set_focus,
    stops, visited,
};
pub use view::view;

use crate::engine::maillog::reading::{Account, Source, Stage};
use crate::maillog::{Facet, Failing, Filter, Story, Wanted};
use crate::text::SafeText;
use crate::tui::state::Pane;
use std::collections::BTreeMap;
use std::sync::Arc;

/// By what the failures are put together; the last not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum By {
    #[default]
    Reason,
    Domain,
    Host,
    Sender,
    Code,
    Newest,
}

impl By {
    pub const ALL: [Self; 6] = [
        Self::Reason,
        Self::Domain,
        Self::Host,
        Self::Sender,
        Self::Code,
        Self::Newest,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Reason => "reason",
            Self::Domain => "domain",
            Self::Host => "host",
            Self::Sender => "sender",
            Self::Code => "code",
            Self::Newest => "newest",
        }
    }

    fn facet(self) -> Option<Facet> {
        Some(match self {
            Self::Reason => Facet::Reason,
            Self::Domain => Facet::Domain,
            Self::Host => Facet::Host,
            Self::Sender => Facet::Sender,
            Self::Code => Facet::Code,
            Self::Newest => return None,
        })
    }
}

/// The messages of a group that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    pub of: Wanted,
    /// None until they are found.
    pub messages: Option<Vec<Failing>>,
    /// Older ones that are not shown.
    pub more: u64,
    pub selected: usize,
}

/// What is told whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub whom: Whom,
    /// None until they are found.
    pub stories: Option<Vec<Story>>,
}

/// Whose stories are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// A message that was opened.
    Message(Box<Failing>),
    /// A queue id, a Message-ID or an address, as somebody typed it.
    Typed(String),
}

impl Shown {
    fn message(&self) -> Option<&Failing> {
        match &self.whom {
            Whom::Message(message) => Some(message),
            Whom::Typed(_) => None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Logs {
    pub focus: Pane,
    /// What is read; none, nothing yet.
    pub source: Option<Source>,
    pub filter: Filter,
    /// What is written into the log later is read too.
    pub follow: bool,
    pub account: Option<Arc<Account>>,
    /// Why the log cannot be read, or no further.
    pub failed: Option<String>,
    pub by: By,
    /// The name of the row that is selected; none is the first.
    selected: BTreeMap<By, SafeText>,
    pub opened: Option<Opened>,
    pub shown: Option<Shown>,
    /// The lines that are not understood are shown.
    pub unread: bool,
    /// Numbers of the last reading and of the last look into it: what comes of an earlier one
    /// is too late.
    reading: u64,
    lookup: u64,
}

impl Default for Logs {
    fn default() -> Self {
        Self {
            focus: Pane::LogList,
            source: None,
            filter: Filter::default(),
            follow: false,
            account: None,
            failed: None,
            by: By::default(),
            selected: BTreeMap::new(),
            opened: None,
            shown: None,
            unread: false,
            reading: 0,
            lookup: 0,
        }
    }
}

impl Logs {
    /// Nothing is read yet, and nothing of what was read before is taken for it.
    #[must_use]
    pub fn after(old: &Self) -> Self {
        Self {
            reading: old.reading + 1,
            lookup: old.lookup + 1,
            ..Self::default()
        }
    }

    /// How far the reading is.
    pub fn stage(&self) -> Option<Stage> {
        self.account.as_ref().map(|account| account.stage)
    }

    /// Whether something is still read.
    pub fn is_reading(&self) -> bool {
        self.failed.is_none() && matches!(self.stage(), Some(Stage::Reading | Stage::Following))
    }
}
