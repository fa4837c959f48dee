//! Why a delivery failed: the vocabulary of "reason".

use super::explain::Whose;
use super::finding::FindingId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// An id of `assets/reasons.yaml`, such as `userunknown`. Only ids of the vocabulary exist.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reason(&'static str);

/// Whether trying again later can help by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Usually {
    /// Something has to change first.
    Permanent,
    /// The same again may work.
    Temporary,
    /// No failure.
    Neither,
}

/// What the vocabulary says of one reason.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub means: String,
    /// A code in hand goes before it.
    pub usually: Usually,
    /// What it says here, for people.
    pub meaning: String,
    pub whose: Whose,
    pub fix: String,
    #[serde(default)]
    pub finding: Option<FindingId>,
}

static VOCABULARY: LazyLock<BTreeMap<String, Entry>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../assets/reasons.yaml"))
        .expect("assets/reasons.yaml is checked by a test")
});

impl Reason {
    /// The reason that is written `text`, if the vocabulary has it.
    pub fn find(text: &str) -> Option<Self> {
        VOCABULARY.get_key_value(text).map(|(id, _)| Self(id))
    }

    pub fn as_str(self) -> &'static str {
        self.0
    }

    pub fn entry(self) -> &'static Entry {
        &VOCABULARY[self.0]
    }

    pub fn all() -> impl Iterator<Item = Self> {
        VOCABULARY.keys().map(|id| Self(id))
    }

    /// Whether it is no failure at all: a delivery, a complaint, an automatic answer.
    pub fn is_no_failure(self) -> bool {
        self.entry().usually == Usually::Neither
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for Reason {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::find(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is no reason")))
    }
}

macro_rules! ids {
    ($($name:ident = $text:literal,)*) => {
        /// The reasons that code names.
        pub mod id {
            use super::Reason;
            $(pub const $name: Reason = Reason($text);)*
            #[cfg(test)]
            pub(super) const ALL: &[Reason] = &[$($name,)*];
        }
    };
}

ids! {
    BLOCKED = "blocked",
    DELIVERED = "delivered",
    EXPIRED = "expired",
    FEEDBACK = "feedback",
    FILTERED = "filtered",
    GREYLISTED = "greylisted",
    HASMOVED = "hasmoved",
    NETWORKERROR = "networkerror",
    ONHOLD = "onhold",
    SUPPRESSED = "suppressed",
    UNDEFINED = "undefined",
    USERUNKNOWN = "userunknown",
    VACATION = "vacation",
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vocabulary_is_the_contract_and_its_sentences_are_there() {
        assert_eq!(Reason::all().count(), 37);
        for constant in id::ALL {
            assert_eq!(Reason::find(constant.as_str()), Some(*constant));
        }
        for reason in Reason::all() {
            let entry = reason.entry();
            for sentence in [&entry.means, &entry.meaning, &entry.fix] {
                assert!(
                    !sentence.trim().is_empty() && sentence.len() <= 400,
                    "{reason}"
                );
            }
        }
    }
}
