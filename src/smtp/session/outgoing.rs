//! What waits to be sent.

use crate::smtp::data::Message;
use std::collections::VecDeque;
use std::fmt;

/// Octets of one block of a message. Each has three minutes (RFC 5321 section 4.5.3.2.5), so
/// it must be small enough for a slow line: 16 KiB in three minutes are 100 octets a second.
const BLOCK: usize = 16 * 1024;

/// Lines and blocks in the order in which they leave. Not printable: there are secrets in it.
#[derive(Default)]
pub(super) struct Outgoing {
    queue: VecDeque<Vec<u8>>,
    /// Blocks of a message at the end of `queue`. Nothing is queued behind them.
    blocks: usize,
    /// A block is being written.
    writing: bool,
    /// More blocks of the message are to come.
    open: bool,
}

impl Outgoing {
    pub(super) fn push_line(&mut self, line: Vec<u8>) {
        self.queue.push_back(line);
    }

    pub(super) fn push_message(&mut self, message: Message) {
        self.push_blocks(&message.into_octets());
    }

    /// Octets of a message, in blocks.
    pub(super) fn push_blocks(&mut self, octets: &[u8]) {
        for block in octets.chunks(BLOCK) {
            self.queue.push_back(block.to_vec());
            self.blocks += 1;
        }
    }

    /// A message begins whose blocks come one by one.
    pub(super) fn open(&mut self) {
        self.open = true;
    }

    /// What was pushed last is the end of the message.
    pub(super) fn close(&mut self) {
        self.open = false;
    }

    /// The next octets to write; no block before the one in front of it is written.
    pub(super) fn pop(&mut self) -> Option<Vec<u8>> {
        if self.writing {
            return None;
        }
        let octets = self.queue.pop_front()?;
        self.writing = self.queue.len() < self.blocks;
        Some(octets)
    }

    /// Takes note that what was popped is written. Says whether it was a block of a message,
    /// and if so, whether it was the last.
    pub(super) fn written(&mut self) -> Option<bool> {
        if !std::mem::take(&mut self.writing) {
            return None;
        }
        self.blocks -= 1;
        Some(self.blocks == 0 && !self.open)
    }

    /// Whether blocks of a message are still to be written.
    pub(super) fn has_blocks(&self) -> bool {
        self.blocks > 0
    }

    /// Whether a line that is pushed now would land in a message.
    pub(super) fn is_in_message(&self) -> bool {
        self.has_blocks() || self.open
    }

    /// Whether the block with the final dot was popped and nobody knows how much of it left.
    pub(super) fn is_writing_last(&self) -> bool {
        self.writing && self.blocks == 1 && !self.open
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("waiting", &self.queue.len())
            .field("blocks", &self.blocks)
            .field("writing", &self.writing)
            .field("open", &self.open)
            .finish()
    }
}
