//! Which mail the mail hosts are asked about.

use crate::case::{MailAddress, NotATarget};
use crate::engine::Change;
use crate::tui::state::{Pane, State};
use crate::tui::widget::Field;

#[derive(Clone, Debug)]
pub struct Envelope {
    pub from: Field,
    pub to: Field,
    pub on_to: bool,
    /// What is wrong with what was typed, said when it was to be taken.
    pub complaint: Option<String>,
}

impl Envelope {
    /// What the case names; else the address that it is about.
    pub(super) fn new(state: &State) -> Self {
        let case = &state.case;
        let shown = |address: &Option<MailAddress>| {
            address
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default()
        };
        let target = case.target.as_ref();
        let to = case.to.clone().or_else(|| target?.address());
        Self {
            from: Field::line(&shown(&case.from)),
            to: Field::line(&shown(&to)),
            on_to: false,
            complaint: None,
        }
    }

    pub(super) fn pane(&self) -> Pane {
        if self.on_to {
            Pane::EnvelopeTo
        } else {
            Pane::EnvelopeFrom
        }
    }

    pub(super) fn field(&mut self) -> &mut Field {
        self.complaint = None;
        if self.on_to {
            &mut self.to
        } else {
            &mut self.from
        }
    }

    /// What is to be asked; an error puts the cursor into the field that is wrong.
    pub(super) fn change(&mut self) -> Result<Change, NotATarget> {
        let from = read(&self.from).inspect_err(|_| self.on_to = false)?;
        let to = read(&self.to).inspect_err(|_| self.on_to = true)?;
        Ok(Change::Envelope { from, to })
    }
}

/// The address in a field, in angle brackets or without; an empty one is none.
fn read(field: &Field) -> Result<Option<MailAddress>, NotATarget> {
    let text = field.text();
    let text = text.trim().trim_start_matches('<').trim_end_matches('>');
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some)
}

/// Whether there is a case whose mail hosts can be asked.
pub fn is_possible(state: &State) -> bool {
    state.case.target.is_some()
}
