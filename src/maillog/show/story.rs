//! One message's whole story as a text.

use super::COLUMNS;
use crate::maillog::{Action, Delivery, Story};
use crate::text::wrapped;
use std::fmt::Write as _;

impl Action {
    /// What became of a recipient, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Delayed => "put off",
            Self::Failed => "failed",
        }
    }
}

impl Delivery {
    /// Who, what became of it, by whom, why: `a@b.example: failed by mx[192.0.2.1], blocked`.
    pub fn outcome(&self) -> String {
        let recipient = self.recipient.as_deref().unwrap_or("all recipients");
        let reason = self
            .reason
            .as_ref()
            .map_or_else(String::new, |reason| format!(", {reason}"));
        let host = self
            .remote_host
            .as_ref()
            .map_or_else(String::new, |host| format!(" by {host}"));
        format!("{recipient}: {}{host}{reason}", self.action.words())
    }

    /// What is to be done, and whose move it is.
    pub fn to_do(&self) -> String {
        let whose = self
            .whose
            .map_or_else(String::new, |whose| format!(" [{}]", whose.words()));
        format!("{}{whose}", self.fix)
    }
}

impl Story {
    /// Which message it is, and where it is now.
    pub fn title(&self) -> String {
        if self.id.as_str() == Self::AT_THE_DOOR {
            return "Turned away at the door".to_owned();
        }
        let state = if self.ended {
            "left the queue"
        } else {
            "in the queue at the end of the log"
        };
        format!("Message {} ({state})", self.id)
    }

    /// For a terminal: every recipient with what to do, then the lines of the log.
    pub fn text(&self) -> String {
        let mut out = self.title() + "\n";
        for delivery in &self.deliveries {
            let _ = writeln!(out, "  {}", delivery.outcome());
            if delivery.action == Action::Delivered {
                continue;
            }
            for (label, text) in [
                ("Why", delivery.explanation.clone()),
                ("To do", delivery.to_do()),
            ] {
                for line in wrapped(&format!("{label}: {text}"), COLUMNS - 6) {
                    let _ = writeln!(out, "      {line}");
                }
            }
        }
        // Lines are not folded: they can be copied and searched for.
        for line in &self.lines {
            let _ = writeln!(out, "  | {line}");
        }
        out
    }
}
