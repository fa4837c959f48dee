//! Octets as they were typed, in free use.

use super::{InFlight, Session};
use crate::smtp::command::{Command, MASK, Raw};
use crate::smtp::error::LocalError;
use crate::smtp::event::EventKind;
use crate::smtp::stage::Stage;
use crate::smtp::state::{On, State};
use crate::text::{SafeText, Secret};
use std::time::Duration;

/// Octets of a line without an end that are remembered: its verb stands in front.
const BEGUN: usize = 512;

impl Session {
    /// Sends octets as they are, whatever the state; refused only where
    /// [`Session::send_free`] would be.
    ///
    /// A reply is awaited for every line that CRLF ends. What ends in a bare LF or CR is a line
    /// for some servers and not for others (RFC 5321 section 2.3.8 forbids it to be one): their
    /// reply is taken for its answer if it comes, and not waited for. After a 354 the octets are
    /// the message's, up to a line that is a dot, ended by CRLF on both sides; what stands behind
    /// it are commands again.
    pub fn send_raw(&mut self, raw: &Raw, now: Duration) -> Result<(), LocalError> {
        self.tick(now);
        self.can_write()?;
        if self.outgoing.has_blocks() {
            return Err(LocalError::Waiting(Stage::Message));
        }
        let in_message = matches!(self.state, State::AwaitData | State::SendingMessage);
        let begun = std::mem::replace(&mut self.begun, Secret::new(String::new()));
        let all = [begun.expose().as_bytes(), raw.octets()].concat();
        // What goes on from an AUTH that was begun without a line end is part of it.
        let goes_on = !begun.expose().is_empty() && stage_of(&all) == Stage::Auth;
        let secret = !in_message && (self.is_authenticating() || goes_on);
        if !in_message {
            self.note_secrets(&all, raw.octets(), secret);
        }
        if self.state == State::AwaitData {
            self.begin_message();
        }
        self.outgoing.push_line(raw.octets().to_vec());
        let stage = match (in_message, secret) {
            (true, _) => Stage::Message,
            (_, true) => Stage::Auth,
            _ => raw.stage(),
        };
        let line = if secret { MASK.into() } else { raw.shown() };
        self.tell(EventKind::Sent { stage, line });
        self.perhaps.clear();
        let (lines, rest) = Raw::lines(&all);
        for line in lines {
            self.line_went(line.strip_suffix(b"\r\n").unwrap_or(line));
        }
        if self.state != State::SendingMessage {
            self.perhaps_answered(rest);
        }
        let rest = rest.get(..BEGUN).unwrap_or(rest);
        self.begun = Secret::new(String::from_utf8_lossy(rest).into_owned());
        Ok(())
    }

    /// A server that took something else than `<CRLF>.<CRLF>` for the end of the message has
    /// answered already, and reads commands now.
    pub fn settle_early_answer(&mut self) {
        if self.state == State::SendingMessage
            && !self.outgoing.has_blocks()
            && let Some(outcome) = self.answered_early.take()
        {
            self.moved(On::FinalDot);
            self.moved(On::Answer(Stage::Message, outcome));
        }
    }

    /// Every piece that a server could take for a line of AUTH, and the answers to challenges.
    fn note_secrets(&mut self, all: &[u8], now: &[u8], secret: bool) {
        for line in pieces(all) {
            if stage_of(line.as_bytes()) == Stage::Auth {
                self.begin_auth();
                if let Some(initial) = line.split_whitespace().nth(2) {
                    self.hidden.note(initial);
                }
            } else if secret {
                self.hidden.note(&line);
            }
        }
        // Half of a secret is one too.
        for line in pieces(now).filter(|_| secret) {
            if let Some(last) = line.split_whitespace().last() {
                self.hidden.note(last);
            }
        }
    }

    /// A line with CRLF is out.
    fn line_went(&mut self, line: &[u8]) {
        if self.state == State::SendingMessage {
            if line == b"." {
                // The octets themselves have shown it.
                self.message_sent();
            }
            return;
        }
        let text = String::from_utf8_lossy(line).into_owned();
        let mut pieces = text.split(['\r', '\n']);
        let first = pieces.next().unwrap_or_default();
        let (stage, recipient) = if self.is_authenticating() {
            (Stage::Auth, None)
        } else {
            (Stage::of_line(first), recipient(first))
        };
        self.await_reply_about(stage, recipient);
        self.moved(On::Send(stage));
        for piece in pieces.filter(|piece| !piece.is_empty()) {
            self.might_be_answered(piece);
        }
    }

    /// Pieces of a line without CRLF that end in a bare LF or CR.
    fn perhaps_answered(&mut self, rest: &[u8]) {
        let text = String::from_utf8_lossy(rest).into_owned();
        for piece in text.split_inclusive(['\r', '\n']) {
            if let Some(line) = piece.strip_suffix(['\r', '\n']).filter(|l| !l.is_empty()) {
                self.might_be_answered(line);
            }
        }
    }

    fn might_be_answered(&mut self, line: &str) {
        self.perhaps.push_back(InFlight {
            stage: Stage::of_line(line),
            sent_at: self.now,
            recipient: recipient(line),
        });
    }
}

fn stage_of(octets: &[u8]) -> Stage {
    Stage::of_line(&String::from_utf8_lossy(octets))
}

/// What stands between CR and LF of any kind.
fn pieces(octets: &[u8]) -> impl Iterator<Item = String> {
    let pieces = octets.split(|byte| matches!(byte, b'\r' | b'\n'));
    pieces
        .filter(|piece| !piece.is_empty())
        .map(|piece| String::from_utf8_lossy(piece).into_owned())
}

fn recipient(line: &str) -> Option<SafeText> {
    match Command::parse_typed(line) {
        Ok(Command::Rcpt { to, .. }) => Some(to.to_string().into()),
        _ => None,
    }
}
