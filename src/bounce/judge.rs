//! What became of each recipient: fields and words put together.

use super::document::{Document, Kind};
use super::evidence::{self, Own, Signs};
use super::narrative::{self, Entry, Narrative};
use super::phrases::KNOWN;
use super::status::Fields;
use super::told::{Told, tell};
use super::{Delivery, Report, address, kinds, notification};
use crate::knowledge::stage::Stage;

/// How deep a bounce may lie in other messages.
pub(super) const DEEPEST: usize = 3;

/// Reads one message whose lines end in LF.
pub(super) fn message(octets: &[u8], depth: usize) -> Report {
    let document = Document::read(octets);
    if let Some(report) = notification::read(&document).or_else(|| kinds::complaint(&document)) {
        return report;
    }
    // A report that names no recipient may hold the one that it is about.
    let (named, unnamed) = match bounce(&document) {
        Some((report, true)) => (Some(report), None),
        Some((report, false)) => (None, Some(report)),
        None => (None, None),
    };
    named
        .or_else(|| inside(&document, depth))
        .or(unnamed)
        .or_else(|| quoted(&document))
        .or_else(|| kinds::vacation(&document))
        .unwrap_or(Report {
            kind: super::Kind::NotABounce,
            deliveries: Vec::new(),
        })
}

/// A bounce that came as an attachment.
fn inside(document: &Document, depth: usize) -> Option<Report> {
    if depth >= DEEPEST {
        return None;
    }
    document
        .of_kind(Kind::Message)
        .map(|text| message(text.as_bytes(), depth + 1))
        .find(|report| matches!(report.kind, super::Kind::Bounce | super::Kind::Complaint))
}

/// A bounce that was forwarded in the text.
fn quoted(document: &Document) -> Option<Report> {
    let text: String = document.of_kind(Kind::Text).collect::<Vec<_>>().join("\n");
    if !evidence::is_forwarded(document, &text) {
        return None;
    }
    let bare = evidence::unquoted(&text).unwrap_or(text);
    bounce(&Document::of_text(&bare)).map(|(report, _)| report)
}

/// A bounce, and whether it names its recipients itself.
fn bounce(document: &Document) -> Option<(Report, bool)> {
    let mut own = evidence::own(document);
    let signs = Signs::of(document, &own.text);
    let (groups, of_part) = evidence::fields(document);
    let groups: Vec<_> = groups
        .into_iter()
        .filter(|_| of_part || signs.believes_fields())
        .collect();
    let mut narrative = narrative::read(own.text.lines());
    let told: Vec<_> = groups
        .iter()
        .filter(|group| group.has_recipient())
        .collect();
    if told.is_empty() && narrative.entries.is_empty() && !own.returned.is_empty() && signs.mark {
        // Some put their own words behind what looks like the returned message.
        let rest = std::mem::take(&mut own.returned);
        let late = narrative::read(rest.lines().filter(|line| !is_header(line)));
        if late.answers.len() > narrative.answers.len() {
            narrative.answers = late.answers;
        }
        own.returned = rest;
    }
    let has_fields = told.iter().any(|group| group.is_telling());
    let failed = document.header("x-failed-recipients").unwrap_or_default();
    let has_recipient = has_fields || !narrative.entries.is_empty() || !failed.is_empty();
    if !(has_fields && (of_part || signs.believes_fields())) && !signs.is_bounce(has_recipient) {
        return None;
    }
    let common = Common::new(document, &own, &narrative, &groups);
    let mut deliveries = if told.is_empty() {
        by_words(document, &own, &narrative, &common)
    } else {
        told.iter()
            .map(|group| by_fields(group, &narrative, &common, told.len()))
            .collect()
    };
    if deliveries.is_empty() {
        deliveries.push(common.told(None, None));
    }
    // Without the report around it, that the server has given up is all that tells.
    if signs.pasted && KNOWN.gives_up.is_in(&own.text) {
        let failed = |delivery: &&mut Delivery| delivery.action == Some(super::Action::Failed);
        for delivery in deliveries.iter_mut().filter(failed) {
            delivery.permanent = Some(true);
        }
    }
    let report = Report {
        kind: super::Kind::Bounce,
        deliveries,
    };
    Some((report, has_recipient || !told.is_empty()))
}

fn is_header(line: &str) -> bool {
    line.split_once(':').is_some_and(|(name, _)| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

/// What holds for every recipient of a report.
struct Common<'a> {
    narrative: &'a Narrative,
    subject: &'a str,
    /// Words without what is said in every report.
    words: String,
    delayed: bool,
    /// Fields without a recipient, of a report that has them apart.
    stray: Option<&'a Fields>,
}

impl<'a> Common<'a> {
    fn new(
        document: &'a Document,
        own: &Own,
        narrative: &'a Narrative,
        groups: &'a [Fields],
    ) -> Self {
        Self {
            narrative,
            subject: &document.subject,
            words: telling(&narrative.common),
            delayed: KNOWN.delays.is_in(&own.text) || KNOWN.delays.is_in(&document.subject),
            stray: groups.iter().find(|group| !group.has_recipient()),
        }
    }

    fn told(&self, recipient: Option<&str>, entry: Option<&Entry>) -> Delivery {
        let mut told = Told {
            recipient: recipient.map(str::to_owned),
            delayed: self.delayed,
            ..Told::default()
        };
        if let Some(stray) = self.stray {
            told.take(stray);
        }
        self.add(&mut told, entry);
        tell(&told)
    }

    /// Adds what the text says: of this recipient first, then of all.
    fn add(&self, told: &mut Told, entry: Option<&Entry>) {
        if let Some(entry) = entry {
            told.original = told.original.take().or_else(|| entry.was.clone());
            told.words.clone_from(&entry.words);
            told.said.clone_from(&entry.said);
        }
        let recipient = told.recipient.clone().unwrap_or_default();
        let is_about = |address: &Option<String>| match address {
            Some(address) => {
                address::same(address, &recipient)
                    || told
                        .original
                        .as_ref()
                        .is_some_and(|original| address::same(address, original))
            }
            None => true,
        };
        let own = self
            .narrative
            .answers
            .iter()
            .filter(|answer| is_about(&answer.address));
        for answer in own.take(40) {
            if told.stage == Stage::Unknown && answer.stage != Stage::Connect {
                told.stage = answer.stage;
            }
            told.answers.push(answer.words.clone());
        }
        told.common.clone_from(&self.words);
        self.subject.clone_into(&mut told.subject);
        told.host = told.host.take().or_else(|| self.narrative.host.clone());
    }
}

/// The words that may tell a reason: from where a reply begins, if one does.
fn telling(common: &str) -> String {
    common
        .lines()
        .flat_map(|line| line.split(". "))
        .filter(|sentence| !KNOWN.boilerplate.is_in(sentence))
        .collect::<Vec<_>>()
        .join("\n")
}

fn by_fields(
    group: &Fields,
    narrative: &Narrative,
    common: &Common<'_>,
    groups: usize,
) -> Delivery {
    let mut told = Told {
        delayed: common.delayed,
        ..Told::default()
    };
    told.take(group);
    let names = [group.recipient.as_deref(), group.original.as_deref()];
    let named = narrative.entries.iter().find(|entry| {
        names.iter().flatten().any(|name| {
            address::same(name, &entry.address)
                || entry
                    .was
                    .as_ref()
                    .is_some_and(|was| address::same(was, name))
        })
    });
    let only = || {
        (groups == 1 && narrative.entries.len() == 1)
            .then(|| narrative.entries.first())
            .flatten()
    };
    common.add(&mut told, named.or_else(only));
    tell(&told)
}

fn by_words(
    document: &Document,
    own: &Own,
    narrative: &Narrative,
    common: &Common<'_>,
) -> Vec<Delivery> {
    let failed: Vec<_> = document
        .header("x-failed-recipients")
        .into_iter()
        .flat_map(address::all)
        .take(1_000)
        .collect();
    if !narrative.entries.is_empty() {
        let is_failed = |entry: &&Entry| {
            failed.iter().any(|address| {
                address::same(address, &entry.address)
                    || entry
                        .was
                        .as_ref()
                        .is_some_and(|was| address::same(was, address))
            })
        };
        let some = narrative.entries.iter().any(|entry| is_failed(&entry));
        return narrative
            .entries
            .iter()
            .filter(|entry| !some || is_failed(entry))
            .map(|entry| common.told(Some(&entry.address), Some(entry)))
            .collect();
    }
    if !failed.is_empty() {
        return failed
            .iter()
            .map(|address| common.told(Some(address), None))
            .collect();
    }
    let mut answered: Vec<&str> = Vec::new();
    for address in narrative
        .answers
        .iter()
        .filter_map(|answer| answer.address.as_deref())
    {
        if !answered.iter().any(|known| address::same(known, address)) {
            answered.push(address);
        }
    }
    if !answered.is_empty() {
        return answered
            .into_iter()
            .map(|address| common.told(Some(address), None))
            .collect();
    }
    evidence::meant(document, own)
        .iter()
        .map(|address| common.told(Some(address), None))
        .collect()
}
