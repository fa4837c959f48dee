//! One message's whole story: all lines of it, by queue id, Message-ID or address.

use super::ascii::{bare, contains, head};
use super::deliveries::{Delivery, deliveries};
use super::event::{Event, Says, recipients};
use crate::text::SafeText;
use foldhash::fast::RandomState;
use serde::Serialize;
use std::collections::HashMap;

/// A message that was looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Story {
    pub id: SafeText,
    /// It has left the queue.
    pub ended: bool,
    pub deliveries: Vec<Delivery>,
    pub lines: Vec<SafeText>,
}

impl Story {
    /// The id of a story of something that never came into the queue.
    pub const AT_THE_DOOR: &str = "NOQUEUE";

    /// Of something that one line tells all of.
    pub fn of_line(line: &SafeText) -> Self {
        Self {
            id: Self::AT_THE_DOOR.into(),
            ended: true,
            deliveries: deliveries(line),
            lines: vec![line.clone()],
        }
    }
}

/// Lines of a message that are kept, and their octets.
const LINES: usize = 400;
const LINE: usize = 2000;
/// Octets of all lines of messages in flight.
const ROOM: usize = 32 << 20;
/// Stories that are told.
const MOST: usize = 200;

#[derive(Debug, Default)]
struct Kept {
    lines: Vec<Box<[u8]>>,
    octets: usize,
    wanted: bool,
}

/// Keeps the lines of messages in flight, and those of messages that are wanted.
#[derive(Debug, Default)]
pub struct Stories {
    wanted: Vec<u8>,
    flights: HashMap<Box<[u8]>, Kept, RandomState>,
    octets: usize,
    /// qmail: the message of a delivery.
    under_way: HashMap<Box<[u8]>, Box<[u8]>, RandomState>,
    told: Vec<Story>,
    /// Messages whose lines were dropped for want of room.
    pub dropped: u64,
}

impl Stories {
    /// `wanted`: a queue id, a Message-ID or an address, with or without angle brackets.
    pub fn of(wanted: &str) -> Self {
        Self {
            wanted: bare(wanted.as_bytes()).to_vec(),
            ..Self::default()
        }
    }

    /// Takes the next event of the log.
    pub fn take(&mut self, event: &Event<'_>) {
        let is = |text: &[u8]| text.eq_ignore_ascii_case(&self.wanted);
        let maybe = |text: Option<&[u8]>| text.is_some_and(is);
        match &event.says {
            Says::Arrived(arrival) => {
                let fits = maybe(arrival.sender) || maybe(arrival.message_id);
                let fits = fits || arrival.parent.is_some_and(|parent| self.wants(parent));
                self.put(arrival.id, event.line, fits);
            }
            Says::Queued { id, sender } | Says::Expired { id, sender } => {
                let fits = is(sender);
                self.put(id, event.line, fits);
            }
            Says::MessageId { id, message_id } => {
                let fits = is(message_id);
                self.put(id, event.line, fits);
            }
            Says::Tried(attempt) => {
                let fits = maybe(attempt.sender)
                    || recipients(attempt).any(is)
                    || names(attempt.fields, &self.wanted);
                self.put(attempt.id, event.line, fits);
            }
            Says::Refused(refusal) => {
                if maybe(refusal.sender) || maybe(refusal.recipient) {
                    self.tell(
                        Story::AT_THE_DOOR.as_bytes(),
                        &Kept {
                            lines: vec![line(event.line)],
                            octets: 0,
                            wanted: true,
                        },
                        true,
                    );
                }
            }
            Says::Notified { id, notice, .. } => {
                self.put(id, event.line, false);
                let fits = self.wants(id);
                self.put(notice, event.line, fits);
            }
            Says::Began {
                delivery,
                id,
                recipient,
            } => {
                let fits = is(recipient);
                if self.under_way.len() < 4096 {
                    self.under_way.insert((*delivery).into(), (*id).into());
                }
                self.put(id, event.line, fits);
            }
            Says::Delivered { delivery, .. } => {
                if let Some(id) = self.under_way.remove(*delivery) {
                    self.put(&id, event.line, false);
                }
            }
            Says::Ended { id } => {
                self.put(id, event.line, false);
                if let Some(kept) = self.flights.remove(*id) {
                    self.octets -= kept.octets;
                    if kept.wanted {
                        self.tell(id, &kept, true);
                    }
                }
            }
            Says::LoginFailed | Says::TlsIn | Says::TlsOut => {}
        }
    }

    fn wants(&self, id: &[u8]) -> bool {
        self.flights.get(id).is_some_and(|kept| kept.wanted)
    }

    fn put(&mut self, id: &[u8], text: &[u8], fits: bool) {
        if self.octets > ROOM {
            // Only what is wanted stays; the rest cannot be told any more.
            let before = self.flights.len();
            self.flights.retain(|_, kept| kept.wanted);
            self.dropped += (before - self.flights.len()) as u64;
            self.octets = self.flights.values().map(|kept| kept.octets).sum();
        }
        let fits = fits || *id == *self.wanted;
        let kept = self.flights.entry(id.into()).or_default();
        kept.wanted |= fits;
        if kept.lines.len() < LINES {
            let line = line(text);
            // What the allocation takes beside the line.
            let octets = line.len() + 48;
            kept.octets += octets;
            self.octets += octets;
            kept.lines.push(line);
        }
    }

    fn tell(&mut self, id: &[u8], kept: &Kept, ended: bool) {
        if self.told.len() >= MOST {
            self.dropped += 1;
            return;
        }
        let text: Vec<_> = kept
            .lines
            .iter()
            .map(|line| String::from_utf8_lossy(line))
            .collect();
        self.told.push(Story {
            id: SafeText::from_bytes(id),
            ended,
            deliveries: deliveries(&text.join("\n")),
            lines: kept
                .lines
                .iter()
                .map(|line| SafeText::from_bytes(line))
                .collect(),
        });
    }

    /// The stories in the order in which they ended; those in the queue last.
    pub fn told(mut self) -> Vec<Story> {
        let mut open: Vec<_> = self
            .flights
            .drain()
            .filter(|(_, kept)| kept.wanted)
            .collect();
        open.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (id, kept) in open {
            self.tell(&id, &kept, false);
        }
        self.told
    }
}

fn line(text: &[u8]) -> Box<[u8]> {
    head(text, LINE).into()
}

/// Whether the fields of an attempt name the address: `orig_to=<…>`.
fn names(fields: &[u8], wanted: &[u8]) -> bool {
    !wanted.is_empty() && contains(fields, &[b"orig_to=<", wanted, b">"].concat())
}
