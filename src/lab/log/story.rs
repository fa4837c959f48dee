//! `assets/maillog/practice.yaml` as types.

use crate::knowledge::finding::FindingId;
use crate::knowledge::question::QuestionId;
use crate::lab::scenario::Scenario;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::IpAddr;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Practice {
    pub(super) provider: Provider,
    /// Local parts.
    pub(super) people: Vec<String>,
    pub(super) days: i64,
    /// Seconds.
    pub(super) gap: i64,
    ways: BTreeMap<String, Vec<Step>>,
    pub(super) everyday: Vec<Everyday>,
    pub(super) door: Vec<Stranger>,
    stories: Vec<Story>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Provider {
    pub(super) name: String,
    pub(super) address: IpAddr,
    pub(super) people: Vec<String>,
}

/// One attempt at a recipient, or several with the same outcome.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    /// Seconds from the arrival of the message.
    #[serde(default)]
    pub(super) after: i64,
    pub(super) status: String,
    pub(super) dsn: String,
    pub(super) says: String,
    /// Whether the other side was reached.
    #[serde(default = "yes")]
    pub(super) relay: bool,
    #[serde(default)]
    pub(super) again: Vec<i64>,
    #[serde(default)]
    pub(super) expires: Option<i64>,
    #[serde(default)]
    pub(super) before: Option<String>,
}

fn yes() -> bool {
    true
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Everyday {
    pub(super) to: String,
    pub(super) host: String,
    pub(super) address: IpAddr,
    pub(super) way: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stranger {
    pub(super) client: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) says: String,
}

/// Which mail the fault is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mail {
    To,
    From,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Story {
    pub(super) causes: Vec<FindingId>,
    pub(super) mail: Mail,
    /// What it does; empty: mail goes well.
    #[serde(default)]
    pub(super) way: Vec<Step>,
    #[serde(default = "one")]
    pub(super) every: usize,
    #[serde(default)]
    pub(super) flood: usize,
    /// The first host is tried, and the next takes the mail.
    #[serde(default)]
    pub(super) other_host: bool,
    /// The last host is the one that is tried.
    #[serde(default)]
    pub(super) last_host: bool,
    #[serde(default)]
    pub(super) lines: Vec<Beside>,
}

fn one() -> usize {
    1
}

/// A line that belongs to no message.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Beside {
    pub(super) program: String,
    pub(super) says: String,
}

impl Practice {
    pub(super) fn read() -> Result<Self, serde_yaml::Error> {
        serde_yaml::from_str(include_str!("../../../assets/maillog/practice.yaml"))
    }

    /// The way of that name; an unknown one has no attempts.
    pub(super) fn way(&self, name: &str) -> &[Step] {
        self.ways.get(name).map_or(&[], Vec::as_slice)
    }

    #[cfg(test)]
    pub(super) fn ways(&self) -> impl Iterator<Item = &String> {
        self.ways.keys()
    }

    /// The story of the fault that a scenario is about.
    pub(super) fn story(&self, scenario: &Scenario) -> Option<Story> {
        let causes = &scenario.expect.cause.0;
        let is_told = |story: &&Story| story.causes.iter().any(|id| causes.contains(id));
        let mut story = self.stories.iter().find(is_told).cloned()?;
        story.every = story.every.max(1);
        Some(story)
    }
}

/// Whether the caller's trouble is that mail does not leave.
pub(super) fn is_about_sending(scenario: &Scenario) -> bool {
    let direction = scenario.answers.get(&QuestionId::Direction);
    direction.is_some_and(|direction| direction == "sending")
}
