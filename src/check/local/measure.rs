//! Answers to the checklist that can be measured here.

use crate::case::Answer;
use crate::check::{Observations, Request};
use crate::knowledge::question::QuestionId;
use jiff::Timestamp;

/// How recent a change is one that may explain a failure: nothing in the DNS of a mail domain
/// usually lives longer than two days.
const RECENT: jiff::SignedDuration = jiff::SignedDuration::from_hours(48);

pub fn measure(
    request: &Request,
    seen: &Observations,
    now: Timestamp,
) -> Vec<(QuestionId, Answer)> {
    let mut answers = Vec::new();
    if let Some(resolver) = &seen.local.resolver {
        let (word, how) = if resolver.works() {
            ("yes", "the DNS resolver answers")
        } else if resolver.network_is_up() {
            (
                "yes",
                "a root server answers, the configured resolver does not",
            )
        } else {
            (
                "no",
                "neither the resolver nor a root server answers from here",
            )
        };
        answers.push((QuestionId::Internet, Answer::measured(word, how)));
    }
    answers.extend(dns_changed(request, seen, now).map(|answer| (QuestionId::DnsChanged, answer)));
    answers
}

fn dns_changed(request: &Request, seen: &Observations, now: Timestamp) -> Option<Answer> {
    let stale = super::judge(request, seen, now)
        .into_iter()
        .find(|finding| finding.id == crate::knowledge::finding::id::LOCAL_RESOLVER_STALE);
    if let Some(finding) = stale {
        return Some(Answer::measured("yes", finding.summary));
    }
    let serial = seen.ns.good().find_map(|(_, authority)| authority.serial());
    if let Some(date) = serial.and_then(serial_date) {
        let age = now.duration_since(date);
        if age <= RECENT && age > -RECENT {
            return Some(Answer::measured(
                "yes",
                format!(
                    "the zone's serial {} names a date of the last two days",
                    serial?
                ),
            ));
        }
    }
    // Without the registry's date, nothing says that nothing changed.
    let updated = seen.registry.updated()?;
    let age = now.duration_since(updated);
    let how = format!(
        "the registry says: last changed {}",
        updated.strftime("%Y-%m-%d %H:%M UTC")
    );
    if age <= RECENT {
        return Some(Answer::measured("yes", how));
    }
    (seen.ns.is_settled() && seen.mx.lookup.is_some()).then(|| {
        Answer::measured(
            "no",
            format!("{how}; the resolver agrees with the nameservers"),
        )
    })
}

/// The day that a serial of the form `YYYYMMDDnn` names.
fn serial_date(serial: u32) -> Option<Timestamp> {
    let day = serial / 100;
    let part = |divisor: u32, modulus: u32| i8::try_from(day / divisor % modulus).ok();
    let year = i16::try_from(day / 10_000).ok()?;
    if !(1990..2100).contains(&year) {
        return None;
    }
    let date = jiff::civil::Date::new(year, part(100, 100)?, part(1, 100)?).ok()?;
    date.to_zoned(jiff::tz::TimeZone::UTC)
        .ok()
        .map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::serial_date;

    #[test]
    fn reads_the_date_in_a_serial() {
        let day = serial_date(2_026_112_301).unwrap();
        assert_eq!(day.to_string(), "2026-11-23T00:00:00Z");
        assert_eq!(serial_date(12), None);
        assert_eq!(serial_date(2_026_139_901), None);
        assert_eq!(serial_date(1_764_000_000), None, "a Unix time");
    }
}
