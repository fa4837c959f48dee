//! What is known about one recipient, and what that means.

use super::document::cut;
use super::phrases::KNOWN;
use super::status::Fields;
use super::{Action, Delivery, words};
use crate::knowledge::code::{EnhancedCode, ReplyClass, ReplyCode};
use crate::knowledge::explain::{Explanation, Question, explain_any};
use crate::knowledge::reason::{Reason, Usually, id};
use crate::knowledge::stage::Stage;
use crate::text::SafeText;

/// Octets of a diagnostic that are kept.
const LONGEST: usize = 2_048;

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
    pub(super) fn take(&mut self, fields: &Fields) {
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
        let candidates =
            [said, self.status, words].map(|code| code.filter(|code| self.can_be(*code)));
        candidates
            .into_iter()
            .flatten()
            .find(|code| words::is_telling(*code))
            .or_else(|| answers().filter(|code| words::is_telling(*code)))
            .or_else(|| candidates.into_iter().flatten().next())
            .or_else(answers)
            .or_else(|| words::enhanced_code(&self.common).filter(|code| self.can_be(*code)))
    }

    /// What failed has no code of success: such a number is a version, or of another delivery.
    fn can_be(&self, code: EnhancedCode) -> bool {
        let arrived = self
            .action
            .is_some_and(|action| !matches!(action, Action::Failed | Action::Delayed));
        arrived || code.reply_class() != ReplyClass::Positive
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
