//! Octets as they were typed, in free use.

use super::Session;
use crate::smtp::command::{MASK, Raw};
use crate::smtp::error::LocalError;
use crate::smtp::event::EventKind;
use crate::smtp::stage::Stage;
use crate::smtp::state::{On, State};
use std::time::Duration;

impl Session {
    /// Sends octets as they are, whatever the state; refused only where
    /// [`Session::send_free`] would be. A reply is awaited where they end with CRLF.
    pub fn send_raw(&mut self, raw: &Raw, now: Duration) -> Result<(), LocalError> {
        self.tick(now);
        self.can_write()?;
        if self.outgoing.has_blocks() {
            return Err(LocalError::Waiting(Stage::Message));
        }
        let octets = raw.octets().to_vec();
        let (lines, _) = Raw::lines(&octets);
        let text = String::from_utf8_lossy(&octets).into_owned();
        if matches!(self.state, State::AwaitData | State::SendingMessage) {
            if self.state == State::AwaitData {
                self.begin_message();
            }
            let is_end = lines.contains(&b".\r\n".as_slice());
            self.outgoing.push_line(octets.clone());
            self.tell(EventKind::Sent {
                stage: Stage::Message,
                line: raw.shown(),
            });
            if is_end {
                self.final_dot();
            }
            return Ok(());
        }
        let secret = self.is_authenticating();
        let (stage, shown) = if secret {
            (Stage::Auth, MASK.into())
        } else {
            (raw.stage(), raw.shown())
        };
        for line in text.split(['\r', '\n']) {
            if secret {
                self.hidden.note(line);
            } else if Stage::of_line(line) == Stage::Auth {
                self.begin_auth();
                if let Some(initial) = line.split_whitespace().nth(2) {
                    self.hidden.note(initial);
                }
            }
        }
        self.outgoing.push_line(octets.clone());
        self.tell(EventKind::Sent { stage, line: shown });
        for line in lines {
            let own = Stage::of_line(&String::from_utf8_lossy(line));
            let own = if secret { Stage::Auth } else { own };
            self.await_reply(own);
            self.moved(On::Send(own));
        }
        Ok(())
    }
}
