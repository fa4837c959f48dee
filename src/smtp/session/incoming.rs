//! What comes from the server.

use super::{InFlight, Session};
use crate::smtp::error::{LocalError, RemoteError};
use crate::smtp::event::EventKind;
use crate::smtp::extension::Extensions;
use crate::smtp::reply::{Parsed, Reply, ReplyParser, bounds};
use crate::smtp::sasl::Typed;
use crate::smtp::stage::Stage;
use crate::smtp::state::{On, Outcome, State};
use crate::text::{SafeText, Secret};
use std::time::Duration;

/// Bytes behind the 220 of STARTTLS that are shown; the rest is counted.
const CLEAR_SHOWN: usize = 1024;

impl Session {
    /// Bytes came. Any bytes can be passed, in any pieces.
    pub fn receive(&mut self, bytes: &[u8], now: Duration) {
        self.tick(now);
        let left = bounds::SESSION - self.received.min(bounds::SESSION);
        let (taken, beyond) = bytes.split_at(bytes.len().min(left));
        self.received += taken.len();
        if self.state == State::TlsHandshake {
            self.discard_clear(taken);
        } else if self.state.is_connected() {
            self.parser.push(taken);
            self.read();
        }
        if !beyond.is_empty() && self.state.is_connected() {
            self.fail(RemoteError::TooLongSession);
        }
    }

    /// The handshake that [`EventKind::StartTlsReady`] asked for is done; `description` for
    /// people: version, cipher suite, whose certificate.
    pub fn tls_established(
        &mut self,
        now: Duration,
        description: impl Into<SafeText>,
    ) -> Result<(), LocalError> {
        self.tick(now);
        if self.state != State::TlsHandshake {
            return Err(LocalError::NotNow {
                stage: Stage::StartTls,
                state: self.state,
            });
        }
        self.encrypted = true;
        // What was said in clear counts no more (RFC 3207 section 4.2).
        self.extensions = None;
        self.parser = ReplyParser::default();
        self.moved(On::TlsUp);
        self.tell(EventKind::TlsEstablished {
            description: description.into(),
        });
        Ok(())
    }

    /// The handshake failed, that of STARTTLS or that of implicit TLS; `what` in the words of
    /// the TLS library. The session is over.
    pub fn tls_failed(&mut self, now: Duration, what: impl Into<SafeText>) {
        self.tick(now);
        let at_once = self.options.implicit_tls && self.state == State::Connected;
        if self.state == State::TlsHandshake || (at_once && self.received == 0) {
            self.encrypted = false;
            self.tell(EventKind::TlsFailed { what: what.into() });
            self.end();
        }
    }

    /// Reads what the parser holds until it wants more bytes.
    fn read(&mut self) {
        loop {
            let stage = self.stage_of_next_reply();
            match self.parser.next(stage.unwrap_or(Stage::Unknown)) {
                Some(Ok(Parsed::Line(line))) => {
                    self.tell_recipient();
                    self.tell(EventKind::Line { stage, line });
                }
                Some(Ok(Parsed::Reply(reply))) => self.handle_reply(reply),
                Some(Err(error)) => self.fail(error),
                None => return,
            }
            if self.state == State::TlsHandshake {
                let clear = self.parser.discard();
                return self.discard_clear(&clear);
            }
        }
    }

    fn stage_of_next_reply(&self) -> Option<Stage> {
        let expected = self
            .in_flight
            .front()
            .or(self.answered_badly.as_ref())
            .or(self.perhaps.front());
        expected.map(|command| command.stage)
    }

    pub(super) fn handle_reply(&mut self, reply: Reply) {
        let outcome = Outcome::of(reply.code);
        let answered = self
            .in_flight
            .pop_front()
            .or_else(|| {
                self.answered_badly
                    .take_if(|_| outcome != Outcome::Unintelligible)
            })
            .or_else(|| self.perhaps.pop_front());
        let Some(command) = answered else {
            return self.handle_unsolicited(reply, outcome);
        };
        let stage = command.stage;
        self.wait_began = self.now;
        let (sent_at, recipient) = (command.sent_at, command.recipient.clone());
        self.answered_badly = (outcome == Outcome::Unintelligible).then_some(command);
        if stage == Stage::Message && self.state == State::AwaitMessageReply && reply.is(353) {
            self.await_each_recipient(sent_at);
        } else {
            self.progress.note(stage, reply.code);
        }
        let more = stage == Stage::Message && self.awaits(Stage::Message);
        if stage == Stage::Message && !more {
            let for_nobody = std::mem::take(&mut self.by_recipient) && outcome != Outcome::Done;
            self.progress.end_transaction(for_nobody);
        }
        self.note_envelope(stage, outcome, recipient);
        match (stage, outcome) {
            (Stage::Ehlo | Stage::Lhlo, Outcome::Done) => {
                self.lmtp = stage == Stage::Lhlo;
                self.extensions = Some(Extensions::of(&reply));
            }
            (Stage::Helo, Outcome::Done) => {
                self.lmtp = false;
                self.extensions = None;
            }
            // It offers anew what it offers to whom it now takes us for.
            (Stage::Xclient, Outcome::Done) => self.extensions = None,
            (Stage::Auth, Outcome::GoOn) => {
                let text = reply.lines.last().map(|line| line.text.trim());
                let text = text.unwrap_or_default().to_owned();
                self.challenges.push(Secret::new(text));
            }
            (Stage::Message | Stage::Bdat, _) if self.state == State::SendingMessage => {
                self.answered_early = Some(outcome);
            }
            _ => {}
        }
        let took = self.now.saturating_sub(sent_at);
        self.tell(match stage {
            Stage::Connect => EventKind::Greeting { reply, took },
            _ => EventKind::Reply { stage, reply, took },
        });
        if stage == Stage::Auth {
            self.read_challenge(outcome);
        }
        // With LMTP the message is answered only when the last recipient is.
        if !more || outcome == Outcome::ShuttingDown {
            self.moved(On::Answer(stage, outcome));
        }
        if stage == Stage::Bdat {
            self.go_on_with_chunks();
        }
        if self.state == State::TlsHandshake {
            // What was sent behind STARTTLS went in clear and gets no answer.
            self.in_flight.clear();
            self.perhaps.clear();
            self.outgoing.clear();
            self.tell(EventKind::StartTlsReady);
        }
    }

    /// 353 to the message (PRDR, draft-hall-prdr section 2): an answer for each recipient that was
    /// taken follows, and one about the whole message.
    fn await_each_recipient(&mut self, sent_at: Duration) {
        self.by_recipient = true;
        let each = self.recipients.iter().cloned().map(Some);
        for recipient in each.chain([None]).rev() {
            self.in_flight.push_front(InFlight {
                stage: Stage::Message,
                sent_at,
                recipient,
            });
        }
    }

    /// Before the first line of an answer to the message that is about one recipient.
    fn tell_recipient(&mut self) {
        let front = self.in_flight.front_mut();
        let about = front.filter(|command| command.stage == Stage::Message);
        if let Some(recipient) = about.and_then(|command| command.recipient.take()) {
            self.tell(EventKind::ForRecipient(recipient));
        }
    }

    pub(super) fn awaits(&self, stage: Stage) -> bool {
        self.in_flight.iter().any(|command| command.stage == stage)
    }

    fn note_envelope(&mut self, stage: Stage, outcome: Outcome, recipient: Option<SafeText>) {
        match (stage, outcome) {
            (Stage::Rcpt, Outcome::Done) => self.recipients.extend(recipient),
            (
                Stage::Mail
                | Stage::Rset
                | Stage::Ehlo
                | Stage::Helo
                | Stage::Lhlo
                | Stage::Xclient,
                Outcome::Done,
            ) => self.recipients.clear(),
            (Stage::Message, _) if !self.awaits(Stage::Message) => self.recipients.clear(),
            _ => {}
        }
    }

    /// What a challenge to a typed AUTH says; whoever drives an exchange says it themselves.
    fn read_challenge(&mut self, outcome: Outcome) {
        if self.typed_auth.is_none() {
            return;
        }
        if outcome != Outcome::GoOn {
            self.typed_auth = None;
            return;
        }
        let challenge = self.challenges.last().map_or("", Secret::expose);
        let words = self.hidden.shown(Typed::heard(challenge));
        self.tell(EventKind::AuthRead {
            by_us: false,
            words,
        });
    }

    fn handle_unsolicited(&mut self, reply: Reply, outcome: Outcome) {
        self.tell(EventKind::Unsolicited(reply));
        self.moved(On::Unasked(outcome));
        self.unsolicited += 1;
        if self.unsolicited > bounds::UNSOLICITED {
            self.fail(RemoteError::TooManyUnsolicited);
        }
    }

    fn discard_clear(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            let shown = bytes.get(..CLEAR_SHOWN).unwrap_or(bytes);
            self.tell(EventKind::ClearBehindStartTls {
                text: SafeText::from_bytes(shown),
                octets: bytes.len(),
            });
        }
    }

    /// Tells of a line that will never be finished; gives the reply that it would end.
    ///
    /// # Errors
    ///
    /// Where it passes a bound, as it would if it were whole.
    pub(super) fn tell_unfinished_line(&mut self) -> Result<Option<Reply>, RemoteError> {
        let stage = self.stage_of_next_reply();
        let mut ended = None;
        while let Some(parsed) = self.parser.finish(stage.unwrap_or(Stage::Unknown)) {
            match parsed? {
                Parsed::Line(line) => self.tell(EventKind::Line { stage, line }),
                Parsed::Reply(reply) => ended = Some(reply),
            }
        }
        Ok(ended)
    }

    pub(super) fn fail(&mut self, error: RemoteError) {
        self.tell(EventKind::Error(error));
        self.end();
    }
}
