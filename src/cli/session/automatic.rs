//! A session that plays itself: `--send`, `--batch`, `--quit-after`, `--drop-after`.

use super::Arguments;
use super::host::address_of;
use super::scripted::shown_line;
use crate::case::Line;
use crate::cli::exit::{self, Failure};
use crate::cli::options::Format;
use crate::cli::world::Place;
use crate::cli::written;
use crate::engine::automatic::{self, Play, Stop};
use crate::net::smtp;
use crate::smtp::suggest::Plan;
use crate::smtp::{Timeouts, TlsPolicy};
use std::net::SocketAddr;
use std::process::ExitCode;

/// What is sent where nothing else is said.
const MESSAGE: &str = "Subject: test\n\nThis is a test message.\n";

pub(super) async fn run(
    arguments: &Arguments,
    plan: Plan,
    host: String,
    port: u16,
) -> Result<ExitCode, Failure> {
    if matches!(arguments.options.format, Format::Markdown | Format::Html) {
        return Err(Failure::new(
            exit::USAGE,
            "a transcript is written as text or JSON",
        ));
    }
    let place = Place::of(&arguments.options).await?;
    let address = address_of(&host, &place).await?;
    let to = SocketAddr::new(address, port);
    let network = place.dns.network();
    let options = smtp::Options {
        name: host.clone(),
        timeouts: Timeouts {
            greeting: network.limits().greeting,
            ..Timeouts::STANDARD
        },
        implicit_tls: plan.tls == TlsPolicy::OnConnect || port == 465,
    };
    let play = Play {
        message: MESSAGE.to_owned(),
        quit_after: arguments.envelope.quit_after(),
        drop_after: arguments.envelope.drop_after(),
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
    let played = automatic::play(network, &host, to, options, &play, &mut each)
        .await
        .map_err(|error| Failure::new(exit::UNAVAILABLE, error.to_string()))?;
    if !text {
        let json = serde_json::to_string(&played.transcript)
            .map_err(|error| Failure::new(exit::IO, error.to_string()))?;
        written(format!("{json}\n").as_bytes())?;
    }
    let failure = |code, stop: &Stop| Err(Failure::new(code, stop.to_string()));
    match &played.result {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(stop @ Stop::Refused { .. }) => failure(1, stop),
        Err(stop @ Stop::Over { .. }) => failure(exit::UNAVAILABLE, stop),
        Err(stop @ Stop::Local { .. }) => failure(exit::DATA, stop),
        Err(stop @ Stop::InClear) => {
            Err(Failure::new(exit::DATA, stop.to_string())
                .hint("--auth-in-clear logs in all the same"))
        }
        Err(stop @ Stop::Unverified { .. }) => Err(Failure::new(exit::DATA, stop.to_string())
            .hint("--unverified-login logs in all the same")),
    }
}
