//! What is counted of a log, where not all of it is wanted.

use super::ascii::domain;
use super::cause::Cause;

/// Only what fits all that is given. Domains and hosts match with what is below them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub reason: Option<String>,
    /// The recipient's domain.
    pub domain: Option<String>,
    /// The other side: part of its name or address.
    pub host: Option<String>,
    /// The sender's address, or its domain.
    pub sender: Option<String>,
    /// Seconds since 1970 UTC, included.
    pub since: Option<i64>,
    /// Not included.
    pub until: Option<i64>,
}

impl Filter {
    pub fn has_time(&self, at: i64) -> bool {
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
    }

    pub(super) fn lets(&self, at: i64, recipient: &[u8], sender: Option<&[u8]>) -> bool {
        self.has_time(at)
            && self.domain.as_ref().is_none_or(|wanted| {
                domain(recipient).is_some_and(|domain| below(domain, wanted.as_bytes()))
            })
            && self.sender.as_ref().is_none_or(|wanted| {
                let wanted = wanted.as_bytes();
                sender.is_some_and(|sender| {
                    sender.eq_ignore_ascii_case(wanted)
                        || domain(sender).is_some_and(|domain| below(domain, wanted))
                })
            })
    }

    pub(super) fn lets_words(&self, cause: Option<&Cause>, host: Option<&[u8]>) -> bool {
        self.reason
            .as_ref()
            .is_none_or(|wanted| cause.is_some_and(|cause| cause.reason == *wanted))
            && self.host.as_ref().is_none_or(|wanted| {
                host.is_some_and(|host| {
                    let host = host.to_ascii_lowercase();
                    super::ascii::contains(&host, wanted.to_ascii_lowercase().as_bytes())
                })
            })
    }
}

fn below(name: &[u8], wanted: &[u8]) -> bool {
    let Some(start) = name.len().checked_sub(wanted.len()) else {
        return false;
    };
    super::ascii::from(name, start).eq_ignore_ascii_case(wanted)
        && (start == 0 || name.get(start - 1) == Some(&b'.'))
}
