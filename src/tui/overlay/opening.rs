//! A path, and the files that begin as it does.

use super::view::{buttons, sized};
use crate::tui::hits::Target;
use crate::tui::keys::Action;
use crate::tui::screen::logs::OpenLog;
use crate::tui::state::Pane;
use crate::tui::theme::Role;
use crate::tui::widget::Canvas;
use ratatui::layout::{Constraint, Layout, Rect};

pub(super) fn view(canvas: &mut Canvas<'_>, body: Rect, open: &OpenLog) {
    let area = sized(body, 78, 20);
    canvas.cover(area);
    let inner = canvas.frame(Pane::OpenLog, area, "Which mail log?");
    canvas.hits.add(inner, Target::Nothing);
    let [label, line, _, list, button] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(inner);
    canvas.text(
        label,
        Role::Dim,
        "A file, or several; `*` stands for anything: /var/log/mail.log*",
    );
    canvas.field(Pane::OpenLog, line, &open.line, "a path");
    let total = open.candidates.len();
    match open.emptiness() {
        Some(words) => {
            canvas.text(list, Role::Dim, words);
        }
        None => {
            canvas.list(Pane::LogFiles, list, total, open.selected, |at| {
                open.row(at)
            });
        }
    }
    buttons(
        canvas,
        button,
        &[
            ("Read it", true, Action::Choose),
            ("Close", false, Action::Close),
        ],
    );
}
