//! The account of a log while it is read, and while it grows.

use super::{Source, Stop, Told, named, now, opened, until};
use crate::engine::maillog::{Lines, Logs, Tail, Take};
use crate::maillog::{Event, Failing, Joiner, Messages, Summary};
use crate::net::Clock;
use crate::text::SafeText;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Reading,
    /// Read to its end.
    Done,
    /// Read, and what comes is read too.
    Following,
    /// Stopped before its end.
    Stopped,
}

/// What a log comes to, so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The names of the files.
    pub files: Vec<SafeText>,
    pub stage: Stage,
    pub lines: Lines,
    /// How many octets there are, where that is known.
    pub octets: Option<u64>,
    pub summary: Summary,
    /// The newest messages that failed.
    pub newest: Vec<Failing>,
    /// The first lines that are not understood, cut where they are long.
    pub unread: Vec<SafeText>,
}

/// Entries of each list.
const TOP: usize = 500;
/// Newest messages.
const NEWEST: usize = 200;
/// Lines that are not understood, and octets of each.
const UNREAD: usize = 200;
const LONGEST: usize = 1000;
/// Between two accounts, at least.
const PAUSE: Duration = Duration::from_millis(250);
/// An account may take this part of the time.
const SHARE: u32 = 10;
/// How often a log that is followed is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// Counts, and tells now and then.
pub(super) struct Counting<'a> {
    joiner: Joiner,
    files: Vec<SafeText>,
    octets: Option<u64>,
    stage: Stage,
    lines: Lines,
    unread: Vec<SafeText>,
    outbox: &'a UnboundedSender<Told>,
    clock: Clock,
    /// When the next account is due.
    due: Duration,
    /// Something was counted since the last one.
    changed: bool,
}

impl Take for Counting<'_> {
    fn event(&mut self, event: &Event<'_>) {
        self.joiner.take(event);
    }

    fn unread(&mut self, line: &[u8]) {
        if self.unread.len() < UNREAD {
            let cut = line.get(..LONGEST).unwrap_or(line);
            self.unread.push(SafeText::from_bytes(cut));
        }
    }

    fn block(&mut self, lines: &Lines) {
        self.lines.add(lines);
        self.changed = true;
        self.tell_if_due();
    }
}

impl Counting<'_> {
    fn tell_if_due(&mut self) {
        if self.changed && self.clock.elapsed() >= self.due {
            self.tell();
        }
    }

    fn tell(&mut self) {
        let began = self.clock.elapsed();
        let account = Account {
            files: self.files.clone(),
            stage: self.stage,
            lines: self.lines,
            octets: self.octets,
            summary: Summary::of(&self.joiner, TOP),
            newest: self.joiner.messages().0,
            unread: self.unread.clone(),
        };
        // Whoever asked may have gone.
        let _ = self.outbox.send(Told::Account(Box::new(account)));
        let ended = self.clock.elapsed();
        self.due = ended + PAUSE.max(ended.saturating_sub(began) * SHARE);
        self.changed = false;
    }
}

/// Reads, and follows where that is wanted, until it is stopped.
pub(super) fn read(
    source: &Source,
    joiner: Joiner,
    follow: bool,
    stop: &Stop,
    outbox: &UnboundedSender<Told>,
) -> Result<(), String> {
    let (logs, tail) = if follow {
        let (logs, tail) = growing(source)?;
        (logs, Some(tail))
    } else {
        (opened(source)?, None)
    };
    let mut counting = Counting {
        joiner: joiner.with_messages(Messages::of(None, NEWEST)),
        files: logs.names(),
        octets: logs.octets(),
        stage: Stage::Reading,
        lines: Lines::default(),
        unread: Vec::new(),
        outbox,
        clock: Clock::start(1),
        due: Duration::ZERO,
        changed: true,
    };
    counting.tell();
    let read = until(logs, stop).read(&mut counting);
    counting.stage = match (&read, &tail) {
        (Err(_), _) => Stage::Stopped,
        (Ok(_), _) if stop.is_set() => Stage::Stopped,
        (Ok(_), None) => Stage::Done,
        (Ok(_), Some(_)) => Stage::Following,
    };
    if let Ok(lines) = &read {
        // With those that were too long to be looked at.
        counting.lines = *lines;
    }
    counting.tell();
    read.map_err(|error| error.to_string())?;
    match tail {
        Some(tail) => watch(&tail, &mut counting, stop),
        None => Ok(()),
    }
}

fn growing(source: &Source) -> Result<(Logs, Tail), String> {
    let Source::Named(text) = source else {
        return Err("only a file can be followed".to_owned());
    };
    let [path] = &named::files(text)?[..] else {
        return Err("only one file can be followed at a time".to_owned());
    };
    Logs::growing(path).map_err(|error| error.to_string())
}

/// Until it is stopped.
fn watch(tail: &Tail, counting: &mut Counting<'_>, stop: &Stop) -> Result<(), String> {
    let mut follow = tail.follow().map_err(|error| error.to_string())?;
    while !stop.is_set() && !counting.outbox.is_closed() {
        let more = follow
            .look(now(), counting)
            .map_err(|error| format!("following the log: {error}"))?;
        counting.tell_if_due();
        if !more {
            std::thread::sleep(LOOK);
        }
    }
    counting.stage = Stage::Stopped;
    counting.tell();
    Ok(())
}
