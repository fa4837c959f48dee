//! `smtp-tui [TARGET]` and `smtp-tui lab [SCENARIO]`: the screens.

use super::exit::{self, Failure};
use super::options::Options as CommandOptions;
use super::world::{Place, scenario};
use crate::case::{Case, Target};
use crate::engine::store::{Store, StoreError};
use crate::lab::World;
use crate::net::dns::Dns;
use crate::net::{Clock, Limits, Network};
use crate::smtp::suggest::Plan;
use crate::tui::run::{Options, practice_case, run};
use crate::tui::theme::{Depth, Look};
use clap::Args;
use jiff::Timestamp;
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;

#[derive(Debug, Default, Args)]
#[group(id = "interactive")]
pub(super) struct Arguments {
    /// Domain or e-mail address to which mail fails
    #[arg(value_name = "TARGET")]
    target: Option<String>,
    /// Open the case that was saved last
    #[arg(long)]
    resume: bool,
    #[command(flatten)]
    drawing: Drawing,
}

/// How the screens are drawn.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(super) struct Drawing {
    /// Draw with ASCII alone
    #[arg(long)]
    ascii: bool,
    /// No colour; so does the environment variable `NO_COLOR`
    #[arg(long)]
    no_color: bool,
}

pub(super) async fn real(arguments: Arguments) -> Result<ExitCode, Failure> {
    let mut case = if arguments.resume {
        resumed()?
    } else {
        Case::new(Timestamp::now())
    };
    if let Some(text) = &arguments.target {
        let target = text
            .parse::<Target>()
            .map_err(|error| Failure::new(exit::DATA, error.to_string()))?;
        case.target = Some(target);
    }
    let dns = Dns::new(
        Network::internet(),
        Dns::system_resolvers().unwrap_or_default(),
    );
    Box::pin(show(Options {
        case,
        dns,
        practice: None,
        choose: false,
        dial: None,
        plan: None,
        way: crate::net::smtp::Options::default(),
        look: look(arguments.drawing),
    }))
    .await
}

/// The practice world; without a name, the scenarios to choose from.
pub(super) async fn practice(
    name: Option<&str>,
    speed: Option<u32>,
    drawing: Drawing,
) -> Result<ExitCode, Failure> {
    let scenario = scenario(name.unwrap_or("healthy"))?;
    let world = World::start(&scenario, Clock::start(speed.unwrap_or(scenario.speed)))
        .await
        .map_err(|error| {
            Failure::new(
                exit::UNAVAILABLE,
                format!("starting the practice world: {error}"),
            )
        })?;
    let dns = Dns::new(world.network(Limits::default()), world.resolvers().to_vec());
    let chosen = name.is_some();
    let case = if chosen {
        practice_case(&scenario, world.target().cloned())
    } else {
        Case::new(Timestamp::now())
    };
    Box::pin(show(Options {
        case,
        dns,
        practice: chosen.then_some((world, scenario)),
        choose: !chosen,
        dial: None,
        plan: None,
        way: crate::net::smtp::Options::default(),
        look: look(drawing),
    }))
    .await
}

/// The screens, in the live session with that host.
pub(super) async fn dialogue(
    options: &CommandOptions,
    host: String,
    port: u16,
    plan: Plan,
    way: crate::net::smtp::Options,
) -> Result<ExitCode, Failure> {
    let place = Place::of(options).await?;
    let mut case = match (&place.scenario, &place.world) {
        (Some(scenario), Some(world)) => practice_case(scenario, world.target().cloned()),
        _ => Case::new(Timestamp::now()),
    };
    if let Some(sender) = &options.from {
        case.from = sender.address().cloned();
    }
    if let Some(to) = options.to.first() {
        case.to = Some(to.clone());
    }
    Box::pin(show(Options {
        case,
        dns: place.dns,
        practice: place.world.zip(place.scenario),
        choose: false,
        dial: Some((host, port)),
        plan: Some(plan),
        way,
        look: look(Drawing {
            ascii: false,
            no_color: options.output.no_color,
        }),
    }))
    .await
}

fn resumed() -> Result<Case, Failure> {
    Store::open()
        .and_then(|store| store.latest())
        .map_err(|error| refused(&error))
}

/// Why a saved case cannot be had.
pub(super) fn refused(error: &StoreError) -> Failure {
    let code = match error {
        StoreError::NotFound(_) | StoreError::NoHome(_) => exit::NO_INPUT,
        StoreError::Unusable { .. } => exit::DATA,
        StoreError::CannotWrite { .. } => exit::IO,
    };
    Failure::new(code, error.to_string())
}

fn look(drawing: Drawing) -> Look {
    let mut look = Look::of_environment(|name| std::env::var(name).ok());
    look.ascii |= drawing.ascii;
    if drawing.no_color {
        look.depth = Depth::None;
    }
    look
}

async fn show(options: Options) -> Result<ExitCode, Failure> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::new(exit::USAGE, "the screens need a terminal")
            .hint("`smtp-tui check TARGET` prints a report without one"));
    }
    Box::pin(run(options))
        .await
        .map(|()| ExitCode::SUCCESS)
        .map_err(|error| Failure::new(exit::IO, format!("the terminal: {error:#}")))
}
