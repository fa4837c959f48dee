//! The checklist: twelve questions, their order, their answers.

use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

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

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// By one of these words, or `unknown`.
    Choice(Vec<String>),
    /// By addresses and domains; the case's target comes from them.
    Targets,
    /// By a pasted text of many lines.
    Bounces,
    /// By a line.
    Text,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    pub id: QuestionId,
    pub asks: String,
    /// Why it is asked, in a line.
    pub why: String,
    /// How to answer.
    #[serde(default)]
    pub hint: Option<String>,
    pub kind: Kind,
}

/// The answer that every question takes, and that stands for none.
pub const UNKNOWN: &str = "unknown";

static CHECKLIST: LazyLock<Vec<Question>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../assets/checklist.yaml"))
        .expect("assets/checklist.yaml is checked by a test")
});

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{answer}` is no answer to `{question}`: {allowed}, or unknown", question = question.word())]
pub struct NotAnAnswer {
    pub question: QuestionId,
    pub answer: crate::text::SafeText,
    pub allowed: String,
}

impl QuestionId {
    /// Its entry in the checklist.
    ///
    /// # Panics
    ///
    /// Never: a test holds that each has its entry.
    pub fn question(self) -> &'static Question {
        CHECKLIST
            .iter()
            .find(|question| question.id == self)
            .expect("every question stands in assets/checklist.yaml")
    }

    /// Whether a case file may hold this answer.
    pub fn accepts(self, answer: &str) -> Result<(), NotAnAnswer> {
        match &self.question().kind {
            Kind::Choice(words)
                if answer != UNKNOWN && !words.iter().any(|word| word == answer) =>
            {
                Err(NotAnAnswer {
                    question: self,
                    answer: answer.into(),
                    allowed: words.join(", "),
                })
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checklist_has_the_twelve_questions_in_order() {
        let ids: Vec<QuestionId> = CHECKLIST.iter().map(|question| question.id).collect();
        assert_eq!(ids, QuestionId::ALL);
        for question in CHECKLIST.iter() {
            assert!(
                !question.asks.is_empty() && !question.why.is_empty(),
                "{question:?}"
            );
        }
    }

    #[test]
    fn takes_only_words_of_the_list() {
        assert_eq!(QuestionId::Webmail.accepts("send-only"), Ok(()));
        assert_eq!(QuestionId::Webmail.accepts(UNKNOWN), Ok(()));
        let error = QuestionId::Accounts.accepts("two").unwrap_err();
        assert_eq!(
            error.to_string(),
            "`two` is no answer to `accounts`: one, several, or unknown"
        );
        assert_eq!(QuestionId::Client.accepts("anything"), Ok(()));
    }
}
