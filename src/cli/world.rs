//! The network that a command looks at: the real one, or a practice world.

use super::exit::{self, Failure};
use super::options::Options;
use crate::lab::{Scenario, World};
use crate::net::dns::Dns;
use crate::net::{Clock, Limits, Network, Routes};
use std::time::Duration;

/// Without somebody who watches, a greeting is not waited for as long as the standard allows.
const UNWATCHED_GREETING: Duration = Duration::from_secs(45);
const UNWATCHED_COMMAND: Duration = Duration::from_secs(30);

pub(super) struct Place {
    pub(super) dns: Dns,
    pub(super) scenario: Option<Scenario>,
    /// Ends when it is dropped.
    pub(super) world: Option<World>,
}

impl Place {
    pub(super) async fn of(options: &Options) -> Result<Self, Failure> {
        let limits = limits(options);
        if let Some(name) = &options.lab {
            let scenario = scenario(name)?;
            let world = World::start(&scenario, Clock::start(scenario.speed))
                .await
                .map_err(|error| {
                    Failure::new(
                        exit::UNAVAILABLE,
                        format!("starting the practice world: {error}"),
                    )
                })?;
            return Ok(Self {
                dns: Dns::new(world.network(limits), world.resolvers().to_vec()),
                scenario: Some(scenario),
                world: Some(world),
            });
        }
        let network = Network::new(Routes::Internet, Clock::start(1), limits, options.source_ip);
        let resolvers = match options.resolver {
            Some(resolver) => vec![resolver],
            // A machine without a resolver is a finding, not a reason to stop.
            None => Dns::system_resolvers().unwrap_or_default(),
        };
        Ok(Self {
            dns: Dns::new(network, resolvers),
            scenario: None,
            world: None,
        })
    }
}

fn limits(options: &Options) -> Limits {
    let usual = Limits {
        greeting: UNWATCHED_GREETING,
        command: UNWATCHED_COMMAND,
        ..Limits::default()
    };
    match options.timeout {
        Some(seconds) => Limits {
            greeting: Duration::from_secs(seconds),
            ..usual.at_most(Duration::from_secs(seconds))
        },
        None => usual,
    }
}

/// The scenario of that name; an error names the nearest.
pub(super) fn scenario(name: &str) -> Result<Scenario, Failure> {
    let all = Scenario::all().map_err(|error| {
        Failure::new(exit::UNAVAILABLE, format!("reading the scenarios: {error}"))
    })?;
    let nearest = all
        .iter()
        .map(|scenario| scenario.name.clone())
        .max_by(|a, b| strsim::jaro_winkler(a, name).total_cmp(&strsim::jaro_winkler(b, name)));
    all.into_iter()
        .find(|scenario| scenario.name == name)
        .ok_or_else(|| {
            let failure = Failure::new(exit::USAGE, format!("there is no scenario `{name}`"));
            match nearest {
                Some(nearest) => failure.hint(format!(
                    "`{nearest}` is the nearest; `smtp-tui lab --list` prints them all"
                )),
                None => failure,
            }
        })
}
