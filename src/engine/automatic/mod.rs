//! A session without a screen that plays a plan to its end.

mod player;

use crate::case::{Line, Transcript};
use crate::engine::message::Letter;
use crate::net::smtp::{Destination, Options, Recorder, Wire, nonce};
use crate::net::{ConnectError, Network};
use crate::smtp::suggest::Plan;
use crate::smtp::{HelloName, LocalError, Stage};
use crate::text::SafeText;
use player::Player;
use std::collections::BTreeMap;
use std::time::Duration;

/// What is played.
#[derive(Debug)]
pub struct Play {
    pub plan: Plan,
    /// The message, where the plan goes so far.
    pub message: Letter,
    /// QUIT once this is answered; where QUIT cannot be said (behind a 354), the end.
    pub quit_after: Option<Stage>,
    /// The connection ends without a word once this is answered.
    pub drop_after: Option<Stage>,
    /// The connection ends once this is said, before it is answered.
    pub drop_after_send: Option<Stage>,
    /// How long to wait before something is said for the first time.
    pub waits: BTreeMap<Stage, Duration>,
}

impl Play {
    pub fn new(plan: Plan) -> Self {
        Self {
            plan,
            message: Letter::default(),
            quit_after: None,
            drop_after: None,
            drop_after_send: None,
            waits: BTreeMap::new(),
        }
    }
}

/// How it went.
#[derive(Clone, Debug)]
pub struct Played {
    pub transcript: Transcript,
    pub result: Result<(), Stop>,
}

/// Why the plan could not be played to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    /// The server said no, or not what the plan needs.
    #[error("{step}: {why}{}", quoted(said))]
    Refused {
        /// The verb, `the greeting` or `the message`.
        step: String,
        why: String,
        /// The server's latest words.
        said: String,
    },
    #[error("the session was over before its end: {why}")]
    Over { why: String },
    #[error("{error}")]
    Local { error: LocalError },
    #[error("{why}")]
    NoMessage { why: String },
    #[error("no login where the certificate does not verify ({why}), unless that is asked for")]
    Unverified { why: SafeText },
    #[error("no login outside TLS, unless that is asked for")]
    InClear,
}

fn quoted(said: &str) -> String {
    if said.is_empty() {
        String::new()
    } else {
        format!(" The server said: {said}")
    }
}

/// Plays it against one address. Each line of the transcript goes to `each` as it comes.
pub async fn play(
    network: &Network,
    host: &str,
    to: Destination,
    options: Options,
    play: &Play,
    each: &mut (dyn FnMut(&Line) + Send),
) -> Result<Played, ConnectError> {
    if let Some(wait) = play.waits.get(&Stage::Connect) {
        network.clock().sleep(*wait).await;
    }
    let wire = Wire::open(network, to.clone(), options).await?;
    let mut plan = play.plan.clone();
    if plan.hello.is_literal()
        && let Some(here) = wire.local_address()
    {
        plan.hello = HelloName::literal(here);
    }
    // One command at a time, where it matters behind which of them the end is.
    let ends = [play.quit_after, play.drop_after, play.drop_after_send];
    plan.pipelining &= ends.iter().all(Option::is_none);
    plan.login = plan.login.map(|login| {
        let login = login.at(host, to.port);
        match nonce() {
            Some(nonce) => login.with_nonce(nonce),
            None => login,
        }
    });
    let recorder = Recorder::towards(host, wire.reached().unwrap_or(&to));
    let mut player = Player::new(wire, play, plan, recorder, each);
    let result = player.play().await;
    Ok(Played {
        transcript: player.end().await,
        result,
    })
}
