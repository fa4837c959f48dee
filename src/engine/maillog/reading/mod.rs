//! A log that is read in the background while somebody looks: the account of it grows, and
//! single messages are looked up in it by reading it once more, so that nothing of them has to
//! be kept.

mod account;
mod named;

pub use account::{Account, Stage};
pub use named::{candidates, system_logs};

use super::{Logs, Unreadable};
use crate::maillog::{Failing, Filter, Joiner, Messages, Stories, Story, Wanted};
use std::io::{self, Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Files as somebody names them: one path, or several with spaces between them; `*` and `?`
    /// in the last part of a path stand for whatever is there, `~` for the home directory.
    Named(String),
    /// A text that is in no file.
    Text { name: String, text: Arc<str> },
}

/// What is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The whole account; then what is written into the file from now on, where `follow` is
    /// set.
    Account { follow: bool },
    /// The newest messages that failed, of one group.
    Messages(Wanted),
    /// One message's whole story, by its queue id.
    Story(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub source: Source,
    pub filter: Filter,
    pub what: What,
}

/// What is told of the reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// So far; again and again while it is read, a few times a second.
    Account(Box<Account>),
    Messages {
        newest: Vec<Failing>,
        /// Older ones beside them.
        more: u64,
    },
    Stories(Vec<Story>),
    /// It cannot be read, or no further.
    Failed(String),
}

/// Messages of one group that are told.
const MESSAGES: usize = 1000;

/// A reading under way. Dropping it ends it.
#[derive(Debug)]
pub struct Reading(Stop);

impl Reading {
    /// Reads no further; the account of what was read is told.
    pub fn stop(&self) {
        self.0.set();
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.set();
    }
}

/// Whether to stop.
#[derive(Clone, Debug, Default)]
struct Stop(Arc<AtomicBool>);

impl Stop {
    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Begins to read on a thread of its own. The receiver ends when there is nothing more to tell.
pub fn start(order: Order) -> (Reading, UnboundedReceiver<Told>) {
    let (outbox, told) = unbounded_channel();
    let stop = Stop::default();
    let reading = Reading(stop.clone());
    // Not one of the runtime's: the program need not wait for it when it ends.
    std::thread::spawn(move || {
        if let Err(why) = read(order, &stop, &outbox) {
            // Whoever asked may have gone.
            let _ = outbox.send(Told::Failed(why));
        }
    });
    (reading, told)
}

fn read(order: Order, stop: &Stop, outbox: &UnboundedSender<Told>) -> Result<(), String> {
    let words = |error: Unreadable| error.to_string();
    match order.what {
        What::Account { follow } => {
            let joiner = Joiner::new(order.filter);
            account::read(&order.source, joiner, follow, stop, outbox)
        }
        What::Messages(wanted) => {
            let joiner = Joiner::new(order.filter);
            let messages = Messages::of(Some(wanted), MESSAGES);
            let mut joiner = joiner.with_messages(messages);
            let logs = until(opened(&order.source)?, stop);
            logs.read(&mut joiner).map_err(words)?;
            let (newest, more) = joiner.messages();
            let _ = outbox.send(Told::Messages { newest, more });
            Ok(())
        }
        What::Story(id) => {
            let mut stories = Stories::of(&id);
            let logs = until(opened(&order.source)?, stop);
            logs.read(&mut stories).map_err(words)?;
            let _ = outbox.send(Told::Stories(stories.told()));
            Ok(())
        }
    }
}

fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

fn opened(source: &Source) -> Result<Logs, String> {
    match source {
        Source::Named(text) => {
            let paths: Vec<PathBuf> = named::files(text)?;
            Logs::open(&paths).map_err(|error| error.to_string())
        }
        Source::Text { name, text } => {
            let mut logs = Logs::default();
            let octets = Cursor::new(text.as_bytes().to_vec());
            logs.add_source(name, octets, now())
                .map_err(|error| error.to_string())?;
            Ok(logs)
        }
    }
}

/// The same logs, over as soon as nobody wants them any more.
fn until(logs: Logs, stop: &Stop) -> Logs {
    logs.wrapped(|source| {
        Box::new(Stoppable {
            source,
            stop: stop.clone(),
        })
    })
}

struct Stoppable {
    source: Box<dyn Read + Send>,
    stop: Stop,
}

impl Read for Stoppable {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_set() {
            return Ok(0);
        }
        self.source.read(out)
    }
}

#[cfg(test)]
mod tests;
