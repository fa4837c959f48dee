//! Plays the steps, one after the other.

mod hearing;

use super::Passwords;
use super::expect::Expect;
use super::step::Step;
use super::stop::{Outcome, Stop};
use crate::case::{Line, Transcript};
use crate::engine::message::{self, Letter};
use crate::net::smtp::{Destination, Options, Recorder, Wire};
use crate::net::{ConnectError, Network};
use crate::smtp::reply::Reply;
use crate::smtp::{Command, Ending, ForwardPath, LocalError, Raw, ReversePath, Session, Stage};
use crate::text::SafeText;
use serde::Serialize;
use std::collections::VecDeque;
use std::time::Duration;

/// How long a reply may take that the session itself does not wait for.
const PATIENCE: Duration = Duration::from_mins(5);

/// How a script went. As JSON it is one object: the fields of the transcript, `steps` and
/// `result`.
#[derive(Clone, Debug)]
pub struct Played {
    pub transcript: Transcript,
    /// What was asked, in order; what was not come to is missing.
    pub steps: Vec<Asked>,
    pub result: Result<(), Stop>,
}

/// A command, or what stands for one, and what came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// From 1; a step of several commands has as many of these.
    pub step: usize,
    pub name: Option<SafeText>,
    pub ok: bool,
    pub expected: Option<String>,
    /// The reply's last line, code and all.
    pub said: Option<SafeText>,
    /// From the command to the end of its reply; none where nothing was asked.
    pub took_ms: Option<u64>,
}

impl Played {
    pub fn outcome(&self) -> Outcome {
        match &self.result {
            Ok(()) => Outcome::AsExpected,
            Err(stop) => stop.outcome(),
        }
    }
}

impl Serialize for Played {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Ended<'a> {
            outcome: Outcome,
            step: Option<usize>,
            why: Option<&'a str>,
        }
        #[derive(Serialize)]
        struct Whole<'a> {
            #[serde(flatten)]
            transcript: &'a Transcript,
            steps: &'a [Asked],
            result: Ended<'a>,
        }
        let stop = self.result.as_ref().err();
        let why = stop.map(ToString::to_string);
        Whole {
            transcript: &self.transcript,
            steps: &self.steps,
            result: Ended {
                outcome: self.outcome(),
                step: stop.map(Stop::step),
                why: why.as_deref(),
            },
        }
        .serialize(serializer)
    }
}

/// Plays a script against one address.
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
        recorder: Recorder::towards(host, wire.reached().unwrap_or(&to)),
        wire,
        replies: VecDeque::new(),
        ended: None,
        limit: None,
        sender: ReversePath::Null,
        recipients: Vec::new(),
        server: (host, to.port),
        passwords,
        asked: Vec::new(),
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
        steps: player.asked,
        result,
    })
}

pub(super) struct Player<'a> {
    pub(super) wire: Wire,
    pub(super) recorder: Recorder,
    /// Replies that no step has looked at yet, and how long they took.
    pub(super) replies: VecDeque<(Reply, Option<Duration>)>,
    /// Why the session is over.
    ended: Option<String>,
    /// Seconds that the step allows.
    limit: Option<u32>,
    sender: ReversePath,
    recipients: Vec<ForwardPath>,
    /// As it is called in the arguments, and the port.
    pub(super) server: (&'a str, u16),
    pub(super) passwords: &'a Passwords,
    asked: Vec<Asked>,
    /// Lines of the transcript that `each` has seen.
    told: usize,
    each: &'a mut (dyn FnMut(&Line) + Send),
}

impl Player<'_> {
    async fn steps(&mut self, steps: &[Step]) -> Result<(), Stop> {
        let first = steps.first();
        self.limit = first.and_then(|step| step.timeout);
        let greeted = self.until_answered(0, 1).await;
        if !first.is_some_and(|step| step.expect == Some(Expect::Closed)) {
            greeted?;
        }
        for (number, step) in (1..).zip(steps) {
            self.limit = step.timeout;
            if let Some(seconds) = step.wait {
                let clock = *self.wire.clock();
                clock.sleep(Duration::from_secs(u64::from(seconds))).await;
            }
            if let Some(name) = &step.name {
                self.note(&format!("step {number}: {name}"));
            }
            let replies = self.act(number, step).await?;
            if step.expect == Some(Expect::Closed) {
                self.until_closed(number, step).await?;
            } else {
                self.until_answered(number, replies).await?;
                self.compare(number, step, replies)?;
            }
        }
        Ok(())
    }

    /// Does what the step says; how many replies it has.
    async fn act(&mut self, number: usize, step: &Step) -> Result<usize, Stop> {
        if let Some(lines) = &step.send {
            let lines = lines.as_slice();
            self.replies.clear();
            for line in lines {
                self.remember(line);
                self.say(number, |session, now| match step.end {
                    Ending::CrLf => session.send_free(line, now),
                    end => {
                        let octets = [line.as_bytes(), end.octets()].concat();
                        session.send_raw(&Raw::of(octets), now)
                    }
                })?;
            }
            let answered = step.end != Ending::None || step.expects();
            return Ok(if answered { lines.len() } else { 0 });
        }
        if let Some(raw) = &step.raw {
            self.replies.clear();
            self.say(number, |session, now| session.send_raw(raw, now))?;
            return Ok(usize::from(step.expects()));
        }
        if step.has_its_turn() {
            // Lines that were sent raw may still be unanswered.
            self.until(number, |player| player.wire.session().awaited().is_none())
                .await?;
        }
        if let Some(auth) = &step.auth {
            self.log_in(number, auth).await?;
            return Ok(1);
        }
        if let Some(letter) = step.letter() {
            return self.send_message(number, &letter).await;
        }
        if step.drop {
            self.wire.close().await;
            self.hear();
            return Ok(0);
        }
        let command = match (step.starttls, step.quit) {
            (true, _) => Command::StartTls,
            (_, true) => Command::Quit,
            _ => return Ok(usize::from(step.expects())),
        };
        self.replies.clear();
        self.say(number, |session, now| session.send(&command, now))?;
        Ok(1)
    }

    /// Sends it; how many replies are about the whole of it: with LMTP one for each recipient
    /// that was taken (RFC 2033 section 4.2).
    async fn send_message(&mut self, step: usize, letter: &Letter) -> Result<usize, Stop> {
        if let Some(why) = self.over() {
            return Err(Stop::Over { step, why });
        }
        let source = letter.stamped("localhost", &self.sender, &self.recipients);
        let source = source.await.map_err(|error| match error {
            message::Error::Local(error) => Stop::Refused { step, error },
            other => Stop::NoMessage {
                step,
                why: other.to_string(),
            },
        })?;
        self.replies.clear();
        self.wire.say(|session, _| session.settle_early_answer());
        let session = self.wire.session();
        let recipients = if session.is_lmtp() {
            session.recipients().len().max(1)
        } else {
            1
        };
        self.wire
            .send_message(source)
            .map_err(|error| Stop::Refused { step, error })?;
        // The reply to a chunk is not yet one to the message.
        self.until(step, |player| {
            let session = player.wire.session();
            let under_way = session.is_supplied() || session.awaited() == Some(Stage::Message);
            !under_way && !player.replies.is_empty()
        })
        .await?;
        let chunks = self.replies.len().saturating_sub(recipients);
        self.replies.drain(..chunks);
        Ok(self.replies.len())
    }

    pub(super) fn note(&mut self, text: &str) {
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

    fn say(
        &mut self,
        step: usize,
        with: impl FnOnce(&mut Session, Duration) -> Result<(), LocalError>,
    ) -> Result<(), Stop> {
        if let Some(why) = self.over() {
            return Err(Stop::Over { step, why });
        }
        self.wire
            .say(|session, now| {
                session.settle_early_answer();
                with(session, now)
            })
            .map_err(|error| Stop::Refused { step, error })
    }
}
