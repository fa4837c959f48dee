//! 3 Session: a dialogue with a mail host, as with telnet, each reply explained.

mod again;
mod beside;
mod compare;
mod connect;
mod draft;
mod editor;
mod envelope;
mod event;
pub(super) mod explain;
mod focus;
mod free;
mod guide;
mod send;
mod timing;
mod update;
mod view;

pub use again::{
    beside_selected, beside_text, host_chosen, leave_login_out, log_in, other_host, select_beside,
};
pub use compare::{Held, Row as BesideRow};
pub use draft::{Draft, Enclosed, Placed, Whole, octets};
pub use envelope::{MORE_MAIL, MORE_RCPT, PIPELINING, envelope_given, given, planned};
pub use event::{Ready, Said, SessionEvent, SessionOrder};
pub use explain::doc;
pub use focus::{next_stop, set_focus, settle_focus, stops};
pub use guide::{Mode, Step};
pub use send::weighed;
pub use update::{
    act, closed_by_us, happened, hold, offers, row_text, select, selected, time_passed, typed,
};
pub use view::view;

use crate::case::{Case, Group, Line};
use crate::engine::message::Outline;
use crate::engine::repeat::Repeat;
use crate::smtp::Standing;
use crate::smtp::suggest::Envelope;
use crate::text::SafeText;
use crate::tui::state::Pane;
use crate::tui::widget::Field;

/// The longest transcript that is kept; a server that says more has lost its mind.
pub const MOST_LINES: usize = 200_000;

/// Where the connection stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    #[default]
    Idle,
    /// Until the greeting is complete.
    Connecting,
    Open,
    Closed,
}

/// A reply, and the time that it took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replied {
    /// Its lines in the transcript: the first, and one behind the last.
    pub lines: (usize, usize),
    /// What it answers; empty for the greeting.
    pub to: String,
    pub took_ms: u64,
}

#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Clone, Debug)]
pub struct Session {
    pub focus: Pane,
    pub host: Field,
    pub port: Field,
    /// The user typed a host; the case's own no longer take its place.
    pub host_chosen: bool,
    pub phase: Phase,
    pub encrypted: bool,
    /// The server said 354 and waits for the message.
    pub awaits_message: bool,
    pub lines: Vec<Line>,
    pub replies: Vec<Replied>,
    /// The line that is explained; none is the last.
    pub selected: Option<usize>,
    pub command: Field,
    /// The command that usually comes next.
    pub proposed: String,
    /// Why it comes next, as the connection says it.
    pub because: String,
    /// It and the commands that go with it in one go; empty where it goes alone.
    pub together: Vec<String>,
    /// By which it is known what breaks a rule.
    pub standing: Standing,
    /// The verbs that are legal now.
    pub permitted: Vec<String>,
    pub mode: Mode,
    /// What Enter does on the command line.
    pub step: Step,
    /// What stands in `command` while the user has not typed.
    pub suggested: String,
    pub sent: Vec<String>,
    /// Where in `sent` the user is leafing.
    pub leaf: Option<usize>,
    /// The recipients that this connection's transaction has so far.
    pub recipients: Vec<String>,
    pub sender: String,
    /// Since when a reply is awaited, on the clock of the run.
    pub waiting_since: Option<u64>,
    pub composing: bool,
    pub draft: Draft,
    /// What is weighed before it is sent.
    pub weighing: Option<Outline>,
    /// The envelope that was asked for, and what was filled in for it.
    pub envelope: Option<Envelope>,
    pub envelope_typed: Vec<(&'static str, String)>,
    /// Which transcript of the case this connection fills.
    pub recorded: Option<usize>,
    /// A login was tried or declined on this connection.
    pub login_tried: bool,
    /// When what stands on the command line is sent by itself, on the clock of the run.
    pub held_until: Option<u64>,
    /// The host and the port of this connection.
    pub connected_to: (String, String),
    /// The session before this one.
    pub before: Option<Held>,
    /// What is still to be said again of the session before.
    pub again: Option<Repeat>,
    /// Both are shown side by side: the rows, and the one that is selected.
    pub beside: Option<Beside>,
    /// The host that refused the message, as the pasted bounce names it.
    pub refused_by: Option<SafeText>,
}

/// Two transcripts side by side.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    pub rows: Vec<BesideRow>,
    pub selected: usize,
}

impl Session {
    pub fn new(case: &Case) -> Self {
        let mut session = Self {
            focus: Pane::Host,
            host: Field::line(""),
            port: Field::line("25"),
            host_chosen: false,
            phase: Phase::Idle,
            encrypted: false,
            awaits_message: false,
            lines: Vec::new(),
            replies: Vec::new(),
            selected: None,
            command: Field::line(""),
            proposed: String::new(),
            because: String::new(),
            together: Vec::new(),
            standing: Standing::default(),
            permitted: Vec::new(),
            mode: Mode::Guided,
            step: Step::Line,
            suggested: String::new(),
            sent: Vec::new(),
            leaf: None,
            recipients: Vec::new(),
            sender: String::new(),
            waiting_since: None,
            composing: false,
            draft: Draft::new(case),
            weighing: None,
            envelope: None,
            envelope_typed: Vec::new(),
            recorded: None,
            login_tried: false,
            held_until: None,
            connected_to: Default::default(),
            before: None,
            again: None,
            beside: None,
            refused_by: None,
        };
        session.target_changed(case);
        session
    }

    /// Takes the mail hosts and addresses of the case where the user has not chosen others.
    pub fn target_changed(&mut self, case: &Case) {
        if !self.host_chosen
            && matches!(self.phase, Phase::Idle | Phase::Closed)
            && let Some(first) = self.hosts(case).first()
        {
            self.host.set(first);
        }
        self.draft.fill(case);
    }

    /// The hosts that are offered: the one that refused the message, and the case's own.
    pub fn hosts(&self, case: &Case) -> Vec<String> {
        let mut hosts: Vec<_> = self.refused_by.iter().map(ToString::to_string).collect();
        hosts.extend(mail_hosts(case));
        let mut known = std::collections::HashSet::new();
        hosts.retain(|host| known.insert(host.clone()));
        hosts
    }

    pub fn is_connected(&self) -> bool {
        matches!(self.phase, Phase::Connecting | Phase::Open)
    }

    /// Whether a reply is awaited.
    pub fn is_waiting(&self) -> bool {
        self.waiting_since.is_some()
    }

    /// Whether the server has taken a MAIL, and the transaction is open.
    pub fn in_transaction(&self) -> bool {
        !self.sender.is_empty()
    }

    /// Whether the last answer to EHLO has this keyword.
    pub fn offers(&self, keyword: &str) -> bool {
        let offered = self.standing.extensions.as_ref();
        offered.is_some_and(|offered| offered.has(keyword))
    }

    /// The reply that `line` belongs to.
    pub fn reply_at(&self, line: usize) -> Option<&Replied> {
        let at = self.replies.partition_point(|reply| reply.lines.1 <= line);
        self.replies.get(at).filter(|reply| reply.lines.0 <= line)
    }
}

/// The mail hosts of the case: what the checks found, in their order.
pub fn mail_hosts(case: &Case) -> Vec<String> {
    let mut hosts = Vec::new();
    let found = case
        .checks
        .iter()
        .filter(|check| check.group == Group::Mx && check.parent.is_some())
        .map(|check| check.subject.to_string())
        .chain(case.sessions.iter().map(|session| session.host.to_string()));
    for host in found {
        if !host.is_empty() && !hosts.contains(&host) {
            hosts.push(host);
        }
    }
    hosts
}
