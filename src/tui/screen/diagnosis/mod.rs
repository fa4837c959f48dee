//! 4 Diagnosis: the verdict, the cause with its evidence, what to change and where.

mod evidence;
mod fix;
mod practice;
mod text;

pub use text::doc;

use crate::tui::effect::Effect;
use crate::tui::keys::Action;
use crate::tui::state::{Pane, State};
use crate::tui::widget::Canvas;
use ratatui::layout::Rect;

pub fn offers(state: &State, action: Action) -> bool {
    match action {
        Action::Copy => state.shows_verdict(),
        Action::CopyFix => state.shows_verdict() && copied_fix(state).is_some(),
        Action::Guess => state.scenario.is_some(),
        Action::Reveal => state.scenario.is_some() && !state.game.revealed,
        _ => false,
    }
}

pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if !offers(state, action) {
        return Vec::new();
    }
    match action {
        Action::Copy => {
            let text = doc(state).plain();
            state.say("copied the diagnosis");
            vec![Effect::Copy(text)]
        }
        Action::CopyFix => {
            let Some(text) = copied_fix(state) else {
                return Vec::new();
            };
            state.say(format!("copied: {}", text.replace('\n', "; ")));
            vec![Effect::Copy(text)]
        }
        Action::Reveal => {
            state.game.revealed = true;
            state.panes.scroll_to(Pane::Verdict, 0);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// The record that mends the cause, else the advice.
fn copied_fix(state: &State) -> Option<String> {
    let cause = state.diagnosis.cause()?;
    let text = fix::Fix::of(&cause.fix).copied();
    (!text.is_empty()).then_some(text)
}

pub fn view(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let title = state.case.target.as_ref().map_or_else(
        || "Diagnosis".to_owned(),
        |target| format!("Why does mail for {} not arrive?", target.unicode_domain()),
    );
    canvas.framed_doc(Pane::Verdict, area, &title, &doc(state));
}
