//! The words of mail systems: `assets/codes/wordings/`, `providers.yaml`, `languages.yaml` and
//! `wordings.yaml`.

mod prefilter;
mod quoted;

use super::explain::Whose;
use super::finding::FindingId;
use super::reason::{Reason, id};
use super::stage::Stage;
use prefilter::Prefilter;
pub(super) use quoted::Quoted;
use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{LazyLock, OnceLock};

/// Octets of a text that are looked at; what a refusal is about stands at its beginning.
const MOST: usize = 2048;

/// Words that mean something, under conditions. What is not given is that of the reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wording {
    /// A regular expression over the octets of the text in lower case, its white space made
    /// single blanks.
    pub(super) says: String,
    pub(super) reason: Reason,
    pub(super) source: String,
    #[serde(default)]
    meaning: Option<String>,
    #[serde(default)]
    whose: Option<Whose>,
    #[serde(default)]
    fix: Option<String>,
    #[serde(default)]
    finding: Option<FindingId>,
    /// Said by a host under one of these domains.
    #[serde(default)]
    host: Vec<String>,
    /// In answer to one of these commands.
    #[serde(default)]
    at: Vec<Stage>,
    /// With one of these enhanced codes, or reply codes where there is no enhanced one.
    #[serde(default)]
    code: Vec<String>,
    /// Words so common that a code which says something goes before them.
    #[serde(default)]
    weak: bool,
    /// The words themselves, of those that are no pattern.
    #[serde(skip)]
    quoted: Option<Quoted>,
}

impl Wording {
    pub(super) fn is_quoted(&self) -> bool {
        self.quoted.is_some()
    }

    pub(super) fn at(&self) -> &[Stage] {
        &self.at
    }

    pub(super) fn meaning(&self) -> &str {
        let own = self.meaning.as_deref();
        own.unwrap_or(&self.reason.entry().meaning)
    }

    pub(super) fn fix(&self) -> &str {
        self.fix.as_deref().unwrap_or(&self.reason.entry().fix)
    }

    pub(super) fn whose(&self) -> Whose {
        self.whose.unwrap_or(self.reason.entry().whose)
    }

    pub(super) fn finding(&self) -> Option<FindingId> {
        self.finding.or(self.reason.entry().finding)
    }

    fn applies(&self, said: &Said<'_>) -> bool {
        let under = |domain: &String| {
            said.host.is_some_and(|host| {
                let host = host.trim_end_matches('.').to_ascii_lowercase();
                host.strip_suffix(domain.as_str())
                    .is_some_and(|front| front.is_empty() || front.ends_with('.'))
            })
        };
        (self.host.is_empty() || self.host.iter().any(under))
            && (self.at.is_empty() || self.at.contains(&said.stage))
            && (self.code.is_empty() || self.code.iter().any(|code| code == said.code))
            && self.weak == said.weak
            && !(said.named && self.code.is_empty())
    }
}

/// A text and what is known about it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said<'a> {
    pub(super) text: &'a str,
    pub(super) host: Option<&'a str>,
    pub(super) stage: Stage,
    /// The enhanced code in full, or the reply code, or nothing.
    pub(super) code: &'a str,
    /// Whether the weak wordings are asked, or the others.
    pub(super) weak: bool,
    /// Whether only wordings are asked that name the code.
    pub(super) named: bool,
}

struct Table {
    wordings: Vec<(Wording, OnceLock<Option<Regex>>)>,
    /// How many of them one provider or one language says.
    of_some: usize,
    prefilter: Prefilter,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::read().expect("the wordings of assets/codes are checked by a test"));

impl Table {
    /// What is quoted first, then patterns of one provider or piece of software, then those of
    /// other languages than English, then those of all.
    fn read() -> anyhow::Result<Self> {
        let mut wordings = quoted::read()?;
        let of_providers: Vec<Wording> =
            serde_yaml::from_str(include_str!("../../../assets/codes/providers.yaml"))?;
        wordings.extend(of_providers);
        let in_languages: Vec<Wording> =
            serde_yaml::from_str(include_str!("../../../assets/codes/languages.yaml"))?;
        wordings.extend(in_languages);
        let of_some = wordings.len();
        let of_all: Vec<Wording> =
            serde_yaml::from_str(include_str!("../../../assets/codes/wordings.yaml"))?;
        wordings.extend(of_all);
        let prefilter = Prefilter::new(wordings.iter().map(|wording| wording.says.as_str()))?;
        Ok(Self {
            wordings: wordings
                .into_iter()
                .map(|wording| (wording, OnceLock::new()))
                .collect(),
            of_some,
            prefilter,
        })
    }
}

/// What is quoted, by who says it and in the order of the code.
pub(super) fn quoted() -> impl Iterator<Item = (&'static Quoted, &'static Wording)> {
    let quoted = TABLE
        .wordings
        .iter()
        .filter_map(|(wording, _)| Some((wording.quoted.as_ref()?, wording)));
    let mut quoted: Vec<_> = quoted.collect();
    quoted.sort_by_key(|(quoted, _)| (&quoted.by, &quoted.code, &quoted.words));
    quoted.into_iter()
}

/// Answers that are remembered in one thread.
const REMEMBERED: usize = 4096;
/// Octets of a text whose answer is remembered.
const SHORT: usize = 512;

thread_local! {
    /// Mail servers say the same again and again: the wording by text and circumstances.
    static ANSWERS: RefCell<HashMap<String, Option<usize>>> = RefCell::default();
}

/// The first wording that a text holds.
pub(super) fn first(said: &Said<'_>) -> Option<&'static Wording> {
    let table = &*TABLE;
    if said.text.is_empty() {
        return None;
    }
    let mut key = plain(spoken(said.text));
    let text_end = key.len();
    let place = if text_end > SHORT {
        search(table, said, &key)
    } else {
        let host = said.host.unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = write!(
            key,
            "\0{}\0{}\0{}\0{}\0{host}",
            said.stage, said.weak, said.named, said.code
        );
        ANSWERS.with_borrow_mut(|answers| {
            if let Some(place) = answers.get(&key) {
                return *place;
            }
            let place = search(table, said, key.get(..text_end).unwrap_or_default());
            if answers.len() >= REMEMBERED {
                answers.clear();
            }
            answers.insert(key, place);
            place
        })
    };
    table.wordings.get(place?).map(|(wording, _)| wording)
}

/// Over octets: what is looked for is mostly ASCII, and Unicode classes make patterns large.
fn compiled(says: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(says).unicode(false).build()
}

/// Looks for the first wording in a plain text.
fn search(table: &Table, said: &Said<'_>, text: &str) -> Option<usize> {
    let Some((rule, cause)) = cause(text) else {
        return among(table, said, text, usize::MAX);
    };
    // `Sender address rejected: go away` is about the sender, and not about the client.
    let fits = |place: &usize| {
        let found = table.wordings.get(*place);
        !rule.ends_with("sender address")
            || found.is_none_or(|(wording, _)| wording.reason != id::BLOCKED)
    };
    among(table, said, text, table.of_some)
        .or_else(|| among(table, said, cause, usize::MAX).filter(fits))
        .or_else(|| among(table, said, text, usize::MAX))
}

/// What Postfix quotes behind the name of the rule that refused: of `recipient address
/// rejected: no` the rest, if it is more than a word or two.
fn cause(text: &str) -> Option<(&str, &str)> {
    const RULES: [&str; 4] = [
        "client host",
        "sender address",
        "recipient address",
        "helo command",
    ];
    let (rule, cause) = text.split_once(" rejected: ")?;
    let cause = cause.split("; from=<").next().unwrap_or(cause);
    let many = cause.split_ascii_whitespace().nth(2).is_some();
    (many && RULES.iter().any(|name| rule.ends_with(name))).then_some((rule, cause))
}

/// Looks for the first of so many wordings that a plain text holds. A pattern is compiled when
/// a text first needs it.
fn among(table: &Table, said: &Said<'_>, text: &str, most: usize) -> Option<usize> {
    let candidates = table.prefilter.candidates(text);
    candidates
        .into_iter()
        .map(|place| place as usize)
        .filter(|place| *place < most)
        .find(|place| {
            table
                .wordings
                .get(*place)
                .is_some_and(|(wording, pattern)| {
                    wording.applies(said)
                        && pattern
                            .get_or_init(|| compiled(&wording.says).ok())
                            .as_ref()
                            .is_some_and(|pattern| pattern.is_match(text.as_bytes()))
                })
        })
}

/// What the server said, without what the client says about the server: of `host
/// mx.example.org[192.0.2.1] said: 550 no` from the reply on.
fn spoken(text: &str) -> &str {
    const FARTHEST: usize = 400;
    let bytes = text.as_bytes();
    let is_reply = |at: usize| {
        let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
        matches!(bytes.get(at), Some(b'4' | b'5'))
            && digit(at + 1)
            && digit(at + 2)
            && matches!(bytes.get(at + 3), Some(b' ' | b'-'))
    };
    let reply = text
        .match_indices(": ")
        .map(|(at, _)| at + 2)
        .take_while(|at| *at < FARTHEST)
        .find(|at| is_reply(*at));
    let parts = reply.and_then(|at| text.split_at_checked(at));
    match parts {
        Some((about, reply)) if names_host(about) => reply,
        _ => text,
    }
}

/// Whether words name the host that is about to be quoted, and say no more than that.
fn names_host(about: &str) -> bool {
    let mut words = about.split_whitespace();
    let named = words.any(|word| word.eq_ignore_ascii_case("host"))
        && words
            .next()
            .is_some_and(|name| name.contains('.') || name.contains('['));
    named && !about.contains("refused to talk")
}

/// Lower case, each run of white space one blank, of an address only its domain: the names of
/// mailboxes say nothing about a reason. Bounded.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(MOST));
    for word in text.split_whitespace() {
        if out.len() > MOST {
            break;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        let from = out.len();
        match word.rsplit_once('@') {
            Some((local, domain)) if !word.contains("://") => {
                let name = |c: char| c.is_alphanumeric() || "!#$%&*+-/=?^_`{|}~.\"'@\\".contains(c);
                out.push_str(local.trim_end_matches(name));
                out.push('@');
                out.push_str(domain);
            }
            _ => out.push_str(word),
        }
        if word.is_ascii() {
            if let Some(new) = out.get_mut(from..) {
                new.make_ascii_lowercase();
            }
        } else {
            let lower = out.split_off(from).to_lowercase();
            out.push_str(&lower);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wording_is_a_pattern_in_lower_case_with_a_source() {
        let table = Table::read().unwrap();
        for (wording, _) in &table.wordings {
            assert!(!wording.source.is_empty(), "{}", wording.says);
            let says = &wording.says;
            compiled(says).unwrap_or_else(|error| panic!("{says}: {error}"));
            let mut characters = says.chars();
            while let Some(c) = characters.next() {
                if c == '\\' {
                    characters.next();
                } else {
                    assert!(!c.is_uppercase(), "{c} in {says}");
                }
            }
            for host in &wording.host {
                assert_eq!(*host, host.to_ascii_lowercase());
            }
        }
    }

    #[test]
    fn the_prefilter_misses_nothing_that_a_pattern_matches() {
        let table = Table::read().unwrap();
        let texts = [
            "550 5.1.1 <a@example.org>: Recipient address rejected: User unknown",
            "452 4.2.2 The recipient's inbox is out of storage space",
            "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example",
            "450 4.7.1 Greylisted, try again in 300 seconds",
            "550 SPF check failed; DMARC policy reject",
        ];
        for text in texts {
            let text = plain(text);
            let candidates = table.prefilter.candidates(&text);
            for (place, (wording, _)) in table.wordings.iter().enumerate() {
                if compiled(&wording.says).unwrap().is_match(text.as_bytes()) {
                    assert!(
                        candidates.contains(&u32::try_from(place).unwrap()),
                        "{}",
                        wording.says
                    );
                }
            }
        }
    }

    /// A pattern that is tried on every text costs as much as all quotations together.
    #[test]
    fn few_patterns_are_tried_on_every_text() {
        let table = Table::read().unwrap();
        let always = table.prefilter.candidates("");
        let says: Vec<_> = always
            .iter()
            .map(|place| table.wordings[*place as usize].0.says.as_str())
            .collect();
        assert!(says.len() <= 10, "{}: {says:#?}", says.len());
    }

    #[test]
    fn what_is_said_about_the_server_is_left_out() {
        for (text, said) in [
            ("host mx.b.example[192.0.2.1] said: 550 no", "550 no"),
            (
                "SMTP error from remote mail server after RCPT TO:<a@b.example>: host mx.b.example [192.0.2.1]: 550-no",
                "550-no",
            ),
            ("Remote host said: 550 no", "Remote host said: 550 no"),
            ("no host: at all", "no host: at all"),
        ] {
            assert_eq!(spoken(text), said);
        }
    }

    #[test]
    fn text_is_made_plain() {
        assert_eq!(plain(" A\r\n  B\tÄ "), "a b ä");
        assert_eq!(plain("<No.User@Example.ORG>: x"), "<@example.org>: x");
        assert!(plain(&"ab ".repeat(10_000)).len() < MOST + 10);
    }
}
