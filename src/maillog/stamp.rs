//! Time stamps of log lines.

use super::ascii::{self, number};
use jiff::civil;

/// What a line's time stamp does not say by itself: the year, and the zone.
///
/// RFC 3164 stamps have neither. Both are taken from a stamp that has them, in the same file;
/// else the year is the last one in which the stamp is not later than `latest`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// No line is later than this, in seconds since 1970 UTC; none where nothing is known.
    pub latest: Option<i64>,
    /// Seconds to subtract from a stamp without a zone to get UTC.
    pub offset: i32,
}

/// A stamp may be this much later than `latest`: clocks and zones differ.
const SLACK: i64 = 36 * 3600;

impl Calendar {
    /// The calendar that a piece of the log itself shows: its last line with a whole date.
    pub fn shown_by(log: &[u8]) -> Option<Self> {
        let mut shown = None;
        for line in log.split(|byte| *byte == b'\n') {
            let Some(stamp) = ascii::slice(line, 0, 10) else {
                continue;
            };
            if stamp.first().is_some_and(u8::is_ascii_digit)
                && let Some((at, offset, _)) = iso(line, 0)
            {
                shown = Some(Self {
                    latest: Some(at),
                    offset: offset
                        .or(shown.map(|shown: Self| shown.offset))
                        .unwrap_or(0),
                });
            }
        }
        shown
    }

    /// The year of a stamp that has none, and its time.
    fn dated(&self, month: i8, day: i8, time: (i8, i8, i8)) -> Option<i64> {
        let latest = self.latest.unwrap_or(LAST_RESORT);
        let last = jiff::Timestamp::from_second(latest + SLACK).ok()?;
        let year = last.to_zoned(jiff::tz::TimeZone::UTC).year();
        // Eight years back there was a February 29th, also over the turn of a century.
        (0..=8).find_map(|back| {
            let at = seconds(year - back, month, day, time)? - i64::from(self.offset);
            (at <= latest + SLACK).then_some(at)
        })
    }
}

/// Where nothing says what year it is, a leap year: every stamp has a date in it.
const LAST_RESORT: i64 = 1_735_603_200; // 2024-12-31

fn seconds(year: i16, month: i8, day: i8, (hour, minute, second): (i8, i8, i8)) -> Option<i64> {
    // A leap second is the second before it.
    let at = civil::DateTime::new(year, month, day, hour, minute, second.min(59), 0).ok()?;
    let since = at
        .since((jiff::Unit::Second, civil::date(1970, 1, 1)))
        .ok()?;
    Some(since.get_seconds())
}

/// How the line goes on after its stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Host and program follow.
    Syslog,
    /// Exim's own stamp: its message follows at once.
    Bare,
    /// A stamp of multilog (TAI64N): the message follows at once.
    Tai,
}

/// Reads stamps. Lines of the same second are read once.
#[derive(Clone, Debug, Default)]
pub struct Stamps {
    calendar: Calendar,
    /// The stamp that was read last, up to its second.
    known: [u8; 19],
    length: usize,
    /// The zone behind it.
    zone: [u8; 6],
    at: i64,
}

impl Stamps {
    pub fn new(calendar: Calendar) -> Self {
        Self {
            calendar,
            ..Self::default()
        }
    }

    /// The time of a line in seconds since 1970 UTC, and what follows the stamp.
    pub(super) fn read<'a>(&mut self, line: &'a [u8]) -> Option<(i64, Kind, &'a [u8])> {
        match line.first()? {
            b'A'..=b'Z' => self.old(line).map(|(at, rest)| (at, Kind::Syslog, rest)),
            b'0'..=b'9' => self.new_style(line),
            b'<' => {
                // The priority of a raw syslog line, with RFC 5424's version behind it.
                let end = memchr::memchr(b'>', ascii::head(line, 6))?;
                let rest = ascii::from(line, end + 1);
                let rest = rest.strip_prefix(b"1 ").unwrap_or(rest);
                if matches!(rest.first(), Some(b'<')) {
                    return None;
                }
                self.read(rest)
            }
            b'@' => tai(line).map(|(at, rest)| (at, Kind::Tai, rest)),
            _ => None,
        }
    }

    /// `Mar  3 09:12:41 `, RFC 3164 section 4.1.2.
    fn old<'a>(&mut self, line: &'a [u8]) -> Option<(i64, &'a [u8])> {
        let (stamp, rest) = line.split_at_checked(15)?;
        let rest = rest.strip_prefix(b" ")?;
        if self.length == 15 && self.known.get(..15) == Some(stamp) {
            return Some((self.at, rest));
        }
        let month = MONTHS.iter().position(|name| stamp.starts_with(name))?;
        let day = number(stamp.get(4..6)?.trim_ascii_start())?;
        let at = self.calendar.dated(
            i8::try_from(month + 1).ok()?,
            i8::try_from(day).ok()?,
            clock(stamp.get(7..15)?)?,
        )?;
        self.keep(stamp, at);
        Some((at, rest))
    }

    /// RFC 3339, Exim's, or seconds since 1970 as qmail writes them.
    fn new_style<'a>(&mut self, line: &'a [u8]) -> Option<(i64, Kind, &'a [u8])> {
        let kind = match line.get(10)? {
            b'T' => Kind::Syslog,
            b' ' => Kind::Bare,
            b'.' => {
                let (at, rest) = epoch(line)?;
                return Some((at, Kind::Tai, rest));
            }
            _ => return None,
        };
        if self.length == 19
            && self.known.get(..) == line.get(..19)
            && let Some((zone, rest)) = zone_and_rest(line)
            && zone == self.zone
        {
            return Some((self.at, kind, rest));
        }
        let (at, _, rest) = iso(line, self.calendar.offset)?;
        self.keep(line.get(..19)?, at);
        self.zone = zone_and_rest(line).map_or([0; 6], |(zone, _)| zone);
        Some((at, kind, rest))
    }

    fn keep(&mut self, stamp: &[u8], at: i64) {
        self.length = stamp.len();
        if let Some(known) = self.known.get_mut(..stamp.len()) {
            known.copy_from_slice(stamp);
        }
        self.at = at;
    }
}

const MONTHS: [&[u8]; 12] = [
    b"Jan ", b"Feb ", b"Mar ", b"Apr ", b"May ", b"Jun ", b"Jul ", b"Aug ", b"Sep ", b"Oct ",
    b"Nov ", b"Dec ",
];

/// `09:12:41`
fn clock(text: &[u8]) -> Option<(i8, i8, i8)> {
    let part = |at: usize| i8::try_from(number(text.get(at..at + 2)?)?).ok();
    (text.get(2) == Some(&b':') && text.get(5) == Some(&b':')).then_some(())?;
    Some((part(0)?, part(3)?, part(6)?))
}

/// The zone of a stamp as its bytes, zeros for none, and what follows stamp and space.
///
/// `…:44.123456+01:00 `, `…:44Z `, `…:44.318 +0100 `, `…:44 `.
fn zone_and_rest(line: &[u8]) -> Option<([u8; 6], &[u8])> {
    let mut zone = [0; 6];
    let mut rest = line.get(19..)?;
    if let Some((b'.' | b',', fraction)) = rest.split_first() {
        let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
        rest = fraction.get(digits..)?;
    }
    // Exim puts a space before its zone, which looks like no message of its.
    let found = match rest {
        [b' ', b'+' | b'-', a, b, c, d, b' ', ..]
            if [a, b, c, d].iter().all(|b| b.is_ascii_digit()) =>
        {
            rest.get(1..6)?
        }
        [b'+' | b'-', _, _, b':', _, _, b' ', ..] => rest.get(..6)?,
        [b'+' | b'-', _, _, _, _, b' ', ..] => rest.get(..5)?,
        [b'Z', b' ', ..] => rest.get(..1)?,
        [b' ', ..] => &[],
        _ => return None,
    };
    zone.get_mut(..found.len())?.copy_from_slice(found);
    let skipped = if found.is_empty() {
        1
    } else {
        found.len() + 1 + usize::from(rest.first() == Some(&b' '))
    };
    Some((zone, rest.get(skipped..)?))
}

/// A stamp with a whole date: its time, its zone if it has one, and what follows.
fn iso(line: &[u8], offset: i32) -> Option<(i64, Option<i32>, &[u8])> {
    let two = |at: usize| i8::try_from(number(line.get(at..at + 2)?)?).ok();
    (line.get(4) == Some(&b'-') && line.get(7) == Some(&b'-')).then_some(())?;
    matches!(line.get(10), Some(b'T' | b' ')).then_some(())?;
    let year = i16::try_from(number(line.get(..4)?)?).ok()?;
    let at = seconds(year, two(5)?, two(8)?, clock(line.get(11..19)?)?)?;
    let (zone, rest) = zone_and_rest(line)?;
    let zone = zone_seconds(zone);
    Some((at - i64::from(zone.unwrap_or(offset)), zone, rest))
}

fn zone_seconds(zone: [u8; 6]) -> Option<i32> {
    let sign = match zone[0] {
        b'Z' => return Some(0),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let two = |from: usize| i32::try_from(number(zone.get(from..from + 2)?)?).ok();
    let minutes = if zone[3] == b':' { two(4)? } else { two(3)? };
    Some(sign * (two(1)? * 3600 + minutes * 60))
}

/// `@4000000067c5653b0a0b0c0d `: TAI64N. Its leap seconds are taken as the ten of 1970, as
/// daemontools does.
fn tai(line: &[u8]) -> Option<(i64, &[u8])> {
    let hex = std::str::from_utf8(line.get(1..17)?).ok()?;
    let label = u64::from_str_radix(hex, 16).ok()?;
    let at = i64::try_from(label.checked_sub(1 << 62)?).ok()? - 10;
    let rest = line.get(17..)?;
    let space = memchr::memchr(b' ', ascii::head(rest, 16))?;
    (at < FAR).then_some((at, rest.get(space + 1..)?))
}

/// The year 3000: later is nonsense.
const FAR: i64 = 32_503_680_000;

/// `1740993164.123456 `
fn epoch(line: &[u8]) -> Option<(i64, &[u8])> {
    let at = i64::try_from(number(line.get(..10)?)?).ok()?;
    let rest = line.get(11..)?;
    let space = memchr::memchr(b' ', ascii::head(rest, 16))?;
    Some((at, rest.get(space + 1..)?))
}

/// The message behind qmail's stamp inside a syslog line, or all of it.
pub(super) fn without_epoch(message: &[u8]) -> &[u8] {
    if message.get(10) != Some(&b'.') {
        return message;
    }
    epoch(message).map_or(message, |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(at: i64) -> String {
        jiff::Timestamp::from_second(at).unwrap().to_string()
    }

    fn read(calendar: Calendar, line: &str) -> Option<(String, String)> {
        let (at, _, rest) = Stamps::new(calendar).read(line.as_bytes())?;
        Some((utc(at), String::from_utf8(rest.to_vec()).unwrap()))
    }

    #[test]
    fn reads_every_stamp() {
        let of_2025 = Calendar {
            latest: Some(1_741_000_000), // 2025-03-03T11:06:40Z
            offset: 0,
        };
        for (line, time) in [
            ("Mar  3 09:12:41 rest", "2025-03-03T09:12:41Z"),
            ("Dec 31 23:59:60 rest", "2024-12-31T23:59:59Z"),
            ("Feb 29 01:02:03 rest", "2024-02-29T01:02:03Z"),
            (
                "2025-03-03T09:12:44.123456+01:00 rest",
                "2025-03-03T08:12:44Z",
            ),
            ("2025-03-03T09:12:44Z rest", "2025-03-03T09:12:44Z"),
            ("2025-03-03 09:12:44 rest", "2025-03-03T09:12:44Z"),
            ("2025-03-03 09:12:44.318 +0100 rest", "2025-03-03T08:12:44Z"),
            ("<22>Mar  3 09:12:41 rest", "2025-03-03T09:12:41Z"),
            (
                "<22>1 2025-03-03T09:12:44-02:30 rest",
                "2025-03-03T11:42:44Z",
            ),
            ("@4000000067c5653b0a0b0c0d rest", "2025-03-03T08:15:45Z"),
            ("1740993164.123456 rest", "2025-03-03T09:12:44Z"),
        ] {
            assert_eq!(
                read(of_2025, line),
                Some((time.to_owned(), "rest".to_owned())),
                "{line}"
            );
        }
        for line in [
            "",
            "Mar",
            "Foo  3 09:12:41 x",
            "Mar 33 09:12:41 x",
            "2025-03-03",
            "<<<<",
            "@40 x",
            "9999999999.x",
        ] {
            assert_eq!(read(of_2025, line), None, "{line}");
        }
    }

    #[test]
    fn the_same_second_in_another_zone_is_another_time() {
        let mut stamps = Stamps::default();
        let mut at = |line: &str| stamps.read(line.as_bytes()).unwrap().0;
        let one = at("2025-03-03T09:12:44.1+01:00 x");
        let two = at("2025-03-03T09:12:44.2+00:00 x");
        assert_eq!(two - one, 3600);
        assert_eq!(at("2025-03-03T09:12:44.9+01:00 x"), one);
    }

    #[test]
    fn a_whole_date_in_the_log_gives_the_year_and_the_zone() {
        let log = b"Mar  3 09:12:41 a b\n2023-03-03T09:12:44+01:00 a b\nMar  3 10:00:00 x\n";
        let calendar = Calendar::shown_by(log).unwrap();
        assert_eq!(
            read(calendar, "Mar  3 09:12:41 x").unwrap().0,
            "2023-03-03T08:12:41Z"
        );
        assert_eq!(Calendar::shown_by(b"Mar  3 09:12:41 a b\n"), None);
    }
}
