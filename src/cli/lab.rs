//! `smtp-tui lab`: what there is to practise on.

use super::exit::{self, Failure};
use super::interactive::Drawing;
use super::written;
use crate::lab::Scenario;
use clap::Args;
use std::fmt::Write as _;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What to play; without it, a list to choose from
    #[arg(value_name = "SCENARIO")]
    scenario: Option<String>,
    /// Print the scenarios
    #[arg(long)]
    list: bool,
    /// How many seconds pass in the practice world while one passes outside
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100))]
    speed: Option<u32>,
    #[command(flatten)]
    drawing: Drawing,
}

pub(super) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    if arguments.list {
        return list();
    }
    let name = arguments.scenario.as_deref();
    Box::pin(super::interactive::practice(
        name,
        arguments.speed,
        arguments.drawing,
    ))
    .await
}

fn list() -> Result<ExitCode, Failure> {
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
