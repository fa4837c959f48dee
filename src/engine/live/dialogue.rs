//! A session while it lasts: what is heard, and what is told of it.

use super::login::of_connection;
use super::{DROPPED, MESSAGE, Told};
use crate::case::{From, Line, Tls};
use crate::net::smtp::{Wire, line, remark};
use crate::smtp::state::State;
use crate::smtp::suggest::{self, Plan};
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
    pub(super) waiting: Option<String>,
    /// The challenges of AUTH are ours to answer.
    pub(super) logging_in: bool,
    pub(super) ended: Option<String>,
    /// As it was told.
    told_tls: Option<Tls>,
    /// The command of the envelope that is unanswered.
    pub(super) asked: Option<Command>,
    sender: String,
}

impl<'a> Live<'a> {
    /// A session that has just begun, to this host and port.
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
        }
    }
}

impl Live<'_> {
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
            && let Some(text) = self.waiting.take()
        {
            self.send_message(&text);
            something = true;
        }
        something |= self.answer_challenge();
        // While a reply is awaited, nothing new can be said about what comes next.
        if something && self.ended.is_none() && self.wire.session().awaited().is_none() {
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

    fn replied(&self, to: String, lines: usize, took: Duration) {
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.tell(Told::Replied { to, lines, took_ms });
    }

    pub(super) fn ready(&self) {
        let session = self.wire.session();
        let suggested = suggest::next(session, &self.plan)
            .command()
            .map_or_else(String::new, |command| command.shown().into_string());
        self.tell(Told::Ready {
            suggested,
            because: suggest::because(session, &self.plan),
            permitted: suggest::permitted(session),
            encrypted: session.is_encrypted(),
            awaits_message: session.state() == State::AwaitData,
            sender: self.sender.clone(),
            recipients: session
                .recipients()
                .iter()
                .map(ToString::to_string)
                .collect(),
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
