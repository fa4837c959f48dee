//! What the answers to the envelope mean: MAIL FROM and RCPT TO with the user's addresses.

use super::Asked;
use super::dialogue::{Dialogue, Said};
use super::fault::{broken, words};
use super::judge::Place;
use crate::case::Finding;
use crate::check::mx::{MxSet, reachable_addresses};
use crate::check::{Observations, Request};
use crate::knowledge::code::ReplyClass;
use crate::knowledge::explain::{self, Question};
use crate::knowledge::finding::{FindingId, Severity, id};
use crate::smtp::Stage;
use crate::smtp::reply::Reply;

/// What a refusal before the envelope can say of the client.
const ABOUT_CLIENT: [FindingId; 4] = [
    id::RCPT_CLIENT_BLOCKED,
    id::RCPT_CLIENT_NO_PTR,
    id::RCPT_RATE_LIMITED,
    id::RCPT_GREYLISTED,
];

/// The verdict on the envelope by the hosts that senders would use: those of the lowest
/// preference that can be used at all.
pub(super) fn judge(request: &Request, set: &MxSet, seen: &Observations) -> Vec<Finding> {
    let places = places(request, set, seen);
    let usable = || {
        places
            .iter()
            .filter(|(_, place)| place.dialogue.is_usable())
    };
    let Some(first) = usable().map(|(preference, _)| *preference).min() else {
        return places
            .iter()
            .filter_map(|(_, place)| turned_away(place))
            .collect();
    };
    let mut findings = Vec::new();
    let mut accepted = false;
    for (_, place) in usable().filter(|(preference, _)| *preference == first) {
        match refusal(place.dialogue) {
            Some(said) => findings.push(refused(place, said)),
            None if place.dialogue.leaves_open() => findings.extend(unanswered(place)),
            None => accepted |= place.dialogue.rcpt(Asked::Recipient).is_some(),
        }
    }
    if accepted {
        // Equals are tried in any order, so the mail fails for some.
        for finding in &mut findings {
            finding.severity = finding.severity.min(Severity::Warning);
        }
    }
    for (_, place) in usable().filter(|(preference, _)| *preference != first) {
        if place.dialogue.leaves_open() && refusal(place.dialogue).is_none() {
            findings.extend(unanswered(place).map(|found| found.severity(Severity::Warning)));
        }
    }
    // These hold for each host by itself, whatever its preference.
    for (_, place) in usable() {
        findings.extend(postmaster_refused(place));
        findings.extend(open_relay(place));
    }
    findings
}

/// Every place that was tried, with the preference of its host.
fn places<'a>(request: &'a Request, set: &MxSet, seen: &'a Observations) -> Vec<(u16, Place<'a>)> {
    let mut places = Vec::new();
    for pointer in set.pointers() {
        let addresses = reachable_addresses(seen, &pointer.target);
        let of_host =
            seen.smtp.port25.iter().filter(|((host, address), _)| {
                *host == pointer.target && addresses.contains(address)
            });
        for ((host, address), dialogue) in of_host {
            let place = Place::transfer(request, seen, host, *address, dialogue);
            places.push((pointer.preference, place));
        }
    }
    places
}

/// The reply that refused the sender or the recipient, if one did.
fn refusal(dialogue: &Dialogue) -> Option<&Said> {
    let mail = dialogue.reply(Stage::Mail);
    mail.into_iter()
        .chain(dialogue.rcpt(Asked::Recipient))
        .find(|said| !said.reply.is_positive())
}

/// The session was over before the recipient had an answer.
fn unanswered(place: &Place<'_>) -> Option<Finding> {
    let dialogue = place.dialogue;
    if let Some(said) = dialogue.shut_down() {
        return Some(refused(place, said));
    }
    let ended = dialogue.broken_off()?;
    Some(broken(place, ended))
}

/// What a refusal of the envelope comes to.
fn concluded(reply: &Reply, stage: Stage) -> FindingId {
    if matches!(reply.class(), None | Some(ReplyClass::Intermediate)) {
        return id::SMTP_MALFORMED_REPLY;
    }
    let id = explained(reply, stage).unwrap_or_else(|| by_stage(reply, stage));
    // Before a recipient was named, the address that nobody has is the sender's.
    let about_address = [id::RCPT_USER_UNKNOWN, id::RCPT_MAILBOX_DISABLED].contains(&id);
    if stage == Stage::Mail && about_address {
        id::RCPT_SENDER_REJECTED
    } else {
        id
    }
}

/// The finding that words or codes name.
fn explained(reply: &Reply, stage: Stage) -> Option<FindingId> {
    let text = reply
        .lines
        .iter()
        .map(|line| line.text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let explanation = explain::explain(&Question {
        text: &text,
        code: reply.code,
        enhanced: reply.enhanced,
        stage,
    });
    explanation
        .finding
        .filter(|id| id.as_str().starts_with("rcpt."))
}

/// Where neither words nor codes say more.
fn by_stage(reply: &Reply, stage: Stage) -> FindingId {
    let permanent = reply.class() == Some(ReplyClass::Permanent);
    let about_mailbox =
        reply.enhanced.is_none() && [550, 551, 553].iter().any(|code| reply.is(*code));
    match stage {
        _ if !permanent => id::RCPT_SYSTEM_TROUBLE,
        Stage::Mail => id::RCPT_SENDER_REJECTED,
        // What these numbers say of a recipient (RFC 5321 section 4.2.3).
        Stage::Rcpt if about_mailbox => id::RCPT_USER_UNKNOWN,
        _ => id::RCPT_CONTENT_REJECTED,
    }
}

/// What the server calls temporary, senders try again: it is late, not lost.
fn severity_of(reply: &Reply) -> Severity {
    if reply.class() == Some(ReplyClass::Transient) {
        Severity::Warning
    } else {
        Severity::Error
    }
}

fn refused(place: &Place<'_>, said: &Said) -> Finding {
    let id = concluded(&said.reply, said.stage);
    let finding = place
        .finding(id, &words(&said.reply), 0)
        .severity(severity_of(&said.reply));
    let Some((after, later)) = &place.dialogue.later else {
        return finding;
    };
    let after = after.as_secs();
    finding.evidence(match later {
        Some(later) if later.reply.is_positive() => {
            format!(
                "asked once more after {after} s, it took the recipient: {}",
                words(&later.reply)
            )
        }
        Some(later) => format!("asked once more after {after} s: {}", words(&later.reply)),
        None => format!("asked once more after {after} s, it gave no answer to the recipient"),
    })
}

/// The client itself was sent away in the greeting or in the answer to its hello, and the words
/// say why. The mail of the case fails by that.
fn turned_away(place: &Place<'_>) -> Option<Finding> {
    place.request.to.as_ref()?;
    let dialogue = place.dialogue;
    let greeting = dialogue
        .greeting
        .as_ref()
        .map(|(reply, _)| (reply, Stage::Connect));
    let hello = || {
        let said = dialogue
            .reply(Stage::Helo)
            .or(dialogue.reply(Stage::Ehlo))?;
        Some((&said.reply, said.stage))
    };
    let (reply, stage) = greeting
        .filter(|(reply, _)| !reply.is_positive())
        .or_else(hello)
        .filter(|(reply, _)| !reply.is_positive())?;
    let id = explained(reply, stage).filter(|id| ABOUT_CLIENT.contains(id))?;
    Some(
        place
            .finding(id, &words(reply), 0)
            .severity(severity_of(reply)),
    )
}

/// Postmaster is refused for being postmaster: not with everybody, for what the sender is.
fn postmaster_refused(place: &Place<'_>) -> Option<Finding> {
    let dialogue = place.dialogue;
    let recipient = dialogue.rcpt(Asked::Recipient);
    let is_recipient = place.request.to.as_ref().is_some_and(|to| {
        to.to_string()
            .eq_ignore_ascii_case(&format!("postmaster@{}", place.request.domain_shown()))
    });
    let said = if is_recipient {
        recipient
    } else {
        dialogue.rcpt(Asked::Postmaster)
    }?;
    let permanent = said.reply.class() == Some(ReplyClass::Permanent);
    let others_are_taken = recipient.is_some_and(|said| said.reply.is_positive());
    let about_mailbox = [id::RCPT_USER_UNKNOWN, id::RCPT_MAILBOX_DISABLED]
        .contains(&concluded(&said.reply, Stage::Rcpt));
    (permanent && (others_are_taken || about_mailbox))
        .then(|| place.finding(id::RCPT_POSTMASTER_REJECTED, &words(&said.reply), 0))
}

/// The host takes mail from elsewhere to elsewhere.
fn open_relay(place: &Place<'_>) -> Option<Finding> {
    let dialogue = place.dialogue;
    let asked = if dialogue.recipient_elsewhere {
        Asked::Recipient
    } else {
        Asked::Relay
    };
    let said = dialogue
        .rcpt(asked)
        .filter(|said| said.reply.is_positive())?;
    Some(place.finding(id::RCPT_OPEN_RELAY, &words(&said.reply), 0))
}

/// Whether the recipient was put off by greylisting, which a second attempt confirms.
pub(super) fn is_put_off(dialogue: &Dialogue) -> bool {
    refusal(dialogue).is_some_and(|said| {
        severity_of(&said.reply) == Severity::Warning
            && concluded(&said.reply, said.stage) == id::RCPT_GREYLISTED
    })
}

/// How bad the answer to the envelope is; none where it was taken, or none was sent.
pub(super) fn refusal_severity(dialogue: &Dialogue) -> Option<Severity> {
    refusal(dialogue).map(|said| severity_of(&said.reply))
}
