//! Why: the words of the log explained, each wording once.

use super::ascii::{domain, head};
use super::event::{Fate, Software};
use super::qmail;
use super::words::Words;
use crate::knowledge::code::{EnhancedCode, ReplyClass};
use crate::knowledge::explain::{Question, Whose, explain};
use crate::knowledge::finding::FindingId;
use foldhash::fast::RandomState;
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt::Display;
use std::sync::LazyLock;

/// Why recipients failed, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cause {
    /// A word of the vocabulary of reasons.
    pub reason: String,
    pub finding: Option<FindingId>,
    pub meaning: String,
    pub fix: String,
    pub whose: Whose,
    pub source: String,
    /// The code that an own wording stands for.
    #[serde(skip)]
    pub(super) code: Option<EnhancedCode>,
}

/// Where the words were said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum At {
    Door,
    Queue,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wording {
    says: String,
    #[serde(default)]
    at: Option<At>,
    /// Whether it also goes before what `assets/codes` says of a reply.
    #[serde(default)]
    reply: bool,
    reason: String,
    #[serde(default)]
    finding: Option<FindingId>,
    #[serde(default)]
    code: Option<EnhancedCode>,
    whose: Whose,
    meaning: String,
    fix: String,
    source: String,
}

static OWN: LazyLock<Vec<(Regex, Wording)>> =
    LazyLock::new(|| own().expect("assets/maillog/wordings.yaml is checked by a test"));

fn own() -> anyhow::Result<Vec<(Regex, Wording)>> {
    let wordings: Vec<Wording> =
        serde_yaml::from_str(include_str!("../../assets/maillog/wordings.yaml"))?;
    wordings
        .into_iter()
        .map(|wording| {
            let says = RegexBuilder::new(&wording.says)
                .case_insensitive(true)
                .build()?;
            Ok((says, wording))
        })
        .collect()
}

/// A place in [`Causes`].
pub type CauseId = usize;

/// Octets of an outcome that are looked at.
const LONGEST: usize = 1024;
/// Wordings that are remembered, so that each is explained once.
const MOST: usize = 8192;

/// All causes that were met.
#[derive(Debug, Default)]
pub struct Causes {
    all: Vec<Cause>,
    known: HashMap<Box<[u8]>, CauseId, RandomState>,
    key: Vec<u8>,
}

/// Words to explain, and what they are about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) software: Software,
    pub(super) at: At,
    pub(super) fate: Fate,
    pub(super) words: Words<'a>,
    pub(super) recipient: &'a [u8],
}

impl Causes {
    pub fn get(&self, id: CauseId) -> Option<&Cause> {
        self.all.get(id)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Cause> {
        self.all.iter()
    }

    /// The cause of a failure.
    pub(super) fn of(&mut self, asked: &Asked<'_>) -> CauseId {
        key(asked, &mut self.key);
        if let Some(id) = self.known.get(self.key.as_slice()) {
            return *id;
        }
        let cause = explained(asked);
        let id = self
            .all
            .iter()
            .position(|known| *known == cause)
            .unwrap_or_else(|| {
                self.all.push(cause);
                self.all.len() - 1
            });
        if self.known.len() >= MOST {
            self.known.clear();
        }
        self.known.insert(self.key.as_slice().into(), id);
        id
    }
}

/// Two outcomes with the same key have the same cause: addresses, numbers of four and more
/// digits, and names below the recipient's domain are left out of it. Names of others stay:
/// a block list's name says much.
fn key(asked: &Asked<'_>, key: &mut Vec<u8>) {
    key.clear();
    key.push(asked.at as u8 | (asked.fate as u8) << 1 | u8::from(asked.words.quoted) << 5);
    key.extend_from_slice(head(asked.words.enhanced, 12));
    key.extend_from_slice(head(asked.words.command, 4));
    key.push(b'|');
    let said = head(asked.words.said, LONGEST);
    let domain = domain(asked.recipient).unwrap_or_default();
    let mut at = 0;
    while let Some(byte) = said.get(at) {
        let word = word_at(said, at);
        if word.is_empty() {
            key.push(*byte);
            at += 1;
            continue;
        }
        at += word.len();
        if word.contains(&b'@') {
            key.push(b'@');
        } else if !domain.is_empty() && below(word, domain) {
            key.push(b'%');
        } else if word
            .iter()
            .all(|byte| byte.is_ascii_digit() || *byte == b'.')
            && memchr::memchr_iter(b'.', word).count() == 3
        {
            key.push(b'#');
        } else if said.get(at) == Some(&b'[') && word.contains(&b'.') {
            key.push(b'%');
        } else {
            without_numbers(word, key);
        }
    }
}

/// The letters, digits and what names and addresses hold beside them, from `at` on.
fn word_at(text: &[u8], at: usize) -> &[u8] {
    let rest = text.get(at..).unwrap_or_default();
    let end = rest
        .iter()
        .position(|byte| {
            !(byte.is_ascii_alphanumeric()
                || matches!(byte, b'.' | b'@' | b'+' | b'_')
                || *byte > 127)
        })
        .unwrap_or(rest.len());
    head(rest, end)
}

/// Whether a word is the domain or a name below it, perhaps with a full stop behind it.
fn below(word: &[u8], domain: &[u8]) -> bool {
    let word = word.strip_suffix(b".").unwrap_or(word);
    word.len() >= domain.len()
        && word
            .get(word.len() - domain.len()..)
            .is_some_and(|end| end.eq_ignore_ascii_case(domain))
        && (word.len() == domain.len() || word.get(word.len() - domain.len() - 1) == Some(&b'.'))
}

fn without_numbers(word: &[u8], key: &mut Vec<u8>) {
    let mut digits = 0;
    for byte in word {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        if digits < 4 {
            key.push(*byte);
        } else if digits == 4 {
            key.truncate(key.len().saturating_sub(3));
            key.push(b'#');
        }
    }
}

fn explained(asked: &Asked<'_>) -> Cause {
    let words = &asked.words;
    let text = text_of(asked.software, head(words.said, LONGEST));
    let code = words.reply_code();
    if asked.fate == Fate::Expired {
        return by_own(asked.at, false, "retry timeout exceeded").unwrap_or_else(|| unknown(&text));
    }
    let own = !words.quoted && code.is_none();
    let only_replies = !own && asked.at == At::Queue;
    if let Some(cause) = by_own(asked.at, only_replies, &text) {
        return cause;
    }
    let enhanced = words.enhanced_code();
    let body = code.map_or(text.as_str(), |_| text.get(4..).unwrap_or_default());
    let explanation = explain(&Question {
        text: body,
        code,
        enhanced,
        stage: words.stage(),
    });
    let reason = explanation.reason.map(word);
    if reason.is_none()
        && let Some(cause) = by_own(asked.at, false, &text)
    {
        return cause;
    }
    Cause {
        reason: reason.unwrap_or_else(|| "undefined".to_owned()),
        finding: explanation.finding,
        meaning: explanation.meaning,
        fix: explanation.fix,
        whose: explanation.whose,
        source: explanation.source,
        code: None,
    }
}

fn word(reason: impl Display) -> String {
    format!("{reason}")
}

/// The words as a text: several lines of a reply as one, qmail's underscores as spaces.
fn text_of(software: Software, said: &[u8]) -> String {
    match software {
        Software::Qmail => String::from_utf8_lossy(&qmail::spaced(said)).into_owned(),
        _ => String::from_utf8_lossy(said).replace("\\n", " "),
    }
}

static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("<[^<> ]*>").expect("a constant expression"));

fn by_own(at: At, only_replies: bool, text: &str) -> Option<Cause> {
    // Whatever somebody calls himself.
    let text = &*ADDRESS.replace_all(text, "<>");
    let (_, wording) = OWN.iter().find(|(says, wording)| {
        wording.at.is_none_or(|there| there == at)
            && (wording.reply || !only_replies)
            && says.is_match(text)
    })?;
    Some(Cause {
        reason: wording.reason.clone(),
        finding: wording.finding,
        meaning: wording.meaning.clone(),
        fix: wording.fix.clone(),
        whose: wording.whose,
        source: wording.source.clone(),
        code: wording.code,
    })
}

fn unknown(text: &str) -> Cause {
    Cause {
        reason: "undefined".to_owned(),
        finding: None,
        meaning: format!("Not known: {text}"),
        fix: "Read the lines around it.".to_owned(),
        whose: Whose::SenderAdmin,
        source: "none".to_owned(),
        code: None,
    }
}

/// Whether a code says for good or for now; the words' own codes go before what the log did.
pub(super) fn permanent(words: &Words<'_>, fate: Fate, temporary: bool) -> bool {
    let class = words
        .enhanced_code()
        .map(EnhancedCode::reply_class)
        .or_else(|| {
            words
                .reply_code()
                .map(crate::knowledge::code::ReplyCode::class)
        });
    match (fate, class) {
        (Fate::Deferred, _) | (Fate::Rejected, Some(ReplyClass::Transient)) => false,
        (Fate::Rejected, None) => !temporary,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::reason::Reason;

    #[test]
    fn the_wordings_are_well_formed_and_of_the_vocabulary() {
        for (_, wording) in own().unwrap() {
            assert!(
                !wording.meaning.is_empty()
                    && !wording.fix.is_empty()
                    && !wording.source.is_empty()
            );
            assert!(
                Reason::find(&wording.reason).is_some(),
                "{}",
                wording.reason
            );
        }
    }

    #[test]
    fn what_differs_by_address_and_number_alone_is_one_wording() {
        let of = |said: &'static str, recipient: &'static str| {
            let mut out = Vec::new();
            let asked = Asked {
                software: Software::Postfix,
                at: At::Queue,
                fate: Fate::Bounced,
                words: Words::own(said.as_bytes()),
                recipient: recipient.as_bytes(),
            };
            key(&asked, &mut out);
            String::from_utf8_lossy(&out).into_owned()
        };
        assert_eq!(
            of(
                "connect to mx1.a.example[192.0.2.1]:25: refused <x@a.example>",
                "x@a.example"
            ),
            of(
                "connect to b.example[198.51.100.200]:25: refused <yy@b.example>",
                "yy@b.example"
            )
        );
        assert_ne!(
            of("blocked using zen.spamhaus.org", "x@a.example"),
            of("blocked using bl.spamcop.net", "x@a.example")
        );
        assert_eq!(
            of("5.7.606 AS(20180628) 1234567", "x@a"),
            of("5.7.606 AS(20180699) 2345678", "x@a")
        );
        assert_ne!(of("5.7.606 no", "x@a"), of("5.7.607 no", "x@a"));
    }
}
