//! A session that a person holds, step by step.

use crate::case::{From, Line, Tls};
use crate::net::Network;
use crate::net::dns::Dns;
use crate::net::smtp::{Destination, Options, Wire, line, nonce, remark};
use crate::net::tls::Observed;
use crate::smtp::data::{Draft, Stamp};
use crate::smtp::sasl::Exchange;
use crate::smtp::state::State;
use crate::smtp::suggest::{self, Plan, Suggestion};
use crate::smtp::{Command, EventKind, Extensions, HelloName, Login, Raw, Stage, rules_broken};
use jiff::Timestamp;
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What is answered by the reply after the final dot.
pub const MESSAGE: &str = "the message";

/// What the connection is told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// A line as it was typed.
    Send(String),
    /// A message: headers, an empty line, the body; sent where the server has said 354, and
    /// after a DATA where it has not yet.
    Message(String),
    StartTls,
    /// What was suggested, as the plan has it: also a login, whose secret nobody types.
    Next,
    /// Octets as they were typed, with the line end that was chosen.
    Raw(Raw),
    /// AUTH by the best mechanism that is offered; challenges are answered. Like a plan's, the
    /// login is forgotten with the connection.
    LogIn(Box<Login>),
    /// The end of the connection at once, without QUIT.
    Drop,
    /// QUIT where that is still possible, then the end of the connection.
    Disconnect,
}

/// What the connection tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    Line(Line),
    /// The lines since the last command are a complete reply: what it answers, how many lines
    /// it has, how long it took.
    Replied {
        to: String,
        lines: usize,
        took_ms: u64,
    },
    /// What can be sent now.
    Ready {
        suggested: String,
        /// What the reply means for what comes next, in a sentence.
        because: String,
        /// The verbs that are legal now.
        permitted: Vec<String>,
        encrypted: bool,
        awaits_message: bool,
        /// The envelope as the server has taken it so far.
        sender: String,
        recipients: Vec<String>,
    },
    /// The connection has ended; why, in one sentence.
    Closed(String),
    /// What the last TLS handshake has shown.
    Tls(Box<Tls>),
}

/// Connects and holds the session until the sender of orders is dropped. The host's name and
/// TLS at once on port 465 are filled in where `options` leave them open.
pub fn start(
    dns: &Dns,
    host: String,
    port: u16,
    plan: Plan,
    options: Options,
) -> (UnboundedSender<Order>, UnboundedReceiver<Told>) {
    let (orders, inbox) = unbounded_channel();
    let (outbox, told) = unbounded_channel();
    let dns = dns.clone();
    tokio::spawn(async move {
        let options = options.with_defaults(&host, port);
        let why = match options.destination(&dns, &host, port).await {
            Err(why) => why.to_string(),
            Ok(to) => Box::pin(hold(dns.network(), to, options, plan, inbox, &outbox)).await,
        };
        // Whoever asked may have gone.
        let _ = outbox.send(Told::Closed(why));
    });
    (orders, told)
}

async fn hold(
    network: &Network,
    to: Destination,
    options: Options,
    mut plan: Plan,
    mut inbox: UnboundedReceiver<Order>,
    outbox: &UnboundedSender<Told>,
) -> String {
    let (name, port) = (options.name.clone(), to.port);
    let wire = match Wire::open(network, to, options).await {
        Ok(wire) => wire,
        Err(error) => return error.to_string(),
    };
    if plan.hello.is_literal()
        && let Some(here) = wire.local_address()
    {
        plan.hello = HelloName::literal(here);
    }
    let server = (name, port);
    plan.login = plan.login.map(|login| of_connection(login, &server));
    let mut live = Live {
        wire,
        plan,
        server,
        outbox,
        waiting: None,
        logging_in: false,
        ended: None,
        told_tls: None,
        asked: None,
        sender: String::new(),
    };
    loop {
        live.wire.flush().await;
        let heard = live.hear();
        if let Some(why) = live.ended.take() {
            return why;
        }
        // What was heard may have something sent: the message after its 354, the handshake.
        if heard || live.wire.session().state() == State::TlsHandshake {
            continue;
        }
        if !live.wire.is_open() {
            return "the connection is closed".to_owned();
        }
        tokio::select! {
            order = inbox.recv() => {
                let Some(order) = order else {
                    live.wire.close().await;
                    return "the connection is closed".to_owned();
                };
                live.obey(order);
            }
            () = live.wire.wait() => {}
        }
    }
}

/// A login with what one connection gives it.
fn of_connection(login: Login, (host, port): &(String, u16)) -> Login {
    let login = login.at(host, *port);
    match nonce() {
        Some(nonce) => login.with_nonce(nonce),
        None => login,
    }
}

struct Live<'a> {
    wire: Wire,
    plan: Plan,
    /// As it was named, and the port.
    server: (String, u16),
    outbox: &'a UnboundedSender<Told>,
    /// A message that waits for the 354.
    waiting: Option<String>,
    /// The challenges of AUTH are ours to answer.
    logging_in: bool,
    ended: Option<String>,
    /// As it was told.
    told_tls: Option<Tls>,
    /// The command of the envelope that is unanswered.
    asked: Option<Command>,
    sender: String,
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
    fn hear(&mut self) -> bool {
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

    /// A 334 of a login that was given to us is answered by us.
    fn answer_challenge(&mut self) -> bool {
        let session = self.wire.session();
        if !self.logging_in
            || session.state() != State::Authenticating
            || session.awaited().is_some()
        {
            return false;
        }
        let next = suggest::next(session, &self.plan);
        if !matches!(next, Suggestion::LogIn(_)) {
            self.logging_in = false;
            return false;
        }
        let done = self
            .wire
            .say(|session, now| suggest::follow(session, &next, now));
        if let Err(error) = done {
            self.logging_in = false;
            self.refuse(&error.to_string());
        }
        true
    }

    /// A person decides to log in, so that it may be the second time.
    fn log_in(&mut self, login: Login) -> Result<(), String> {
        let session = self.wire.session();
        let offered = session.extensions().map(Extensions::mechanisms);
        let offered = offered.unwrap_or_default();
        if offered.is_empty() {
            return Err("the server offers no AUTH here".to_owned());
        }
        // Which mechanism is the best one depends on what the connection gives it.
        let login = of_connection(login, &self.server);
        let named = login.asked();
        let Some(mechanism) = named.or_else(|| login.mechanism(&offered, session.is_encrypted()))
        else {
            return Err(if session.is_encrypted() {
                "the server offers no mechanism of AUTH that takes a password".to_owned()
            } else {
                "no mechanism that is offered keeps the password safe in clear; STARTTLS comes \
                  first"
                    .to_owned()
            });
        };
        let step = Exchange::new(&login, mechanism)
            .begin()
            .map_err(|error| error.to_string())?;
        self.plan.login = Some(login);
        self.logging_in = true;
        self.wire
            .say(|session, now| session.send_auth(&step, now))
            .map_err(|error| error.to_string())
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

    fn ready(&self) {
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

    fn obey(&mut self, order: Order) {
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
                let why = "the connection was dropped by us, without QUIT";
                self.note(why.to_owned());
                self.ended = Some(why.to_owned());
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

    /// Whether the password may go to who is there; the transcript says why not.
    fn may_log_in(&self) -> bool {
        match self.wire.observed().and_then(Observed::fault) {
            Some(fault) if !self.plan.exposure.unverified => {
                self.note(format!(
                    "not sent: no login where the certificate does not verify ({fault})"
                ));
                false
            }
            _ => true,
        }
    }

    /// Says which rules will be broken, before it is done.
    fn warn(&self, raw: &Raw) {
        for rule in rules_broken(self.wire.session(), raw) {
            self.note(format!("breaks a rule: {rule}"));
        }
    }

    fn send_message(&mut self, text: &str) {
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

    /// Nothing was sent; the transcript says why.
    fn refuse(&self, why: &str) {
        self.note(format!("not sent: {why}"));
    }

    fn note(&self, text: String) {
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
