//! A session that a person holds, step by step.

mod dialogue;
mod login;
mod message;
mod obey;
mod orders;

use crate::case::{Line, Tls};
use crate::engine::message::Outline;
use crate::net::dns::Dns;
use crate::net::smtp::{Options, Wire};
use crate::smtp::state::State;
use crate::smtp::suggest::{Envelope, Exposure, Plan};
use crate::smtp::{HelloName, Login, Raw, Standing};
use dialogue::Live;
use orders::{Ended, Orders};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

const CLOSED: &str = "the connection is closed";
const DROPPED: &str = "the connection was dropped by us, without QUIT";
/// What is answered by the reply after the final dot.
pub const MESSAGE: &str = "the message";

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
        let mut orders = Orders::new(inbox);
        let why = Box::pin(hold(
            &dns,
            host,
            port,
            (plan, options),
            &mut orders,
            &outbox,
        ))
        .await;
        // Whoever asked may have gone.
        let _ = outbox.send(Told::Closed(why));
    });
    (orders, told)
}

/// Why it is over.
async fn hold(
    dns: &Dns,
    host: String,
    port: u16,
    (mut plan, options): (Plan, Options),
    orders: &mut Orders,
    outbox: &UnboundedSender<Told>,
) -> String {
    let options = options.with_defaults(&host, port);
    let name = options.name.clone();
    let opening = Box::pin(async {
        let to = options.destination(dns, &host, port).await;
        let to = to.map_err(|why| why.to_string())?;
        let opened = Wire::open(dns.network(), to, options).await;
        opened.map_err(|error| error.to_string())
    });
    let wire = match orders.unless_ended(opening).await {
        Ok(Ok(wire)) => wire,
        Ok(Err(why)) => return why,
        Err(Ended::Dropped) => return DROPPED.to_owned(),
        Err(Ended::Left) => return CLOSED.to_owned(),
    };
    if plan.hello.is_literal()
        && let Some(here) = wire.local_address()
    {
        plan.hello = HelloName::literal(here);
    }
    let mut live = Live::new(wire, plan, (name, port), outbox);
    loop {
        match orders.unless_ended(Box::pin(live.wire.flush())).await {
            Ok(()) => {}
            Err(Ended::Dropped) => live.dropped(),
            Err(Ended::Left) => return CLOSED.to_owned(),
        }
        let heard = live.hear();
        if let Some(why) = live.ended.take() {
            return why;
        }
        // What was heard may have something sent: the message after its 354, the handshake.
        if heard || live.wire.session().state() == State::TlsHandshake {
            continue;
        }
        if !live.wire.is_open() {
            return CLOSED.to_owned();
        }
        tokio::select! {
            order = orders.next() => {
                let Some(order) = order else {
                    live.wire.close().await;
                    return CLOSED.to_owned();
                };
                live.obey(order).await;
            }
            () = live.wire.wait() => {}
        }
    }
}
