//! Reports that are no bounces: complaints (RFC 5965) and automatic answers (RFC 3834).

use super::document::{Document, Kind};
use super::told::told;
use super::{Delivery, Report, address, evidence};
use crate::knowledge::reason::{Reason, id};

/// Recipients that are read from one complaint.
const MOST: usize = 1_000;

/// A complaint about a message: somebody marked it as spam.
pub(super) fn complaint(document: &Document) -> Option<Report> {
    let feedback: Vec<_> = document.of_kind(Kind::Feedback).collect();
    if feedback.is_empty() && !is_old_complaint(document) {
        return None;
    }
    let mut recipients: Vec<String> = Vec::new();
    for line in feedback.iter().flat_map(|text| text.lines()) {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if ["original-rcpt-to", "removal-recipient", "redacted-address"]
            .iter()
            .any(|known| name.trim().eq_ignore_ascii_case(known))
        {
            add(&mut recipients, address::all(value));
        }
    }
    if let Some(value) = document.header("x-hmxmroriginalrecipient") {
        add(&mut recipients, address::all(value));
    }
    if recipients.is_empty() {
        let own = evidence::own(document);
        let to = evidence::addresses(document, &own, "to");
        add(&mut recipients, to.iter().map(String::as_str));
    }
    let words = document
        .of_kind(Kind::Text)
        .flat_map(str::lines)
        .find(|line| !line.trim().is_empty())
        .unwrap_or_default()
        .trim()
        .to_owned();
    Some(Report {
        kind: super::Kind::Complaint,
        deliveries: deliveries(id::FEEDBACK, &recipients, &words),
    })
}

fn add<'a>(recipients: &mut Vec<String>, found: impl Iterator<Item = &'a str>) {
    for address in found {
        let known = recipients.iter().any(|known| address::same(known, address));
        if !known && recipients.len() < MOST {
            recipients.push(address.to_owned());
        }
    }
}

/// Hotmail's junk reports, which are no multipart/report.
fn is_old_complaint(document: &Document) -> bool {
    let is_from = |header: &str| {
        document
            .header(header)
            .is_some_and(|from| from.to_ascii_lowercase().contains("staff@hotmail.com"))
    };
    document.header("x-hmxmroriginalrecipient").is_some()
        || (is_from("from")
            && document
                .subject
                .to_ascii_lowercase()
                .starts_with("complaint about"))
}

/// An automatic answer of somebody who is away.
pub(super) fn vacation(document: &Document) -> Option<Report> {
    let has = |name: &str| document.header(name).is_some();
    let says = |name: &str, words: &[&str]| {
        document.header(name).is_some_and(|value| {
            let value = value.to_ascii_lowercase();
            words.iter().any(|word| value.contains(word))
        })
    };
    let subject = document.subject.trim().to_lowercase();
    let by_header = says("auto-submitted", &["auto-replied"])
        || has("x-autoreply")
        || has("x-autorespond")
        || has("x-autoresponder")
        || has("x-vacation")
        || says("x-apple-action", &["vacation"])
        || says("precedence", &["auto_reply", "auto-reply"])
        || says("x-ms-exchange-inbox-rules-loop", &["@"]) && subject.contains("automatic");
    let by_subject = SUBJECTS.iter().any(|begin| subject.starts_with(begin));
    if !by_header && !by_subject {
        return None;
    }
    let sender = ["from", "reply-to", "return-path"]
        .iter()
        .find_map(|name| document.header(name).and_then(address::first));
    let recipients: Vec<String> = sender.map(str::to_owned).into_iter().collect();
    let words = document
        .of_kind(Kind::Text)
        .flat_map(str::lines)
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(8)
        .collect::<Vec<_>>()
        .join(" ");
    Some(Report {
        kind: super::Kind::Vacation,
        deliveries: deliveries(id::VACATION, &recipients, &words),
    })
}

const SUBJECTS: [&str; 24] = [
    "automatic reply:",
    "auto:",
    "autoreply",
    "auto-reply",
    "auto reply",
    "out of office",
    "out of the office",
    "out-of-office",
    "ooo:",
    "vacation",
    "i am away",
    "i'm away",
    "away from",
    "abwesenheit",
    "automatische antwort",
    "abwesend",
    "réponse automatique",
    "reponse automatique",
    "respuesta automática",
    "risposta automatica",
    "resposta automática",
    "automatisch antwoord",
    "自動応答",
    "автоответ",
];

fn deliveries(reason: Reason, recipients: &[String], words: &str) -> Vec<Delivery> {
    if recipients.is_empty() {
        return vec![told(reason, None, words)];
    }
    recipients
        .iter()
        .map(|recipient| told(reason, Some(recipient), words))
        .collect()
}
