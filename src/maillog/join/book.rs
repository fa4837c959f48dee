//! Where outcomes are counted.

use super::{Flight, Id, Waiting};
use crate::maillog::ascii::domain;
use crate::maillog::cause::{Asked, At, CauseId, Causes};
use crate::maillog::event::{Attempt, Event, Fate, Refusal};
use crate::maillog::filter::Filter;
use crate::maillog::messages::{Messages, Of};
use crate::maillog::reader::words;
use crate::maillog::refused::refused_words;
use crate::maillog::tally::{Failure, Tally};
use crate::maillog::words::Words;

/// The counts, and what is left out of them.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) filter: Filter,
    pub(super) causes: Causes,
    pub(super) tally: Tally,
    /// Numbers that messages got.
    pub(super) numbers: u64,
    pub(super) messages: Option<Messages>,
}

/// Whose outcome it is.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) id: Id,
    pub(super) number: u64,
    pub(super) sender: Option<&'a [u8]>,
}

impl Book {
    /// What became of one recipient.
    pub(super) fn outcome(
        &mut self,
        event: &Event<'_>,
        id: Id,
        attempt: &Attempt<'_>,
        recipient: &[u8],
        flight: &mut Flight,
    ) {
        let fate = attempt.fate;
        let before = flight
            .waiting
            .iter()
            .position(|one| *one.recipient == *recipient);
        let before = before.map(|place| flight.waiting.swap_remove(place));
        let message = Message {
            id,
            number: flight.number,
            sender: flight.sender.as_deref(),
        };
        if fate == Fate::Sent {
            let counts = self.filter.lets(event, recipient, message.sender)
                && self.filter.lets_words(None, None);
            if let Some(before) = before.as_ref().filter(|before| before.counts) {
                self.tally.counts.delivered_later += 1;
                self.tally.later.entry(before.cause).or_default().delivered += 1;
                if let Some(messages) = &mut self.messages {
                    messages.delivered(message.number, recipient, event.at);
                }
            } else if counts && before.is_none() {
                self.tally.counts.recipients += u64::from(!flight.notice);
            }
            if counts {
                self.tally.sent(event.at, domain(recipient));
            }
            return;
        }
        let words = words(event.software, attempt);
        let waited = before.as_ref();
        let (cause, counts) = self.failure(event, fate, &words, recipient, &message, waited);
        if counts && before.is_none() {
            self.tally.counts.recipients += u64::from(!flight.notice);
        }
        if let Some(before) = before.as_ref().filter(|before| before.counts) {
            let later = self.tally.later.entry(before.cause).or_default();
            match fate {
                Fate::Bounced => {
                    later.bounced += 1;
                    self.tally.counts.bounced_later += 1;
                }
                Fate::Expired => later.expired += 1,
                _ => {}
            }
        }
        if fate == Fate::Deferred {
            flight.waiting.push(Waiting {
                recipient: recipient.into(),
                cause,
                host: words.host.map(Into::into),
                counts,
            });
        }
    }

    /// Counts a failure that the filter lets through.
    pub(super) fn failure(
        &mut self,
        event: &Event<'_>,
        fate: Fate,
        words: &Words<'_>,
        recipient: &[u8],
        message: &Message<'_>,
        waited: Option<&Waiting>,
    ) -> (CauseId, bool) {
        let cause = self.causes.of(&Asked {
            software: event.software,
            at: At::Queue,
            fate,
            words: *words,
            recipient,
        });
        let host = words
            .host
            .or_else(|| waited.and_then(|waited| waited.host.as_deref()));
        let known = self.causes.get(cause);
        let counts = self.filter.lets(event, recipient, message.sender)
            && self.filter.lets_words(known, host);
        if counts {
            let inferred = known.and_then(|cause| cause.code);
            let failure = Failure {
                at: event.at,
                line: event.line,
                fate,
                cause,
                code: words.enhanced_code().or(inferred),
                domain: domain(recipient),
                host,
                sender: message.sender,
            };
            self.tally.failed(&failure);
            if let Some(messages) = &mut self.messages {
                let of = Of {
                    id: &message.id.octets(),
                    number: Some(message.number),
                    recipient,
                    before: waited.map(|waited| waited.cause),
                };
                let reason = known.map(|cause| cause.reason.as_str());
                messages.failed(of, &failure, reason);
            }
        }
        (cause, counts)
    }

    pub(super) fn refused(&mut self, event: &Event<'_>, refusal: &Refusal<'_>) {
        let recipient = refusal.recipient.unwrap_or_default();
        let words = refused_words(event.software, refusal);
        let cause = self.causes.of(&Asked {
            software: event.software,
            at: At::Door,
            fate: Fate::Rejected,
            words,
            recipient,
        });
        let known = self.causes.get(cause);
        let host = Some(refusal.client).filter(|client| !client.is_empty());
        if !self.filter.lets(event, recipient, refusal.sender)
            || !self.filter.lets_words(known, host)
        {
            return;
        }
        let inferred = known.and_then(|cause| cause.code);
        let failure = Failure {
            at: event.at,
            line: event.line,
            fate: Fate::Rejected,
            cause,
            code: words.enhanced_code().or(inferred),
            domain: domain(recipient),
            host,
            sender: refusal.sender,
        };
        self.tally.failed(&failure);
        if let Some(messages) = &mut self.messages {
            let of = Of {
                id: b"",
                number: None,
                recipient,
                before: None,
            };
            messages.failed(of, &failure, known.map(|cause| cause.reason.as_str()));
        }
    }
}
