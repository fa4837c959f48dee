//! What a reply means: by its wording, else by its enhanced code, else by its reply code.

mod tables;

use super::code::{EnhancedCode, ReplyClass, ReplyCode};
use super::finding::FindingId;
use super::reason::{Reason, Usually, id};
use super::stage::Stage;
use super::wording::{self, Said};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
pub(super) use tables::TABLES;

/// Whose move it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whose {
    Sender,
    Recipient,
    SenderAdmin,
    ReceiverAdmin,
    Network,
    Nobody,
}

impl Whose {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Sender => "the sender",
            Self::Recipient => "the recipient",
            Self::SenderAdmin => "the administrator of the sending side",
            Self::ReceiverAdmin => "the administrator of the receiving side",
            Self::Network => "whoever runs the network between",
            Self::Nobody => "nobody",
        }
    }
}

/// A reply, and what it answers.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    pub text: &'a str,
    pub code: Option<ReplyCode>,
    pub enhanced: Option<EnhancedCode>,
    pub stage: Stage,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    pub meaning: String,
    pub whose: Whose,
    pub fix: String,
    /// Whether the same again will fail again; none for what is no failure or not known.
    pub permanent: Option<bool>,
    pub reason: Option<Reason>,
    pub finding: Option<FindingId>,
    pub source: String,
}

/// What a reply means, and what to do about it.
pub fn explain(question: &Question<'_>) -> Explanation {
    explain_from(question, None)
}

/// What a reply of a known host means: some words say something else from one provider than
/// from all others.
pub fn explain_from(question: &Question<'_>, host: Option<&str>) -> Explanation {
    explain_any(question, &[], &[], host)
}

/// What several texts about one failure mean together: the words of the first of them that
/// says something that is known, else the codes. `question.text` goes before `further`, and
/// codes that say something go before `behind`, which holds what is said of several failures.
pub fn explain_any(
    question: &Question<'_>,
    further: &[&str],
    behind: &[&str],
    host: Option<&str>,
) -> Explanation {
    let class = question
        .code
        .map(ReplyCode::class)
        .or(question.enhanced.map(EnhancedCode::reply_class));
    let permanent = match class {
        Some(ReplyClass::Permanent) => Some(true),
        Some(ReplyClass::Transient) => Some(false),
        _ => None,
    };
    // Words of trouble in a positive reply are somebody's small talk, unless they are known to
    // come with this code; a masked banner is not.
    let failed = permanent.is_some() || class.is_none() || question.text.contains("**********");
    let words = |text: &str, weak| {
        let question = Question { text, ..*question };
        by_wording(
            &question,
            host,
            Strength {
                weak,
                named: !failed,
            },
        )
    };
    let own = |weak| {
        let texts = std::iter::once(&question.text).chain(further);
        texts.into_iter().find_map(|text| words(text, weak))
    };
    let firm = question.enhanced.is_some_and(is_firm);
    let told = own(false);
    let told = match told {
        Some((told, true)) => Some(told),
        told => by_title(question)
            .filter(|_| failed)
            .or(told.map(|(told, _)| told)),
    }
    .or_else(|| {
        let mut behind = behind.iter().filter(|_| failed && !firm);
        behind.find_map(|text| Some(words(text, false)?.0))
    })
    .or_else(|| {
        if failed && !firm {
            own(true).map(|(told, _)| told)
        } else {
            None
        }
    });
    let by_words = failed && told.is_some();
    let mut explanation = told
        // A positive enhanced code says less than the step that was taken.
        .or_else(|| (!failed).then(|| by_stage(question)).flatten())
        .or_else(|| (!failed).then(|| by_listed(question)).flatten())
        .or_else(|| question.enhanced.and_then(by_enhanced))
        .or_else(|| by_stage(question))
        .or_else(|| question.code.map(by_reply))
        .or_else(|| question.enhanced.and_then(by_class))
        .unwrap_or_else(unexplained);
    if by_words || explanation.source == UNREGISTERED {
        let told = explanation.reason;
        add_codes(&mut explanation.meaning, question, told);
    }
    if failed && !by_words {
        add_reply_code(&mut explanation.meaning, question, explanation.reason);
    } else if !failed {
        explanation.reason = None;
        explanation.finding = None;
    }
    contradictions(&mut explanation.meaning, question, explanation.reason);
    if failed && class == Some(ReplyClass::Transient) {
        add_temporary(&mut explanation);
    }
    // A code in hand goes before what is usual for the reason.
    let usually = explanation.reason.map(|reason| reason.entry().usually);
    explanation.permanent = permanent.or(match usually {
        Some(Usually::Permanent) if class.is_none() => Some(true),
        Some(Usually::Temporary) if class.is_none() => Some(false),
        _ => None,
    });
    explanation
}

/// The source of what is said about a detail that nobody registered.
const UNREGISTERED: &str = "RFC 3463 section 3";

/// Whether a code says more than words that many failures have in common.
fn is_firm(code: EnhancedCode) -> bool {
    let tables = &*TABLES;
    tables
        .enhanced
        .get(&format!("{}.{}", code.subject, code.detail))
        .and_then(|place| tables.registry.codes.get(*place))
        .is_some_and(|entry| entry.firm)
}

/// Which words count.
#[derive(Clone, Copy)]
struct Strength {
    /// Those that a code goes before, or the others.
    weak: bool,
    /// Only those that name the code they come with.
    named: bool,
}

/// What the words mean, and whether they are quoted from one who says them.
fn by_wording(
    question: &Question<'_>,
    host: Option<&str>,
    Strength { weak, named }: Strength,
) -> Option<(Explanation, bool)> {
    let code = question
        .enhanced
        .map(|code| code.to_string())
        .or_else(|| question.code.map(|code| code.to_string()))
        .unwrap_or_default();
    let wording = wording::first(&Said {
        text: question.text,
        host,
        stage: question.stage,
        code: &code,
        weak,
        named,
    })?;
    let explanation = Explanation {
        meaning: wording.meaning().to_owned(),
        whose: wording.whose(),
        fix: wording.fix().to_owned(),
        permanent: None,
        reason: Some(wording.reason),
        finding: wording.finding(),
        source: wording.source.clone(),
    };
    Some((explanation, wording.is_quoted()))
}

/// What a reply without an enhanced code says that is the title of one: many old lists of
/// reply codes are the registry with its dots left out.
fn by_title(question: &Question<'_>) -> Option<Explanation> {
    let reply = question.code.filter(|_| question.enhanced.is_none())?;
    let text = question.text.trim_start();
    let text = text.strip_prefix(&reply.to_string()).unwrap_or(text);
    let title = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '.'));
    let codes = &TABLES.registry.codes;
    let entry = codes
        .iter()
        .find(|entry| entry.title.eq_ignore_ascii_case(title))?;
    let class = u8::try_from(reply.get() / 100).ok()?;
    format!("{class}.{}", entry.code)
        .parse()
        .ok()
        .and_then(by_enhanced)
}

/// An unregistered detail falls back to its subject. `X.0.0` says nothing, so the reply code
/// is left to speak.
fn by_enhanced(code: EnhancedCode) -> Option<Explanation> {
    let tables = &*TABLES;
    let key = format!("{}.{}", code.subject, code.detail);
    if key == "0.0" {
        return None;
    }
    if let Some(entry) = tables
        .enhanced
        .get(&key)
        .and_then(|place| tables.registry.codes.get(*place))
    {
        return Some(Explanation {
            meaning: format!("{}. {}", entry.title, entry.meaning),
            whose: entry.whose,
            fix: entry.fix.clone(),
            permanent: None,
            reason: entry.reason,
            finding: entry.finding,
            source: format!("{} (X.{key})", entry.source),
        });
    }
    let subject = tables.registry.subjects.get(&code.subject)?;
    let class = tables.registry.classes.get(&code.class)?;
    Some(Explanation {
        meaning: format!("{} ({}): {}", subject.title, class.title, subject.meaning),
        whose: Whose::Sender,
        fix: "Read the text: the detail is not registered, so only its subject is known.".into(),
        permanent: None,
        reason: None,
        finding: None,
        source: UNREGISTERED.into(),
    })
}

/// `X.0.0` and nothing else: its class is all there is.
fn by_class(code: EnhancedCode) -> Option<Explanation> {
    let class = TABLES.registry.classes.get(&code.class)?;
    let rest = match TABLES.registry.subjects.get(&code.subject) {
        Some(subject) => format!("{}: {}", subject.title, subject.meaning),
        None => "The rest of the code is not registered: its meaning is unknown.".to_owned(),
    };
    Some(Explanation {
        meaning: format!("{}: {} {rest}", class.title, class.meaning),
        whose: Whose::Nobody,
        fix: "Read the text, it may say more.".into(),
        permanent: None,
        reason: None,
        finding: None,
        source: "RFC 3463 section 2".into(),
    })
}

/// Adds what the code says to what the words said, which go before it.
fn add_codes(meaning: &mut String, question: &Question<'_>, told: Option<Reason>) {
    let tables = &*TABLES;
    let enhanced = question.enhanced.and_then(|code| {
        let key = format!("{}.{}", code.subject, code.detail);
        let place = *tables.enhanced.get(&key).filter(|_| key != "0.0")?;
        Some((code, tables.registry.codes.get(place)?))
    });
    if let Some((code, entry)) = enhanced {
        let other = entry.reason.is_some() && entry.reason != told;
        let but = if other {
            "; the words go before it"
        } else {
            ""
        };
        // Writing to a String cannot fail.
        let _ = write!(meaning, " (The code {code} says: {}{but}.)", entry.title);
    } else if let Some(entry) = question
        .code
        .and_then(|code| tables.replies.get(&code.get()))
    {
        let says = entry.meaning.trim_end_matches('.');
        let _ = write!(meaning, " (The code {} says: {says}.)", entry.code);
    }
}

/// Reply codes that stand for many things, and add nothing to an enhanced code.
const GENERIC: [u16; 8] = [421, 450, 451, 452, 550, 552, 553, 554];

/// Adds what the reply code says to what the enhanced code said, which goes before it.
fn add_reply_code(meaning: &mut String, question: &Question<'_>, told: Option<Reason>) {
    let Some(entry) = question
        .code
        .filter(|_| question.enhanced.is_some())
        .and_then(|code| TABLES.replies.get(&code.get()))
    else {
        return;
    };
    let says = entry.meaning.trim_end_matches('.');
    let but = if entry.reason.is_some() && told.is_some() && entry.reason != told {
        "; the enhanced code goes before the reply code"
    } else if GENERIC.contains(&entry.code) || meaning.contains(says) {
        return;
    } else {
        ""
    };
    // Writing to a String cannot fail.
    let _ = write!(
        meaning,
        " (The reply code {} says: {says}{but}.)",
        entry.code
    );
}

/// Says where the codes, or the words and the codes, contradict each other.
fn contradictions(meaning: &mut String, question: &Question<'_>, told: Option<Reason>) {
    let reply = question.code.map(ReplyCode::class);
    let enhanced = question.enhanced.map(EnhancedCode::reply_class);
    if let (Some(reply), Some(enhanced)) = (reply, enhanced)
        && reply != enhanced
    {
        meaning.push_str(
            " The reply code and the enhanced code contradict each other about whether it is \
             permanent; mail servers go by the reply code.",
        );
        return;
    }
    let text = question.text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    match reply.or(enhanced) {
        Some(ReplyClass::Permanent) if told == Some(id::GREYLISTED) || says(TEMPORARY) => {
            meaning.push_str(
                " The words speak of something temporary and contradict the code, by which mail \
                 servers give up: try again later by hand.",
            );
        }
        Some(ReplyClass::Transient) if told.is_some_and(is_lasting) || says(&["permanent"]) => {
            meaning.push_str(
                " The words speak of something permanent and contradict the code, by which mail \
                 servers try again until they give up.",
            );
        }
        _ => {}
    }
}

/// Says of a temporary refusal what its wording does not say, which is often that of a
/// permanent one: nobody has to send again.
fn add_temporary(explanation: &mut Explanation) {
    let says = |text: &str| {
        let text = text.to_lowercase();
        ["temporar", "again", "later", "wait", "tries"]
            .iter()
            .any(|word| text.contains(word))
    };
    if !says(&explanation.meaning) && !says(&explanation.fix) {
        explanation
            .meaning
            .push_str(" It is temporary by its code: a mail server tries again later by itself.");
    }
}

/// Words by which servers say that it will pass.
const TEMPORARY: &[&str] = &[
    "temporar",
    "try again later",
    "please try later",
    "retry later",
    "try again in",
    "vorübergehend",
    "später erneut",
    "réessayer plus tard",
    "más tarde",
    "più tardi",
    "mais tarde",
    "временно",
    "попробуйте позже",
];

/// Whether a reason will not pass by waiting.
fn is_lasting(reason: Reason) -> bool {
    [id::USERUNKNOWN, id::HASMOVED].contains(&reason)
}

fn by_stage(question: &Question<'_>) -> Option<Explanation> {
    let code = question.code?.get();
    let entry = TABLES.stages.get(&(code, question.stage))?;
    Some(Explanation {
        meaning: entry.meaning.clone(),
        whose: entry.whose,
        fix: entry.fix.clone(),
        permanent: None,
        reason: entry.reason,
        finding: None,
        source: TABLES.replies.get(&code).map_or_else(
            || "RFC 5321 section 4.3.2".to_owned(),
            |reply| reply.source.clone(),
        ),
    })
}

/// What a positive reply code says that is listed.
fn by_listed(question: &Question<'_>) -> Option<Explanation> {
    let mut explanation = listed(question.code?)?;
    let place = |code: EnhancedCode| {
        let key = format!("{}.{}", code.subject, code.detail);
        TABLES.enhanced.get(&key).copied().filter(|_| key != "0.0")
    };
    let entry = question.enhanced.and_then(place);
    if let Some(entry) = entry.and_then(|place| TABLES.registry.codes.get(place)) {
        // Writing to a String cannot fail.
        let _ = write!(explanation.meaning, " ({}.)", entry.title);
    }
    Some(explanation)
}

fn listed(code: ReplyCode) -> Option<Explanation> {
    let entry = TABLES.replies.get(&code.get())?;
    Some(Explanation {
        meaning: entry.meaning.clone(),
        whose: entry.whose,
        fix: entry.fix.clone(),
        permanent: None,
        reason: entry.reason,
        finding: entry.reason.and_then(|reason| reason.entry().finding),
        source: entry.source.clone(),
    })
}

fn by_reply(code: ReplyCode) -> Explanation {
    if let Some(explanation) = listed(code) {
        return explanation;
    }
    let (meaning, fix) = match code.class() {
        ReplyClass::Positive => ("An unlisted positive reply: done.", "Nothing to do."),
        ReplyClass::Intermediate => ("An unlisted reply: the server waits for more.", "Go on."),
        ReplyClass::Transient => (
            "An unlisted temporary refusal: the same again later may work.",
            "Wait and try again.",
        ),
        ReplyClass::Permanent => (
            "An unlisted permanent refusal: the same again will fail again.",
            "Read the text for the reason.",
        ),
    };
    Explanation {
        meaning: meaning.into(),
        whose: Whose::Sender,
        fix: fix.into(),
        permanent: None,
        reason: None,
        finding: None,
        source: "RFC 5321 section 4.2.1".into(),
    }
}

fn unexplained() -> Explanation {
    Explanation {
        meaning: "There is no code in it, and no wording that is known.".into(),
        whose: Whose::Nobody,
        fix: "Show the whole line to the administrator of the server that said it.".into(),
        permanent: None,
        reason: None,
        finding: None,
        source: "RFC 5321 section 4.2".into(),
    }
}

#[cfg(test)]
mod tests;
