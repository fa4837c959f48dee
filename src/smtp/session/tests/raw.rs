//! Octets that go as they are, and the rules that they break.

use super::*;

#[test]
fn raw_octets_go_as_they_are_and_only_crlf_makes_a_reply_due() {
    let mut wire = Wire::ready("SIZE");
    let before = wire.sent.len();
    for text in ["MAIL FR", r"OM:<>\n", r"\r\n"] {
        assert_eq!(wire.session.awaited(), None, "{text}");
        wire.session.send_raw(&raw(text), wire.now).unwrap();
        wire.poll();
    }
    assert_eq!(&wire.sent[before..], b"MAIL FROM:<>\n\r\n");
    assert_eq!(wire.session.awaited(), Some(Stage::Mail));
    wire.hears("250 ok\r\n");
    assert_eq!(wire.state(), State::InMail);
    // A server that takes the bare LF for an end is understood too.
    wire.session
        .send_raw(&raw(r"RCPT TO:<a@c.example>\n"), wire.now)
        .unwrap();
    wire.poll();
    assert_eq!(wire.session.awaited(), None);
    wire.hears("250 ok\r\n");
    assert_eq!(wire.state(), State::HasRcpt);
    // Two commands in one piece.
    wire.session
        .send_raw(&raw(r"NOOP\r\nRSET\r\n"), wire.now)
        .unwrap();
    wire.poll();
    wire.hears("250 ok\r\n250 ok\r\n");
    assert_eq!(wire.state(), State::Ready);
    assert!(
        !wire
            .told
            .iter()
            .any(|kind| matches!(kind, EventKind::Unsolicited(_)))
    );
}

#[test]
fn raw_octets_of_a_message_end_at_the_dot_between_two_crlf() {
    let mut wire = Wire::ready("SIZE");
    wire.says("MAIL FROM:<>", "250 ok\r\n");
    wire.says("RCPT TO:<a@c.example>", "250 ok\r\n");
    wire.says("DATA", "354 go\r\n");
    for text in [r"one\n.\n", r"two\n.\r\n", r"three\r\n.", r"four\r\n"] {
        wire.session.send_raw(&raw(text), wire.now).unwrap();
        wire.poll();
        assert_eq!(wire.state(), State::SendingMessage, "{text}");
    }
    wire.session
        .send_raw(&raw(r".\r\nMAIL FROM:<x@y.example>\r\n"), wire.now)
        .unwrap();
    wire.poll();
    assert_eq!(wire.state(), State::AwaitMessageReply);
    wire.hears("250 queued\r\n250 ok\r\n");
    assert_eq!(wire.state(), State::InMail);
}

#[test]
fn the_rules_that_are_broken_here_are_named() {
    let broken = |wire: &Wire, text: &str| {
        rules_broken(
            &wire.session.standing(),
            &Raw::parse(text, Ending::CrLf).unwrap(),
        )
        .join("; ")
    };
    let wire = Wire::ready("SIZE 1000");
    for (text, words) in [
        (r"NOOP\nNOOP", "a bare LF"),
        (r"NOOP\rx", "a bare CR"),
        (r"NOOP\0", "a NUL"),
        ("RCPT TO:<a@b.example>", "out of order"),
        ("DATA", "out of order"),
        ("STARTTLS", "STARTTLS is not offered"),
        ("AUTH PLAIN", "AUTH is not offered"),
        ("AUTH PLAIN", "in clear"),
        ("ETRN b.example", "ETRN is not offered"),
        ("XCLIENT NAME=a", "XCLIENT is not offered"),
        ("MAIL FROM:<> SIZE=1001", "takes 1000 octets"),
        ("MAIL FROM:<> SIZE=1 SIZE=2", "twice"),
        ("MAIL FROM:<> BODY=8BITMIME", "needs 8BITMIME"),
        ("MAIL FROM:<> BODY=BINARYMIME", "needs BINARYMIME"),
        ("MAIL FROM:<> SMTPUTF8", "needs SMTPUTF8"),
        ("RCPT TO:<jörg@b.example>", "needs SMTPUTF8"),
        ("MAIL FROM:<> NOTIFY=NEVER", "belongs behind RCPT"),
        ("MAIL FROM:<> BY=5;R", "needs DELIVERBY"),
        (r"MAIL FROM:<>\r\nRCPT TO:<a@b.example>", "PIPELINING"),
        (r"QUIT\r\nNOOP", "last of its group"),
    ] {
        let said = broken(&wire, text);
        assert!(said.contains(words), "{text}: {said}");
        assert!(
            said.contains("RFC") || said.contains("README"),
            "{text}: {said}"
        );
    }
    for text in [
        "NOOP",
        "MAIL FROM:<a@b.example> SIZE=1000",
        "VRFY a",
        "QUIT",
        "HELP",
    ] {
        assert_eq!(broken(&wire, text), "", "{text}");
    }
    let none = rules_broken(&wire.session.standing(), &raw("NOOP")).join("; ");
    assert!(none.contains("no end"), "{none}");
    let open = Wire::ready("PIPELINING");
    assert_eq!(broken(&open, r"MAIL FROM:<>\r\nRCPT TO:<a@b.example>"), "");
    let wide = Wire::ready("SMTPUTF8");
    assert!(!broken(&wide, "RCPT TO:<jörg@b.example>").contains("SMTPUTF8"));
    assert!(broken(&Wire::connected(), "EHLO a.example").contains("greeting"));
    let mut message = lmtp();
    let long = "x".repeat(999);
    for (text, words) in [
        (long.as_str(), "1001 octets"),
        ("é", "8BITMIME"),
        (r"a\n.\n", "bare LF"),
    ] {
        assert!(broken(&message, text).contains(words), "{text}");
    }
    message
        .session
        .send_message(Message::of(b"x"), message.now)
        .unwrap();
    let mut wire = Wire::ready("AUTH LOGIN");
    wire.says("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n");
    assert!(broken(&wire, "ann!").contains("base64"));
    assert_eq!(broken(&wire, "*"), "");
}
