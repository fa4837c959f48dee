//! Bytes to lines to replies.

use super::line::Ending;
use super::{Reply, ReplyLine, bounds};
use crate::smtp::error::RemoteError;
use crate::smtp::stage::Stage;

/// Reads replies from bytes in whatever pieces they come.
///
/// The grammar (RFC 5321 section 4.2):
///
/// ```text
/// Greeting       = ( "220 " (Domain / address-literal) [ SP textstring ] CRLF ) /
///                  ( "220-" (Domain / address-literal) [ SP textstring ] CRLF
///                 *( "220-" [ textstring ] CRLF )
///                    "220" [ SP textstring ] CRLF )
/// textstring     = 1*(%d09 / %d32-126) ; HT, SP, Printable US-ASCII
/// Reply-line     = *( Reply-code "-" [ textstring ] CRLF )
///                  Reply-code [ SP textstring ] CRLF
/// Reply-code     = %x32-35 %x30-35 %x30-39
/// ```
///
/// Where reality departs from it, the reply is read and each departure is a
/// [`Defect`](super::Defect) of its line: lines of one reply with different codes (the last
/// one counts), no code at all (a reply of its own, never silence), LF for CRLF, numbers such
/// as 571, longer lines, other bytes. UTF-8 beyond ASCII is taken without a word, since RFC
/// 6531 has it.
///
/// Any bytes can be pushed. What comes back is lines, replies, or one [`RemoteError`] when a
/// bound of [`bounds`] is passed; after that nothing more comes, whatever is pushed. Between
/// pushes, once [`ReplyParser::next`] has returned `None`, at most [`bounds::LINE`] bytes and
/// the lines of one reply are held. The pieces in which the bytes come change nothing.
#[derive(Clone, Debug, Default)]
pub struct ReplyParser {
    buffer: Vec<u8>,
    /// Bytes at the front of `buffer` in which no LF stands.
    searched: usize,
    /// The lines of the reply that is not whole yet.
    lines: Vec<ReplyLine>,
    octets: usize,
    /// A whole reply, given out after its last line.
    whole: Option<Reply>,
    failed: bool,
}

/// What [`ReplyParser::next`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// A line, as soon as it is whole.
    Line(ReplyLine),
    /// A reply, right after its last line.
    Reply(Reply),
}

impl ReplyParser {
    /// Takes bytes in. Call [`ReplyParser::next`] until it returns `None` after each push.
    pub fn push(&mut self, bytes: &[u8]) {
        if !self.failed {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// The next line or reply. `stage` says what the reply answers, for the enhanced codes;
    /// it must stay the same within one reply.
    pub fn next(&mut self, stage: Stage) -> Option<Result<Parsed, RemoteError>> {
        if let Some(reply) = self.whole.take() {
            return Some(Ok(Parsed::Reply(reply)));
        }
        if self.failed {
            return None;
        }
        let (line, ending) = match self.take_line() {
            Ok(line) => line?,
            Err(error) => return Some(Err(self.fail(error))),
        };
        Some(
            self.read(&line, ending, stage)
                .map_err(|error| self.fail(error)),
        )
    }

    /// Gives out what is left when no more bytes will come: an unfinished line, marked so, and
    /// then the reply that it ends. Call until it returns `None`. A reply of which only whole
    /// lines came gives nothing more: its lines are known. What is left may pass a bound too.
    pub fn finish(&mut self, stage: Stage) -> Option<Result<Parsed, RemoteError>> {
        if let Some(reply) = self.whole.take() {
            return Some(Ok(Parsed::Reply(reply)));
        }
        if self.failed || self.buffer.is_empty() {
            return None;
        }
        let line = self.discard();
        Some(
            self.read(&line, Ending::None, stage)
                .map_err(|error| self.fail(error)),
        )
    }

    /// Takes away the bytes that are no whole line yet, or that no one has asked for.
    pub fn discard(&mut self) -> Vec<u8> {
        self.searched = 0;
        std::mem::take(&mut self.buffer)
    }

    /// Whether the first lines of a reply have come and its last has not.
    pub fn is_inside_reply(&self) -> bool {
        !self.lines.is_empty()
    }

    /// Bytes that wait for the end of their line.
    pub fn buffered(&self) -> usize {
        self.buffer.len()
    }

    /// Cuts the next line off the buffer.
    fn take_line(&mut self) -> Result<Option<(Vec<u8>, Ending)>, RemoteError> {
        let unsearched = self.buffer.iter().skip(self.searched);
        let Some(found) = unsearched.clone().position(|b| *b == b'\n') else {
            self.searched = self.buffer.len();
            return if self.searched > bounds::LINE {
                Err(RemoteError::TooLongLine)
            } else {
                Ok(None)
            };
        };
        let end = self.searched + found;
        if end >= bounds::LINE {
            return Err(RemoteError::TooLongLine);
        }
        let mut line: Vec<u8> = self.buffer.drain(..=end).collect();
        self.searched = 0;
        line.pop();
        let ending = if line.last() == Some(&b'\r') {
            line.pop();
            Ending::CrLf
        } else {
            Ending::Lf
        };
        Ok(Some((line, ending)))
    }

    fn read(&mut self, line: &[u8], ending: Ending, stage: Stage) -> Result<Parsed, RemoteError> {
        let before = self.lines.iter().rev().find_map(|line| line.code);
        let line = ReplyLine::read(line, ending, before, stage);
        self.octets += line.octets;
        if self.octets > bounds::REPLY {
            return Err(RemoteError::TooLongReply);
        }
        if self.lines.len() == bounds::LINES {
            return Err(RemoteError::TooManyLines);
        }
        self.lines.push(line.clone());
        if line.last {
            self.whole = Some(Reply::of(std::mem::take(&mut self.lines)));
            self.octets = 0;
        }
        Ok(Parsed::Line(line))
    }

    fn fail(&mut self, error: RemoteError) -> RemoteError {
        *self = Self {
            failed: true,
            ..Self::default()
        };
        error
    }
}
