//! The counts.

use super::ascii::head;
use super::cause::CauseId;
use super::event::Fate;
use super::series::Series;
use crate::knowledge::code::EnhancedCode;
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// How often, when, and one line that shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    pub count: u64,
    pub first: i64,
    pub last: i64,
    pub example: Box<[u8]>,
}

/// Octets of an example line that are kept.
const EXAMPLE: usize = 1000;

impl Group {
    fn add(&mut self, at: i64, line: &[u8]) {
        if self.count == 0 {
            self.first = at;
            self.last = at;
            self.example = head(line, EXAMPLE).into();
        }
        self.count += 1;
        self.first = self.first.min(at);
        self.last = self.last.max(at);
    }
}

/// One domain, host or sender.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// By fate, in the order of [`Fate::ALL`].
    pub counts: [u64; 5],
    pub first: i64,
    pub last: i64,
    /// Empty where there was no more room for it.
    pub example: Box<[u8]>,
    /// The cause met most often, while it is more than half of all.
    pub cause: Option<CauseId>,
    weight: u64,
    /// Counts that may have been missed before it was kept.
    missed: u64,
}

impl Entry {
    pub fn failures(&self) -> u64 {
        self.counts.iter().skip(1).sum()
    }

    fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// Names with their counts. Exact while the names are no more than `most`; beyond, the rare
/// ones are dropped (lossy counting, Manku and Motwani 2002), so that the memory is bounded.
#[derive(Clone, Debug)]
pub struct Names {
    entries: HashMap<Box<[u8]>, Entry, RandomState>,
    most: usize,
    /// Octets that example lines may still take.
    room: usize,
    /// What an entry that is not here may have counted at most.
    dropped: u64,
}

/// Octets of a name that are kept: longer than any domain or address may be.
const LONGEST_NAME: usize = 320;

impl Names {
    fn new(most: usize) -> Self {
        Self {
            entries: HashMap::default(),
            most,
            room: 1 << 20,
            dropped: 0,
        }
    }

    fn add(&mut self, name: &[u8], fate: Fate, at: i64, why: Option<(CauseId, &[u8])>) {
        let name = head(name, LONGEST_NAME);
        if name.iter().any(u8::is_ascii_uppercase) {
            let lower = name.to_ascii_lowercase();
            self.add_lower(&lower, fate, at, why);
        } else {
            self.add_lower(name, fate, at, why);
        }
    }

    fn add_lower(&mut self, name: &[u8], fate: Fate, at: i64, why: Option<(CauseId, &[u8])>) {
        if !self.entries.contains_key(name) {
            if self.entries.len() >= self.most {
                self.drop_rare();
            }
            let new = Entry {
                first: at,
                last: at,
                missed: self.dropped,
                ..Entry::default()
            };
            self.entries.insert(name.into(), new);
        }
        let Some(entry) = self.entries.get_mut(name) else {
            return;
        };
        entry.counts[fate as usize] += 1;
        let Some((cause, line)) = why else {
            return;
        };
        if entry.weight == 0 {
            entry.cause = Some(cause);
        }
        if entry.cause == Some(cause) {
            entry.weight += 1;
        } else {
            entry.weight -= 1;
        }
        if entry.failures() == 1 {
            entry.first = at;
            entry.last = at;
            let line = head(line, EXAMPLE);
            if line.len() <= self.room {
                self.room -= line.len();
                entry.example = line.into();
            }
        }
        entry.first = entry.first.min(at);
        entry.last = entry.last.max(at);
    }

    fn drop_rare(&mut self) {
        while self.entries.len() >= self.most {
            self.dropped += 1;
            let (dropped, room) = (self.dropped, &mut self.room);
            self.entries.retain(|_, entry| {
                let stays = entry.total() + entry.missed > dropped;
                if !stays {
                    *room += entry.example.len();
                }
                stays
            });
        }
    }

    /// Whether every count is exact.
    pub fn is_exact(&self) -> bool {
        self.dropped == 0
    }

    pub fn get(&self, name: &[u8]) -> Option<&Entry> {
        self.entries.get(name)
    }

    /// All with a failure, the most failures first.
    pub fn worst(&self) -> Vec<(&[u8], &Entry)> {
        let mut all: Vec<_> = self
            .entries
            .iter()
            .filter(|(_, entry)| entry.failures() > 0)
            .map(|(name, entry)| (&**name, entry))
            .collect();
        all.sort_by(|(a, left), (b, right)| {
            right
                .failures()
                .cmp(&left.failures())
                .then_with(|| a.cmp(b))
        });
        all
    }

    /// Counts of one fate, the highest first.
    pub fn of(&self, fate: Fate) -> Vec<(&[u8], u64)> {
        let mut all: Vec<_> = self
            .entries
            .iter()
            .map(|(name, entry)| (&**name, entry.counts[fate as usize]))
            .filter(|(_, count)| *count > 0)
            .collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        all
    }
}

/// Plain numbers. A recipient is one of a message that is no notification of this server.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    pub messages: u64,
    pub recipients: u64,
    /// Deliveries, those of notifications with them.
    pub sent: u64,
    pub bounced: u64,
    /// Recipients whose message became too old.
    pub expired: u64,
    /// Attempts that were put off; one recipient may have several.
    pub deferred_events: u64,
    /// Recipients that were put off, and delivered later.
    pub delivered_later: u64,
    /// Recipients that were put off, and refused for good later.
    pub bounced_later: u64,
    /// Recipients that wait at the end of the log.
    pub still_queued: u64,
    /// Recipients that waited when their message was taken out of the queue.
    pub withdrawn: u64,
    /// Turned away at the door.
    pub rejected: u64,
    /// Messages that tell a sender of a failure or a delay.
    pub notifications: u64,
    /// Messages that left the queue, without notifications.
    pub removed: u64,
    pub sasl_failures: u64,
    pub tls_in: u64,
    pub tls_out: u64,
}

/// What became of recipients that were put off for one cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Later {
    pub delivered: u64,
    pub bounced: u64,
    pub expired: u64,
}

/// What is said of one failure.
pub(super) struct Failure<'a> {
    pub(super) at: i64,
    pub(super) line: &'a [u8],
    pub(super) fate: Fate,
    pub(super) cause: CauseId,
    pub(super) code: Option<EnhancedCode>,
    pub(super) domain: Option<&'a [u8]>,
    pub(super) host: Option<&'a [u8]>,
    pub(super) sender: Option<&'a [u8]>,
}

/// All counts of one or several logs.
#[derive(Clone, Debug)]
pub struct Tally {
    pub counts: Counts,
    pub first: Option<i64>,
    pub last: Option<i64>,
    pub groups: HashMap<(Fate, CauseId), Group, RandomState>,
    pub codes: HashMap<(Fate, Option<EnhancedCode>), Group, RandomState>,
    pub later: HashMap<CauseId, Later, RandomState>,
    pub domains: Names,
    pub hosts: Names,
    pub senders: Names,
    pub series: Series,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            counts: Counts::default(),
            first: None,
            last: None,
            groups: HashMap::default(),
            codes: HashMap::default(),
            later: HashMap::default(),
            domains: Names::new(1 << 16),
            hosts: Names::new(1 << 13),
            senders: Names::new(1 << 13),
            series: Series::default(),
        }
    }
}

impl Tally {
    pub(super) fn seen(&mut self, at: i64) {
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
    }

    pub(super) fn sent(&mut self, at: i64, domain: Option<&[u8]>) {
        self.counts.sent += 1;
        self.series.at(at).sent += 1;
        if let Some(domain) = domain {
            self.domains.add(domain, Fate::Sent, at, None);
        }
    }

    pub(super) fn failed(&mut self, failure: &Failure<'_>) {
        let Failure {
            at,
            line,
            fate,
            cause,
            ..
        } = *failure;
        match fate {
            Fate::Sent => return,
            Fate::Deferred => self.counts.deferred_events += 1,
            Fate::Bounced => self.counts.bounced += 1,
            Fate::Expired => self.counts.expired += 1,
            Fate::Rejected => self.counts.rejected += 1,
        }
        *self.series.at(at).of(fate) += 1;
        self.groups.entry((fate, cause)).or_default().add(at, line);
        self.codes
            .entry((fate, failure.code))
            .or_default()
            .add(at, line);
        let why = Some((cause, line));
        if let Some(domain) = failure.domain {
            self.domains.add(domain, fate, at, why);
        }
        if let Some(host) = failure.host {
            self.hosts.add(host, fate, at, why);
        }
        if let Some(sender) = failure.sender {
            self.senders.add(sender, fate, at, why);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frequent_stay_when_names_are_too_many() {
        let mut names = Names::new(100);
        for turn in 0..5000 {
            let rare = format!("host{turn}.example");
            names.add(rare.as_bytes(), Fate::Bounced, turn, Some((0, b"line")));
            names.add(b"Often.Example", Fate::Bounced, turn, Some((1, b"line")));
        }
        assert!(!names.is_exact());
        assert!(names.entries.len() <= 100);
        let (name, entry) = names.worst()[0];
        assert_eq!((name, entry.failures()), (&b"often.example"[..], 5000));
        assert_eq!((entry.first, entry.last, entry.cause), (0, 4999, Some(1)));
    }
}
