//! The explanation for people: who did not get it, why, whose move it is, what to do.

use super::Explained;
use crate::bounce::Lead;
use crate::report::{CameBack, Delivery};
use crate::text::{SafeText, wrapped};
use crate::trace::plain;

const WIDTH: usize = 80;

pub(super) fn of(explained: &[Explained]) -> String {
    let mut out = String::new();
    let several = explained.len() > 1;
    for element in explained {
        if let Some(file) = element.file.as_deref().filter(|_| several) {
            line(&mut out, "", &format!("== {}", SafeText::from(file)));
        }
        if element.told.kind == "not-a-bounce" {
            line(&mut out, "", "This is no report about a delivery.");
            out.push('\n');
        }
        for delivery in &element.told.deliveries {
            one(&mut out, &element.told, delivery);
        }
        if let Some(trace) = &element.trace {
            line(&mut out, "", "The way of the message:");
            for shown in plain(trace, WIDTH) {
                out.push_str(&shown);
                out.push('\n');
            }
            out.push('\n');
        }
        if let Some(lead) = &element.told.lead {
            further(&mut out, lead);
        }
    }
    out
}

fn one(out: &mut String, told: &CameBack, delivery: &Delivery) {
    if let Some(headline) = told.headline(delivery) {
        line(out, "", &headline);
        if let Some(said) = delivery.said() {
            line(out, "  ", &said);
        }
        if !delivery.explanation.is_empty() {
            line(out, "  ", &format!("Why: {}", delivery.why()));
        }
    } else {
        line(out, "", &delivery.diagnostic);
        if !delivery.explanation.is_empty() {
            line(out, "  ", &format!("Why: {}", delivery.explanation));
        }
    }
    if !delivery.fix.is_empty() {
        line(out, "  ", &format!("To do: {}", delivery.fix));
    }
    if told.headline(delivery).is_none() {
        line(out, "  ", &format!("({})", delivery.source));
    }
    out.push('\n');
}

/// The commands that go on from a bounce.
fn further(out: &mut String, lead: &Lead) {
    let target = lead.target().filter(|target| is_word(target));
    let host = lead.host.as_ref().filter(|host| is_word(host));
    if let Some(target) = target {
        let whose = if lead.check_sender {
            "the sender's domain is what was refused"
        } else {
            "the domain to which mail fails"
        };
        line(
            out,
            "",
            &format!("Go on: smtp-tui check {target}  ({whose})"),
        );
    }
    if let Some(host) = host {
        line(
            out,
            "",
            &format!("Go on: smtp-tui session {host}  (the host that refused)"),
        );
    }
    if target.or(host).is_some() {
        out.push('\n');
    }
}

/// Whether a shell takes it as one word, so that the command can be copied.
fn is_word(text: &str) -> bool {
    text.chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '@' | '+' | ':'))
        && !text.starts_with('-')
}

fn line(out: &mut String, indent: &str, text: &str) {
    for part in wrapped(text, WIDTH - indent.len()) {
        out.push_str(indent);
        out.push_str(&part);
        out.push('\n');
    }
}
