//! Pasted lines of a log, one answer for each recipient.

use super::ascii::bare;
use super::cause::{Asked, At, Causes, permanent};
use super::event::{Attempt, Event, Fate, Line, Refusal, Says, Software, recipients};
use super::reader::{Reader, words};
use super::refused::{refused_for_good, refused_words};
use super::words::Words;
use super::{Calendar, qmail};
use crate::knowledge::code::{EnhancedCode, ReplyCode};
use crate::knowledge::explain::Whose;
use crate::knowledge::finding::FindingId;
use crate::text::SafeText;
use serde::Serialize;
use std::collections::HashMap;

/// What became of a recipient, in the words of a delivery report (RFC 3464 section 2.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Failed,
    Delayed,
    Delivered,
}

/// One recipient, as the command-line contract has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    pub recipient: Option<SafeText>,
    pub action: Action,
    pub reply_code: Option<ReplyCode>,
    pub enhanced_code: Option<EnhancedCode>,
    pub reason: Option<String>,
    /// None for what is delivered.
    pub permanent: Option<bool>,
    pub finding: Option<FindingId>,
    pub remote_host: Option<SafeText>,
    pub diagnostic: SafeText,
    pub explanation: String,
    pub fix: String,
    pub whose: Option<Whose>,
    pub source: String,
}

/// What the lines of a text say of recipients; the last attempt at each counts. Empty where
/// no line is one of a mail log that says something of a delivery.
pub fn deliveries(text: &str) -> Vec<Delivery> {
    let mut reader = Reader::new(Calendar::shown_by(text.as_bytes()).unwrap_or_default());
    let mut told = Told::default();
    for line in text.lines() {
        if let Line::Event(event) = reader.read(line.as_bytes()) {
            told.take(&event);
        }
    }
    told.all.into_iter().map(|(_, delivery)| delivery).collect()
}

/// Whether the first line is one of a mail server's log.
pub fn is_log(text: &[u8]) -> bool {
    let first = text
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .find(|line| !line.trim_ascii().is_empty());
    let read = first.map(|line| Reader::new(Calendar::default()).read(line));
    matches!(read, Some(Line::Event(_) | Line::Other))
}

/// Recipients that are told of at most.
const MOST: usize = 10_000;

/// A message's id, and a recipient of it.
type Key = (Vec<u8>, Vec<u8>);

#[derive(Default)]
struct Told {
    all: Vec<(Key, Delivery)>,
    places: HashMap<Key, usize>,
    causes: Causes,
    /// qmail's deliveries under way.
    under_way: HashMap<Vec<u8>, Key>,
}

impl Told {
    fn take(&mut self, event: &Event<'_>) {
        match &event.says {
            Says::Tried(attempt) => {
                for recipient in recipients(attempt) {
                    let words = words(event.software, attempt);
                    self.tried(event.software, attempt.id, recipient, attempt.fate, &words);
                }
            }
            Says::Refused(refusal) => self.refused(event.software, refusal),
            Says::Expired { id, .. }
            | Says::Notified {
                id, given_up: true, ..
            } => self.expired(event, id),
            Says::Began {
                delivery,
                id,
                recipient,
            } if self.under_way.len() < MOST => {
                let key = (id.to_vec(), recipient.to_vec());
                self.under_way.insert(delivery.to_vec(), key);
            }
            Says::Delivered {
                delivery,
                fate,
                text,
            } => {
                let (id, recipient) = self.under_way.remove(*delivery).unwrap_or_default();
                let spaced = qmail::spaced(text);
                let attempt = Attempt {
                    id: &id,
                    sender: None,
                    recipient: &recipient,
                    several: false,
                    fate: *fate,
                    text: &spaced,
                    fields: b"",
                    ends: false,
                };
                let words = words(event.software, &attempt);
                self.tried(event.software, &id, &recipient, *fate, &words);
            }
            _ => {}
        }
    }

    fn tried(
        &mut self,
        software: Software,
        id: &[u8],
        recipient: &[u8],
        fate: Fate,
        words: &Words<'_>,
    ) {
        let asked = Asked {
            software,
            at: At::Queue,
            fate,
            words: *words,
            recipient,
        };
        let forever = permanent(words, fate, false);
        let delivery = self.delivery(&asked, forever);
        self.put((id.to_vec(), recipient.to_vec()), delivery);
    }

    fn refused(&mut self, software: Software, refusal: &Refusal<'_>) {
        let words = refused_words(software, refusal);
        let recipient = refusal.recipient.unwrap_or_default();
        let asked = Asked {
            software,
            at: At::Door,
            fate: Fate::Rejected,
            words,
            recipient,
        };
        let mut delivery = self.delivery(&asked, refused_for_good(&words, refusal));
        // The client is no remote host that refused.
        delivery.remote_host = None;
        let key = (Vec::new(), bare(recipient).to_vec());
        if recipient.is_empty() {
            if self.all.len() < MOST {
                self.all.push((key, delivery));
            }
        } else {
            self.put(key, delivery);
        }
    }

    /// Everything of a message that still waits is given up; where nothing is known of it,
    /// that alone is told.
    fn expired(&mut self, event: &Event<'_>, id: &[u8]) {
        let mut given_up = |recipient: &[u8]| {
            let asked = Asked {
                software: event.software,
                at: At::Queue,
                fate: Fate::Expired,
                words: Words::own(event.line),
                recipient,
            };
            self.causes.of(&asked);
            delivery(&mut self.causes, &asked, true)
        };
        let mut any = false;
        for ((of, recipient), told) in &mut self.all {
            if of == id {
                any = true;
                if told.action == Action::Delayed {
                    let before = told.clone();
                    *told = given_up(recipient);
                    told.enhanced_code = before.enhanced_code;
                    told.reply_code = before.reply_code;
                    told.remote_host = before.remote_host;
                }
            }
        }
        if !any && self.all.len() < MOST {
            let told = given_up(b"");
            self.all.push(((id.to_vec(), Vec::new()), told));
        }
    }

    fn delivery(&mut self, asked: &Asked<'_>, permanent: bool) -> Delivery {
        delivery(&mut self.causes, asked, permanent)
    }

    fn put(&mut self, key: Key, delivery: Delivery) {
        let known = self
            .places
            .get(&key)
            .and_then(|place| self.all.get_mut(*place));
        if let Some((_, known)) = known {
            *known = delivery;
        } else if self.all.len() < MOST {
            self.places.insert(key.clone(), self.all.len());
            self.all.push((key, delivery));
        }
    }
}

fn delivery(causes: &mut Causes, asked: &Asked<'_>, permanent: bool) -> Delivery {
    let words = &asked.words;
    let recipient = asked.recipient;
    let mut delivery = Delivery {
        recipient: (!recipient.is_empty()).then(|| SafeText::from_bytes(recipient)),
        action: match asked.fate {
            Fate::Sent => Action::Delivered,
            _ if permanent => Action::Failed,
            _ => Action::Delayed,
        },
        reply_code: words.reply_code(),
        enhanced_code: words.enhanced_code(),
        reason: None,
        permanent: None,
        finding: None,
        remote_host: words.host.map(SafeText::from_bytes),
        diagnostic: SafeText::from_bytes(words.said),
        explanation: "Delivered: the next server has taken the message.".to_owned(),
        fix: String::new(),
        whose: None,
        source: "RFC 5321 section 4.2.5".to_owned(),
    };
    if asked.fate == Fate::Sent {
        return delivery;
    }
    let id = causes.of(asked);
    if let Some(cause) = causes.get(id) {
        delivery.reason = Some(cause.reason.clone());
        delivery.finding = cause.finding;
        delivery.explanation.clone_from(&cause.meaning);
        delivery.fix.clone_from(&cause.fix);
        delivery.whose = Some(cause.whose);
        delivery.source.clone_from(&cause.source);
    }
    delivery.permanent = Some(permanent);
    delivery
}
