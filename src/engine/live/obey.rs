//! What a person orders, done.

use super::Order;
use super::dialogue::Live;
use crate::smtp::suggest::{self, Suggestion};
use crate::smtp::{Command, Raw, rules_broken};

impl Live<'_> {
    pub(super) async fn obey(&mut self, order: Order) {
        let done = match order {
            Order::Send(text) => {
                self.warn(&Raw::line(&text));
                self.asks(Command::parse_typed(&text).ok());
                self.wire.say(|session, now| session.send_free(&text, now))
            }
            Order::Next => return self.go_on(),
            Order::Envelope(envelope) => {
                self.plan.envelope(*envelope);
                self.is_new_envelope = true;
                // While the server has the word, nothing is ready.
                if self.is_idle() {
                    self.ready();
                }
                return;
            }
            Order::StartTls => self
                .wire
                .say(|session, now| session.send(&Command::StartTls, now)),
            Order::Raw(raw) => {
                self.warn(&raw);
                self.asks(Command::parse_typed(&raw.shown()).ok());
                self.wire.say(|session, now| session.send_raw(&raw, now))
            }
            Order::LogIn(login, exposure) => return self.log_in(*login, exposure),
            Order::Drop => {
                self.dropped();
                Ok(())
            }
            Order::Disconnect => {
                let said = self
                    .wire
                    .say(|session, now| session.send(&Command::Quit, now));
                if said.is_err() {
                    self.ended = Some("the connection was dropped".to_owned());
                }
                Ok(())
            }
            Order::Message(outline) => return self.send(&outline).await,
        };
        if let Err(error) = done {
            self.refuse(&error.to_string());
            self.ready();
        }
    }

    fn asks(&mut self, command: Option<Command>) {
        self.is_new_envelope &= !matches!(command, Some(Command::Mail { .. }));
        self.asked = command;
    }

    /// Does what is suggested.
    fn go_on(&mut self) {
        let (what, because) = self.next();
        if matches!(what, Suggestion::LogIn(_)) && !self.may_log_in(self.plan.exposure) {
            return;
        }
        let commands = match &what {
            Suggestion::Wait(_) | Suggestion::SendMessage | Suggestion::Close => {
                return self.note(format!("nothing was sent. {because}"));
            }
            Suggestion::Say(command) => std::slice::from_ref(command),
            Suggestion::Together(commands) => commands.as_slice(),
            Suggestion::LogIn(_) | Suggestion::SendEmpty => &[],
        };
        if let [first, ..] = commands {
            let lines: Vec<String> = commands.iter().map(|c| c.shown().into_string()).collect();
            self.warn(&Raw::line(&lines.join("\r\n")));
            self.asks(Some(first.clone()));
        }
        let done = self
            .wire
            .say(|session, now| suggest::follow(session, &what, now));
        if let Err(error) = done {
            self.refuse(&error.to_string());
        }
    }

    /// Says which rules will be broken, before it is done.
    pub(super) fn warn(&self, raw: &Raw) {
        for rule in rules_broken(&self.wire.session().standing(), raw) {
            self.note(format!("breaks a rule: {rule}"));
        }
    }
}
