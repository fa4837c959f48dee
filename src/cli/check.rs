//! `smtp-tui check`: all checks without a screen.

use super::exit::{self, Failure};
use super::login::LoginOptions;
use super::options::{Options, Sender};
use super::output::Sink;
use super::world::Place;
use crate::case::{Answers, Case, Target};
use crate::check::smtp::same_organisation;
use crate::check::{Request, Selector};
use crate::diagnosis::{Status, diagnose};
use crate::engine::{self, Change, Progress};
use crate::knowledge::question::{QuestionId, UNKNOWN};
use crate::report::{CameBack, Report};
use crate::smtp::Login;
use clap::Args;
use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufRead, BufReader, IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// Octets of an answers file that are read.
const MOST: u64 = 1 << 20;
/// Octets of a file of targets that are read.
const MOST_TARGETS: u64 = 64 << 20;
const COLUMNS: usize = 80;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Domain or e-mail address to which mail fails; a bounce among the answers can name it
    #[arg(value_name = "TARGET", required_unless_present_any = ["lab", "targets_from", "answers"])]
    targets: Vec<String>,
    /// More targets, one a line, from this file, `-` for standard input
    #[arg(long, value_name = "FILE")]
    targets_from: Option<PathBuf>,
    /// JSON lines of an earlier run: the targets in them are not checked again
    #[arg(long, value_name = "FILE", requires = "targets_from")]
    done: Option<PathBuf>,
    /// Also ask every mail host whether it takes mail for the address of --from, which is no
    /// affair of its: an open relay does. No message is sent
    #[arg(long, requires = "from")]
    relay_test: bool,
    /// Where a host greylists, ask once more after so many seconds
    #[arg(long, value_name = "SECONDS", requires = "to", value_parser = clap::value_parser!(u64).range(1..=3600))]
    come_back: Option<u64>,
    /// Targets that are checked at the same time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: u16,
    #[command(flatten)]
    login: LoginOptions,
    #[command(flatten)]
    options: Options,
}

/// What is asked about a target, beside what the options say.
struct Told<'a> {
    answers: BTreeMap<QuestionId, String>,
    login: Option<Login>,
    options: &'a LoginOptions,
    relay_test: bool,
    come_back: Option<Duration>,
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
    if arguments.login.is_wanted() && (targets.len() > 1 || arguments.targets_from.is_some()) {
        // A password is for one server, not for whoever stands in a list.
        let text = "--login goes with one target alone";
        return Err(Failure::new(exit::USAGE, text));
    }
    if options.to.len() > 1 {
        let text = "a verdict is about one recipient: --to ADDR";
        return Err(Failure::new(exit::USAGE, text));
    }
    let sender = options.from.as_ref().and_then(Sender::address);
    if let (true, Some(from), [target]) = (arguments.relay_test, sender, &targets[..])
        && same_organisation(from.domain(), target.domain())
    {
        let text =
            format!("--relay-test needs a sender of another domain, and {from} is of {target}");
        return Err(Failure::new(exit::USAGE, text));
    }
    let told = Told {
        answers,
        relay_test: arguments.relay_test,
        come_back: arguments.come_back.map(Duration::from_secs),
        login: arguments.login.read()?,
        options: &arguments.login,
    };
    let mut sink = Sink::open(&options.output)?;
    let place = Place::of(options).await?;
    if let (true, Some(world)) = (targets.is_empty(), &place.world) {
        targets.extend(world.target().cloned());
    }
    if targets.is_empty() && arguments.targets_from.is_none() {
        targets.push(target_of_bounce(&told.answers)?);
    }
    let mut statuses = Vec::new();
    let batch = targets.len() > 1;
    if let Some(path) = &arguments.done {
        let done = read_done(path)?;
        targets.retain(|target| !done.reports.contains_key(&target.to_string()));
        statuses.extend(done.reports.into_values());
        if done.cut_off && !targets.is_empty() {
            // What is appended must not go on in the middle of a line.
            sink.put("\n")?;
        }
    }
    let form = options.format.form(batch);
    let mut reports = stream::iter(targets)
        .map(|target| one(target, options, &told, &place))
        .buffer_unordered(usize::from(arguments.jobs));
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
    told: &Told<'_>,
    place: &Place,
) -> (Report, Status) {
    let mut case = Case::new(Timestamp::now());
    let scenario = place.scenario.as_ref();
    let (from, to) = scenario.map_or((None, None), |scenario| {
        (scenario.from.clone(), scenario.to.clone())
    });
    case.from = match &options.from {
        Some(sender) => sender.address().cloned(),
        None => from,
    };
    case.to = options.to.first().cloned().or(to);
    case.lab = scenario.map(|scenario| scenario.name.clone());
    case.answers = Answers::default();
    let story = scenario
        .map(|scenario| &scenario.answers)
        .into_iter()
        .flatten();
    for (question, word) in story.chain(&told.answers) {
        case.answers.give(*question, word);
    }
    let mut request = Request::new(&target);
    if let Some(scenario) = scenario {
        scenario.tell(&mut request);
    }
    request.from.clone_from(&case.from);
    request.to.clone_from(&case.to);
    request.source_ip = options.source_ip.or(request.source_ip);
    if !options.selector.is_empty() {
        request.selectors = options.selector.iter().cloned().map(Into::into).collect();
    }
    // The message that was pasted names the keys that its signatures were made with.
    if let Some(text) = case.answers.get(QuestionId::Bounces) {
        let found = Selector::of_message(&text.joined(), target.domain());
        Change::Selectors(found).enter(&mut request);
    }
    request.ehlo.clone_from(&options.ehlo);
    request.submission = told.options.place();
    request.login = told.login.clone().or(request.login);
    request.unverified_login = told.options.goes_unverified();
    request.relay_test = told.relay_test;
    request.come_back = told.come_back;
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

/// The domain at fault, by the bounce among the answers.
fn target_of_bounce(answers: &BTreeMap<QuestionId, String>) -> Result<Target, Failure> {
    let told = answers
        .get(&QuestionId::Bounces)
        .map(|text| CameBack::read(text.as_bytes()));
    let lead = told.and_then(|told| told.lead);
    let target = lead.as_ref().and_then(|lead| lead.target()?.parse().ok());
    target.ok_or_else(|| {
        let text = "a domain or an address to check is needed";
        Failure::new(exit::USAGE, text)
            .hint("smtp-tui check example.org; no bounce among the answers names one")
    })
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

/// What an earlier run had come to.
struct Done {
    reports: BTreeMap<String, Status>,
    /// The last line is not whole: the run was ended while it was written.
    cut_off: bool,
}

/// Reads the whole lines of an earlier run, which is still to begin where the file is not there.
fn read_done(path: &Path) -> Result<Done, Failure> {
    #[derive(serde::Deserialize)]
    struct Line {
        target: String,
        verdict: Verdict,
    }
    #[derive(serde::Deserialize)]
    struct Verdict {
        status: Status,
    }
    let mut done = Done {
        reports: BTreeMap::new(),
        cut_off: false,
    };
    let unreadable = |error: io::Error| {
        let text = format!("reading what is done from `{}`: {error}", path.display());
        Failure::new(exit::NO_INPUT, text)
    };
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(done),
        Err(error) => return Err(unreadable(error)),
    };
    let mut input = BufReader::new(file);
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
            return Ok(done);
        }
        done.cut_off = !line.ends_with(b"\n");
        if done.cut_off {
            return Ok(done);
        }
        // A line that is no report is one that was cut off before.
        if let Ok(line) = serde_json::from_slice::<Line>(&line) {
            done.reports.insert(line.target, line.verdict.status);
        }
    }
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
