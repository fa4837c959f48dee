//! A session that a person holds, step by step.

use crate::case::{From, Line};
use crate::net::Network;
use crate::net::dns::{Dns, Name};
use crate::net::smtp::{Options, Wire, line, remark};
use crate::smtp::data::{Draft, Stamp};
use crate::smtp::state::State;
use crate::smtp::suggest::{self, Plan, Suggestion};
use crate::smtp::{Command, EventKind, HelloName, LocalError, Stage, Timeouts};
use jiff::Timestamp;
use std::net::{IpAddr, SocketAddr};
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
        encrypted: bool,
        awaits_message: bool,
        /// The envelope as the server has taken it so far.
        sender: String,
        recipients: Vec<String>,
    },
    /// The connection has ended; why, in one sentence.
    Closed(String),
}

/// Connects and holds the session until the sender of orders is dropped.
pub fn start(
    dns: &Dns,
    host: String,
    port: u16,
    plan: Plan,
) -> (UnboundedSender<Order>, UnboundedReceiver<Told>) {
    let (orders, inbox) = unbounded_channel();
    let (outbox, told) = unbounded_channel();
    let dns = dns.clone();
    tokio::spawn(async move {
        let why = match address_of(&dns, &host).await {
            Err(why) => why,
            Ok(address) => {
                let to = SocketAddr::new(address, port);
                hold(dns.network(), &host, to, plan, inbox, &outbox).await
            }
        };
        // Whoever asked may have gone.
        let _ = outbox.send(Told::Closed(why));
    });
    (orders, told)
}

async fn address_of(dns: &Dns, host: &str) -> Result<IpAddr, String> {
    if let Ok(address) = host.trim_matches(['[', ']']).parse() {
        return Ok(address);
    }
    let mut name =
        Name::from_ascii(host).map_err(|error| format!("`{host}` is no host: {error}"))?;
    name.set_fqdn(true);
    let found = dns.addresses(&name).await;
    found
        .all()
        .first()
        .copied()
        .ok_or_else(|| format!("`{host}` has no address: {}", found.v4.evidence()))
}

async fn hold(
    network: &Network,
    host: &str,
    to: SocketAddr,
    mut plan: Plan,
    mut inbox: UnboundedReceiver<Order>,
    outbox: &UnboundedSender<Told>,
) -> String {
    let options = Options {
        name: host.to_owned(),
        timeouts: Timeouts::STANDARD,
        implicit_tls: to.port() == 465,
    };
    let wire = match Wire::open(network, to, options).await {
        Ok(wire) => wire,
        Err(error) => return error.to_string(),
    };
    if plan.hello.is_literal()
        && let Some(here) = wire.local_address()
    {
        plan.hello = HelloName::literal(here);
    }
    let mut live = Live {
        wire,
        plan,
        outbox,
        waiting: None,
        ended: None,
        asked: None,
        sender: String::new(),
        recipients: Vec::new(),
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

struct Live<'a> {
    wire: Wire,
    plan: Plan,
    outbox: &'a UnboundedSender<Told>,
    /// A message that waits for the 354.
    waiting: Option<String>,
    ended: Option<String>,
    /// The command of the envelope that is unanswered.
    asked: Option<Command>,
    sender: String,
    recipients: Vec<String>,
}

impl Live<'_> {
    fn tell(&self, told: Told) {
        // Whoever listened may have gone; the next order will be none.
        let _ = self.outbox.send(told);
    }

    /// Whether anything has happened.
    fn hear(&mut self) -> bool {
        let mut something = false;
        while let Some(event) = self.wire.event() {
            something = true;
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
        if something && self.ended.is_none() {
            self.ready();
        }
        something
    }

    /// The server took a command: the envelope grows, or ends.
    fn taken(&mut self, stage: Stage) {
        match (stage, self.asked.take()) {
            (Stage::Mail, Some(Command::Mail { from, .. })) => {
                self.sender = from.to_string();
                self.recipients.clear();
            }
            (Stage::Rcpt, Some(Command::Rcpt { to, .. })) => self.recipients.push(to.to_string()),
            (Stage::Rset | Stage::Ehlo | Stage::Helo | Stage::Message, _) => {
                self.sender.clear();
                self.recipients.clear();
            }
            _ => {}
        }
    }

    fn replied(&self, to: String, lines: usize, took: Duration) {
        let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self.tell(Told::Replied { to, lines, took_ms });
    }

    fn ready(&self) {
        let session = self.wire.session();
        let suggested = match suggest::next(session, &self.plan) {
            Suggestion::Say(command) => command.shown().into_string(),
            _ => String::new(),
        };
        self.tell(Told::Ready {
            suggested,
            encrypted: session.is_encrypted(),
            awaits_message: session.state() == State::AwaitData,
            sender: self.sender.clone(),
            recipients: self.recipients.clone(),
        });
    }

    fn obey(&mut self, order: Order) {
        let done = match order {
            Order::Send(text) => {
                self.asked = Command::parse_typed(&text).ok();
                self.wire.say(|session, now| session.send_free(&text, now))
            }
            Order::StartTls => self
                .wire
                .say(|session, now| session.send(&Command::StartTls, now)),
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
            self.refuse(&error);
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
            self.refuse(&error);
        }
    }

    /// Nothing was sent; the transcript says why.
    fn refuse(&self, error: &LocalError) {
        self.tell(Told::Line(Line {
            at_ms: u64::try_from(self.wire.now().as_millis()).unwrap_or(u64::MAX),
            from: From::Event,
            line: format!("not sent: {error}").into(),
            code: None,
            enhanced: None,
            encrypted: false,
        }));
    }
}
