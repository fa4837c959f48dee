//! `smtp-tui logs`: what failed, by the logs of mail servers.

use super::exit::{self, Failure};
use super::written;
use crate::engine::maillog::{self as files, Lines, Take};
use crate::maillog::{Event, Filter, Joiner, Summary};
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Markdown,
    Json,
    Jsonl,
}

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Logs of Postfix, Exim, Sendmail, OpenSMTPD or qmail, packed or not; `-`: standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// How the account is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Entries of each list
    #[arg(long, value_name = "N")]
    top: Option<usize>,
}

#[derive(Serialize)]
struct Document {
    schema: &'static str,
    files: Vec<String>,
    #[serde(flatten)]
    lines: Lines,
    #[serde(flatten)]
    summary: Summary,
}

struct Counting(Joiner);

impl Take for Counting {
    fn event(&mut self, event: &Event<'_>) {
        self.0.take(event);
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut counting = Counting(Joiner::new(Filter::default()));
    let mut lines = Lines::default();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    for path in &arguments.files {
        let log = files::open(path).map_err(|error| {
            Failure::new(exit::NO_INPUT, format!("reading `{}`: {error}", path.display()))
        })?;
        let read = files::scan(log.source, log.calendar, threads, &mut counting)
            .map_err(|error| {
                Failure::new(exit::DATA, format!("reading `{}`: {error}", path.display()))
            })?;
        lines.add(&read);
    }
    let document = Document {
        schema: "smtp-tui/logs/v1",
        files: arguments.files.iter().map(|path| path.display().to_string()).collect(),
        lines,
        summary: Summary::of(&counting.0, arguments.top.unwrap_or(10)),
    };
    let out = serde_json::to_string_pretty(&document)
        .map_err(|error| Failure::new(exit::IO, error.to_string()))?;
    written((out + "\n").as_bytes())
}
