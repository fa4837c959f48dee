//! Octets as they are: what breaks the rules of lines, on purpose.

use super::Session;
use crate::smtp::command::{MASK, masked};
use crate::smtp::error::LocalError;
use crate::smtp::event::EventKind;
use crate::smtp::stage::Stage;
use crate::smtp::state::{On, State};
use crate::text::SafeText;
use std::time::Duration;

/// What ends a message (RFC 5321 section 4.1.1.4).
const END: &[u8] = b"\r\n.\r\n";

impl Session {
    /// Sends `octets` as they are; no line end is added. `replies` is how many answers they are
    /// meant to bring: the first lines of them are taken for the commands that are answered.
    ///
    /// After a 354 the octets are the message's, and nothing is stuffed; the message ends where
    /// they end with `<CRLF>.<CRLF>`. The errors are those of [`Session::send_free`].
    pub fn send_octets(
        &mut self,
        octets: &[u8],
        replies: usize,
        now: Duration,
    ) -> Result<(), LocalError> {
        self.tick(now);
        self.can_write()?;
        if self.outgoing.has_blocks() {
            return Err(LocalError::Waiting(Stage::Message));
        }
        if matches!(self.state, State::AwaitData | State::SendingMessage) {
            self.send_raw_message(octets);
            return Ok(());
        }
        let text = String::from_utf8_lossy(octets).into_owned();
        let lines: Vec<&str> = text
            .split(['\r', '\n'])
            .filter(|line| !line.is_empty())
            .collect();
        let shown = self.shown_raw(octets, &lines);
        let stage = |at: usize| {
            lines
                .get(at)
                .map_or(Stage::Unknown, |line| Stage::of_line(line))
        };
        self.outgoing.push_line(octets.to_vec());
        self.tell(EventKind::Sent {
            stage: stage(0),
            line: shown,
        });
        for at in 0..replies {
            self.await_reply(stage(at));
            self.moved(On::Send(stage(at)));
        }
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

    fn send_raw_message(&mut self, octets: &[u8]) {
        if self.state == State::AwaitData {
            self.begin_message();
        }
        self.outgoing.push_line(octets.to_vec());
        self.tell(EventKind::Sent {
            stage: Stage::Message,
            line: SafeText::from_bytes(octets),
        });
        if octets.ends_with(END) || octets == b".\r\n" {
            self.raw_end();
        }
    }

    /// The end of the message is out; the octets themselves have shown it.
    fn raw_end(&mut self) {
        self.moved(On::FinalDot);
        self.wait_began = self.now;
        if let Some(outcome) = self.answered_early.take() {
            self.moved(On::Answer(Stage::Message, outcome));
        } else if let Some(message) = self.in_flight.back_mut() {
            message.sent_at = self.now;
        }
    }

    /// The octets for the reader; of a login nothing but that there is one.
    fn shown_raw(&mut self, octets: &[u8], lines: &[&str]) -> SafeText {
        if self.is_authenticating() {
            for line in lines {
                self.hidden.note(line);
            }
            return MASK.into();
        }
        for line in lines {
            if Stage::of_line(line) == Stage::Auth {
                self.begin_auth();
                if let Some(initial) = line.split_whitespace().nth(2) {
                    self.hidden.note(initial);
                }
            }
        }
        let shown: Vec<SafeText> = lines.iter().map(|line| masked(line)).collect();
        if lines
            .iter()
            .zip(&shown)
            .all(|(line, shown)| shown.as_str() == *line)
        {
            return SafeText::from_bytes(octets);
        }
        let shown: Vec<&str> = shown.iter().map(SafeText::as_str).collect();
        shown.join(" ").into()
    }
}
