//! `smtp-tui logs`: what failed, by the logs of mail servers.

mod follow;
mod story;

use super::exit::{self, Failure};
use super::world::scenario;
use super::written;
use crate::engine::maillog::{Lines, Logs, Take, Unreadable};
use crate::lab::mail_log;
use crate::maillog::{Event, Filter, Joiner, Stories, Summary, read_time};
use crate::text::SafeText;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};
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
    /// Logs of Postfix, Exim, Sendmail, `OpenSMTPD` or qmail, or a journal, packed or not; `-`
    /// reads standard input
    #[arg(value_name = "FILE", required_unless_present = "lab")]
    files: Vec<PathBuf>,
    /// The mail log of a practice scenario, instead of files
    #[arg(long, value_name = "SCENARIO", conflicts_with_all = ["files", "follow"])]
    lab: Option<String>,
    /// How the account is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Tell the whole story of one message
    #[arg(long, value_name = "ID, MESSAGE-ID or ADDRESS")]
    message: Option<String>,
    /// Only failures of this reason, such as `userunknown`
    #[arg(long, value_name = "REASON")]
    reason: Option<String>,
    /// Only recipients of this domain, and of those below it
    #[arg(long, value_name = "NAME")]
    domain: Option<String>,
    /// Only what this host or address said, or part of it
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// Only mail of this address or domain
    #[arg(long, value_name = "ADDR")]
    sender: Option<String>,
    /// Only from then on: `2025-03-03`, `2025-03-03T09:00` or with a zone
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    since: Option<i64>,
    /// Only before then
    #[arg(long, value_name = "TIME", value_parser = read_time)]
    until: Option<i64>,
    /// Only where the line of the log holds this
    #[arg(long, value_name = "WORDS")]
    text: Option<String>,
    /// Entries of each list
    #[arg(long, value_name = "N")]
    top: Option<usize>,
    /// Go on with what is written into the log from now on, each failure explained as it comes;
    /// a log that is rotated is followed on
    #[arg(long, short, conflicts_with_all = ["message", "unread"])]
    follow: bool,
    /// Show the lines that are not understood, and nothing else
    #[arg(long)]
    unread: bool,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    files: &'a [SafeText],
    #[serde(flatten)]
    lines: Lines,
    #[serde(flatten)]
    summary: Summary,
}

/// Lines that are not understood, as they come.
struct Unread(Result<ExitCode, Failure>);

impl Take for Unread {
    fn event(&mut self, _event: &Event<'_>) {}

    fn unread(&mut self, line: &[u8]) {
        let cut = line.get(..4000).unwrap_or(line);
        if self.0.is_ok() {
            self.0 = written(format!("{}\n", SafeText::from_bytes(cut)).as_bytes());
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if arguments.follow {
        return follow::run(arguments);
    }
    let logs = match &arguments.lab {
        Some(name) => practice(name)?,
        None => opened(&arguments.files)?,
    };
    let names = logs.names();
    if arguments.unread {
        let mut unread = Unread(Ok(ExitCode::SUCCESS));
        logs.read(&mut unread).map_err(|error| broken(&error))?;
        return unread.0;
    }
    if let Some(wanted) = &arguments.message {
        let mut stories = Stories::of(wanted);
        logs.read(&mut stories).map_err(|error| broken(&error))?;
        return story::told(arguments.format, wanted, &stories.told());
    }
    let mut joiner = Joiner::new(filter(arguments));
    let lines = logs.read(&mut joiner).map_err(|error| broken(&error))?;
    if lines.lines > 0 && lines.lines == lines.unread + lines.foreign {
        return Err(Failure::new(
            exit::DATA,
            format!("none of the {} lines is one of a mail server", lines.lines),
        )
        .hint("`--unread` shows the lines that are not understood"));
    }
    account(arguments, &names, lines, &joiner)
}

fn opened(paths: &[PathBuf]) -> Result<Logs, Failure> {
    let mut logs = Logs::default();
    for path in paths {
        let added = if path == Path::new("-") {
            let now = jiff::Timestamp::now().as_second();
            logs.add_source("-", io::stdin(), now)
        } else {
            logs.add_file(path)
        };
        added.map_err(|unreadable| {
            let code = match unreadable.error.kind() {
                io::ErrorKind::InvalidData => exit::DATA,
                _ => exit::NO_INPUT,
            };
            Failure::new(code, unreadable.to_string())
        })?;
    }
    Ok(logs)
}

/// The log that the practice world has of a scenario.
fn practice(name: &str) -> Result<Logs, Failure> {
    let now = jiff::Timestamp::now();
    let unusable = |error: String| Failure::new(exit::UNAVAILABLE, error);
    let log = mail_log(&scenario(name)?, now).map_err(|error| unusable(error.to_string()))?;
    let mut logs = Logs::default();
    logs.add_source(&log.name, io::Cursor::new(log.text), now.as_second())
        .map_err(|error| unusable(error.to_string()))?;
    Ok(logs)
}

/// A log that breaks off.
fn broken(unreadable: &Unreadable) -> Failure {
    Failure::new(exit::DATA, unreadable.to_string())
}

fn filter(arguments: &Arguments) -> Filter {
    Filter {
        reason: arguments.reason.clone(),
        domain: arguments.domain.clone(),
        host: arguments.host.clone(),
        sender: arguments.sender.clone(),
        since: arguments.since,
        until: arguments.until,
        text: arguments.text.clone(),
    }
}

fn account(
    arguments: &Arguments,
    names: &[SafeText],
    lines: Lines,
    joiner: &Joiner,
) -> Result<ExitCode, Failure> {
    let kept = match arguments.format {
        // Those that do not fit are named in one line.
        Format::Text => arguments.top.unwrap_or_default().max(40),
        _ => arguments.top.unwrap_or(10),
    };
    let summary = Summary::of(joiner, kept);
    let out = match arguments.format {
        Format::Text => {
            // As many as leave the whole on one screen.
            let top = arguments.top.unwrap_or(5);
            summary.text(lines.lines, lines.unread, top)
        }
        Format::Markdown => {
            summary.markdown(lines.lines, lines.unread, arguments.top.unwrap_or(10))
        }
        Format::Json | Format::Jsonl => {
            let document = Document {
                schema: "smtp-tui/logs/v1",
                files: names,
                lines,
                summary,
            };
            json(arguments.format, &document)?
        }
    };
    written(out.as_bytes())
}

fn json(format: Format, value: &impl Serialize) -> Result<String, Failure> {
    let text = match format {
        Format::Jsonl => serde_json::to_string(value),
        _ => serde_json::to_string_pretty(value),
    };
    text.map(|text| text + "\n")
        .map_err(|error| Failure::new(exit::IO, error.to_string()))
}
