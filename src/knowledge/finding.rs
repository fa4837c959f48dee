//! The catalogue of what can be concluded: ids, severities and sentences.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// An id of `assets/findings.yaml`, such as `ns.lame`. Only ids of the catalogue exist.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingId(&'static str);

/// How bad it is; the order is by weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth mending; mail flows today.
    Notice,
    /// Mail is failing for some, or will soon.
    Warning,
    /// Mail is failing now, for everyone or for a whole class of senders.
    Error,
}

/// What the catalogue says of one finding. The sentences hold `{places}` that the check fills.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub severity: Severity,
    pub means: String,
    /// One sentence a customer understands.
    pub summary: String,
    /// What to change, where.
    pub fix: String,
    /// The command that shows the same by hand.
    pub reproduce: String,
}

static CATALOGUE: LazyLock<BTreeMap<String, Entry>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../assets/findings.yaml"))
        .expect("assets/findings.yaml is checked by a test")
});

impl FindingId {
    /// The id that is written `text`, if the catalogue has it.
    pub fn find(text: &str) -> Option<Self> {
        CATALOGUE.get_key_value(text).map(|(id, _)| Self(id))
    }

    pub fn as_str(self) -> &'static str {
        self.0
    }

    pub fn entry(self) -> &'static Entry {
        &CATALOGUE[self.0]
    }

    pub fn all() -> impl Iterator<Item = Self> {
        CATALOGUE.keys().map(|id| Self(id))
    }
}

impl fmt::Display for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for FindingId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for FindingId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for FindingId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::find(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no finding")))
    }
}
