//! Secrets that a session has sent, so that nothing it tells holds them: some servers repeat in
//! their refusal what they were sent.

use super::trace::{SHORTEST, Trace};
use crate::smtp::command::MASK;
use crate::smtp::event::{EventKind, How};
use crate::smtp::reply::{Reply, ReplyLine};
use crate::text::SafeText;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::ops::Range;

/// What a server makes of base64 need not be tidy.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(Debug, Default)]
pub(super) struct Hidden {
    secrets: Vec<Trace>,
    /// Texts sent in the current AUTH.
    sent: usize,
}

impl Hidden {
    /// A new AUTH begins.
    pub(super) fn begin(&mut self) {
        self.sent = 0;
    }

    /// Takes note of a text of AUTH, as it goes over the wire.
    pub(super) fn note(&mut self, text: &str) {
        // A whole AUTH command, typed where a challenge waits for its answer.
        if let Some(word) = text.split_whitespace().nth(2) {
            self.note(word);
        }
        self.sent += 1;
        self.hide(text);
        let decoded = STANDARD.decode(text).ok();
        let Some(decoded) = decoded.and_then(|octets| String::from_utf8(octets).ok()) else {
            return;
        };
        // A bearer token's end is a ^A (RFC 7628 section 3.1).
        if let Some((_, token)) = decoded.split_once("auth=Bearer ") {
            self.hide(token.trim_end_matches('\x01'));
        }
        // SCRAM's proof is that of a password to whoever can guess (RFC 5802 section 9).
        if let Some((_, proof)) = decoded.split_once(",p=") {
            self.hide(proof);
        }
        // So is CRAM-MD5's digest.
        if let Some((_, digest)) = decoded.rsplit_once(' ').filter(|(_, d)| is_digest(d)) {
            self.hide(digest);
        }
        // PLAIN's password stands behind the second NUL (RFC 4616). LOGIN sends the user name
        // first, which is no secret and often the best part of the refusal.
        match decoded.rsplit_once('\0') {
            Some((_, password)) => self.hide(password),
            None if self.sent > 1 => self.hide(&decoded),
            None => {}
        }
    }

    fn hide(&mut self, text: &str) {
        // As the server would have it in clear, as it would be shown, and each backwards.
        for form in [text, &SafeText::from(text)] {
            for form in [form.to_owned(), form.chars().rev().collect()] {
                if !self.secrets.iter().any(|known| known.is(&form)) {
                    self.secrets.extend(Trace::of(&form));
                }
            }
        }
    }

    /// The same event without what is hidden.
    pub(super) fn masked(&self, kind: EventKind) -> EventKind {
        if self.secrets.is_empty() {
            return kind;
        }
        match kind {
            EventKind::Line { stage, line } => EventKind::Line {
                stage,
                line: self.line(line),
            },
            EventKind::Greeting { reply, took } => EventKind::Greeting {
                reply: self.reply(reply),
                took,
            },
            EventKind::Reply { stage, reply, took } => EventKind::Reply {
                stage,
                reply: self.reply(reply),
                took,
            },
            EventKind::Unsolicited(reply) => EventKind::Unsolicited(self.reply(reply)),
            EventKind::ClearBehindStartTls { text, octets } => EventKind::ClearBehindStartTls {
                text: self.text(text),
                octets,
            },
            // A certificate holds what the server wants it to.
            EventKind::TlsEstablished { description } => EventKind::TlsEstablished {
                description: self.text(description),
            },
            EventKind::TlsFailed { what } => EventKind::TlsFailed {
                what: self.text(what),
            },
            EventKind::Closed {
                how: How::Broken(why),
                during,
                expected,
                delivery_unclear,
            } => EventKind::Closed {
                how: How::Broken(self.text(why)),
                during,
                expected,
                delivery_unclear,
            },
            // AUTH is masked where it is made. A secret that is typed once more, somewhere else, is
            // still one; a piece of it is part of ordinary words here.
            EventKind::Sent { stage, line } => EventKind::Sent {
                stage,
                line: self.whole(line),
            },
            // The rest is nobody's words.
            other => other,
        }
    }

    /// Words of ours in which a secret of the user may stand.
    pub(super) fn shown(&self, words: SafeText) -> SafeText {
        self.text(words)
    }

    /// Without the secrets that stand in it whole.
    fn whole(&self, text: SafeText) -> SafeText {
        let secrets = self.secrets.iter().map(Trace::whole);
        if !secrets.clone().any(|secret| text.contains(secret)) {
            return text;
        }
        secrets
            .fold(text.into_string(), |text, secret| {
                text.replace(secret, MASK)
            })
            .into()
    }

    fn reply(&self, reply: Reply) -> Reply {
        let lines = reply.lines.into_iter().map(|line| self.line(line));
        Reply {
            lines: lines.collect(),
            ..reply
        }
    }

    fn line(&self, line: ReplyLine) -> ReplyLine {
        ReplyLine {
            shown: self.text(line.shown),
            text: self.text(line.text),
            ..line
        }
    }

    fn text(&self, text: SafeText) -> SafeText {
        let mut found: Vec<_> = self
            .secrets
            .iter()
            .flat_map(|secret| secret.found_in(&text))
            .chain(self.coded(&text))
            .collect();
        if found.is_empty() {
            return text;
        }
        found.sort_by_key(|range| range.start);
        let mut masked = String::with_capacity(text.len());
        let mut shown = 0;
        for range in found {
            let mut start = range.start;
            while !text.is_char_boundary(start) {
                start -= 1;
            }
            if start >= shown && (start > shown || shown == 0) {
                masked.push_str(text.get(shown..start).unwrap_or_default());
                masked.push_str(MASK);
            }
            shown = shown.max(range.end);
            while !text.is_char_boundary(shown) {
                shown += 1;
            }
        }
        masked.push_str(text.get(shown..).unwrap_or_default());
        masked.into()
    }

    /// Words in base64 that hold a secret, or SCRAM's signature of the server: with salt and
    /// nonce beside it, guesses at the password can be tried on that as on the proof.
    fn coded(&self, text: &str) -> Vec<Range<usize>> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
        let mut found = Vec::new();
        let mut start = 0;
        for word in text.split(|c| !is_part(c)) {
            let from = text.len().min(start);
            start = from + word.len() + text.get(from + word.len()..).map_or(0, separator);
            if word.len() < SHORTEST {
                continue;
            }
            let Ok(decoded) = LENIENT.decode(word) else {
                continue;
            };
            if (self.sent > 0 && decoded.starts_with(b"v="))
                || self.secrets.iter().any(|secret| secret.is_in(&decoded))
            {
                found.push(from..from + word.len());
            }
        }
        found
    }
}

/// Octets of the character that ended a word.
fn separator(rest: &str) -> usize {
    rest.chars().next().map_or(0, char::len_utf8)
}

fn is_digest(word: &str) -> bool {
    word.len() == 32 && word.bytes().all(|b| b.is_ascii_hexdigit())
}
