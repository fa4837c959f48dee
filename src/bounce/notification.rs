//! Amazon SES tells of bounces in JSON, by mail through SNS.

use super::document::{Document, Kind, cut};
use super::judge::{Told, tell, told};
use super::{Action, Delivery, Report};
use crate::knowledge::reason::{Reason, id};
use crate::knowledge::stage::Stage;
use serde_json::Value;

/// Octets of words of one recipient.
const LONGEST: usize = 8_192;
/// Recipients that are read from one notification.
const MOST: usize = 1_000;

/// A notification in the first part of text, if it is one.
pub(super) fn read(document: &Document) -> Option<Report> {
    let text = document.of_kind(Kind::Text).next()?;
    let start = text.find('{')?;
    let json = text.get(start..)?;
    if !json.contains("notificationType") && !json.contains("eventType") {
        return None;
    }
    let parse = |json: &str| {
        let mut values = serde_json::Deserializer::from_str(json).into_iter::<Value>();
        values.next()?.ok()
    };
    // Long lines were folded on the way, by Sendmail with a `!` before the line end.
    let unfolded = || {
        json.replace("!\n ", "")
            .replace("\n ", "")
            .replace('\n', "")
    };
    let outer = parse(json).or_else(|| parse(&unfolded()))?;
    // SNS wraps the notification in a string.
    let inner: Option<Value> = outer
        .get("Message")
        .and_then(Value::as_str)
        .and_then(|text| serde_json::from_str(text).ok());
    let told = inner.as_ref().unwrap_or(&outer);
    let kind = ["notificationType", "eventType"]
        .iter()
        .find_map(|name| told.get(name)?.as_str())?;
    match kind {
        "Bounce" => Some(bounce(told.get("bounce")?)),
        "Complaint" => Some(simple(
            told.get("complaint")?,
            "complainedRecipients",
            id::FEEDBACK,
        )),
        "Delivery" => Some(delivered(told.get("delivery")?)),
        _ => None,
    }
}

fn bounce(bounce: &Value) -> Report {
    let word = |name: &str| bounce.get(name).and_then(Value::as_str).unwrap_or_default();
    let suppressed = word("bounceSubType").contains("uppress");
    let transient = word("bounceType").eq_ignore_ascii_case("transient");
    let deliveries = list(bounce, "bouncedRecipients").map(|entry| {
        let word = |name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default();
        let recipient = Some(word("emailAddress")).filter(|address| !address.is_empty());
        let words = word("diagnosticCode");
        let words = words.strip_prefix("smtp;").unwrap_or(words).trim();
        if suppressed {
            return told(id::SUPPRESSED, recipient, words);
        }
        tell(&Told {
            recipient: recipient.map(str::to_owned),
            action: Action::of(word("action")).or(Some(if transient {
                Action::Delayed
            } else {
                Action::Failed
            })),
            status: word("status").parse().ok(),
            diagnostic: cut(words, LONGEST).to_owned(),
            stage: Stage::Unknown,
            ..Told::default()
        })
    });
    Report {
        kind: super::Kind::Bounce,
        deliveries: deliveries.collect(),
    }
}

fn delivered(delivery: &Value) -> Report {
    let words = delivery
        .get("smtpResponse")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let deliveries = list(delivery, "recipients")
        .filter_map(Value::as_str)
        .map(|recipient| {
            tell(&Told {
                recipient: Some(recipient.to_owned()),
                action: Some(Action::Delivered),
                diagnostic: cut(words, LONGEST).to_owned(),
                ..Told::default()
            })
        });
    Report {
        kind: super::Kind::Bounce,
        deliveries: deliveries.collect(),
    }
}

fn simple(complaint: &Value, name: &str, reason: Reason) -> Report {
    let deliveries: Vec<Delivery> = list(complaint, name)
        .filter_map(|entry| entry.get("emailAddress")?.as_str())
        .map(|recipient| told(reason, Some(recipient), ""))
        .collect();
    Report {
        kind: super::Kind::Complaint,
        deliveries,
    }
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .take(MOST)
}
