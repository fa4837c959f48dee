//! What came back, as somebody pastes it or points at it: a bounce, reply lines, codes, lines
//! of a log. One answer for each recipient.

mod delivery;
mod line;

pub use delivery::Delivery;

use crate::bounce::{self, Kind, Lead};
use crate::maillog;
use serde::Serialize;

/// What one input turned out to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CameBack {
    /// `bounce`, `arf`, `vacation`, `not-a-bounce`, `log`, `reply` or `code`.
    pub kind: &'static str,
    pub deliveries: Vec<Delivery>,
    /// Where a bounce leads.
    #[serde(skip)]
    pub lead: Option<Lead>,
}

impl CameBack {
    /// Reads whatever it is; never fails. What neither is a message nor reads like a report is
    /// lines: of a log, or replies.
    pub fn read(octets: &[u8]) -> Self {
        let is_message = bounce::is_message(octets);
        // The hour of an RFC 3339 stamp looks like a header field.
        if (!is_message || maillog::is_log(octets))
            && let Some(log) = Self::of_log(octets)
        {
            return log;
        }
        if is_message || octets.iter().any(|octet| matches!(octet, b'\n' | b'\r')) {
            let report = bounce::read(octets);
            if is_message || report.kind != Kind::NotABounce {
                return Self::of_report(octets, report);
            }
        }
        let (kind, deliveries) = line::explained(&String::from_utf8_lossy(octets));
        Self {
            kind,
            deliveries,
            lead: None,
        }
    }

    fn of_log(octets: &[u8]) -> Option<Self> {
        let told = maillog::deliveries(&String::from_utf8_lossy(octets));
        let deliveries: Vec<_> = told.into_iter().map(Delivery::from).collect();
        (!deliveries.is_empty()).then_some(Self {
            kind: "log",
            deliveries,
            lead: None,
        })
    }

    fn of_report(octets: &[u8], report: bounce::Report) -> Self {
        Self {
            kind: match report.kind {
                Kind::Bounce => "bounce",
                Kind::Complaint => "arf",
                Kind::Vacation => "vacation",
                Kind::NotABounce => "not-a-bounce",
            },
            lead: bounce::lead(octets, &report),
            deliveries: report.deliveries.into_iter().map(Delivery::from).collect(),
        }
    }

    /// What became of the message for one of the recipients, in one line; none for a reply or
    /// a code, which tell of none.
    pub fn headline(&self, of: &Delivery) -> Option<String> {
        match self.kind {
            "arf" => Some(format!(
                "Complaint: {} marked the message as spam",
                of.who()
            )),
            "vacation" => Some(format!("Automatic answer of {}", of.who())),
            "bounce" | "log" => Some(of.fate()),
            _ => None,
        }
    }
}
