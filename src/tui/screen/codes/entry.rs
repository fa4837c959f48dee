//! The entries of the reference.

use crate::knowledge::explain::{self, Listed};
use crate::tui::theme::Role;
use std::sync::LazyLock;

#[derive(Clone, Debug)]
pub struct Entry {
    pub role: Role,
    pub code: String,
    pub title: String,
    pub listed: Listed,
    /// What the search looks at, in small letters.
    words: String,
}

static ENTRIES: LazyLock<Vec<Entry>> =
    LazyLock::new(|| explain::listed().into_iter().map(Entry::of).collect());

/// All of them, in the order of the reference.
pub fn entries() -> &'static [Entry] {
    &ENTRIES
}

impl Entry {
    fn of(listed: Listed) -> Self {
        let role = match listed.code.chars().next() {
            Some('2') => Role::Good,
            Some('3') => Role::Note,
            Some('4') => Role::Warn,
            Some('5') => Role::Bad,
            _ => Role::Title,
        };
        Self {
            role,
            code: listed.code.clone(),
            title: listed.title.clone(),
            words: format!(
                "{} {} {} {}",
                listed.code, listed.title, listed.meaning, listed.fix
            )
            .to_lowercase(),
            listed,
        }
    }

    /// Whether a word of the search, in small letters, stands in it.
    pub fn holds(&self, word: &str) -> bool {
        // `5.1.1` finds `X.1.1`.
        let subject = word
            .strip_prefix(['2', '4', '5'])
            .filter(|rest| rest.starts_with('.') && rest.len() > 1)
            .map(|rest| format!("x{rest}"));
        self.words.contains(word) || subject.is_some_and(|word| self.words.contains(&word))
    }
}
