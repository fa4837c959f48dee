//! The loop: waits for a key, a check, the session or a signal, and draws only when nothing
//! more is waiting. There is no tick; a timer runs only while something counts its time.

mod files;

pub use files::{look as look_at, weigh};

use super::effect::Effect;
use super::event::{Event, Exported, Moment};
use super::hits::Hits;
use super::screen::logs::{LogEvent, LogOrder};
use super::screen::session::{Ready, Said, SessionEvent, SessionOrder, given};
use super::state::{Scenario, State};
use super::terminal::Screen as Terminal;
use super::theme::{Look, Theme};
use super::update::update;
use super::view::view;
use crate::case::{Answer, Case, Target};
use crate::check::{Request, Selector};
use crate::engine::live::{self, Order, Told};
use crate::engine::maillog::reading::{self, Reading};
use crate::engine::store::Store;
use crate::engine::{self, Change, Handle, trial};
use crate::knowledge::question::QuestionId;
use crate::knowledge::trial::trial;
use crate::lab::{self, World};
use crate::net::dns::Dns;
use crate::net::smtp;
use crate::net::{Clock, Limits};
use crate::smtp::suggest::Plan;
use crate::smtp::{HelloName, ReversePath, Timeouts};
use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{Event as Term, EventStream, KeyEventKind, MouseEventKind};
use futures_util::StreamExt as _;
use jiff::Timestamp;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

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

/// What has effects done.
struct Work {
    dns: Dns,
    way: smtp::Options,
    world: Option<World>,
    checks: Option<Handle>,
    session: Option<UnboundedSender<Order>>,
    /// The mail log that is read, and the last look into it.
    log: Option<Reading>,
    look: Option<Reading>,
    outbox: UnboundedSender<Event>,
    store: Option<Store>,
    /// The host of the command line, and what the session there is after: a password in it is
    /// for nobody else.
    plan: Option<((String, u16), Plan)>,
}

impl Work {
    fn moment(&self) -> Moment {
        Moment {
            at: Timestamp::now(),
            run_ms: self.dns.network().clock().elapsed_ms(),
        }
    }

    /// Whether the program is to end.
    fn have_done(&mut self, state: &mut State, effects: Vec<Effect>) -> bool {
        let mut quit = false;
        for effect in effects {
            match effect {
                Effect::Quit => quit = true,
                Effect::StartChecks(target) => self.check(&state.case, &target, None),
                Effect::Rerun(key) => match (&self.checks, &state.case.target) {
                    (Some(run), _) => run.again(key),
                    // A case that was opened again has checks, and no run of them yet.
                    (None, Some(target)) => self.check(&state.case, target, None),
                    (None, None) => {}
                },
                Effect::CancelChecks => self.checks.iter().for_each(Handle::cancel),
                Effect::Change(change) => match (&self.checks, &state.case.target) {
                    (Some(run), _) => run.change(change),
                    (None, Some(target)) => self.check(&state.case, target, Some(&change)),
                    (None, None) => {}
                },
                Effect::Session(order) => self.session(&state.case, order),
                Effect::Log(order) => self.log(order),
                Effect::Copy(text) => {
                    // A terminal without a clipboard ignores it.
                    let _ =
                        crossterm::execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text));
                }
                Effect::Export {
                    format,
                    path,
                    redact,
                    overwrite,
                } => {
                    let text = super::screen::report::rendered(format, &state.case, redact);
                    let again = Effect::Export {
                        format,
                        path: path.clone(),
                        redact,
                        overwrite: true,
                    };
                    self.tell(Event::Exported(write(path, &text, overwrite, again)));
                }
                Effect::Write {
                    path,
                    text,
                    overwrite,
                } => {
                    let again = Effect::Write {
                        path: path.clone(),
                        text: text.clone(),
                        overwrite: true,
                    };
                    self.tell(Event::Exported(write(path, &text, overwrite, again)));
                }
                Effect::Try { trial, host, port } => self.test(&state.case, &trial, host, port),
                Effect::Look(look) => {
                    let outbox = self.outbox.clone();
                    tokio::task::spawn_blocking(move || {
                        let found = look_at(&look);
                        // The loop has ended when nobody takes it.
                        let _ = outbox.send(Event::Looked { look, found });
                    });
                }
                Effect::Weigh { outline, from, to } => {
                    let outbox = self.outbox.clone();
                    tokio::spawn(async move {
                        let weight = weigh(&outline, &from, &to).await;
                        let _ = outbox.send(Event::Weighed { outline, weight });
                    });
                }
                Effect::Play { scenario } => self.play(&scenario),
                // Done by the loop, which has the terminal, and saves in its own time.
                Effect::SaveCase | Effect::Suspend => {}
            }
        }
        quit
    }

    fn tell(&self, event: Event) {
        // The loop has ended when nobody takes it.
        let _ = self.outbox.send(event);
    }

    fn save(&self, case: &Case) {
        let Some(store) = &self.store else { return };
        if case.target.is_none() && case.answers.is_empty() && case.notes.is_empty() {
            return;
        }
        if let Err(error) = store.save(case) {
            self.tell(Event::Failed {
                doing: "Saving the case".to_owned(),
                why: error.to_string(),
            });
        }
    }

    /// `change`: what is asked beside what the case tells.
    fn check(&mut self, case: &Case, target: &Target, change: Option<&Change>) {
        let mut request = Request::new(target);
        // What is told for the practice world, a login above all, goes nowhere else, whatever
        // case is open.
        let scenario = case.lab.as_deref().and_then(lab::Scenario::find);
        if let (Some(_), Some(Ok(scenario))) = (&self.world, scenario) {
            scenario.tell(&mut request);
        }
        request.from.clone_from(&case.from);
        request.to.clone_from(&case.to);
        let bounces = case.answers.get(QuestionId::Bounces);
        let text = bounces.map(Answer::joined).unwrap_or_default();
        Change::Selectors(Selector::of_message(&text, target.domain())).enter(&mut request);
        if let Some(change) = change {
            change.enter(&mut request);
        }
        let (handle, progress) = engine::start(request, &self.dns);
        self.checks = Some(handle);
        self.forward(progress, Event::Progress);
    }

    fn forward<T: Send + 'static>(
        &self,
        mut from: UnboundedReceiver<T>,
        as_event: impl Fn(T) -> Event + Send + 'static,
    ) {
        let outbox = self.outbox.clone();
        tokio::spawn(async move {
            while let Some(item) = from.recv().await {
                if outbox.send(as_event(item)).is_err() {
                    return;
                }
            }
        });
    }

    /// What was given for the session, completed by what the case suggests.
    fn plan(&self, case: &Case, place: &(String, u16)) -> Plan {
        let of_case = plan(case);
        let given = self.plan.as_ref().filter(|(own, _)| own == place);
        let Some((_, given)) = given.cloned() else {
            return of_case;
        };
        Plan {
            from: given.from.clone().or(of_case.from),
            to: if given.to.is_empty() {
                of_case.to
            } else {
                given.to.clone()
            },
            ..given
        }
    }

    fn session(&mut self, case: &Case, order: SessionOrder) {
        if let SessionOrder::Connect { host, port } = order {
            // The options are those of whatever host it is; the name is that of this one.
            let way = smtp::Options {
                name: host.clone(),
                ..self.way.clone()
            };
            let place = (host, port);
            let plan = self.plan(case, &place);
            let (host, port) = place;
            let (orders, told) = live::start(&self.dns, host, port, plan, way);
            self.session = Some(orders);
            self.forward(told, |told| Event::Session(shown(told)));
            return;
        }
        if let (Some(session), Some(order)) = (&self.session, order_of(order)) {
            // A session that has ended has said so.
            let _ = session.send(order);
        }
    }

    fn log(&mut self, order: LogOrder) {
        match order {
            LogOrder::Read { number, order } => {
                // What was read before is not wanted any more.
                self.look = None;
                let (reading, told) = reading::start(order);
                self.log = Some(reading);
                self.forward(told, move |told| {
                    Event::Log(LogEvent::Read { number, told })
                });
            }
            LogOrder::LookUp { number, order } => {
                let (reading, told) = reading::start(order);
                self.look = Some(reading);
                self.forward(told, move |told| {
                    Event::Log(LogEvent::Found { number, told })
                });
            }
            LogOrder::Stop => self.log.iter().for_each(Reading::stop),
            LogOrder::List(typed) => {
                let outbox = self.outbox.clone();
                // A folder on a slow disk holds nobody up.
                tokio::task::spawn_blocking(move || {
                    let candidates = reading::candidates(&typed);
                    let listed = LogEvent::Listed { typed, candidates };
                    // The loop has ended when nobody takes it.
                    let _ = outbox.send(Event::Log(listed));
                });
            }
        }
    }

    fn test(&self, case: &Case, id: &str, host: String, port: u16) {
        let Some(trial) = trial(id) else { return };
        let mailbox = |address: Option<&crate::case::MailAddress>| {
            address.and_then(|address| address.to_string().parse().ok())
        };
        let (from, to) = (mailbox(case.from.as_ref()), mailbox(case.to.as_ref()));
        let ended = trial::start(&self.dns, trial, (host, port), (from, to), self.way.clone());
        self.forward(ended, |ran| Event::Tried(ran.map(Box::new)));
    }

    fn play(&mut self, name: &str) {
        let found = lab::Scenario::all()
            .unwrap_or_default()
            .into_iter()
            .find(|scenario| scenario.name == name);
        let Some(scenario) = found else { return };
        // The world has to be there before anything asks in it.
        let started = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current()
                .block_on(World::start(&scenario, Clock::start(scenario.speed)))
        });
        match started {
            Ok(world) => {
                self.checks = None;
                self.session = None;
                self.dns = Dns::new(world.network(Limits::default()), world.resolvers().to_vec());
                let case = practice_case(&scenario, world.target().cloned());
                self.world = Some(world);
                self.tell(Event::Entered {
                    scenario: offered(&scenario),
                    case: Box::new(case),
                });
            }
            Err(error) => self.tell(Event::Failed {
                doing: "Starting the practice world".to_owned(),
                why: error.to_string(),
            }),
        }
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

/// The order for the connection that stands; none for a new one.
pub fn order_of(order: SessionOrder) -> Option<Order> {
    Some(match order {
        SessionOrder::Connect { .. } => return None,
        SessionOrder::Send(line) => Order::Send(line),
        SessionOrder::Message(outline) => Order::Message(outline),
        SessionOrder::Together => Order::Next,
        SessionOrder::Envelope(envelope) => Order::Envelope(envelope),
        SessionOrder::StartTls => Order::StartTls,
        SessionOrder::Raw(raw) => Order::Raw(raw),
        SessionOrder::LogIn(login, exposure) => Order::LogIn(login, exposure),
        SessionOrder::Drop => Order::Drop,
        SessionOrder::Disconnect => Order::Disconnect,
    })
}

/// What the connection tells, as this program takes it.
pub fn shown(told: Told) -> SessionEvent {
    match told {
        Told::Line(line) => SessionEvent::Line(line),
        Told::Replied { to, lines, took_ms } => SessionEvent::Replied(Said { to, lines, took_ms }),
        Told::Ready {
            suggested,
            together,
            because,
            permitted,
            encrypted,
            awaits_message,
            sender,
            recipients,
            standing,
        } => SessionEvent::Ready(Ready {
            suggested,
            together,
            because,
            permitted,
            encrypted,
            awaits_message,
            sender,
            recipients,
            standing,
        }),
        Told::Closed(why) => SessionEvent::Closed(why),
        Told::Tls(tls) => SessionEvent::Tls(tls),
    }
}

/// The envelope that the case suggests.
pub fn plan(case: &Case) -> Plan {
    let own = gethostname::gethostname().into_string().ok();
    let hello: Option<HelloName> = own
        .filter(|name| name.contains('.'))
        .and_then(|name| name.parse().ok());
    let to = case.to.as_ref().map(ToString::to_string).or_else(|| {
        let target = case.target.as_ref()?;
        Some(target.address().map_or_else(
            || format!("postmaster@{}", target.domain()),
            |address| address.to_string(),
        ))
    });
    Plan {
        from: Some(
            case.from
                .as_ref()
                .and_then(|from| from.to_string().parse().ok())
                .unwrap_or(ReversePath::Null),
        ),
        to: to.and_then(|to| to.parse().ok()).into_iter().collect(),
        message: true,
        ..Plan::new(
            hello.unwrap_or_else(|| HelloName::literal(std::net::Ipv4Addr::LOCALHOST.into())),
        )
    }
}

/// `again`: what overwrites the file, should there be one.
fn write(path: String, text: &str, overwrite: bool, again: Effect) -> Exported {
    let mut options = OpenOptions::new();
    options.write(true);
    if overwrite {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let done = options
        .open(Path::new(&path))
        .and_then(|mut file| file.write_all(text.as_bytes()));
    match done {
        Ok(()) => Exported::Written { path },
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Exported::Exists {
            path,
            again: Box::new(again),
        },
        Err(error) => Exported::Failed {
            path,
            why: error.to_string(),
        },
    }
}
