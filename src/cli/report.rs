//! `smtp-tui report CASE`: a saved case, written again.

use super::exit::{self, Failure};
use super::interactive::refused;
use super::options::{Format, Output};
use super::output::Sink;
use crate::diagnosis::diagnose;
use crate::engine::store::Store;
use crate::report::Report;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const COLUMNS: usize = 80;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// File of a saved case, its name in the state directory, or `last`
    #[arg(value_name = "CASE")]
    case: PathBuf,
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let case = if arguments.case == Path::new("last") {
        Store::open().and_then(|store| store.latest())
    } else {
        Store::load(&arguments.case).or_else(|error| {
            Store::open()
                .and_then(|store| store.named(&arguments.case))
                .map_err(|_| error)
        })
    };
    let case = case.map_err(|error| refused(&error))?;
    let mut report = Report::new(&case, &diagnose(&case));
    if arguments.output.redact {
        report = report.redacted();
    }
    let text = report
        .written(arguments.format.form(false), COLUMNS)
        .map_err(|error| Failure::new(exit::IO, error.to_string()))?;
    Sink::open(&arguments.output)?.put(&text)?;
    Ok(ExitCode::SUCCESS)
}
