//! A mail host that does what `assets/hostile.yaml` says, where it says so.

use super::dialogue::Dialogue;
use super::serve::{Ending, Server, line};
use super::turn::{Next, Turn};
use crate::lab::setting::{Act, Echo, End, Hostile, Stage};
use crate::net::Clock;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;

const SECOND: Duration = Duration::from_secs(1);
/// As long as any time-out of a client, and longer.
const LONGEST: Duration = Duration::from_mins(40);
/// Octets that are sent at once where it goes on for ever.
const CHUNK: usize = 8 * 1024;

/// Where a connection to a hostile host stands.
pub(super) struct Hostility<'a> {
    hostile: &'a Hostile,
    /// How often it has been at it.
    turns: usize,
    /// The last line that can hold a password.
    heard: String,
    /// It has shaken hands itself.
    secured: bool,
}

impl<'a> Hostility<'a> {
    pub(super) fn of(hostile: &'a Hostile) -> Self {
        Self {
            hostile,
            turns: 0,
            heard: String::new(),
            secured: false,
        }
    }

    /// Whether the handshake that was due is done.
    pub(super) fn took_the_handshake(&mut self) -> bool {
        std::mem::take(&mut self.secured)
    }

    pub(super) fn begins_at(&self, stage: Stage) -> bool {
        self.hostile.at == stage || (self.turns > 0 && self.hostile.behaviour.always)
    }

    /// Whether this line of the client is answered by it.
    pub(super) fn answers(&mut self, line: &str) -> bool {
        let stage = stage_of(line);
        if stage == Some(Stage::Auth) || self.turns > 0 {
            line.clone_into(&mut self.heard);
        }
        stage.is_some_and(|stage| self.hostile.at == stage)
            || (self.turns > 0 && self.hostile.behaviour.always)
    }

    /// Does what there is to do; `turn` is what an ordinary server would. The connection goes
    /// on where nothing is given back.
    pub(super) async fn act(
        &mut self,
        server: &mut Server<'_>,
        turn: &Turn,
        clock: Clock,
    ) -> io::Result<Option<Ending>> {
        let behaviour = self.hostile.behaviour;
        let acts = match &behaviour.again {
            Some(again) if self.turns > 0 => again,
            _ => &behaviour.acts,
        };
        self.turns += 1;
        for act in acts {
            if let Some(ending) = self.one(act, server, turn, clock).await? {
                return Ok(Some(ending));
            }
        }
        Ok(None)
    }

    async fn one(
        &mut self,
        act: &Act,
        server: &mut Server<'_>,
        turn: &Turn,
        clock: Clock,
    ) -> io::Result<Option<Ending>> {
        clock.sleep(Duration::from_secs(act.wait)).await;
        if act.hear {
            line(server.stream(), clock, LONGEST).await?;
        }
        if act.usual {
            server.say(turn).await?;
        }
        if let Some(text) = &act.send {
            send(server, text, act, clock).await?;
        }
        if let Some(echo) = act.echo {
            let text = echoed(&self.heard, echo);
            server.stream().write_all(text.as_bytes()).await?;
        }
        server.stream().flush().await?;
        if act.tls {
            let tls = TlsAcceptor::from(server.host.tls.clone());
            server.secure(&tls).await?;
            self.secured = true;
        }
        Ok(match act.end {
            None => None,
            Some(End::Close) => Some(Ending::Close),
            Some(End::Reset) => Some(Ending::Reset),
            Some(End::HalfClose) => {
                server.stream().shutdown().await?;
                swallow(server, clock).await;
                Some(Ending::Close)
            }
            Some(End::Silence) => {
                swallow(server, clock).await;
                Some(Ending::Close)
            }
            Some(End::Deaf) => {
                clock.sleep(LONGEST).await;
                Some(Ending::Close)
            }
            Some(End::Slow) => {
                let until = clock.elapsed() + LONGEST;
                let mut ten = [0; 10];
                while clock.elapsed() < until && server.stream().read(&mut ten).await? > 0 {
                    clock.sleep(SECOND).await;
                }
                Some(Ending::Close)
            }
        })
    }
}

/// The stage that a command begins, as the table of behaviours has it.
fn stage_of(line: &str) -> Option<Stage> {
    let verb = line.split(' ').next().unwrap_or_default();
    Some(match verb.to_ascii_uppercase().as_str() {
        "EHLO" => Stage::Ehlo,
        "STARTTLS" => Stage::Starttls,
        "AUTH" => Stage::Auth,
        "MAIL" => Stage::Mail,
        "RCPT" => Stage::Rcpt,
        "DATA" => Stage::Data,
        "QUIT" => Stage::Quit,
        _ => return None,
    })
}

async fn send(server: &mut Server<'_>, text: &str, act: &Act, clock: Clock) -> io::Result<()> {
    let until = clock.elapsed() + LONGEST;
    let mut count = 0_u64;
    let mut pending = Vec::new();
    while (act.times.0 == 0 && clock.elapsed() < until) || count < act.times.0 {
        count += 1;
        let octets = octets(&text.replace("{n}", &count.to_string()));
        if act.drip {
            for octet in octets {
                server.stream().write_all(&[octet]).await?;
                server.stream().flush().await?;
                clock.sleep(SECOND).await;
            }
            continue;
        }
        pending.extend(octets);
        if pending.len() >= CHUNK {
            server
                .stream()
                .write_all(&std::mem::take(&mut pending))
                .await?;
            server.stream().flush().await?;
            // Whoever goes on for ever leaves room for others.
            tokio::task::yield_now().await;
        }
    }
    server.stream().write_all(&pending).await
}

fn octets(text: &str) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(u32::from(c)) {
            Ok(octet) => octets.push(octet),
            Err(_) => octets.extend(c.to_string().bytes()),
        }
    }
    octets
}

/// The password of `AUTH PLAIN …`, or of a line that answers a challenge.
fn echoed(heard: &str, echo: Echo) -> String {
    let word = heard.split_whitespace().last().unwrap_or_default();
    let decoded = STANDARD.decode(word).unwrap_or_default();
    let decoded = String::from_utf8_lossy(&decoded);
    let password = decoded.rsplit('\0').next().unwrap_or_default();
    match echo {
        Echo::Plain => format!("535 5.7.8 `{password}` is wrong\r\n"),
        Echo::Base64 => format!(
            "535 5.7.8 {word} {} is wrong\r\n",
            STANDARD.encode(password)
        ),
        Echo::Backwards => {
            let backwards: String = password.chars().rev().collect();
            format!("535 5.7.8 {backwards} is wrong\r\n")
        }
        Echo::Halves => {
            let half = password.chars().count().div_ceil(2);
            let first: String = password.chars().take(half).collect();
            let second: String = password.chars().skip(half).collect();
            format!("535-5.7.8 {first}\r\n535 5.7.8 {second} is wrong\r\n")
        }
    }
}

/// Reads until the client has gone.
async fn swallow(server: &mut Server<'_>, clock: Clock) {
    let mut buffer = [0; 4096];
    let reading = async { while matches!(server.stream().read(&mut buffer).await, Ok(1..)) {} };
    // That it stays longer than any client waits is for the test to see.
    let _ = clock.timeout(LONGEST, reading).await;
}

/// What an ordinary server does where nothing was asked.
pub(super) fn nothing() -> Turn {
    Turn {
        reply: Vec::new(),
        next: Next::Command,
    }
}

/// Whether the host offers AUTH in clear, so that somebody uses it.
pub(super) fn offers_auth(dialogue: &Dialogue<'_>) -> bool {
    let hostile = &dialogue.host.script.hostile;
    hostile
        .as_ref()
        .is_some_and(|hostile| hostile.at == Stage::Auth)
}
