//! How the editor of the message is drawn.

use crate::text::columns;
use crate::tui::state::{Pane, State};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Field};
use ratatui::layout::{Constraint, Layout, Rect};

pub(super) fn view(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let session = &state.session;
    let to = if session.recipients.is_empty() {
        "no recipient accepted yet".to_owned()
    } else {
        format!("will go to {}", session.recipients.join(", "))
    };
    let inner = canvas.frame(Pane::DraftBody, area, &format!("Message, {to}"));
    let [from, to, subject, rule, body] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(inner);
    let line = |canvas: &mut Canvas<'_>, area: Rect, name: &str, pane: Pane, field: &Field| {
        let [label, value] =
            Layout::horizontal([Constraint::Length(10), Constraint::Min(0)]).areas(area);
        let role = if canvas.has_focus(pane) {
            Role::Focus
        } else {
            Role::Dim
        };
        canvas.text(label, role, name);
        canvas.field(pane, value, field, "");
    };
    let draft = &session.draft;
    line(canvas, from, "From:", Pane::DraftFrom, &draft.from);
    line(canvas, to, "To:", Pane::DraftTo, &draft.to);
    line(
        canvas,
        subject,
        "Subject:",
        Pane::DraftSubject,
        &draft.subject,
    );
    let size = format!("─ {} ─ F8 or Ctrl-S sends it ", draft.size());
    let rest = usize::from(rule.width).saturating_sub(columns(&size));
    canvas.text(rule, Role::Border, &(size + &"─".repeat(rest)));
    canvas.field(Pane::DraftBody, body, &draft.body, "");
}
