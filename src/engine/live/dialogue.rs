//! A session while it lasts: what is heard, and what is told of it.

use super::login::of_connection;
use super::{DROPPED, MESSAGE, Told};
use crate::case::{From, Line, Tls};
use crate::net::smtp::{Source, Wire, line, remark};
use crate::smtp::state::State;
use crate::smtp::suggest::{self, Plan, Suggestion};
use crate::smtp::{Command, EventKind, Stage};
use std::time::Duration;
use tokio::sync::mpsc::UnboundedSender;

pub(super) struct Live<'a> {
    pub(super) wire: Wire,
    pub(super) plan: Plan,
    /// As it was named, and the port.
    pub(super) server: (String, u16),
    outbox: &'a UnboundedSender<Told>,
    /// A message that waits for the 354.
    pub(super) waiting: Option<Source>,
    /// The challenges of AUTH are ours to answer.
    pub(super) logging_in: bool,
    pub(super) ended: Option<String>,
    /// As it was told.
    told_tls: Option<Tls>,
    /// The command of the envelope that is unanswered.
    pub(super) asked: Option<Command>,
    pub(super) sender: String,
    /// An envelope was given, and MAIL not said since.
    pub(super) is_new_envelope: bool,
}

impl<'a> Live<'a> {
    pub(super) fn new(
        wire: Wire,
        plan: Plan,
        server: (String, u16),
        outbox: &'a UnboundedSender<Told>,
    ) -> Self {
        let login = plan.login.clone();
        let login = login.map(|login| of_connection(login, &server));
        Self {
            wire,
            plan: Plan { login, ..plan },
            server,
            outbox,
            waiting: None,
            logging_in: false,
            ended: None,
            told_tls: None,
            asked: None,
            sender: String::new(),
            is_new_envelope: false,
        }
    }

    fn tell(&self, told: Told) {
        // Whoever listened may have gone; the next order will be none.
        let _ = self.outbox.send(told);
    }

    fn tell_tls(&mut self) {
        let shown = self.wire.shown();
        if shown.is_some() && shown != self.told_tls.as_ref() {
            self.told_tls = shown.cloned();
            self.told_tls
                .iter()
                .for_each(|tls| self.tell(Told::Tls(Box::new(tls.clone()))));
        }
    }

    /// Whether anything has happened.
    pub(super) fn hear(&mut self) -> bool {
        let mut something = false;
        while let Some(event) = self.wire.event() {
            something = true;
            self.tell_tls();
            let line = line(&event);
            let ended = event.kind.is_end();
            if let Some(line) = &line {
                self.tell(Told::Line(line.clone()));
            }
            match &event.kind {
                EventKind::Greeting { reply, took } => {
                    self.replied(String::new(), reply.lines.len(), *took);
                }
                EventKind::Reply { stage, reply, took } => {
                    if reply.is_positive() {
                        self.taken(*stage);
                    } else if *stage == Stage::Data && reply.code.is_none_or(|c| c.get() != 354) {
                        // Refused: a later 354 is not for this message.
                        self.waiting = None;
                    }
                    let to = stage.verb().unwrap_or(MESSAGE).to_owned();
                    self.replied(to, reply.lines.len(), *took);
                }
                _ => {}
            }
            // Behind the reply: its lines are counted back from its end.
            if let Some(remark) = remark(&event) {
                self.tell(Told::Line(remark));
            }
            if ended {
                self.ended = Some(line.map_or_else(String::new, |line| line.line.into_string()));
            }
        }
        if self.wire.session().state() == State::AwaitData
            && self.wire.session().awaited().is_none()
            && let Some(source) = self.waiting.take()
        {
            if let Err(error) = self.wire.send_message(source) {
                self.refuse(&error.to_string());
            }
            something = true;
        }
        something |= self.answer_challenge();
        // While a reply is awaited, nothing new can be said about what comes next.
        if something && self.ended.is_none() && self.is_idle() {
            self.ready();
        }
        something
    }

    /// The server took a command: the envelope grows, or ends.
    fn taken(&mut self, stage: Stage) {
        match (stage, self.asked.take()) {
            (Stage::Mail, Some(Command::Mail { from, .. })) => {
                self.sender = from.to_string();
            }
            (
                Stage::Rset
                | Stage::Ehlo
                | Stage::Helo
                | Stage::Lhlo
                | Stage::Xclient
                | Stage::Message,
                _,
            ) => self.sender.clear(),
            _ => {}
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        let session = self.wire.session();
        let begun = session.state() > State::Connected;
        begun && session.awaited().is_none() && !session.is_supplied()
    }

    fn replied(&self, to: String, lines: usize, took: Duration) {
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.tell(Told::Replied { to, lines, took_ms });
    }

    /// What comes next, as a person does it, and why.
    pub(super) fn next(&self) -> (Suggestion, String) {
        let (next, because) = self.step();
        let next = match next {
            // The message is written before DATA is said.
            Suggestion::Together(mut commands) => {
                commands.retain(|command| *command != Command::Data);
                match (commands.pop(), commands.is_empty()) {
                    (Some(only), true) => Suggestion::Say(only),
                    (last, _) => {
                        commands.extend(last);
                        Suggestion::Together(commands)
                    }
                }
            }
            other => other,
        };
        (next, because)
    }

    /// What the plan has next: after another envelope MAIL, where it would be at its end.
    fn step(&self) -> (Suggestion, String) {
        let session = self.wire.session();
        let next = suggest::next(session, &self.plan);
        let progress = session.progress();
        if self.is_new_envelope
            && (progress.transactions > 0 || progress.mail_refused)
            && session.state() == State::Ready
            && next == Suggestion::Say(Command::Quit)
            && let Some((again, reason)) = suggest::again(session, &self.plan)
        {
            return (again, reason.text().to_owned());
        }
        (next, suggest::because(session, &self.plan))
    }

    pub(super) fn ready(&self) {
        let session = self.wire.session();
        let (next, because) = self.next();
        let shown = |command: &Command| command.shown().into_string();
        let together = match &next {
            Suggestion::Together(commands) => commands.iter().map(shown).collect(),
            _ => Vec::new(),
        };
        let suggested = match (&next, session.state()) {
            // Chunks need no 354.
            (Suggestion::SendMessage, State::HasRcpt) => "BDAT".to_owned(),
            _ => next.command().map_or_else(String::new, shown),
        };
        self.tell(Told::Ready {
            suggested,
            together,
            because,
            permitted: suggest::permitted(session),
            encrypted: session.is_encrypted(),
            awaits_message: session.state() == State::AwaitData,
            sender: self.sender.clone(),
            recipients: session
                .recipients()
                .iter()
                .map(ToString::to_string)
                .collect(),
            standing: Box::new(session.standing()),
        });
    }

    /// It is to end at once.
    pub(super) fn dropped(&mut self) {
        self.note(DROPPED.to_owned());
        self.ended = Some(DROPPED.to_owned());
    }

    /// Nothing was sent; the transcript says why.
    pub(super) fn refuse(&self, why: &str) {
        self.note(format!("not sent: {why}"));
    }

    pub(super) fn note(&self, text: String) {
        self.tell(Told::Line(Line {
            at_ms: u64::try_from(self.wire.now().as_millis()).unwrap_or(u64::MAX),
            from: From::Event,
            line: text.into(),
            code: None,
            enhanced: None,
            encrypted: false,
        }));
    }
}
