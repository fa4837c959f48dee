//! What a person orders, done.

use super::Order;
use super::dialogue::Live;
use crate::smtp::data::{Draft, Stamp};
use crate::smtp::state::State;
use crate::smtp::suggest::{self, Suggestion};
use crate::smtp::{Command, Raw, rules_broken};
use jiff::Timestamp;

impl Live<'_> {
    pub(super) fn obey(&mut self, order: Order) {
        let done = match order {
            Order::Send(text) => {
                self.warn(&Raw::line(&text));
                self.asked = Command::parse_typed(&text).ok();
                self.wire.say(|session, now| session.send_free(&text, now))
            }
            Order::Next => return self.go_on(),
            Order::StartTls => self
                .wire
                .say(|session, now| session.send(&Command::StartTls, now)),
            Order::Raw(raw) => {
                self.warn(&raw);
                self.asked = Command::parse_typed(&raw.shown()).ok();
                self.wire.say(|session, now| session.send_raw(&raw, now))
            }
            Order::LogIn(login) => {
                if let Err(why) = self.log_in(*login) {
                    self.refuse(&why);
                    self.ready();
                }
                Ok(())
            }
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
            Order::Message(text) if self.wire.session().state() == State::AwaitData => {
                self.send_message(&text);
                Ok(())
            }
            Order::Message(text) => {
                self.waiting = Some(text);
                self.wire
                    .say(|session, now| session.send(&Command::Data, now))
            }
        };
        if let Err(error) = done {
            self.refuse(&error.to_string());
            self.ready();
        }
    }

    /// Does what is suggested: one command, also where several could go in one piece.
    fn go_on(&mut self) {
        let what = suggest::next(self.wire.session(), &self.plan);
        if matches!(what, Suggestion::LogIn(_)) && !self.may_log_in() {
            return;
        }
        let what = match what {
            Suggestion::Together(commands) => match commands.into_iter().next() {
                Some(first) => Suggestion::Say(first),
                None => return,
            },
            Suggestion::Wait(_) | Suggestion::SendMessage | Suggestion::Close => {
                let why = suggest::because(self.wire.session(), &self.plan);
                return self.note(format!("nothing was sent. {why}"));
            }
            other => other,
        };
        if let Suggestion::Say(command) = &what {
            self.warn(&Raw::line(&command.shown()));
            self.asked = Some(command.clone());
        }
        let done = self
            .wire
            .say(|session, now| suggest::follow(session, &what, now));
        if let Err(error) = done {
            self.refuse(&error.to_string());
        }
    }

    /// Says which rules will be broken, before it is done.
    fn warn(&self, raw: &Raw) {
        for rule in rules_broken(self.wire.session(), raw) {
            self.note(format!("breaks a rule: {rule}"));
        }
    }

    pub(super) fn send_message(&mut self, text: &str) {
        let id = format!(
            "{}.smtp-tui@{}",
            Timestamp::now().as_millisecond(),
            self.plan.hello.as_str()
        );
        let from = self
            .plan
            .from
            .clone()
            .unwrap_or(crate::smtp::ReversePath::Null);
        let stamp = Stamp {
            date: Timestamp::now(),
            message_id: id.trim_matches(['[', ']']),
            from: &from,
            to: &self.plan.to,
        };
        let done = Draft::parse(text).message(&stamp).and_then(|message| {
            self.wire
                .say(|session, now| session.send_message(message, now))
        });
        if let Err(error) = done {
            self.refuse(&error.to_string());
        }
    }
}
