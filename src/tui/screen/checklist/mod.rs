//! 1 Checklist: the twelve questions, in order, answered by key, mouse or typing.

mod bounce;
mod question;
mod signatures;
mod targets;
mod update;
mod view;

pub use bounce::doc as explained;
pub use question::Kind;
pub use signatures::read_signatures;
pub use update::{
    act, begin_typing, choose, give, leave_line, letter, measure, offers, row_text, select,
    selected, set_focus, stops, type_domain, typed,
};
pub use view::view;

use crate::case::{Answer, Case};
use crate::knowledge::question::QuestionId;
use crate::tui::state::Pane;
use crate::tui::widget::Field;
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
pub struct Checklist {
    pub focus: Pane,
    /// Which question is shown, counted from zero.
    pub at: usize,
    /// Which of its answers Enter takes.
    pub choice: usize,
    /// What is typed at a question that takes a line.
    pub line: Field,
    pub bounces: Field,
    /// Something was typed there whose signatures were not looked at yet.
    pub unread: bool,
    /// What the checks found, also where a person said otherwise: taking the word back brings
    /// it forth again.
    pub measured: BTreeMap<QuestionId, Answer>,
}

impl Checklist {
    pub fn new(case: &Case) -> Self {
        let text = |question| {
            case.answers
                .get(question)
                .map(Answer::joined)
                .unwrap_or_default()
        };
        Self {
            focus: Pane::Questions,
            at: 0,
            choice: 0,
            line: Field::line(""),
            bounces: Field::area(&text(QuestionId::Bounces)),
            unread: false,
            measured: BTreeMap::new(),
        }
    }

    /// The question that is shown.
    pub fn question(&self) -> QuestionId {
        QuestionId::ALL
            .get(self.at)
            .copied()
            .unwrap_or(QuestionId::Internet)
    }

    /// The answers that the question which is shown offers; none where it takes text.
    pub fn choices(&self) -> Vec<&'static str> {
        match question::kind(self.question()) {
            Kind::Choice(words) => words,
            _ => Vec::new(),
        }
    }
}
