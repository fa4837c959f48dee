//! Secrets that a session has sent, so that nothing it tells holds them: some servers repeat in
//! their refusal what they were sent.

use crate::smtp::command::MASK;
use crate::smtp::event::EventKind;
use crate::smtp::reply::{Reply, ReplyLine};
use crate::text::{SafeText, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What is shorter is part of ordinary words, and masking those would tell more than it hides.
const SHORTEST: usize = 4;

#[derive(Debug, Default)]
pub(super) struct Hidden {
    secrets: Vec<Secret>,
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
        // As the server would have it in clear, and as it would be shown.
        for form in [text, &SafeText::from(text)] {
            let known = self.secrets.iter().any(|secret| secret.expose() == form);
            if form.len() >= SHORTEST && !known {
                self.secrets.push(Secret::new(form.to_owned()));
            }
        }
        // The longer first: one may be part of another.
        self.secrets
            .sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
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
            // What the client sent is masked where it is made, the rest is nobody's words.
            other => other,
        }
    }

    /// Words of ours in which a secret of the user may stand.
    pub(super) fn shown(&self, words: SafeText) -> SafeText {
        self.text(words)
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
            shown: self.challenge(self.text(line.shown)),
            text: self.challenge(self.text(line.text)),
            ..line
        }
    }

    /// A word in base64 that holds a secret, or SCRAM's signature of the server: with salt and
    /// nonce beside it, guesses at the password can be tried on that as on the proof.
    fn challenge(&self, text: SafeText) -> SafeText {
        let Some(word) = text.split_whitespace().last().filter(|_| self.sent > 0) else {
            return text;
        };
        let Some(decoded) = STANDARD.decode(word).ok() else {
            return text;
        };
        let decoded = String::from_utf8_lossy(&decoded);
        let mut secrets = self.secrets.iter().map(Secret::expose);
        if decoded.starts_with("v=") || secrets.any(|secret| decoded.contains(secret)) {
            return text.replace(word, MASK).into();
        }
        text
    }

    fn text(&self, text: SafeText) -> SafeText {
        let secrets = self.secrets.iter().map(Secret::expose);
        if !secrets.clone().any(|secret| text.contains(secret)) {
            return text;
        }
        secrets
            .fold(text.into_string(), |text, secret| {
                text.replace(secret, MASK)
            })
            .into()
    }
}

fn is_digest(word: &str) -> bool {
    word.len() == 32 && word.bytes().all(|b| b.is_ascii_hexdigit())
}
