//! How two transcripts are drawn side by side; in a narrow terminal one above the other, line
//! for line.

use super::compare::{Mark, Row};
use super::view::mark;
use super::{Beside, Session};
use crate::case::Line;
use crate::text::{columns, truncated};
use crate::tui::screen::checks;
use crate::tui::state::{Pane, State};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Spans, plain};
use ratatui::layout::{Constraint, Layout, Rect};

/// Columns from which each has a half of its own.
const TWO_FROM: u16 = 110;
/// Milliseconds by which an answer is later before that is marked.
const LATER_BY: u64 = 100;

pub(super) fn view(state: &State, canvas: &mut Canvas<'_>, area: Rect, beside: &Beside) {
    let [top, below] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
    canvas.text(
        top,
        Role::Dim,
        " ~ other words   ! another code   < only the earlier   > only the later",
    );
    let inner = canvas.frame(Pane::Beside, below, &title(&state.session));
    let at = super::beside_selected(state).map(|(at, _)| at);
    if area.width >= TWO_FROM {
        let half = usize::from(inner.width.saturating_sub(4) / 2);
        canvas.list(Pane::Beside, inner, beside.rows.len(), at, |index| {
            beside
                .rows
                .get(index)
                .map(|row| halves(row, half))
                .unwrap_or_default()
        });
        return;
    }
    let places = places(&beside.rows);
    canvas.list(Pane::Beside, inner, places.len(), at, |index| {
        let place = places.get(index);
        place
            .and_then(|(at, side)| Some(stacked(beside.rows.get(*at)?, *side)))
            .unwrap_or_default()
    });
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Both,
    Left,
    Right,
}

/// The rows of a narrow screen: one above the other, a pair that differs takes two.
fn places(rows: &[Row]) -> Vec<(usize, Side)> {
    let mut places = Vec::with_capacity(rows.len());
    for (at, row) in rows.iter().enumerate() {
        match row {
            Row::Pair { mark, left, right } if *mark != Mark::Same => {
                places.extend(left.iter().map(|_| (at, Side::Left)));
                places.extend(right.iter().map(|_| (at, Side::Right)));
            }
            _ => places.push((at, Side::Both)),
        }
    }
    places
}

/// How many rows the comparison has on a screen of so many columns.
pub(super) fn count(beside: &Beside, wide: u16) -> usize {
    if wide >= TWO_FROM {
        beside.rows.len()
    } else {
        places(&beside.rows).len()
    }
}

/// What the row `at` says on a screen of so many columns.
pub(super) fn text(beside: &Beside, wide: u16, at: usize) -> String {
    let found = if wide >= TWO_FROM {
        Some((at, Side::Both))
    } else {
        places(&beside.rows).get(at).copied()
    };
    found
        .and_then(|(at, side)| {
            let row = beside.rows.get(at)?;
            Some(match row {
                Row::Pair { left, right, mark } if side == Side::Both && *mark != Mark::Same => {
                    format!("{} {}", said(left.as_ref()), said(right.as_ref()))
                }
                row => plain(&stacked(row, side)),
            })
        })
        .unwrap_or_default()
}

fn title(session: &Session) -> String {
    let before = session.before.as_ref();
    let (host, port) = before.map_or(("", ""), |held| (&held.host, &held.port));
    let (own, own_port) = &session.connected_to;
    format!("< {host}:{port}   beside   > {own}:{own_port}")
}

fn role(mark: Mark) -> Role {
    match mark {
        Mark::Same => Role::Dim,
        Mark::Words => Role::Note,
        Mark::Code => Role::Bad,
        Mark::Left | Mark::Right => Role::Warn,
    }
}

fn took(ms: Option<u64>) -> String {
    ms.map_or_else(|| "-".to_owned(), checks::duration)
}

/// Which of the two was later, in words.
fn later(left: Option<u64>, right: Option<u64>) -> String {
    let (Some(left), Some(right)) = (left, right) else {
        return String::new();
    };
    let by = left.abs_diff(right);
    if by < LATER_BY {
        return String::new();
    }
    let who = if left > right { "<" } else { ">" };
    format!("  {who} slower by {}", checks::duration(by))
}

fn said(line: Option<&Line>) -> String {
    line.map(|line| format!("{} {}", mark(line), line.line))
        .unwrap_or_default()
}

fn halves(row: &Row, half: usize) -> Spans {
    match row {
        Row::Step { name, left, right } => {
            let one = padded(&format!("{name}  {}", took(*left)), half);
            vec![
                (Role::Title, one),
                (Role::Dim, " │ ".to_owned()),
                (Role::Title, took(*right)),
                (Role::Warn, later(*left, *right)),
            ]
        }
        Row::Pair { mark, left, right } => {
            let role = role(*mark);
            let text = if *mark == Mark::Same {
                Role::Text
            } else {
                role
            };
            vec![
                (text, padded(&said(left.as_ref()), half)),
                (
                    role,
                    format!(
                        " {} ",
                        if *mark == Mark::Same {
                            "│"
                        } else {
                            mark.sign()
                        }
                    ),
                ),
                (text, truncated(&said(right.as_ref()), half)),
            ]
        }
    }
}

fn padded(text: &str, wide: usize) -> String {
    let cut = truncated(text, wide);
    let gap = wide.saturating_sub(columns(&cut));
    cut + &" ".repeat(gap)
}

fn stacked(row: &Row, side: Side) -> Spans {
    match row {
        Row::Step { name, left, right } => vec![
            (Role::Title, format!("{name}  ")),
            (Role::Dim, format!("< {}   > {}", took(*left), took(*right))),
            (Role::Warn, later(*left, *right)),
        ],
        Row::Pair { mark, left, right } => match side {
            Side::Both => vec![(Role::Text, format!("    {}", said(left.as_ref())))],
            Side::Left => one_side(*mark, "<", left.as_ref()),
            Side::Right => one_side(*mark, ">", right.as_ref()),
        },
    }
}

fn one_side(mark: Mark, side: &str, line: Option<&Line>) -> Spans {
    let sign = match mark {
        Mark::Left | Mark::Right => " ",
        mark => mark.sign(),
    };
    vec![(role(mark), format!("{sign} {side} {}", said(line)))]
}
