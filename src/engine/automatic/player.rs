//! The one who plays: says what is suggested, and hears what comes.

use super::{Play, Stop};
use crate::case::{Line, Transcript};
use crate::engine::message;
use crate::net::smtp::{Body, Recorder, Source, Wire};
use crate::net::tls::Observed;
use crate::smtp::state::{Outcome, State};
use crate::smtp::suggest::{self, Needs, Plan, Reason, Suggestion};
use crate::smtp::{
    Command, EventKind, Extensions, LocalError, Raw, ReversePath, Stage, rules_broken,
};
use crate::text::SafeText;

pub(super) struct Player<'a> {
    wire: Wire,
    play: &'a Play,
    plan: Plan,
    recorder: Recorder,
    message: Option<Source>,
    /// Stages before which the wait is over.
    waited: Vec<Stage>,
    /// The latest reply: what it answered, and its last line.
    reply: Option<(Stage, String)>,
    /// What was refused first since the last command, or among the recipients.
    refused: Option<(Stage, String)>,
    /// The first thing that went wrong.
    failure: Option<Stop>,
    /// Why the session is over, if it is.
    ended: Option<String>,
    /// Lines of the transcript that `each` has seen.
    told: usize,
    each: &'a mut (dyn FnMut(&Line) + Send),
}

impl<'a> Player<'a> {
    pub(super) fn new(
        wire: Wire,
        play: &'a Play,
        plan: Plan,
        recorder: Recorder,
        each: &'a mut (dyn FnMut(&Line) + Send),
    ) -> Self {
        Self {
            wire,
            play,
            plan,
            recorder,
            message: None,
            waited: Vec::new(),
            reply: None,
            refused: None,
            failure: None,
            ended: None,
            told: 0,
            each,
        }
    }

    /// The transcript, once the connection is closed.
    pub(super) async fn end(mut self) -> Transcript {
        if self.wire.is_open() {
            self.wire.close().await;
        }
        self.hear();
        self.recorder.tls(self.wire.shown().cloned());
        self.recorder.into_transcript()
    }

    pub(super) async fn play(&mut self) -> Result<(), Stop> {
        if self.plan.message {
            self.open_message().await?;
        }
        let mut quitting = false;
        loop {
            self.wire.flush().await;
            let answered = self.hear();
            if self.is_said(self.play.drop_after_send) {
                self.note("the connection is dropped before an answer, as asked for");
                return self.failure.take().map_or(Ok(()), Err);
            }
            if self.wire.session().state() == State::TlsHandshake {
                continue;
            }
            if let Some(why) = self.over(quitting) {
                return why;
            }
            let idle = self.wire.session().awaited().is_none();
            if let Some(stage) = answered.filter(|_| idle)
                && !quitting
            {
                if self.is_done(self.play.drop_after, stage) {
                    self.note("the connection is dropped, as asked for");
                    return self.failure.take().map_or(Ok(()), Err);
                }
                quitting = self.is_done(self.play.quit_after, stage);
            }
            let (mut what, reason) = suggest::step(self.wire.session(), &self.plan);
            // What would be wrong behind the last step that is wanted is not of interest.
            let counts = !quitting || self.refused.is_some();
            if reason.is_failure() && counts && self.failure.is_none() {
                self.failure = Some(self.stop(reason));
            }
            if quitting && idle && !matches!(what, Suggestion::Close) {
                if self.wire.session().state() == State::AwaitData {
                    self.note("QUIT cannot be said behind a 354: the connection is closed");
                    return self.failure.take().map_or(Ok(()), Err);
                }
                what = Suggestion::Say(Command::Quit);
            }
            quitting |= what.command() == Some(&Command::Quit);
            if !self.act(what).await? {
                return self.failure.take().map_or(Ok(()), Err);
            }
        }
    }

    /// How it went, once nothing can come any more.
    fn over(&mut self, quitting: bool) -> Option<Result<(), Stop>> {
        if self.ended.is_none() && self.wire.is_open() {
            return None;
        }
        if let Some(failure) = self.failure.take() {
            return Some(Err(failure));
        }
        if quitting {
            return Some(Ok(()));
        }
        let said = self.reply.take().map(|(_, said)| said);
        let shut = said.filter(|said| said.starts_with("421"));
        let why = shut.or_else(|| self.ended.take()).unwrap_or_default();
        Some(Err(Stop::Over { why }))
    }

    /// Whether `wanted` was answered to its end by the reply at `stage`.
    fn is_done(&self, wanted: Option<Stage>, stage: Stage) -> bool {
        let hello = |stage: Stage| if stage.is_hello() { Stage::Ehlo } else { stage };
        let session = self.wire.session();
        let done = match stage {
            Stage::Rcpt => session.progress().recipients_answered >= self.plan.to.len(),
            Stage::Auth => session.state() != State::Authenticating,
            // HELO may follow.
            stage if stage.is_hello() => session.state() == State::Ready,
            _ => true,
        };
        done && wanted.is_some_and(|wanted| hello(wanted) == hello(stage))
    }

    /// Whether `wanted` is out, all of it, and unanswered.
    fn is_said(&self, wanted: Option<Stage>) -> bool {
        let hello = |stage: Stage| if stage.is_hello() { Stage::Ehlo } else { stage };
        let session = self.wire.session();
        let last = session.awaited().filter(|_| self.wire.is_open());
        let whole = !session.is_supplied() && session.state() != State::SendingMessage;
        last.is_some_and(|last| whole && wanted.is_some_and(|wanted| hello(wanted) == hello(last)))
    }

    /// Does what is next; false where the end is reached.
    async fn act(&mut self, what: Suggestion) -> Result<bool, Stop> {
        match &what {
            Suggestion::Wait(_) => {
                self.wire.wait().await;
                return Ok(true);
            }
            Suggestion::Close => return Ok(false),
            Suggestion::LogIn(_) => self.may_log_in()?,
            _ => {}
        }
        let stage = match &what {
            Suggestion::SendMessage | Suggestion::SendEmpty => Stage::Message,
            _ => what.command().map_or(Stage::Unknown, Command::stage),
        };
        self.wait_before(stage).await;
        if !self.wire.is_open() {
            return Ok(true);
        }
        if stage == Stage::Mail {
            self.fits()?;
        }
        self.warn(&what);
        if stage != Stage::Rcpt {
            self.refused = None;
        }
        let local = |error| Stop::Local { error };
        if what == Suggestion::SendMessage {
            let Some(message) = self.message.take() else {
                return Ok(false);
            };
            self.wire.send_message(message).map_err(local)?;
        } else {
            self.wire
                .say(|session, now| suggest::follow(session, &what, now))
                .map_err(local)?;
        }
        Ok(true)
    }

    /// Says which rules the commands break, of those that the plan has as they are.
    fn warn(&mut self, what: &Suggestion) {
        let commands = match what {
            Suggestion::Together(commands) => commands.as_slice(),
            Suggestion::Say(command) => std::slice::from_ref(command),
            _ => return,
        };
        let lines: Vec<SafeText> = commands.iter().map(Command::shown).collect();
        let lines: Vec<&str> = lines.iter().map(SafeText::as_str).collect();
        let standing = self.wire.session().standing();
        for rule in rules_broken(&standing, &Raw::line(&lines.join("\r\n"))) {
            self.note(&format!("breaks a rule: {rule}"));
        }
    }

    fn may_log_in(&self) -> Result<(), Stop> {
        let exposure = self.plan.exposure;
        if !self.wire.session().is_encrypted() {
            return if exposure.in_clear {
                Ok(())
            } else {
                Err(Stop::InClear)
            };
        }
        match self.wire.observed().and_then(Observed::fault) {
            Some(fault) if !exposure.unverified => Err(Stop::Unverified { why: fault.into() }),
            _ => Ok(()),
        }
    }

    /// Waits as long as the play says, and hears what comes meanwhile.
    async fn wait_before(&mut self, stage: Stage) {
        let key = if stage.is_hello() { Stage::Ehlo } else { stage };
        let Some(wait) = self.play.waits.get(&key).copied() else {
            return;
        };
        if self.waited.contains(&key) {
            return;
        }
        self.waited.push(key);
        let clock = *self.wire.clock();
        let until = clock.elapsed() + wait;
        while self.wire.is_open() {
            tokio::select! {
                () = clock.sleep_until(until) => return,
                () = self.wire.wait() => {}
            }
        }
    }

    /// Opens the message, and takes into the plan what it asks of the server.
    async fn open_message(&mut self) -> Result<(), Stop> {
        let letter = &self.play.message;
        let from = self.plan.from.as_ref().unwrap_or(&ReversePath::Null);
        let source = letter.stamped(self.plan.hello.as_str(), from, &self.plan.to);
        let source = source.await.map_err(|error| match error {
            message::Error::Local(error) => Stop::Local { error },
            other => Stop::NoMessage {
                why: other.to_string(),
            },
        })?;
        self.plan.needs = Needs {
            octets: source.octets,
            eight_bit: source.body != Body::SevenBit,
            binary: source.body == Body::Binary,
        };
        self.plan.chunks = source.chunk.is_some();
        self.plan.to.extend(letter.more_recipients().cloned());
        self.message = Some(source);
        Ok(())
    }

    /// A message that cannot go to this server is not announced to it.
    fn fits(&self) -> Result<(), Stop> {
        let offered = self.wire.session().extensions();
        match self
            .message
            .as_ref()
            .and_then(|source| source.lacks(offered))
        {
            Some(keyword) => Err(Stop::Local {
                error: LocalError::NotOffered { keyword },
            }),
            None => Ok(()),
        }
    }

    /// Takes in what happened; what was answered last, if something was.
    fn hear(&mut self) -> Option<Stage> {
        let mut answered = None;
        while let Some(event) = self.wire.event() {
            self.recorder.event(&event);
            let (stage, reply) = match &event.kind {
                EventKind::Greeting { reply, .. } => (Stage::Connect, reply),
                EventKind::Reply { stage, reply, .. } => (*stage, reply),
                EventKind::TlsEstablished { .. } => {
                    answered = Some(Stage::StartTls);
                    continue;
                }
                EventKind::Unsolicited(reply) => (Stage::Unknown, reply),
                kind if kind.is_end() => {
                    let line = crate::net::smtp::line(&event);
                    let why = line.map_or_else(String::new, |line| line.line.into_string());
                    self.ended = Some(why);
                    continue;
                }
                _ => continue,
            };
            answered = Some(stage);
            let last = reply.lines.last();
            let said = last.map_or_else(String::new, |line| line.shown.to_string());
            if !matches!(Outcome::of(reply.code), Outcome::Done | Outcome::GoOn) {
                self.refused.get_or_insert_with(|| (stage, said.clone()));
            }
            // What QUIT and RSET are answered says nothing of the plan.
            if !matches!(stage, Stage::Quit | Stage::Rset) {
                self.reply = Some((stage, said));
            }
            if stage.is_hello() && reply.is_positive() {
                self.limits();
            }
        }
        self.pass_on();
        answered
    }

    fn limits(&mut self) {
        let limits = self
            .wire
            .session()
            .extensions()
            .and_then(Extensions::limits);
        for words in limits.iter().flat_map(crate::smtp::Limits::words) {
            self.recorder
                .note(self.wire.now(), format!("LIMITS: the server takes {words}"));
        }
    }

    fn note(&mut self, text: &str) {
        self.recorder.note(self.wire.now(), text);
        self.pass_on();
    }

    fn pass_on(&mut self) {
        let lines = self.recorder.lines();
        for line in lines.get(self.told..).unwrap_or_default() {
            (self.each)(line);
        }
        self.told = lines.len();
    }

    fn stop(&self, reason: Reason) -> Stop {
        if reason == Reason::LoginInClear {
            return Stop::InClear;
        }
        // Other recipients may have been taken since.
        let (stage, said) = (self.refused.clone())
            .or_else(|| self.reply.clone())
            .unwrap_or((Stage::Connect, String::new()));
        let step = match stage {
            Stage::Connect => "the greeting".to_owned(),
            Stage::Message => "the message".to_owned(),
            stage => stage.verb().unwrap_or("the session").to_owned(),
        };
        Stop::Refused {
            step,
            why: suggest::because(self.wire.session(), &self.plan),
            said,
        }
    }
}
