//! What a reply means where more is known than its own words: who said it, and what came before.

use super::explain::{self, Explanation, Question, Whose};
use super::finding::FindingId;
use super::reason::Reason;
use super::software;
use super::stage::Stage;
use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use std::sync::LazyLock;

/// A reply in its session.
#[derive(Clone, Copy, Debug)]
pub struct Situation<'a> {
    pub question: Question<'a>,
    /// Its name in `assets/software.yaml`; none where nothing said before tells.
    pub software: Option<&'a str>,
    /// What was refused before, and has this as its consequence: MAIL, every RCPT, or AUTH.
    pub refused: Option<Stage>,
    pub encrypted: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    software: Option<String>,
    #[serde(default)]
    at: Vec<Stage>,
    #[serde(default)]
    codes: Vec<u16>,
    enhanced: Option<String>,
    says: Option<String>,
    refused: Option<Stage>,
    #[serde(default)]
    clear: bool,
    meaning: String,
    whose: Whose,
    fix: String,
    reason: Option<Reason>,
    finding: Option<FindingId>,
    source: String,
}

static ROWS: LazyLock<Vec<(Option<Regex>, Row)>> =
    LazyLock::new(|| read().expect("assets/codes/situations.yaml is checked by a test"));

fn read() -> anyhow::Result<Vec<(Option<Regex>, Row)>> {
    let rows: Vec<Row> = serde_yaml::from_str(include_str!("../../assets/codes/situations.yaml"))?;
    rows.into_iter()
        .map(|row| {
            let says = row
                .says
                .as_deref()
                .map(|says| RegexBuilder::new(says).case_insensitive(true).build());
            Ok((says.transpose()?, row))
        })
        .collect()
}

/// What a reply means in its situation; by its words and codes alone where nothing more is known.
pub fn explain(situation: &Situation<'_>) -> Explanation {
    let general = explain::explain(&situation.question);
    // Words of trouble in a positive reply are somebody's small talk.
    if general.permanent.is_none() {
        return general;
    }
    let said = situation
        .software
        .or_else(|| software::of_reply(situation.question.text).map(|known| &*known.name));
    let row = ROWS
        .iter()
        .find(|(says, row)| fits(says.as_ref(), row, situation, said));
    row.map_or(general.clone(), |(_, row)| Explanation {
        meaning: row.meaning.clone(),
        whose: row.whose,
        fix: row.fix.clone(),
        permanent: general.permanent,
        reason: row.reason.or(general.reason),
        finding: row.finding.or(general.finding),
        source: row.source.clone(),
    })
}

fn fits(
    says: Option<&Regex>,
    row: &Row,
    situation: &Situation<'_>,
    software: Option<&str>,
) -> bool {
    let question = &situation.question;
    let code = question.code.map(super::code::ReplyCode::get);
    let enhanced = question.enhanced.map(|code| code.to_string());
    row.software
        .as_deref()
        .is_none_or(|own| software == Some(own))
        && (row.at.is_empty() || row.at.contains(&question.stage))
        && (row.codes.is_empty() || code.is_some_and(|code| row.codes.contains(&code)))
        && (row.enhanced.is_none() || row.enhanced == enhanced)
        && (row.refused.is_none() || row.refused == situation.refused)
        && !(row.clear && situation.encrypted)
        && says.is_none_or(|says| says.is_match(question.text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::code::{EnhancedCode, ReplyCode};
    use rstest::rstest;

    #[test]
    fn every_row_says_when_it_fits_and_names_software_that_is_known() {
        for (_, row) in read().unwrap() {
            assert!(
                row.says.is_some() || row.refused.is_some() || !row.codes.is_empty(),
                "{row:?}"
            );
            let known = |name: &String| software::all().iter().any(|own| own.name == *name);
            assert!(row.software.as_ref().is_none_or(known), "{row:?}");
            assert!(!row.source.is_empty() && !row.fix.is_empty(), "{row:?}");
        }
    }

    fn said(line: &str, stage: Stage, software: Option<&str>, refused: Option<Stage>) -> String {
        let (code, text) = line.split_at(3);
        explain(&Situation {
            question: Question {
                text: line,
                code: ReplyCode::new(code.parse().unwrap()),
                enhanced: EnhancedCode::at_start_of(text.trim_start_matches([' ', '-'])),
                stage,
            },
            software,
            refused,
            encrypted: false,
        })
        .meaning
    }

    #[rstest]
    // The same code, by another part of the same software.
    #[case(
        "550 5.7.1 <a@b.example>: Relay access denied",
        Stage::Rcpt,
        Some("Postfix"),
        None,
        "mydestination"
    )]
    #[case(
        "550 5.7.1 Command rejected",
        Stage::Message,
        Some("Postfix"),
        None,
        "milter"
    )]
    // Recognised by its words alone.
    #[case(
        "554 5.7.1 <a@b.example>: Relay access denied",
        Stage::Rcpt,
        None,
        None,
        "mydestination"
    )]
    #[case("550 relay not permitted", Stage::Rcpt, None, None, "local_domains")]
    // The same words of other software.
    #[case(
        "550 5.7.1 <a@b.example>... Relaying denied",
        Stage::Rcpt,
        Some("Sendmail"),
        None,
        "relay-domains"
    )]
    // A consequence.
    #[case(
        "554 5.5.1 Error: no valid recipients",
        Stage::Data,
        Some("Postfix"),
        Some(Stage::Rcpt),
        "no recipient was accepted"
    )]
    #[case(
        "503 5.5.1 Error: need RCPT command",
        Stage::Data,
        None,
        None,
        "out of order"
    )]
    // Nobody's small talk is trouble.
    #[case(
        "250 2.1.5 Ok, relay access denied",
        Stage::Rcpt,
        Some("Postfix"),
        None,
        "takes mail for this recipient"
    )]
    fn the_situation_decides(
        #[case] line: &str,
        #[case] stage: Stage,
        #[case] software: Option<&str>,
        #[case] refused: Option<Stage>,
        #[case] words: &str,
    ) {
        let meaning = said(line, stage, software, refused);
        assert!(meaning.contains(words), "{meaning}");
    }
}
