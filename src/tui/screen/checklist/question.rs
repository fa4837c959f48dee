//! What the checklist knows of a question, as this screen needs it.

use crate::knowledge::question::{self, QuestionId};

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By one of these words.
    Choice(Vec<&'static str>),
    /// By addresses and domains.
    Targets,
    /// By a text of many lines.
    Bounces,
    /// By a line.
    Text,
}

pub(super) fn kind(id: QuestionId) -> Kind {
    match &id.question().kind {
        question::Kind::Choice(words) => Kind::Choice(words.iter().map(String::as_str).collect()),
        question::Kind::Targets => Kind::Targets,
        question::Kind::Bounces => Kind::Bounces,
        question::Kind::Text => Kind::Text,
    }
}

pub(super) fn asks(id: QuestionId) -> &'static str {
    &id.question().asks
}

pub(super) fn why(id: QuestionId) -> &'static str {
    &id.question().why
}

pub(super) fn hint(id: QuestionId) -> Option<&'static str> {
    id.question()
        .hint
        .as_deref()
        .filter(|hint| !hint.is_empty())
}

/// One word or two, for the list.
pub(super) fn label(id: QuestionId) -> &'static str {
    match id {
        QuestionId::Internet => "Internet",
        QuestionId::Settings => "Settings",
        QuestionId::Antivirus => "Antivirus",
        QuestionId::Firewall => "Firewall",
        QuestionId::Suspicious => "Suspicious",
        QuestionId::Direction => "Direction",
        QuestionId::Accounts => "Accounts",
        QuestionId::Affected => "Affected",
        QuestionId::Bounces => "Bounces",
        QuestionId::DnsChanged => "DNS changed",
        QuestionId::Webmail => "Webmail",
        QuestionId::Client => "Client",
    }
}
