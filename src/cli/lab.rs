//! `smtp-tui lab`: what there is to practise on.

use super::exit::{self, Failure};
use super::written;
use crate::lab::Scenario;
use clap::Args;
use std::fmt::Write as _;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Print the scenarios
    #[arg(long, required = true)]
    list: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    debug_assert!(arguments.list, "clap demands it");
    let all = Scenario::all().map_err(|error| {
        Failure::new(exit::UNAVAILABLE, format!("reading the scenarios: {error}"))
    })?;
    let mut out = String::new();
    for scenario in all {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{:<32} {}", scenario.name, scenario.title);
    }
    written(out.as_bytes())
}
