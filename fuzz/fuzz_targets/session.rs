//! A session in which everything happens in any order: bytes, commands, free lines, logins,
//! messages, time, handshakes, the end.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use smtp_tui::smtp::data::Message;
use smtp_tui::smtp::state::State;
use smtp_tui::smtp::{Command, Event, EventKind, How, Session, SessionOptions};
use smtp_tui::text::SafeText;
use std::time::Duration;

/// The password, alone and as PLAIN and LOGIN send it. No other input holds it.
const SECRET: &str = "Canary-73!pass";
const PLAIN: &str = "AGFubgBDYW5hcnktNzMhcGFzcw==";
const LOGIN: &str = "Q2FuYXJ5LTczIXBhc3M=";

/// Answers that get somewhere, and such that repeat what AUTH sent.
const SAID: [&str; 24] = [
    "220 mx.example ESMTP\r\n",
    "250-mx.example\r\n250-STARTTLS\r\n250-SIZE 100\r\n250 AUTH PLAIN LOGIN\r\n",
    "250 2.0.0 Ok\r\n",
    "220 2.0.0 go ahead\r\n",
    "334 \r\n",
    "334 UGFzc3dvcmQ6\r\n",
    "235 2.7.0 yes\r\n",
    "354 go\r\n",
    "221 bye\r\n",
    "421 4.3.2 down\r\n",
    "550 5.1.1 no\r\n",
    "535 5.7.8 Canary-73!pass\r\n",
    "535 5.7.8 you said AGFubgBDYW5hcnktNzMhcGFzcw==\r\n",
    "535-Canary-73\r\n535 !pass Q2FuYXJ5LTczIXBhc3M=\r\n",
    "334 Q2FuYXJ5LTczIXBhc3M=\r\n",
    "334 eW91IHNhaWQgQ2FuYXJ5LTczIXBhc3M=\r\n",
    "ssap!37-yranaC\r\n",
    "220 go\r\nCanary-73!pass\r\n",
    "250-x",
    "\r\n",
    "\n",
    "\r",
    "no code\r\n",
    "250-a\r\n550 b\r\n",
];

const TYPED: [&str; 12] = [
    "EHLO me.example",
    "HELO me.example",
    "STARTTLS",
    "MAIL FROM:<a@b.example>",
    "RCPT TO:<c@d.example>",
    "DATA",
    "RSET",
    "NOOP",
    "QUIT",
    "VRFY x",
    "",
    ".",
];

#[derive(Arbitrary, Debug)]
enum Step<'a> {
    Said(u8),
    Bytes(&'a [u8]),
    /// Guided.
    Typed(u8),
    /// Free.
    Free(u8),
    FreeText(&'a str),
    Plain { free: bool },
    Login { free: bool },
    /// Where a challenge waits for it.
    Answer { plain: bool, free: bool },
    Message(&'a [u8]),
    /// So many pieces are written.
    Write(u8),
    Wait(u16),
    TlsUp,
    TlsFailed,
    Closed(u8),
}

fuzz_target!(|steps: (bool, Vec<Step<'_>>)| {
    let (implicit_tls, steps) = steps;
    let mut run = Run {
        session: Session::new(SessionOptions {
            implicit_tls,
            ..SessionOptions::default()
        }),
        now: Duration::ZERO,
        ended: false,
        shakes: false,
        sent: false,
    };
    run.session.handle_connected(run.now);
    run.hear();
    for step in steps.iter().take(400) {
        run.does(step);
        run.hear();
    }
    run.session.handle_closed(run.now, How::ByUs);
    run.hear();
    assert!(run.ended, "no end");
    assert_eq!(run.session.state(), State::Closed);
    assert!(run.session.poll_timeout().is_none());
    assert!(run.session.poll_transmit().is_none());
    // Nor does its debug form, which a panic might print.
    if run.sent {
        clean(&format!("{:?}", run.session));
    }
});

struct Run {
    session: Session,
    now: Duration,
    ended: bool,
    /// A handshake is due.
    shakes: bool,
    /// The password went out. Before that, whoever says it has made it up.
    sent: bool,
}

impl Run {
    fn does(&mut self, step: &Step<'_>) {
        let now = self.now;
        let session = &mut self.session;
        match step {
            Step::Said(which) => {
                let said = SAID[usize::from(*which) % SAID.len()];
                session.receive(said.as_bytes(), now);
            }
            Step::Bytes(bytes) => session.receive(bytes, now),
            Step::Typed(which) => {
                let typed = TYPED[usize::from(*which) % TYPED.len()];
                if let Ok(command) = Command::parse_typed(typed) {
                    let _ = session.send(&command, now);
                }
            }
            Step::Free(which) => {
                let _ = session.send_free(TYPED[usize::from(*which) % TYPED.len()], now);
            }
            Step::FreeText(text) => {
                let _ = session.send_free(text, now);
            }
            Step::Plain { free } => {
                self.sent |= self.says(&format!("AUTH PLAIN {PLAIN}"), *free);
            }
            Step::Login { free } => {
                self.says("AUTH LOGIN", *free);
            }
            Step::Answer { plain, free } => {
                if session.state() == State::Authenticating {
                    let answer = if *plain { PLAIN } else { LOGIN };
                    // LOGIN's first answer is the user name, which is no secret.
                    let is_secret = *plain || self.sent;
                    let said = if *free {
                        session.send_free(answer, now)
                    } else {
                        let secret = smtp_tui::text::Secret::new(answer.to_owned());
                        let credentials = smtp_tui::smtp::Credentials::new(secret);
                        let answer = Command::AuthAnswer(credentials.expect("printable"));
                        session.send(&answer, now)
                    };
                    self.sent |= said.is_ok() && is_secret;
                }
            }
            Step::Message(text) => {
                let _ = session.send_message(Message::of(text), now);
            }
            Step::Write(count) => {
                for _ in 0..*count {
                    let Some(octets) = session.poll_transmit() else {
                        break;
                    };
                    assert!(!octets.is_empty());
                    session.handle_written(now);
                }
            }
            Step::Wait(seconds) => {
                self.now += Duration::from_secs(u64::from(*seconds));
                session.handle_timeout(self.now);
            }
            Step::TlsUp => {
                let up = session.tls_established(now, "TLS 1.3").is_ok();
                assert!(!up || std::mem::take(&mut self.shakes), "no handshake was due");
            }
            Step::TlsFailed => session.tls_failed(now, "no"),
            Step::Closed(how) => session.handle_closed(
                now,
                match how % 3 {
                    0 => How::ByUs,
                    1 => How::ByServer,
                    _ => How::Broken("reset".into()),
                },
            ),
        }
    }

    /// Whether it was said.
    fn says(&mut self, line: &str, free: bool) -> bool {
        // A line of a message is no login.
        if matches!(
            self.session.state(),
            State::AwaitData | State::SendingMessage
        ) {
            return false;
        }
        if free {
            return self.session.send_free(line, self.now).is_ok();
        }
        let command = Command::parse_typed(line).expect("a command");
        self.session.send(&command, self.now).is_ok()
    }

    fn hear(&mut self) {
        while let Some(event) = self.session.poll_event() {
            assert!(!self.ended, "after the end: {event:?}");
            self.ended = event.kind.is_end();
            self.shakes |= matches!(event.kind, EventKind::StartTlsReady);
            check(&event, self.sent);
        }
    }
}

fn check(event: &Event, sent: bool) {
    if sent {
        clean(&format!("{event:?}"));
    }
    match &event.kind {
        EventKind::Line { line, .. } => safe(&line.shown),
        EventKind::Greeting { reply, .. }
        | EventKind::Reply { reply, .. }
        | EventKind::Unsolicited(reply) => safe(&reply.text()),
        EventKind::Sent { line, .. } => safe(line),
        EventKind::ClearBehindStartTls { text, .. } => safe(text),
        _ => {}
    }
}

fn clean(text: &str) {
    for secret in [SECRET, PLAIN, LOGIN] {
        assert!(!text.contains(secret), "the secret is told: {text}");
    }
}

fn safe(text: &SafeText) {
    assert!(text.chars().all(|c| c == '\t' || !c.is_control()));
}
