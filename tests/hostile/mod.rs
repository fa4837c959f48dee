//! Every kind of `assets/hostile.yaml` at every stage that it has: against a script, against the
//! session that a person holds, and against a check.
//!
//! Time is that of [`crate::passes`], so that a wait of ten minutes takes none.

mod check;
mod live;
mod login;
mod memory;
mod script;

use smtp_tui::case::CheckRecord;
use smtp_tui::diagnosis::Diagnosis;
use smtp_tui::knowledge::finding::Severity;
use smtp_tui::lab::{Behaviour, Scenario, Stage};
use std::net::Ipv4Addr;
use std::time::Duration;

/// Every wait of RFC 5321 section 4.5.3.2 put together is less.
const LONGEST: Duration = Duration::from_hours(1);
/// Octets of a transcript.
const MOST_OCTETS: usize = 3 << 20;
/// Two hundred replies that nobody asked for, of a few lines each, are the most.
const MOST_LINES: usize = 4_000;
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

impl Place {
    /// Of a message that shows what it does.
    fn body(&self) -> String {
        let large = "y".repeat(70) + "\n";
        if self.behaviour.large {
            large.repeat(LARGE / large.len())
        } else {
            "hello\n".to_owned()
        }
    }
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

/// A mail host that does nothing of the kind.
const FINE: &str = "fine.hostile-test.org";

/// A mail host for each place, by the name `h0.hostile-test.org` and so on.
fn scenario(places: &[&Place]) -> Scenario {
    of_hosts(hosts(places))
}

/// The same, and [`FINE`] beside them.
fn with_a_fine_host(places: &[&Place]) -> Scenario {
    let fine = "{name: fine.$domain, address: 78.46.113.254}".to_owned();
    of_hosts(hosts(places).chain([fine]))
}

fn hosts(places: &[&Place]) -> impl Iterator<Item = String> {
    places.iter().enumerate().map(|(number, place)| {
        format!(
            "{{name: h{number}.$domain, address: {}, other_ports: [465], smtp: {{hostile: {}}}}}",
            place.address, place.script
        )
    })
}

fn of_hosts(hosts: impl Iterator<Item = String>) -> Scenario {
    let text = format!(
        "{{name: x, title: x, story: x, hints: [x], domain: hostile-test.org, speed: 1, \
         expect: {{status: healthy, cause: none}}, explanation: x, \
         world: {{mail_hosts: [{}]}}}}",
        hosts.collect::<Vec<_>>().join(", ")
    );
    Scenario::from_yaml(&text).expect("a scenario")
}

/// What is wrong with how the program took it, in words.
fn complaints(place: &Place, lines: &[&str]) -> Vec<String> {
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

/// What a check says that no terminal should show, in words.
fn not_safe<'a>(rows: impl Iterator<Item = &'a CheckRecord>, diagnosis: &Diagnosis) -> Vec<String> {
    let shown = rows.flat_map(|row| {
        let answers = row.exchanges.iter().flat_map(|exchange| &exchange.answered);
        answers.chain([&row.detail])
    });
    let findings = diagnosis.findings.iter();
    let said = findings.flat_map(|found| found.evidence.iter().chain([&found.summary]));
    shown
        .chain(said)
        .filter(|text| text.chars().any(|c| c != '\n' && is_unsafe(c)))
        .map(|text| format!("not safe: {text}"))
        .collect()
}

/// Whether something is found in that family that is more than a notice.
fn has_trouble(diagnosis: &Diagnosis, family: &str) -> bool {
    let mut all = diagnosis.findings.iter();
    all.any(|one| one.severity > Severity::Notice && one.id.as_str().starts_with(family))
}

fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// No stage of the table is left out by those who play them.
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
