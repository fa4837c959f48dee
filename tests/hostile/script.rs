//! A script against what answers.

use super::{AT_ONCE, LONGEST, PASSWORD, Place, complaints, places, scenario};
use crate::passes::by_passes;
use crate::setup;
use futures_util::StreamExt as _;
use futures_util::stream;
use rstest::rstest;
use smtp_tui::case::Transcript;
use smtp_tui::engine::script::{self, Passwords};
use smtp_tui::lab::Stage;
use smtp_tui::net::Network;
use smtp_tui::net::smtp::Options;
use smtp_tui::smtp::Timeouts;
use smtp_tui::text::Secret;
use std::fmt::Write as _;
use std::net::SocketAddr;

/// As a script's file has it, without the message and QUIT; after so many seconds comes DATA.
pub(super) fn commands(place: &Place, pause: u32) -> String {
    let mut text = String::from("- send: EHLO me.example\n");
    if place.stage == Stage::Starttls {
        text.push_str("- starttls: true\n- send: EHLO me.example\n");
    }
    if place.stage == Stage::Auth {
        text.push_str("- auth: {mechanism: PLAIN, user: ann, in_clear: true, unverified: true}\n");
    }
    let _ = write!(
        text,
        "- send: MAIL FROM:<ann@elsewhere.org>\n\
         - send: RCPT TO:<info@hostile-test.org>\n\
         - send: RCPT TO:<info@hostile-test.org>\n\
         - wait: {pause}\n  send: DATA\n"
    );
    text
}

fn steps(place: &Place) -> Vec<script::Step> {
    let mut steps = script::read(&commands(place, 20)).expect("steps");
    steps.push(script::Step {
        message: Some(format!("Subject: x\n\n{}", place.body())),
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

#[rstest]
#[case::connect(&[Stage::Connect])]
#[case::banner(&[Stage::Banner])]
#[case::ehlo(&[Stage::Ehlo])]
#[case::starttls(&[Stage::Starttls])]
#[case::auth(&[Stage::Auth])]
#[case::mail_and_rcpt(&[Stage::Mail, Stage::Rcpt])]
#[case::data_and_message(&[Stage::Data, Stage::Message, Stage::Quit])]
#[case::body(&[Stage::Body])]
fn a_script_takes_whatever_answers(#[case] stages: &[Stage]) {
    by_passes(whatever_answers(stages));
}

async fn whatever_answers(stages: &[Stage]) {
    let places = places(stages);
    assert!(!places.is_empty());
    let every: Vec<&Place> = places.iter().collect();
    let scenario = scenario(&every);
    let (world, dns) = setup::world(&scenario).await;
    let network = dns.network().clone();
    let clock = *network.clock();
    let failures: Vec<String> = stream::iter(&places)
        .map(|place| {
            let network = &network;
            async move {
                let steps = steps(place);
                let play = session(network, place, &steps);
                let Ok((transcript, stopped)) = clock.timeout(LONGEST, Box::pin(play)).await else {
                    return Some(format!("{}: it never ended", place.script));
                };
                let said = transcript.transcript.iter();
                let lines = said.map(|line| line.line.as_str());
                let lines: Vec<&str> = lines.chain([stopped.as_str()]).collect();
                let wrong = complaints(place, &lines);
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
