//! The samples of `tests/data/bounces`, whole, cut, and in every kind of line end and charset.

use super::{Action, Kind, Report, lead, read};
use crate::text::SafeText;
use base64::Engine as _;
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
fn a_bounce_leads_to_the_domain_at_fault() {
    let lead = |name| lead(sample(name), &read(sample(name)));
    // The sender is what was refused: its domain has the record to mend.
    let found = lead("qmail").unwrap();
    assert!(found.check_sender);
    assert_eq!(
        found.target().map(SafeText::as_str),
        Some("anna@sender.example")
    );
    let found = lead("dsn").unwrap();
    assert_eq!(found.host.as_deref(), Some("mx.receiver.example"));
    assert_eq!(
        found.target().map(SafeText::as_str),
        Some("nobody@receiver.example")
    );
    for (name, _) in SAMPLES {
        let Some(found) = lead(name) else { continue };
        // What was passed on without the returned message does not tell.
        let known = (name != "forwarded").then_some("anna@sender.example");
        assert_eq!(found.sender.as_deref(), known, "{name}");
    }
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

/// Bounces that say why in another charset: it, the encoding, the octets, what they say.
fn of_charsets() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let told = |octets: &[u8]| {
        let mut body = b"<nobody@receiver.example>: host mx.receiver.example said: 550 ".to_vec();
        body.extend_from_slice(octets);
        body.push(b'\n');
        body
    };
    let french = "<nobody@receiver.example>: 550 utilisateur inconnu\n";
    let mut utf_16 = vec![0xfe, 0xff];
    utf_16.extend(french.encode_utf16().flat_map(u16::to_be_bytes));
    let base64 = base64::engine::general_purpose::STANDARD;
    let bodies = [
        ("utf-8", told("Empfänger unbekannt".as_bytes()), "Empfänger unbekannt"),
        ("iso-8859-1", told(b"Empf\xe4nger unbekannt"), "Empfänger unbekannt"),
        (
            "iso-2022-jp",
            told(b"\x1b$B08@hITL@\x1b(B"),
            "宛先不明",
        ),
        (
            "koi8-r",
            told(b"\xd0\xcf\xcc\xd8\xda\xcf\xd7\xc1\xd4\xc5\xcc\xd8 \xce\xc5 \xce\xc1\xca\xc4\xc5\xce"),
            "пользователь не найден",
        ),
        (
            "gb2312",
            told(b"\xd3\xc3\xbb\xa7\xb2\xbb\xb4\xe6\xd4\xda"),
            "用户不存在",
        ),
        (
            "utf-16",
            base64.encode(utf_16).into_bytes(),
            "utilisateur inconnu",
        ),
    ];
    bodies
        .into_iter()
        .map(|(charset, body, says)| {
            let encoding = if charset == "utf-16" {
                "base64"
            } else {
                "8bit"
            };
            let mut message = format!(
                "From: MAILER-DAEMON@sender.example\nSubject: Undelivered Mail\n\
                 MIME-Version: 1.0\nContent-Type: text/plain; charset={charset}\n\
                 Content-Transfer-Encoding: {encoding}\n\n"
            )
            .into_bytes();
            message.extend(body);
            (charset, message, says)
        })
        .collect()
}

#[test]
fn every_charset_is_read() {
    for (charset, message, says) in of_charsets() {
        let report = read(&message);
        assert_eq!(
            told(&report),
            [("nobody@receiver.example", "userunknown")],
            "{charset}"
        );
        assert!(report.deliveries[0].diagnostic.contains(says), "{charset}");
    }
}

/// The octets with other line ends.
fn with_ends(message: &[u8], end: &[u8]) -> Vec<u8> {
    message
        .split(|octet| *octet == b'\n')
        .collect::<Vec<_>>()
        .join(end)
}

#[test]
fn nothing_that_is_cut_makes_it_fail() {
    let charsets = of_charsets();
    let all = SAMPLES.iter().map(|(_, message)| *message);
    for message in all.chain(charsets.iter().map(|(_, message, _)| message.as_slice())) {
        for end in [b"\n".as_slice(), b"\r\n", b"\r"] {
            let whole = with_ends(message, end);
            for cut in 0..=whole.len() {
                let report = read(&whole[..cut]);
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

/// What is a bounce by what it states, though nobody has listed its sentences.
#[test]
fn a_statement_makes_a_bounce_where_a_mail_system_or_nobody_speaks() {
    for (message, recipient, reason) in [
        (
            "   \nFrom: MAILER-DAEMON@isp.example\nSubject: Returned mail: hello\n\n\
             User's mailbox is full: <ann@isp.example>\nUnable to deliver mail.\n",
            "ann@isp.example",
            "mailboxfull",
        ),
        (
            "From: Gate <gate@isp.example>\nSubject: Delivery Failure\n\n\
             Could not deliver message to the following recipient(s):\n\n\
             Failed Recipient: ann@isp.example\nReason: Remote host said: 550 unknown user <ann@isp.example>\n",
            "ann@isp.example",
            "userunknown",
        ),
        (
            "From: Postmaster@isp.example\nSubject: Mail Delivery Failure\n\n\
             Delivery of email to this address\n\n\"ann@isp.example\"\n\nhas failed due to a full mailbox.\n",
            "ann@isp.example",
            "mailboxfull",
        ),
        (
            "From: System Administrator <postmaster@isp.example>\nSubject: Undeliverable: hello\n\n\
             Your message\n\n  To:      list@lists.example\n  Subject: version 2.0.12\n  Sent:    Fri\n\n\
             did not reach the following recipient(s):\n\nann@isp.example on Fri, 4 Oct 2002\n    \
             The recipient name is not recognized\n",
            "ann@isp.example",
            "userunknown",
        ),
        (
            "From: <admin@isp.example>\nSubject: Message non remis\n\n\
             Votre message n'a pas pu etre delivre a\n\"ann@isp.example\" <ann@isp.example>\n",
            "ann@isp.example",
            "onhold",
        ),
        (
            "From: gate@isp.example\nSubject: Adresse inconnue\n\
             Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
             --b\n\nann@isp.example\n\nL'adresse ci-dessus n'existe pas.\n--b--\n",
            "ann@isp.example",
            "userunknown",
        ),
    ] {
        let report = read(message.as_bytes());
        assert_eq!(report.kind, Kind::Bounce, "{message}");
        assert_eq!(told(&report), [(recipient, reason)], "{message}");
        assert_eq!(report.deliveries[0].enhanced_code, None, "{message}");
    }
    for letter in [
        "From: Bob <bob@isp.example>\nSubject: Mail could not be delivered\n\nHello Ann,\n\n\
         when I write to eve@far.example it could not be delivered. Can you look?\n\nBob\n",
        "From: Bob <bob@isp.example>\nSubject: Re: Undeliverable: hello\n\n\
         eve@far.example does not exist, use eva@far.example\n",
        "From: Shop <news@shop.example>\nSubject: Your parcel could not be delivered\n\n\
         The parcel could not be delivered to your door. Write to help@shop.example.\n\
         Thank you for shopping with us.\n",
    ] {
        let report = read(letter.as_bytes());
        assert_eq!(report.kind, Kind::NotABounce, "{letter}");
    }
}

/// Found by fuzzing: the library asserts that this does not happen.
#[test]
fn a_message_in_a_message_in_a_part_is_read() {
    let message = "Content-Type: multipart/report; boundary=b\n\n--b\n\
                   Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\n\n--b--";
    assert_eq!(read(message.as_bytes()).kind, Kind::NotABounce);
}
