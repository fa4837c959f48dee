//! How a form is drawn: its rows, and below them what the selected one is for.

use super::{Entry, Form};
use crate::text::columns;
use crate::tui::hits::Target;
use crate::tui::keys::Action;
use crate::tui::overlay::view::{buttons, doc_height, sized};
use crate::tui::state::Pane;
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Doc, Field, Spans};
use ratatui::layout::{Constraint, Layout, Rect};

const WIDTH: u16 = 76;
/// Rows of the explanation.
const HELP: u16 = 4;
/// Rows of the screen below which the words on top are left out.
const ROOMY_FROM: u16 = 20;

pub(in crate::tui::overlay) fn view(canvas: &mut Canvas<'_>, body: Rect, form: &Form) {
    let mut about = Doc::default();
    if body.height >= ROOMY_FROM {
        about.para(form.words());
        about.blank();
    }
    let above = doc_height(&about, body, WIDTH).saturating_sub(2);
    let rows = u16::try_from(form.rows.len()).unwrap_or(u16::MAX);
    let help = if body.height >= ROOMY_FROM { HELP } else { 3 };
    let height = rows.saturating_add(above + help + 4);
    let area = sized(body, WIDTH, height);
    canvas.cover(area);
    let inner = canvas.frame(Pane::Form, area, form.title());
    canvas.hits.add(inner, Target::Nothing);
    let [top, list, rule, below, button] = Layout::vertical([
        Constraint::Length(above),
        Constraint::Min(1),
        Constraint::Length(1),
        Constraint::Length(help),
        Constraint::Length(1),
    ])
    .areas(inner);
    canvas.doc(Pane::Notice, top, &about);
    fill_in(canvas, list, form);
    canvas.text(rule, Role::Border, &"─".repeat(usize::from(rule.width)));
    canvas.doc(Pane::Notice, below, &explanation(form));
    buttons(
        canvas,
        button,
        &[
            (form.yes(), true, Action::Choose),
            ("Close", false, Action::Close),
        ],
    );
}

fn explanation(form: &Form) -> Doc {
    let mut doc = Doc::default();
    match (&form.complaint, form.rows.get(form.selected)) {
        (Some(complaint), _) => {
            doc.item(Role::Bad, "✗", complaint);
        }
        (None, Some(row)) => {
            doc.para(&row.help);
        }
        (None, None) => {}
    }
    doc
}

fn fill_in(canvas: &mut Canvas<'_>, list: Rect, form: &Form) {
    let widest = form.rows.iter().map(|row| columns(row.label)).max();
    let label = widest.unwrap_or(0) + 2;
    let row = |index: usize| -> Spans {
        let Some(row) = form.rows.get(index) else {
            return Spans::new();
        };
        let (role, value) = shown(&row.entry, index == form.selected);
        let pad = label.saturating_sub(columns(row.label) + 1);
        vec![
            (Role::Dim, format!(" {}{}", row.label, " ".repeat(pad))),
            (role, value),
        ]
    };
    let total = form.rows.len();
    let offset = canvas.list(Pane::Form, list, total, Some(form.selected), row);
    // What is typed in is drawn over its row, with the cursor.
    let Some(entry) = form.rows.get(form.selected).map(|row| &row.entry) else {
        return;
    };
    let down = u16::try_from(form.selected.saturating_sub(offset)).unwrap_or_default();
    let wide = u16::try_from(label).unwrap_or_default();
    let place = Rect::new(
        list.x.saturating_add(wide),
        list.y.saturating_add(down),
        list.width.saturating_sub(wide + 1),
        1,
    )
    .intersection(list);
    match entry {
        Entry::Text { field, hint } => field.draw(canvas, place, true, hint),
        Entry::Secret(secret) => {
            Field::line(&secret.stars()).draw(canvas, place, true, "is not shown");
        }
        Entry::Choice { .. } => {}
    }
}

fn shown(entry: &Entry, selected: bool) -> (Role, String) {
    match entry {
        Entry::Text { field, hint } if field.is_empty() => (Role::Dim, hint.clone()),
        Entry::Text { field, .. } => (Role::Text, field.text()),
        Entry::Secret(secret) => (Role::Text, secret.stars()),
        Entry::Choice { words, at } => {
            let word = words.get(*at).map_or("", String::as_str);
            let text = if selected {
                format!("← {word} →")
            } else {
                word.to_owned()
            };
            (Role::Text, text)
        }
    }
}
