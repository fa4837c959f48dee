//! A session that a person holds, step by step.

mod connection;
mod login;
mod message;

use crate::case::{Line, Tls};
use crate::engine::message::Outline;
use crate::net::Network;
use crate::net::dns::Dns;
use crate::net::smtp::{Destination, Options, Wire, nonce};
use crate::smtp::suggest::{Envelope, Exposure, Plan};
use crate::smtp::{HelloName, Login, Raw, Standing};
use connection::Live;
use std::collections::VecDeque;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What is answered by the reply after the final dot.
pub const MESSAGE: &str = "the message";

const DROPPED: &str = "the connection was dropped by us, without QUIT";

/// What the connection is told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// A line as it was typed.
    Send(String),
    /// A message: sent where the server has said 354, and after a DATA where it has not yet; in
    /// chunks, where they are wanted and offered, at once.
    Message(Box<Outline>),
    StartTls,
    /// What was suggested, as the plan has it: also a login, whose secret nobody types, and
    /// several commands in one go. DATA is never among these: the message is written first.
    Next,
    /// Another envelope than the plan's: its commands are suggested, not sent.
    Envelope(Box<Envelope>),
    /// Octets as they were typed, with the line end that was chosen.
    Raw(Raw),
    /// AUTH by the mechanism that is asked for, offered or not, else by the best that is;
    /// challenges are answered. Like a plan's, the login is forgotten with the connection.
    LogIn(Box<Login>, Exposure),
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
        /// It and those that go with it in one go; empty where it goes alone.
        together: Vec<String>,
        /// What the reply means for what comes next, in a sentence.
        because: String,
        /// The verbs that are legal now.
        permitted: Vec<String>,
        encrypted: bool,
        awaits_message: bool,
        /// The envelope as the server has taken it so far.
        sender: String,
        recipients: Vec<String>,
        /// By which it is known what breaks a rule.
        standing: Box<Standing>,
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
    let mut live = Live::new(wire, plan, server, outbox);
    let mut later = VecDeque::new();
    loop {
        if let Some(why) = flush(&mut live, &mut inbox, &mut later).await {
            live.note(why.to_owned());
            return why.to_owned();
        }
        let heard = live.hear();
        if let Some(why) = live.ended.take() {
            return why;
        }
        // What was heard may have something sent: the message after its 354, the handshake.
        if heard || live.is_shaking_hands() {
            continue;
        }
        if !live.wire.is_open() {
            return "the connection is closed".to_owned();
        }
        if let Some(order) = later.pop_front() {
            live.obey(order).await;
            continue;
        }
        tokio::select! {
            order = inbox.recv() => {
                let Some(order) = order else {
                    live.wire.close().await;
                    return "the connection is closed".to_owned();
                };
                live.obey(order).await;
            }
            () = live.wire.wait() => {}
        }
    }
}

/// Sends what is to be sent, however long a message is. The connection can be dropped meanwhile:
/// then it says so. Other orders wait.
async fn flush(
    live: &mut Live<'_>,
    inbox: &mut UnboundedReceiver<Order>,
    later: &mut VecDeque<Order>,
) -> Option<&'static str> {
    let mut flushing = std::pin::pin!(live.wire.flush());
    loop {
        tokio::select! {
            biased;
            () = &mut flushing => return None,
            order = inbox.recv() => match order {
                Some(Order::Drop) => return Some(DROPPED),
                Some(order) => later.push_back(order),
                None => return Some("the connection is closed"),
            }
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
