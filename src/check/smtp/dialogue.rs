//! One session with a mail host, as it was observed.

use super::Asked;
use crate::case::Transcript;
use crate::net::ConnectError;
use crate::net::certificate::Certificate;
use crate::smtp::reply::Reply;
use crate::smtp::{EventKind, Extensions, Stage};
use crate::text::SafeText;
use rustls::pki_types::CertificateDer;
use std::time::Duration;

/// A reply, what it answered, and how long it took.
#[derive(Clone, Debug)]
pub struct Said {
    pub stage: Stage,
    pub reply: Reply,
    pub took: Duration,
    pub encrypted: bool,
}

/// What happened from the connection to its end.
#[derive(Clone, Debug)]
pub struct Dialogue {
    /// How long the connection took to stand.
    pub connected: Result<Duration, ConnectError>,
    pub greeting: Option<(Reply, Duration)>,
    /// In order; without the greeting.
    pub said: Vec<Said>,
    /// What the first EHLO offered, before any TLS.
    pub offered: Option<Extensions>,
    /// How the session ended, where it ended otherwise than by QUIT.
    pub ended: Option<EventKind>,
    /// The certificate that was shown behind STARTTLS.
    pub certificate: Option<Certificate>,
    /// The chain that it came with, as the server sent it.
    pub chain: Vec<CertificateDer<'static>>,
    /// What STARTTLS let through, tried beside the session as soon as it was offered.
    pub injection: Option<super::StartTls>,
    /// Why the TLS handshake failed.
    pub tls_failed: Option<SafeText>,
    /// It failed because the server has none but versions of TLS that are given up.
    pub tls_obsolete: bool,
    /// What stood in clear behind the answer to STARTTLS.
    pub clear_behind_starttls: Option<SafeText>,
    /// For whom RCPT commands were planned, in their order.
    pub asked: Vec<Asked>,
    /// The recipient belongs to another domain, whose mail this host has no part in.
    pub recipient_elsewhere: bool,
    /// The answer to the recipient when the host was asked once more, and after how long.
    pub later: Option<(Duration, Option<Said>)>,
    pub transcript: Transcript,
}

impl Dialogue {
    pub fn new(connected: Result<Duration, ConnectError>, transcript: Transcript) -> Self {
        Self {
            connected,
            greeting: None,
            said: Vec::new(),
            offered: None,
            ended: None,
            certificate: None,
            chain: Vec::new(),
            injection: None,
            tls_failed: None,
            tls_obsolete: false,
            clear_behind_starttls: None,
            asked: Vec::new(),
            recipient_elsewhere: false,
            later: None,
            transcript,
        }
    }

    /// The last reply to a command of this kind.
    pub fn reply(&self, stage: Stage) -> Option<&Said> {
        self.said.iter().rev().find(|said| said.stage == stage)
    }

    /// The answer to the RCPT command for this one.
    pub fn rcpt(&self, asked: Asked) -> Option<&Said> {
        let place = self.asked.iter().position(|one| *one == asked)?;
        let mut answers = self.said.iter().filter(|said| said.stage == Stage::Rcpt);
        answers.nth(place)
    }

    /// The host greeted and took our hello: mail could be handed to it.
    pub fn is_usable(&self) -> bool {
        let positive = |stage| {
            self.said
                .iter()
                .any(|said| said.stage == stage && said.reply.is_positive())
        };
        self.greeting
            .as_ref()
            .is_some_and(|(reply, _)| reply.is_positive())
            && (positive(Stage::Ehlo) || positive(Stage::Helo))
            && (self.shut_down().is_none() || !self.asked.is_empty())
    }

    /// The 421 that came without a command: the service shuts down (RFC 5321 section 3.8).
    pub fn shut_down(&self) -> Option<&Said> {
        let mut unasked = self.said.iter().filter(|said| said.stage == Stage::Unknown);
        unasked.find(|said| said.reply.is(421))
    }

    /// How the session ended, where that was in the middle of it: what becomes of QUIT is
    /// nobody's loss.
    pub fn broken_off(&self) -> Option<&EventKind> {
        let at = |stage: &Stage| *stage == Stage::Quit;
        self.ended.as_ref().filter(|ended| match ended {
            EventKind::TimedOut { stage, .. } => !at(stage),
            EventKind::Closed { during, .. } => !during.as_ref().is_some_and(at),
            _ => true,
        })
    }

    /// The host took the hello, and the session was over before the recipient had its answer.
    pub fn leaves_open(&self) -> bool {
        self.asked.contains(&Asked::Recipient)
            && self.rcpt(Asked::Recipient).is_none()
            && (self.broken_off().is_some() || self.shut_down().is_some())
    }

    /// STARTTLS was offered, and what came of it is no TLS.
    pub fn fails_at_tls(&self) -> bool {
        let answered = self.reply(Stage::StartTls);
        self.tls_failed.is_some() || answered.is_some_and(|said| !said.reply.is_positive())
    }
}
