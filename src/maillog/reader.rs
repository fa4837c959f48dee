//! From the bytes of a line to what it says.

use super::ascii::{from, head, split};
use super::event::{Attempt, Event, Line, Says, Software};
use super::stamp::{Calendar, Kind, Stamps, without_epoch};
use super::words::Words;
use super::{exim, opensmtpd, postfix, qmail, sendmail};

/// Reads the lines of one log, one after the other. Lines of several mail servers and both
/// kinds of time stamps may be mixed.
#[derive(Clone, Debug, Default)]
pub struct Reader {
    stamps: Stamps,
}

impl Reader {
    pub fn new(calendar: Calendar) -> Self {
        Self {
            stamps: Stamps::new(calendar),
        }
    }

    /// The time of a line, in seconds since 1970 UTC.
    pub fn time(&mut self, line: &[u8]) -> Option<i64> {
        self.stamps.read(line).map(|(at, _, _)| at)
    }

    /// What a line says, without its line feed.
    pub fn read<'a>(&mut self, line: &'a [u8]) -> Line<'a> {
        let Some((at, kind, rest)) = self.stamps.read(line) else {
            return Line::Unread;
        };
        let (software, said) = match kind {
            Kind::Bare => (Software::Exim, exim::read(rest)),
            Kind::Tai => (Software::Qmail, qmail::read(rest)),
            Kind::Syslog => match program(rest) {
                Some((program, message)) => match of_program(program, message) {
                    Some(said) => said,
                    None => return Line::Foreign,
                },
                None => return Line::Unread,
            },
        };
        match said {
            Ok(Some(says)) => Line::Event(Event {
                at,
                software,
                line,
                says,
            }),
            Ok(None) => Line::Other,
            Err(()) => Line::Unread,
        }
    }
}

type Said<'a> = Result<Option<Says<'a>>, ()>;

fn of_program<'a>(program: &[u8], message: &'a [u8]) -> Option<(Software, Said<'a>)> {
    // `postfix/smtp`, `postfix-out/submission/smtpd`.
    if program.starts_with(b"postfix") {
        return Some((Software::Postfix, postfix::read(message)));
    }
    Some(match program {
        b"sendmail" | b"sm-mta" | b"sm-msp-queue" | b"sm-msp" => {
            (Software::Sendmail, sendmail::read(message))
        }
        b"smtpd" => (Software::OpenSmtpd, opensmtpd::read(message)),
        b"exim" | b"exim4" => {
            // Exim may write its own stamp into the message.
            let mut stamps = Stamps::default();
            let inner = stamps
                .read(message)
                .filter(|(_, kind, _)| *kind == Kind::Bare);
            let message = inner.map_or(message, |(_, _, rest)| rest);
            (Software::Exim, exim::read(message))
        }
        b"qmail" | b"qmail-send" => (Software::Qmail, qmail::read(without_epoch(message))),
        _ => return None,
    })
}

/// The name of the program, and its message: `mx1 postfix/smtp[2211]: …`; RFC 5424 has spaces
/// between them.
fn program(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let host = memchr::memchr(b' ', head(rest, 256))?;
    let rest = from(rest, host + 1);
    let end = head(rest, 64)
        .iter()
        .position(|byte| matches!(byte, b'[' | b':' | b' '))?;
    let name = head(rest, end);
    let tail = from(rest, end);
    match tail {
        [b'[', ..] => {
            let close = memchr::memmem::find(head(tail, 24), b"]: ")?;
            Some((name, from(tail, close + 3)))
        }
        [b':', b' ', message @ ..] => Some((name, message)),
        [b' ', ..] => {
            // `postfix/smtp 2211 - - message`
            let (_, message) = split(tail, b" - - ")?;
            Some((name, message))
        }
        _ => None,
    }
}

/// The words of an attempt's outcome. qmail's are spaced out by the caller.
pub(super) fn words<'a>(software: Software, attempt: &Attempt<'a>) -> Words<'a> {
    match software {
        Software::Postfix => postfix::words(attempt),
        Software::Exim => exim::words(attempt),
        Software::Sendmail => sendmail::words(attempt),
        Software::OpenSmtpd => opensmtpd::words(attempt),
        Software::Qmail => {
            let mut words = Words {
                host: qmail::host(attempt.text),
                ..Words::own(attempt.text)
            };
            if let Some(said) = qmail::quoted(attempt.text) {
                words.quote(said);
            }
            words
        }
    }
}
