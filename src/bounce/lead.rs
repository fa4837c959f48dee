//! Where a bounce leads: what is to be looked at next.

use super::{Action, Delivery, Report};
use crate::knowledge::reason::id;
use crate::text::SafeText;

/// What the program goes on with by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lead {
    /// The domain to which mail fails: the target of the case.
    pub target: Option<SafeText>,
    /// The recipient that failed.
    pub recipient: Option<SafeText>,
    /// The host that refused: what a session offers to connect to.
    pub host: Option<SafeText>,
    /// The sender's domain is to be checked: SPF, DKIM and DMARC, or its DNS, is what was
    /// refused.
    pub check_sender: bool,
}

/// The lead of a report: its first failure, or else its first delay.
pub fn lead(report: &Report) -> Option<Lead> {
    let failed = |delivery: &&Delivery| delivery.action == Some(Action::Failed);
    let late = |delivery: &&Delivery| delivery.action == Some(Action::Delayed);
    let delivery = report
        .deliveries
        .iter()
        .find(failed)
        .or_else(|| report.deliveries.iter().find(late))?;
    let domain = |address: &SafeText| {
        let (_, domain) = address.rsplit_once('@')?;
        Some(SafeText::from(domain.to_lowercase()))
    };
    Some(Lead {
        target: delivery.recipient.as_ref().and_then(domain),
        recipient: delivery.recipient.clone(),
        // What refused an address that was not even tried is no remote host.
        host: delivery
            .remote_host
            .clone()
            .filter(|_| delivery.reason != id::SUPPRESSED),
        check_sender: matches!(delivery.reason.as_str(), "authfailure" | "rejected"),
    })
}
