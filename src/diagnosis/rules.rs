//! `assets/verdict.yaml` as types.

use crate::knowledge::finding::{FindingId, Severity};
use crate::knowledge::question::QuestionId;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// An id, or a family as `mx.*`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(super) struct Pattern(String);

impl Pattern {
    pub(super) fn matches(&self, id: FindingId) -> bool {
        match self.0.strip_suffix('*') {
            Some(family) => id.as_str().starts_with(family),
            None => id.as_str() == self.0,
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    pub(super) order: Vec<Pattern>,
    pub(super) inconclusive: Vec<FindingId>,
    pub(super) explains: Vec<Explains>,
    pub(super) conclusions: Vec<Conclusion>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Explains {
    pub(super) cause: FindingId,
    /// Only where the cause has this severity: one nameserver of two explains nothing.
    #[serde(default)]
    pub(super) severity: Option<Severity>,
    pub(super) because: String,
    /// How the subject of a consequence ends, where that matters: a fault at another port does
    /// not follow.
    #[serde(default)]
    pub(super) at: String,
    pub(super) consequences: Vec<Pattern>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Conclusion {
    pub(super) name: String,
    pub(super) conclude: FindingId,
    /// Each of these questions has one of these answers.
    pub(super) when: BTreeMap<QuestionId, Vec<String>>,
    /// One of these was found, and nothing else that stops mail.
    #[serde(default)]
    pub(super) given: Vec<Pattern>,
    /// None of these was found.
    #[serde(default)]
    pub(super) unless: Vec<Pattern>,
    pub(super) what: String,
}

pub(super) static RULES: LazyLock<Rules> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../assets/verdict.yaml"))
        .expect("assets/verdict.yaml is checked by a test")
});

impl Rules {
    /// The place of a cause in the order; the later the weaker.
    pub(super) fn place(&self, id: FindingId) -> usize {
        self.order
            .iter()
            .position(|pattern| pattern.matches(id))
            .unwrap_or(self.order.len())
    }
}

#[cfg(test)]
mod tests {
    use super::RULES;
    use crate::knowledge::finding::FindingId;

    #[test]
    fn every_finding_has_its_place_and_every_pattern_finds_something() {
        let rules = &*RULES;
        for id in FindingId::all() {
            assert!(rules.place(id) < rules.order.len(), "{id} has no place");
        }
        let consequences = rules.explains.iter().flat_map(|rule| &rule.consequences);
        let conditions = rules
            .conclusions
            .iter()
            .flat_map(|rule| rule.given.iter().chain(&rule.unless));
        for pattern in rules.order.iter().chain(consequences).chain(conditions) {
            assert!(
                FindingId::all().any(|id| pattern.matches(id)),
                "{pattern:?}"
            );
        }
    }
}
