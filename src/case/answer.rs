//! The answers to the checklist.

use crate::knowledge::question::QuestionId;
use crate::text::SafeText;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How an answer is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A person said so; no measurement overrules it.
    Given,
    /// A check found it.
    Measured,
}

/// One answer: a word of the question's list, or free text where the question takes that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Lines, for a text of several (a pasted bounce); else one.
    pub text: Vec<SafeText>,
    pub source: Source,
    /// How a measured answer is known, in one sentence.
    #[serde(default)]
    pub how: Option<SafeText>,
}

impl Answer {
    pub fn given(text: &str) -> Self {
        Self {
            text: SafeText::lines_of(text),
            source: Source::Given,
            how: None,
        }
    }

    pub fn measured(word: &str, how: impl Into<SafeText>) -> Self {
        Self {
            text: vec![word.into()],
            source: Source::Measured,
            how: Some(how.into()),
        }
    }

    /// The answer as one string, lines joined by a line feed.
    pub fn joined(&self) -> String {
        self.text
            .iter()
            .map(SafeText::as_str)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// Answers by question. A question that is not here is `unknown`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(BTreeMap<QuestionId, Answer>);

impl Answers {
    pub fn get(&self, question: QuestionId) -> Option<&Answer> {
        self.0.get(&question)
    }

    /// Whether the answer to `question` is exactly `word`.
    pub fn is(&self, question: QuestionId, word: &str) -> bool {
        self.get(question)
            .is_some_and(|answer| matches!(&answer.text[..], [only] if *only == word))
    }

    pub fn give(&mut self, question: QuestionId, text: &str) {
        self.0.insert(question, Answer::given(text));
    }

    pub fn forget(&mut self, question: QuestionId) {
        self.0.remove(&question);
    }

    /// Takes a measured answer, unless a person has answered. Says whether it was taken.
    pub fn measure(&mut self, question: QuestionId, answer: Answer) -> bool {
        if self
            .get(question)
            .is_some_and(|old| old.source == Source::Given)
        {
            return false;
        }
        self.0.insert(question, answer);
        true
    }

    pub fn iter(&self) -> impl Iterator<Item = (QuestionId, &Answer)> {
        self.0.iter().map(|(question, answer)| (*question, answer))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
