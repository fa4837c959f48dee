//! Hand-fed bytes, and any bytes.

use super::*;
use crate::smtp::command::{Command, Ending, Raw};
use crate::smtp::data::Message;
use crate::smtp::error::{LocalError, RemoteError};
use crate::smtp::reply::{Defect, bounds};
use crate::smtp::rules::rules_broken;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A session with the time and everything that it told and sent.
struct Wire {
    session: Session,
    now: Duration,
    sent: Vec<u8>,
    told: Vec<EventKind>,
}

impl Wire {
    fn connected() -> Self {
        let mut wire = Self {
            session: Session::new(SessionOptions::default()),
            now: Duration::ZERO,
            sent: Vec::new(),
            told: Vec::new(),
        };
        wire.session.handle_connected(wire.now);
        wire.poll();
        wire
    }

    /// Greeted, EHLO said, `offered` offered.
    fn ready(offered: &str) -> Self {
        let mut wire = Self::connected();
        wire.hears("220 mx.example ESMTP\r\n");
        wire.says(
            "EHLO me.example",
            &format!("250-mx.example\r\n250 {offered}\r\n"),
        );
        wire
    }

    fn poll(&mut self) {
        while let Some(octets) = self.session.poll_transmit() {
            self.sent.extend(octets);
            self.session.handle_written(self.now);
        }
        while let Some(event) = self.session.poll_event() {
            assert_eq!(event.at, self.now);
            self.told.push(event.kind);
        }
    }

    fn hears(&mut self, text: impl AsRef<[u8]>) {
        self.session.receive(text.as_ref(), self.now);
        self.poll();
    }

    /// Guided: the command is sent, a second passes, the answer comes.
    fn says(&mut self, line: &str, answer: &str) {
        let command = Command::parse_typed(line).unwrap();
        self.session.send(&command, self.now).unwrap();
        self.poll();
        self.now += seconds(1);
        self.hears(answer);
    }

    fn waits(&mut self, count: u64) {
        self.now += seconds(count);
        self.session.handle_timeout(self.now);
        self.poll();
    }

    /// How long the wait may still last.
    fn left(&self) -> Option<Duration> {
        let deadline = self.session.poll_timeout()?;
        Some(deadline.at.saturating_sub(self.now))
    }

    fn state(&self) -> State {
        self.session.state()
    }

    fn last(&self) -> &EventKind {
        self.told.last().unwrap()
    }

    fn refusal(&mut self, line: &str) -> LocalError {
        let command = Command::parse_typed(line).unwrap();
        self.session.send(&command, self.now).unwrap_err()
    }
}

#[test]
fn a_message_goes_from_greeting_to_quit() {
    let mut wire = Wire::connected();
    assert_eq!(wire.told, [EventKind::Connected]);
    wire.now += seconds(2);
    wire.hears("220-mx.example\r\n220-no spam\r\n");
    assert_eq!(wire.state(), State::Connected);
    wire.hears("220 ready\r\n");
    let EventKind::Greeting { reply, took } = wire.last() else {
        panic!("{:?}", wire.told);
    };
    assert_eq!((reply.lines.len(), *took), (3, seconds(2)));
    wire.says("EHLO me.example", "250-mx.example\r\n250 SIZE 10\r\n");
    assert!(wire.session.extensions().unwrap().has("SIZE"));
    wire.says("MAIL FROM:<a@b.example>", "250 2.1.0 fine\r\n");
    wire.says("RCPT TO:<no@c.example>", "550 5.1.1 who\r\n");
    assert_eq!(wire.state(), State::InMail);
    assert_eq!(
        wire.refusal("DATA").to_string(),
        "DATA cannot be sent now: no recipient has been accepted yet"
    );
    wire.says("RCPT TO:<d@c.example>", "250 2.1.5 fine\r\n");
    wire.says("DATA", "354 go on\r\n");
    wire.sent.clear();
    let message = Message::of(b".hi\n");
    wire.session.send_message(message, wire.now).unwrap();
    wire.poll();
    assert_eq!(wire.sent, b"..hi\r\n.\r\n");
    assert_eq!(wire.last(), &EventKind::MessageSent);
    assert_eq!(wire.state(), State::AwaitMessageReply);
    wire.now += seconds(7);
    wire.hears("250 2.0.0 queued as 17\r\n");
    let EventKind::Reply { stage, reply, took } = wire.last() else {
        panic!("{:?}", wire.last());
    };
    assert_eq!((*stage, *took), (Stage::Message, seconds(7)));
    assert_eq!(reply.enhanced.unwrap().to_string(), "2.0.0");
    wire.says("QUIT", "221 bye\r\n");
    assert!(wire.session.wants_close());
    wire.session.handle_closed(wire.now, How::ByUs);
    wire.poll();
    assert_eq!(
        wire.last(),
        &EventKind::Closed {
            how: How::ByUs,
            during: None,
            expected: true,
            delivery_unclear: false
        }
    );
}

#[test]
fn guided_use_waits_for_its_turn() {
    let mut wire = Wire::connected();
    assert_eq!(
        wire.refusal("EHLO x.example"),
        LocalError::Waiting(Stage::Connect)
    );
    wire.hears("220 x\r\n");
    assert!(matches!(
        wire.refusal("MAIL FROM:<>"),
        LocalError::NotNow { .. }
    ));
    wire.session.send_free("MAIL FROM:<>", wire.now).unwrap();
    assert_eq!(wire.refusal("NOOP"), LocalError::Waiting(Stage::Mail));
    let nothing = Message::of(b"");
    assert!(wire.session.send_message(nothing, wire.now).is_err());
    wire.poll();
    assert_eq!(
        wire.sent, b"MAIL FROM:<>\r\n",
        "what is refused is not sent"
    );
    wire.hears("250 fine\r\n");
    assert_eq!(wire.state(), State::InMail);
}

#[test]
fn a_421_can_come_at_any_time() {
    let mut wire = Wire::connected();
    wire.hears("421 4.3.2 too busy\r\n");
    assert!(matches!(wire.last(), EventKind::Greeting { .. }));
    assert!(wire.session.wants_close());

    let mut wire = Wire::ready("SIZE");
    wire.hears("421 idle for too long\r\n");
    assert!(matches!(wire.last(), EventKind::Unsolicited(reply) if reply.is(421)));
    assert_eq!(
        (wire.state(), wire.session.poll_timeout()),
        (State::Closing, None)
    );
    wire.session.handle_closed(wire.now, How::ByServer);
    wire.poll();
    assert!(matches!(
        wire.last(),
        EventKind::Closed { expected: true, .. }
    ));
}

#[test]
fn a_refusing_greeting_leaves_quit_only() {
    let mut wire = Wire::connected();
    wire.hears("554 no service\r\n");
    assert_eq!(wire.state(), State::Rejected);
    assert!(matches!(
        wire.refusal("EHLO x.example"),
        LocalError::NotNow { .. }
    ));
    wire.says("QUIT", "221 bye\r\n");
}

#[test]
fn a_line_without_a_code_is_an_answer_and_a_real_one_may_follow() {
    let mut wire = Wire::connected();
    wire.hears("SSH-2.0-OpenSSH_9.6\r\n");
    let EventKind::Greeting { reply, .. } = wire.last() else {
        panic!("{:?}", wire.last());
    };
    assert_eq!(
        (reply.code, &reply.defects[..]),
        (None, &[Defect::NoCode][..])
    );
    assert_eq!(reply.text(), "SSH-2.0-OpenSSH_9.6");
    assert_eq!(
        (wire.state(), wire.session.poll_timeout()),
        (State::Rejected, None)
    );

    let mut wire = Wire::connected();
    wire.hears("debug: starting\r\n220 mx.example\r\n");
    assert!(matches!(wire.last(), EventKind::Greeting { reply, .. } if reply.is(220)));
    assert_eq!(wire.state(), State::Greeted);
}

#[test]
fn one_byte_a_second_does_not_beat_the_deadline() {
    let mut wire = Wire::connected();
    for _ in 0..299 {
        wire.now += seconds(1);
        wire.hears("2");
        wire.session.handle_timeout(wire.now);
        assert_eq!(wire.state(), State::Connected);
        let deadline = wire.session.poll_timeout().unwrap();
        assert_eq!(
            (deadline.at, deadline.stage),
            (seconds(300), Stage::Connect)
        );
    }
    wire.waits(1);
    let [
        ..,
        EventKind::Line { line, .. },
        EventKind::TimedOut { stage, after, .. },
    ] = &wire.told[..]
    else {
        panic!("{:?}", wire.told);
    };
    assert!(line.defects.contains(&Defect::Unfinished));
    assert_eq!(
        (line.octets, *stage, *after),
        (299, Stage::Connect, seconds(300))
    );
    assert_eq!(wire.session.poll_timeout(), None);
    assert_eq!(
        wire.session.send_free("NOOP", wire.now),
        Err(LocalError::NotConnected)
    );
}

#[test]
fn lines_that_keep_coming_do_not_move_the_deadline_either() {
    let mut wire = Wire::connected();
    for _ in 0..29 {
        wire.now += seconds(10);
        wire.hears("220-please wait\r\n");
    }
    wire.waits(10);
    assert!(matches!(wire.last(), EventKind::TimedOut { .. }));
}

#[test]
fn every_stage_has_its_time() {
    let mut wire = Wire::ready("SIZE");
    assert_eq!(wire.left(), None);
    wire.session.send_free("DATA", wire.now).unwrap();
    assert_eq!(wire.left(), Some(seconds(120)));
    wire.hears("354 go\r\n");
    assert_eq!(wire.left(), None, "the user is writing");
    let message = Message::of(&b"x".repeat(40_000));
    wire.session.send_message(message, wire.now).unwrap();
    for _ in 0..3 {
        wire.now += seconds(100);
        assert!(wire.session.poll_transmit().is_some());
        assert!(
            wire.session.poll_transmit().is_none(),
            "one block at a time"
        );
        wire.session.handle_written(wire.now);
        wire.now += seconds(1);
        let all_written = wire.state() == State::AwaitMessageReply;
        let left = seconds(if all_written { 599 } else { 179 });
        assert_eq!(wire.left(), Some(left));
    }
    assert_eq!(wire.state(), State::AwaitMessageReply);
    wire.now += seconds(600);
    wire.session.handle_timeout(wire.now);
    let last = std::iter::from_fn(|| wire.session.poll_event())
        .last()
        .unwrap();
    assert!(matches!(
        last.kind,
        EventKind::TimedOut {
            stage: Stage::Message,
            delivery_unclear: true,
            ..
        }
    ));
    let short = Timeouts::default().at_most(seconds(30));
    assert_eq!(
        (short.of(Stage::Message), short.handshake),
        (seconds(30), seconds(30))
    );
}

#[test]
fn a_stuck_block_times_out_without_a_doubt_about_delivery() {
    let mut wire = Wire::ready("SIZE");
    wire.session.send_free("DATA", wire.now).unwrap();
    wire.hears("354 go\r\n");
    let message = Message::of(&b"x".repeat(40_000));
    wire.session.send_message(message, wire.now).unwrap();
    assert!(wire.session.poll_transmit().is_some());
    while wire.session.poll_event().is_some() {}
    wire.waits(180);
    assert!(matches!(
        wire.last(),
        EventKind::TimedOut {
            stage: Stage::Message,
            delivery_unclear: false,
            ..
        }
    ));
}

#[test]
fn starttls_forgets_and_discards_what_was_said_in_clear() {
    let mut wire = Wire::ready("STARTTLS");
    wire.says(
        "STARTTLS",
        "220 go\r\n250-evil.example\r\n250 AUTH PLAIN\r\n",
    );
    let [
        ..,
        EventKind::StartTlsReady,
        EventKind::ClearBehindStartTls { text, octets },
    ] = &wire.told[..]
    else {
        panic!("{:?}", wire.told);
    };
    assert_eq!(
        (text.as_str(), *octets),
        (r"250-evil.example\r\n250 AUTH PLAIN\r\n", 34)
    );
    assert_eq!(wire.left(), Some(seconds(60)));
    assert_eq!(
        wire.session.send_free("NOOP", wire.now),
        Err(LocalError::InHandshake)
    );
    wire.hears("more");
    assert!(matches!(
        wire.last(),
        EventKind::ClearBehindStartTls { octets: 4, .. }
    ));

    wire.session.tls_established(wire.now, "TLS 1.3").unwrap();
    wire.poll();
    assert_eq!(
        (wire.state(), wire.session.extensions()),
        (State::Greeted, None)
    );
    assert!(wire.session.is_encrypted());
    assert!(matches!(
        wire.refusal("MAIL FROM:<>"),
        LocalError::NotNow { .. }
    ));
    wire.says("EHLO me.example", "250 mx.example\r\n");
    assert_eq!(wire.refusal("STARTTLS"), LocalError::AlreadyEncrypted);
}

#[test]
fn a_refused_starttls_leaves_the_session_usable_and_a_failed_one_does_not() {
    let mut wire = Wire::ready("STARTTLS");
    wire.says("STARTTLS", "454 4.7.0 not now\r\n");
    assert_eq!(wire.state(), State::Ready);
    assert!(wire.session.progress().tls_refused);
    wire.says("STARTTLS", "220 go\r\n");
    wire.session.tls_failed(wire.now, "no shared cipher");
    wire.poll();
    assert!(wire.last().is_end());
    assert_eq!(wire.state(), State::Closed);
    assert!(wire.session.tls_established(wire.now, "").is_err());
}

#[test]
fn what_answers_a_334_is_masked() {
    let mut wire = Wire::ready("AUTH LOGIN PLAIN");
    wire.says("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n");
    assert!(matches!(wire.refusal("NOOP"), LocalError::NotNow { .. }));
    for (secret, answer) in [
        ("Ym9i", "334 UGFzc3dvcmQ6\r\n"),
        ("aHVudGVyMg==", "535 5.7.8 no\r\n"),
    ] {
        wire.session.send_free(secret, wire.now).unwrap();
        wire.poll();
        let line = SafeText::from("***");
        let sent = EventKind::Sent {
            stage: Stage::Auth,
            line,
        };
        assert!(wire.told.contains(&sent));
        assert!(wire.sent.ends_with(format!("{secret}\r\n").as_bytes()));
        wire.hears(answer);
    }
    assert_eq!(wire.state(), State::Ready);
    // Typed on before the 334 came: still a secret.
    wire.session.send_free("AUTH PLAIN Ym9i", wire.now).unwrap();
    wire.session.send_free("aHVudGVyMg==", wire.now).unwrap();
    assert!(!format!("{:?}", wire.session).contains("Ym9i"));
    wire.poll();
    let told = format!("{:?}", wire.told);
    assert!(
        !told.contains("aHVudGVyMg") && !told.contains("Ym9i"),
        "{told}"
    );
}

#[test]
fn a_message_can_be_typed_line_by_line() {
    let mut wire = Wire::ready("SIZE");
    wire.session.send_free("DATA", wire.now).unwrap();
    wire.hears("354 go\r\n");
    for line in ["Subject: x", "", "QUIT", "."] {
        wire.session.send_free(line, wire.now).unwrap();
        wire.poll();
    }
    assert!(wire.sent.ends_with(b"Subject: x\r\n\r\nQUIT\r\n.\r\n"));
    assert_eq!(wire.state(), State::AwaitMessageReply);
    wire.hears("250 queued\r\n");
    assert_eq!(wire.state(), State::Ready);
}

#[test]
fn an_answer_before_the_final_dot_is_not_awaited_twice() {
    let mut wire = Wire::ready("SIZE");
    wire.session.send_free("DATA", wire.now).unwrap();
    wire.hears("354 go\r\n");
    wire.session.send_free("Subject: x", wire.now).unwrap();
    wire.hears("552 5.3.4 too big\r\n");
    assert!(matches!(
        wire.last(),
        EventKind::Reply {
            stage: Stage::Message,
            ..
        }
    ));
    assert_eq!(wire.state(), State::SendingMessage);
    wire.session.send_free(".", wire.now).unwrap();
    assert_eq!(
        (wire.state(), wire.session.poll_timeout()),
        (State::Ready, None)
    );
}

#[test]
fn pipelined_commands_are_answered_in_their_order() {
    let mut wire = Wire::ready("PIPELINING");
    for line in ["MAIL FROM:<>", "RCPT TO:<a@b.example>", "XFOO"] {
        wire.session.send_free(line, wire.now).unwrap();
    }
    wire.poll();
    wire.now += seconds(2);
    wire.hears("250 a\r\n550 b\r\n500 c\r\n");
    let stages: Vec<_> = wire
        .told
        .iter()
        .filter_map(|kind| match kind {
            EventKind::Reply { stage, .. } => Some(*stage),
            _ => None,
        })
        .collect();
    assert_eq!(
        stages,
        [Stage::Ehlo, Stage::Mail, Stage::Rcpt, Stage::Unknown]
    );
    assert_eq!(wire.state(), State::InMail);
}

#[test]
fn a_close_tells_what_was_awaited_and_a_last_line_counts() {
    let mut wire = Wire::ready("SIZE");
    wire.session.send_free("MAIL FROM:<>", wire.now).unwrap();
    wire.session.receive(b"554 go away", wire.now);
    wire.session
        .handle_closed(wire.now, How::Broken("reset".into()));
    wire.session.handle_closed(wire.now, How::ByServer);
    wire.poll();
    let [
        ..,
        EventKind::Reply {
            stage: Stage::Mail,
            reply,
            ..
        },
        EventKind::Closed {
            during, expected, ..
        },
    ] = &wire.told[..]
    else {
        panic!("{:?}", wire.told);
    };
    assert!(reply.is(554) && reply.defects == [Defect::Unfinished]);
    assert_eq!((*during, *expected), (None, false));

    let mut wire = Wire::connected();
    wire.session.handle_closed(wire.now, How::ByServer);
    wire.poll();
    assert!(matches!(
        wire.last(),
        EventKind::Closed {
            during: Some(Stage::Connect),
            expected: false,
            ..
        }
    ));
}

#[test]
fn a_server_that_never_stops_is_stopped() {
    let mut wire = Wire::ready("SIZE");
    wire.hears("250 again\r\n".repeat(bounds::UNSOLICITED + 1));
    assert_eq!(
        wire.last(),
        &EventKind::Error(RemoteError::TooManyUnsolicited)
    );
    let count = wire.told.len();
    wire.hears("250 again\r\n");
    wire.session.handle_closed(wire.now, How::ByServer);
    wire.poll();
    assert_eq!((wire.told.len(), wire.state()), (count, State::Closed));

    let mut wire = Wire::connected();
    wire.hears(vec![b'x'; bounds::LINE + 1]);
    assert_eq!(wire.last(), &EventKind::Error(RemoteError::TooLongLine));
}

/// What a server may say: sense and nonsense.
fn talk() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: [&str; 12] = [
        "220 hi\r\n",
        "250-a\r\n",
        "250 ok\r\n",
        "250\n",
        "354 go\r\n",
        "334 x\r\n",
        "421 bye\r\n",
        "550 5.1.1 no\r\n",
        "junk\r\n",
        "2",
        "\r",
        "\0\x1b\r\n",
    ];
    prop::collection::vec(prop::sample::select(&PIECES[..]), 0..40)
        .prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    #[test]
    fn pieces_and_any_order_change_nothing(bytes in talk(), size in 1usize..7) {
        let play = |pieces: std::slice::Chunks<'_, u8>| {
            let mut wire = Wire::connected();
            for line in ["EHLO x.example", "MAIL FROM:<>", "RCPT TO:<a@b.example>", "AUTH LOGIN", "DATA"] {
                wire.session.send_free(line, wire.now).unwrap();
            }
            for piece in pieces {
                wire.hears(piece);
            }
            wire.session.handle_closed(wire.now, How::ByServer);
            wire.poll();
            (wire.told, wire.sent)
        };
        prop_assert_eq!(play(bytes.chunks(size)), play(bytes.chunks(bytes.len().max(1))));
    }

    #[test]
    fn nothing_panics_and_nothing_follows_the_end(
        steps in prop::collection::vec((0u8..8, talk(), any::<Vec<u8>>()), 0..30),
    ) {
        let mut wire = Wire::connected();
        for (step, sense, nonsense) in steps {
            let now = wire.now;
            match step {
                0 => wire.hears(nonsense),
                1 => { let _ = wire.session.send_free("AUTH PLAIN x", now); }
                2 => { let _ = wire.session.send_free("STARTTLS", now); }
                3 => { let _ = wire.session.send_free("DATA", now); }
                4 => { let _ = wire.session.send_message(Message::of(&nonsense), now); }
                5 => { let _ = wire.session.tls_established(now, "x"); }
                6 => wire.waits(100),
                _ => wire.hears(sense),
            }
            wire.poll();
            prop_assert!(wire.session.poll_timeout().is_none_or(|d| d.at + seconds(100) >= wire.now));
        }
        wire.session.handle_closed(wire.now, How::ByUs);
        wire.poll();
        let ends = wire.told.iter().filter(|kind| kind.is_end()).count();
        prop_assert_eq!((ends, wire.last().is_end()), (1, true));
    }
}

/// Some servers repeat in their refusal what they were sent.
#[test]
fn what_auth_sent_is_told_by_nobody() {
    // ann, and orange-tree as her password.
    let plain = "AGFubgBvcmFuZ2UtdHJlZQ==";
    let mut wire = Wire::ready("AUTH PLAIN LOGIN");
    wire.says(
        &format!("AUTH PLAIN {plain}"),
        &format!("535-5.7.8 ann: bad response {plain}\r\n535 5.7.8 orange-tree is wrong\r\n"),
    );
    let told = format!("{:?}", wire.told);
    assert!(told.contains("535-5.7.8 ann: bad response ***"), "{told}");
    assert!(told.contains("*** is wrong"), "{told}");
    assert!(
        !told.contains("orange-tree") && !told.contains(plain),
        "{told}"
    );

    // LOGIN, typed: the user name may be told, the password not.
    let mut wire = Wire::ready("AUTH PLAIN LOGIN");
    for (line, answer) in [
        ("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n"),
        ("YW5uLXVzZXI=", "334 UGFzc3dvcmQ6\r\n"),
        ("b3JhbmdlLXRyZWU=", "535 ann-user/orange-tree\r\n"),
    ] {
        wire.session.send_free(line, wire.now).unwrap();
        wire.poll();
        wire.hears(answer);
    }
    let told = format!("{:?}", wire.told);
    assert!(told.contains("535 ann-user/***"), "{told}");
    assert!(!told.contains("orange-tree"), "{told}");
}

#[test]
fn what_the_other_mechanisms_sent_is_told_by_nobody() {
    let coded = |text: &str| STANDARD.encode(text);
    let proof = "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=";
    let digest = "b913a602c7eda7a495b4e6e7334d3890";
    for (secret, sent, answer, shown) in [
        (
            "orange-token",
            "n,a=ann,\x01auth=Bearer orange-token\x01\x01".to_owned(),
            format!("334 {}", coded("{\"token\":\"orange-token\"}")),
            "334 ***",
        ),
        (
            proof,
            format!("c=biws,r=own1,p={proof}"),
            format!("535 5.7.8 {proof} is wrong"),
            "535 5.7.8 *** is wrong",
        ),
        (
            "dj1ybUY",
            format!("c=biws,r=own1,p={proof}"),
            "334 dj1ybUY5cHFWOFM3c3VBb1pXamE0ZEpSa0ZzS1E9".to_owned(),
            "334 ***",
        ),
        (
            digest,
            format!("ann {digest}"),
            format!("535 {digest}"),
            "535 ***",
        ),
    ] {
        let mut wire = Wire::ready("AUTH CRAM-MD5");
        let (sent, answer) = (coded(&sent), format!("{answer}\r\n"));
        for (line, answer) in [("AUTH X", "334 cj1vd24x\r\n"), (&sent, &answer)] {
            wire.session.send_free(line, wire.now).unwrap();
            wire.poll();
            wire.hears(answer);
        }
        let told = format!("{:?}", wire.told);
        assert!(told.contains(shown) && told.contains("cj1vd24x"), "{told}");
        assert!(!told.contains(secret) && !told.contains(&sent), "{told}");
    }
}

/// An LMTP session with two recipients taken and one refused, after the 354.
fn lmtp() -> Wire {
    let mut wire = Wire::connected();
    wire.hears("220 lmtp.example LMTP\r\n");
    wire.says("LHLO me.example", "250-lmtp.example\r\n250 PIPELINING\r\n");
    wire.says("MAIL FROM:<a@b.example>", "250 ok\r\n");
    wire.says("RCPT TO:<one@c.example>", "250 ok\r\n");
    wire.says("RCPT TO:<two@c.example>", "550 no\r\n");
    wire.says("RCPT TO:<three@c.example>", "250 ok\r\n");
    wire.says("DATA", "354 go\r\n");
    wire
}

#[test]
fn lmtp_answers_the_message_once_for_each_accepted_recipient() {
    let mut wire = lmtp();
    assert!(wire.session.is_lmtp());
    let taken: Vec<&str> = wire
        .session
        .recipients()
        .iter()
        .map(SafeText::as_str)
        .collect();
    assert_eq!(taken, ["<one@c.example>", "<three@c.example>"]);
    wire.session
        .send_message(Message::of(b"x"), wire.now)
        .unwrap();
    wire.poll();
    assert_eq!(wire.state(), State::AwaitMessageReply);
    wire.hears("250 2.1.5 one\r\n");
    assert_eq!(wire.state(), State::AwaitMessageReply);
    assert_eq!(wire.session.progress().transactions, 0);
    wire.hears("552-5.2.2 three\r\n552 5.2.2 is full\r\n");
    assert_eq!(wire.state(), State::Ready);
    let progress = *wire.session.progress();
    assert_eq!((progress.messages_taken, progress.messages_refused), (1, 1));
    assert_eq!(progress.transactions, 1);
    assert!(wire.session.recipients().is_empty());
    let about: Vec<_> = wire
        .told
        .iter()
        .filter_map(|kind| match kind {
            EventKind::ForRecipient(recipient) => Some(recipient.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(about, ["<one@c.example>", "<three@c.example>"]);
    assert_eq!(wire.session.awaited(), None);
}

#[test]
fn a_353_to_the_message_brings_an_answer_for_each_recipient_and_one_for_all() {
    for (last, taken) in [("250 queued", 1), ("550 not for anybody", 0)] {
        let mut wire = Wire::ready("PRDR");
        wire.says("MAIL FROM:<a@b.example> PRDR", "250 ok\r\n");
        wire.says("RCPT TO:<one@c.example>", "250 ok\r\n");
        wire.says("RCPT TO:<two@c.example>", "250 ok\r\n");
        wire.says("DATA", "354 go\r\n");
        wire.session
            .send_message(Message::of(b"x"), wire.now)
            .unwrap();
        wire.poll();
        wire.hears("353 looking at it\r\n250 one\r\n");
        assert_eq!(wire.state(), State::AwaitMessageReply);
        wire.hears("550 two\r\n");
        assert_eq!(wire.state(), State::AwaitMessageReply);
        assert_eq!(wire.session.progress().transactions, 0);
        wire.hears(format!("{last}\r\n"));
        assert_eq!(wire.state(), State::Ready);
        let progress = *wire.session.progress();
        // The last answer is about the whole message, and voids what was said before it.
        assert_eq!(progress.messages_taken > 0, taken > 0, "{progress:?}");
        assert!(progress.messages_refused > 0);
        assert_eq!(progress.transactions, 1);
        assert_eq!(wire.session.awaited(), None);
        let about = wire
            .told
            .iter()
            .filter(|kind| matches!(kind, EventKind::ForRecipient(_)));
        assert_eq!(about.count(), 2);
    }
}

#[test]
fn lmtp_may_answer_early_close_early_and_time_out_between_two_answers() {
    // The first answer before the dot, the second behind it.
    let mut wire = lmtp();
    wire.session.send_free("text", wire.now).unwrap();
    wire.poll();
    wire.hears("452 4.2.2 full\r\n");
    assert_eq!(wire.state(), State::SendingMessage);
    wire.session.send_free(".", wire.now).unwrap();
    wire.poll();
    assert_eq!(wire.state(), State::AwaitMessageReply);
    wire.hears("250 ok\r\n");
    assert_eq!(wire.state(), State::Ready);
    // Both before it.
    let mut wire = lmtp();
    wire.session.send_free("text", wire.now).unwrap();
    wire.hears("452 full\r\n452 full\r\n");
    wire.session.send_free(".", wire.now).unwrap();
    wire.poll();
    assert_eq!(wire.state(), State::Ready);
    // One comes, the other does not.
    let mut wire = lmtp();
    wire.session
        .send_message(Message::of(b"x"), wire.now)
        .unwrap();
    wire.poll();
    wire.hears("250 ok\r\n");
    wire.waits(601);
    let timed_out = |kind: &EventKind| {
        matches!(
            kind,
            EventKind::TimedOut {
                stage: Stage::Message,
                delivery_unclear: true,
                ..
            }
        )
    };
    assert!(wire.told.iter().any(timed_out), "{:?}", wire.told);
    // 421 ends it whatever is awaited.
    let mut wire = lmtp();
    wire.session
        .send_message(Message::of(b"x"), wire.now)
        .unwrap();
    wire.poll();
    wire.hears("421 bye\r\n");
    assert_eq!(wire.state(), State::Closing);
}

#[test]
fn after_ehlo_there_is_one_answer_again() {
    let mut wire = lmtp();
    wire.session
        .send_message(Message::of(b"x"), wire.now)
        .unwrap();
    wire.poll();
    wire.hears("250 ok\r\n250 ok\r\n");
    wire.says("EHLO me.example", "250 mx.example\r\n");
    assert!(!wire.session.is_lmtp());
    wire.says("MAIL FROM:<>", "250 ok\r\n");
    wire.says("RCPT TO:<one@c.example>", "250 ok\r\n");
    wire.says("RCPT TO:<two@c.example>", "250 ok\r\n");
    wire.says("DATA", "354 go\r\n");
    wire.session
        .send_message(Message::of(b"x"), wire.now)
        .unwrap();
    wire.poll();
    wire.hears("250 ok\r\n");
    assert_eq!(wire.state(), State::Ready);
}

#[test]
fn xclient_brings_the_greeting_back_and_a_refusal_changes_nothing() {
    let mut wire = Wire::ready("XCLIENT NAME ADDR");
    wire.says("XCLIENT NAME=a ADDR=192.0.2.1", "550 5.7.0 not you\r\n");
    assert_eq!(wire.state(), State::Ready);
    assert_eq!(wire.session.progress().xclient, Some(false));
    wire.says("XCLIENT NAME=a ADDR=192.0.2.1", "220 mx.example ESMTP\r\n");
    assert_eq!(wire.state(), State::Greeted);
    assert!(wire.session.extensions().is_none());
    assert_eq!(wire.session.progress().xclient, Some(true));
    assert!(matches!(
        wire.refusal("MAIL FROM:<>"),
        LocalError::NotNow { .. }
    ));
    wire.says("EHLO me.example", "250 mx.example\r\n");
    assert_eq!(wire.state(), State::Ready);
    // Not inside a transaction.
    wire.says("MAIL FROM:<>", "250 ok\r\n");
    assert!(matches!(
        wire.refusal("XCLIENT NAME=a"),
        LocalError::NotNow { .. }
    ));
    assert!(matches!(
        wire.refusal("XFORWARD NAME=a"),
        LocalError::NotNow { .. }
    ));
}

#[test]
fn a_group_is_answered_in_its_order() {
    let commands = |lines: &[&str]| -> Vec<Command> {
        lines
            .iter()
            .map(|line| Command::parse_typed(line).unwrap())
            .collect()
    };
    let whole = commands(&[
        "MAIL FROM:<>",
        "RCPT TO:<a@c.example>",
        "RCPT TO:<b@c.example>",
        "DATA",
    ]);
    let mut wire = Wire::ready("SIZE");
    assert_eq!(
        wire.session.send_group(&whole, wire.now),
        Err(LocalError::NoPipelining)
    );
    let mut wire = Wire::ready("PIPELINING");
    let wrong = commands(&["NOOP", "MAIL FROM:<>"]);
    assert_eq!(
        wire.session.send_group(&wrong, wire.now),
        Err(LocalError::NotLast(Stage::Noop))
    );
    let wrong = commands(&["RCPT TO:<a@c.example>", "MAIL FROM:<>"]);
    assert!(matches!(
        wire.session.send_group(&wrong, wire.now),
        Err(LocalError::NotNow { .. })
    ));
    let before = wire.sent.len();
    wire.session.send_group(&whole, wire.now).unwrap();
    wire.poll();
    assert_eq!(
        String::from_utf8_lossy(&wire.sent[before..]),
        "MAIL FROM:<>\r\nRCPT TO:<a@c.example>\r\nRCPT TO:<b@c.example>\r\nDATA\r\n"
    );
    wire.hears("250 ok\r\n550 no\r\n25");
    assert_eq!(wire.session.awaited(), Some(Stage::Rcpt));
    wire.hears("0 ok\r\n354 go\r\n");
    assert_eq!(wire.state(), State::AwaitData);
    let progress = *wire.session.progress();
    assert_eq!(
        (progress.recipients_answered, progress.recipients_accepted),
        (2, 1)
    );
    assert_eq!(
        wire.session.recipients(),
        ["<b@c.example>".into()] as [SafeText; 1]
    );
}

fn raw(text: &str) -> Raw {
    Raw::parse(text, Ending::None).unwrap()
}

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
fn raw_secrets_are_shown_to_nobody() {
    let secret = STANDARD.encode("\0ann\0orange-tree");
    for texts in [
        vec![format!(r"AUTH PLAIN {secret}\r\n")],
        vec!["AUTH PLAIN ".to_owned(), format!(r"{secret}\r\n")],
        vec!["AU".to_owned(), format!(r"TH PLAIN {secret}\r\n")],
        vec![
            r"AUTH PLAIN\r\n".to_owned(),
            format!(r"{secret}\n"),
            r"\r\n".to_owned(),
        ],
        vec![format!(r"NOOP\nAUTH PLAIN {secret}\n")],
    ] {
        let mut wire = Wire::ready("AUTH PLAIN");
        for text in &texts {
            wire.session.send_raw(&raw(text), wire.now).unwrap();
            wire.poll();
        }
        wire.hears(format!("535 {secret} is orange-tree\r\n"));
        let told = format!("{:?} {:?}", wire.told, wire.session);
        assert!(
            !told.contains(&secret) && !told.contains("orange-tree"),
            "{texts:?}: {told}"
        );
    }
}

#[test]
fn a_typed_login_is_told_in_words() {
    let mut wire = Wire::ready("AUTH LOGIN");
    wire.says("AUTH LOGIN", "334 VXNlcm5hbWU6\r\n");
    for (line, answer) in [
        ("YW5u", "334 UGFzc3dvcmQ6\r\n"),
        ("b3JhbmdlLXRyZWU=", "235 ok\r\n"),
    ] {
        wire.session.send_free(line, wire.now).unwrap();
        wire.poll();
        wire.hears(answer);
    }
    let words: Vec<String> = wire
        .told
        .iter()
        .filter_map(|kind| match kind {
            EventKind::AuthRead { by_us, words } => Some(format!("{by_us} {words}")),
            _ => None,
        })
        .collect();
    assert_eq!(
        words,
        [
            "true no initial response",
            "false the server says: Username:",
            "true user ann",
            "false the server says: Password:",
            "true password ***",
        ]
    );
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

proptest! {
    /// Any octets in any order, and any replies: nothing panics, and what is told is safe.
    #[test]
    fn any_raw_octets_and_any_replies(
        steps in prop::collection::vec(
            (
                prop::sample::select(vec![
                    "EHLO a", "LHLO a", "MAIL FROM:<>", "RCPT TO:<a@b>", "DATA", ".", "AUTH LOGIN",
                    "YW5u", "XCLIENT NAME=a", "RSET", r"\r\n.\r\n", r"\n.\n", r"\x00\xff", "x",
                ]),
                0usize..4,
                "([2345][0-5][0-9][ -]x\r\n|\r\n|x){0,3}",
            ),
            0..25,
        ),
    ) {
        let mut wire = Wire::connected();
        wire.hears("220 x\r\n");
        for (text, ending, reply) in steps {
            let raw = Raw::parse(text, Ending::ALL[ending]).unwrap();
            let _ = rules_broken(&wire.session.standing(), &raw);
            let _ = wire.session.send_raw(&raw, wire.now);
            wire.poll();
            wire.hears(&reply);
            if wire.session.state() == State::TlsHandshake {
                wire.session.tls_established(wire.now, "x").unwrap();
            }
        }
        let told = format!("{:?}", wire.told);
        prop_assert!(!told.contains(char::is_control));
    }

    /// Guided, nothing that somebody types becomes a second command.
    #[test]
    fn a_guided_command_is_one_line_on_the_wire(
        text in "[ -~\r\n\0\u{80}-\u{ff}]{1,40}",
        kind in 0usize..8,
    ) {
        let made = match kind {
            0 => text.parse().map(Command::Ehlo),
            1 => text.parse().map(Command::Lhlo),
            2 => crate::smtp::Attributes::new(&format!("NAME={text}")).map(Command::Xclient),
            3 => crate::smtp::Attributes::new(&text).map(Command::Xforward),
            4 => crate::smtp::Parameter::envid(&text)
                .map(|p| Command::Mail { from: crate::smtp::ReversePath::Null, parameters: vec![p] }),
            5 => crate::smtp::Parameter::orcpt(&text)
                .map(|p| Command::Rcpt { to: crate::smtp::ForwardPath::Postmaster, parameters: vec![p] }),
            6 => crate::smtp::Parameter::auth(&text)
                .map(|p| Command::Mail { from: crate::smtp::ReversePath::Null, parameters: vec![p] }),
            _ => crate::smtp::Argument::new(&text).map(Command::Etrn),
        };
        if let Ok(command) = made {
            let sent = command.encode();
            let breaks = sent.iter().filter(|b| matches!(b, b'\r' | b'\n' | 0)).count();
            prop_assert_eq!(breaks, 2);
            prop_assert!(sent.ends_with(b"\r\n"));
        }
    }
}
/// A server that wants the password seen has more ways than to repeat it.
#[test]
fn a_piece_of_what_auth_sent_is_told_by_nobody() {
    let plain = STANDARD.encode("\0ann\0orange-tree");
    let login = STANDARD.encode("orange-tree");
    for (answer, shown) in [
        ("535 eert-egnaro", "535 ***"),
        ("535-orange\r\n535 e-tree", "535 ***"),
        ("535 ORANGE-TREE", "535 ***"),
        (&format!("535 {login} is wrong"), "535 *** is wrong"),
        (
            &format!("535 <{}>", STANDARD.encode("it was orange-tree!")),
            "535 <***>",
        ),
        ("220 go\r\norange-tree", "text: \"***"),
    ] {
        let mut wire = Wire::ready("AUTH PLAIN");
        wire.says(&format!("AUTH PLAIN {plain}"), "535 5.7.8 no\r\n");
        let line = if answer.starts_with("220") {
            "STARTTLS"
        } else {
            "NOOP"
        };
        wire.says(line, &format!("{answer}\r\n"));
        let told = format!("{:?}", wire.told);
        assert!(told.contains(shown), "{told}");
        for secret in ["orange-t", "eert-e", "orange", &login] {
            assert!(!told.contains(secret), "{told}");
        }
    }
    let mut wire = Wire::ready("AUTH PLAIN");
    wire.says(&format!("AUTH PLAIN {plain}"), "535 5.7.8 no\r\n");
    wire.says("STARTTLS", "220 go\r\n");
    let why = "certificate for orange-tree.example";
    wire.session.tls_failed(wire.now, why);
    wire.poll();
    let told = format!("{:?}", wire.last());
    assert!(told.contains("for ***.example"), "{told}");
}

/// Found by fuzzing: a second AUTH, typed where the first one waits for its answer.
#[test]
fn an_auth_within_an_auth_is_hidden_too() {
    let mut wire = Wire::ready("AUTH PLAIN LOGIN");
    let plain = STANDARD.encode("\0ann\0orange-tree");
    let login = STANDARD.encode("orange-tree");
    for (line, answer) in [
        ("AUTH LOGIN".to_owned(), "334 \r\n".to_owned()),
        (format!("AUTH PLAIN {plain}"), format!("334 {login}\r\n")),
    ] {
        wire.session.send_free(&line, wire.now).unwrap();
        wire.poll();
        wire.hears(answer);
    }
    let told = format!("{:?}", wire.told);
    assert!(told.contains("334 ***") && !told.contains(&login), "{told}");
}

/// Found by fuzzing: a password typed once more, where no AUTH asks for it.
#[test]
fn a_secret_that_is_typed_again_is_hidden_too() {
    let mut wire = Wire::ready("AUTH PLAIN");
    let plain = STANDARD.encode("\0ann\0orange-tree");
    wire.says(&format!("AUTH PLAIN {plain}"), "535 5.7.8 no\r\n");
    wire.says("oh orange-tree of orange", "500 what\r\n");
    let told = format!("{:?}", wire.told);
    assert!(told.contains("oh *** of orange"), "{told}");
}
