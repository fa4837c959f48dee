//! A session without a screen: steps from a file, checked against what the server says.

use crate::case::{Line, Transcript};
use crate::knowledge::code::ReplyCode;
use crate::net::smtp::{Destination, Options, Recorder, Wire, nonce};
use crate::net::{ConnectError, Network};
use crate::smtp::data::{Draft, Stamp};
use crate::smtp::reply::Reply;
use crate::smtp::sasl::{Exchange, Flaw, UnknownMechanism};
use crate::smtp::state::State;
use crate::smtp::{
    Command, EventKind, Extensions, ForwardPath, LocalError, Login, ReversePath, SaslMechanism,
};
use crate::text::{SafeText, Secret};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// One step of a script. What is not written is not done.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Seconds to wait before the step.
    #[serde(default)]
    pub wait: Option<u32>,
    /// A line, sent as it is written.
    #[serde(default)]
    pub send: Option<String>,
    /// STARTTLS and the handshake.
    #[serde(default)]
    pub starttls: bool,
    /// A login, to its end.
    #[serde(default)]
    pub auth: Option<Auth>,
    /// A message, after the 354: headers, an empty line, the body. Date, From, To and
    /// Message-ID are added where they are missing.
    #[serde(default)]
    pub message: Option<String>,
    /// The reply must have this code, or this first digit. Without a command in the same step
    /// it is the greeting's.
    #[serde(default)]
    pub expect: Option<u16>,
    /// QUIT.
    #[serde(default)]
    pub quit: bool,
}

/// Who logs in, and how. The password is none of the script's: see [`Passwords`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    #[serde(default)]
    pub mechanism: Wanted,
    /// For EXTERNAL, whom to act for; it may be nobody.
    #[serde(default)]
    pub user: String,
    /// With an initial response, where the mechanism has one and it fits the line.
    #[serde(default = "yes")]
    pub initial: bool,
    /// Also outside TLS.
    #[serde(default)]
    pub in_clear: bool,
    /// Also where the certificate does not verify.
    #[serde(default)]
    pub unverified: bool,
}

fn yes() -> bool {
    true
}

impl Auth {
    /// Whether a password or token has to be there.
    pub fn needs_secret(&self) -> bool {
        self.mechanism.0.is_none_or(SaslMechanism::needs_secret)
    }
}

/// A mechanism; none is the best of those that the server offers: `auto`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Wanted(pub Option<SaslMechanism>);

impl TryFrom<String> for Wanted {
    type Error = UnknownMechanism;

    fn try_from(text: String) -> Result<Self, UnknownMechanism> {
        if text.eq_ignore_ascii_case("auto") {
            return Ok(Self(None));
        }
        text.parse().map(|mechanism| Self(Some(mechanism)))
    }
}

/// Passwords and tokens by user name.
pub type Passwords = BTreeMap<String, Secret>;

/// How a script went.
#[derive(Clone, Debug)]
pub struct Played {
    pub transcript: Transcript,
    pub result: Result<(), Stop>,
}

/// Why a script stopped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stop {
    #[error("step {step}: expected {expected}, and the server said {said}")]
    Unexpected {
        step: usize,
        expected: u16,
        said: String,
    },
    #[error("step {step}: the session was over: {why}")]
    Over { step: usize, why: String },
    #[error("step {step}: {error}")]
    Refused { step: usize, error: LocalError },
    #[error("step {step}: no login outside TLS, unless the step says `in_clear: true`")]
    InClear { step: usize },
    #[error(
        "step {step}: no login where the certificate does not verify ({why}), unless the step says \
         `unverified: true`"
    )]
    Unverified { step: usize, why: SafeText },
    #[error(
        "step {step}: of the mechanisms offered none fits: `{offered}`; in clear, PLAIN and LOGIN have to be named"
    )]
    NoMechanism { step: usize, offered: SafeText },
    #[error("step {step}: the login was broken off: {flaw}")]
    Flawed { step: usize, flaw: Flaw },
    /// RFC 5802 section 3: whoever does not know the password could say so too.
    #[error(
        "step {step}: the server says that the login is right, and has not proved that it knows the password"
    )]
    Unproven { step: usize },
}

/// Reads a script: a YAML list of steps.
pub fn read(text: &str) -> Result<Vec<Step>, serde_yaml::Error> {
    serde_yaml::from_str(text)
}

/// Plays a script against one server.
pub async fn play(
    network: &Network,
    host: &str,
    to: Destination,
    options: Options,
    steps: &[Step],
    passwords: &Passwords,
    each: &mut (dyn FnMut(&Line) + Send),
) -> Result<Played, ConnectError> {
    let wire = Wire::open(network, to.clone(), options).await?;
    let mut player = Player {
        wire,
        recorder: Recorder::towards(host, &to),
        reply: None,
        sender: ReversePath::Null,
        recipients: Vec::new(),
        server: (host, to.port),
        passwords,
        told: 0,
        each,
    };
    let result = player.steps(steps).await;
    if player.wire.is_open() {
        player.wire.close().await;
    }
    player.hear();
    player.recorder.tls(player.wire.shown().cloned());
    Ok(Played {
        transcript: player.recorder.into_transcript(),
        result,
    })
}

struct Player<'a> {
    wire: Wire,
    recorder: Recorder,
    /// The latest reply that no step has looked at yet.
    reply: Option<Reply>,
    sender: ReversePath,
    recipients: Vec<ForwardPath>,
    /// As it is called in the arguments, and the port.
    server: (&'a str, u16),
    passwords: &'a Passwords,
    /// Lines of the transcript that `each` has seen.
    told: usize,
    each: &'a mut (dyn FnMut(&Line) + Send),
}

impl Player<'_> {
    async fn steps(&mut self, steps: &[Step]) -> Result<(), Stop> {
        self.until_answered(0).await?;
        for (number, step) in (1..).zip(steps) {
            if let Some(seconds) = step.wait {
                let clock = *self.wire.clock();
                clock.sleep(Duration::from_secs(u64::from(seconds))).await;
            }
            self.act(number, step).await?;
            if let Some(expected) = step.expect {
                self.compare(number, expected)?;
            }
        }
        Ok(())
    }

    async fn act(&mut self, step: usize, what: &Step) -> Result<(), Stop> {
        if let Some(line) = &what.send {
            self.remember(line);
            self.say(step, |session, now| session.send_free(line, now))
                .await?;
        }
        if what.starttls {
            let command = Command::StartTls;
            self.say(step, |session, now| session.send(&command, now))
                .await?;
        }
        if let Some(auth) = &what.auth {
            self.log_in(step, auth).await?;
        }
        if let Some(text) = &what.message {
            let id = format!("{}.smtp-tui@localhost", Timestamp::now().as_millisecond());
            let stamp = Stamp {
                date: Timestamp::now(),
                message_id: &id,
                from: &self.sender,
                to: &self.recipients,
            };
            let message = Draft::parse(text)
                .message(&stamp)
                .map_err(|error| Stop::Refused { step, error })?;
            self.say(step, |session, now| session.send_message(message, now))
                .await?;
        }
        if what.quit {
            let command = Command::Quit;
            self.say(step, |session, now| session.send(&command, now))
                .await?;
        }
        Ok(())
    }

    /// AUTH and what its challenges ask for; beside each line, what it says.
    async fn log_in(&mut self, step: usize, auth: &Auth) -> Result<(), Stop> {
        let refused = |error| Stop::Refused { step, error };
        let encrypted = self.wire.session().is_encrypted();
        if !encrypted && !auth.in_clear {
            return Err(Stop::InClear { step });
        }
        let verdict = self.wire.observed().map(|observed| &observed.verdict);
        if let Some(Err(error)) = verdict.filter(|_| encrypted && !auth.unverified) {
            let why = error.to_string().into();
            return Err(Stop::Unverified { step, why });
        }
        let login = self.login(auth).map_err(refused)?;
        // One that is named is tried whether it is offered or not: what the server says to it is
        // of interest.
        let named = auth.mechanism.0;
        let Some(mechanism) = named.or_else(|| login.mechanism(&self.offered(), encrypted)) else {
            let offered = self.offered();
            let words: Vec<&str> = offered.iter().map(SafeText::as_str).collect();
            let offered = words.join(" ").into();
            return Err(Stop::NoMechanism { step, offered });
        };
        let exchange = Exchange::new(&login, mechanism);
        let mut next = exchange.begin().map_err(refused)?;
        loop {
            if let Some(heard) = &next.heard {
                self.note(&format!("AUTH, heard: {heard}"));
            }
            let Some(command) = next.command else {
                let why = next.said.into_string();
                return Err(Stop::Over { step, why });
            };
            self.reply = None;
            self.wire
                .say(|session, now| session.send(&command, now))
                .map_err(refused)?;
            // Its line comes before the words for it.
            self.hear();
            self.note(&format!("AUTH, sent: {}", next.said));
            self.until_answered(step).await?;
            if let Some(flaw) = next.flaw {
                return Err(Stop::Flawed { step, flaw });
            }
            if self.wire.session().state() != State::Authenticating {
                break;
            }
            next = exchange
                .answer(&self.wire.session().challenges())
                .map_err(refused)?;
        }
        let session = self.wire.session();
        let accepted = session.progress().login == Some(true);
        if accepted && !exchange.is_proven(&session.challenges()) {
            return Err(Stop::Unproven { step });
        }
        Ok(())
    }

    fn offered(&self) -> Vec<SafeText> {
        let extensions = self.wire.session().extensions();
        extensions.map_or_else(Vec::new, Extensions::mechanisms)
    }

    fn login(&self, auth: &Auth) -> Result<Login, LocalError> {
        let login = if auth.needs_secret() {
            let none = || Secret::new(String::new());
            let password = self.passwords.get(&auth.user).cloned();
            Login::new(&auth.user, password.unwrap_or_else(none))?
        } else {
            Login::external(&auth.user)?
        };
        let (host, port) = self.server;
        let login = login.at(host, port).with_initial(auth.initial);
        Ok(match nonce() {
            Some(nonce) => login.with_nonce(nonce),
            None => login,
        })
    }

    fn note(&mut self, text: &str) {
        self.recorder.note(self.wire.now(), text);
        self.hear();
    }

    /// The envelope as it is sent, for the headers of a message that has none.
    fn remember(&mut self, line: &str) {
        match Command::parse_typed(line) {
            Ok(Command::Mail { from, .. }) => {
                self.sender = from;
                self.recipients.clear();
            }
            Ok(Command::Rcpt { to, .. }) => self.recipients.push(to),
            _ => {}
        }
    }

    async fn say(
        &mut self,
        step: usize,
        with: impl FnOnce(&mut crate::smtp::Session, Duration) -> Result<(), LocalError>,
    ) -> Result<(), Stop> {
        self.reply = None;
        self.wire
            .say(with)
            .map_err(|error| Stop::Refused { step, error })?;
        self.until_answered(step).await
    }

    async fn until_answered(&mut self, step: usize) -> Result<(), Stop> {
        loop {
            self.wire.flush().await;
            let ended = self.hear();
            let handshake = self.wire.session().state() == State::TlsHandshake;
            if self.reply.is_some() && !handshake {
                return Ok(());
            }
            if let Some(why) = ended {
                return Err(Stop::Over { step, why });
            }
            if !self.wire.is_open() {
                let why = "the connection is closed".to_owned();
                return Err(Stop::Over { step, why });
            }
            if !handshake {
                self.wire.wait().await;
            }
        }
    }

    /// Takes in what happened; why the session is over, if it is.
    fn hear(&mut self) -> Option<String> {
        let mut ended = None;
        while let Some(event) = self.wire.event() {
            self.recorder.event(&event);
            match &event.kind {
                EventKind::Greeting { reply, .. } | EventKind::Reply { reply, .. } => {
                    self.reply = Some(reply.clone());
                }
                kind if kind.is_end() => {
                    let line = crate::net::smtp::line(&event);
                    ended = Some(line.map_or_else(String::new, |line| line.line.into_string()));
                }
                _ => {}
            }
        }
        let lines = self.recorder.lines();
        for line in lines.get(self.told..).unwrap_or_default() {
            (self.each)(line);
        }
        self.told = lines.len();
        ended
    }

    fn compare(&self, step: usize, expected: u16) -> Result<(), Stop> {
        let code = self
            .reply
            .as_ref()
            .and_then(|reply| reply.code)
            .map(ReplyCode::get);
        let fits = code.is_some_and(|code| code == expected || code / 100 == expected);
        if fits {
            return Ok(());
        }
        let said = self.reply.as_ref().map_or_else(String::new, |reply| {
            reply
                .lines
                .last()
                .map_or_else(String::new, |line| line.shown.to_string())
        });
        Err(Stop::Unexpected {
            step,
            expected,
            said,
        })
    }
}
