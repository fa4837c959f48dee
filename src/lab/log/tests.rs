//! Every scenario has a log that is read, and that shows its fault.

use super::*;
use crate::maillog::{Calendar, Filter, Joiner, Line, Reader, Summary};

/// 2026-11-28
const NOW: i64 = 1_795_824_000;

fn read(log: &str, filter: Filter) -> Summary {
    let mut reader = Reader::new(Calendar::default());
    let mut joiner = Joiner::new(filter);
    for line in log.lines() {
        match reader.read(line.as_bytes()) {
            Line::Event(event) => joiner.take(&event),
            Line::Other => {}
            Line::Foreign | Line::Unread => panic!("{line}"),
        }
    }
    Summary::of(&joiner, 20)
}

fn log_of(scenario: &Scenario) -> MailLog {
    mail_log(scenario, Timestamp::from_second(NOW).unwrap()).unwrap()
}

#[test]
fn every_scenario_has_a_log_in_which_every_line_is_understood() {
    for scenario in Scenario::all().unwrap() {
        let log = log_of(&scenario);
        let summary = read(&log.text, Filter::default());
        assert!(summary.counts.sent > 20, "{}", scenario.name);
        assert!(
            !log.text.contains(['{', '}']),
            "{}: {}",
            scenario.name,
            log.text
        );
        let last = summary.last.unwrap();
        assert!(last.starts_with("2026-11-2"), "{last}");
        assert_eq!(log, log_of(&scenario), "{}", scenario.name);
    }
}

#[test]
fn the_fault_of_the_scenario_is_what_its_log_shows() {
    for (name, reason) in [
        ("mailbox-full", "mailboxfull"),
        ("full-mailbox-and-lame-nameserver", "mailboxfull"),
        ("mailbox-unknown", "userunknown"),
        ("relaying-denied", "norelaying"),
        ("greylisted", "greylisted"),
        ("port-25-closed", "networkerror"),
        ("not-registered", "hostunknown"),
        ("null-mx", "notaccept"),
    ] {
        let scenario = Scenario::find(name).unwrap().unwrap();
        let log = log_of(&scenario);
        let filter = format!("domain:{}", scenario.domain).parse().unwrap();
        let summary = read(&log.text, filter);
        // What was tried until it was too old has that as a reason too.
        let shown: Vec<_> = summary.failures.iter().map(|it| &*it.reason).collect();
        let shown: Vec<_> = shown.into_iter().filter(|it| *it != "expired").collect();
        assert_eq!(shown, [reason], "{name}");
    }
}

#[test]
fn the_scenarios_words_stand_in_the_log() {
    let scenario = Scenario::find("mailbox-full").unwrap().unwrap();
    let log = log_of(&scenario);
    assert_eq!(log.name, "the practice log of out1.lanternhost.net");
    let said = "to=<p.hartley@orchardlane-surveyors.net>, relay=mx1.orchardlane-surveyors.net\
                [78.46.112.25]:25";
    assert!(log.text.contains(said), "{}", log.text);
    let words = "said: 552 5.2.2 <p.hartley@orchardlane-surveyors.net>: Mailbox over quota";
    assert!(log.text.contains(words));
}

#[test]
fn where_the_domain_cannot_send_the_log_is_its_own() {
    let scenario = Scenario::find("mails-she-did-not-write").unwrap().unwrap();
    let log = log_of(&scenario);
    assert_eq!(log.name, "the practice log of mx1.cowslip-and-vine.org");
    let summary = read(&log.text, Filter::default());
    let worst = &summary.senders[0];
    assert_eq!(worst.name, "office@cowslip-and-vine.org");
    assert!(worst.failures() > 40, "{worst:?}");
}

#[test]
fn the_stories_speak_of_ways_that_there_are() {
    let practice = Practice::read().unwrap();
    let ways: Vec<&String> = practice.ways().collect();
    for mail in &practice.everyday {
        assert!(ways.contains(&&mail.way), "{}", mail.way);
    }
}
