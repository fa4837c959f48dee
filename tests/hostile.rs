//! Every kind of `assets/hostile.yaml` at every stage that it has, against a real session;
//! and what a check makes of it.

use crate::passes::by_passes;
use crate::scenarios::played;
use futures_util::StreamExt as _;
use futures_util::stream;
use rstest::rstest;
use smtp_tui::case::Transcript;
use smtp_tui::engine::script::{self, Passwords};
use smtp_tui::lab::{Behaviour, Scenario, Stage, World};
use smtp_tui::net::smtp::Options;
use smtp_tui::net::{Clock, Limits, Network};
use smtp_tui::smtp::Timeouts;
use smtp_tui::text::Secret;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

/// Of the world's time: every wait of RFC 5321 section 4.5.3.2 put together is less.
const LONGEST: Duration = Duration::from_hours(1);
/// Octets of a transcript.
const MOST_OCTETS: usize = 3 << 20;
const MOST_LINES: usize = 2_100;
const PASSWORD: &str = "Canary-73!pass";
/// Octets of a message that no socket's buffers hold.
const LARGE: usize = 24 << 20;
/// Hosts of one world that are talked to at once.
const AT_ONCE: usize = 8;

/// A kind at a stage, and the address where it is at home.
struct Place {
    behaviour: &'static Behaviour,
    stage: Stage,
    script: String,
    address: Ipv4Addr,
}

fn places(wanted: &[Stage]) -> Vec<Place> {
    let mut places = Vec::new();
    for behaviour in Behaviour::all() {
        for stage in behaviour.at.as_slice() {
            if !wanted.contains(stage) {
                continue;
            }
            let word = format!("{stage:?}").to_lowercase();
            let number = u8::try_from(places.len() + 1).expect("an address is left");
            places.push(Place {
                behaviour,
                stage: *stage,
                script: format!("{}@{word}", behaviour.kind),
                address: Ipv4Addr::new(78, 46, 113, number),
            });
        }
    }
    places
}

/// A world with a healthy mail host and one for each place.
fn scenario(places: &[&Place], expect: &str) -> Scenario {
    let hosts: Vec<String> = places
        .iter()
        .enumerate()
        .map(|(number, place)| {
            format!(
                "{{name: h{number}.$domain, address: {}, other_ports: [465], smtp: {{hostile: {}}}}}",
                place.address, place.script
            )
        })
        .collect();
    let text = format!(
        "{{name: x, title: x, story: x, hints: [x], domain: hostile-test.org, speed: 1, \
         expect: {expect}, explanation: x, world: {{mail_hosts: [{}]}}}}",
        hosts.join(", ")
    );
    Scenario::from_yaml(&text).expect("a scenario")
}

const HEALTHY: &str = "{status: healthy, cause: none}";

fn steps(place: &Place) -> Vec<script::Step> {
    let large = "y".repeat(70) + "\n";
    let body = if place.behaviour.large {
        large.repeat(LARGE / large.len())
    } else {
        "hello\n".to_owned()
    };
    let mut text = String::from("- send: EHLO me.example\n");
    if place.stage == Stage::Starttls {
        text.push_str("- starttls: true\n- send: EHLO me.example\n");
    }
    if place.stage == Stage::Auth {
        text.push_str("- auth: {mechanism: PLAIN, user: ann, in_clear: true, unverified: true}\n");
    }
    text.push_str(
        "- send: MAIL FROM:<ann@elsewhere.org>\n\
         - send: RCPT TO:<info@hostile-test.org>\n\
         - send: RCPT TO:<info@hostile-test.org>\n\
         - wait: 20\n  send: DATA\n",
    );
    let mut steps = script::read(&text).expect("steps");
    steps.push(script::Step {
        message: Some(format!("Subject: x\n\n{body}")),
        ..script::Step::default()
    });
    steps.push(script::Step {
        quit: true,
        ..script::Step::default()
    });
    steps
}

/// What a session with it comes to: the transcript, or why there was none.
async fn session(network: &Network, place: &Place, steps: &[script::Step]) -> (Transcript, String) {
    let port = place.behaviour.port;
    let options = Options {
        name: "h0.hostile-test.org".into(),
        timeouts: Timeouts::STANDARD,
        ..Options::default()
    }
    .with_defaults("", port);
    let to = SocketAddr::new(place.address.into(), port);
    let passwords = Passwords::from([("ann".to_owned(), Secret::new(PASSWORD.to_owned()))]);
    let mut each = |_: &_| {};
    match script::play(
        network,
        "h.example",
        to.into(),
        options,
        steps,
        &passwords,
        &mut each,
    )
    .await
    {
        Ok(played) => {
            let stopped = played.result.err().map(|stop| stop.to_string());
            (played.transcript, stopped.unwrap_or_default())
        }
        Err(error) => {
            let none = Transcript {
                host: "h.example".into(),
                address: place.address.to_string().into(),
                port,
                transcript: Vec::new(),
                ..Transcript::default()
            };
            (none, error.to_string())
        }
    }
}

/// What is wrong with how the program took it, in words.
fn complaints(place: &Place, transcript: &Transcript, stopped: &str) -> Vec<String> {
    let lines: Vec<&str> = transcript
        .transcript
        .iter()
        .map(|line| line.line.as_str())
        .chain([stopped])
        .collect();
    let mut wrong = Vec::new();
    let says = place.behaviour.says.as_str();
    if !lines.iter().any(|line| line.contains(says)) {
        wrong.push(format!("no line says `{says}`"));
    }
    if let Some(never) = &place.behaviour.never
        && lines.iter().any(|line| line.contains(never.as_str()))
    {
        wrong.push(format!("a line says `{never}`"));
    }
    if lines.iter().any(|line| line.chars().any(is_unsafe)) {
        wrong.push("a line is not safe".to_owned());
    }
    let octets: usize = lines.iter().map(|line| line.len()).sum();
    if octets > MOST_OCTETS || lines.len() > MOST_LINES {
        wrong.push(format!("{} lines, {octets} octets", lines.len()));
    }
    let (half, rest) = PASSWORD.split_at(PASSWORD.len() / 2);
    let backwards: String = PASSWORD.chars().rev().collect();
    for secret in [half, rest, &backwards, "Q2FuYXJ5LTczIXBhc3M="] {
        if lines.iter().any(|line| line.contains(secret)) {
            wrong.push(format!("a line holds `{secret}`"));
        }
    }
    if !wrong.is_empty() {
        let tail = lines.iter().rev().take(6).rev();
        wrong
            .extend(tail.map(|line| format!("    {}", line.chars().take(300).collect::<String>())));
    }
    wrong
}

fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
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
fn a_session_takes_whatever_answers(#[case] stages: &[Stage]) {
    by_passes(whatever_answers(stages));
}

async fn whatever_answers(stages: &[Stage]) {
    let places = places(stages);
    assert!(!places.is_empty());
    let every: Vec<&Place> = places.iter().collect();
    let scenario = scenario(&every, HEALTHY);
    let clock = Clock::start(1);
    let world = World::start(&scenario, clock).await.expect("a world");
    let network = world.network(Limits::default());
    let failures: Vec<String> = stream::iter(&places)
        .map(|place| {
            let network = &network;
            async move {
                let steps = steps(place);
                let play = session(network, place, &steps);
                let Ok((transcript, stopped)) = clock.timeout(LONGEST, Box::pin(play)).await else {
                    return Some(format!("{}: it never ended", place.script));
                };
                let wrong = complaints(place, &transcript, &stopped);
                (!wrong.is_empty()).then(|| format!("{}: {}", place.script, wrong.join("\n  ")))
            }
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(async |failure| failure)
        .collect()
        .await;
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    // The program can open the next one: the same hosts, as far as they greet.
    let next = session(&network, &places[0], &[]);
    assert!(clock.timeout(LONGEST, Box::pin(next)).await.is_ok());
    world.close().await;
}

/// No stage of the table is left out above.
#[test]
fn every_stage_has_a_case() {
    let every = [
        Stage::Connect,
        Stage::Banner,
        Stage::Ehlo,
        Stage::Starttls,
        Stage::Auth,
        Stage::Mail,
        Stage::Rcpt,
        Stage::Data,
        Stage::Message,
        Stage::Quit,
        Stage::Body,
    ];
    let all = Behaviour::all().iter();
    let stages: usize = all.map(|behaviour| behaviour.at.as_slice().len()).sum();
    let played: usize = every.iter().map(|stage| places(&[*stage]).len()).sum();
    assert_eq!(stages, played);
}

#[test]
fn a_check_finds_what_answers() {
    by_passes(found());
}

async fn found() {
    let all = places(&[Stage::Connect, Stage::Banner, Stage::Ehlo, Stage::Starttls]);
    let first = |place: &&Place| place.behaviour.at.as_slice().first() == Some(&place.stage);
    let places: Vec<&Place> = all.iter().filter(first).collect();
    let failures: Vec<String> = stream::iter(places)
        .filter_map(|place| async move { Some((place, place.behaviour.finding?)) })
        .map(|(place, id)| async move {
            let (case, diagnosis) = Box::pin(played(&scenario(&[place], HEALTHY))).await;
            let found: Vec<_> = diagnosis.findings.iter().map(|found| found.id).collect();
            drop(case);
            (!found.contains(&id)).then(|| format!("{}: no {id} in {found:?}", place.script))
        })
        .buffer_unordered(6)
        .filter_map(async |failure| failure)
        .collect()
        .await;
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
