//! The lines of one message joined: who was delivered, who waits, who never was.

mod book;

use super::cause::{CauseId, Causes};
use super::event::{Arrival, Attempt, Event, Fate, Says, recipients};
use super::filter::Filter;
use super::messages::{Failing, Messages};
use super::tally::Tally;
use super::words::Words;
use book::{Book, Message};
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

/// A queue id, which has at most 24 octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Id([u64; 3]);

impl Id {
    fn new(id: &[u8]) -> Option<Self> {
        let mut bytes = [0; 24];
        bytes.get_mut(..id.len())?.copy_from_slice(id);
        let mut words = [0; 3];
        for (word, chunk) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
            *word = u64::from_ne_bytes(*chunk);
        }
        Some(Self(words))
    }

    /// What it was made of.
    fn octets(&self) -> Vec<u8> {
        let bytes = self.0.iter().flat_map(|word| word.to_ne_bytes());
        // No id holds a zero.
        bytes.take_while(|byte| *byte != 0).collect()
    }
}

impl Hash for Id {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for word in self.0 {
            state.write_u64(word);
        }
    }
}

/// A recipient that was put off.
#[derive(Debug)]
struct Waiting {
    recipient: Box<[u8]>,
    cause: CauseId,
    host: Option<Box<[u8]>>,
    /// It is counted: no filter leaves it out.
    counts: bool,
}

/// A message in the queue.
#[derive(Debug, Default)]
struct Flight {
    sender: Option<Box<[u8]>>,
    arrived: bool,
    notice: bool,
    waiting: Vec<Waiting>,
    /// Recipients not yet served, where no line says that the message left.
    open: Option<u32>,
    last: i64,
    /// It has no other's, while ids are used again.
    number: u64,
}

/// The message and the recipient of a delivery of qmail's.
type Delivery = (Id, Box<[u8]>);

/// Messages in flight that are kept at most; beyond, the longest silent are forgotten.
const MOST: usize = 200_000;

/// Joins events, in the order of the log, and counts.
#[derive(Debug, Default)]
pub struct Joiner {
    flights: HashMap<Id, Flight, RandomState>,
    /// qmail's deliveries under way.
    under_way: HashMap<Box<[u8]>, Delivery, RandomState>,
    /// Messages that were forgotten because too many were in flight.
    forgotten: u64,
    book: Book,
}

impl Joiner {
    pub fn new(filter: Filter) -> Self {
        Self {
            book: Book {
                filter,
                ..Book::default()
            },
            ..Self::default()
        }
    }

    /// Also remembers which messages failed.
    #[must_use]
    pub fn with_messages(mut self, messages: Messages) -> Self {
        self.book.messages = Some(messages);
        self
    }

    /// Messages that failed, the newest first, and how many older ones there were; none where
    /// they are not remembered.
    pub fn messages(&self) -> (Vec<Failing>, u64) {
        let messages = self.book.messages.as_ref();
        messages.map_or_else(Default::default, |messages| {
            messages.told(&self.book.causes)
        })
    }

    pub fn causes(&self) -> &Causes {
        &self.book.causes
    }

    pub fn tally(&self) -> &Tally {
        &self.book.tally
    }

    /// Messages in flight now.
    pub fn in_flight(&self) -> usize {
        self.flights.len()
    }

    /// Messages that were given up on because too many were in flight.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// How many recipients wait now, by cause.
    pub fn waiting(&self) -> HashMap<CauseId, u64> {
        let mut waiting = HashMap::new();
        let all = self.flights.values().flat_map(|flight| &flight.waiting);
        for one in all.filter(|one| one.counts) {
            *waiting.entry(one.cause).or_default() += 1;
        }
        waiting
    }

    /// Takes the next event of the log.
    pub fn take(&mut self, event: &Event<'_>) {
        let at = event.at;
        let in_time = self.book.filter.has_time(at);
        if in_time {
            self.book.tally.seen(at);
        }
        match &event.says {
            Says::Arrived(arrival) => self.arrived(at, arrival),
            Says::Queued { id, sender } => {
                if let Some(flight) = self.flight(at, id)
                    && flight.sender.is_none()
                {
                    flight.sender = Some((*sender).into());
                }
            }
            Says::MessageId { id, .. } => {
                self.flight(at, id);
            }
            Says::Tried(attempt) => {
                if let Some(id) = Id::new(attempt.id) {
                    self.tried(event, id, attempt);
                }
            }
            Says::Expired { id, .. } => self.expired(event, id),
            Says::Refused(refusal) => self.book.refused(event, refusal),
            Says::Notified {
                id,
                notice,
                given_up,
            } => {
                if *given_up {
                    self.expired(event, id);
                }
                self.notice(at, notice);
            }
            Says::Began {
                delivery,
                id,
                recipient,
            } => {
                if let Some(id) = Id::new(id) {
                    if self.under_way.len() >= 4096 {
                        self.under_way.clear();
                    }
                    self.under_way
                        .insert((*delivery).into(), (id, (*recipient).into()));
                }
            }
            Says::Delivered {
                delivery,
                fate,
                text,
            } => {
                if let Some((id, recipient)) = self.under_way.remove(*delivery) {
                    let attempt = Attempt {
                        id: b"",
                        sender: None,
                        recipient: &recipient,
                        several: false,
                        fate: *fate,
                        text,
                        fields: b"",
                        ends: false,
                    };
                    self.tried(event, id, &attempt);
                }
            }
            Says::Ended { id } => {
                if let Some(id) = Id::new(id) {
                    self.ended(at, id);
                }
            }
            Says::LoginFailed => self.book.tally.counts.sasl_failures += u64::from(in_time),
            Says::TlsIn => self.book.tally.counts.tls_in += u64::from(in_time),
            Says::TlsOut => self.book.tally.counts.tls_out += u64::from(in_time),
        }
    }

    /// The message of an id; a new one where none is in flight under it.
    fn flight(&mut self, at: i64, id: &[u8]) -> Option<&mut Flight> {
        let id = Id::new(id)?;
        Some(self.flight_of(at, id))
    }

    fn flight_of(&mut self, at: i64, id: Id) -> &mut Flight {
        if self.flights.len() >= MOST && !self.flights.contains_key(&id) {
            self.forget();
        }
        let book = &mut self.book;
        let flight = self.flights.entry(id).or_insert_with(|| {
            if book.filter.has_time(at) {
                book.tally.counts.messages += 1;
                book.tally.series.at(at).entered += 1;
            }
            book.numbers += 1;
            Flight {
                number: book.numbers,
                ..Flight::default()
            }
        });
        flight.last = at;
        flight
    }

    /// Drops the half that has been silent longest.
    fn forget(&mut self) {
        let mut lasts: Vec<i64> = self.flights.values().map(|flight| flight.last).collect();
        let middle = lasts.len() / 2;
        let (_, median, _) = lasts.select_nth_unstable(middle);
        let median = *median;
        let before = self.flights.len();
        let mut also = before / 2;
        self.flights.retain(|_, flight| {
            flight.last > median
                || (flight.last == median && {
                    also = also.saturating_sub(1);
                    also == 0
                })
        });
        self.forgotten += (before - self.flights.len()) as u64;
    }

    fn arrived(&mut self, at: i64, arrival: &Arrival<'_>) {
        let Some(id) = Id::new(arrival.id) else {
            return;
        };
        // Short ids are used again; the end of the message before was not in the log.
        if self.flights.get(&id).is_some_and(|flight| flight.arrived) {
            self.ended(at, id);
        }
        let flight = self.flight_of(at, id);
        flight.arrived = true;
        flight.open = arrival.recipients;
        if let Some(sender) = arrival.sender {
            flight.sender = Some(sender.into());
        }
        if arrival.tls && self.book.filter.has_time(at) {
            self.book.tally.counts.tls_in += 1;
        }
        if arrival.parent.is_some() {
            self.notice(at, arrival.id);
        }
    }

    /// A message turns out to be a notification.
    fn notice(&mut self, at: i64, id: &[u8]) {
        let counts = self.book.filter.has_time(at);
        let Some(flight) = self.flight(at, id) else {
            return;
        };
        if !std::mem::replace(&mut flight.notice, true) && counts {
            self.book.tally.counts.notifications += 1;
            self.book.tally.counts.messages = self.book.tally.counts.messages.saturating_sub(1);
        }
    }

    fn ended(&mut self, at: i64, id: Id) {
        let Some(flight) = self.flights.remove(&id) else {
            return;
        };
        let withdrawn = flight.waiting.iter().filter(|one| one.counts).count();
        self.book.tally.counts.withdrawn += withdrawn as u64;
        if self.book.filter.has_time(at) {
            self.book.tally.counts.removed += u64::from(!flight.notice);
            self.book.tally.series.at(at).left += 1;
        }
    }

    fn tried(&mut self, event: &Event<'_>, id: Id, attempt: &Attempt<'_>) {
        self.flight_of(event.at, id);
        let Self { flights, book, .. } = self;
        let Some(flight) = flights.get_mut(&id) else {
            return;
        };
        if flight.sender.is_none()
            && let Some(sender) = attempt.sender
        {
            flight.sender = Some(sender.into());
        }
        let mut served = 0;
        for recipient in recipients(attempt) {
            book.outcome(event, id, attempt, recipient, flight);
            served += u32::from(attempt.fate != Fate::Deferred);
        }
        let ends = attempt.ends && served > 0 && {
            flight.open = flight.open.map(|open| open.saturating_sub(served));
            flight
                .open
                .map_or(flight.waiting.is_empty(), |open| open == 0)
        };
        if ends {
            self.ended(event.at, id);
        }
    }

    /// Everything that waits in a message is given up.
    fn expired(&mut self, event: &Event<'_>, id: &[u8]) {
        let Some(id) = Id::new(id) else {
            return;
        };
        self.flight_of(event.at, id);
        let Self { flights, book, .. } = self;
        let Some(flight) = flights.get_mut(&id) else {
            return;
        };
        for one in flight.waiting.drain(..) {
            let words = Words {
                host: one.host.as_deref(),
                ..Words::own(b"")
            };
            let message = Message {
                id,
                number: flight.number,
                sender: flight.sender.as_deref(),
            };
            let waited = Some(&one);
            book.failure(
                event,
                Fate::Expired,
                &words,
                &one.recipient,
                &message,
                waited,
            );
            if one.counts {
                book.tally.later.entry(one.cause).or_default().expired += 1;
            }
        }
    }
}
