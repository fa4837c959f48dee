//! What has effects done: the checks, the session, the log, files, the practice world.

use super::files::{look as look_at, weigh, write};
use super::session::{order_of, plan, shown};
use super::{offered, practice_case};
use crate::case::{Answer, Case, Target};
use crate::check::{Request, Selector};
use crate::engine::live::{self, Order};
use crate::engine::maillog::reading::{self, Reading};
use crate::engine::path;
use crate::engine::store::Store;
use crate::engine::{self, Change, Handle, trial};
use crate::knowledge::question::QuestionId;
use crate::knowledge::trial::trial;
use crate::lab::{self, World};
use crate::net::dns::Dns;
use crate::net::smtp;
use crate::net::{Clock, Limits};
use crate::smtp::suggest::Plan;
use crate::tui::effect::Effect;
use crate::tui::event::{Event, Moment};
use crate::tui::screen;
use crate::tui::screen::logs::{LogEvent, LogOrder};
use crate::tui::screen::session::SessionOrder;
use crate::tui::state::State;
use crossterm::clipboard::CopyToClipboard;
use jiff::Timestamp;
use std::io;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

/// What has effects done.
pub(super) struct Work {
    pub(super) dns: Dns,
    pub(super) way: smtp::Options,
    pub(super) world: Option<World>,
    pub(super) checks: Option<Handle>,
    pub(super) session: Option<UnboundedSender<Order>>,
    /// The mail log that is read, and the last look into it.
    pub(super) log: Option<Reading>,
    pub(super) look: Option<Reading>,
    pub(super) outbox: UnboundedSender<Event>,
    pub(super) store: Option<Store>,
    /// The host of the command line, and what the session there is after: a password in it is
    /// for nobody else.
    pub(super) plan: Option<((String, u16), Plan)>,
}

impl Work {
    pub(super) fn moment(&self) -> Moment {
        Moment {
            at: Timestamp::now(),
            run_ms: self.dns.network().clock().elapsed_ms(),
        }
    }

    /// Whether the program is to end.
    pub(super) fn have_done(&mut self, state: &mut State, effects: Vec<Effect>) -> bool {
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
                    let text = screen::report::rendered(format, &state.case, redact);
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
                Effect::Complete(typed) => {
                    let outbox = self.outbox.clone();
                    // A folder on a slow disk holds nobody up.
                    tokio::task::spawn_blocking(move || {
                        let candidates = path::beginning_with(&typed);
                        let _ = outbox.send(Event::Completing { typed, candidates });
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

    pub(super) fn save(&self, case: &Case) {
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
