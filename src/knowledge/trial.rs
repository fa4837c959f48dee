//! The tests that have names: what each will do, and what its outcomes mean.

use crate::knowledge::finding::FindingId;
use serde::Deserialize;
use std::sync::LazyLock;

/// One test, as people are told of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trial {
    pub id: String,
    pub title: String,
    /// What it will do: told before anybody says yes to it.
    pub does: String,
    /// The commands, in short.
    pub sends: String,
    /// Whether messages may arrive.
    pub delivers: bool,
    /// Addresses without which it cannot be made.
    pub needs: Vec<Need>,
    pub source: String,
    pub fine: Meaning,
    #[serde(default)]
    pub warning: Option<Meaning>,
    #[serde(default)]
    pub bad: Option<Meaning>,
    pub unclear: Meaning,
    #[serde(default)]
    pub finding: Option<FindingId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    From,
    To,
}

/// What an outcome means, and what to change.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    pub means: String,
    #[serde(default)]
    pub fix: Option<String>,
}

static ALL: LazyLock<Vec<Trial>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../assets/trials.yaml"))
        .expect("assets/trials.yaml is checked by a test")
});

/// All of them, in the order in which they are listed.
pub fn trials() -> &'static [Trial] {
    &ALL
}

pub fn trial(id: &str) -> Option<&'static Trial> {
    ALL.iter().find(|trial| trial.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trial_says_what_it_does_and_what_its_outcomes_mean() {
        assert!(ALL.len() >= 8);
        for (at, trial) in ALL.iter().enumerate() {
            assert!(ALL.iter().skip(at + 1).all(|other| other.id != trial.id));
            assert!(!trial.does.is_empty() && !trial.source.is_empty() && !trial.sends.is_empty());
            assert!(
                trial.warning.is_some() || trial.bad.is_some(),
                "{}",
                trial.id
            );
            for meaning in trial.warning.iter().chain(&trial.bad) {
                assert!(meaning.fix.is_some(), "{}", trial.id);
            }
            let told = trial.does.contains("No message is sent")
                || trial.does.contains("no message is sent");
            assert_ne!(trial.delivers, told, "{}", trial.id);
        }
    }
}
