//! What is counted of a log, where not all of it is wanted.

use super::ascii::{bare, domain};
use super::cause::Cause;
use super::event::Event;
use crate::knowledge::reason::Reason;
use crate::text::SafeText;
use std::fmt;
use std::str::FromStr;

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
    /// Part of the line that says it, ASCII letters in either case.
    pub text: Option<String>,
}

/// A time in seconds since 1970 UTC: a date, with a time or without, in UTC where no zone is
/// given.
///
/// # Errors
/// What is neither.
pub fn read_time(text: &str) -> Result<i64, NotAFilter> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(at.as_second());
    }
    let civil = text
        .parse::<jiff::civil::DateTime>()
        .or_else(|_| text.parse::<jiff::civil::Date>().map(Into::into));
    civil
        .and_then(|civil| civil.to_zoned(jiff::tz::TimeZone::UTC))
        .map(|at| at.timestamp().as_second())
        .map_err(|_| NotAFilter::Time(text.into()))
}

/// What cannot be looked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAFilter {
    #[error("`{0}` is no date, with or without a time")]
    Time(SafeText),
    #[error("no reason is called `{0}`")]
    Reason(SafeText),
    #[error("`{0}` stands without a value")]
    Empty(&'static str),
}

/// The words before a colon that narrow something else than the text.
const KEYS: [&str; 6] = ["reason", "domain", "host", "sender", "since", "until"];

impl FromStr for Filter {
    type Err = NotAFilter;

    /// `reason:userunknown domain:example.com since:2025-03-03 quota exceeded`: each part that
    /// has a key narrows by it, the rest is the text.
    fn from_str(text: &str) -> Result<Self, NotAFilter> {
        let mut filter = Self::default();
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            let keyed = word.split_once(':').and_then(|(key, value)| {
                let key = KEYS.iter().find(|known| known.eq_ignore_ascii_case(key))?;
                Some((*key, value))
            });
            let Some((key, value)) = keyed else {
                words.push(word);
                continue;
            };
            if value.is_empty() {
                return Err(NotAFilter::Empty(key));
            }
            let owned = Some(value.to_owned());
            match key {
                "reason" => {
                    let reason = Reason::find(&value.to_ascii_lowercase());
                    let reason = reason.ok_or_else(|| NotAFilter::Reason(value.into()))?;
                    filter.reason = Some(reason.as_str().to_owned());
                }
                "domain" => filter.domain = owned,
                "host" => filter.host = owned,
                "sender" => {
                    let address = String::from_utf8_lossy(bare(value.as_bytes())).into_owned();
                    filter.sender = Some(address);
                }
                "since" => filter.since = Some(read_time(value)?),
                _ => filter.until = Some(read_time(value)?),
            }
        }
        filter.text = (!words.is_empty()).then(|| words.join(" "));
        Ok(filter)
    }
}

impl fmt::Display for Filter {
    /// As it is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |at: Option<i64>| at.map(super::summary::time);
        let sender = self.sender.as_ref().map(|sender| match sender.as_str() {
            "" => "<>".to_owned(),
            sender => sender.to_owned(),
        });
        let keyed = [
            self.reason.clone(),
            self.domain.clone(),
            self.host.clone(),
            sender,
            at(self.since),
            at(self.until),
        ];
        let keyed = KEYS.iter().zip(keyed);
        let mut parts: Vec<String> = keyed
            .filter_map(|(key, value)| value.map(|value| format!("{key}:{value}")))
            .collect();
        parts.extend(self.text.clone());
        f.write_str(&parts.join(" "))
    }
}

impl Filter {
    pub fn has_time(&self, at: i64) -> bool {
        self.since.is_none_or(|since| at >= since) && self.until.is_none_or(|until| at < until)
    }

    pub(super) fn lets(&self, event: &Event<'_>, recipient: &[u8], sender: Option<&[u8]>) -> bool {
        self.has_time(event.at)
            && self
                .text
                .as_ref()
                .is_none_or(|wanted| holds(event.line, wanted.as_bytes()))
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

/// Whether `wanted` stands in `line`, ASCII letters in either case.
fn holds(line: &[u8], wanted: &[u8]) -> bool {
    wanted.is_empty()
        || line
            .windows(wanted.len())
            .any(|part| part.eq_ignore_ascii_case(wanted))
}

fn below(name: &[u8], wanted: &[u8]) -> bool {
    let Some(start) = name.len().checked_sub(wanted.len()) else {
        return false;
    };
    super::ascii::from(name, start).eq_ignore_ascii_case(wanted)
        && (start == 0 || name.get(start - 1) == Some(&b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_written_as_it_is_read() {
        let text = "reason:userunknown domain:a.example host:mx1 sender:<> \
                    since:2025-03-03T00:00:00Z until:2025-03-04T09:00:00Z 550: over quota";
        let filter: Filter = text.parse().unwrap();
        assert_eq!(filter.to_string(), text);
        assert_eq!(filter.text.as_deref(), Some("550: over quota"));
        assert_eq!(filter.sender.as_deref(), Some(""));
        assert_eq!(filter.since, Some(1_740_960_000));
        assert_eq!("  ".parse(), Ok(Filter::default()));
        assert_eq!(
            "since:2025-03-03".parse::<Filter>().unwrap().since,
            filter.since
        );
    }

    #[test]
    fn what_cannot_be_looked_for_is_told() {
        for (text, words) in [
            ("since:yesterday", "`yesterday` is no date"),
            ("reason:nonsense", "no reason is called `nonsense`"),
            ("host:", "`host` stands without a value"),
        ] {
            let error = text.parse::<Filter>().unwrap_err().to_string();
            assert!(error.starts_with(words), "{error}");
        }
    }

    #[test]
    fn text_is_found_in_either_case() {
        assert!(holds(b"said: 550 Over Quota", b"over quota"));
        assert!(!holds(b"said", b"said: 550"));
        assert!(holds(b"", b""));
    }
}
