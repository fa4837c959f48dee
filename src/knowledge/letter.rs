//! Messages to start from.

use serde::Deserialize;
use std::sync::LazyLock;

/// One of `assets/letters.yaml`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownLetter {
    pub title: String,
    /// What it is good for.
    pub means: String,
    /// Headers, an empty line, text; with gaps such as `{{from}}`.
    pub text: String,
}

static ALL: LazyLock<Vec<KnownLetter>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../assets/letters.yaml"))
        .expect("assets/letters.yaml is checked by a test")
});

pub fn letters() -> &'static [KnownLetter] {
    &ALL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_a_subject_and_a_text() {
        for letter in letters() {
            let (head, text) = letter.text.split_once("\n\n").unwrap();
            assert!(head.contains("Subject: "), "{letter:?}");
            assert!(!text.trim().is_empty(), "{letter:?}");
            assert!(letter.means.ends_with('.'), "{letter:?}");
        }
        assert!(letters().len() > 4);
    }
}
