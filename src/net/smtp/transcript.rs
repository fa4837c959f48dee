//! What happened in a session, as a case keeps it.

use super::remark;
use super::way::Destination;
use crate::case::{From, Line, Tls, Transcript};
use crate::smtp::{Event, EventKind, How};
use crate::text::SafeText;
use std::net::SocketAddr;
use std::time::Duration;

/// Lines of a transcript that a check keeps; a live session has its own bound.
const MOST_LINES: usize = 2_000;
/// Octets of its lines as they are shown.
const MOST_OCTETS: usize = 2 << 20;

/// Collects the lines of one session.
#[derive(Clone, Debug)]
pub struct Recorder {
    transcript: Transcript,
    octets: usize,
    /// Lines that there was no room for.
    left_out: usize,
}

impl Recorder {
    pub fn new(host: impl Into<SafeText>, to: SocketAddr) -> Self {
        Self::towards(host, &to.into())
    }

    /// Of a session that may go another way than to an address.
    pub fn towards(host: impl Into<SafeText>, to: &Destination) -> Self {
        Self {
            transcript: Transcript {
                host: host.into(),
                address: to.to_string().into(),
                port: to.port,
                ..Transcript::default()
            },
            octets: 0,
            left_out: 0,
        }
    }

    /// What the TLS handshake showed.
    pub fn tls(&mut self, tls: Option<Tls>) {
        self.transcript.tls = tls;
    }

    /// Something that neither side said.
    pub fn note(&mut self, at: Duration, text: impl Into<SafeText>) {
        self.push(Line {
            at_ms: milliseconds(at),
            from: From::Event,
            line: text.into(),
            code: None,
            enhanced: None,
            encrypted: false,
        });
    }

    pub fn event(&mut self, event: &Event) {
        for line in line(event).into_iter().chain(remark(event)) {
            self.push(line);
        }
        // Why it ended is the one line that must not be missing.
        if event.kind.is_end()
            && self.left_out > 0
            && let Some(end) = line(event)
        {
            let left_out = std::mem::take(&mut self.left_out) - 1;
            if left_out > 0 {
                let note = format!("{left_out} further lines are not kept");
                self.keep(Line {
                    line: note.into(),
                    ..end.clone()
                });
            }
            self.keep(end);
        }
    }

    fn push(&mut self, line: Line) {
        let octets = self.octets + line.line.len();
        if self.transcript.transcript.len() < MOST_LINES && octets <= MOST_OCTETS {
            self.keep(line);
        } else {
            self.left_out += 1;
        }
    }

    fn keep(&mut self, line: Line) {
        self.octets += line.line.len();
        self.transcript.transcript.push(line);
    }

    pub fn lines(&self) -> &[Line] {
        &self.transcript.transcript
    }

    pub fn into_transcript(self) -> Transcript {
        self.transcript
    }
}

/// The line that an event adds to a transcript, if it adds one.
pub fn line(event: &Event) -> Option<Line> {
    let said = |from, line: SafeText| Line {
        at_ms: milliseconds(event.at),
        from,
        line,
        code: None,
        enhanced: None,
        encrypted: event.encrypted,
    };
    let note = |text: String| Some(said(From::Event, text.into()));
    match &event.kind {
        EventKind::Line { line, .. } => Some(Line {
            code: line.code,
            enhanced: line.enhanced,
            ..said(From::Server, line.shown.clone())
        }),
        EventKind::Sent { line, .. } => Some(said(From::Client, line.clone())),
        EventKind::Connected => note("connected".into()),
        EventKind::SendingMessage { lines, octets } => {
            let lines = lines.map(|lines| format!("{lines} lines"));
            let octets = octets.map(|octets| format!("{octets} octets"));
            let size: Vec<String> = lines.into_iter().chain(octets).collect();
            note(if size.is_empty() {
                "sending the message, of a size that is not known before".to_owned()
            } else {
                format!("sending the message: {}", size.join(", "))
            })
        }
        EventKind::AuthRead { by_us, words } => note(format!(
            "AUTH, {}: {words}",
            if *by_us { "sent" } else { "heard" }
        )),
        EventKind::ForRecipient(recipient) => note(format!("what follows is about {recipient}")),
        EventKind::MessageSent => Some(said(From::Client, ".".into())),
        EventKind::ClearBehindStartTls { text, octets } => note(format!(
            "{octets} octets stood in clear behind the answer to STARTTLS and were thrown away: {text}"
        )),
        EventKind::TlsEstablished { description } => note(format!("inside TLS now: {description}")),
        EventKind::TlsFailed { what } => note(format!("the TLS handshake failed: {what}")),
        EventKind::TimedOut {
            stage,
            after,
            delivery_unclear,
        } => note(format!(
            "{stage} did not come within {} s{}",
            after.as_secs(),
            unclear(*delivery_unclear)
        )),
        EventKind::Closed {
            how,
            expected,
            delivery_unclear,
            ..
        } => {
            let who = match how {
                How::ByServer => "the server closed the connection".to_owned(),
                How::ByUs => "connection closed".to_owned(),
                How::Broken(why) => format!("the connection broke: {why}"),
            };
            let early = if *expected || *how == How::ByUs {
                ""
            } else {
                " before QUIT"
            };
            note(format!("{who}{early}{}", unclear(*delivery_unclear)))
        }
        EventKind::Error(error) => note(error.to_string()),
        EventKind::Noted { text } => Some(said(From::Event, text.clone())),
        EventKind::Greeting { .. }
        | EventKind::Reply { .. }
        | EventKind::Unsolicited(_)
        | EventKind::StartTlsReady => None,
    }
}

fn unclear(delivery_unclear: bool) -> &'static str {
    if delivery_unclear {
        "; the message may have been taken all the same, and would arrive twice if sent again"
    } else {
        ""
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
