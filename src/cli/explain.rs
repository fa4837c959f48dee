//! `smtp-tui explain`: what a reply line, a code, a bounce or a log line means.

mod text;

use super::exit::{self, Failure};
use super::written;
use crate::bounce;
use crate::report::CameBack;
use crate::trace::Trace;
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
    #[serde(flatten)]
    told: CameBack,
    /// The path of the message that came back, where its headers are there.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<Trace>,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let mut explained = Vec::new();
    for text in &arguments.texts {
        if text == "-" {
            let octets = octets(io::stdin().lock(), "standard input")?;
            explained.push(input(&octets, Some("-")));
        } else if Path::new(text).is_file() {
            let file = fs::File::open(text).map_err(|error| reading(text, &error))?;
            explained.push(input(&octets(file, text)?, Some(text)));
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

fn input(octets: &[u8], file: Option<&str>) -> Explained {
    // Of a mailbox it would be the path of some message, nobody knows which.
    let traced = bounce::is_message(octets) && !bounce::is_mailbox(octets);
    Explained {
        file: file.map(str::to_owned),
        told: CameBack::read(octets),
        trace: traced
            .then(|| Trace::of(&String::from_utf8_lossy(octets)))
            .flatten(),
    }
}
