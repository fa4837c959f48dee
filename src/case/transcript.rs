//! What was said in one SMTP session.

use super::tls::Tls;
use crate::knowledge::code::{EnhancedCode, ReplyCode};
use crate::text::SafeText;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum From {
    Server,
    Client,
    /// Neither said it: connected, TLS begun, closed, timed out.
    Event,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Milliseconds since the session began.
    pub at_ms: u64,
    pub from: From,
    /// Safe, and with every secret masked.
    pub line: SafeText,
    #[serde(default)]
    pub code: Option<ReplyCode>,
    #[serde(default)]
    pub enhanced: Option<EnhancedCode>,
    /// Said inside TLS.
    #[serde(default)]
    pub encrypted: bool,
}

impl Line {
    /// The line with who said it in front: evidence of a finding, or the pane beside a check.
    pub fn marked(&self) -> SafeText {
        let mark = match self.from {
            From::Server => "S: ",
            From::Client => "C: ",
            From::Event => "-- ",
        };
        format!("{mark}{}", self.line).into()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    pub host: SafeText,
    pub address: SafeText,
    pub port: u16,
    pub transcript: Vec<Line>,
    /// What its last TLS handshake has shown, where that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
}
