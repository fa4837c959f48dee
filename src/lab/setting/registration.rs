//! What the registry and the registrar know of the domain.

use super::PortState;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Registration {
    pub registered: bool,
    /// EPP status codes.
    pub statuses: Vec<String>,
    pub created: RelativeTime,
    pub updated: RelativeTime,
    pub expires: RelativeTime,
    /// What the registrar and the registry list, when it is not what the parent delegates to.
    pub nameservers: Option<Vec<String>>,
    /// What the registry lists, when it is not what the registrar lists.
    pub registry_nameservers: Option<Vec<String>>,
    pub whois: PortState,
    pub rdap: PortState,
}

impl Default for Registration {
    fn default() -> Self {
        Self {
            registered: true,
            statuses: vec!["clientTransferProhibited".to_owned()],
            created: RelativeTime::days(-2210),
            updated: RelativeTime::days(-143),
            expires: RelativeTime::days(402),
            nameservers: None,
            registry_nameservers: None,
            whois: PortState::Open,
            rdap: PortState::Open,
        }
    }
}

/// A time relative to the start of the world: `-30d`, `+9d`, `-6h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelativeTime(SignedDuration);

impl RelativeTime {
    const fn days(days: i64) -> Self {
        Self(SignedDuration::from_hours(days * 24))
    }

    /// The time that it means when the world started at `now`; `now` itself where that would
    /// lie beyond the calendar.
    pub fn from(self, now: Timestamp) -> Timestamp {
        now.checked_add(self.0).unwrap_or(now)
    }
}

impl<'de> Deserialize<'de> for RelativeTime {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let hours = text
            .strip_suffix('d')
            .and_then(|days| days.parse::<i64>().ok()?.checked_mul(24))
            .or_else(|| text.strip_suffix('h')?.parse().ok());
        hours
            .filter(|hours| hours.unsigned_abs() < 24 * 36_500)
            .map(|hours| Self(SignedDuration::from_hours(hours)))
            .ok_or_else(|| {
                serde::de::Error::custom(format!("`{text}` is no time such as -30d, +9d or -6h"))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_relative_to_the_start() {
        let now: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
        let read = |text: &str| serde_yaml::from_str::<RelativeTime>(text);
        for (text, at) in [
            ("-30d", "2026-01-01T12:00:00Z"),
            ("+9d", "2026-02-09T12:00:00Z"),
            ("-6h", "2026-01-31T06:00:00Z"),
        ] {
            assert_eq!(read(text).unwrap().from(now).to_string(), at);
        }
        for text in ["9", "soon", "9999999999999999999d", "1w"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
