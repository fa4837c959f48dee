//! What a session shows to be wrong with the host, beside the envelope.

use super::dialogue::{Dialogue, Said};
use super::judge::Place;
use crate::case::Finding;
use crate::knowledge::code::ReplyClass;
use crate::knowledge::finding::{Severity, id};
use crate::knowledge::interceptor;
use crate::net::certificate::Certificate;
use crate::smtp::reply::{Defect, Reply};
use crate::smtp::{EventKind, Stage};
use crate::text::SafeText;
use jiff::SignedDuration;
use std::time::Duration;

/// Over this a greeting is worth a notice.
const SLOW: Duration = Duration::from_secs(5);
/// A certificate that ends within this time is worth a notice.
const SOON: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Departures from RFC 5321 that other mail servers stumble over.
const SERIOUS: [Defect; 5] = [
    Defect::MixedCodes,
    Defect::NoCode,
    Defect::Separator,
    Defect::BareLf,
    Defect::LongLine,
];

/// Why a connected session came to nothing.
pub(in crate::check) fn fatal(place: &Place<'_>) -> Option<Finding> {
    let dialogue = place.dialogue;
    let Some((greeting, _)) = &dialogue.greeting else {
        return before_greeting(place);
    };
    let words = words(greeting);
    if greeting.code.is_none() {
        return Some(place.finding(id::SMTP_NOT_SMTP, &words, 0));
    }
    match greeting.class() {
        _ if greeting.is_overwritten() => {
            return Some(place.finding(id::SMTP_INTERCEPTED, &words, 0));
        }
        Some(ReplyClass::Transient) => {
            return Some(place.finding(id::SMTP_BANNER_TEMPORARY, &words, 0));
        }
        Some(ReplyClass::Permanent) => {
            return Some(place.finding(id::SMTP_BANNER_REJECTED, &words, 0));
        }
        Some(ReplyClass::Positive) => {}
        _ => {
            let what = format!("a greeting begins with 220: {words}");
            return Some(malformed(place, &what).severity(Severity::Error));
        }
    }
    if let Some(said) = dialogue.shut_down() {
        return Some(place.finding(id::SMTP_BANNER_TEMPORARY, &self::words(&said.reply), 0));
    }
    let hello = dialogue.reply(Stage::Helo).or(dialogue.reply(Stage::Ehlo));
    let hello = hello.filter(|_| !matches!(dialogue.ended, Some(EventKind::Error(_))));
    hello
        .and_then(|said| hello_refused(place, said))
        .or_else(|| Some(broken(place, dialogue.ended.as_ref()?)))
}

/// What the answer to the last hello says of the host, where it is not taken.
fn hello_refused(place: &Place<'_>, said: &Said) -> Option<Finding> {
    let words = words(&said.reply);
    Some(match said.reply.class() {
        None => malformed(place, &format!("no reply code: {words}")).severity(Severity::Error),
        Some(ReplyClass::Positive) => return None,
        // HELO was the next, and got no answer.
        Some(ReplyClass::Permanent)
            if said.stage == Stage::Ehlo && place.dialogue.ended.is_some() =>
        {
            return None;
        }
        Some(ReplyClass::Intermediate) => {
            let what = format!("the answer to {} is 2yz: {words}", said.stage);
            malformed(place, &what).severity(Severity::Error)
        }
        Some(ReplyClass::Transient) => place.finding(id::SMTP_BANNER_TEMPORARY, &words, 0),
        Some(ReplyClass::Permanent) => place.finding(id::SMTP_HELO_REJECTED, &words, 0),
    })
}

/// The session ended in the middle.
pub(super) fn broken(place: &Place<'_>, ended: &EventKind) -> Finding {
    let what = ended_words(ended);
    match ended {
        EventKind::TimedOut { after, .. } => {
            place.finding(id::SMTP_NO_REPLY, &what, after.as_secs())
        }
        EventKind::Error(_) => malformed(place, &what).severity(Severity::Error),
        _ => place.finding(id::SMTP_CLOSED_EARLY, &what, 0),
    }
}

fn before_greeting(place: &Place<'_>) -> Option<Finding> {
    match &place.dialogue.ended {
        Some(EventKind::TimedOut { after, .. }) => {
            let what = format!("no greeting within {} s", after.as_secs());
            Some(place.finding(id::SMTP_NO_BANNER, &what, after.as_secs()))
        }
        ended => Some(broken(place, ended.as_ref()?)),
    }
}

/// What is wrong, and does not by itself stop mail.
pub(in crate::check) fn minor(place: &Place<'_>) -> Vec<Finding> {
    let dialogue = place.dialogue;
    let mut findings = Vec::new();
    if let Some((greeting, _)) = dialogue.greeting.as_ref()
        && dialogue.is_usable()
        && greeting.is_overwritten()
    {
        findings.push(place.finding(id::SMTP_INTERCEPTED, &words(greeting), 0));
    }
    if let Some((_, took)) = dialogue.greeting.as_ref().filter(|(_, took)| *took > SLOW) {
        let what = format!("the greeting took {} s", took.as_secs());
        findings.push(place.finding(id::SMTP_SLOW_BANNER, &what, took.as_secs()));
    }
    findings.extend(defects(place));
    if !dialogue.is_usable() {
        return findings;
    }
    if let Some(refused) = dialogue.said.iter().find(|said| said.stage == Stage::Ehlo)
        && !refused.reply.is_positive()
    {
        findings.push(place.finding(id::SMTP_EHLO_REJECTED, &words(&refused.reply), 0));
    }
    let masked = dialogue.offered.as_ref().and_then(|offered| {
        offered
            .masked_keywords()
            .first()
            .map(|keyword| keyword.name.to_string())
    });
    if let Some(keyword) = masked {
        findings.push(place.finding(
            id::SMTP_INTERCEPTED,
            &format!("an EHLO keyword reads {keyword}"),
            0,
        ));
    }
    if let Some(ended) = dialogue.broken_off().filter(|_| !dialogue.leaves_open()) {
        // With a hello taken and nothing asked, senders may still get through.
        findings.push(broken(place, ended).severity(Severity::Warning));
    }
    if let Some(reply) = place.starttls.and_then(|seen| seen.injected.as_ref()) {
        let what = format!("NOOP, sent in clear behind STARTTLS, was answered inside TLS: {reply}");
        findings.push(
            place
                .finding(id::TLS_PLAINTEXT_INJECTION, &what, 0)
                .evidence(what),
        );
    }
    findings.extend(tls(place));
    findings.extend(
        dialogue
            .certificate
            .iter()
            .flat_map(|shown| certificate(place, shown)),
    );
    findings
}

/// Each thing that is wrong with the certificate, for itself.
fn certificate(place: &Place<'_>, shown: &Certificate) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |id, what: &str| {
        let said = [
            format!("subject {}, issuer {}", shown.subject, shown.issuer),
            format!("valid from {} to {}", shown.not_before, shown.not_after),
            format!("for {}", names(shown)),
        ];
        findings.push(
            said.iter()
                .fold(place.finding(id, what, 0), |finding, line| {
                    finding.evidence(line.as_str())
                }),
        );
    };
    if let Some(shield) = shown
        .untrusted
        .as_ref()
        .and_then(|_| interceptor::of(&shown.issuer))
    {
        add(
            id::SMTP_INTERCEPTED,
            &format!("the certificate is made by {shield}: {}", shown.issuer),
        );
        return findings;
    }
    let end = shown.not_after.strftime("%Y-%m-%d %H:%M UTC");
    if shown.left().is_negative() {
        add(id::TLS_EXPIRED, &format!("it ended at {end}"));
    } else if shown.not_before > shown.seen_at {
        let begin = shown.not_before.strftime("%Y-%m-%d %H:%M UTC");
        add(id::TLS_EXPIRED, &format!("it is not valid before {begin}"));
    } else if shown.left() < SOON {
        add(id::TLS_EXPIRING_SOON, &format!("it ends at {end}"));
    }
    if !shown.fits {
        add(
            id::TLS_NAME_MISMATCH,
            &format!("it is for {}", names(shown)),
        );
    }
    if let Some(why) = &shown.untrusted {
        add(id::TLS_UNTRUSTED, why);
    }
    findings
}

fn names(shown: &Certificate) -> String {
    if shown.names.is_empty() {
        return "no name at all".to_owned();
    }
    let names: Vec<&str> = shown.names.iter().map(SafeText::as_str).take(5).collect();
    let more = shown.names.len().saturating_sub(names.len());
    let rest = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("{}{rest}", names.join(", "))
}

fn tls(place: &Place<'_>) -> Option<Finding> {
    let dialogue = place.dialogue;
    if let Some(what) = &dialogue.tls_failed {
        let old = place.starttls.and_then(|seen| seen.old_version);
        if let Some(version) = old {
            let what =
                format!("asked for TLS 1.1, it chose {version}; asked for 1.2 or 1.3: {what}");
            return Some(place.finding(id::TLS_OBSOLETE_PROTOCOL, &what, 0));
        }
        let id = if dialogue.tls_obsolete {
            id::TLS_OBSOLETE_PROTOCOL
        } else {
            id::TLS_HANDSHAKE_FAILED
        };
        return Some(place.finding(id, what, 0));
    }
    let refused = dialogue
        .reply(Stage::StartTls)
        .filter(|said| !said.reply.is_positive());
    if let Some(said) = refused {
        return Some(place.finding(id::TLS_HANDSHAKE_FAILED, &words(&said.reply), 0));
    }
    let offered = dialogue.offered.as_ref()?;
    (!offered.has("STARTTLS") && offered.masked_keywords().is_empty()).then(|| {
        place.finding(
            id::TLS_NOT_OFFERED,
            "no STARTTLS among the EHLO keywords",
            0,
        )
    })
}

fn defects(place: &Place<'_>) -> Option<Finding> {
    Some(malformed(place, &defect(place.dialogue)?))
}

/// The first thing in the replies that other mail servers stumble over.
pub(super) fn defect(dialogue: &Dialogue) -> Option<String> {
    let greeting = dialogue.greeting.as_ref().map(|(reply, _)| reply);
    // A greeting without any code is no SMTP at all, which is said elsewhere.
    if greeting.is_some_and(|reply| reply.code.is_none()) {
        return None;
    }
    let replies = greeting
        .into_iter()
        .chain(dialogue.said.iter().map(|said| &said.reply));
    let in_reply = replies
        .flat_map(|reply| reply.defects.iter().map(move |defect| (reply, defect)))
        .find(|(_, defect)| SERIOUS.contains(defect))
        .map(|(reply, defect)| format!("{defect}: {}", words(reply)));
    let unasked = || {
        let before_quit = dialogue
            .said
            .iter()
            .take_while(|said| said.stage != Stage::Quit);
        before_quit
            .filter(|said| said.stage == Stage::Unknown && !said.reply.is(421))
            .map(|said| format!("a reply to no command: {}", words(&said.reply)))
            .next()
    };
    let in_clear = || {
        let clear = dialogue.clear_behind_starttls.as_ref()?;
        Some(format!(
            "more in clear behind the answer to STARTTLS: {clear}"
        ))
    };
    in_reply.or_else(unasked).or_else(in_clear)
}

fn malformed(place: &Place<'_>, what: &str) -> Finding {
    place.finding(id::SMTP_MALFORMED_REPLY, what, 0)
}

/// Columns of the server's words in one sentence; the whole stands in the transcript.
const WORDS: usize = 240;

/// The server's own words, shortened behind a word.
pub(in crate::check) fn words(reply: &Reply) -> String {
    let lines: Vec<&str> = reply.lines.iter().map(|line| line.shown.as_str()).collect();
    let all = lines.join(" / ");
    match crate::text::wrapped(&all, WORDS).as_slice() {
        [first, _, ..] => format!("{first} …"),
        _ => all,
    }
}

pub(super) fn ended_words(ended: &EventKind) -> String {
    match ended {
        EventKind::TimedOut { stage, after, .. } => {
            format!("{stage} did not come within {} s", after.as_secs())
        }
        EventKind::Closed { during, .. } => match during {
            Some(stage) => format!("the connection ended while {stage} was awaited"),
            None => "the connection ended".to_owned(),
        },
        EventKind::TlsFailed { what } => format!("the TLS handshake failed: {what}"),
        EventKind::Error(error) => error.to_string(),
        _ => "the session ended".to_owned(),
    }
}

/// In one line, what the session came to: for the row.
pub(in crate::check) fn outcome(dialogue: &Dialogue) -> String {
    match (&dialogue.connected, &dialogue.greeting) {
        (Err(error), _) => error.to_string(),
        (Ok(_), None) => dialogue
            .ended
            .as_ref()
            .map_or_else(|| "connected".to_owned(), ended_words),
        (Ok(_), Some((greeting, _))) if !greeting.is_positive() => words(greeting),
        (Ok(_), Some((greeting, _))) => {
            let refused = dialogue.said.iter().rev().find(|said| {
                !dialogue.is_usable() && said.stage != Stage::Quit && !said.reply.is_positive()
            });
            let refused = refused.map(|said| words(&said.reply));
            refused
                .or_else(|| dialogue.broken_off().map(ended_words))
                .or_else(|| dialogue.shut_down().map(|said| words(&said.reply)))
                .unwrap_or_else(|| words(greeting))
        }
    }
}
