//! How the report is drawn.

use super::{Format, default_name};
use crate::tui::hits::Target;
use crate::tui::keys::Action;
use crate::tui::overlay::report_hits;
use crate::tui::state::{Pane, State};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Spans};
use ratatui::layout::{Constraint, Layout, Rect};

pub fn view(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let [top, second, below] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(area);
    canvas.spans(top, &formats(state));
    report_hits(canvas, top);
    let [mask, name] =
        Layout::horizontal([Constraint::Length(27), Constraint::Min(0)]).areas(second);
    let words = if state.report.redact {
        "Mask:   [x] addresses"
    } else {
        "Mask:   [ ] addresses"
    };
    canvas.text(mask, Role::Text, words);
    canvas.hits.add(mask, Target::Action(Action::Redact));
    canvas.spans(
        name,
        &vec![
            (Role::Dim, "File: ".to_owned()),
            (Role::Text, default_name(state)),
        ],
    );
    canvas.hits.add(name, Target::Action(Action::Export));
    let inner = canvas.frame(Pane::Preview, below, "Preview");
    canvas.doc(Pane::Preview, inner, &super::doc(state));
}

/// `Format: [Markdown] HTML JSON Text`, with the zones of `overlay::report_hits`.
pub fn formats(state: &State) -> Spans {
    let mut spans = vec![(Role::Dim, "Format: ".to_owned())];
    for format in Format::ALL {
        if format == state.report.format {
            spans.push((Role::Selected, format!("[{}]", format.title())));
        } else {
            spans.push((Role::Text, format!(" {} ", format.title())));
        }
        spans.push((Role::Text, " ".to_owned()));
    }
    spans
}
