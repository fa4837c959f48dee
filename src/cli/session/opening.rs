//! Everything that a session without a screen needs before it connects.

use super::Arguments;
use crate::cli::exit::{self, Failure};
use crate::cli::options::Format;
use crate::cli::world::Place;
use crate::net::Network;
use crate::net::smtp::{Destination, Options};
use crate::smtp::Timeouts;

pub(super) struct Opening {
    place: Place,
    pub(super) options: Options,
    pub(super) to: Destination,
}

impl Opening {
    pub(super) async fn of(arguments: &Arguments, host: &str, port: u16) -> Result<Self, Failure> {
        let options = arguments.way.options(&arguments.options, host, port)?;
        let place = Place::of(&arguments.options).await?;
        let limits = place.dns.network().limits();
        let options = Options {
            timeouts: Timeouts {
                greeting: limits.greeting,
                ..Timeouts::STANDARD.at_most(limits.command)
            },
            ..options
        };
        let to = options
            .destination(&place.dns, host, port)
            .await
            .map_err(|error| Failure::new(exit::UNAVAILABLE, error.to_string()))?;
        Ok(Self { place, options, to })
    }

    pub(super) fn network(&self) -> &Network {
        self.place.dns.network()
    }
}

/// A session is written as text or JSON.
pub(super) fn refuse_reports(arguments: &Arguments) -> Result<(), Failure> {
    match arguments.options.format {
        Format::Markdown | Format::Html => Err(Failure::new(
            exit::USAGE,
            "a session is written as text or JSON",
        )),
        _ => Ok(()),
    }
}
