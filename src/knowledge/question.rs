//! The checklist: twelve questions, their order, their answers.

use serde::{Deserialize, Serialize};

/// The ids of `checklist.yaml`, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuestionId {
    Internet,
    Settings,
    Antivirus,
    Firewall,
    Suspicious,
    Direction,
    Accounts,
    Affected,
    Bounces,
    DnsChanged,
    Webmail,
    Client,
}

impl QuestionId {
    /// In the order of the checklist.
    pub const ALL: [Self; 12] = [
        Self::Internet,
        Self::Settings,
        Self::Antivirus,
        Self::Firewall,
        Self::Suspicious,
        Self::Direction,
        Self::Accounts,
        Self::Affected,
        Self::Bounces,
        Self::DnsChanged,
        Self::Webmail,
        Self::Client,
    ];

    /// The id as files and options write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::Settings => "settings",
            Self::Antivirus => "antivirus",
            Self::Firewall => "firewall",
            Self::Suspicious => "suspicious",
            Self::Direction => "direction",
            Self::Accounts => "accounts",
            Self::Affected => "affected",
            Self::Bounces => "bounces",
            Self::DnsChanged => "dns_changed",
            Self::Webmail => "webmail",
            Self::Client => "client",
        }
    }
}
