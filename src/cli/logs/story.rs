//! One message's whole story.

use super::super::exit::{self, Failure};
use super::super::written;
use super::{Format, json};
use crate::maillog::{Action, Delivery, Story};
use crate::text::{SafeText, wrapped};
use std::fmt::Write as _;
use std::process::ExitCode;

const COLUMNS: usize = 80;

pub(super) fn told(format: Format, wanted: &str, stories: &[Story]) -> Result<ExitCode, Failure> {
    if stories.is_empty() {
        let wanted = SafeText::from(wanted);
        return Err(
            Failure::new(exit::NO_INPUT, format!("no message fits `{wanted}`"))
                .hint("a queue id, a Message-ID or an address, as the log has it"),
        );
    }
    let out = match format {
        Format::Json => json(format, &stories)?,
        Format::Jsonl => stories
            .iter()
            .map(|story| json(format, story))
            .collect::<Result<_, _>>()?,
        Format::Text | Format::Markdown => stories.iter().map(text).collect(),
    };
    written(out.as_bytes())
}

fn text(story: &Story) -> String {
    let state = if story.ended {
        "left the queue"
    } else {
        "in the queue at the end of the log"
    };
    let mut out = if story.id.as_str() == "NOQUEUE" {
        "Turned away at the door\n".to_owned()
    } else {
        format!("Message {} ({state})\n", story.id)
    };
    for delivery in &story.deliveries {
        out += &outcome(delivery);
    }
    // Lines are not folded: they can be copied and searched for.
    for line in &story.lines {
        let _ = writeln!(out, "  | {line}");
    }
    out.push('\n');
    out
}

fn outcome(delivery: &Delivery) -> String {
    let recipient = delivery.recipient.as_deref().unwrap_or("all recipients");
    let was = match delivery.action {
        Action::Delivered => "delivered",
        Action::Delayed => "put off",
        Action::Failed => "failed",
    };
    let reason = delivery
        .reason
        .as_ref()
        .map_or_else(String::new, |reason| format!(", {reason}"));
    let host = delivery
        .remote_host
        .as_ref()
        .map_or_else(String::new, |host| format!(" by {host}"));
    let mut out = format!("  {recipient}: {was}{host}{reason}\n");
    if delivery.action == Action::Delivered {
        return out;
    }
    let mut say = |text: &str| {
        for line in wrapped(text, COLUMNS - 6) {
            let _ = writeln!(out, "      {line}");
        }
    };
    say(&format!("Why: {}", delivery.explanation));
    let whose = delivery
        .whose
        .map_or_else(String::new, |whose| format!(" [{}]", whose.words()));
    say(&format!("To do: {}{whose}", delivery.fix));
    out
}
