//! Blocks of lines of every mail server, and hostile ones.

use super::*;
use proptest::prelude::*;
use rstest::rstest;

fn joined(log: &[u8]) -> (Joiner, u64) {
    let mut reader = Reader::new(Calendar::shown_by(log).unwrap_or_default());
    let mut joiner = Joiner::default();
    let mut unread = 0;
    for line in log
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        match reader.read(line) {
            Line::Event(event) => joiner.take(&event),
            Line::Unread => unread += 1,
            Line::Other | Line::Foreign => {}
        }
    }
    (joiner, unread)
}

const POSTFIX: &str = "\
2025-03-03T09:00:00+00:00 mx1 postfix/smtpd[1]: 3A1B2C3D4E: client=pc[192.0.2.4]
2025-03-03T09:00:00+00:00 mx1 postfix/cleanup[1]: 3A1B2C3D4E: message-id=<one@a.example>
2025-03-03T09:00:00+00:00 mx1 postfix/qmgr[1]: 3A1B2C3D4E: from=<anna@a.example>, size=1, nrcpt=3 (queue active)
2025-03-03T09:00:01+00:00 mx1 postfix/smtp[1]: 3A1B2C3D4E: to=<bob@b.example>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1, status=deferred (connect to mx.b.example[192.0.2.9]:25: Connection timed out)
2025-03-03T09:00:01+00:00 mx1 postfix/smtp[1]: 3A1B2C3D4E: to=<carol@b.example>, orig_to=<team@a.example>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1, status=deferred (connect to mx.b.example[192.0.2.9]:25: Connection refused)
2025-03-03T09:00:02+00:00 mx1 postfix/smtp[1]: 3A1B2C3D4E: to=<dave@C.example>, relay=mx.c.example[192.0.2.8]:25, delay=1, delays=0/0/1/0, dsn=5.2.2, status=bounced (host mx.c.example[192.0.2.8] said: 552 5.2.2 <dave@c.example>: Mailbox full, quota exceeded (in reply to RCPT TO command))
2025-03-03T09:10:00+00:00 mx1 postfix/smtp[1]: 3A1B2C3D4E: to=<bob@b.example>, relay=mx.b.example[192.0.2.9]:25, delay=600, delays=0/0/1/0, dsn=2.0.0, status=sent (250 2.0.0 Ok)
2025-03-08T09:10:00+00:00 mx1 postfix/qmgr[1]: 3A1B2C3D4E: from=<anna@a.example>, status=expired, returned to sender
2025-03-08T09:10:00+00:00 mx1 postfix/cleanup[1]: 3A1B2C3D4F: message-id=<note@mx1>
2025-03-08T09:10:00+00:00 mx1 postfix/bounce[1]: 3A1B2C3D4E: sender non-delivery notification: 3A1B2C3D4F
2025-03-08T09:10:00+00:00 mx1 postfix/qmgr[1]: 3A1B2C3D4F: from=<>, size=1, nrcpt=1 (queue active)
2025-03-08T09:10:00+00:00 mx1 postfix/qmgr[1]: 3A1B2C3D4E: removed
2025-03-08T09:10:01+00:00 mx1 postfix/local[1]: 3A1B2C3D4F: to=<anna@a.example>, relay=local, delay=0, delays=0/0/0/0, dsn=2.0.0, status=sent (delivered to mailbox)
2025-03-08T09:10:01+00:00 mx1 postfix/qmgr[1]: 3A1B2C3D4F: removed
2025-03-08T09:10:02+00:00 mx1 postfix/smtpd[1]: NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <x@z.example>: Relay access denied; from=<y@z.example> to=<x@z.example> proto=ESMTP helo=<h>
2025-03-08T09:10:03+00:00 mx1 postfix/smtpd[1]: 3A1B2C3D4E: client=pc[192.0.2.4]
2025-03-08T09:10:03+00:00 mx1 sshd[1]: whatever
";

#[test]
fn the_lines_of_a_message_are_joined() {
    let (joiner, unread) = joined(POSTFIX.as_bytes());
    let summary = Summary::of(&joiner, 10);
    assert_eq!(unread, 0);
    let counts = Counts {
        messages: 2, // the id is used again
        recipients: 3,
        sent: 2,
        bounced: 1,
        expired: 1,
        deferred_events: 2,
        delivered_later: 1,
        rejected: 1,
        notifications: 1,
        removed: 1,
        ..Counts::default()
    };
    assert_eq!(summary.counts, counts);
    let reason = |reason: &str| {
        let found = summary
            .failures
            .iter()
            .find(|failed| failed.reason == reason);
        found.unwrap_or_else(|| panic!("{reason}: {:?}", summary.failures))
    };
    assert_eq!(reason("mailboxfull").bounced, 1);
    assert_eq!(reason("norelaying").rejected, 1);
    assert_eq!(reason("networkerror").deferred_events, 2);
    assert_eq!(reason("networkerror").delivered_later, 1);
    assert_eq!(reason("expired").expired, 1);
    assert_eq!(summary.bounced_by_domain.0, [("c.example".into(), 1)]);
    assert_eq!(summary.bounced_by_code.0, [("5.2.2".into(), 1)]);
    assert_eq!(joiner.in_flight(), 1);
    let text = summary.text(17, 0, 6);
    assert!(
        text.lines().count() <= 40 && text.contains("mailboxfull"),
        "{text}"
    );
}

#[rstest]
#[case("3a1b2c3d4e", 0)]
#[case("3A1B2C3D4E", 3)] // with its notification, and the id is used again
#[case("<one@a.example>", 2)]
#[case("team@a.example", 2)]
#[case("dave@c.example", 2)]
#[case("x@z.example", 1)]
#[case("nobody@a.example", 0)]
fn a_message_is_found_by_what_it_is_known_by(#[case] wanted: &str, #[case] count: usize) {
    let mut reader = Reader::default();
    let mut stories = Stories::of(wanted);
    for line in POSTFIX.lines() {
        if let Line::Event(event) = reader.read(line.as_bytes()) {
            stories.take(&event);
        }
    }
    assert_eq!(stories.told().len(), count, "{wanted}");
}

#[rstest]
#[case(
    "2025-03-03 09:12:44 1tp0Ab-000001-2x == frank@club.example R=dnslookup T=remote_smtp defer (-44) H=mx.club.example [198.51.100.7]: SMTP error from remote mail server after RCPT TO:<frank@club.example>: 452 4.2.2 Mailbox full",
    "frank@club.example",
    Action::Delayed,
    "mailboxfull"
)]
#[case(
    "2025-03-03 09:12:44 1tp0Ab-00000000abc-2xYz ** frank@club.example: retry timeout exceeded",
    "frank@club.example",
    Action::Failed,
    "expired"
)]
#[case(
    "2025-03-03 09:12:44 1tp0Ab-000001-2x ** grace@nohost.example R=dnslookup: Unrouteable address",
    "grace@nohost.example",
    Action::Failed,
    "hostunknown"
)]
#[case(
    "2025-03-03 09:12:44 H=(h.example.net) [203.0.113.9] F=<x@example.net> rejected RCPT <dave@example.com>: relay not permitted",
    "dave@example.com",
    Action::Failed,
    "norelaying"
)]
#[case(
    "Mar  3 09:12:44 mx1 sm-mta[2213]: 5239Cfx1002211: to=<frank@club.example>, delay=00:04:00, xdelay=00:02:00, mailer=esmtp, pri=212211, relay=mx.club.example. [198.51.100.7], dsn=4.0.0, stat=Deferred: Connection timed out with mx.club.example.",
    "frank@club.example",
    Action::Delayed,
    "networkerror"
)]
#[case(
    "Mar  3 09:12:44 mx1 sendmail[2213]: 5239Cfx1002214: ruleset=check_rcpt, arg1=<dave@example.com>, relay=h.example.net [203.0.113.9], reject=550 5.7.1 <dave@example.com>... Relaying denied",
    "dave@example.com",
    Action::Failed,
    "norelaying"
)]
#[case(
    "Mar  3 09:12:42 mx1 smtpd[912]: 0000000000000000 mta delivery evpid=3a1b2c3d4e5f6a7c from=<anna@example.org> to=<frank@club.example> rcpt=<-> source=\"-\" relay=\"club.example\" delay=4h result=\"TempFail\" stat=\"Network error on destination MXs\"",
    "frank@club.example",
    Action::Delayed,
    "networkerror"
)]
#[case(
    "@4000000067c5653b0a0b0c0d starting delivery 13: msg 1312346 to remote frank@club.example\n@4000000067c565b30a0b0c0d delivery 13: deferral: Sorry,_I_wasn't_able_to_establish_an_SMTP_connection._(#4.4.1)/",
    "frank@club.example",
    Action::Delayed,
    "networkerror"
)]
fn lines_of_every_server_are_told_apart(
    #[case] text: &str,
    #[case] recipient: &str,
    #[case] action: Action,
    #[case] reason: &str,
) {
    let told = deliveries(text);
    let [delivery] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(delivery.recipient.as_deref(), Some(recipient));
    assert_eq!(
        (delivery.action, delivery.reason.as_deref()),
        (action, Some(reason))
    );
    assert_eq!(delivery.permanent, Some(action == Action::Failed));
}

#[test]
fn what_is_no_log_says_nothing_of_deliveries() {
    for text in [
        "",
        "hello",
        "550 5.1.1 no such user",
        "Mar  3 09:12:44 mx1 sshd[1]: to=<a@b.example>",
    ] {
        assert_eq!(deliveries(text), [], "{text}");
    }
}

/// Pieces that the readers look for, put together at random.
fn scraps() -> impl Strategy<Value = Vec<u8>> {
    const SCRAPS: [&str; 33] = [
        "Mar  3 09:12:41 ",
        "2025-03-03 09:12:41 ",
        "2025-03-03T09:12:41Z ",
        "@4000000067c5653b0a0b0c0d ",
        "mx1 ",
        "postfix/smtp[1]: ",
        "sendmail[1]: ",
        "smtpd[1]: ",
        "exim: ",
        "3A1B2C3D4E: ",
        "NOQUEUE: ",
        "reject: RCPT from ",
        "to=<a@b>",
        ", ",
        "status=bounced (",
        "dsn=",
        "said: ",
        "host ",
        "1tp0Ab-000001-2x ",
        "** ",
        "== ",
        "<= ",
        "defer (",
        "H=",
        "rejected ",
        "stat=",
        "result=\"",
        "evpid=",
        "\n",
        "[",
        "]: ",
        "delivery 1: failure: ",
        "\0\u{1b}[2J",
    ];
    let scrap = prop_oneof![
        9 => prop::sample::select(&SCRAPS[..]).prop_map(|scrap| scrap.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(scrap, 0..40).prop_map(|scraps| scraps.concat())
}

proptest! {
    #[test]
    fn any_bytes_are_read_and_nothing_unsafe_is_said(bytes in scraps()) {
        let (joiner, _) = joined(&bytes);
        let summary = Summary::of(&joiner, 10);
        let text = summary.text(1, 1, 6) + &summary.markdown(1, 1, 6);
        prop_assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
        deliveries(&String::from_utf8_lossy(&bytes));
        let mut stories = Stories::of("a@b");
        let mut reader = Reader::default();
        for line in bytes.split(|byte| *byte == b'\n') {
            if let Line::Event(event) = reader.read(line) {
                stories.take(&event);
            }
        }
        stories.told();
    }

    #[test]
    fn a_log_may_be_cut_anywhere(cut in 0..POSTFIX.len()) {
        let (head, tail) = POSTFIX.as_bytes().split_at(cut);
        joined(head);
        joined(tail);
    }
}
