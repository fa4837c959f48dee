//! The scenarios that the program carries inside.

use super::scenario::{Scenario, ScenarioError};

macro_rules! scenarios {
    ($($name:literal),* $(,)?) => {
        /// Every file of `assets/lab/`: its name and its text.
        pub(super) const FILES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../assets/lab/", $name, ".yaml")))),*
        ];
    };
}

// In the order in which they are best played.
scenarios!["healthy",];

impl Scenario {
    /// All scenarios, from the easy ones on.
    pub fn all() -> Result<Vec<Self>, ScenarioError> {
        FILES
            .iter()
            .map(|(_, text)| Self::from_yaml(text))
            .collect()
    }

    /// The scenario of this name, if there is one.
    pub fn find(name: &str) -> Option<Result<Self, ScenarioError>> {
        FILES
            .iter()
            .find(|(file, _)| *file == name)
            .map(|(_, text)| Self::from_yaml(text))
    }

    /// The names, in the same order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        FILES.iter().map(|(name, _)| *name)
    }
}
