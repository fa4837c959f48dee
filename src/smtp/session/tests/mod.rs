//! Hand-fed bytes, and any bytes.

mod any;
mod lmtp;
mod raw;
mod secrets;
mod times;

use super::*;
use crate::smtp::command::{Command, Ending, Raw};
use crate::smtp::data::Message;
use crate::smtp::error::{LocalError, RemoteError};
use crate::smtp::reply::{Defect, bounds};
use crate::smtp::rules::rules_broken;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

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
fn a_line_too_many_ends_it_also_where_it_is_not_whole() {
    for by_time in [true, false] {
        let mut wire = Wire::connected();
        wire.hears("220-x\r\n".repeat(bounds::LINES));
        wire.hears("220 x");
        if by_time {
            wire.waits(600);
        } else {
            wire.session.handle_closed(wire.now, How::ByServer);
            wire.poll();
        }
        let error = EventKind::Error(RemoteError::TooManyLines);
        assert_eq!(wire.last(), &error);
        assert_eq!(wire.state(), State::Closed);
    }
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
