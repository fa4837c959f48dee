//! What goes to the server.

use super::Session;
use crate::smtp::command::{Command, Credentials, FreeLine, MASK, Raw, masked};
use crate::smtp::data::Message;
use crate::smtp::error::LocalError;
use crate::smtp::event::EventKind;
use crate::smtp::rules::goes_before_others;
use crate::smtp::sasl::{Step, Typed};
use crate::smtp::stage::Stage;
use crate::smtp::state::{On, Outcome, State};
use crate::text::{SafeText, Secret};
use std::time::Duration;

impl Session {
    /// Sends a command of guided use: only what the state permits, and one at a time. A
    /// [`Command::Free`] goes the way of [`Session::send_free`].
    pub fn send(&mut self, command: &Command, now: Duration) -> Result<(), LocalError> {
        if let Command::Free(line) = command {
            return self.send_line(line, now);
        }
        self.may_send(command, now)?;
        self.begin_typed(command);
        self.send_command(command);
        self.read_sent(command);
        Ok(())
    }

    /// Sends a step of a login, and tells in words what it answers and what it says. A step
    /// without a command tells only what was heard.
    pub fn send_auth(&mut self, step: &Step, now: Duration) -> Result<(), LocalError> {
        if let Some(command) = &step.command {
            self.may_send(command, now)?;
        }
        self.typed_auth = None;
        if let Some(heard) = &step.heard {
            self.tell_auth(false, heard.clone());
        }
        if let Some(command) = &step.command {
            self.send_command(command);
            self.tell_auth(true, step.said.clone());
        }
        Ok(())
    }

    /// Sends several commands in one go, and reads their replies in order (PIPELINING, RFC 2920
    /// section 3.1): only where that is offered, what the state will permit if all goes well, and
    /// behind a command that must be the last of its group nothing.
    pub fn send_group(&mut self, commands: &[Command], now: Duration) -> Result<(), LocalError> {
        let [first, rest @ ..] = commands else {
            return Ok(());
        };
        self.may_send(first, now)?;
        let offered = self.extensions.as_ref();
        if !rest.is_empty() && !offered.is_some_and(|offered| offered.has("PIPELINING")) {
            return Err(LocalError::NoPipelining);
        }
        let mut state = self.state;
        for (place, command) in commands.iter().enumerate() {
            let stage = command.stage();
            if !state.permitted().contains(&stage) {
                return Err(LocalError::NotNow { stage, state });
            }
            if place + 1 < commands.len() && !goes_before_others(stage) {
                return Err(LocalError::NotLast(stage));
            }
            state = state.after(On::Answer(stage, Outcome::Done));
        }
        for command in commands {
            self.send_command(command);
        }
        Ok(())
    }

    fn may_send(&mut self, command: &Command, now: Duration) -> Result<(), LocalError> {
        self.tick(now);
        self.can_write()?;
        if self.supply.is_some() {
            return Err(LocalError::Waiting(Stage::Message));
        }
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
        Ok(())
    }

    fn send_command(&mut self, command: &Command) {
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
        let recipient = match command {
            Command::Rcpt { to, .. } => Some(to.to_string().into()),
            _ => None,
        };
        self.dispatch(
            command.stage(),
            command.encode(),
            command.shown(),
            recipient,
        );
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
        if self.outgoing.is_in_message() || self.supply.is_some() {
            return Err(LocalError::Waiting(Stage::Message));
        }
        let text = line.as_str();
        if !self.begun.expose().is_empty() {
            return self.send_raw(&Raw::line(text), now);
        }
        let octets = [text.as_bytes(), b"\r\n"].concat();
        if matches!(self.state, State::AwaitData | State::SendingMessage) {
            self.send_message_line(text, octets);
        } else if self.is_authenticating() {
            self.hidden.note(text);
            self.dispatch(Stage::Auth, octets, MASK.into(), None);
            self.read_sent_text(text);
        } else {
            if Stage::of_line(text) == Stage::Auth {
                self.begin_auth();
                self.typed_auth = Typed::begun(text);
                if let Some(initial) = text.split_whitespace().nth(2) {
                    self.hidden.note(initial);
                }
            }
            let recipient = match Command::parse_typed(text) {
                Ok(Command::Rcpt { to, .. }) => Some(to.to_string().into()),
                _ => None,
            };
            let stage = Stage::of_line(text);
            self.dispatch(stage, octets, masked(text), recipient);
            if stage == Stage::Auth {
                self.read_sent_text(text.split_whitespace().nth(2).unwrap_or_default());
            }
        }
        Ok(())
    }

    /// Sends the message that a 354 asked for. One that need not be held in memory goes by
    /// [`Session::open_message`].
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
            lines: Some(message.lines()),
            octets: u64::try_from(message.octets().len()).ok(),
        });
        self.outgoing.push_message(message);
        Ok(())
    }

    /// What [`Session::poll_transmit`] gave is written to the socket, all of it.
    pub fn handle_written(&mut self, now: Duration) {
        self.tick(now);
        match self.outgoing.written() {
            Some(true) => match self.chunk.take() {
                None => self.final_dot(),
                Some(Stage::Bdat) => self.chunk_sent(),
                Some(_) => self.message_sent(),
            },
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

    fn tell_auth(&mut self, by_us: bool, words: SafeText) {
        let words = self.hidden.shown(words);
        self.tell(EventKind::AuthRead { by_us, words });
    }

    fn begin_typed(&mut self, command: &Command) {
        if let Command::Auth { mechanism, .. } = command {
            self.typed_auth = Typed::begun(&format!("AUTH {}", mechanism.as_str()));
        }
    }

    fn read_sent(&mut self, command: &Command) {
        match command {
            Command::Auth { initial, .. } => {
                let initial = initial.as_ref().map(Credentials::expose);
                self.read_sent_text(initial.unwrap_or_default());
            }
            Command::AuthAnswer(answer) => self.read_sent_text(answer.expose()),
            _ => {}
        }
    }

    /// Says what a typed line of AUTH says.
    fn read_sent_text(&mut self, text: &str) {
        if let Some(words) = self.typed_auth.as_mut().map(|typed| typed.sent(text)) {
            self.tell_auth(true, words);
        }
    }

    pub(super) fn begin_auth(&mut self) {
        self.hidden.begin();
        self.challenges.clear();
    }

    pub(super) fn is_authenticating(&self) -> bool {
        self.state == State::Authenticating || self.in_flight.iter().any(|c| c.stage == Stage::Auth)
    }

    fn dispatch(
        &mut self,
        stage: Stage,
        octets: Vec<u8>,
        line: SafeText,
        recipient: Option<SafeText>,
    ) {
        // What was begun without a line end is part of this line, whatever it was to be.
        self.begun = Secret::new(String::new());
        self.perhaps.clear();
        self.outgoing.push_line(octets);
        self.tell(EventKind::Sent { stage, line });
        self.await_reply_about(stage, recipient);
        self.moved(On::Send(stage));
    }

    pub(super) fn begin_message(&mut self) {
        self.moved(On::Send(Stage::Message));
        self.answered_early = None;
        // From the start, so that a server that answers before the dot is understood.
        let about = if self.lmtp {
            self.recipients.clone()
        } else {
            Vec::new()
        };
        if about.is_empty() {
            self.await_reply(Stage::Message);
        }
        for recipient in about {
            self.await_reply_about(Stage::Message, Some(recipient));
        }
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
        self.message_sent();
    }

    pub(super) fn message_sent(&mut self) {
        self.moved(On::FinalDot);
        self.wait_began = self.now;
        let early = self.answered_early.take();
        let now = self.now;
        let waiting = self.in_flight.iter_mut();
        for message in waiting.filter(|command| command.stage == Stage::Message) {
            message.sent_at = now;
        }
        if let Some(outcome) = early.filter(|_| !self.awaits(Stage::Message)) {
            self.moved(On::Answer(Stage::Message, outcome));
        }
    }
}
