//! 4 Diagnosis: the verdict, the cause with its evidence, what to change and where.

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
        Action::Reveal => {
            state.game.revealed = true;
            state.panes.scroll_to(Pane::Verdict, 0);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

pub fn view(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let title = state.case.target.as_ref().map_or_else(
        || "Diagnosis".to_owned(),
        |target| format!("Why does mail for {} not arrive?", target.unicode_domain()),
    );
    let inner = canvas.frame(Pane::Verdict, area, &title);
    canvas.doc(Pane::Verdict, inner, &doc(state));
}
