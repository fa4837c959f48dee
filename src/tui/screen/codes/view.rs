//! How the codes are drawn.

use super::entry::role;
use super::{detail, found, selected};
use crate::tui::state::{Pane, State};
use crate::tui::theme::Role;
use crate::tui::widget::Canvas;
use ratatui::layout::{Constraint, Layout, Rect};

/// Columns from which the details stand beside the list.
const BESIDE_FROM: u16 = 76;

pub fn view(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    if area.width >= BESIDE_FROM {
        let [left, right] =
            Layout::horizontal([Constraint::Percentage(46), Constraint::Percentage(54)])
                .areas(area);
        list(state, canvas, left);
        details(state, canvas, right);
    } else if state.codes.opened || state.codes.focus == Pane::CodeDetail {
        details(state, canvas, area);
    } else {
        list(state, canvas, area);
    }
}

fn list(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let found = found(state);
    let title = format!("Codes ({})", found.len());
    let inner = canvas.frame(Pane::CodeList, area, &title);
    let [line, rows] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(inner);
    let [label, field] =
        Layout::horizontal([Constraint::Length(2), Constraint::Min(0)]).areas(line);
    canvas.text(label, Role::Key, "/ ");
    canvas.field(
        Pane::CodeSearch,
        field,
        &state.codes.search,
        "a code or words: 550, 5.7, full",
    );
    if found.is_empty() {
        canvas.text(rows, Role::Dim, "no entry holds any of these words");
        return;
    }
    let at = selected(state).map(|(at, _)| at);
    canvas.list(Pane::CodeList, rows, found.len(), at, |index| {
        found
            .get(index)
            .map(|entry| {
                vec![
                    (role(entry), format!("{:<9} ", entry.code)),
                    (Role::Text, entry.title.clone()),
                ]
            })
            .unwrap_or_default()
    });
}

fn details(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let inner = canvas.frame(Pane::CodeDetail, area, "What it means");
    canvas.doc(Pane::CodeDetail, inner, &detail::doc(state));
}
