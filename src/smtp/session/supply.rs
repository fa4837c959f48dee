//! A message whose blocks come one by one: by DATA, or in chunks by BDAT (RFC 3030). Of a message
//! of any size a few blocks, or one chunk, are held.

use super::Session;
use crate::smtp::data::{LineEnds, Stuffing};
use crate::smtp::error::LocalError;
use crate::smtp::event::EventKind;
use crate::smtp::stage::Stage;
use crate::smtp::state::{On, State};
use std::fmt;
use std::time::Duration;

/// How a message gets to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transfer {
    /// Behind the 354 to DATA, up to a dot alone.
    #[default]
    Data,
    /// In chunks of so many octets, at least one, each answered before the next one leaves.
    /// The command needs no 354: it comes where DATA would.
    Bdat { chunk: usize },
}

/// What is known of a message before its first block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MessageHead {
    pub transfer: Transfer,
    pub ends: LineEnds,
    /// Its size as RFC 1870 counts it: line ends as CRLF, no dots. For the transcript only.
    pub octets: Option<u64>,
}

pub(super) struct Supply {
    stuffing: Stuffing,
    /// Octets of a chunk; none by DATA.
    chunk: Option<usize>,
    /// What waits for its chunk.
    held: Vec<u8>,
    ended: bool,
}

impl Session {
    /// Begins a message whose blocks the driver supplies: after the 354 by DATA, and where DATA
    /// could be said by BDAT. While it lasts, nothing else can be sent; a driver that cannot go
    /// on closes the connection, and the server throws away what it has.
    pub fn open_message(&mut self, head: MessageHead, now: Duration) -> Result<(), LocalError> {
        self.tick(now);
        self.can_write()?;
        if let Some(stage) = self.awaited() {
            return Err(LocalError::Waiting(stage));
        }
        let (chunk, begins_in) = match head.transfer {
            Transfer::Data => (None, State::AwaitData),
            Transfer::Bdat { chunk } => (Some(chunk.max(1)), State::HasRcpt),
        };
        if self.state != begins_in || self.supply.is_some() {
            return Err(LocalError::NotNow {
                stage: Stage::Message,
                state: self.state,
            });
        }
        let stuffing = if chunk.is_some() {
            Stuffing::without_dots(head.ends)
        } else {
            self.begin_message();
            self.outgoing.open();
            Stuffing::for_data(head.ends)
        };
        self.supply = Some(Supply {
            stuffing,
            chunk,
            held: Vec::new(),
            ended: false,
        });
        self.tell(EventKind::SendingMessage {
            lines: None,
            octets: head.octets,
        });
        Ok(())
    }

    /// Whether the driver should supply a block now. Poll when [`Session::poll_transmit`] gives
    /// `None`.
    pub fn wants_block(&self) -> bool {
        let Some(supply) = self.supply.as_ref().filter(|supply| !supply.ended) else {
            return false;
        };
        match supply.chunk {
            None => self.state == State::SendingMessage && !self.outgoing.has_blocks(),
            Some(_) => matches!(self.state, State::HasRcpt | State::AwaitChunk),
        }
    }

    /// Whether a message is under way whose blocks the driver supplies.
    pub fn is_supplied(&self) -> bool {
        self.supply.is_some()
    }

    /// The next octets of the message, cut anywhere, of any number: they are held until they
    /// have left. Does nothing where [`Session::wants_block`] is false.
    pub fn supply_block(&mut self, block: &[u8], now: Duration) {
        self.tick(now);
        if !self.wants_block() {
            return;
        }
        let Some(supply) = &mut self.supply else {
            return;
        };
        supply.stuffing.write(block, &mut supply.held);
        self.push_supplied();
    }

    /// The message is over. Does nothing where [`Session::wants_block`] is false.
    pub fn end_message(&mut self, now: Duration) {
        self.tick(now);
        if !self.wants_block() {
            return;
        }
        let Some(supply) = &mut self.supply else {
            return;
        };
        supply.stuffing.finish(&mut supply.held);
        supply.ended = true;
        self.push_supplied();
    }

    fn push_supplied(&mut self) {
        let Some(supply) = &mut self.supply else {
            return;
        };
        if supply.chunk.is_some() {
            return self.push_chunk();
        }
        let octets = std::mem::take(&mut supply.held);
        if supply.ended {
            self.outgoing.close();
            self.supply = None;
        }
        self.outgoing.push_blocks(&octets);
        // Since the last block left, somebody read the next one: that is not the server's time.
        self.wait_began = self.now;
    }

    /// A chunk leaves when it is known whether it is the last one.
    fn push_chunk(&mut self) {
        let Some(supply) = &mut self.supply else {
            return;
        };
        let size = supply.chunk.unwrap_or(usize::MAX);
        let more = supply.held.len() > size;
        if !more && !supply.ended {
            return;
        }
        let rest = supply.held.split_off(size.min(supply.held.len()));
        let chunk = std::mem::replace(&mut supply.held, rest);
        let last = if more { "" } else { " LAST" };
        let line = format!("BDAT {}{last}", chunk.len());
        self.outgoing
            .push_blocks(&[line.as_bytes(), b"\r\n", &chunk].concat());
        self.tell(EventKind::Sent {
            stage: Stage::Bdat,
            line: line.into(),
        });
        if more {
            self.chunk = Some(Stage::Bdat);
            self.answered_early = None;
            self.await_reply(Stage::Bdat);
            self.moved(On::Send(Stage::Bdat));
        } else {
            self.chunk = Some(Stage::Message);
            self.supply = None;
            self.begin_message();
        }
    }

    /// A chunk that is not the last one is written.
    pub(super) fn chunk_sent(&mut self) {
        self.moved(On::ChunkSent);
        self.wait_began = self.now;
        if let Some(outcome) = self.answered_early.take() {
            self.moved(On::Answer(Stage::Bdat, outcome));
            self.go_on_with_chunks();
        } else if let Some(chunk) = self.in_flight.back_mut() {
            chunk.sent_at = self.now;
        }
    }

    /// A chunk was answered: the next one leaves, or the message is given up.
    pub(super) fn go_on_with_chunks(&mut self) {
        match self.state {
            State::AwaitChunk => self.push_chunk(),
            // Too early: the chunk goes to its end first, or the rest of it would be commands.
            State::SendingMessage => {}
            _ => self.supply = None,
        }
    }
}

impl fmt::Debug for Supply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supply")
            .field("chunk", &self.chunk)
            .field("held", &self.held.len())
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
