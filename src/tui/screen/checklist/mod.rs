//! 1 Checklist: the twelve questions, in order, answered by key, mouse or typing.

mod pasted;
mod question;
mod targets;
mod told;
mod update;
mod view;

pub use pasted::{follow, go_on, target_of};
pub use question::Kind;
pub use told::doc as explained;
pub use update::{
    act, begin_typing, choose, give, leave_line, letter, measure, offers, row_text, select,
    selected, set_focus, stops, type_domain, typed,
};
pub use view::view;

use crate::case::{Answer, Case};
use crate::knowledge::question::QuestionId;
use crate::report::CameBack;
use crate::text::SafeText;
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
    /// What that tells; none where nothing is written there.
    pub came_back: Option<CameBack>,
    /// Something was typed there from which the program has not gone on yet.
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
            came_back: pasted::read(&text(QuestionId::Bounces)),
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

    /// The host that refused the message, as the bounce names it.
    pub fn refused_by(&self) -> Option<SafeText> {
        self.came_back.as_ref()?.lead.as_ref()?.host.clone()
    }

    /// The answers that the question which is shown offers; none where it takes text.
    pub fn choices(&self) -> Vec<&'static str> {
        match question::kind(self.question()) {
            Kind::Choice(words) => words,
            _ => Vec::new(),
        }
    }
}
