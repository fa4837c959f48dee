//! What came, and whether it is what the step expects.

use super::{Asked, PATIENCE, Player};
use crate::engine::script::expect::Expect;
use crate::engine::script::step::Step;
use crate::engine::script::stop::Stop;
use crate::smtp::EventKind;
use crate::smtp::reply::Reply;
use crate::smtp::state::State;
use crate::text::SafeText;
use std::time::Duration;

impl Player<'_> {
    pub(super) fn over(&self) -> Option<String> {
        let closed = || "the connection is closed".to_owned();
        self.ended
            .clone()
            .or_else(|| (!self.wire.is_open()).then(closed))
    }

    /// Until so many replies are there.
    pub(in crate::engine::script) async fn until_answered(
        &mut self,
        step: usize,
        replies: usize,
    ) -> Result<(), Stop> {
        self.until(step, |player| player.replies.len() >= replies)
            .await
    }

    pub(super) async fn until_closed(&mut self, number: usize, step: &Step) -> Result<(), Stop> {
        let done = self.until(number, |player| player.over().is_some()).await;
        let said = self.replies.pop_back().map(|(reply, _)| last_line(&reply));
        self.record(
            number,
            step,
            done.is_ok(),
            step.expect.as_ref(),
            (said, None),
        );
        done
    }

    pub(super) async fn until(
        &mut self,
        step: usize,
        there: impl Fn(&Self) -> bool,
    ) -> Result<(), Stop> {
        let clock = *self.wire.clock();
        let limit = self
            .limit
            .map_or(PATIENCE, |seconds| Duration::from_secs(u64::from(seconds)));
        let until = clock.elapsed() + limit;
        loop {
            self.wire.flush().await;
            self.hear();
            let handshake = self.wire.session().state() == State::TlsHandshake;
            if there(self) && !handshake {
                return Ok(());
            }
            if let Some(why) = self.over() {
                return Err(Stop::Over { step, why });
            }
            if handshake {
                continue;
            }
            // The session has limits of its own, by RFC 5321; a step's goes before them.
            if self.limit.is_none() && self.wire.session().poll_timeout().is_some() {
                self.wire.wait().await;
                continue;
            }
            let left = until.saturating_sub(clock.elapsed());
            if left.is_zero() || clock.timeout(left, self.wire.wait()).await.is_err() {
                let seconds = limit.as_secs();
                return Err(Stop::Late { step, seconds });
            }
        }
    }

    /// Takes in what happened.
    pub(in crate::engine::script) fn hear(&mut self) {
        while let Some(event) = self.wire.event() {
            self.recorder.event(&event);
            match &event.kind {
                EventKind::Greeting { reply, took } | EventKind::Reply { reply, took, .. } => {
                    self.replies.push_back((reply.clone(), Some(*took)));
                }
                EventKind::Unsolicited(reply) => self.replies.push_back((reply.clone(), None)),
                kind if kind.is_end() => {
                    let line = crate::net::smtp::line(&event);
                    let why = line.map_or_else(String::new, |line| line.line.into_string());
                    self.ended = Some(why);
                }
                _ => {}
            }
        }
        let lines = self.recorder.lines();
        for line in lines.get(self.told..).unwrap_or_default() {
            (self.each)(line);
        }
        self.told = lines.len();
    }

    /// What came, against what the step expects of it: of each, where there are several. What a
    /// step does not look at, the next without a command does.
    pub(super) fn compare(
        &mut self,
        number: usize,
        step: &Step,
        replies: usize,
    ) -> Result<(), Stop> {
        if !step.expects() {
            let last = self.replies.back();
            let said = last.map(|(reply, took)| (Some(last_line(reply)), *took));
            let heard = said.filter(|_| replies > 0).unwrap_or_default();
            self.record(number, step, true, None, heard);
            return Ok(());
        }
        // Of several replies each has an entry of the list, else any of them may come.
        let one_each = |list: &[Expect]| replies > 1 && list.len() == replies;
        let mut result = Ok(());
        for at in 0..replies {
            let Some((reply, took)) = self.replies.pop_front() else {
                break;
            };
            let expected = match &step.expect {
                Some(Expect::List(list)) if one_each(list) => list.get(at),
                expect => expect.as_ref(),
            };
            let ok = expected.is_none_or(|expect| expect.fits(&reply))
                && step
                    .matches
                    .as_ref()
                    .is_none_or(|pattern| pattern.fits(&reply));
            let said = last_line(&reply);
            self.record(number, step, ok, expected, (Some(said.clone()), took));
            if !ok && result.is_ok() {
                result = Err(Stop::Unexpected {
                    step: number,
                    expected: words(step, expected).unwrap_or_default(),
                    said: said.into_string(),
                });
            }
        }
        result
    }

    pub(super) fn record(
        &mut self,
        number: usize,
        step: &Step,
        ok: bool,
        expected: Option<&Expect>,
        (said, took): (Option<SafeText>, Option<Duration>),
    ) {
        self.asked.push(Asked {
            step: number,
            name: step.name.as_deref().map(SafeText::from),
            ok,
            expected: words(step, expected),
            said,
            took_ms: took.map(|took| u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
        });
    }
}

fn last_line(reply: &Reply) -> SafeText {
    reply
        .lines
        .last()
        .map_or_else(|| "".into(), |line| line.shown.clone())
}

/// What is expected, in words.
fn words(step: &Step, expected: Option<&Expect>) -> Option<String> {
    match (expected, &step.matches) {
        (Some(expect), Some(pattern)) => Some(format!("{expect}, matching {pattern}")),
        (Some(expect), None) => Some(expect.to_string()),
        (None, Some(pattern)) => Some(format!("a text matching {pattern}")),
        (None, None) => None,
    }
}
