//! Several logs as one: opened, put into the order of their time, and read.

use super::Follow;
use super::scan::{Lines, Take, scan};
use super::source::{Log, from, open, whole_lines};
use crate::maillog::Calendar;
use crate::text::SafeText;
use std::io;
use std::path::{Path, PathBuf};

/// Logs, the oldest first.
#[derive(Default)]
pub struct Logs(Vec<(SafeText, Log)>);

/// A log that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("reading `{name}`: {error}")]
pub struct Unreadable {
    pub name: SafeText,
    pub error: io::Error,
}

/// A log that cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum NotFollowed {
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Packed, or a journal.
    #[error("`{0}` is no plain log: it does not grow")]
    NotPlain(SafeText),
}

/// From where on a log is followed, once it was read to there.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    end: u64,
    calendar: Calendar,
}

impl Logs {
    /// Opens files, in whatever order they are named.
    ///
    /// # Errors
    /// The first that cannot be opened.
    pub fn open<P: AsRef<Path>>(paths: &[P]) -> Result<Self, Unreadable> {
        let mut logs = Self::default();
        for path in paths {
            logs.add_file(path.as_ref())?;
        }
        Ok(logs)
    }

    /// # Errors
    /// A file that cannot be opened.
    pub fn add_file(&mut self, path: &Path) -> Result<(), Unreadable> {
        self.add(name(path), open(path))
    }

    /// Adds what is no file; `latest`: no line is later, in seconds since 1970 UTC.
    ///
    /// # Errors
    /// A source of which the beginning cannot be read.
    pub fn add_source(
        &mut self,
        name: &str,
        source: impl io::Read + Send + 'static,
        latest: i64,
    ) -> Result<(), Unreadable> {
        self.add(name.into(), from(source, Some(latest)))
    }

    fn add(&mut self, name: SafeText, log: io::Result<Log>) -> Result<(), Unreadable> {
        match log {
            Ok(log) => self.0.push((name, log)),
            Err(error) => return Err(Unreadable { name, error }),
        }
        self.0
            .sort_by_key(|(_, log)| log.begins.unwrap_or(i64::MAX));
        Ok(())
    }

    /// A plain log as far as whole lines go, and what follows it from there; the rest of its
    /// last line is still to come.
    ///
    /// # Errors
    /// What the system gives, and what does not grow.
    pub fn growing(path: &Path) -> Result<(Self, Tail), NotFollowed> {
        let unreadable = |error| Unreadable {
            name: name(path),
            error,
        };
        let mut log = open(path).map_err(unreadable)?;
        let end = whole_lines(path).map_err(unreadable)?;
        let end = end.ok_or_else(|| NotFollowed::NotPlain(name(path)))?;
        log.limit(end);
        let tail = Tail {
            path: path.to_owned(),
            end,
            calendar: log.calendar,
        };
        Ok((Self(vec![(name(path), log)]), tail))
    }

    pub fn names(&self) -> Vec<SafeText> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }

    /// How many octets there are to read, where that is known of all of them.
    pub fn octets(&self) -> Option<u64> {
        self.0.iter().map(|(_, log)| log.octets).sum()
    }

    /// Lets every source be read through what `wrap` makes of it.
    #[must_use]
    pub fn wrapped(
        mut self,
        wrap: impl Fn(Box<dyn io::Read + Send>) -> Box<dyn io::Read + Send>,
    ) -> Self {
        for (_, log) in &mut self.0 {
            let source = std::mem::replace(&mut log.source, Box::new(io::empty()));
            log.source = wrap(source);
        }
        self
    }

    /// Gives everything that stands in them, on as many threads as there are cores.
    ///
    /// # Errors
    /// The first that breaks off; what stood before it was given.
    pub fn read(self, taker: &mut dyn Take) -> Result<Lines, Unreadable> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        // One more than cores: while one waits for its turn, another works.
        let threads = (threads + 1).min(8);
        let mut lines = Lines::default();
        for (name, log) in self.0 {
            let read = scan(log.source, log.calendar, threads, taker);
            lines.add(&read.map_err(|error| Unreadable { name, error })?);
        }
        Ok(lines)
    }
}

impl Tail {
    /// # Errors
    /// What the system gives.
    pub fn follow(&self) -> Result<Follow, Unreadable> {
        Follow::new(&self.path, self.end, self.calendar).map_err(|error| Unreadable {
            name: name(&self.path),
            error,
        })
    }
}

fn name(path: &Path) -> SafeText {
    path.display().to_string().into()
}
