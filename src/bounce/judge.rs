//! What became of each recipient: fields and words put together.

use super::document::{Document, Kind, cut};
use super::evidence::{self, Own, Signs};
use super::narrative::{self, Entry, Narrative};
use super::phrases::KNOWN;
use super::status::Fields;
use super::{Action, Delivery, Report, address, kinds, notification, words};
use crate::knowledge::code::{EnhancedCode, ReplyCode};
use crate::knowledge::explain::{Explanation, Question, explain_any};
use crate::knowledge::reason::{Reason, Usually, id};
use crate::knowledge::stage::Stage;
use crate::text::SafeText;

/// How deep a bounce may lie in other messages.
const DEEPEST: usize = 3;
/// Octets of a diagnostic that are kept.
const LONGEST: usize = 2_048;

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
    evidence::addressed_to(document, own)
        .iter()
        .map(|address| common.told(Some(address), None))
        .collect()
}

/// All that is known about one recipient, before it is judged.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) recipient: Option<String>,
    pub(super) original: Option<String>,
    pub(super) action: Option<Action>,
    pub(super) status: Option<EnhancedCode>,
    pub(super) diagnostic: String,
    pub(super) host: Option<String>,
    pub(super) stage: Stage,
    /// Words of the text about this recipient.
    pub(super) words: String,
    pub(super) answers: Vec<String>,
    /// The line that named this recipient.
    pub(super) said: String,
    pub(super) common: String,
    pub(super) subject: String,
    pub(super) delayed: bool,
}

impl Told {
    fn take(&mut self, fields: &Fields) {
        let recipient = fields.recipient.as_ref().or(fields.original.as_ref());
        if recipient.is_some() {
            self.recipient = recipient.cloned();
        }
        self.original.clone_from(&fields.original);
        self.action = fields.action;
        self.status = fields.status;
        self.diagnostic.clone_from(&fields.diagnostic);
        self.host.clone_from(&fields.remote);
    }

    /// The enhanced code, the most telling first: of the server's words, of the field, of the
    /// text.
    fn enhanced(&self) -> Option<EnhancedCode> {
        let said = words::enhanced_code(&self.diagnostic);
        let words = words::enhanced_code(&self.words);
        let answers = || {
            self.answers
                .iter()
                .find_map(|text| words::enhanced_code(text))
        };
        let candidates = [said, self.status, words];
        candidates
            .into_iter()
            .flatten()
            .find(|code| words::is_telling(*code))
            .or_else(|| answers().filter(|code| words::is_telling(*code)))
            .or_else(|| candidates.into_iter().flatten().next())
            .or_else(answers)
            .or_else(|| words::enhanced_code(&self.common))
    }

    fn reply_code(&self) -> Option<ReplyCode> {
        let delivered = self
            .action
            .is_some_and(|action| !matches!(action, Action::Failed | Action::Delayed));
        let code = |text: &String| words::reply_code(text, delivered);
        code(&self.diagnostic)
            .or_else(|| code(&self.words))
            .or_else(|| self.answers.iter().find_map(code))
            .or_else(|| code(&self.common))
    }

    fn stage(&self) -> Stage {
        [&self.words, &self.diagnostic]
            .iter()
            .find_map(|text| KNOWN.stage(text))
            .or(Some(self.stage).filter(|stage| *stage != Stage::Unknown))
            .or_else(|| KNOWN.stage(&self.common.replace('\n', " ")))
            .unwrap_or_default()
    }
}

/// Judges what is known about one recipient.
pub(super) fn tell(told: &Told) -> Delivery {
    let enhanced = told.enhanced();
    let code = told.reply_code();
    let host = told
        .host
        .clone()
        .or_else(|| words::host(&told.words).map(str::to_owned))
        .or_else(|| words::host(&told.diagnostic).map(str::to_owned))
        .or_else(|| words::host(&told.common).map(str::to_owned));
    let mut further: Vec<&str> = vec![&told.words];
    further.extend(told.answers.iter().map(String::as_str));
    if told.diagnostic.is_empty() && further.iter().all(|text| text.trim().is_empty()) {
        further = vec![reply_in(&told.common), &told.common];
    }
    further.push(&told.said);
    let of_all = KNOWN.overrides.is_in(&told.common);
    if of_all {
        further.insert(0, &told.diagnostic);
    }
    let question = Question {
        text: if of_all {
            &told.common
        } else {
            &told.diagnostic
        },
        code,
        enhanced,
        stage: told.stage(),
    };
    let behind = [told.common.as_str()];
    let mut explanation = explain_any(&question, &further, &behind, host.as_deref());
    if explanation.reason.is_none() {
        // Neither its own words nor its codes tell; what is said of all may.
        let all = [told.common.as_str(), told.subject.as_str()];
        let of_all = explain_any(&question, &all, &[], host.as_deref());
        if of_all.reason.is_some() {
            explanation = of_all;
        }
    }
    let action = told
        .action
        .or_else(|| told.delayed.then_some(Action::Delayed))
        .unwrap_or(Action::Failed);
    let reason = reason(action, &explanation, told);
    let words = [&told.diagnostic, &told.words]
        .into_iter()
        .chain(told.answers.first())
        .chain([&told.common])
        .find(|text| !text.trim().is_empty());
    let mut delivery = delivery(
        reason,
        told.recipient.as_deref(),
        words.map_or("", String::as_str),
    );
    // The words of the reason itself are used where the explanation is of something else.
    if explanation.reason == Some(reason)
        || (explanation.reason.is_none() && (enhanced.is_some() || code.is_some()))
    {
        delivery.explanation = explanation.meaning;
        delivery.whose = explanation.whose;
        delivery.fix = explanation.fix;
        delivery.source = explanation.source;
        delivery.finding = explanation.finding.or(delivery.finding);
    }
    delivery.original = told.original.as_deref().map(SafeText::from);
    delivery.action = Some(action);
    delivery.reply_code = code;
    delivery.enhanced_code = enhanced;
    delivery.stage = question.stage;
    delivery.remote_host = host.as_deref().map(SafeText::from);
    delivery.permanent = permanent(action, code, enhanced, reason);
    delivery
}

/// From the line on that holds a reply.
fn reply_in(common: &str) -> &str {
    let mut at = 0;
    for line in common.split_inclusive('\n') {
        if words::reply_code(line, false).is_some() {
            return common.get(at..).unwrap_or_default();
        }
        at += line.len();
    }
    ""
}

fn reason(action: Action, explanation: &Explanation, told: &Told) -> Reason {
    match action {
        Action::Delivered | Action::Relayed | Action::Expanded => id::DELIVERED,
        Action::Delayed => explanation.reason.unwrap_or(id::EXPIRED),
        Action::Failed => explanation.reason.unwrap_or_else(|| {
            let silent =
                told.diagnostic.is_empty() && told.words.is_empty() && told.answers.is_empty();
            if silent { id::ONHOLD } else { id::UNDEFINED }
        }),
    }
}

/// The class of the codes says it; without codes, what is usual for the reason.
fn permanent(
    action: Action,
    code: Option<ReplyCode>,
    enhanced: Option<EnhancedCode>,
    reason: Reason,
) -> Option<bool> {
    use crate::knowledge::code::ReplyClass;
    if matches!(
        action,
        Action::Delivered | Action::Relayed | Action::Expanded
    ) {
        return None;
    }
    let class = enhanced
        .map(EnhancedCode::reply_class)
        .or(code.map(ReplyCode::class));
    match class {
        Some(ReplyClass::Permanent) => Some(true),
        Some(ReplyClass::Transient) => Some(false),
        _ if action == Action::Delayed => Some(false),
        _ => match reason.entry().usually {
            Usually::Permanent => Some(true),
            Usually::Temporary => Some(false),
            Usually::Neither => None,
        },
    }
}

/// A delivery in the words of its reason.
fn delivery(reason: Reason, recipient: Option<&str>, words: &str) -> Delivery {
    let entry = reason.entry();
    Delivery {
        recipient: recipient.map(SafeText::from),
        original: None,
        action: None,
        reply_code: None,
        enhanced_code: None,
        stage: Stage::Unknown,
        reason,
        permanent: None,
        finding: entry.finding,
        remote_host: None,
        diagnostic: cut(words.trim(), LONGEST).into(),
        explanation: entry.meaning.clone(),
        whose: entry.whose,
        fix: entry.fix.clone(),
        source: entry.means.clone(),
    }
}

/// What is known by its kind alone: a complaint, an automatic answer, a suppressed recipient.
pub(super) fn told(reason: Reason, recipient: Option<&str>, words: &str) -> Delivery {
    let mut delivery = delivery(reason, recipient, words);
    if reason == id::SUPPRESSED {
        delivery.action = Some(Action::Failed);
        delivery.permanent = Some(true);
    }
    delivery
}
