//! What the registration means for mail.

use super::{Fact, Meaning, Registration, Source, registered_name};
use crate::case::Finding;
use crate::check::{Observations, Request, ns, request::shown};
use crate::knowledge::finding::{FindingId, Severity};
use crate::net::dns::{Name, NotFound};
use crate::text::SafeText;
use jiff::{SignedDuration, Timestamp};

/// "Soon", for an expiry.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);
/// "Recently", for a change: the TTL of a delegation in most large zones.
const RECENT: SignedDuration = SignedDuration::from_hours(48);
/// Lines of evidence of one finding.
const MAX_EVIDENCE: usize = 12;

/// The delegation, as the parent zone gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Parent {
    /// It delegates the registered name to these, sorted.
    Delegates(Vec<Name>),
    /// It delegates the name or something below it, and the list is not known.
    Somehow,
    Not,
    Unknown,
}

impl Parent {
    pub(super) fn of(name: &Name, seen: &ns::Seen) -> Self {
        match seen.delegation.as_ref().map(|seen| &seen.parent) {
            Some(Ok(delegation)) if delegation.zone == *name => {
                let mut names: Vec<Name> = delegation
                    .servers
                    .iter()
                    .map(|server| server.name.clone())
                    .collect();
                names.sort();
                Self::Delegates(names)
            }
            Some(Ok(delegation)) if name.zone_of(&delegation.zone) => Self::Somehow,
            Some(Err(NotFound::NotDelegated { .. })) => Self::Not,
            _ => Self::Unknown,
        }
    }

    fn delegates(&self) -> bool {
        matches!(self, Self::Delegates(_) | Self::Somehow)
    }
}

/// One thing that is wrong with a registration, or worth knowing, as one source shows it.
#[derive(Clone, Debug)]
pub(super) struct Concern {
    pub(super) id: &'static str,
    /// Where it weighs less than the catalogue says.
    pub(super) severity: Option<Severity>,
    /// In one phrase, for a row.
    pub(super) said: String,
    pub(super) what: String,
    pub(super) date: String,
    pub(super) expected: String,
    pub(super) until: String,
    pub(super) evidence: Vec<SafeText>,
}

impl Concern {
    fn new(id: &'static str, said: String) -> Self {
        Self {
            id,
            severity: None,
            what: said.clone(),
            said,
            date: String::new(),
            expected: String::new(),
            until: String::new(),
            evidence: Vec::new(),
        }
    }

    pub(super) fn weight(&self) -> Option<Severity> {
        self.severity
            .or_else(|| Some(FindingId::find(self.id)?.entry().severity))
    }

    fn finding(self, name: &Name, by_hand: Option<&SafeText>) -> Option<Finding> {
        let domain = shown(name);
        let places = [
            ("domain", domain.as_str()),
            ("what", &self.what),
            ("date", &self.date),
            ("expected", &self.expected),
            ("until", &self.until),
        ];
        let mut finding = Finding::new(FindingId::find(self.id)?, domain.clone(), &places);
        if let Some(severity) = self.severity {
            finding.severity = severity;
        }
        if let (true, Some(command)) = (finding.reproduce.is_empty(), by_hand) {
            finding.reproduce = command.clone();
        }
        finding.evidence = self.evidence;
        finding.evidence.truncate(MAX_EVIDENCE);
        Some(finding)
    }
}

pub fn judge(request: &Request, seen: &Observations, now: Timestamp) -> Vec<Finding> {
    let name = registered_name(request);
    let parent = Parent::of(&name, &seen.ns);
    let mut merged: Vec<(Concern, Option<&SafeText>)> = Vec::new();
    for source in seen.registry.sources() {
        for concern in concerns(source, seen, &parent, now) {
            match merged.iter_mut().find(|(known, _)| known.id == concern.id) {
                Some((known, _)) => {
                    known.severity = known.weight().max(concern.weight());
                    known.evidence.extend(concern.evidence);
                }
                None => merged.push((concern, source.by_hand.first())),
            }
        }
    }
    let mut findings: Vec<Finding> = merged
        .into_iter()
        .filter_map(|(concern, by_hand)| concern.finding(&name, by_hand))
        .collect();
    findings.extend(unavailable(&name, seen));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

/// Both ways were gone and neither led to an answer. Where the reason is this machine's own
/// network, nothing is said against the registry.
fn unavailable(name: &Name, seen: &Observations) -> Option<Finding> {
    let (whois, rdap) = (seen.registry.whois.as_ref()?, seen.registry.rdap.as_ref()?);
    if seen.registry.is_registered().is_some() {
        return None;
    }
    let sources = [("WHOIS", whois), ("RDAP", rdap)];
    let ours = |source: &Source| matches!(&source.registry, Err(silence) if silence.is_ours);
    if sources.iter().all(|(_, source)| ours(source)) {
        return None;
    }
    let evidence: Vec<SafeText> = sources
        .iter()
        .map(|(way, source)| match &source.registry {
            Err(silence) => format!("{way}: {}", silence.why).into(),
            Ok(file) => format!("{way}: {} gave no registration data", file.origin).into(),
        })
        .collect();
    let said = evidence
        .iter()
        .map(SafeText::as_str)
        .collect::<Vec<_>>()
        .join("; ");
    let concern = Concern {
        evidence,
        ..Concern::new("registry.unavailable", said)
    };
    concern.finding(name, whois.by_hand.first())
}

/// What one source shows.
pub(super) fn concerns(
    source: &Source,
    seen: &Observations,
    parent: &Parent,
    now: Timestamp,
) -> Vec<Concern> {
    let Ok(registry) = &source.registry else {
        return Vec::new();
    };
    match registry.registered {
        None => Vec::new(),
        // A name that another source knows, or that the parent zone delegates, is registered:
        // this server is the wrong one for it.
        Some(false) if seen.registry.is_registered() == Some(true) || parent.delegates() => {
            Vec::new()
        }
        Some(false) => vec![Concern {
            evidence: quotes(registry, Fact::Absent),
            ..Concern::new("registry.not-registered", "not registered".to_owned())
        }],
        Some(true) => [
            on_hold(source, parent),
            expiry(source, registry, seen, parent, now),
            nameservers(source, parent),
            changed(source, now),
        ]
        .into_iter()
        .flatten()
        .collect(),
    }
}

/// A line with the one who said it.
fn quoted(file: &Registration, line: &SafeText) -> SafeText {
    format!("{}: {line}", file.origin).into()
}

fn quotes(file: &Registration, fact: Fact) -> Vec<SafeText> {
    file.quotes(fact).map(|line| quoted(file, line)).collect()
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A hold keeps the name out of the zone. Where the parent still delegates it, the hold has
/// not got there yet, or not any more: mail flows today.
fn on_hold(source: &Source, parent: &Parent) -> Option<Concern> {
    let (file, status) = source
        .files()
        .find_map(|file| Some((file, file.status(Meaning::Hold)?)))?;
    let line = file.quote_of(status).unwrap_or(&status.word);
    Some(Concern {
        severity: parent.delegates().then_some(Severity::Warning),
        what: status.word.to_string(),
        date: file.updated.map(day).unwrap_or_default(),
        evidence: vec![quoted(file, line)],
        ..Concern::new("registry.on-hold", format!("on hold ({})", status.word))
    })
}

/// The expiry date, read with care:
///
/// 1. A status that says that the registration is over counts by itself.
/// 2. Else the registry's date counts. Registries that renew by themselves (the gTLDs after
///    the date, many countries always) move it on, so a date in the past is a real one.
/// 3. The registrar's date in the past counts only while the registry's status shows the
///    period of grace or a hold; else the registrar's file is merely older than the renewal.
/// 4. While the parent delegates the name to the listed servers and one of them answers, mail
///    flows: then an expiry weighs as a warning.
fn expiry(
    source: &Source,
    registry: &Registration,
    seen: &Observations,
    parent: &Parent,
    now: Timestamp,
) -> Option<Concern> {
    let gone = source
        .files()
        .find_map(|file| Some((file, file.status(Meaning::Gone)?)));
    let dated = |file: &Registration| file.expires.map(|at| (at, quotes(file, Fact::Expires)));
    let in_grace = [Meaning::Renewing, Meaning::Hold]
        .into_iter()
        .any(|meaning| registry.status(meaning).is_some());
    let theirs = source.registrar.as_ref().and_then(dated);
    let ours = dated(registry);
    let past = ours
        .clone()
        .filter(|(at, _)| *at < now)
        .or_else(|| theirs.clone().filter(|(at, _)| *at < now && in_grace))
        .or_else(|| theirs.clone().filter(|(at, _)| *at < now && ours.is_none()));
    if gone.is_some() || past.is_some() {
        let date = past
            .as_ref()
            .or(ours.as_ref())
            .or(theirs.as_ref())
            .map(|(at, _)| day(*at))
            .unwrap_or_default();
        let mut evidence = past.map(|(_, evidence)| evidence).unwrap_or_default();
        let said = match gone {
            Some((file, status)) => {
                evidence.push(quoted(file, file.quote_of(status).unwrap_or(&status.word)));
                format!("expired ({})", status.word)
            }
            None => format!("expired on {date}"),
        };
        let flows = gone.is_none() && flows(registry, seen, parent);
        return Some(Concern {
            severity: flows.then_some(Severity::Warning),
            date: date.clone(),
            until: date,
            evidence,
            ..Concern::new("registry.expired", said)
        });
    }
    let (at, evidence) = [ours, theirs]
        .into_iter()
        .flatten()
        .filter(|(at, _)| *at >= now && at.duration_since(now) <= SOON)
        .min_by_key(|(at, _)| *at)?;
    Some(Concern {
        date: day(at),
        until: day(at),
        evidence,
        ..Concern::new("registry.expiring-soon", format!("expires on {}", day(at)))
    })
}

/// The parent delegates to the servers that the registry lists, and one of them answers.
fn flows(registry: &Registration, seen: &Observations, parent: &Parent) -> bool {
    *parent == Parent::Delegates(registry.nameserver_names()) && seen.ns.good().next().is_some()
}

/// The list of the registry, and the registrar's, against the delegation. A list that is empty
/// or a delegation that is not known says nothing.
fn nameservers(source: &Source, parent: &Parent) -> Option<Concern> {
    let Parent::Delegates(delegated) = parent else {
        return None;
    };
    let differing: Vec<&Registration> = source
        .files()
        .filter(|file| {
            let listed = file.nameserver_names();
            !listed.is_empty() && listed != *delegated
        })
        .collect();
    // The registrar's list is what the owner sees and changes.
    let file = differing.last()?;
    let list = |names: &[Name]| {
        names
            .iter()
            .map(|name| shown(name).into_string())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut evidence: Vec<SafeText> = differing
        .iter()
        .flat_map(|file| quotes(file, Fact::Nameserver))
        .take(MAX_EVIDENCE - 1)
        .collect();
    evidence.push(format!("parent zone, NS: {}", list(delegated)).into());
    Some(Concern {
        what: list(delegated),
        expected: list(&file.nameserver_names()),
        date: file.updated.map(day).unwrap_or_default(),
        evidence,
        ..Concern::new(
            "registry.nameservers-differ",
            "other nameservers than the parent zone".to_owned(),
        )
    })
}

fn changed(source: &Source, now: Timestamp) -> Option<Concern> {
    let recent = |at: &Timestamp| *at <= now && now.duration_since(*at) <= RECENT;
    let (file, fact, at) = source
        .files()
        .flat_map(|file| {
            [(Fact::Updated, file.updated), (Fact::Created, file.created)]
                .into_iter()
                .filter_map(move |(fact, at)| Some((file, fact, at?)))
        })
        .filter(|(_, _, at)| recent(at))
        .max_by_key(|(_, _, at)| *at)?;
    let until = at.checked_add(RECENT).map(minute).unwrap_or_default();
    Some(Concern {
        what: "the registration".to_owned(),
        date: minute(at),
        until,
        evidence: quotes(file, fact),
        ..Concern::new(
            "registry.changed-recently",
            format!("changed on {}", minute(at)),
        )
    })
}
