//! The samples of `tests/data/bounces`, whole, cut, and in every kind of line end and charset.

use super::{Action, Kind, Report, lead, read};
use proptest::prelude::*;

const SAMPLES: [(&str, &[u8]); 10] = [
    ("dsn", include_bytes!("../../tests/data/bounces/dsn.eml")),
    ("exim", include_bytes!("../../tests/data/bounces/exim.eml")),
    (
        "qmail",
        include_bytes!("../../tests/data/bounces/qmail.eml"),
    ),
    (
        "sendmail",
        include_bytes!("../../tests/data/bounces/sendmail.eml"),
    ),
    (
        "japanese",
        include_bytes!("../../tests/data/bounces/japanese.eml"),
    ),
    ("arf", include_bytes!("../../tests/data/bounces/arf.eml")),
    (
        "vacation",
        include_bytes!("../../tests/data/bounces/vacation.eml"),
    ),
    (
        "letter",
        include_bytes!("../../tests/data/bounces/letter.eml"),
    ),
    (
        "forwarded",
        include_bytes!("../../tests/data/bounces/forwarded.eml"),
    ),
    (
        "delay",
        include_bytes!("../../tests/data/bounces/delay.eml"),
    ),
];

fn sample(name: &str) -> &'static [u8] {
    SAMPLES.iter().find(|(known, _)| *known == name).unwrap().1
}

/// Recipient and reason of each delivery.
fn told(report: &Report) -> Vec<(&str, &str)> {
    report
        .deliveries
        .iter()
        .map(|one| (one.recipient.as_deref().unwrap_or("-"), one.reason.as_str()))
        .collect()
}

#[test]
fn who_did_not_get_it_and_why() {
    for (name, kind, reason) in [
        ("exim", Kind::Bounce, "blocked"),
        ("qmail", Kind::Bounce, "authfailure"),
        ("sendmail", Kind::Bounce, "mesgtoobig"),
        ("japanese", Kind::Bounce, "userunknown"),
        ("arf", Kind::Complaint, "feedback"),
        ("vacation", Kind::Vacation, "vacation"),
        ("forwarded", Kind::Bounce, "suspend"),
        ("delay", Kind::Bounce, "expired"),
    ] {
        let report = read(sample(name));
        assert_eq!(report.kind, kind, "{name}");
        assert_eq!(
            told(&report),
            [("nobody@receiver.example", reason)],
            "{name}"
        );
    }
    let letter = read(sample("letter"));
    assert_eq!(
        (letter.kind, letter.deliveries.len()),
        (Kind::NotABounce, 0)
    );
}

#[test]
fn a_status_report_tells_each_recipient_apart() {
    let report = read(sample("dsn"));
    assert_eq!(
        told(&report),
        [
            ("nobody@receiver.example", "userunknown"),
            ("full@receiver.example", "mailboxfull")
        ]
    );
    let first = &report.deliveries[0];
    assert_eq!(first.original.as_deref(), Some("list@sender.example"));
    assert_eq!(first.remote_host.as_deref(), Some("mx.receiver.example"));
    assert_eq!(first.reply_code.map(u16::from), Some(550));
    assert_eq!(first.permanent, Some(true));
    assert!(first.is_hard() && !report.deliveries[1].is_hard());
    assert_eq!(report.deliveries[1].permanent, Some(false));
}

#[test]
fn a_bounce_leads_to_the_domain_that_failed() {
    let lead = |name| lead(&read(sample(name)));
    let found = lead("qmail").unwrap();
    assert_eq!(found.target.as_deref(), Some("receiver.example"));
    assert!(found.check_sender);
    let found = lead("dsn").unwrap();
    assert_eq!(found.host.as_deref(), Some("mx.receiver.example"));
    assert!(!found.check_sender);
    assert_eq!(lead("letter"), None);
}

#[test]
fn line_ends_make_no_difference() {
    for (name, message) in SAMPLES {
        let text = String::from_utf8(message.to_vec()).unwrap();
        let want = read(message);
        for end in ["\r\n", "\r"] {
            let other = read(text.replace('\n', end).as_bytes());
            assert_eq!(other, want, "{name} with {end:?}");
        }
    }
}

#[test]
fn a_mailbox_is_all_its_messages() {
    let mut mailbox = Vec::new();
    for name in ["dsn", "exim"] {
        mailbox.extend_from_slice(b"From MAILER-DAEMON Tue Mar  4 09:12:44 2025\n");
        mailbox.extend_from_slice(sample(name));
        mailbox.push(b'\n');
    }
    assert_eq!(read(&mailbox).deliveries.len(), 3);
}

#[test]
fn nothing_that_is_cut_makes_it_fail() {
    for (_, message) in SAMPLES {
        let text = String::from_utf8(message.to_vec()).unwrap();
        let kinds = [
            message.to_vec(),
            text.replace('\n', "\r\n").into_bytes(),
            text.replace('\n', "\r").into_bytes(),
            text.replace("us-ascii", "utf-16")
                .replace("ISO-2022-JP", "shift_jis")
                .into_bytes(),
        ];
        for (kind, whole) in kinds.iter().enumerate() {
            // Every octet of one kind; the others differ in little.
            let step = if kind == 0 { 1 } else { 5 };
            for end in (0..whole.len()).step_by(step) {
                let report = read(&whole[..end]);
                let shown = report.deliveries.iter().map(|one| one.diagnostic.as_str());
                assert!(
                    shown
                        .flat_map(str::chars)
                        .all(|c| c == '\t' || !c.is_control())
                );
            }
        }
    }
}

#[test]
fn deep_nesting_ends() {
    let message = "Content-Type: message/rfc822\n\n".repeat(20_000);
    assert_eq!(read(message.as_bytes()).kind, Kind::NotABounce);
    let parts = "Content-Type: multipart/mixed; boundary=a\n\n--a\n".repeat(20_000);
    assert_eq!(read(parts.as_bytes()).kind, Kind::NotABounce);
}

#[test]
fn control_characters_never_come_through() {
    let text = String::from_utf8(sample("qmail").to_vec()).unwrap();
    let hostile = text.replace("Unauthenticated", "\u{1b}[2J\u{202e}Unauthenticated");
    let report = read(hostile.as_bytes());
    let delivery = &report.deliveries[0];
    assert_eq!(delivery.action, Some(Action::Failed));
    assert!(delivery.diagnostic.contains(r"\x1b[2J\u{202e}"));
}

proptest! {
    #[test]
    fn any_octets_are_read(octets: Vec<u8>) {
        read(&octets);
    }

    #[test]
    fn any_change_of_a_sample_is_read(
        which in 0..SAMPLES.len(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..40),
    ) {
        let mut message = SAMPLES[which].1.to_vec();
        for (place, octet) in changes {
            let place = place.index(message.len());
            message[place] = octet;
        }
        read(&message);
    }
}
