//! The way of a message, by its trace information (RFC 5321 section 4.4) and by what receivers
//! found out about its sender (Authentication-Results, RFC 8601).

mod authentication;
mod block;
mod hop;
mod show;

pub use authentication::{Authentication, Method};
pub use hop::{Hop, Lag};
pub use show::{Tone, lines, plain};

use crate::text::SafeText;
use hop::hops;
use mail_parser::{HeaderValue, MessageParser};
use serde::Serialize;

/// What the headers of one message say, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Trace {
    pub message_id: Option<SafeText>,
    pub from: Option<SafeText>,
    pub subject: Option<SafeText>,
    /// The Date header, RFC 3339 in UTC.
    pub date: Option<String>,
    pub hops: Vec<Hop>,
    pub authentication: Vec<Authentication>,
}

impl Trace {
    /// The headers of the message that `text` is about: in a bounce those of the returned
    /// message, which stand last; quoted and set-in ones too. None where no trace information
    /// stands in it.
    pub fn of(text: &str) -> Option<Self> {
        let block = block::last_traced(text)?;
        let message = MessageParser::default().parse_headers(block.as_bytes())?;
        let text_of = |value: Option<&str>| value.map(|text| SafeText::from(text.trim()));
        let sender = message.from().and_then(|from| from.first());
        let values = |name: &'static str| {
            message
                .headers_raw()
                .filter(move |(own, _)| own.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        };
        let mut authentication: Vec<_> = values("Authentication-Results")
            .filter_map(Authentication::read)
            .collect();
        authentication.reverse();
        let received: Vec<_> = message
            .header_values("Received")
            .filter_map(|value| match value {
                HeaderValue::Received(received) => Some(&**received),
                _ => None,
            })
            .collect();
        let date = message.date().map(mail_parser::DateTime::to_timestamp);
        Some(Self {
            message_id: text_of(message.message_id()),
            from: text_of(sender.and_then(mail_parser::Addr::address)),
            subject: text_of(message.subject()),
            date: date.and_then(hop::rfc3339),
            hops: hops(&received),
            authentication,
        })
        .filter(|trace| !trace.hops.is_empty() || !trace.authentication.is_empty())
    }

    /// The longest delay of a hop, in seconds; at least one, to divide by.
    pub(crate) fn longest(&self) -> u64 {
        self.hops.iter().map(Hop::seconds).max().unwrap_or(0).max(1)
    }

    /// Seconds from the first stamp to the last, where both are there and in that order.
    pub fn took(&self) -> Option<u64> {
        let mut stamps = self.hops.iter().filter_map(|hop| hop.at);
        let first = stamps.next()?;
        let last = stamps.next_back()?;
        u64::try_from(last - first).ok()
    }
}

#[cfg(test)]
mod tests;
