//! The session that a person holds on the screen, against what answers.

use super::{
    AT_ONCE, FINE, LONGEST, PASSWORD, Place, complaints, is_unsafe, places, with_a_fine_host,
};
use crate::passes::by_passes;
use crate::screens::drawn;
use crate::setup;
use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::Timestamp;
use rstest::rstest;
use smtp_tui::case::Case;
use smtp_tui::engine::live::{self, Order, Told};
use smtp_tui::engine::message::{Outline, Text};
use smtp_tui::lab::Stage;
use smtp_tui::net::Clock;
use smtp_tui::net::dns::Dns;
use smtp_tui::net::smtp::Options;
use smtp_tui::smtp::sasl::SaslMechanism;
use smtp_tui::smtp::suggest::{Exposure, Plan};
use smtp_tui::smtp::{Login, TlsPolicy};
use smtp_tui::text::Secret;
use smtp_tui::tui::event::{Event, Moment};
use smtp_tui::tui::run::shown;
use smtp_tui::tui::screen::session::Phase;
use smtp_tui::tui::state::State;
use smtp_tui::tui::theme::{Look, Theme};
use smtp_tui::tui::update::update;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

/// How many orders one session gets: more than any dialogue has.
const MOST_ORDERS: usize = 40;
/// How long the end may take once it is ordered.
const AT_ONCE_ENDED: Duration = Duration::from_secs(3);

/// Who sits before the screen, and what they have seen.
struct Person<'a> {
    state: State,
    dns: &'a Dns,
    clock: Clock,
}

/// How one session went.
struct Held {
    lines: Vec<String>,
    /// What the last reply answered.
    got_to: String,
    /// From the order to end the connection to the end, where it was given.
    end_took: Option<Duration>,
}

impl<'a> Person<'a> {
    fn before(dns: &'a Dns, clock: Clock) -> Self {
        let now = Moment {
            at: Timestamp::now(),
            run_ms: 0,
        };
        let case = Case::new(now.at);
        Self {
            state: State::new(case, now, Theme::new(Look::default())),
            dns,
            clock,
        }
    }

    /// Dials, and does what is suggested until nothing is left. With a `patience`, drops the
    /// connection once nothing has been told for so long.
    async fn hold(
        &mut self,
        host: &str,
        port: u16,
        talk: &Talk,
        mut patience: Option<Duration>,
    ) -> Held {
        self.state.dial(host, port);
        let plan = talk.plan();
        let options = Options::default();
        let (orders, mut told) = live::start(self.dns, host.to_owned(), port, plan, options);
        let (mut given, mut logged_in) = (0, false);
        let (mut got_to, mut dropped_at) = (String::new(), None);
        loop {
            let waited = match patience {
                None => Ok(told.recv().await),
                Some(limit) => self.clock.timeout(limit, told.recv()).await,
            };
            let Ok(next) = waited else {
                patience = None;
                dropped_at = Some(self.clock.elapsed());
                // An end that came meanwhile will have said so.
                let _ = orders.send(Order::Drop);
                continue;
            };
            let Some(next) = next else { break };
            let Some(ready) = self.take(next, &mut told, &mut got_to) else {
                continue;
            };
            let order = if ready.awaits_message {
                Order::Message(Box::new(Outline::new(Text::Draft(talk.message.clone()))))
            } else if given >= MOST_ORDERS || ready.suggested.is_empty() || dropped_at.is_some() {
                Order::Drop
            } else if talk.logs_in && !logged_in && ready.suggested.starts_with("MAIL") {
                logged_in = true;
                Order::LogIn(
                    Box::new(login()),
                    Exposure {
                        in_clear: true,
                        unverified: true,
                    },
                )
            } else {
                Order::Send(ready.suggested)
            };
            given += 1;
            let _ = orders.send(order);
        }
        let lines = self.state.session.lines.iter();
        Held {
            lines: lines.map(|line| line.line.to_string()).collect(),
            got_to,
            end_took: dropped_at.map(|at| self.clock.elapsed().saturating_sub(at)),
        }
    }

    /// Takes it and all that has come behind it; the last word on what can be done now.
    fn take(
        &mut self,
        first: Told,
        told: &mut UnboundedReceiver<Told>,
        got_to: &mut String,
    ) -> Option<Ready> {
        let mut last = None;
        let mut next = Some(first);
        while let Some(one) = next {
            match &one {
                Told::Ready {
                    suggested,
                    awaits_message,
                    ..
                } => {
                    last = Some(Ready {
                        suggested: suggested.clone(),
                        awaits_message: *awaits_message,
                    });
                }
                Told::Replied { to, .. } => got_to.clone_from(to),
                Told::Closed(_) => last = None,
                _ => {}
            }
            update(&mut self.state, Event::Session(shown(one)));
            next = told.try_recv().ok();
        }
        last
    }

    /// What is wrong with what is on the screen now.
    fn looks(&mut self) -> Vec<String> {
        let mut wrong = Vec::new();
        for size in [(80, 24), (160, 45)] {
            let (text, _) = drawn(&mut self.state, size);
            if text.chars().any(|c| c != '\n' && is_unsafe(c)) {
                wrong.push(format!("the screen of {size:?} is not safe:\n{text}"));
            }
        }
        if self.state.session.phase != Phase::Closed {
            wrong.push(format!("the screen says {:?}", self.state.session.phase));
        }
        wrong
    }
}

struct Ready {
    suggested: String,
    awaits_message: bool,
}

/// What the person is after.
struct Talk {
    tls: TlsPolicy,
    logs_in: bool,
    message: String,
}

impl Talk {
    fn with(place: &Place) -> Self {
        Self {
            tls: match place.stage {
                Stage::Starttls => TlsPolicy::Required,
                _ => TlsPolicy::Never,
            },
            logs_in: place.stage == Stage::Auth,
            message: format!("Subject: x\n\n{}", place.body()),
        }
    }

    fn plan(&self) -> Plan {
        let to = "info@hostile-test.org";
        Plan {
            tls: self.tls,
            from: "ann@elsewhere.org".parse().ok(),
            to: vec![to.parse().expect("an address"); 2],
            message: true,
            ..Plan::new("me.example".parse().expect("a name"))
        }
    }
}

fn login() -> Login {
    let secret = Secret::new(PASSWORD.to_owned());
    let login = Login::new("ann", secret).expect("a login");
    login.by(SaslMechanism::Plain)
}

/// What is wrong with a session at this place, and with one to a good host after it.
async fn wrong_at(place: &Place, host: &str, dns: &Dns, patience: Option<Duration>) -> Vec<String> {
    let clock = *dns.network().clock();
    let mut person = Person::before(dns, clock);
    let talk = Talk::with(place);
    let session = person.hold(host, place.behaviour.port, &talk, patience);
    let Ok(held) = clock.timeout(LONGEST, Box::pin(session)).await else {
        return vec!["it never ended".to_owned()];
    };
    let lines: Vec<&str> = held.lines.iter().map(String::as_str).collect();
    let mut wrong = match held.end_took {
        // Whoever did not wait for the end does not see it.
        Some(took) if took > AT_ONCE_ENDED => vec![format!(
            "{} s from the order to drop it to the end",
            took.as_secs()
        )],
        Some(_) => Vec::new(),
        None => complaints(place, &lines),
    };
    wrong.extend(person.looks());
    let fine = Talk {
        tls: TlsPolicy::Required,
        logs_in: false,
        message: "Subject: x\n\nx\n".to_owned(),
    };
    let next = person.hold(FINE, 25, &fine, None);
    match clock.timeout(LONGEST, Box::pin(next)).await {
        Ok(held) if held.got_to == "QUIT" => {}
        Ok(held) => wrong.push(format!("the next session came to {:?}", held.lines.last())),
        Err(_) => wrong.push("the next session never ended".to_owned()),
    }
    wrong
}

async fn whatever_answers(stages: &[Stage], patience: Option<Duration>) {
    let places = places(stages);
    assert!(!places.is_empty());
    let every: Vec<&Place> = places.iter().collect();
    let (world, dns) = setup::world(&with_a_fine_host(&every)).await;
    let failures: Vec<String> = stream::iter(places.iter().enumerate())
        .map(|(number, place)| {
            let dns = &dns;
            async move {
                let host = format!("h{number}.hostile-test.org");
                let wrong = Box::pin(wrong_at(place, &host, dns, patience)).await;
                (!wrong.is_empty()).then(|| format!("{}: {}", place.script, wrong.join("\n  ")))
            }
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(async |failure| failure)
        .collect()
        .await;
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    world.close().await;
}

#[rstest]
#[case::connect(&[Stage::Connect])]
#[case::banner(&[Stage::Banner])]
#[case::ehlo(&[Stage::Ehlo])]
#[case::starttls(&[Stage::Starttls])]
#[case::auth(&[Stage::Auth])]
#[case::mail_and_rcpt(&[Stage::Mail, Stage::Rcpt])]
#[case::data_and_message(&[Stage::Data, Stage::Message, Stage::Quit])]
#[case::body(&[Stage::Body])]
fn a_person_takes_whatever_answers(#[case] stages: &[Stage]) {
    by_passes(whatever_answers(stages, None));
}

/// Nobody has to wait for a server that is silent, does not read, or does not shake hands.
#[rstest]
#[case::connect(&[Stage::Connect])]
#[case::ehlo(&[Stage::Ehlo])]
#[case::starttls(&[Stage::Starttls])]
#[case::auth(&[Stage::Auth])]
#[case::rcpt(&[Stage::Rcpt])]
#[case::body_and_message(&[Stage::Body, Stage::Message, Stage::Quit])]
fn whoever_has_enough_of_it_is_free_at_once(#[case] stages: &[Stage]) {
    by_passes(whatever_answers(stages, Some(Duration::from_secs(20))));
}
