//! Whether the mail hosts of the case relay: what is asked is said, and has to be agreed to.

use super::{Confirm, Overlay};
use crate::check::smtp::same_organisation;
use crate::engine::Change;
use crate::tui::effect::Effect;
use crate::tui::state::State;

/// Whether there is a case whose mail hosts can be asked.
pub fn is_possible(state: &State) -> bool {
    state.case.target.is_some()
}

/// The question, or why it cannot be asked.
pub(super) fn overlay(state: &State) -> Option<Overlay> {
    let target = state.case.target.as_ref()?;
    let refused = |text: String| Overlay::Notice {
        title: "No relay test".to_owned(),
        text,
    };
    let Some(from) = &state.case.from else {
        return Some(refused(
            "The relay test asks the mail hosts to take mail for the sender's own address, and no \
             sender is known.\nName one of another domain with `m` on the screen of the checks."
                .to_owned(),
        ));
    };
    let domain = target.unicode_domain();
    if same_organisation(from.domain(), target.domain()) {
        return Some(refused(format!(
            "The sender {from} belongs to {domain} itself, and that mail its hosts may take.\n\
             Name a sender of another domain with `m` on the screen of the checks."
        )));
    }
    Some(Overlay::Confirm(Confirm {
        title: "Test whether the mail hosts relay?".to_owned(),
        text: vec![
            format!(
                "Every mail host of {domain} is asked to take mail for {from}, which is no affair \
                 of its: an open relay says yes, any other refuses."
            ),
            "It goes as far as RCPT TO; no message is sent. Do it where you answer for the \
             hosts: the other side may log it, and some block who asks."
                .to_owned(),
        ],
        yes: "Ask them".to_owned(),
        no: "Leave it".to_owned(),
        on_yes: false,
        then: vec![Effect::Change(Change::RelayTest)],
    }))
}
