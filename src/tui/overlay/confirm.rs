//! A question that is asked before something that cannot be undone.

use crate::tui::effect::Effect;
use crate::tui::theme::Role;
use crate::tui::widget::Doc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirm {
    pub title: String,
    pub text: Vec<String>,
    /// The words on the two buttons.
    pub yes: String,
    pub no: String,
    /// Which of them Enter takes; the safe one at first.
    pub on_yes: bool,
    /// What is done after a yes.
    pub then: Vec<Effect>,
}

impl Confirm {
    pub(super) fn doc(&self) -> Doc {
        let mut doc = Doc::default();
        for line in &self.text {
            doc.text(Role::Text, line);
        }
        doc
    }
}
