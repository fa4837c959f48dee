//! `assets/bounces/text.yaml`: how mail systems write about failed deliveries.

use crate::knowledge::stage::Stage;
use aho_corasick::{AhoCorasick, AhoCorasickKind, Anchored, Input, MatchKind, StartKind};
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mark {
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "who writes so, for those who edit it")
    )]
    by: String,
    says: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    at: Stage,
    says: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    marks: Vec<Mark>,
    states: Vec<String>,
    personal: Vec<String>,
    subjects: Vec<String>,
    senders: Vec<String>,
    introduces: Vec<String>,
    was: Vec<String>,
    returned: Vec<String>,
    boilerplate: Vec<String>,
    overrides: Vec<String>,
    delays: Vec<String>,
    gives_up: Vec<String>,
    stages: Vec<At>,
    hosts: Vec<String>,
}

/// Phrases that are looked for together, the longest at a place first.
pub(super) struct Phrases(AhoCorasick);

impl Phrases {
    fn new<'a>(
        phrases: impl IntoIterator<Item = &'a String>,
        start: StartKind,
    ) -> anyhow::Result<Self> {
        Ok(Self(
            AhoCorasick::builder()
                .kind(Some(AhoCorasickKind::DFA))
                .match_kind(MatchKind::LeftmostLongest)
                .start_kind(start)
                .ascii_case_insensitive(true)
                .build(phrases)?,
        ))
    }

    pub(super) fn is_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// The first phrase in it: which, and what follows.
    pub(super) fn first<'a>(&self, text: &'a str) -> Option<(usize, &'a str)> {
        let hit = self.0.find(text)?;
        Some((hit.pattern().as_usize(), text.get(hit.end()..)?))
    }

    /// What follows each of them, in order.
    pub(super) fn after<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .find_iter(text)
            .filter_map(move |hit| text.get(hit.end()..))
    }

    /// Whether `text` begins with one.
    pub(super) fn begins(&self, text: &str) -> bool {
        let input = Input::new(text).anchored(Anchored::Yes);
        self.0.find(input).is_some()
    }
}

pub(super) struct Known {
    pub(super) marks: Phrases,
    pub(super) states: Phrases,
    pub(super) personal: Phrases,
    pub(super) subjects: Phrases,
    pub(super) senders: Phrases,
    pub(super) introduces: Phrases,
    pub(super) was: Phrases,
    pub(super) returned: Phrases,
    pub(super) boilerplate: Phrases,
    pub(super) overrides: Phrases,
    pub(super) delays: Phrases,
    pub(super) gives_up: Phrases,
    pub(super) hosts: Phrases,
    stages: Phrases,
    at: Vec<Stage>,
}

impl Known {
    /// The command that the words say they answer.
    pub(super) fn stage(&self, text: &str) -> Option<Stage> {
        let (place, _) = self.stages.first(text)?;
        self.at.get(place).copied()
    }

    fn read() -> anyhow::Result<Self> {
        let table: Table = serde_yaml::from_str(include_str!("../../assets/bounces/text.yaml"))?;
        let at = table
            .stages
            .iter()
            .flat_map(|stage| stage.says.iter().map(|_| stage.at))
            .collect();
        let anywhere = |phrases: &Vec<String>| Phrases::new(phrases, StartKind::Unanchored);
        Ok(Self {
            marks: Phrases::new(
                table.marks.iter().flat_map(|mark| &mark.says),
                StartKind::Unanchored,
            )?,
            states: anywhere(&table.states)?,
            personal: anywhere(&table.personal)?,
            subjects: anywhere(&table.subjects)?,
            senders: anywhere(&table.senders)?,
            introduces: anywhere(&table.introduces)?,
            was: anywhere(&table.was)?,
            returned: Phrases::new(&table.returned, StartKind::Anchored)?,
            boilerplate: anywhere(&table.boilerplate)?,
            overrides: anywhere(&table.overrides)?,
            delays: anywhere(&table.delays)?,
            gives_up: anywhere(&table.gives_up)?,
            hosts: anywhere(&table.hosts)?,
            stages: Phrases::new(
                table.stages.iter().flat_map(|stage| &stage.says),
                StartKind::Unanchored,
            )?,
            at,
        })
    }
}

pub(super) static KNOWN: LazyLock<Known> =
    LazyLock::new(|| Known::read().expect("assets/bounces/text.yaml is checked by a test"));

#[cfg(test)]
mod tests {
    use super::*;

    fn table_of() -> Table {
        serde_yaml::from_str(include_str!("../../assets/bounces/text.yaml")).unwrap()
    }

    #[test]
    fn the_table_is_read_and_its_phrases_are_found() {
        let known = Known::read().unwrap();
        assert!(
            known
                .marks
                .is_in("Hi. This is the qmail-send program at a.")
        );
        assert!(table_of().marks.iter().all(|mark| !mark.by.is_empty()));
        assert_eq!(
            known.stage("(in reply to end of DATA command)"),
            Some(Stage::Message)
        );
        assert_eq!(
            known.stage("(in reply to RCPT TO command)"),
            Some(Stage::Rcpt)
        );
        assert!(known.returned.begins("Original message follows."));
        let table = table_of();
        let lists = [
            &table.states,
            &table.personal,
            &table.subjects,
            &table.senders,
            &table.introduces,
            &table.was,
            &table.returned,
            &table.boilerplate,
            &table.overrides,
            &table.delays,
            &table.gives_up,
            &table.hosts,
        ];
        let phrases = lists.into_iter().flatten();
        for phrase in phrases.chain(table.marks.iter().flat_map(|mark| &mark.says)) {
            assert!(
                phrase.len() > 1 && *phrase == phrase.to_lowercase(),
                "{phrase}"
            );
        }
    }
}
