//! `smtp-tui codes`: the reference.

use super::exit::{self, Failure};
use super::written;
use crate::knowledge::reference::{Listed, found};
use crate::text::{SafeText, wrapped};
use clap::Args;
use std::fmt::Write as _;
use std::process::ExitCode;

const COLUMNS: usize = 80;
/// Entries that are told in full when there are no more.
const WHOLE: usize = 3;
/// Entries that are listed behind those.
const MOST: usize = 40;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// A code (550, 5.1.1), its beginning (45, 5.7), or words; all of them when there is none
    #[arg(value_name = "CODE or WORDS")]
    words: Vec<String>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let query = arguments.words.join(" ");
    let found = found(&query);
    if found.is_empty() {
        let wanted = SafeText::from(query);
        return Err(
            Failure::new(exit::NO_INPUT, format!("no code fits `{wanted}`"))
                .hint("a code such as 550 or 5.7.1, or words such as `mailbox full`"),
        );
    }
    if query.trim().is_empty() {
        return written(
            found
                .iter()
                .map(|entry| line(entry))
                .collect::<String>()
                .as_bytes(),
        );
    }
    // The best are told in full, the others as a list.
    let whole = if found.len() <= WHOLE { found.len() } else { 1 };
    let mut out = String::new();
    for (place, entry) in found.iter().take(whole + MOST).enumerate() {
        out += &if place < whole {
            told(entry)
        } else {
            line(entry)
        };
    }
    if let Some(more @ 1..) = found.len().checked_sub(whole + MOST) {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "and {more} more: add a word to find fewer");
    }
    written(out.as_bytes())
}

fn line(entry: &Listed) -> String {
    let text = format!("{:<9} {}", entry.code, entry.title);
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
    for more in [entry.answered().as_deref(), entry.permanence()] {
        more.into_iter().for_each(&mut say);
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
