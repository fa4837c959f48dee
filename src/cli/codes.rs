//! `smtp-tui codes`: the reference.

use super::exit::{self, Failure};
use super::written;
use crate::knowledge::explain::{Listed, listed};
use crate::text::{SafeText, wrapped};
use clap::Args;
use std::process::ExitCode;

const COLUMNS: usize = 80;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A code (550, 5.1.1), its beginning (45, 5.7), or words; all of them when there is none
    #[arg(value_name = "CODE or WORDS")]
    words: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let words: Vec<String> = arguments
        .words
        .iter()
        .flat_map(|word| word.split_whitespace())
        .map(str::to_lowercase)
        .collect();
    let all = listed();
    let found: Vec<&Listed> = all
        .iter()
        .filter(|entry| words.iter().all(|word| fits(entry, word)))
        .collect();
    if found.is_empty() {
        let wanted = SafeText::from(arguments.words.join(" "));
        return Err(
            Failure::new(exit::NO_INPUT, format!("no code fits `{wanted}`"))
                .hint("a code such as 550 or 5.7.1, or words such as `mailbox full`"),
        );
    }
    // Few are told in full, many as a list.
    let whole = found.len() <= 3;
    let out: String = found
        .iter()
        .map(|entry| if whole { told(entry) } else { line(entry) })
        .collect();
    written(out.as_bytes())
}

/// A number fits the beginning of a code, with any class for an enhanced one; a word any text.
fn fits(entry: &Listed, word: &str) -> bool {
    if word.starts_with(|c: char| c.is_ascii_digit()) {
        let detail = word
            .split_once('.')
            .map_or_else(String::new, |(_, detail)| format!("X.{detail}"));
        return entry.code.starts_with(word)
            || (!detail.is_empty() && begins(&entry.code, &detail));
    }
    let text = format!(
        "{} {} {} {}",
        entry.code, entry.title, entry.meaning, entry.fix
    );
    text.to_lowercase().contains(word)
}

/// `X.7.1` begins with `X.7`, and not `X.70.1`; of two whole codes only the same fits.
fn begins(code: &str, with: &str) -> bool {
    code == with
        || code
            .strip_prefix(with)
            .is_some_and(|rest| rest.starts_with('.'))
}

fn line(entry: &Listed) -> String {
    let text = format!("{:<8} {}", entry.code, entry.title);
    crate::text::truncated(&text, COLUMNS) + "\n"
}

fn told(entry: &Listed) -> String {
    let mut out = format!("{}\n", entry.code);
    let mut say = |text: &str| {
        for line in wrapped(text, COLUMNS - 2) {
            out.push_str("  ");
            out.push_str(&line);
            out.push('\n');
        }
    };
    say(&entry.title);
    if entry.meaning != entry.title {
        say(&entry.meaning);
    }
    if let Some(whose) = entry.whose {
        say(&format!("Whose move: {}.", whose.words()));
    }
    if !entry.fix.is_empty() {
        say(&entry.fix);
    }
    say(&format!("({})", entry.source));
    out.push('\n');
    out
}
