//! What a log comes to: the counts, and what failed, worst first.

use super::cause::{Cause, CauseId};
use super::event::Fate;
use super::join::Joiner;
use super::series::{Series, Step};
use super::tally::{Counts, Entry, Group, Names};
use crate::text::SafeText;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt::Display;

/// A count for each of some words, the highest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranked(pub Vec<(SafeText, u64)>);

impl Serialize for Ranked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(word, count)| (word.as_str(), count)))
    }
}

impl Ranked {
    fn of(counts: BTreeMap<String, u64>) -> Self {
        let mut all: Vec<(SafeText, u64)> = counts
            .into_iter()
            .map(|(word, count)| (word.into(), count))
            .collect();
        all.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Self(all)
    }
}

/// What became of every recipient by the end of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FinalFate {
    pub sent: u64,
    pub bounced: u64,
    pub expired: u64,
    pub queued: u64,
}

/// All failures of one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failed {
    pub reason: String,
    /// Recipients that were refused for good.
    pub bounced: u64,
    /// Recipients that were tried until the message was too old.
    pub expired: u64,
    /// Recipients that wait at the end of the log.
    pub waiting: u64,
    /// Recipients that were put off for it, and delivered later.
    pub delivered_later: u64,
    /// Attempts that were put off.
    pub deferred_events: u64,
    /// Turned away at the door.
    pub rejected: u64,
    /// RFC 3339.
    pub first: String,
    pub last: String,
    /// A line of the log that shows it.
    pub example: SafeText,
    /// What it means, most often first.
    pub causes: Vec<Explained>,
    #[serde(skip)]
    span: (i64, i64),
}

/// A cause with its count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explained {
    pub count: u64,
    #[serde(flatten)]
    pub cause: Cause,
}

impl Failed {
    /// Recipients that did not get their mail.
    pub fn lost(&self) -> u64 {
        self.bounced + self.expired + self.waiting
    }

    /// What is to be done about it, by its most frequent cause.
    pub fn fix(&self) -> &str {
        self.causes.first().map_or("", |one| one.cause.fix.as_str())
    }
}

/// A domain, host, sender or code with its failures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    pub name: SafeText,
    pub bounced: u64,
    pub expired: u64,
    pub deferred_events: u64,
    pub rejected: u64,
    pub sent: u64,
    pub first: String,
    pub last: String,
    pub reason: Option<String>,
    pub explanation: Option<String>,
    pub fix: Option<String>,
    pub example: SafeText,
}

impl Place {
    pub fn failures(&self) -> u64 {
        self.bounced + self.expired + self.deferred_events + self.rejected
    }
}

/// The queue over time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Queue {
    /// RFC 3339.
    pub begins: String,
    pub step_seconds: i64,
    pub steps: Vec<Step>,
    /// Messages in the queue at the end of each step.
    pub size: Vec<u64>,
}

/// The whole account of one or several logs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub first: Option<String>,
    pub last: Option<String>,
    pub counts: Counts,
    pub final_fate: FinalFate,
    pub bounced_by_reason: Ranked,
    pub bounced_by_code: Ranked,
    pub bounced_by_domain: Ranked,
    pub expired_by_reason: Ranked,
    pub deferred_by_reason: Ranked,
    pub deferred_by_code: Ranked,
    pub rejected_by_reason: Ranked,
    pub rejected_by_code: Ranked,
    pub sent_by_domain: Ranked,
    pub failures: Vec<Failed>,
    pub domains: Vec<Place>,
    pub hosts: Vec<Place>,
    pub senders: Vec<Place>,
    pub codes: Vec<Place>,
    /// Whether domains, hosts and senders were too many to count all; the frequent are there.
    pub approximate: bool,
    pub queue: Queue,
    pub in_flight: usize,
    /// Messages that were given up on because too many were in flight.
    pub forgotten: u64,
}

/// Steps of the queue that are told.
const STEPS: usize = 56;

impl Summary {
    /// The account so far, with at most `top` of each list.
    pub fn of(joiner: &Joiner, top: usize) -> Self {
        let tally = joiner.tally();
        let mut counts = tally.counts.clone();
        counts.still_queued = joiner.waiting().values().sum();
        Self {
            first: tally.first.map(time),
            last: tally.last.map(time),
            final_fate: FinalFate {
                sent: counts.sent,
                bounced: counts.bounced,
                expired: counts.expired,
                queued: counts.still_queued,
            },
            bounced_by_reason: by_reason(joiner, Fate::Bounced),
            bounced_by_code: by_code(joiner, Fate::Bounced),
            bounced_by_domain: by_domain(&tally.domains, Fate::Bounced),
            expired_by_reason: by_reason(joiner, Fate::Expired),
            deferred_by_reason: by_reason(joiner, Fate::Deferred),
            deferred_by_code: by_code(joiner, Fate::Deferred),
            rejected_by_reason: by_reason(joiner, Fate::Rejected),
            rejected_by_code: by_code(joiner, Fate::Rejected),
            sent_by_domain: by_domain(&tally.domains, Fate::Sent),
            failures: failures(joiner, top),
            domains: places(joiner, &tally.domains, top),
            hosts: places(joiner, &tally.hosts, top),
            senders: places(joiner, &tally.senders, top),
            codes: codes(joiner, top),
            approximate: !(tally.domains.is_exact()
                && tally.hosts.is_exact()
                && tally.senders.is_exact()),
            queue: queue(&tally.series),
            in_flight: joiner.in_flight(),
            forgotten: joiner.forgotten(),
            counts,
        }
    }
}

/// Seconds since 1970 as RFC 3339, UTC.
pub(super) fn time(at: i64) -> String {
    jiff::Timestamp::from_second(at).map_or_else(|_| at.to_string(), |at| at.to_string())
}

fn by_reason(joiner: &Joiner, fate: Fate) -> Ranked {
    let mut counts = BTreeMap::new();
    for ((of, cause), group) in &joiner.tally().groups {
        if *of == fate
            && let Some(cause) = joiner.causes().get(*cause)
        {
            *counts.entry(cause.reason.clone()).or_default() += group.count;
        }
    }
    Ranked::of(counts)
}

fn by_code(joiner: &Joiner, fate: Fate) -> Ranked {
    let mut counts = BTreeMap::new();
    for ((of, code), group) in &joiner.tally().codes {
        if *of == fate {
            *counts.entry(written(code.as_ref())).or_default() += group.count;
        }
    }
    Ranked::of(counts)
}

fn written(code: Option<&impl Display>) -> String {
    code.map_or_else(|| "none".to_owned(), ToString::to_string)
}

fn by_domain(domains: &Names, fate: Fate) -> Ranked {
    let all = domains.of(fate);
    Ranked(
        all.into_iter()
            .map(|(name, count)| (SafeText::from_bytes(name), count))
            .collect(),
    )
}

fn failures(joiner: &Joiner, top: usize) -> Vec<Failed> {
    let waiting = joiner.waiting();
    let mut all = BTreeMap::new();
    let mut groups: Vec<(&(Fate, CauseId), &Group)> = joiner.tally().groups.iter().collect();
    // The order decides which example is shown.
    groups.sort_by_key(|((fate, cause), group)| {
        (
            *fate != Fate::Bounced,
            std::cmp::Reverse(group.count),
            *cause,
        )
    });
    for ((fate, id), group) in groups {
        let Some(cause) = joiner.causes().get(*id) else {
            continue;
        };
        let (failed, causes) = all
            .entry(cause.reason.as_str())
            .or_insert_with(|| (begun(cause, group), Vec::new()));
        match fate {
            Fate::Sent => {}
            Fate::Bounced => failed.bounced += group.count,
            Fate::Expired => failed.expired += group.count,
            Fate::Rejected => failed.rejected += group.count,
            Fate::Deferred => {
                failed.deferred_events += group.count;
                failed.waiting += waiting.get(id).copied().unwrap_or_default();
                let later = joiner.tally().later.get(id);
                failed.delivered_later += later.map_or(0, |later| later.delivered);
            }
        }
        failed.span.0 = failed.span.0.min(group.first);
        failed.span.1 = failed.span.1.max(group.last);
        // What was lost tells more than what was turned away.
        let lost = if matches!(fate, Fate::Bounced | Fate::Expired) {
            group.count
        } else {
            0
        };
        match causes.iter_mut().find(|(known, _, _)| known == id) {
            Some((_, all_lost, count)) => {
                *all_lost += lost;
                *count += group.count;
            }
            None => causes.push((*id, lost, group.count)),
        }
    }
    let mut all: Vec<Failed> = all
        .into_values()
        .map(|(mut failed, mut causes)| {
            failed.first = time(failed.span.0);
            failed.last = time(failed.span.1);
            causes.sort_by_key(|(id, lost, count)| (std::cmp::Reverse((*lost, *count)), *id));
            failed.causes = causes
                .into_iter()
                .filter_map(|(id, _, count)| {
                    let cause = joiner.causes().get(id)?.clone();
                    Some(Explained { count, cause })
                })
                .collect();
            failed
        })
        .collect();
    all.sort_by_key(|failed| {
        std::cmp::Reverse((failed.lost(), failed.rejected, failed.deferred_events))
    });
    all.truncate(top);
    all
}

fn begun(cause: &Cause, group: &Group) -> Failed {
    Failed {
        reason: cause.reason.clone(),
        bounced: 0,
        expired: 0,
        waiting: 0,
        delivered_later: 0,
        deferred_events: 0,
        rejected: 0,
        first: String::new(),
        last: String::new(),
        example: SafeText::from_bytes(&group.example),
        causes: Vec::new(),
        span: (group.first, group.last),
    }
}

fn places(joiner: &Joiner, names: &Names, top: usize) -> Vec<Place> {
    names
        .worst()
        .into_iter()
        .take(top)
        .map(|(name, entry)| place(joiner, SafeText::from_bytes(name), entry))
        .collect()
}

fn place(joiner: &Joiner, name: SafeText, entry: &Entry) -> Place {
    let count = |fate: Fate| entry.counts[fate as usize];
    let cause = entry.cause.and_then(|cause| joiner.causes().get(cause));
    Place {
        name: if name.is_empty() { "<>".into() } else { name },
        bounced: count(Fate::Bounced),
        expired: count(Fate::Expired),
        deferred_events: count(Fate::Deferred),
        rejected: count(Fate::Rejected),
        sent: count(Fate::Sent),
        first: time(entry.first),
        last: time(entry.last),
        reason: cause.map(|cause| cause.reason.clone()),
        explanation: cause.map(|cause| cause.meaning.clone()),
        fix: cause.map(|cause| cause.fix.clone()),
        example: SafeText::from_bytes(&entry.example),
    }
}

fn codes(joiner: &Joiner, top: usize) -> Vec<Place> {
    let mut all: BTreeMap<String, Entry> = BTreeMap::new();
    for ((fate, code), group) in &joiner.tally().codes {
        let entry = all.entry(written(code.as_ref())).or_default();
        if entry.failures() == 0 {
            entry.first = group.first;
            entry.last = group.last;
            entry.example.clone_from(&group.example);
        }
        entry.counts[*fate as usize] += group.count;
        entry.first = entry.first.min(group.first);
        entry.last = entry.last.max(group.last);
    }
    let mut all: Vec<Place> = all
        .into_iter()
        .map(|(code, entry)| {
            let mut place = place(joiner, code.as_str().into(), &entry);
            let meaning =
                crate::knowledge::explain::explain(&crate::knowledge::explain::Question {
                    text: "",
                    code: None,
                    enhanced: code.parse().ok(),
                    stage: crate::knowledge::stage::Stage::Unknown,
                });
            if code != "none" {
                place.explanation = Some(meaning.meaning);
                place.fix = Some(meaning.fix);
            }
            place
        })
        .collect();
    all.sort_by_key(|place| std::cmp::Reverse(place.failures()));
    all.truncate(top);
    all
}

fn queue(series: &Series) -> Queue {
    let series = series.coarser(STEPS);
    let mut inside: u64 = 0;
    let size = series
        .steps()
        .iter()
        .map(|step| {
            inside = (inside + step.entered).saturating_sub(step.left);
            inside
        })
        .collect();
    Queue {
        begins: time(series.begin()),
        step_seconds: series.width(),
        steps: series.steps().to_vec(),
        size,
    }
}
