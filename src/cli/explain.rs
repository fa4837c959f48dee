//! `smtp-tui explain`: what a reply line, a code, a bounce or a log line means.

mod line;
mod log;
mod text;

use super::exit::{self, Failure};
use super::written;
use crate::bounce::{self, Action, Kind, Report};
use crate::knowledge::code::{EnhancedCode, ReplyCode};
use crate::knowledge::finding::FindingId;
use crate::knowledge::reason::Reason;
use crate::maillog;
use crate::text::SafeText;
use clap::{Args, ValueEnum};
use serde::Serialize;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::ExitCode;

/// Octets of one input that are read.
const MOST: u64 = 256 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Jsonl,
}

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Reply lines or codes; or files: a bounce as it came, a mailbox, lines; `-` reads standard
    /// input
    #[arg(value_name = "TEXT or FILE", required = true)]
    texts: Vec<String>,
    /// How the explanation is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// One element of the answer, as the command-line contract has it.
#[derive(Debug, Serialize)]
struct Explained {
    file: Option<String>,
    kind: &'static str,
    deliveries: Vec<Delivery>,
}

#[derive(Debug, Serialize)]
struct Delivery {
    recipient: Option<SafeText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    original_recipient: Option<SafeText>,
    action: Option<&'static str>,
    reply_code: Option<ReplyCode>,
    enhanced_code: Option<EnhancedCode>,
    reason: Option<Reason>,
    permanent: Option<bool>,
    finding: Option<FindingId>,
    remote_host: Option<SafeText>,
    diagnostic: SafeText,
    explanation: String,
    fix: String,
    source: String,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut explained = Vec::new();
    for text in &arguments.texts {
        if text == "-" {
            let octets = octets(io::stdin().lock(), "standard input")?;
            explained.push(input(&octets, Some("-".to_owned())));
        } else if Path::new(text).is_file() {
            let file = fs::File::open(text).map_err(|error| reading(text, &error))?;
            explained.push(input(&octets(file, text)?, Some(text.clone())));
        } else {
            explained.push(input(text.as_bytes(), None));
        }
    }
    let json = |error: serde_json::Error| Failure::new(exit::IO, error.to_string());
    let out = match arguments.format {
        Format::Json => serde_json::to_string_pretty(&explained).map_err(json)? + "\n",
        Format::Jsonl => {
            let mut out = String::new();
            for element in &explained {
                out += &serde_json::to_string(element).map_err(json)?;
                out.push('\n');
            }
            out
        }
        Format::Text => text::of(&explained),
    };
    written(out.as_bytes())
}

fn octets(from: impl io::Read, name: &str) -> Result<Vec<u8>, Failure> {
    let mut octets = Vec::new();
    from.take(MOST)
        .read_to_end(&mut octets)
        .map_err(|error| reading(name, &error))?;
    Ok(octets)
}

fn reading(name: &str, error: &io::Error) -> Failure {
    Failure::new(exit::NO_INPUT, format!("reading `{name}`: {error}"))
}

/// One input makes one element. What neither is a message nor reads like a report is
/// lines: of a log, or replies.
fn input(octets: &[u8], file: Option<String>) -> Explained {
    let is_message = bounce::is_message(octets);
    // The hour of an RFC 3339 stamp looks like a header field.
    if (!is_message || maillog::is_log(octets))
        && let Some(log) = log::explained(octets, file.as_deref())
    {
        return log;
    }
    if is_message || octets.iter().any(|octet| matches!(octet, b'\n' | b'\r')) {
        let report = bounce::read(octets);
        if is_message || report.kind != Kind::NotABounce {
            return of_report(report, file);
        }
    }
    line::explained(&String::from_utf8_lossy(octets), file)
}

fn of_report(report: Report, file: Option<String>) -> Explained {
    let kind = match report.kind {
        Kind::Bounce => "bounce",
        Kind::Complaint => "arf",
        Kind::Vacation => "vacation",
        Kind::NotABounce => "not-a-bounce",
    };
    let deliveries = report.deliveries.into_iter().map(|delivery| Delivery {
        recipient: delivery.recipient,
        original_recipient: delivery.original,
        action: delivery.action.map(Action::as_str),
        reply_code: delivery.reply_code,
        enhanced_code: delivery.enhanced_code,
        reason: Some(delivery.reason),
        permanent: delivery.permanent,
        finding: delivery.finding,
        remote_host: delivery.remote_host,
        diagnostic: delivery.diagnostic,
        explanation: delivery.explanation,
        fix: format!("{} Whose move: {}.", delivery.fix, delivery.whose.words()),
        source: delivery.source,
    });
    Explained {
        file,
        kind,
        deliveries: deliveries.collect(),
    }
}
