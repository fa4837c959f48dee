//! What the answers to the envelope mean: MAIL FROM and RCPT TO with the user's addresses.

use super::dialogue::{Dialogue, Said};
use super::fault::words;
use super::judge::Place;
use crate::case::Finding;
use crate::check::mx::{MxSet, Pointer};
use crate::check::{Observations, Request};
use crate::knowledge::code::ReplyClass;
use crate::knowledge::explain::{self, Question};
use crate::knowledge::finding::{FindingId, Service, Severity, id};
use crate::net::dns::Name;
use crate::smtp::Stage;
use std::net::IpAddr;

/// The verdict on the envelope by the hosts that senders would use: those of the lowest
/// preference that can be used at all.
pub(super) fn judge(request: &Request, set: &MxSet, seen: &Observations) -> Vec<Finding> {
    let usable: Vec<(&Pointer, &(Name, IpAddr), &Dialogue)> = set
        .pointers()
        .iter()
        .flat_map(|pointer| {
            seen.smtp
                .port25
                .iter()
                .filter(move |((host, _), dialogue)| {
                    *host == pointer.target && dialogue.is_usable()
                })
                .map(move |(place, dialogue)| (pointer, place, dialogue))
        })
        .collect();
    let Some(first) = usable.iter().map(|(pointer, ..)| pointer.preference).min() else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let mut accepted = false;
    for (pointer, (host, address), dialogue) in usable {
        if pointer.preference != first {
            continue;
        }
        let place = Place {
            request,
            host,
            address: *address,
            port: 25,
            service: Service::Transfer,
            dialogue,
            starttls: None,
        };
        match refusal(dialogue) {
            Some(said) => findings.push(refused(&place, said)),
            None => accepted |= dialogue.reply(Stage::Rcpt).is_some(),
        }
    }
    if accepted {
        // Equals are tried in any order, so the mail fails for some.
        for finding in &mut findings {
            finding.severity = finding.severity.min(Severity::Warning);
        }
    }
    findings
}

/// The reply that refused the envelope, if one did.
fn refusal(dialogue: &Dialogue) -> Option<&Said> {
    [Stage::Mail, Stage::Rcpt]
        .into_iter()
        .filter_map(|stage| dialogue.reply(stage))
        .find(|said| !said.reply.is_positive())
}

fn refused(place: &Place<'_>, said: &Said) -> Finding {
    let text = said
        .reply
        .lines
        .iter()
        .map(|line| line.text.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    let explanation = explain::explain(&Question {
        text: &text,
        code: said.reply.code,
        enhanced: said.reply.enhanced,
        stage: said.stage,
    });
    let temporary = said.reply.class() == Some(ReplyClass::Transient);
    let id = explanation
        .finding
        .filter(|id| id.as_str().starts_with("rcpt."))
        .unwrap_or_else(|| by_stage(said.stage, temporary));
    let finding = place.finding(id, &words(&said.reply), 0);
    // What the server calls temporary, senders try again: it is late, not lost.
    let severity = match (temporary, id.entry().severity) {
        (true, _) => Severity::Warning,
        (false, Severity::Warning | Severity::Error) => Severity::Error,
        (false, severity) => severity,
    };
    finding.severity(severity)
}

/// How bad the answer to the envelope is; none where it was taken, or none was sent.
pub(super) fn refusal_severity(dialogue: &Dialogue) -> Option<Severity> {
    let said = refusal(dialogue)?;
    Some(if said.reply.class() == Some(ReplyClass::Transient) {
        Severity::Warning
    } else {
        Severity::Error
    })
}

/// Where neither words nor codes say more.
fn by_stage(stage: Stage, temporary: bool) -> FindingId {
    match (stage, temporary) {
        (_, true) => id::RCPT_SYSTEM_TROUBLE,
        (Stage::Mail, false) => id::RCPT_SENDER_REJECTED,
        (_, false) => id::RCPT_CONTENT_REJECTED,
    }
}
