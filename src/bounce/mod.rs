//! Bounces: what mail systems wrote back, read as it comes. Who did not get what, and why.
//!
//! Pure: octets in, a [`Report`] out, whatever the octets are. A report is read in four steps:
//! [`mailbox`] parts an mbox and evens out line ends; [`document`] takes a message apart, by
//! the MIME library; [`status`] reads delivery status fields (RFC 3464), [`narrative`] plain
//! words, by the phrases of `assets/bounces`; [`judge`] puts both together, and [`told`] asks
//! [`crate::knowledge::explain`] what the server's own words mean.

mod address;
mod document;
mod evidence;
mod judge;
mod kinds;
mod lead;
mod mailbox;
mod narrative;
mod notification;
mod phrases;
mod status;
mod told;
mod words;

#[cfg(test)]
mod tests;

pub use lead::{Lead, is_about_sender, lead};

use crate::knowledge::code::{EnhancedCode, ReplyCode};
use crate::knowledge::explain::Whose;
use crate::knowledge::finding::FindingId;
use crate::knowledge::reason::Reason;
use crate::knowledge::stage::Stage;
use crate::text::SafeText;
use serde::Serialize;

/// What a message, or a mailbox of them, turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A report that a message was not delivered, is late, or was delivered.
    Bounce,
    /// A complaint report (RFC 5965).
    #[serde(rename = "arf")]
    Complaint,
    /// An automatic answer of a recipient.
    Vacation,
    NotABounce,
}

/// What was done with the message (RFC 3464 section 2.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Failed,
    Delayed,
    Delivered,
    Relayed,
    Expanded,
}

impl Action {
    fn of(text: &str) -> Option<Self> {
        let word = text.trim().split([' ', '\t', '(', ';', ',']).next()?;
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        if is("failed") || is("failure") || is("error") || is("fail") {
            Some(Self::Failed)
        } else if is("delayed") || is("delay") || is("deferred") {
            Some(Self::Delayed)
        } else if is("delivered") || is("deliverable") {
            Some(Self::Delivered)
        } else if is("relayed") {
            Some(Self::Relayed)
        } else if is("expanded") {
            Some(Self::Expanded)
        } else {
            None
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Delayed => "delayed",
            Self::Delivered => "delivered",
            Self::Relayed => "relayed",
            Self::Expanded => "expanded",
        }
    }
}

/// What became of a message for one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The address that failed, after forwarding and aliases.
    pub recipient: Option<SafeText>,
    /// The address that the message was sent to, where the report tells it apart.
    pub original: Option<SafeText>,
    pub action: Option<Action>,
    pub reply_code: Option<ReplyCode>,
    pub enhanced_code: Option<EnhancedCode>,
    /// The command that was refused, as far as the report tells.
    pub stage: Stage,
    pub reason: Reason,
    /// Whether the same again will fail again; none for what is no failure.
    pub permanent: Option<bool>,
    pub finding: Option<FindingId>,
    pub remote_host: Option<SafeText>,
    /// The server's own words, or what stands in their place.
    pub diagnostic: SafeText,
    pub explanation: String,
    pub whose: Whose,
    pub fix: String,
    /// Where the explanation comes from.
    pub source: String,
}

impl Delivery {
    /// A hard bounce: the address itself is no good, and is to be taken off a list.
    pub fn is_hard(&self) -> bool {
        match self.reason.as_str() {
            "userunknown" | "hostunknown" | "hasmoved" => self.permanent != Some(false),
            "notaccept" => self.permanent == Some(true),
            _ => false,
        }
    }
}

/// What one input holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub kind: Kind,
    pub deliveries: Vec<Delivery>,
}

/// Reads a message, a mailbox or a pasted part of one. Never fails: what is no report is
/// [`Kind::NotABounce`]. Of each message the first 4 MiB are looked at.
pub fn read(octets: &[u8]) -> Report {
    let octets = document::octet_newlines(octets);
    let mut all = Report {
        kind: Kind::NotABounce,
        deliveries: Vec::new(),
    };
    for message in mailbox::messages(&octets) {
        let report = judge::message(message, 0);
        if all.kind == Kind::NotABounce
            || (report.kind == Kind::Bounce && !report.deliveries.is_empty())
        {
            all.kind = report.kind;
        }
        all.deliveries.extend(report.deliveries);
    }
    all
}

/// Whether it is a mailbox of several messages, and not one alone.
pub fn is_mailbox(octets: &[u8]) -> bool {
    mailbox::messages(&document::octet_newlines(octets)).len() > 1
}

/// Whether octets look like a message or a mailbox, and not like lines of a log or replies.
pub fn is_message(octets: &[u8]) -> bool {
    mailbox::is_message(octets)
}
