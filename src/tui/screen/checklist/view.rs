//! How the checklist is drawn.

use super::{Kind, question, targets};
use crate::case::{Answer, Source};
use crate::knowledge::question::QuestionId;
use crate::text::{columns, truncated};
use crate::tui::hits::Target;
use crate::tui::screen::checks;
use crate::tui::state::{Pane, State};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Doc, Spans};
use ratatui::layout::{Constraint, Layout, Rect};

/// Columns from which the checks are seen beside the questions.
const GLANCE_FROM: u16 = 118;

pub fn view(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let list = if area.width < 76 { 24 } else { 31 };
    if area.width >= GLANCE_FROM {
        let [left, middle, right] = Layout::horizontal([
            Constraint::Length(list + 4),
            Constraint::Fill(4),
            Constraint::Fill(3),
        ])
        .areas(area);
        questions(state, canvas, left);
        one(state, canvas, middle);
        checks::glance(state, canvas, right);
    } else {
        let [left, right] =
            Layout::horizontal([Constraint::Length(list), Constraint::Min(0)]).areas(area);
        questions(state, canvas, left);
        one(state, canvas, right);
    }
}

fn questions(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let inner = canvas.frame(Pane::Questions, area, "Questions");
    let total = QuestionId::ALL.len();
    let at = Some(state.checklist.at);
    canvas.list(Pane::Questions, inner, total, at, |index| {
        QuestionId::ALL
            .get(index)
            .map(|id| row(state, index, *id))
            .unwrap_or_default()
    });
}

/// `✓  8 Affected     example.org`.
fn row(state: &State, index: usize, id: QuestionId) -> Spans {
    let label = format!("{:>2} {:<12} ", index + 1, question::label(id));
    match state.case.answers.get(id) {
        None => vec![(Role::Dim, "- ".to_owned()), (Role::Text, label)],
        Some(answer) => {
            let (role, symbol) = mark(answer);
            vec![
                (role, format!("{symbol} ")),
                (Role::Text, label),
                (role, short(answer)),
            ]
        }
    }
}

fn mark(answer: &Answer) -> (Role, &'static str) {
    match answer.source {
        Source::Given => (Role::Good, "✓"),
        Source::Measured => (Role::Measured, "≈"),
    }
}

fn short(answer: &Answer) -> String {
    match &answer.text[..] {
        [] => String::new(),
        [only] => only.to_string(),
        lines => format!("{} lines", lines.len()),
    }
}

fn one(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let id = state.checklist.question();
    let number = state.checklist.at + 1;
    let pane = match canvas.has_focus(Pane::Bounces) {
        true => Pane::Bounces,
        false if canvas.has_focus(Pane::AnswerLine) => Pane::AnswerLine,
        false => Pane::Question,
    };
    let title = format!("{number} of {}", QuestionId::ALL.len());
    let inner = canvas.frame(pane, area, &title);
    canvas.hits.add(area, Target::Pane(Pane::Question));
    let head = head(state, id);
    let rows = head
        .wrapped(usize::from(inner.width.saturating_sub(1).max(1)))
        .len();
    let rows = u16::try_from(rows).unwrap_or(u16::MAX);
    let least = match question::kind(id) {
        Kind::Bounces => 6,
        _ => 3,
    };
    let height = rows.min(inner.height.saturating_sub(least));
    let [above, below] =
        Layout::vertical([Constraint::Length(height), Constraint::Min(0)]).areas(inner);
    canvas.doc(Pane::Question, above, &head);
    match question::kind(id) {
        Kind::Choice(words) => choices(state, canvas, below, id, &words),
        Kind::Bounces => bounces(state, canvas, below),
        Kind::Targets | Kind::Text => line(state, canvas, below, id),
    }
}

/// What is asked, and why.
fn head(state: &State, id: QuestionId) -> Doc {
    let mut doc = Doc::default();
    doc.text(Role::Title, question::asks(id));
    doc.text(Role::Dim, question::why(id));
    if state.size.1 > 18 {
        doc.blank();
    }
    doc
}

/// The answers as they can be clicked, in as many rows as they need; then what stands.
fn choices(
    state: &State,
    canvas: &mut Canvas<'_>,
    area: Rect,
    id: QuestionId,
    words: &[&'static str],
) {
    let given = state.case.answers.get(id).map(Answer::joined);
    let (mut x, mut y) = (area.x, area.y);
    for (index, word) in words.iter().enumerate() {
        let stands = given.as_deref() == Some(*word);
        let open = if stands { "[•" } else { "[ " };
        let wide = u16::try_from(columns(word) + 4).unwrap_or(u16::MAX);
        if x > area.x && x.saturating_add(wide) > area.right() {
            x = area.x;
            y = y.saturating_add(1);
        }
        let place = Rect::new(x, y, wide, 1).intersection(area);
        let chosen = index == state.checklist.choice && canvas.has_focus(Pane::Questions);
        let mut letters = word.chars();
        let first: String = letters.next().into_iter().collect();
        let rest: String = letters.collect();
        if chosen {
            // Where there is no colour, the brackets say which one Enter takes.
            let mark = if stands { "•" } else { " " };
            canvas.text(place, Role::Selected, &format!("‹{mark}{word} ›"));
        } else {
            canvas.spans(
                place,
                &vec![
                    (Role::Text, open.to_owned()),
                    (Role::Key, first),
                    (Role::Text, format!("{rest} ]")),
                ],
            );
        }
        canvas.hits.add(place, Target::Choice(index));
        x = x.saturating_add(wide).saturating_add(1);
    }
    let below = Rect::new(
        area.x,
        y.saturating_add(1),
        area.width,
        area.bottom().saturating_sub(y.saturating_add(1)),
    )
    .intersection(area);
    let mut doc = Doc::default();
    stands(state, id, &mut doc);
    if state.size.1 > 18 {
        hint(id, &mut doc);
    }
    canvas.doc(Pane::Explained, below, &doc);
}

/// The answer that the case holds, and how it is known.
fn stands(state: &State, id: QuestionId, doc: &mut Doc) {
    let Some(answer) = state.case.answers.get(id) else {
        return;
    };
    let (role, symbol) = mark(answer);
    match answer.source {
        Source::Given => {
            if let Some(found) = state.checklist.measured.get(&id)
                && found.text != answer.text
            {
                let how = found.how.as_ref().map(ToString::to_string);
                doc.item(
                    Role::Measured,
                    "≈",
                    &format!(
                        "The checks say {}: {}. Your answer counts; `u` takes it back.",
                        short(found),
                        how.unwrap_or_default()
                    ),
                );
            }
        }
        Source::Measured => {
            let how = answer
                .how
                .as_ref()
                .map(|how| format!(": {how}"))
                .unwrap_or_default();
            doc.item(
                role,
                symbol,
                &format!("measured {}{how}. Answer to overrule it.", short(answer)),
            );
        }
    }
}

fn hint(id: QuestionId, doc: &mut Doc) {
    if let Some(hint) = question::hint(id) {
        if !doc.is_empty() {
            doc.blank();
        }
        doc.hanging(
            0,
            6,
            vec![
                (Role::Key, "hint: ".to_owned()),
                (Role::Dim, hint.to_owned()),
            ],
        );
    }
}

fn line(state: &State, canvas: &mut Canvas<'_>, area: Rect, id: QuestionId) {
    let [field, below] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
    let placeholder = match question::kind(id) {
        Kind::Targets => "info@example.org, example.com",
        _ => "type the answer",
    };
    canvas.field(Pane::AnswerLine, field, &state.checklist.line, placeholder);
    let mut doc = Doc::default();
    if question::kind(id) == Kind::Targets {
        understood(state, &mut doc);
    }
    stands(state, id, &mut doc);
    hint(id, &mut doc);
    canvas.doc(Pane::Explained, below, &doc);
}

/// What is an address or a domain in the line, and what is not.
fn understood(state: &State, doc: &mut Doc) {
    let (targets, wrong) = targets::read(&state.checklist.line.text());
    for (index, target) in targets.iter().enumerate() {
        let shown = target.to_string();
        let unicode = target.unicode_domain();
        let idn = if unicode == target.domain() {
            String::new()
        } else {
            format!(" ({unicode})")
        };
        let what = match (index, state.case.target.as_ref() == Some(target)) {
            (_, true) => ": this is what the checks are about",
            (0, false) => ": Enter starts its checks",
            _ => "",
        };
        doc.item(Role::Good, "✓", &format!("{shown}{idn}{what}"));
    }
    for error in wrong {
        doc.item(Role::Bad, "✗", &error.to_string());
    }
}

fn bounces(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let explained = super::explained(state);
    let empty = state.checklist.bounces.is_empty();
    let height = if empty {
        area.height
    } else {
        (area.height * 2 / 5).max(2).min(area.height)
    };
    let [above, below] =
        Layout::vertical([Constraint::Length(height), Constraint::Min(0)]).areas(area);
    canvas.field(
        Pane::Bounces,
        above,
        &state.checklist.bounces,
        &truncated(
            "Enter, then paste the bounce or the error here",
            usize::from(area.width),
        ),
    );
    if !empty && !below.is_empty() {
        let rule = Rect::new(below.x, below.y, below.width, 1);
        let title = "─ What it says ";
        let rest = usize::from(below.width).saturating_sub(columns(title));
        let title = format!("{title}{}", "─".repeat(rest));
        let role = if canvas.has_focus(Pane::Explained) {
            Role::Focus
        } else {
            Role::Border
        };
        canvas.text(rule, role, &title);
        let rest = Rect::new(
            below.x,
            below.y + 1,
            below.width,
            below.height.saturating_sub(1),
        );
        canvas.doc(Pane::Explained, rest, &explained);
    }
}
