//! What one provider or one piece of software says, word for word: `assets/codes/wordings/`.

use super::Wording;
use crate::knowledge::explain::Whose;
use crate::knowledge::finding::FindingId;
use crate::knowledge::reason::Reason;
use crate::knowledge::stage::Stage;
use serde::Deserialize;

/// Stands for what differs from reply to reply.
const GAP: char = '…';
/// Octets that a gap may hold.
const WIDEST: &str = "{0,160}?";

/// Words as they are quoted.
#[derive(Debug)]
pub(in crate::knowledge) struct Quoted {
    /// The provider or the software.
    pub(in crate::knowledge) by: String,
    /// The codes that the words come with, as a rule.
    pub(in crate::knowledge) code: String,
    /// A gap stands for what differs.
    pub(in crate::knowledge) words: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Speaker {
    by: String,
    /// Where it says what it says, unless a reply has a source of its own.
    source: String,
    replies: Vec<Reply>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    code: String,
    words: String,
    reason: Reason,
    #[serde(default)]
    meaning: Option<String>,
    #[serde(default)]
    whose: Option<Whose>,
    #[serde(default)]
    fix: Option<String>,
    #[serde(default)]
    finding: Option<FindingId>,
    #[serde(default)]
    source: Option<String>,
    /// Said by a host under one of these domains only.
    #[serde(default)]
    host: Vec<String>,
    /// In answer to one of these commands only.
    #[serde(default)]
    at: Vec<Stage>,
    /// With one of these codes only.
    #[serde(default)]
    with: Vec<String>,
    /// What the sending side says around the cause: other words and codes go before it.
    #[serde(default)]
    weak: bool,
}

macro_rules! speakers {
    ($($name:literal),* $(,)?) => {
        const FILES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../../assets/codes/wordings/", $name, ".yaml")))),*
        ];
    };
}

speakers![
    "gmail",
    "microsoft",
    "providers",
    "gateways",
    "postfix",
    "exim",
    "software",
];

/// All of them, the longest first, since of two that fit the longer says more, and of two alike
/// the one with a condition.
pub(super) fn read() -> anyhow::Result<Vec<Wording>> {
    let mut wordings = Vec::new();
    for (name, text) in FILES {
        let speakers: Vec<Speaker> =
            serde_yaml::from_str(text).map_err(|error| anyhow::anyhow!("{name}: {error}"))?;
        for speaker in speakers {
            wordings.extend(
                speaker
                    .replies
                    .into_iter()
                    .map(|reply| wording(reply, &speaker.by, &speaker.source)),
            );
        }
    }
    wordings.sort_by_key(|wording| {
        let conditions = [wording.host.len(), wording.at.len(), wording.code.len()];
        let conditions = conditions.iter().filter(|given| **given > 0).count();
        std::cmp::Reverse((wording.says.len(), conditions))
    });
    Ok(wordings)
}

fn wording(reply: Reply, by: &str, source: &str) -> Wording {
    Wording {
        says: pattern(&reply.words),
        reason: reply.reason,
        source: format!("{by}, {}", reply.source.as_deref().unwrap_or(source)),
        meaning: reply.meaning,
        whose: reply.whose,
        fix: reply.fix,
        finding: reply.finding,
        host: reply.host,
        at: reply.at,
        code: reply.with,
        weak: reply.weak,
        quoted: Some(Quoted {
            by: by.to_owned(),
            code: reply.code,
            words: reply.words,
        }),
    }
}

/// A pattern of the words in the form that texts are brought into before they are compared.
fn pattern(words: &str) -> String {
    let parts: Vec<_> = words
        .split(GAP)
        .map(|part| regex::escape(part.trim_matches(' ')))
        .collect();
    parts.join(&format!(".{WIDEST}")).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::wording::{self, Said};

    /// A quotation that a longer one or a condition hides would never be told.
    #[test]
    fn every_quotation_is_found_by_its_own_words() {
        let mut hidden = Vec::new();
        for (quoted, own) in wording::quoted() {
            let text = quoted.words.replace(GAP, "x");
            let found = wording::first(&Said {
                text: &text,
                host: own.host.first().map(String::as_str),
                stage: own.at.first().copied().unwrap_or_default(),
                code: own.code.first().map_or("", String::as_str),
                weak: own.weak,
                named: false,
            });
            if !found.is_some_and(|found| std::ptr::eq(found, own)) {
                let by = found.map(|found| found.says.as_str());
                hidden.push(format!("{}: {} (found: {by:?})", quoted.by, quoted.words));
            }
        }
        assert!(hidden.is_empty(), "{}", hidden.join("\n"));
    }

    #[test]
    fn a_gap_holds_what_differs_and_not_a_whole_message() {
        let pattern = regex::Regex::new(&pattern("User … (of X) unknown")).unwrap();
        assert!(pattern.is_match("user <@a.example> (of x) unknown"));
        assert!(pattern.is_match("user (of x) unknown"));
        let long = format!("user {} (of x) unknown", "y".repeat(200));
        assert!(!pattern.is_match(&long));
    }
}
