//! How the editor of the message is drawn.

use super::Session;
use super::draft::{Placed, octets};
use crate::smtp::data::LineEnds;
use crate::text::columns;
use crate::tui::state::{Pane, State};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Doc, Field};
use ratatui::layout::{Constraint, Layout, Rect};

/// Columns of the names of the fields.
const LABEL: u16 = 10;

pub(super) fn view(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let session = &state.session;
    let to = if session.recipients.is_empty() {
        "no recipient accepted yet".to_owned()
    } else {
        format!("will go to {}", session.recipients.join(", "))
    };
    let inner = canvas.frame(Pane::DraftBody, area, &format!("Message, {to}"));
    let fields = if session.draft.whole.is_some() { 0 } else { 3 };
    let beside = beside(session);
    let rows = u16::try_from(beside.len()).unwrap_or(u16::MAX);
    let [head, along, rule, body] = Layout::vertical([
        Constraint::Length(fields),
        Constraint::Length(rows.min(inner.height / 3)),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(inner);
    if fields > 0 {
        headers(session, canvas, head);
    }
    for (y, (name, text)) in (along.y..along.bottom()).zip(&beside) {
        let [label, value] = line(Rect::new(along.x, y, along.width, 1));
        canvas.text(label, Role::Dim, name);
        canvas.text(value, Role::Key, text);
    }
    let size = format!("─ {} ─ F8 or Ctrl-S sends it ", session.draft.size());
    let rest = usize::from(rule.width).saturating_sub(columns(&size));
    canvas.text(rule, Role::Border, &(size + &"─".repeat(rest)));
    match &session.draft.whole {
        None => canvas.field(Pane::DraftBody, body, &session.draft.body, ""),
        Some(whole) => {
            let mut doc = Doc::default();
            let ends = match whole.ends {
                LineEnds::Made => "its line ends are made CRLF",
                LineEnds::Kept => "its line ends stay as they are, bare CR and LF too",
            };
            doc.para(&format!(
                "The file is sent as it is, {}: {ends}. Its headers are its own; the envelope \
                 decides who gets it.",
                octets(whole.octets)
            ));
            doc.blank();
            doc.text(
                Role::Dim,
                "F9 goes back to the message that is written here.",
            );
            canvas.doc(Pane::DraftBody, body, &doc);
        }
    }
}

fn line(area: Rect) -> [Rect; 2] {
    Layout::horizontal([Constraint::Length(LABEL), Constraint::Min(0)]).areas(area)
}

fn headers(session: &Session, canvas: &mut Canvas<'_>, area: Rect) {
    let draft = &session.draft;
    let fields: [(&str, Pane, &Field); 3] = [
        ("From:", Pane::DraftFrom, &draft.from),
        ("To:", Pane::DraftTo, &draft.to),
        ("Subject:", Pane::DraftSubject, &draft.subject),
    ];
    for (y, (name, pane, field)) in (area.y..area.bottom()).zip(fields) {
        let [label, value] = line(Rect::new(area.x, y, area.width, 1));
        let role = if canvas.has_focus(pane) {
            Role::Focus
        } else {
            Role::Dim
        };
        canvas.text(label, role, name);
        canvas.field(pane, value, field, "");
    }
}

/// What is sent beside what is written here, a line each.
fn beside(session: &Session) -> Vec<(&'static str, String)> {
    let draft = &session.draft;
    let mut lines = Vec::new();
    if let Some(whole) = &draft.whole {
        lines.push(("File:", whole.path.clone()));
    } else {
        if !draft.others.is_empty() {
            let others = draft.others.iter();
            let others = others.map(|(name, value)| format!("{name}: {value}"));
            lines.push(("Also:", others.collect::<Vec<_>>().join("; ")));
        }
        let files = draft.enclosures();
        if !files.is_empty() {
            lines.push(("Files:", files.join(", ")));
        }
        let mut tests = Vec::new();
        if draft.gtube == Placed::Text {
            tests.push("GTUBE behind the text");
        }
        if draft.eicar == Placed::Text {
            tests.push("EICAR in the place of the text");
        }
        if !tests.is_empty() {
            lines.push(("Test:", tests.join(", ")));
        }
        if draft.has_gaps {
            lines.push(("Gaps:", "{{…}} is filled in when it is sent".to_owned()));
        }
    }
    if let Some(name) = draft.signed_as() {
        lines.push(("Signed:", name));
    }
    lines
}
