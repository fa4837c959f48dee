//! `smtp-tui report CASE`: a saved case, written again.

use super::exit::{self, Failure};
use super::interactive::refused;
use super::options::{Format, Output};
use super::output::Sink;
use crate::diagnosis::diagnose;
use crate::engine::store::Store;
use crate::report::{Report, script_of, swaks_of};
use clap::{Args, ValueEnum};
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
    /// Write a session of the case as a script of `session --script`, or as a swaks command line
    #[arg(
        long = "as",
        value_enum,
        value_name = "FORM",
        conflicts_with = "format"
    )]
    as_form: Option<Replay>,
    /// Which of the case's sessions that is, from 1; without it the last
    #[arg(long, value_name = "N", requires = "as_form")]
    session: Option<usize>,
    #[command(flatten)]
    output: Output,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Replay {
    Script,
    Swaks,
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
    let text = match arguments.as_form {
        Some(form) => replayed(&report, form, arguments.session)?,
        None => report
            .written(arguments.format.form(false), COLUMNS)
            .map_err(|error| Failure::new(exit::IO, error.to_string()))?,
    };
    Sink::open(&arguments.output)?.put(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn replayed(report: &Report, form: Replay, session: Option<usize>) -> Result<String, Failure> {
    let count = report.sessions.len();
    let number = session.unwrap_or(count);
    let Some(transcript) = number.checked_sub(1).and_then(|at| report.sessions.get(at)) else {
        return Err(Failure::new(
            exit::NO_INPUT,
            format!("the case has {count} sessions, and none of number {number}"),
        ));
    };
    Ok(match form {
        Replay::Script => script_of(transcript),
        Replay::Swaks => swaks_of(transcript),
    })
}
