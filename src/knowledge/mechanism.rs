//! The mechanisms of AUTH.

use serde::Deserialize;
use std::sync::LazyLock;

/// One of `assets/mechanisms.yaml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownMechanism {
    pub name: String,
    pub means: String,
    pub source: String,
}

static ALL: LazyLock<Vec<KnownMechanism>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../assets/mechanisms.yaml"))
        .expect("assets/mechanisms.yaml is checked by a test")
});

pub fn mechanism(name: &str) -> Option<&'static KnownMechanism> {
    ALL.iter().find(|own| own.name == name)
}
