//! Under which name, in which form and how masked the report is written.

use crate::tui::effect::Effect;
use crate::tui::screen::report;
use crate::tui::state::State;
use crate::tui::widget::Field;

#[derive(Clone, Debug)]
pub struct Export {
    pub name: Field,
    /// The name that the program proposed; another format proposes another.
    pub proposed: String,
}

impl Export {
    pub(super) fn new(state: &State) -> Self {
        let proposed = report::default_name(state);
        Self {
            name: Field::line(&proposed),
            proposed,
        }
    }

    /// The format has changed: so does the name, where the user left it as it was.
    pub(in crate::tui) fn propose(&mut self, name: String) {
        if self.name.text() == self.proposed {
            self.name.set(&name);
        } else if let Some((stem, _)) = self.name.text().rsplit_once('.')
            && let Some((_, extension)) = name.rsplit_once('.')
        {
            self.name.set(&format!("{stem}.{extension}"));
        }
        self.proposed = name;
    }

    pub(super) fn effect(&self, state: &State) -> Option<Effect> {
        let path = self.name.text().trim().to_owned();
        (!path.is_empty()).then_some(Effect::Export {
            format: state.report.format,
            path,
            redact: state.report.redact,
            overwrite: false,
        })
    }
}
