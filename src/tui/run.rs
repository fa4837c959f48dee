//! The loop: waits for a key, a check, the session or a signal, and draws only when nothing
//! more is waiting. There is no tick; a timer runs only while something counts its time.

mod files;
mod session;
mod work;

pub use files::{look as look_at, weigh};
pub use session::{order_of, plan, shown};

use super::effect::Effect;
use super::event::Event;
use super::hits::Hits;
use super::screen::session::given;
use super::state::{Scenario, State};
use super::terminal::Screen as Terminal;
use super::theme::{Look, Theme};
use super::update::update;
use super::view::view;
use crate::case::{Case, Target};
use crate::engine::store::Store;
use crate::lab::{self, World};
use crate::net::dns::Dns;
use crate::net::smtp;
use crate::smtp::Timeouts;
use crate::smtp::suggest::Plan;
use crossterm::event::{Event as Term, EventStream, KeyEventKind, MouseEventKind};
use futures_util::StreamExt as _;
use jiff::Timestamp;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::unbounded_channel;
use work::Work;

/// How often what counts its time is drawn anew.
const COUNT: Duration = Duration::from_millis(250);
/// Changes of the case within this time are one save.
const SAVE: Duration = Duration::from_millis(400);

/// What the program begins with.
pub struct Options {
    pub case: Case,
    pub dns: Dns,
    /// The practice world that `dns` leads into, and its scenario.
    pub practice: Option<(World, lab::Scenario)>,
    /// Show the scenarios to choose from.
    pub choose: bool,
    /// Connect to this host and port at once; the checks wait until they are asked for.
    pub dial: Option<(String, u16)>,
    /// What that session is after, where more of it is given than a case holds.
    pub plan: Option<Plan>,
    /// How the connections of sessions are made.
    pub way: smtp::Options,
    pub look: Look,
}

/// Runs the interactive program until the user leaves or a signal ends it.
pub async fn run(options: Options) -> anyhow::Result<()> {
    let (outbox, mut inbox) = unbounded_channel();
    let mut world = Work {
        dns: options.dns,
        way: smtp::Options {
            timeouts: Timeouts::STANDARD,
            shows_chain: true,
            ..options.way
        },
        world: None,
        checks: None,
        session: None,
        log: None,
        look: None,
        outbox,
        store: Store::open().ok(),
        plan: options.dial.clone().zip(options.plan),
    };
    let mut state = State::new(options.case, world.moment(), Theme::new(options.look));
    let scenarios = lab::Scenario::all().unwrap_or_default();
    if options.choose || options.practice.is_some() {
        state.scenarios = scenarios.iter().map(offered).collect();
    }
    if let Some((practice, scenario)) = options.practice {
        state.scenario = Some(offered(&scenario));
        world.world = Some(practice);
    } else if options.choose {
        state
            .overlays
            .push(super::overlay::Overlay::Scenarios { selected: 0 });
    }
    let asked = world.plan.as_ref().and_then(|(_, plan)| given(plan));
    if let Some((envelope, typed)) = asked {
        state.session.envelope = Some(envelope);
        state.session.envelope_typed = typed;
    }
    let mut held = Terminal::enter()?;
    let size = held.terminal.size()?;
    state.size = (size.width, size.height);
    let first = match &options.dial {
        Some((host, port)) => state.dial(host, *port),
        None => state.begin(),
    };
    let mut quit = world.have_done(&mut state, first);
    let mut keys = EventStream::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hits = Hits::default();
    let mut dirty = true;
    let mut unsaved = false;
    while !quit {
        if dirty {
            held.terminal.draw(|frame| hits = view(&state, frame))?;
            update(&mut state, Event::Drawn(hits.seen.clone()));
            dirty = false;
        }
        let counts = state.counts_time();
        let event = tokio::select! {
            biased;
            _ = terminate.recv() => break,
            _ = hang_up.recv() => break,
            _ = interrupt.recv() => break,
            key = keys.next() => match key {
                Some(Ok(term)) => of_terminal(term, &hits),
                // The terminal is gone.
                Some(Err(_)) | None => break,
            },
            Some(event) = inbox.recv() => Some(event),
            () = tokio::time::sleep(SAVE), if unsaved => {
                unsaved = false;
                world.save(&state.case);
                continue;
            }
            () = tokio::time::sleep(COUNT), if counts => Some(Event::Time(world.moment())),
        };
        let mut next = event;
        while let Some(event) = next {
            dirty = true;
            let mut effects = update(&mut state, Event::Time(world.moment()));
            effects.extend(update(&mut state, event));
            unsaved |= effects.contains(&Effect::SaveCase);
            if effects.contains(&Effect::Suspend) {
                held.suspend()?;
            }
            quit |= world.have_done(&mut state, effects);
            // One drawing for everything that has come in the meantime.
            next = inbox.try_recv().ok();
        }
    }
    world.save(&state.case);
    Ok(())
}

fn of_terminal(term: Term, hits: &Hits) -> Option<Event> {
    match term {
        Term::Key(key) if key.kind != KeyEventKind::Release => Some(Event::Key(key)),
        Term::Paste(text) => Some(Event::Paste(text)),
        Term::Resize(columns, rows) => Some(Event::Resized(columns, rows)),
        Term::Mouse(mouse) => {
            let at = (mouse.column, mouse.row).into();
            match mouse.kind {
                MouseEventKind::Down(_) => hits.at(at).map(Event::Click),
                MouseEventKind::ScrollDown => hits
                    .pane_at(at)
                    .map(|pane| Event::Wheel { pane, down: true }),
                MouseEventKind::ScrollUp => hits
                    .pane_at(at)
                    .map(|pane| Event::Wheel { pane, down: false }),
                _ => None,
            }
        }
        _ => None,
    }
}

fn offered(scenario: &lab::Scenario) -> Scenario {
    Scenario {
        name: scenario.name.clone(),
        title: scenario.title.clone(),
        story: scenario.story.clone(),
        statuses: scenario.expect.status.as_slice().to_vec(),
        causes: scenario.expect.cause.0.clone(),
        answer: scenario.explanation.clone(),
    }
}

/// The case of a scenario, as its story gives it.
pub fn practice_case(scenario: &lab::Scenario, target: Option<Target>) -> Case {
    let mut case = Case::new(Timestamp::now());
    case.target = target;
    case.from.clone_from(&scenario.from);
    case.to.clone_from(&scenario.to);
    case.lab = Some(scenario.name.clone());
    for (question, answer) in &scenario.answers {
        case.answers.give(*question, answer);
    }
    case
}
