//! 6 Report: what would be written, and in which form.

mod format;
mod view;

pub use format::{Format, render as rendered};
pub use view::{formats, view};

use crate::case::Case;
use crate::tui::effect::Effect;
use crate::tui::keys::Action;
use crate::tui::state::{Pane, Screen, State};
use crate::tui::theme::Role;
use crate::tui::widget::Doc;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub format: Format,
    /// Local parts and addresses are masked.
    pub redact: bool,
    /// What would be written; made when it is looked at.
    pub preview: Vec<String>,
    /// The name without its extension.
    pub stem: String,
}

impl Report {
    pub fn new(case: &Case) -> Self {
        let mut report = Self {
            format: Format::Text,
            redact: false,
            preview: Vec::new(),
            stem: String::new(),
        };
        report.target_changed(case);
        report
    }

    /// The name tells domain and time.
    pub fn target_changed(&mut self, case: &Case) {
        self.stem = format::stem(case);
    }
}

/// Under which name the report is written when nobody says otherwise.
pub fn default_name(state: &State) -> String {
    format!("{}.{}", state.report.stem, state.report.format.extension())
}

/// Makes the preview anew, where it is looked at.
pub fn refresh(state: &mut State) {
    if state.screen == Screen::Report {
        let text = format::render(state.report.format, &state.case, state.report.redact);
        state.report.preview = text
            .lines()
            .map(|line| line.replace('\t', "    "))
            .collect();
    }
}

pub fn doc(state: &State) -> Doc {
    let mut doc = Doc::default();
    for line in &state.report.preview {
        doc.hanging(0, 2, vec![(Role::Text, line.clone())]);
    }
    doc
}

/// Takes the format at this place of the list.
pub fn choose(state: &mut State, at: usize) {
    if let Some(format) = Format::ALL.get(at) {
        state.report.format = *format;
        state.panes.scroll_to(Pane::Preview, 0);
        refresh(state);
    }
}

/// Another format, or masked or not.
pub fn adjust(state: &mut State, action: Action) {
    let at = Format::ALL
        .iter()
        .position(|format| *format == state.report.format)
        .unwrap_or(0);
    let count = Format::ALL.len();
    match action {
        Action::NextFormat => choose(state, (at + 1) % count),
        Action::PreviousFormat => choose(state, (at + count - 1) % count),
        Action::Redact => {
            state.report.redact = !state.report.redact;
            refresh(state);
        }
        _ => {}
    }
}

pub fn offers(_state: &State, action: Action) -> bool {
    matches!(
        action,
        Action::NextFormat | Action::PreviousFormat | Action::Redact | Action::Copy
    )
}

pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Copy => {
            refresh(state);
            let text = state.report.preview.join("\n");
            state.say(format!(
                "copied the report as {}",
                state.report.format.title()
            ));
            vec![Effect::Copy(text)]
        }
        other => {
            adjust(state, other);
            Vec::new()
        }
    }
}
