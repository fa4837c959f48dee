//! A session by script: `--script FILE`.

use super::Arguments;
use super::opening::{Opening, refuse_reports};
use crate::case::{From, Line};
use crate::cli::exit::{self, Failure};
use crate::cli::login;
use crate::cli::options::Format;
use crate::cli::written;
use crate::engine::script::{self, Outcome};
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::ExitCode;

/// Octets of a script that are read.
const MOST: u64 = 16 << 20;

pub(super) async fn run(
    arguments: &Arguments,
    script: &Path,
    host: String,
    port: u16,
) -> Result<ExitCode, Failure> {
    let shown = script.display();
    let steps = script::read(&read(script)?).map_err(|error| {
        Failure::new(
            exit::DATA,
            format!("the script `{shown}` cannot be used: {error}"),
        )
        .hint("a YAML list of steps, each with send, raw, starttls, auth, message, quit or drop, and expect, matches, wait, timeout or name")
    })?;
    refuse_reports(arguments)?;
    let passwords = passwords(&steps, arguments.password_file.as_deref())?;
    let opening = Opening::of(arguments, &host, port).await?;
    let text = arguments.options.format == Format::Text;
    let mut each = |line: &Line| {
        if text {
            // A reader that has gone away is noticed at the end.
            let _ = written(shown_line(line).as_bytes());
        }
    };
    let network = opening.network();
    let (options, to) = (opening.options.clone(), opening.to.clone());
    let played = script::play(network, &host, to, options, &steps, &passwords, &mut each)
        .await
        .map_err(|error| Failure::new(exit::UNAVAILABLE, error.to_string()))?;
    if !text {
        let json = serde_json::to_string(&played)
            .map_err(|error| Failure::new(exit::IO, error.to_string()))?;
        written(format!("{json}\n").as_bytes())?;
    }
    let tls = played.transcript.tls.clone();
    arguments.way.ended(tls.as_ref(), verdict(played))
}

fn verdict(played: script::Played) -> Result<ExitCode, Failure> {
    let code = match played.outcome() {
        Outcome::AsExpected => return Ok(ExitCode::SUCCESS),
        Outcome::Unexpected => 1,
        Outcome::Over => exit::UNAVAILABLE,
        Outcome::NotSent => exit::DATA,
    };
    let why = played
        .result
        .err()
        .map_or_else(String::new, |stop| stop.to_string());
    Err(Failure::new(code, why))
}

/// What the script's logins need, asked for once a user and before anything is connected.
fn passwords(steps: &[script::Step], file: Option<&Path>) -> Result<script::Passwords, Failure> {
    let logins = steps.iter().filter_map(|step| step.auth.as_ref());
    let mut passwords = script::Passwords::new();
    for auth in logins.filter(|auth| auth.needs_secret()) {
        if !passwords.contains_key(&auth.user) {
            passwords.insert(auth.user.clone(), login::password(&auth.user, file)?);
        }
    }
    Ok(passwords)
}

pub(super) fn shown_line(line: &Line) -> String {
    let mark = match (line.from, line.encrypted) {
        (From::Server, false) => "<-",
        (From::Server, true) => "<~",
        (From::Client, false) => "->",
        (From::Client, true) => "~>",
        (From::Event, _) => "--",
    };
    format!("{:>8} ms {mark} {}\n", line.at_ms, line.line)
}

fn read(path: &Path) -> Result<String, Failure> {
    let shown = path.display();
    let mut text = String::new();
    let done = if path.as_os_str() == "-" {
        io::stdin().lock().take(MOST).read_to_string(&mut text)
    } else {
        fs::File::open(path).and_then(|file| file.take(MOST).read_to_string(&mut text))
    };
    match done {
        Ok(_) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(Failure::new(
            exit::DATA,
            format!("the script `{shown}` is no UTF-8 text"),
        )),
        Err(error) => Err(Failure::new(
            exit::NO_INPUT,
            format!("reading the script `{shown}`: {error}"),
        )),
    }
}
