//! One Received header: one server that had the message.

use super::Trace;
use crate::text::SafeText;
use jiff::Timestamp;
use mail_parser::{Host, Received};
use serde::Serialize;
use std::net::IpAddr;

/// Received headers that are read; more are a loop.
const MOST: usize = 100;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hop {
    /// Who handed it over, by the name that it gave.
    pub from: Option<SafeText>,
    /// Its address, as the receiving server saw it.
    pub address: Option<IpAddr>,
    /// Who took it.
    pub by: Option<SafeText>,
    /// The protocol: ESMTPS and the like (RFC 3848).
    pub with: Option<SafeText>,
    /// The queue id there, by which its log has it.
    pub id: Option<SafeText>,
    #[serde(rename = "for")]
    pub recipient: Option<SafeText>,
    /// Whether it came inside TLS, as far as the header tells.
    pub encrypted: bool,
    /// Unix seconds.
    #[serde(skip)]
    pub at: Option<i64>,
    /// The same, RFC 3339 in UTC.
    #[serde(rename = "at")]
    pub stamp: Option<String>,
    /// Since the stamp before.
    pub lag: Option<Lag>,
}

/// How long after the stamp before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lag {
    Seconds(u64),
    /// The clocks of the two disagree by so many seconds.
    ClockBack(u64),
}

/// The hops in the order in which the message went: the headers stand the other way round.
pub(super) fn hops(received: &[&Received<'_>]) -> Vec<Hop> {
    let mut before: Option<i64> = None;
    let newest_first = received.iter().take(MOST);
    newest_first
        .rev()
        .map(|received| {
            let mut hop = Hop::of(received);
            if let (Some(before), Some(at)) = (before, hop.at) {
                let seconds = at.abs_diff(before);
                hop.lag = Some(if at >= before {
                    Lag::Seconds(seconds)
                } else {
                    Lag::ClockBack(seconds)
                });
            }
            before = hop.at.or(before);
            hop
        })
        .collect()
}

impl Hop {
    fn of(received: &Received<'_>) -> Self {
        let with = received.with.map(|with| format!("{with:?}"));
        let at = received
            .date
            .as_ref()
            .map(mail_parser::DateTime::to_timestamp);
        let name = |host: Option<&Host<'_>>| {
            host.map(|host| match host {
                Host::Name(name) => SafeText::from(&**name),
                Host::IpAddr(address) => address.to_string().into(),
            })
        };
        let text = |text: Option<&str>| text.map(SafeText::from);
        // ESMTPS, ESMTPSA, LMTPS … (RFC 3848); or a comment about the cipher.
        let by_name = with.as_deref().is_some_and(|with| with.contains("TPS"));
        Self {
            from: name(received.helo.as_ref().or(received.from.as_ref())),
            address: received.from_ip,
            by: name(received.by.as_ref()),
            with: with.map(Into::into),
            id: text(received.id.as_deref()),
            recipient: text(received.for_.as_deref()),
            encrypted: by_name || received.tls_version.is_some() || received.tls_cipher.is_some(),
            stamp: at.and_then(rfc3339),
            at,
            lag: None,
        }
    }
}

impl Hop {
    /// How long after the stamp before, in words; empty where that is not known.
    pub fn after(&self) -> String {
        match self.lag {
            Some(Lag::Seconds(seconds)) => format!("+{}", span(seconds)),
            Some(Lag::ClockBack(seconds)) => format!("clock {} behind", span(seconds)),
            None => String::new(),
        }
    }

    /// Its part of the longest delay, in percent.
    pub fn share(&self, of: &Trace) -> u64 {
        self.seconds() * 100 / of.longest()
    }

    pub(super) fn seconds(&self) -> u64 {
        match self.lag {
            Some(Lag::Seconds(seconds)) => seconds,
            _ => 0,
        }
    }
}

/// `42 s`, `5 min 3 s`, `2 h 10 min`, `3 d 4 h`.
pub(super) fn span(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

pub(super) fn rfc3339(seconds: i64) -> Option<String> {
    let stamp = Timestamp::from_second(seconds).ok()?;
    Some(stamp.to_string())
}
