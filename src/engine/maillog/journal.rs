//! A journal read as the syslog lines that it stands for.

use crate::maillog::{Journal, JournalForm};
use std::io::{self, Read};

/// Gives syslog lines for the entries of a journal.
pub(super) struct Transcoded<R> {
    source: R,
    journal: Journal,
    input: Vec<u8>,
    lines: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Transcoded<R> {
    pub(super) fn new(source: R, form: JournalForm) -> Self {
        Self {
            source,
            journal: Journal::new(form),
            input: vec![0; 64 << 10],
            lines: Vec::new(),
            given: 0,
            ended: false,
        }
    }
}

impl<R: Read> Read for Transcoded<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.lines.len() {
            if self.ended {
                return Ok(0);
            }
            self.lines.clear();
            self.given = 0;
            match self.source.read(&mut self.input)? {
                0 => {
                    self.ended = true;
                    self.journal.end(&mut self.lines);
                }
                read => self.journal.push(&self.input[..read], &mut self.lines),
            }
        }
        let rest = &self.lines[self.given..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}
