//! `smtp-tui check`: all checks without a screen.

use super::exit::{self, Failure};
use super::options::Options;
use super::output::Sink;
use super::world::Place;
use crate::case::{Answers, Case, Target};
use crate::check::Request;
use crate::diagnosis::{Status, diagnose};
use crate::engine::{self, Progress};
use crate::knowledge::question::{QuestionId, UNKNOWN};
use crate::report::Report;
use clap::Args;
use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Octets of an answers file that are read.
const MOST: u64 = 1 << 20;
/// Octets of a file of targets that are read.
const MOST_TARGETS: u64 = 64 << 20;
const COLUMNS: usize = 80;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Domain or e-mail address to which mail fails
    #[arg(value_name = "TARGET", required_unless_present_any = ["lab", "targets_from"])]
    targets: Vec<String>,
    /// More targets, one a line, from this file, `-` for standard input
    #[arg(long, value_name = "FILE")]
    targets_from: Option<PathBuf>,
    /// Targets that are checked at the same time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: u16,
    #[command(flatten)]
    options: Options,
}

pub(super) async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let options = &arguments.options;
    let answers = match &options.answers {
        Some(path) => read_answers(path)?,
        None => BTreeMap::new(),
    };
    let mut targets = arguments
        .targets
        .iter()
        .map(|text| {
            text.parse::<Target>()
                .map_err(|error| Failure::new(exit::DATA, error.to_string()))
        })
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(path) = &arguments.targets_from {
        targets.extend(read_targets(path)?);
    }
    let mut sink = Sink::open(&options.output)?;
    let place = Place::of(options).await?;
    if let (true, Some(world)) = (targets.is_empty(), &place.world) {
        targets.extend(world.target().cloned());
    }
    let form = options.format.form(targets.len() > 1);
    let mut reports = stream::iter(targets)
        .map(|target| one(target, options, &answers, &place))
        .buffer_unordered(usize::from(arguments.jobs));
    let mut statuses = Vec::new();
    while let Some((mut report, status)) = reports.next().await {
        statuses.push(status);
        if options.output.redact {
            report = report.redacted();
        }
        let text = report
            .written(form, COLUMNS)
            .map_err(|error| Failure::new(exit::IO, error.to_string()))?;
        sink.put(&text)?;
    }
    Ok(exit::worst(statuses))
}

async fn one(
    target: Target,
    options: &Options,
    answers: &BTreeMap<QuestionId, String>,
    place: &Place,
) -> (Report, Status) {
    let mut case = Case::new(Timestamp::now());
    let scenario = place.scenario.as_ref();
    let (from, to) = scenario.map_or((None, None), |scenario| {
        (scenario.from.clone(), scenario.to.clone())
    });
    case.from = options.from.clone().or(from);
    case.to = options.to.clone().or(to);
    case.lab = scenario.map(|scenario| scenario.name.clone());
    case.answers = Answers::default();
    let told = scenario
        .map(|scenario| &scenario.answers)
        .into_iter()
        .flatten();
    for (question, word) in told.chain(answers) {
        case.answers.give(*question, word);
    }
    let mut request = Request::new(&target);
    request.from.clone_from(&case.from);
    request.to.clone_from(&case.to);
    request.source_ip = options.source_ip;
    request.selectors.clone_from(&options.selector);
    request.ehlo.clone_from(&options.ehlo);
    request.only = options.only.iter().copied().collect();
    case.target = Some(target);
    let watched = io::stderr().is_terminal();
    let (_run, mut progress) = engine::start(request, &place.dns);
    while let Some(step) = progress.recv().await {
        let finished = matches!(step, Progress::Finished { .. });
        if let (true, Progress::Check(record)) = (watched, &step)
            && record.state.is_settled()
        {
            let word = record.state.word();
            let _ = writeln!(
                io::stderr(),
                "{word:<12} {}: {}",
                record.subject,
                record.detail
            );
        }
        step.apply(&mut case);
        if finished {
            break;
        }
    }
    let diagnosis = diagnose(&case);
    (Report::new(&case, &diagnosis), diagnosis.verdict.status)
}

/// One target a line; empty lines and those that begin with `#` are passed over.
fn read_targets(path: &Path) -> Result<Vec<Target>, Failure> {
    let shown = path.display();
    let unreadable = |error: io::Error| {
        Failure::new(
            exit::NO_INPUT,
            format!("reading the targets from `{shown}`: {error}"),
        )
    };
    let input: Box<dyn BufRead> = if path.as_os_str() == "-" {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(fs::File::open(path).map_err(unreadable)?))
    };
    let mut targets = Vec::new();
    for (number, line) in (1..).zip(input.take(MOST_TARGETS).lines()) {
        let line = line.map_err(unreadable)?;
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let target = text.parse::<Target>().map_err(|error| {
            Failure::new(exit::DATA, format!("line {number} of `{shown}`: {error}"))
        })?;
        targets.push(target);
    }
    Ok(targets)
}

fn read_answers(path: &Path) -> Result<BTreeMap<QuestionId, String>, Failure> {
    let shown = path.display();
    let length = fs::metadata(path).map_err(|error| {
        Failure::new(
            exit::NO_INPUT,
            format!("reading the answers from `{shown}`: {error}"),
        )
    })?;
    let unusable = |why: String| {
        let questions = QuestionId::ALL.map(QuestionId::word).join(", ");
        Failure::new(
            exit::DATA,
            format!("the answers in `{shown}` cannot be used: {why}"),
        )
        .hint(format!(
            "a YAML map from question to answer; the questions are {questions}"
        ))
    };
    if length.len() > MOST {
        return Err(unusable(format!("the file has more than {MOST} octets")));
    }
    let text = fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
    let answers: BTreeMap<QuestionId, String> =
        serde_yaml::from_str(&text).map_err(|error| unusable(error.to_string()))?;
    for (question, answer) in &answers {
        question
            .accepts(answer)
            .map_err(|error| unusable(error.to_string()))?;
    }
    Ok(answers
        .into_iter()
        .filter(|(_, answer)| answer != UNKNOWN)
        .collect())
}
