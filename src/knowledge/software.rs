//! Which server software answers, by its own words.

use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    greets: Option<String>,
    offers: Option<String>,
    says: Option<String>,
    #[serde(rename = "where")]
    place: String,
    source: String,
}

/// One row of `assets/software.yaml`.
#[derive(Debug)]
pub struct Software {
    pub name: String,
    /// Where its administrator sets things.
    pub place: String,
    pub source: String,
    greets: Option<Regex>,
    offers: Option<Regex>,
    says: Option<Regex>,
}

static SOFTWARE: LazyLock<Vec<Software>> =
    LazyLock::new(|| read().expect("assets/software.yaml is checked by a test"));

fn read() -> anyhow::Result<Vec<Software>> {
    let rows: Vec<Row> = serde_yaml::from_str(include_str!("../../assets/software.yaml"))?;
    let regex = |text: Option<String>| {
        text.map(|text| RegexBuilder::new(&text).case_insensitive(true).build())
            .transpose()
    };
    rows.into_iter()
        .map(|row| {
            Ok(Software {
                name: row.name,
                place: row.place,
                source: row.source,
                greets: regex(row.greets)?,
                offers: regex(row.offers)?,
                says: regex(row.says)?,
            })
        })
        .collect()
}

/// All that can be recognised.
pub fn all() -> &'static [Software] {
    &SOFTWARE
}

/// Whose greeting this is; `line` with its code.
pub fn of_greeting(line: &str) -> Option<&'static Software> {
    found(line, |software| software.greets.as_ref())
}

/// Whose extension of EHLO this is.
pub fn of_keyword(keyword: &str) -> Option<&'static Software> {
    found(keyword, |software| software.offers.as_ref())
}

/// Whose words these are; `line` with its code. Greetings are copied more rarely than replies,
/// so ask [`of_greeting`] first.
pub fn of_reply(line: &str) -> Option<&'static Software> {
    found(line, |software| software.says.as_ref())
}

fn found(
    text: &str,
    which: impl Fn(&'static Software) -> Option<&'static Regex>,
) -> Option<&'static Software> {
    all()
        .iter()
        .find(|software| which(software).is_some_and(|regex| regex.is_match(text)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn every_row_can_be_recognised() {
        for software in all() {
            assert!(
                software.greets.is_some() || software.offers.is_some() || software.says.is_some(),
                "{software:?}"
            );
            assert!(!software.place.is_empty() && !software.source.is_empty());
        }
    }

    #[rstest]
    #[case("220 mail.example.org ESMTP Postfix (Debian/GNU)", Some("Postfix"))]
    #[case("220 mail.example.org ESMTP Exim 4.96 Tue, 24 Nov 2026", Some("Exim"))]
    #[case("220 ************************2******200***", Some("Cisco ASA"))]
    #[case("220 mx.google.com ESMTP 5614622812f47-3c9si99 - gsmtp", Some("Gmail"))]
    #[case(
        "220 AM7EUR06FT0.mail.protection.outlook.com Microsoft ESMTP MAIL Service ready",
        Some("Microsoft 365")
    )]
    #[case(
        "220 ex01.corp.example Microsoft ESMTP MAIL Service ready",
        Some("Exchange")
    )]
    #[case("220 mx.example.org ESMTP", None)]
    fn greetings(#[case] line: &str, #[case] name: Option<&str>) {
        assert_eq!(of_greeting(line).map(|software| &*software.name), name);
    }

    #[rstest]
    #[case("554 5.7.1 <a@b.example>: Relay access denied", Some("Postfix"))]
    #[case("550 relay not permitted", Some("Exim"))]
    #[case("250 2.1.0 <a@b.example>... Sender ok", Some("Sendmail"))]
    #[case("250 OK", None)]
    fn words(#[case] line: &str, #[case] name: Option<&str>) {
        assert_eq!(of_reply(line).map(|software| &*software.name), name);
    }
}
