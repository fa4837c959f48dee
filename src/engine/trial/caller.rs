//! Holds the sessions of a test, one after the other.

use super::Subject;
use crate::case::{Line, Transcript};
use crate::net::Network;
use crate::net::smtp::{Recorder, Wire};
use crate::smtp::reply::Reply;
use crate::smtp::state::State;
use crate::smtp::{EventKind, Extensions, HelloName, Raw, SizeLimit};
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_mins(2);

pub(super) struct Caller<'a> {
    network: &'a Network,
    pub(super) subject: &'a Subject,
    each: &'a mut (dyn FnMut(&Line) + Send),
    session: Option<Held>,
    done: Vec<Transcript>,
}

struct Held {
    wire: Wire,
    recorder: Recorder,
    replies: VecDeque<Reply>,
    told: usize,
}

impl<'a> Caller<'a> {
    pub(super) fn new(
        network: &'a Network,
        subject: &'a Subject,
        each: &'a mut (dyn FnMut(&Line) + Send),
    ) -> Self {
        Self {
            network,
            subject,
            each,
            session: None,
            done: Vec::new(),
        }
    }

    /// A session up to EHLO, inside TLS where that is offered and comes about.
    pub(super) async fn begin(&mut self) -> Result<(), String> {
        self.begin_in_clear().await?;
        if self.is_encrypted() || !self.offers("STARTTLS") {
            return Ok(());
        }
        let granted = self.raw(b"STARTTLS\r\n").await;
        if granted.is_some_and(|reply| reply.is_positive()) {
            if !self.is_encrypted() {
                return Err("the TLS handshake failed".to_owned());
            }
            self.hello().await?;
        }
        Ok(())
    }

    pub(super) async fn begin_in_clear(&mut self) -> Result<(), String> {
        self.open().await?;
        let greeting = self.answer().await.ok_or("there was no greeting")?;
        if !greeting.is_positive() {
            self.end().await;
            return Err(format!("the greeting was no yes: {}", greeting.text()));
        }
        self.hello().await
    }

    async fn open(&mut self) -> Result<(), String> {
        self.close().await;
        let subject = self.subject;
        let wire = Wire::open(self.network, subject.to.clone(), subject.options.clone())
            .await
            .map_err(|error| error.to_string())?;
        if let Some(error) = wire.tls_error() {
            return Err(error.to_string());
        }
        let to = wire.reached().unwrap_or(&subject.to);
        self.session = Some(Held {
            recorder: Recorder::towards(subject.host.as_str(), to),
            wire,
            replies: VecDeque::new(),
            told: 0,
        });
        Ok(())
    }

    fn own_name(&self) -> HelloName {
        let here = self
            .session
            .as_ref()
            .and_then(|held| held.wire.local_address());
        self.subject
            .hello
            .clone()
            .unwrap_or_else(|| HelloName::literal(here.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST))))
    }

    async fn hello(&mut self) -> Result<(), String> {
        let name = self.own_name();
        for verb in ["EHLO", "HELO"] {
            let answer = self.ask(&format!("{verb} {}", name.as_str())).await;
            match answer {
                Some(reply) if reply.is_positive() => return Ok(()),
                Some(_) => {}
                None => break,
            }
        }
        self.end().await;
        Err("the hello was not taken".to_owned())
    }

    /// EHLO before the greeting, then QUIT: all that came.
    pub(super) async fn talk_early(&mut self) -> Result<Vec<Reply>, String> {
        self.open().await?;
        let name = self.own_name();
        self.say(|session, now| {
            session.send_raw(&Raw::line(&format!("EHLO {}", name.as_str())), now)
        });
        let mut heard = Vec::new();
        for _ in 0..2 {
            heard.extend(self.answer().await);
        }
        self.end().await;
        Ok(heard)
    }

    pub(super) fn offers(&self, keyword: &str) -> bool {
        self.extensions()
            .is_some_and(|offered| offered.has(keyword))
    }

    fn extensions(&self) -> Option<&Extensions> {
        self.session.as_ref()?.wire.session().extensions()
    }

    /// Octets of the largest message, where EHLO tells it.
    pub(super) fn limit(&self) -> Option<u64> {
        match self.extensions()?.size()? {
            SizeLimit::Octets(octets) => Some(octets),
            SizeLimit::NotTold => None,
        }
    }

    pub(super) fn is_encrypted(&self) -> bool {
        let wire = self.session.as_ref().map(|held| &held.wire);
        wire.is_some_and(|wire| wire.is_open() && wire.session().is_encrypted())
    }

    /// A command and its reply; none where the session is over.
    pub(super) async fn ask(&mut self, line: &str) -> Option<Reply> {
        self.forget();
        self.say(|session, now| session.send_free(line, now))?;
        self.answer().await
    }

    /// Octets as they are, and the first reply to them.
    pub(super) async fn raw(&mut self, octets: &[u8]) -> Option<Reply> {
        self.forget();
        self.say(|session, now| session.send_raw(&Raw::of(octets), now))?;
        self.answer().await
    }

    fn forget(&mut self) {
        if let Some(held) = &mut self.session {
            held.replies.clear();
        }
    }

    fn say(
        &mut self,
        with: impl FnOnce(&mut crate::smtp::Session, Duration) -> Result<(), crate::smtp::LocalError>,
    ) -> Option<()> {
        let held = self.session.as_mut()?;
        held.wire.say(with).ok()
    }

    /// QUIT, and everything that comes until the connection ends.
    pub(super) async fn leave(&mut self) -> Vec<Reply> {
        let mut heard = Vec::new();
        // Unread replies to the message count; only the answer to QUIT ends it.
        if self
            .say(|session, now| session.send_free("QUIT", now))
            .is_some()
        {
            while let Some(reply) = self.answer().await {
                let last = reply.is(221);
                heard.push(reply);
                if last {
                    break;
                }
            }
        }
        self.close().await;
        heard
    }

    pub(super) async fn end(&mut self) {
        if self
            .session
            .as_ref()
            .is_some_and(|held| held.wire.is_open())
        {
            self.ask("QUIT").await;
        }
        self.close().await;
    }

    /// Closes what is open, and keeps its transcript.
    pub(super) async fn close(&mut self) {
        if let Some(held) = &mut self.session
            && held.wire.is_open()
        {
            held.wire.close().await;
        }
        self.hear();
        if let Some(held) = self.session.take() {
            self.done.push(held.recorder.into_transcript());
        }
    }

    pub(super) fn into_transcripts(mut self) -> Vec<Transcript> {
        if let Some(held) = self.session.take() {
            self.done.push(held.recorder.into_transcript());
        }
        self.done
    }

    /// The next reply, the handshake behind it done where one is due.
    async fn answer(&mut self) -> Option<Reply> {
        let clock = *self.network.clock();
        let until = clock.elapsed() + PATIENCE;
        loop {
            let held = self.session.as_mut()?;
            held.wire.flush().await;
            let open = held.wire.is_open();
            let shaking = held.wire.session().state() == State::TlsHandshake;
            self.hear();
            let held = self.session.as_mut()?;
            if !shaking && let Some(reply) = held.replies.pop_front() {
                return Some(reply);
            }
            if !open && !shaking {
                return None;
            }
            if shaking && open {
                // The next flush shakes hands.
                continue;
            }
            let left = until.saturating_sub(clock.elapsed());
            if left.is_zero() || clock.timeout(left, held.wire.wait()).await.is_err() {
                return None;
            }
        }
    }

    fn hear(&mut self) {
        let Some(held) = &mut self.session else {
            return;
        };
        while let Some(event) = held.wire.event() {
            held.recorder.event(&event);
            match event.kind {
                EventKind::Greeting { reply, .. }
                | EventKind::Reply { reply, .. }
                | EventKind::Unsolicited(reply) => held.replies.push_back(reply),
                _ => {}
            }
        }
        let lines = held.recorder.lines();
        for line in lines.get(held.told..).unwrap_or_default() {
            (self.each)(line);
        }
        held.told = lines.len();
    }
}
