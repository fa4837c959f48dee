//! `smtp-tui logs`: what failed, by the logs of mail servers.

mod follow;
mod story;

use super::exit::{self, Failure};
use super::written;
use crate::engine::maillog::{self as files, Lines, Log, Take};
use crate::maillog::{Event, Filter, Joiner, Stories, Summary};
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
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
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
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<i64>,
    /// Only before then
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<i64>,
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

/// A time in UTC; a zone in it counts.
fn time(text: &str) -> Result<i64, String> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(at.as_second());
    }
    let civil = text
        .parse::<jiff::civil::DateTime>()
        .or_else(|_| text.parse::<jiff::civil::Date>().map(Into::into));
    civil
        .and_then(|civil| civil.to_zoned(jiff::tz::TimeZone::UTC))
        .map(|at| at.timestamp().as_second())
        .map_err(|_| format!("`{text}` is no date, with or without a time"))
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    files: &'a [String],
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

struct Telling(Stories);

impl Take for Telling {
    fn event(&mut self, event: &Event<'_>) {
        self.0.take(event);
    }
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
    let mut logs = opened(&arguments.files)?;
    // Several files in the order of their time, whatever order they were named in.
    logs.sort_by_key(|(_, log)| log.begins.unwrap_or(i64::MAX));
    let names: Vec<String> = logs.iter().map(|(name, _)| name.clone()).collect();
    if arguments.unread {
        let mut unread = Unread(Ok(ExitCode::SUCCESS));
        read(logs, &mut unread)?;
        return unread.0;
    }
    if let Some(wanted) = &arguments.message {
        let mut telling = Telling(Stories::of(wanted));
        read(logs, &mut telling)?;
        return story::told(arguments.format, wanted, &telling.0.told());
    }
    let mut counting = Counting(Joiner::new(filter(arguments)));
    let lines = read(logs, &mut counting)?;
    if lines.lines > 0 && lines.lines == lines.unread + lines.foreign {
        return Err(Failure::new(
            exit::DATA,
            format!("none of the {} lines is one of a mail server", lines.lines),
        )
        .hint("`--unread` shows the lines that are not understood"));
    }
    account(arguments, &names, lines, &counting.0)
}

fn opened(paths: &[PathBuf]) -> Result<Vec<(String, Log)>, Failure> {
    paths
        .iter()
        .map(|path| {
            let log = if path == Path::new("-") {
                files::from(io::stdin(), Some(jiff::Timestamp::now().as_second()))
            } else {
                files::open(path)
            };
            let name = SafeText::from(path.display().to_string()).into_string();
            log.map(|log| (name.clone(), log)).map_err(|error| {
                let code = match error.kind() {
                    io::ErrorKind::InvalidData => exit::DATA,
                    _ => exit::NO_INPUT,
                };
                Failure::new(code, format!("reading `{name}`: {error}"))
            })
        })
        .collect()
}

fn read(logs: Vec<(String, Log)>, taker: &mut dyn Take) -> Result<Lines, Failure> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    // One more than cores: while one waits for its turn, another works.
    let threads = (threads + 1).min(8);
    let mut lines = Lines::default();
    for (name, log) in logs {
        let read = files::scan(log.source, log.calendar, threads, taker)
            .map_err(|error| Failure::new(exit::DATA, format!("reading `{name}`: {error}")))?;
        lines.add(&read);
    }
    Ok(lines)
}

fn filter(arguments: &Arguments) -> Filter {
    Filter {
        reason: arguments.reason.clone(),
        domain: arguments.domain.clone(),
        host: arguments.host.clone(),
        sender: arguments.sender.clone(),
        since: arguments.since,
        until: arguments.until,
    }
}

fn account(
    arguments: &Arguments,
    names: &[String],
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
