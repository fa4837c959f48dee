//! The words of WHOIS answers, from `assets/world/whois-layouts.yaml`.

use super::registration::{Fact, Meaning};
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layouts {
    fields: BTreeMap<Fact, Vec<String>>,
    sentences: BTreeMap<Fact, Vec<String>>,
    pub(super) host: Host,
    statuses: BTreeMap<Meaning, Vec<String>>,
    not_registered: Vec<String>,
    refused: Vec<String>,
    dates: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Host {
    pub(super) name: Vec<String>,
    pub(super) address: Vec<String>,
}

pub(super) static LAYOUTS: LazyLock<Layouts> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../../assets/world/whois-layouts.yaml"))
        .expect("assets/world/whois-layouts.yaml is checked by a test")
});

impl Layouts {
    /// What a key tells; the key in the form of [`plain`].
    pub(super) fn fact(&self, key: &str) -> Option<Fact> {
        self.fields
            .iter()
            .find(|(_, keys)| keys.iter().any(|known| known == key))
            .map(|(fact, _)| *fact)
    }

    /// What a line without a colon tells, and its last words.
    pub(super) fn sentence<'a>(&self, line: &'a str) -> Option<(Fact, &'a str)> {
        let low = plain(line);
        self.sentences.iter().find_map(|(fact, patterns)| {
            patterns.iter().find(|pattern| like(&low, pattern))?;
            let value = line.find(|c: char| c.is_ascii_digit())?;
            line.get(value..).map(|value| (*fact, value))
        })
    }

    pub(super) fn meaning(&self, status: &str) -> Option<Meaning> {
        let status = plain(status);
        self.statuses
            .iter()
            .find(|(_, patterns)| patterns.iter().any(|pattern| like(&status, pattern)))
            .map(|(meaning, _)| *meaning)
    }

    pub(super) fn says_not_registered(&self, line: &str) -> bool {
        let line = bare(line);
        self.not_registered
            .iter()
            .any(|pattern| like(&line, pattern))
    }

    pub(super) fn says_refused(&self, line: &str) -> bool {
        let line = bare(line);
        self.refused.iter().any(|pattern| like(&line, pattern))
    }

    /// The date that a value begins with, and whether it came without a time of day.
    pub(super) fn date(&self, value: &str) -> Option<Date> {
        let value = value.trim_matches(|c: char| c.is_whitespace() || c == '.' || c == '(');
        // `Z` is an offset of none.
        let value = value.replace('Z', "+00:00");
        self.dates.iter().find_map(|format| {
            let (broken, _) = BrokenDownTime::parse_prefix(format, &value).ok()?;
            let date = broken.to_date().ok()?;
            if !(1980..2200).contains(&date.year()) {
                return None;
            }
            let has_time = broken.hour().is_some();
            let start = match (broken.to_timestamp(), broken.to_datetime()) {
                (Ok(at), _) => at,
                (_, Ok(at)) => utc(at)?,
                _ => utc(date.to_datetime(Time::midnight()))?,
            };
            Some(Date { start, has_time })
        })
    }
}

/// A point in time, or a whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) start: Timestamp,
    pub(super) has_time: bool,
}

impl Date {
    /// The last moment that it covers.
    pub(super) fn end(self) -> Timestamp {
        if self.has_time {
            return self.start;
        }
        self.start + jiff::SignedDuration::from_secs(24 * 3600 - 1)
    }
}

fn utc(at: jiff::civil::DateTime) -> Option<Timestamp> {
    Some(at.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// Lower case, single spaces, none at the ends.
pub(super) fn plain(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

/// [`plain`], without the marks of a comment in front and a full stop at the end.
fn bare(line: &str) -> String {
    let line = plain(line);
    line.trim_start_matches(['%', '#', '*', '>', '-', ' '])
        .trim_end_matches(['.', ' '])
        .to_owned()
}

/// Whether `text` is like `pattern`, in which `*` stands for anything.
fn like(text: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.split_once(part) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        assert!(like("no match for x", "no match for *"));
        assert!(like("x is free", "* is free"));
        assert!(like("domain \"x\" not found", "domain * not found*"));
        assert!(like("abc", "abc") && !like("abcd", "abc") && like("abcd", "*"));
        assert!(!like("aa", "aa*a"));
    }

    #[test]
    fn every_key_has_one_meaning_and_is_written_plainly() {
        let mut seen = std::collections::BTreeSet::new();
        for key in LAYOUTS.fields.values().flatten() {
            assert_eq!(*key, plain(key));
            assert!(seen.insert(key), "`{key}` stands twice");
        }
        for pattern in LAYOUTS
            .statuses
            .values()
            .flatten()
            .chain(&LAYOUTS.not_registered)
            .chain(&LAYOUTS.refused)
        {
            assert_eq!(*pattern, plain(pattern));
        }
    }

    #[test]
    fn dates_of_many_lands() {
        for (written, start, has_time) in [
            ("2027-03-01T10:20:30Z", "2027-03-01T10:20:30Z", true),
            (
                "2027-03-01T10:20:30.5+02:00",
                "2027-03-01T08:20:30.5Z",
                true,
            ),
            ("2027-03-01T10:20:30.0Z", "2027-03-01T10:20:30Z", true),
            ("2027-03-01 10:20:30 (UTC+8)", "2027-03-01T10:20:30Z", true),
            ("2027-03-01 10:20:30", "2027-03-01T10:20:30Z", true),
            ("2027-03-01", "2027-03-01T00:00:00Z", false),
            ("2027-Mar-01.", "2027-03-01T00:00:00Z", false),
            ("2027/03/01 (JST)", "2027-03-01T00:00:00Z", false),
            ("2027.03.01 13:00:00", "2027-03-01T13:00:00Z", true),
            ("2027. 03. 01.", "2027-03-01T00:00:00Z", false),
            ("20270301", "2027-03-01T00:00:00Z", false),
            ("20270301 #4711", "2027-03-01T00:00:00Z", false),
            ("01-Mar-2027", "2027-03-01T00:00:00Z", false),
            ("01-Mar-2027 12:00:00", "2027-03-01T12:00:00Z", true),
            ("01-03-2027", "2027-03-01T00:00:00Z", false),
            ("1.3.2027 12:00:00", "2027-03-01T12:00:00Z", true),
            ("01.03.2027", "2027-03-01T00:00:00Z", false),
            ("01/03/2027 00:00:00", "2027-03-01T00:00:00Z", true),
            ("Mon Mar 1 2027", "2027-03-01T00:00:00Z", false),
            ("March 1 2027", "2027-03-01T00:00:00Z", false),
            ("1 March 2027", "2027-03-01T00:00:00Z", false),
        ] {
            let date = LAYOUTS.date(written);
            let expected = Date {
                start: start.parse().unwrap(),
                has_time,
            };
            assert_eq!(date, Some(expected), "{written}");
        }
        for none in [
            "",
            "before Aug-1996",
            "0000-00-00",
            "not given",
            "1027-01-01",
        ] {
            assert_eq!(LAYOUTS.date(none), None, "{none}");
        }
    }
}
