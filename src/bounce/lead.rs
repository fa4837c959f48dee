//! Where a bounce leads: what is to be looked at next.

use super::document::{self, Document, Kind};
use super::{Action, Delivery, Report, address, evidence, judge, mailbox};
use crate::knowledge::reason::id;
use crate::text::SafeText;

/// What the program goes on with by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lead {
    /// The recipient that failed.
    pub recipient: Option<SafeText>,
    /// Who sent the message that came back, as its own headers say.
    pub sender: Option<SafeText>,
    /// The host that refused: what a session offers to connect to.
    pub host: Option<SafeText>,
    /// What was refused is the sender: its domain is to be checked for SPF, DKIM and DMARC.
    pub check_sender: bool,
}

impl Lead {
    /// The address whose domain is at fault: the target of the case. Where the sender was
    /// refused and is not known there is none, since a check of the recipient's domain would
    /// find nothing.
    pub fn target(&self) -> Option<&SafeText> {
        if self.check_sender {
            self.sender.as_ref()
        } else {
            self.recipient.as_ref()
        }
    }
}

/// The lead of `report`, which was read from `octets`: its first failure, or else its first
/// delay.
pub fn lead(octets: &[u8], report: &Report) -> Option<Lead> {
    let failed = |delivery: &&Delivery| delivery.action == Some(Action::Failed);
    let late = |delivery: &&Delivery| delivery.action == Some(Action::Delayed);
    let delivery = report
        .deliveries
        .iter()
        .find(failed)
        .or_else(|| report.deliveries.iter().find(late))?;
    Some(Lead {
        recipient: delivery.recipient.clone(),
        sender: sender(octets, delivery.recipient.as_deref()),
        // What refused an address that was not even tried is no remote host.
        host: delivery
            .remote_host
            .clone()
            .filter(|_| delivery.reason != id::SUPPRESSED),
        check_sender: is_about_sender(delivery.reason.as_str()),
    })
}

/// Whether a reason (`assets/reasons.yaml`) means that the sender was refused, whoever the
/// recipient is.
pub fn is_about_sender(reason: &str) -> bool {
    matches!(reason, "authfailure" | "rejected")
}

/// Who sent what came back: the author of the first returned message, or else whom the report
/// itself was sent to, since that is the sender (RFC 5321 section 6.1).
fn sender(octets: &[u8], recipient: Option<&str>) -> Option<SafeText> {
    let octets = document::octet_newlines(octets);
    let document = document_told(mailbox::messages(&octets).first()?, 0);
    let own = evidence::own(&document);
    let returned = ["return-path", "from"]
        .iter()
        .flat_map(|name| evidence::addresses(&document, &own, name));
    let told = document.header("to").into_iter();
    let told = told.flat_map(|to| address::all(to).map(str::to_owned));
    returned
        .chain(told)
        .find(|found| recipient.is_none_or(|known| !address::same(found, known)))
        .map(SafeText::from)
}

/// The report itself, where somebody passed it on.
fn document_told(octets: &[u8], depth: usize) -> Document {
    let document = Document::read(octets);
    let attached = document
        .of_kind(Kind::Message)
        .find(|text| judge::message(text.as_bytes(), depth).kind == super::Kind::Bounce);
    if let Some(text) = attached.filter(|_| depth < judge::DEEPEST) {
        return document_told(text.as_bytes(), depth + 1);
    }
    let text: String = document.of_kind(Kind::Text).collect::<Vec<_>>().join("\n");
    if evidence::is_forwarded(&document, &text) {
        return Document::of_text(&evidence::unquoted(&text).unwrap_or(text));
    }
    document
}
