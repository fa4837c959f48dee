//! What became of a message for one recipient, as the command-line contract has it.

use crate::bounce;
use crate::knowledge::code::{EnhancedCode, ReplyCode};
use crate::knowledge::explain::Whose;
use crate::knowledge::finding::FindingId;
use crate::knowledge::reason::Reason;
use crate::maillog;
use crate::text::SafeText;
use serde::Serialize;

/// One recipient of what a bounce, a reply line or the lines of a log told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Delivery {
    pub recipient: Option<SafeText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_recipient: Option<SafeText>,
    /// A word of RFC 3464 section 2.3.3.
    pub action: Option<&'static str>,
    pub reply_code: Option<ReplyCode>,
    pub enhanced_code: Option<EnhancedCode>,
    pub reason: Option<Reason>,
    pub permanent: Option<bool>,
    pub finding: Option<FindingId>,
    pub remote_host: Option<SafeText>,
    pub diagnostic: SafeText,
    pub explanation: SafeText,
    pub fix: SafeText,
    pub source: String,
}

/// What is to be done, and by whom.
pub(super) fn fix(fix: &str, whose: Option<Whose>) -> SafeText {
    match whose {
        Some(whose) => format!("{fix} Whose move: {}.", whose.words()).into(),
        None => fix.into(),
    }
}

impl From<bounce::Delivery> for Delivery {
    fn from(told: bounce::Delivery) -> Self {
        Self {
            fix: fix(&told.fix, Some(told.whose)),
            recipient: told.recipient,
            original_recipient: told.original,
            action: told.action.map(bounce::Action::as_str),
            reply_code: told.reply_code,
            enhanced_code: told.enhanced_code,
            reason: Some(told.reason),
            permanent: told.permanent,
            finding: told.finding,
            remote_host: told.remote_host,
            diagnostic: told.diagnostic,
            explanation: told.explanation.into(),
            source: told.source,
        }
    }
}

impl From<maillog::Delivery> for Delivery {
    fn from(told: maillog::Delivery) -> Self {
        Self {
            fix: fix(&told.fix, told.whose),
            recipient: told.recipient,
            original_recipient: None,
            action: Some(match told.action {
                maillog::Action::Failed => "failed",
                maillog::Action::Delayed => "delayed",
                maillog::Action::Delivered => "delivered",
            }),
            reply_code: told.reply_code,
            enhanced_code: told.enhanced_code,
            reason: told.reason.as_deref().and_then(Reason::find),
            permanent: told.permanent,
            finding: told.finding,
            remote_host: told.remote_host,
            diagnostic: told.diagnostic,
            explanation: told.explanation.into(),
            source: told.source,
        }
    }
}

impl Delivery {
    /// What became of the message.
    pub(super) fn fate(&self) -> String {
        let who = self.who();
        let was = self
            .original_recipient
            .as_ref()
            .filter(|was| self.recipient.as_ref() != Some(was))
            .map_or_else(String::new, |was| format!(" (sent to {was})"));
        match self.action {
            Some("delayed") => format!("Not yet delivered to {who}{was}"),
            Some("delivered" | "relayed" | "expanded") => format!("Delivered to {who}{was}"),
            _ => {
                let lasting = match self.permanent {
                    Some(true) => ", for good",
                    Some(false) => ", though a later attempt may work",
                    None => "",
                };
                format!("Not delivered to {who}{was}{lasting}")
            }
        }
    }

    /// The recipient, or that there is no name for it.
    pub(super) fn who(&self) -> &str {
        self.recipient
            .as_ref()
            .map_or("a recipient that the report does not name", |who| {
                who.as_str()
            })
    }

    /// The server's own words, and whose they are; none where there are none.
    pub fn said(&self) -> Option<String> {
        if self.diagnostic.is_empty() {
            return None;
        }
        Some(match &self.remote_host {
            Some(host) => format!("{host}: {}", self.diagnostic),
            None => self.diagnostic.to_string(),
        })
    }

    /// The explanation, and the word for the reason.
    pub fn why(&self) -> String {
        match self.reason {
            Some(reason) => format!("{} [{reason}]", self.explanation),
            None => self.explanation.to_string(),
        }
    }
}
