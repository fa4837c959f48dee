//! A log read in blocks on several cores, and taken in its order.

use crate::maillog::{Calendar, Event, Joiner, Line, Reader, Stories};
use std::io::{self, Read};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Who takes what stands in a log, line after line.
pub trait Take: Send {
    fn event(&mut self, event: &Event<'_>);
    /// A line that is not understood.
    fn unread(&mut self, _line: &[u8]) {}
    /// A piece of the log was given, with so many lines.
    fn block(&mut self, _lines: &Lines) {}
}

impl Take for Joiner {
    fn event(&mut self, event: &Event<'_>) {
        self.take(event);
    }
}

impl Take for Stories {
    fn event(&mut self, event: &Event<'_>) {
        self.take(event);
    }
}

/// How many lines there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Lines {
    pub lines: u64,
    pub bytes: u64,
    /// Of programs that are no mail server.
    pub foreign: u64,
    /// Not understood; those too long for a line are among them.
    pub unread: u64,
    /// Longer than [`LONGEST`], skipped.
    pub too_long: u64,
}

impl Lines {
    pub fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.bytes += other.bytes;
        self.foreign += other.foreign;
        self.unread += other.unread;
        self.too_long += other.too_long;
    }
}

/// Octets that are read and worked on together: they fit a core's cache.
const BLOCK: usize = 256 << 10;
/// Octets of a line. Postfix cuts its lines at some two thousand.
pub const LONGEST: usize = BLOCK;

/// Blocks of whole lines.
struct Blocks<R> {
    source: R,
    /// The beginning of a line whose end is not read yet.
    carry: Vec<u8>,
    number: u64,
    /// Inside of a line that is too long.
    skipping: bool,
    too_long: u64,
    bytes: u64,
    ended: bool,
}

struct Block {
    bytes: Vec<u8>,
    length: usize,
}

impl<R: Read> Blocks<R> {
    fn new(source: R) -> Self {
        Self {
            source,
            carry: Vec::new(),
            number: 0,
            skipping: false,
            too_long: 0,
            bytes: 0,
            ended: false,
        }
    }

    /// Fills a block; its number, or none at the end.
    fn next(&mut self, block: &mut Block) -> io::Result<Option<u64>> {
        if self.ended {
            return Ok(None);
        }
        let mut filled = self.carry.len();
        block.bytes[..filled].copy_from_slice(&self.carry);
        self.carry.clear();
        loop {
            if filled == block.bytes.len() {
                // One line fills the block.
                self.too_long += u64::from(!self.skipping);
                self.skipping = true;
                filled = 0;
            }
            let read = match self.source.read(&mut block.bytes[filled..]) {
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.ended = true;
                    return Err(error);
                }
            };
            self.bytes += read as u64;
            if read == 0 {
                self.ended = true;
                block.length = if self.skipping { 0 } else { filled };
                break;
            }
            let new = &block.bytes[filled..filled + read];
            let Some(last) = memchr::memrchr(b'\n', new) else {
                filled += read;
                continue;
            };
            let end = filled + last + 1;
            filled += read;
            if self.skipping {
                self.skipping = false;
                let first = memchr::memchr(b'\n', &block.bytes[..filled]).map_or(0, |at| at + 1);
                block.bytes.copy_within(first..filled, 0);
                filled -= first;
                if end == first {
                    continue;
                }
                self.keep(block, end - first, filled);
                break;
            }
            // A source that gives little at a time gives a small block: nobody waits.
            self.keep(block, end, filled);
            break;
        }
        let number = self.number;
        self.number += 1;
        Ok(Some(number))
    }

    fn keep(&mut self, block: &mut Block, end: usize, filled: usize) {
        self.carry.extend_from_slice(&block.bytes[end..filled]);
        block.length = end;
    }
}

/// Whose turn it is to give events.
struct Turn<'a> {
    next: u64,
    taker: &'a mut dyn Take,
    lines: Lines,
    /// A thread panicked: a turn will never come.
    broken: bool,
}

/// Lets nobody wait for a thread that panicked. Dropped after the lock that it may hold.
struct Watch<'a, 'b> {
    turn: &'a Mutex<Turn<'b>>,
    turned: &'a Condvar,
}

impl Drop for Watch<'_, '_> {
    fn drop(&mut self) {
        if thread::panicking() {
            lock(self.turn).broken = true;
            self.turned.notify_all();
        }
    }
}

/// Reads a log to its end. `threads` of them take blocks in turn.
///
/// # Errors
/// What reading the source gives; what came before was taken.
///
/// # Panics
/// Where `taker` does; no thread stays behind.
pub fn scan(
    source: impl Read + Send,
    calendar: Calendar,
    threads: usize,
    taker: &mut dyn Take,
) -> io::Result<Lines> {
    let blocks = Mutex::new(Blocks::new(source));
    let turn = Mutex::new(Turn {
        next: 0,
        taker,
        lines: Lines::default(),
        broken: false,
    });
    let turned = Condvar::new();
    let failed = Mutex::new(None);
    thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                if let Err(error) = work(&blocks, calendar, &turn, &turned) {
                    lock(&failed).get_or_insert(error);
                }
            });
        }
    });
    if let Some(error) = lock(&failed).take() {
        return Err(error);
    }
    let blocks = lock(&blocks);
    let mut lines = lock(&turn).lines;
    lines.bytes = blocks.bytes;
    lines.too_long = blocks.too_long;
    lines.lines += blocks.too_long;
    lines.unread += blocks.too_long;
    Ok(lines)
}

/// A panic of another thread is passed on when the scope ends.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn work<R: Read>(
    blocks: &Mutex<Blocks<R>>,
    calendar: Calendar,
    turn: &Mutex<Turn<'_>>,
    turned: &Condvar,
) -> io::Result<()> {
    let _watch = Watch { turn, turned };
    let mut block = Block {
        bytes: vec![0; BLOCK],
        length: 0,
    };
    let mut reader = Reader::new(calendar);
    let mut spare = Vec::with_capacity(BLOCK / 128);
    loop {
        let Some(number) = lock(blocks).next(&mut block)? else {
            return Ok(());
        };
        let mut events: Vec<Event<'_>> = spare;
        let mut unread = Vec::new();
        let mut lines = Lines {
            bytes: block.length as u64,
            ..Lines::default()
        };
        for line in lines_of(&block.bytes[..block.length]) {
            lines.lines += 1;
            match reader.read(line) {
                Line::Event(event) => events.push(event),
                Line::Other => {}
                Line::Foreign => lines.foreign += 1,
                Line::Unread => {
                    lines.unread += 1;
                    unread.push(line);
                }
            }
        }
        let mut turn = lock(turn);
        while turn.next != number {
            if turn.broken {
                return Ok(());
            }
            turn = turned.wait(turn).unwrap_or_else(PoisonError::into_inner);
        }
        for event in &events {
            turn.taker.event(event);
        }
        for line in unread {
            turn.taker.unread(line);
        }
        turn.lines.add(&lines);
        turn.taker.block(&lines);
        turn.next += 1;
        drop(turn);
        turned.notify_all();
        spare = emptied(events);
    }
}

/// The same allocation for events of another block: giving it back for each costs page faults.
fn emptied(mut events: Vec<Event<'_>>) -> Vec<Event<'static>> {
    events.clear();
    events.into_iter().map_while(|_| None).collect()
}

/// The lines of a block without their ends; empty ones are none.
fn lines_of(block: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = block;
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = &rest[..end];
            rest = rest.get(end + 1..).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if !line.is_empty() {
                return Some(line);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Seen {
        ids: Vec<String>,
        unread: usize,
    }

    impl Take for Seen {
        fn event(&mut self, event: &Event<'_>) {
            if let crate::maillog::Says::Ended { id } = event.says {
                self.ids.push(String::from_utf8_lossy(id).into_owned());
            }
        }

        fn unread(&mut self, _line: &[u8]) {
            self.unread += 1;
        }
    }

    fn log(lines: usize) -> String {
        let line = |n| format!("Mar  3 09:12:41 mx1 postfix/qmgr[1]: {n:010X}: removed\n");
        (0..lines).map(line).collect()
    }

    #[test]
    fn several_threads_give_the_lines_in_their_order() {
        let text = log(50_000);
        let mut seen = Seen::default();
        let lines = scan(text.as_bytes(), Calendar::default(), 4, &mut seen).unwrap();
        assert_eq!((lines.lines, lines.bytes), (50_000, text.len() as u64));
        assert_eq!(seen.ids.len(), 50_000);
        assert!(seen.ids.is_sorted());
    }

    #[test]
    fn a_line_longer_than_a_block_is_skipped_and_counted() {
        for long in [LONGEST - 1, LONGEST, LONGEST + 1, 5 * LONGEST + 7] {
            let text = [log(10), "x".repeat(long), "\n".to_owned(), log(10)].concat();
            let mut seen = Seen::default();
            let lines = scan(text.as_bytes(), Calendar::default(), 2, &mut seen).unwrap();
            assert_eq!((lines.lines, lines.unread), (21, 1), "{long}");
            assert_eq!(seen.ids.len(), 20, "{long}");
        }
        let text = [log(10), "\0".repeat(3 * LONGEST)].concat();
        let mut seen = Seen::default();
        let lines = scan(text.as_bytes(), Calendar::default(), 2, &mut seen).unwrap();
        assert_eq!((lines.lines, lines.too_long), (11, 1));
    }

    #[test]
    fn a_failing_source_gives_its_error() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        let text = log(3);
        let mut seen = Seen::default();
        let source = text.as_bytes().chain(Broken);
        assert!(scan(source, Calendar::default(), 3, &mut seen).is_err());
        assert_eq!(seen.ids.len(), 3);
    }

    #[test]
    fn a_panic_leaves_no_thread_waiting() {
        struct Breaks(usize);
        impl Take for Breaks {
            fn event(&mut self, _: &Event<'_>) {
                self.0 += 1;
                assert!(self.0 < 9000, "on purpose");
            }
        }
        let text = log(100_000);
        let scanned = std::panic::catch_unwind(|| {
            let _ = scan(text.as_bytes(), Calendar::default(), 4, &mut Breaks(0));
        });
        assert!(scanned.is_err());
    }
}
