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
