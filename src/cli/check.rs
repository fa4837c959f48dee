//! `smtp-tui check`: all checks without a screen.

use super::exit::{self, Failure};
use super::options::{Format, Options};
use super::world::Place;
use super::written;
use crate::case::{Answers, Case, Target};
use crate::check::Request;
use crate::diagnosis::{Status, diagnose};
use crate::engine::{self, Progress};
use crate::knowledge::question::{QuestionId, UNKNOWN};
use crate::report::Report;
use clap::Args;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

/// Octets of an answers file that are read.
const MOST: u64 = 1 << 20;
const COLUMNS: usize = 80;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Domain or e-mail address to which mail fails
    #[arg(value_name = "TARGET", required_unless_present = "lab")]
    targets: Vec<String>,
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
    if let Some(path) = options.output.as_ref().filter(|path| path.exists()) {
        let message = format!("`{}` exists already", path.display());
        return Err(Failure::new(exit::CANNOT_CREATE, message));
    }
    let place = Place::of(options).await?;
    if let (true, Some(world)) = (targets.is_empty(), &place.world) {
        targets.extend(world.target().cloned());
    }
    let lines = options.format == Format::Jsonl || targets.len() > 1;
    let mut statuses = Vec::new();
    for target in targets {
        let (report, status) = one(target, options, &answers, &place).await;
        statuses.push(status);
        let text = match options.format {
            Format::Text => Ok(report.text(COLUMNS)),
            Format::Json if !lines => report.json(),
            Format::Json | Format::Jsonl => report.json_line(),
        };
        let mut text = text.map_err(|error| Failure::new(exit::IO, error.to_string()))?;
        if !text.ends_with('\n') {
            text.push('\n');
        }
        put(options.output.as_deref(), &text)?;
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

fn put(output: Option<&Path>, text: &str) -> Result<(), Failure> {
    let Some(path) = output else {
        return written(text.as_bytes()).map(drop);
    };
    let cannot = |error: io::Error| {
        Failure::new(
            exit::CANNOT_CREATE,
            format!("writing `{}`: {error}", path.display()),
        )
    };
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .map_err(cannot)?;
    file.write_all(text.as_bytes()).map_err(cannot)
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
