//! The explanation for people: who did not get it, why, whose move it is, what to do.

use super::{Delivery, Explained};
use crate::text::{SafeText, wrapped};

const WIDTH: usize = 80;

pub(super) fn of(explained: &[Explained]) -> String {
    let mut out = String::new();
    let several = explained.len() > 1;
    for element in explained {
        if let Some(file) = element.file.as_deref().filter(|_| several) {
            line(&mut out, "", &format!("== {}", SafeText::from(file)));
        }
        if element.kind == "not-a-bounce" {
            line(&mut out, "", "This is no report about a delivery.");
            out.push('\n');
        }
        for delivery in &element.deliveries {
            one(&mut out, element.kind, delivery);
        }
    }
    out
}

fn one(out: &mut String, kind: &str, delivery: &Delivery) {
    let headline = headline(kind, delivery);
    match &headline {
        Some(headline) => line(out, "", headline),
        None => line(out, "", &delivery.diagnostic),
    }
    if headline.is_some() && !delivery.diagnostic.is_empty() {
        let host = delivery
            .remote_host
            .as_ref()
            .map_or_else(String::new, |host| format!("{host}: "));
        line(out, "  ", &format!("{host}{}", delivery.diagnostic));
    }
    let reason = delivery
        .reason
        .filter(|_| headline.is_some())
        .map_or_else(String::new, |reason| format!(" [{reason}]"));
    if !delivery.explanation.is_empty() {
        line(out, "  ", &format!("Why: {}{reason}", delivery.explanation));
    }
    if !delivery.fix.is_empty() {
        line(out, "  ", &format!("To do: {}", delivery.fix));
    }
    if headline.is_none() {
        line(out, "  ", &format!("({})", delivery.source));
    }
    out.push('\n');
}

/// What became of the message, in one line; none for a reply or a code.
fn headline(kind: &str, delivery: &Delivery) -> Option<String> {
    let who = delivery
        .recipient
        .as_ref()
        .map_or("a recipient that the report does not name", |who| {
            who.as_str()
        });
    let was = delivery
        .original_recipient
        .as_ref()
        .filter(|was| delivery.recipient.as_ref() != Some(was))
        .map_or_else(String::new, |was| format!(" (sent to {was})"));
    match kind {
        "arf" => Some(format!("Complaint: {who} marked the message as spam")),
        "vacation" => Some(format!("Automatic answer of {who}")),
        "bounce" | "log" => Some(match delivery.action {
            Some("delayed") => format!("Not yet delivered to {who}{was}"),
            Some("delivered" | "relayed" | "expanded") => format!("Delivered to {who}{was}"),
            _ => {
                let lasting = match delivery.permanent {
                    Some(true) => ", for good",
                    Some(false) => ", though a later attempt may work",
                    None => "",
                };
                format!("Not delivered to {who}{was}{lasting}")
            }
        }),
        _ => None,
    }
}

fn line(out: &mut String, indent: &str, text: &str) {
    for part in wrapped(text, WIDTH - indent.len()) {
        out.push_str(indent);
        out.push_str(&part);
        out.push('\n');
    }
}
