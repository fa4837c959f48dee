//! The tests that have names: `--test NAME`.

use super::opening::{Opening, refuse_reports};
use crate::case::Line;
use crate::cli::exit::{self, Failure};
use crate::cli::options::{Format, Sender};
use crate::cli::written;
use crate::engine::trial::{self, Outcome, Ran, Subject};
use crate::knowledge::trial::{Need, Trial, trial, trials};
use crate::smtp::Mailbox;
use crate::text::{SafeText, wrapped};
use clap::Args;
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::process::ExitCode;

const COLUMNS: usize = 80;

#[derive(Debug, Args)]
#[group(id = "trials")]
pub(super) struct Arguments {
    /// Make this test of the host (may be repeated); `list` lists them. What it will do is said,
    /// and has to be agreed to
    #[arg(long = "test", value_name = "NAME", conflicts_with = "script")]
    pub(super) tests: Vec<String>,
    /// Agree to what the tests do
    #[arg(long, requires = "tests")]
    yes: bool,
}

#[derive(Serialize)]
struct Document {
    host: SafeText,
    address: SafeText,
    port: u16,
    tests: Vec<Ran>,
}

pub(super) async fn run(
    all: &super::Arguments,
    host: String,
    port: u16,
) -> Result<ExitCode, Failure> {
    refuse_reports(all)?;
    let (arguments, options) = (&all.trials, &all.options);
    if arguments.tests.iter().any(|name| name == "list") {
        return written(listed().as_bytes());
    }
    let chosen = chosen(&arguments.tests)?;
    let mailbox = |address: Option<&crate::case::MailAddress>| {
        address.and_then(|address| address.to_string().parse::<Mailbox>().ok())
    };
    let sender = options.from.as_ref().and_then(Sender::address);
    let (sender, recipient) = (mailbox(sender), mailbox(options.to.first()));
    for trial in &chosen {
        for need in &trial.needs {
            let (missing, option) = match need {
                Need::From => (sender.is_none(), "--from"),
                Need::To => (recipient.is_none(), "--to"),
            };
            if missing {
                let why = format!("the test `{}` needs {option}", trial.id);
                return Err(Failure::new(exit::USAGE, why));
            }
        }
    }
    if !arguments.yes && !agreed(&chosen, &host)? {
        return Ok(ExitCode::from(3));
    }
    let opening = Opening::of(all, &host, port).await?;
    let hello = match &options.ehlo {
        None => None,
        Some(name) => Some(name.parse().map_err(|_| {
            let shown = SafeText::from(name.as_str());
            Failure::new(exit::DATA, format!("`{shown}` is no name for EHLO"))
        })?),
    };
    let subject = Subject {
        host: host.clone(),
        to: opening.to.clone(),
        options: opening.options.clone(),
        hello,
        sender,
        recipient,
    };
    let text = options.format == Format::Text;
    let mut tests = Vec::new();
    for trial in chosen {
        let ran = trial::run(opening.network(), trial, &subject, &mut |_: &Line| {}).await;
        if text {
            written(shown(&ran).as_bytes())?;
        }
        tests.push(ran);
    }
    let worst = tests
        .iter()
        .map(|ran| ran.judged.outcome)
        .max_by_key(|outcome| weight(*outcome));
    if !text {
        let document = Document {
            host: host.into(),
            address: opening.to.to_string().into(),
            port,
            tests,
        };
        let json = serde_json::to_string(&document)
            .map_err(|error| Failure::new(exit::IO, error.to_string()))?;
        written(format!("{json}\n").as_bytes())?;
    }
    Ok(ExitCode::from(code(worst.unwrap_or(Outcome::Unclear))))
}

/// Bad before unclear before a warning before fine, as with `check`.
fn weight(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Fine => 0,
        Outcome::Warning => 1,
        Outcome::Unclear => 2,
        Outcome::Bad => 3,
    }
}

fn code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Fine => 0,
        Outcome::Warning => 1,
        Outcome::Bad => 2,
        Outcome::Unclear => 3,
    }
}

fn chosen(names: &[String]) -> Result<Vec<&'static Trial>, Failure> {
    let mut chosen: Vec<&'static Trial> = Vec::new();
    for name in names {
        let Some(found) = trial(name) else {
            let shown = SafeText::from(name.as_str());
            let why = format!("there is no test `{shown}`");
            return Err(Failure::new(exit::USAGE, why).hint("`--test list` lists them"));
        };
        if !chosen.contains(&found) {
            chosen.push(found);
        }
    }
    Ok(chosen)
}

fn paragraph(text: &str, indent: &str) -> String {
    let mut out = String::new();
    for line in wrapped(text, COLUMNS - indent.len()) {
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(out, "{indent}{line}");
    }
    out
}

fn listed() -> String {
    let one = |trial: &Trial| {
        let does = paragraph(&trial.does, "    ");
        format!(
            "{}: {}\n{does}    {}\n",
            trial.id, trial.title, trial.source
        )
    };
    trials().iter().map(one).collect()
}

/// Says what the tests will do, and asks.
fn agreed(chosen: &[&Trial], host: &str) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        let why = "a test is made only when it was agreed to, and there is no terminal to ask at";
        return Err(Failure::new(exit::USAGE, why).hint("`--yes` agrees"));
    }
    let mut stderr = io::stderr().lock();
    let mut text = String::new();
    for trial in chosen {
        let _ = writeln!(text, "{}, of {host} and nobody else:", trial.title);
        text.push_str(&paragraph(&trial.does, "  "));
        text.push_str(&paragraph(&format!("It sends: {}.", trial.sends), "  "));
    }
    text.push_str("Do it where you answer for the host. Go on? [y/N] ");
    let mut answer = String::new();
    let asked = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush())
        .and_then(|()| io::stdin().lock().read_line(&mut answer));
    asked.map_err(|error| Failure::new(exit::IO, format!("the terminal: {error}")))?;
    Ok(matches!(
        answer.trim().to_ascii_lowercase().as_str(),
        "y" | "yes"
    ))
}

fn shown(ran: &Ran) -> String {
    let word = match ran.judged.outcome {
        Outcome::Fine => "FINE",
        Outcome::Warning => "WARNING",
        Outcome::Bad => "BAD",
        Outcome::Unclear => "UNCLEAR",
    };
    let finding = ran
        .finding
        .map_or_else(String::new, |id| format!("  ({id})"));
    let mut out = format!("{word}  {}{finding}\n", ran.title);
    out.push_str(&paragraph(ran.means, "  "));
    for line in &ran.judged.evidence {
        let _ = writeln!(out, "    {line}");
    }
    if let Some(fix) = ran.fix {
        out.push_str(&paragraph(&format!("To mend it: {fix}"), "  "));
    }
    out
}
