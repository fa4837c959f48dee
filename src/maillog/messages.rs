//! Which messages failed: the newest, one by one.

use super::ascii::head;
use super::cause::{Cause, CauseId, Causes};
use super::event::Fate;
use super::tally::Failure;
use crate::text::SafeText;
use foldhash::fast::RandomState;
use std::collections::HashMap;

/// By what failures are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    Reason,
    /// The recipient's domain.
    Domain,
    /// The other side.
    Host,
    Sender,
    /// The enhanced code (RFC 3463).
    Code,
}

/// One group of a facet, under the name that [`super::Summary`] gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub facet: Facet,
    pub name: SafeText,
}

/// A recipient of a message that failed, or was put off, at least once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failing {
    /// The queue id; none of what was turned away at the door.
    pub id: Option<SafeText>,
    pub recipient: SafeText,
    pub sender: Option<SafeText>,
    pub host: Option<SafeText>,
    /// What came of the last attempt that failed.
    pub fate: Fate,
    /// How often it failed.
    pub failures: u64,
    /// Seconds since 1970 UTC, of the first and the last failure.
    pub first: i64,
    pub last: i64,
    /// When it was delivered after all.
    pub delivered: Option<i64>,
    pub cause: Cause,
    /// Why it was put off, where it was given up later.
    pub before: Option<Cause>,
    /// The line of the last failure.
    pub line: SafeText,
}

impl Failing {
    /// The word for why: that it became too old says less than why it was put off.
    pub fn reason(&self) -> &str {
        &self.before.as_ref().unwrap_or(&self.cause).reason
    }
}

/// Octets that are kept of a name and of a line.
const NAME: usize = 320;
const LINE: usize = 1000;

/// What was not yet made safe.
#[derive(Debug)]
struct Kept {
    number: Option<u64>,
    id: Box<[u8]>,
    recipient: Box<[u8]>,
    sender: Option<Box<[u8]>>,
    host: Option<Box<[u8]>>,
    fate: Fate,
    failures: u64,
    first: i64,
    last: i64,
    delivered: Option<i64>,
    cause: CauseId,
    before: Option<CauseId>,
    line: Box<[u8]>,
}

/// Whose failure it is. `number`: of the message, since ids are used again; none at the door.
#[derive(Clone, Copy)]
pub(super) struct Of<'a> {
    pub(super) id: &'a [u8],
    pub(super) number: Option<u64>,
    pub(super) recipient: &'a [u8],
    /// Why it waited.
    pub(super) before: Option<CauseId>,
}

type Key = (u64, Box<[u8]>);

/// Collects them, as they come. Its memory is bounded: of too many, the oldest are dropped.
#[derive(Debug)]
pub struct Messages {
    wanted: Option<Wanted>,
    most: usize,
    kept: Vec<Kept>,
    /// Of those with a queue id.
    places: HashMap<Key, usize, RandomState>,
    dropped: u64,
}

impl Messages {
    /// Of one group, or all; the newest `most`.
    pub fn of(wanted: Option<Wanted>, most: usize) -> Self {
        Self {
            wanted,
            most: most.max(1),
            kept: Vec::new(),
            places: HashMap::default(),
            dropped: 0,
        }
    }

    /// Takes a failure that is counted.
    pub(super) fn failed(&mut self, of: Of<'_>, failure: &Failure<'_>, reason: Option<&str>) {
        if !self.wants(failure, reason) {
            return;
        }
        let key = of.number.map(|number| (number, name(of.recipient)));
        let before = of.before.filter(|_| failure.fate == Fate::Expired);
        let known = key.as_ref().and_then(|key| self.places.get(key)).copied();
        if let Some(kept) = known.and_then(|place| self.kept.get_mut(place)) {
            kept.before = before;
            kept.fate = failure.fate;
            kept.failures += 1;
            kept.last = failure.at;
            kept.cause = failure.cause;
            kept.line = head(failure.line, LINE).into();
            kept.host = failure.host.map(name).or(kept.host.take());
            return;
        }
        if self.kept.len() >= 2 * self.most {
            self.drop_old();
        }
        if let Some(key) = key {
            self.places.insert(key, self.kept.len());
        }
        self.kept.push(Kept {
            number: of.number,
            id: name(of.id),
            recipient: name(of.recipient),
            sender: failure.sender.map(name),
            host: failure.host.map(name),
            fate: failure.fate,
            failures: 1,
            first: failure.at,
            last: failure.at,
            delivered: None,
            cause: failure.cause,
            before,
            line: head(failure.line, LINE).into(),
        });
    }

    /// A recipient was delivered after it had been put off.
    pub(super) fn delivered(&mut self, number: u64, recipient: &[u8], at: i64) {
        let place = self.places.get(&(number, name(recipient))).copied();
        if let Some(kept) = place.and_then(|place| self.kept.get_mut(place)) {
            kept.delivered = Some(at);
        }
    }

    fn wants(&self, failed: &Failure<'_>, reason: Option<&str>) -> bool {
        let Some(wanted) = &self.wanted else {
            return true;
        };
        let named = |name: Option<&[u8]>| {
            name.is_some_and(|name| listed(name).as_str() == wanted.name.as_str())
        };
        match wanted.facet {
            Facet::Reason => reason.is_some_and(|reason| *reason == *wanted.name),
            Facet::Domain => named(failed.domain),
            Facet::Host => named(failed.host),
            Facet::Sender => named(failed.sender),
            Facet::Code => {
                let code = failed
                    .code
                    .map_or("none".to_owned(), |code| code.to_string());
                code == *wanted.name
            }
        }
    }

    fn drop_old(&mut self) {
        self.kept.sort_by_key(|kept| kept.last);
        let old = self.kept.len().saturating_sub(self.most);
        self.kept.drain(..old);
        self.dropped += old as u64;
        let places = self.kept.iter().enumerate();
        self.places = places
            .filter_map(|(place, kept)| Some(((kept.number?, kept.recipient.clone()), place)))
            .collect();
    }

    /// The newest first, and how many older ones there were beside them.
    pub fn told(&self, causes: &Causes) -> (Vec<Failing>, u64) {
        let mut newest: Vec<&Kept> = self.kept.iter().collect();
        newest.sort_by_key(|kept| std::cmp::Reverse(kept.last));
        let more = newest.len().saturating_sub(self.most) as u64;
        let told = newest.into_iter().take(self.most);
        let told = told.filter_map(|kept| kept.told(causes)).collect();
        (told, self.dropped + more)
    }
}

impl Kept {
    fn told(&self, causes: &Causes) -> Option<Failing> {
        let safe = |text: &Option<Box<[u8]>>| text.as_deref().map(SafeText::from_bytes);
        Some(Failing {
            id: (!self.id.is_empty()).then(|| SafeText::from_bytes(&self.id)),
            recipient: SafeText::from_bytes(&self.recipient),
            sender: safe(&self.sender),
            host: safe(&self.host),
            fate: self.fate,
            failures: self.failures,
            first: self.first,
            last: self.last,
            delivered: self.delivered,
            cause: causes.get(self.cause)?.clone(),
            before: self.before.and_then(|id| causes.get(id)).cloned(),
            line: SafeText::from_bytes(&self.line),
        })
    }
}

fn name(name: &[u8]) -> Box<[u8]> {
    head(name, NAME).into()
}

/// A name as the lists of the account have it.
fn listed(name: &[u8]) -> SafeText {
    if name.is_empty() {
        return "<>".into();
    }
    SafeText::from_bytes(&head(name, NAME).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(at: i64, fate: Fate, cause: CauseId) -> Failure<'static> {
        Failure {
            at,
            line: b"line",
            fate,
            cause,
            code: None,
            domain: Some(b"B.example"),
            host: None,
            sender: Some(b""),
        }
    }

    fn of(number: u64) -> Of<'static> {
        Of {
            id: b"3A1B2C3D4E",
            number: Some(number),
            recipient: b"bob@b.example",
            before: None,
        }
    }

    #[test]
    fn of_too_many_the_newest_stay() {
        let mut messages = Messages::of(None, 10);
        for number in 0..95 {
            let at = i64::try_from(number).unwrap();
            messages.failed(of(number), &failure(at, Fate::Deferred, 0), None);
            assert!(messages.kept.len() <= 20 && messages.places.len() <= 20);
        }
        // One that is still there fails once more, and is the same.
        messages.failed(of(94), &failure(200, Fate::Bounced, 1), None);
        let newest = messages.kept.iter().max_by_key(|kept| kept.last).unwrap();
        assert_eq!((newest.failures, newest.first, newest.last), (2, 94, 200));
        let all = messages.kept.len() as u64 + messages.dropped;
        assert_eq!(all, 95);
    }

    #[test]
    fn a_group_is_known_by_the_name_that_the_lists_have() {
        for (facet, name, fits) in [
            (Facet::Domain, "b.example", true),
            (Facet::Domain, "example", false),
            (Facet::Sender, "<>", true),
            (Facet::Host, "", false),
            (Facet::Code, "none", true),
            (Facet::Reason, "blocked", true),
        ] {
            let wanted = Wanted {
                facet,
                name: name.into(),
            };
            let mut messages = Messages::of(Some(wanted), 10);
            messages.failed(of(1), &failure(1, Fate::Bounced, 0), Some("blocked"));
            assert_eq!(messages.kept.len() == 1, fits, "{facet:?} {name}");
        }
    }
}
