//! Logs read in the background.

use super::*;
use crate::maillog::{Facet, Fate};
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;

/// Two recipients each: one refused, one put off and then delivered; every tenth line is
/// something else.
fn log(messages: u32) -> String {
    let mut log = String::new();
    for n in 0..messages {
        let stamp = format!(
            "2025-03-03T{:02}:{:02}:{:02}+00:00",
            n / 3600,
            n / 60 % 60,
            n % 60
        );
        let id = format!("{n:010X}");
        let mut say = |program: &str, text: &str| {
            writeln!(log, "{stamp} mx1 postfix/{program}[7]: {id}: {text}").unwrap();
        };
        let domain = n % 4;
        say(
            "qmgr",
            "from=<anna@a.example>, size=9, nrcpt=2 (queue active)",
        );
        say(
            "smtp",
            &format!(
                "to=<gone@dest{domain}.example>, relay=mx[192.0.2.9]:25, delay=1, dsn=5.1.1, status=bounced (host mx[192.0.2.9] said: 550 5.1.1 User unknown (in reply to RCPT TO command))"
            ),
        );
        say(
            "smtp",
            &format!(
                "to=<bob@dest{domain}.example>, relay=none, delay=1, dsn=4.4.1, status=deferred (connect to mx[192.0.2.9]:25: Connection refused)"
            ),
        );
        say(
            "smtp",
            &format!(
                "to=<bob@dest{domain}.example>, relay=mx[192.0.2.9]:25, delay=1, dsn=2.0.0, status=sent (250 2.0.0 Ok)"
            ),
        );
        say("qmgr", "removed");
        log.push_str("this is no line of a log\n");
    }
    log
}

fn order(source: Source, what: What) -> Order {
    Order {
        source,
        filter: Filter::default(),
        what,
    }
}

fn text_of(messages: u32) -> Source {
    Source::Text {
        name: "practice".to_owned(),
        text: log(messages).into(),
    }
}

fn all(order: Order) -> Vec<Told> {
    let (_reading, mut told) = start(order);
    std::iter::from_fn(|| told.blocking_recv()).collect()
}

fn wanted(facet: Facet, name: &str) -> What {
    What::Messages(Wanted {
        facet,
        name: name.into(),
    })
}

#[test]
fn the_account_grows_and_ends() {
    let told = all(order(text_of(300), What::Account { follow: false }));
    let [Told::Account(first), .., Told::Account(last)] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!((first.stage, first.lines.lines), (Stage::Reading, 0));
    assert_eq!((last.stage, last.lines.lines), (Stage::Done, 1800));
    assert_eq!(last.files, ["practice"]);
    let counts = &last.summary.counts;
    assert_eq!((counts.bounced, counts.delivered_later), (300, 300));
    assert_eq!((last.lines.unread, last.unread.len()), (300, 200));
    assert_eq!(last.newest.len(), 200);
    assert_eq!(last.newest[0].last, 1_740_960_000 + 299);
}

#[test]
fn the_messages_of_a_group_are_those_that_it_counts() {
    for (what, fate, delivered) in [
        (wanted(Facet::Reason, "userunknown"), Fate::Bounced, false),
        (wanted(Facet::Code, "4.4.1"), Fate::Deferred, true),
    ] {
        let told = all(order(text_of(40), what));
        let [Told::Messages { newest, more: 0 }] = &told[..] else {
            panic!("{told:?}");
        };
        assert_eq!(newest.len(), 40);
        for failing in newest {
            assert_eq!((failing.fate, failing.failures), (fate, 1));
            assert_eq!(failing.delivered.is_some(), delivered);
            assert_eq!(failing.sender.as_deref(), Some("anna@a.example"));
        }
        assert_eq!(newest[0].id.as_deref(), Some("0000000027"));
    }
    for (facet, name, count) in [
        (Facet::Domain, "dest1.example", 20),
        (Facet::Host, "mx[192.0.2.9]:25", 0),
        (Facet::Sender, "anna@a.example", 80),
        (Facet::Reason, "mailboxfull", 0),
    ] {
        let told = all(order(text_of(40), wanted(facet, name)));
        assert!(
            matches!(&told[..], [Told::Messages { newest, .. }] if newest.len() == count),
            "{name}: {told:?}"
        );
    }
}

#[test]
fn a_filter_holds_for_the_messages_too() {
    let mut order = order(text_of(40), wanted(Facet::Sender, "anna@a.example"));
    order.filter = "domain:dest2.example Connection REFUSED".parse().unwrap();
    let told = all(order);
    let [Told::Messages { newest, .. }] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(newest.len(), 10);
}

#[test]
fn one_story_is_told() {
    let told = all(order(text_of(5), What::Story("0000000003".to_owned())));
    let [Told::Stories(stories)] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(stories.len(), 1);
    assert_eq!((stories[0].lines.len(), stories[0].ended), (5, true));
}

#[test]
fn a_log_that_grows_is_followed_until_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mail.log");
    fs::write(&path, log(2)).unwrap();
    let source = Source::Named(path.display().to_string());
    let (reading, mut told) = start(order(source, What::Account { follow: true }));
    let mut next = |stage: Stage, bounced: u64| {
        loop {
            match told.blocking_recv() {
                Some(Told::Account(account))
                    if account.stage == stage && account.summary.counts.bounced == bounced =>
                {
                    return account;
                }
                Some(Told::Account(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    assert_eq!(next(Stage::Following, 2).lines.unread, 2);
    let mut file = OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(log(3).as_bytes()).unwrap();
    let account = next(Stage::Following, 5);
    assert_eq!((account.lines.lines, account.lines.unread), (30, 5));
    reading.stop();
    next(Stage::Stopped, 5);
    assert_eq!(told.blocking_recv(), None);
}

#[test]
fn what_cannot_be_read_says_why() {
    for (source, what, words) in [
        (
            Source::Named("/nowhere/mail.log".to_owned()),
            What::Account { follow: false },
            "reading `/nowhere/mail.log`",
        ),
        (text_of(1), What::Account { follow: true }, "only a file"),
    ] {
        let told = all(order(source, what));
        let [Told::Failed(why)] = &told[..] else {
            panic!("{told:?}");
        };
        assert!(why.contains(words), "{why}");
    }
}
