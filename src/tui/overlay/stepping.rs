//! The round trip through webmail, step by step: a message out, a reply back. What came of it
//! is the answer to the question about webmail.

use crate::case::Group;
use crate::tui::state::State;
use crate::tui::theme::Role;
use crate::tui::widget::Doc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    LogIn,
    Out,
    Back,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stepping {
    pub step: Step,
    /// Whether the message out arrived.
    pub sent: bool,
}

/// What follows from an answer to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Next(Stepping),
    /// The answer to the question, in its own words.
    Done(&'static str),
}

impl Stepping {
    pub(super) fn start() -> Self {
        Self {
            step: Step::LogIn,
            sent: false,
        }
    }

    pub(super) fn answered(self, yes: bool) -> Then {
        match (self.step, yes) {
            (Step::LogIn, false) => Then::Done("no"),
            (Step::LogIn, true) => Then::Next(Self {
                step: Step::Out,
                ..self
            }),
            (Step::Out, sent) => Then::Next(Self {
                step: Step::Back,
                sent,
            }),
            (Step::Back, received) => Then::Done(match (self.sent, received) {
                (true, true) => "yes",
                (true, false) => "send-only",
                (false, true) => "receive-only",
                (false, false) => "no",
            }),
        }
    }
}

pub(super) fn doc(state: &State, stepping: Stepping) -> Doc {
    let mut doc = Doc::default();
    let case = &state.case;
    let address = case
        .target
        .as_ref()
        .map_or_else(|| "the affected address".to_owned(), ToString::to_string);
    let page = case
        .checks
        .iter()
        .find(|check| check.group == Group::Webmail && !check.detail.is_empty())
        .map(|check| check.detail.to_string());
    let step = match stepping.step {
        Step::LogIn => 1,
        Step::Out => 2,
        Step::Back => 3,
    };
    doc.text(Role::Dim, &format!("Step {step} of 3")).blank();
    match stepping.step {
        Step::LogIn => {
            doc.para(&format!("Open the webmail page of {address} and log in."));
            if let Some(page) = page {
                doc.text(Role::Note, &page);
            }
            doc.text(
                Role::Dim,
                "With cPanel it is https://, the server's name, and :2096 behind it.",
            );
            doc.blank().text(Role::Title, "Could you log in?");
        }
        Step::Out => {
            doc.para(
                "From webmail, send a message to an address elsewhere that works: at another \
                 provider, not in the same domain. Wait a few minutes, and look into its spam \
                 folder too.",
            );
            doc.blank().text(Role::Title, "Did it arrive there?");
        }
        Step::Back => {
            if stepping.sent {
                doc.para("There, reply to the message. Then look into webmail again.");
            } else {
                doc.para(&format!(
                    "Now the other way: from the address elsewhere, write to {address}. Then \
                     look into webmail again."
                ));
            }
            doc.text(
                Role::Dim,
                "A bounce that comes back instead belongs into question 9.",
            );
            doc.blank().text(Role::Title, "Did it arrive in webmail?");
        }
    }
    doc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_is_an_answer() {
        let go = |answers: &[bool]| {
            let mut stepping = Stepping::start();
            for yes in answers {
                match stepping.answered(*yes) {
                    Then::Next(next) => stepping = next,
                    Then::Done(word) => return word,
                }
            }
            "unfinished"
        };
        assert_eq!(go(&[false]), "no");
        assert_eq!(go(&[true, true, true]), "yes");
        assert_eq!(go(&[true, true, false]), "send-only");
        assert_eq!(go(&[true, false, true]), "receive-only");
        assert_eq!(go(&[true, false, false]), "no");
    }
}
