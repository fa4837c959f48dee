//! The words of mail systems: `assets/codes/providers.yaml` and `wordings.yaml`.

mod prefilter;

use super::explain::Whose;
use super::finding::FindingId;
use super::reason::Reason;
use super::stage::Stage;
use prefilter::Prefilter;
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
}

impl Wording {
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
}

struct Table {
    wordings: Vec<(Wording, OnceLock<Option<Regex>>)>,
    prefilter: Prefilter,
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| Table::read().expect("the wordings of assets/codes are checked by a test"));

impl Table {
    /// Those of one provider or piece of software first, then those of all.
    fn read() -> anyhow::Result<Self> {
        let mut wordings: Vec<Wording> =
            serde_yaml::from_str(include_str!("../../../assets/codes/providers.yaml"))?;
        let of_all: Vec<Wording> =
            serde_yaml::from_str(include_str!("../../../assets/codes/wordings.yaml"))?;
        wordings.extend(of_all);
        let prefilter = Prefilter::new(wordings.iter().map(|wording| wording.says.as_str()))?;
        Ok(Self {
            wordings: wordings
                .into_iter()
                .map(|wording| (wording, OnceLock::new()))
                .collect(),
            prefilter,
        })
    }
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
    let mut key = plain(said.text);
    let text_end = key.len();
    let place = if text_end > SHORT {
        search(table, said, &key)
    } else {
        let host = said.host.unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = write!(
            key,
            "\0{}\0{}\0{}\0{host}",
            said.stage, said.weak, said.code
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

/// Looks for the first wording in a plain text. A pattern is compiled when a text first needs
/// it.
fn search(table: &Table, said: &Said<'_>, text: &str) -> Option<usize> {
    let candidates = table.prefilter.candidates(text);
    candidates
        .into_iter()
        .map(|place| place as usize)
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

    #[test]
    fn text_is_made_plain() {
        assert_eq!(plain(" A\r\n  B\tÄ "), "a b ä");
        assert_eq!(plain("<No.User@Example.ORG>: x"), "<@example.org>: x");
        assert!(plain(&"ab ".repeat(10_000)).len() < MOST + 10);
    }
}
