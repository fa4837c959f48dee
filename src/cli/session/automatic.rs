//! A session that plays itself: `--send`, `--batch`, `--quit-after`, `--drop-after`,
//! `--drop-after-send`.

use super::Arguments;
use super::opening::{Opening, refuse_reports};
use super::scripted::shown_line;
use crate::case::Line;
use crate::cli::exit::{self, Failure};
use crate::cli::options::Format;
use crate::cli::written;
use crate::engine::automatic::{self, Play, Stop};
use crate::smtp::ReversePath;
use crate::smtp::suggest::Plan;
use std::process::ExitCode;

pub(super) async fn run(
    arguments: &Arguments,
    plan: Plan,
    host: String,
    port: u16,
) -> Result<ExitCode, Failure> {
    refuse_reports(arguments)?;
    let opening = Opening::of(arguments, &host, port).await?;
    let from = plan.from.clone().unwrap_or(ReversePath::Null);
    let play = Play {
        message: arguments.message.letter(&from)?,
        quit_after: arguments.envelope.quit_after(),
        drop_after: arguments.envelope.drop_after(),
        drop_after_send: arguments.envelope.drop_after_send(),
        waits: arguments.envelope.waits(),
        ..Play::new(plan)
    };
    let text = arguments.options.format == Format::Text;
    let mut each = |line: &Line| {
        if text {
            // A reader that has gone away is noticed at the end.
            let _ = written(shown_line(line).as_bytes());
        }
    };
    let network = opening.network();
    let (options, to) = (opening.options.clone(), opening.to.clone());
    let played = automatic::play(network, &host, to, options, &play, &mut each)
        .await
        .map_err(|error| Failure::new(exit::UNAVAILABLE, error.to_string()))?;
    if !text {
        let json = serde_json::to_string(&played.transcript)
            .map_err(|error| Failure::new(exit::IO, error.to_string()))?;
        written(format!("{json}\n").as_bytes())?;
    }
    let tls = played.transcript.tls.as_ref();
    arguments.way.ended(tls, verdict(&played.result))
}

fn verdict(result: &Result<(), Stop>) -> Result<ExitCode, Failure> {
    let failure = |code, stop: &Stop| Err(Failure::new(code, stop.to_string()));
    match result {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(stop @ Stop::Refused { .. }) => failure(1, stop),
        Err(stop @ Stop::Over { .. }) => failure(exit::UNAVAILABLE, stop),
        Err(stop @ Stop::Local { .. }) => failure(exit::DATA, stop),
        Err(stop @ Stop::NoMessage { .. }) => failure(exit::NO_INPUT, stop),
        Err(stop @ Stop::InClear) => {
            Err(Failure::new(exit::DATA, stop.to_string())
                .hint("--auth-in-clear logs in all the same"))
        }
        Err(stop @ Stop::Unverified { .. }) => Err(Failure::new(exit::DATA, stop.to_string())
            .hint("--unverified-login logs in all the same")),
    }
}
