//! What goes to the server.

use super::Session;
use crate::smtp::command::{Command, FreeLine, MASK, masked};
use crate::smtp::data::Message;
use crate::smtp::error::LocalError;
use crate::smtp::event::EventKind;
use crate::smtp::stage::Stage;
use crate::smtp::state::{On, State};
use crate::text::SafeText;
use std::time::Duration;

impl Session {
    /// Sends a command of guided use: only what the state permits, and one at a time. A
    /// [`Command::Free`] goes the way of [`Session::send_free`].
    pub fn send(&mut self, command: &Command, now: Duration) -> Result<(), LocalError> {
        if let Command::Free(line) = command {
            return self.send_line(line, now);
        }
        self.tick(now);
        self.can_write()?;
        if let Some(stage) = self.awaited() {
            return Err(LocalError::Waiting(stage));
        }
        let stage = command.stage();
        // Both are at stage AUTH; which of them depends on whether a 334 came.
        let answers = matches!(command, Command::AuthAnswer(_));
        let answer_awaited = self.state == State::Authenticating;
        if !self.state.permitted().contains(&stage) || answers != answer_awaited {
            return Err(LocalError::NotNow {
                stage,
                state: self.state,
            });
        }
        if stage == Stage::StartTls && self.encrypted {
            return Err(LocalError::AlreadyEncrypted);
        }
        match command {
            Command::Auth { initial, .. } => {
                self.begin_auth();
                if let Some(initial) = initial {
                    self.hidden.note(initial.expose());
                }
            }
            Command::AuthAnswer(answer) => self.hidden.note(answer.expose()),
            _ => {}
        }
        self.dispatch(stage, command.encode(), command.shown());
        Ok(())
    }

    /// Sends a line as it was typed, whatever the state; the server will say what it thinks of
    /// it. Refused only without a connection, during a TLS handshake and while blocks of a
    /// message are under way, where the line would end up in the wrong place.
    ///
    /// After a 354 the lines are the message's, until a dot alone; nothing is stuffed. After a
    /// 334, or while AUTH is unanswered, the line is a secret and masked.
    pub fn send_free(&mut self, line: &str, now: Duration) -> Result<(), LocalError> {
        self.send_line(&FreeLine::new(line)?, now)
    }

    fn send_line(&mut self, line: &FreeLine, now: Duration) -> Result<(), LocalError> {
        self.tick(now);
        self.can_write()?;
        if self.outgoing.has_blocks() {
            return Err(LocalError::Waiting(Stage::Message));
        }
        let text = line.as_str();
        let octets = [text.as_bytes(), b"\r\n"].concat();
        if matches!(self.state, State::AwaitData | State::SendingMessage) {
            self.send_message_line(text, octets);
        } else if self.is_authenticating() {
            self.hidden.note(text);
            self.dispatch(Stage::Auth, octets, MASK.into());
        } else {
            if Stage::of_line(text) == Stage::Auth {
                self.begin_auth();
                if let Some(initial) = text.split_whitespace().nth(2) {
                    self.hidden.note(initial);
                }
            }
            self.dispatch(Stage::of_line(text), octets, masked(text));
        }
        Ok(())
    }

    /// Sends the message that a 354 asked for.
    pub fn send_message(&mut self, message: Message, now: Duration) -> Result<(), LocalError> {
        self.tick(now);
        self.can_write()?;
        if self.state != State::AwaitData {
            return Err(LocalError::NotNow {
                stage: Stage::Message,
                state: self.state,
            });
        }
        self.begin_message();
        self.tell(EventKind::SendingMessage {
            lines: message.lines(),
            octets: message.octets().len(),
        });
        self.outgoing.push_message(message);
        Ok(())
    }

    /// What [`Session::poll_transmit`] gave is written to the socket, all of it.
    pub fn handle_written(&mut self, now: Duration) {
        self.tick(now);
        match self.outgoing.written() {
            Some(true) => self.final_dot(),
            Some(false) => self.wait_began = self.now,
            None => {}
        }
    }

    pub(super) fn can_write(&self) -> Result<(), LocalError> {
        match self.state {
            State::Unconnected | State::Closed => Err(LocalError::NotConnected),
            State::TlsHandshake => Err(LocalError::InHandshake),
            _ => Ok(()),
        }
    }

    pub(super) fn begin_auth(&mut self) {
        self.hidden.begin();
        self.challenges.clear();
    }

    pub(super) fn is_authenticating(&self) -> bool {
        self.state == State::Authenticating || self.in_flight.iter().any(|c| c.stage == Stage::Auth)
    }

    fn dispatch(&mut self, stage: Stage, octets: Vec<u8>, line: SafeText) {
        self.outgoing.push_line(octets);
        self.tell(EventKind::Sent { stage, line });
        self.await_reply(stage);
        self.moved(On::Send(stage));
    }

    pub(super) fn begin_message(&mut self) {
        self.moved(On::Send(Stage::Message));
        self.answered_early = None;
        // From the start, so that a server that answers before the dot is understood.
        self.await_reply(Stage::Message);
    }

    fn send_message_line(&mut self, text: &str, octets: Vec<u8>) {
        if self.state == State::AwaitData {
            self.begin_message();
        }
        self.outgoing.push_line(octets);
        self.tell(EventKind::Sent {
            stage: Stage::Message,
            line: text.into(),
        });
        if text == "." {
            self.final_dot();
        }
    }

    pub(super) fn final_dot(&mut self) {
        self.tell(EventKind::MessageSent);
        self.moved(On::FinalDot);
        self.wait_began = self.now;
        if let Some(outcome) = self.answered_early.take() {
            self.moved(On::Answer(Stage::Message, outcome));
        } else if let Some(message) = self.in_flight.back_mut() {
            message.sent_at = self.now;
        }
    }
}
