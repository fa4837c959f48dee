//! How the checks are drawn.

use super::tree::{Row, RowId, rows};
use super::{BESIDE_FROM, detail, selected};
use crate::case::CheckState;
use crate::text::{columns, truncated};
use crate::tui::state::{Pane, State};
use crate::tui::symbols;
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Spans};
use ratatui::layout::{Constraint, Layout, Rect};

pub fn view(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    if area.width >= BESIDE_FROM {
        let [left, right] =
            Layout::horizontal([Constraint::Percentage(52), Constraint::Percentage(48)])
                .areas(area);
        tree(state, canvas, left);
        details(state, canvas, right);
    } else if state.checks.opened {
        let height = (area.height * 2 / 5).max(5);
        let [above, below] =
            Layout::vertical([Constraint::Length(height), Constraint::Min(0)]).areas(area);
        tree(state, canvas, above);
        details(state, canvas, below);
    } else {
        tree(state, canvas, area);
    }
}

fn tree(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let title = state.case.target.as_ref().map_or_else(
        || "Checks".to_owned(),
        |target| format!("Checks of {}", target.unicode_domain()),
    );
    let inner = canvas.frame(Pane::Tree, area, &title);
    let rows = rows(&state.case, &state.checks);
    if rows.is_empty() {
        canvas.doc(Pane::Tree, inner, &detail::doc(state));
        return;
    }
    let names = rows.iter().map(name_columns).max().unwrap_or(0);
    let names = names.min(usize::from(inner.width) * 45 / 100);
    let at = selected(state).map(|(at, _)| at);
    canvas.list(Pane::Tree, inner, rows.len(), at, |index| {
        rows.get(index)
            .map(|row| line(state, row, names))
            .unwrap_or_default()
    });
}

fn details(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let inner = canvas.frame(Pane::Detail, area, "Details");
    canvas.doc(Pane::Detail, inner, &detail::doc(state));
}

fn name(row: &Row<'_>) -> String {
    match (&row.id, row.record) {
        (RowId::Group(group), _) => group.title().to_owned(),
        (_, Some(record)) => record.subject.to_string(),
        _ => String::new(),
    }
}

fn name_columns(row: &Row<'_>) -> usize {
    row.depth * 2 + 4 + columns(&name(row))
}

/// `▾ ✗ Nameservers`, `    ✓ ns1.example.org   12 ms  authoritative, serial 7`.
fn line(state: &State, row: &Row<'_>, names: usize) -> Spans {
    let fold = match row.folded {
        Some(true) => "▸",
        Some(false) => "▾",
        None => " ",
    };
    let own = row.record.map_or(row.state, |record| {
        // A folded row speaks for what it hides.
        if row.folded == Some(true) {
            row.state
        } else {
            record.state
        }
    });
    let (role, symbol) = symbols::check(own);
    let indent = " ".repeat(row.depth * 2);
    let room = names.saturating_sub(row.depth * 2 + 4);
    let name = truncated(&name(row), room);
    let padding = " ".repeat(room.saturating_sub(columns(&name)));
    let mut spans = vec![
        (Role::Dim, format!("{indent}{fold} ")),
        (role, format!("{symbol} ")),
    ];
    let Some(record) = row.record else {
        spans.push((Role::Title, format!("{name}{padding}")));
        spans.push((Role::Dim, tally(state, row)));
        return spans;
    };
    spans.push((Role::Text, format!("{name}{padding}")));
    let elapsed = duration(detail::elapsed_ms(state, record));
    let elapsed_role = if record.state == CheckState::Running {
        Role::Running
    } else {
        Role::Dim
    };
    spans.push((elapsed_role, format!(" {elapsed:>7}  ")));
    if detail::waits_long(state, record) {
        let words = "waiting for the greeting; a minute or two is normal";
        spans.push((Role::Note, words.to_owned()));
    } else {
        let role = if matches!(own, CheckState::Failed | CheckState::Warned) {
            role
        } else {
            Role::Text
        };
        spans.push((role, record.detail.to_string()));
    }
    spans
}

/// What a group holds, in a few words.
fn tally(state: &State, row: &Row<'_>) -> String {
    let RowId::Group(group) = row.id else {
        return String::new();
    };
    let count = |wanted: CheckState| {
        state
            .case
            .checks
            .iter()
            .filter(|record| record.group == group && record.state == wanted)
            .count()
    };
    let parts: Vec<_> = [
        (CheckState::Failed, "failed"),
        (CheckState::Warned, "warned"),
        (CheckState::Running, "running"),
        (CheckState::NotPossible, "not possible"),
        (CheckState::Passed, "passed"),
        (CheckState::Skipped, "skipped"),
    ]
    .into_iter()
    .map(|(wanted, word)| (count(wanted), word))
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect();
    format!(" {}", parts.join(", "))
}

/// `12 ms`, `3.4 s`, `2 m 05 s`.
pub fn duration(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} m {:02} s", ms / 60_000, ms / 1_000 % 60),
    }
}

/// The tree in short, for the side of another screen: the groups, and what is not well.
pub fn glance(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let inner = canvas.frame(Pane::Glance, area, "Checks so far");
    let mut doc = crate::tui::widget::Doc::default();
    let rows = rows(&state.case, &super::Checks::default());
    if rows.is_empty() {
        doc.text(
            Role::Dim,
            "They start as soon as the domain is known, and run while you answer.",
        );
    }
    for row in rows {
        let (role, symbol) = symbols::check(row.state);
        match row.record {
            None => {
                doc.hanging(
                    0,
                    4,
                    vec![
                        (role, format!("{symbol} ")),
                        (Role::Title, name(&row)),
                        (Role::Dim, tally(state, &row)),
                    ],
                );
            }
            Some(record) if !matches!(row.state, CheckState::Passed | CheckState::Skipped) => {
                doc.hanging(
                    row.depth * 2,
                    row.depth * 2 + 2,
                    vec![
                        (role, format!("{symbol} ")),
                        (Role::Text, format!("{} ", record.subject)),
                        (Role::Dim, record.detail.to_string()),
                    ],
                );
            }
            Some(_) => {}
        }
    }
    canvas.doc(Pane::Glance, inner, &doc);
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_short() {
        assert_eq!(duration(12), "12 ms");
        assert_eq!(duration(3_450), "3.4 s");
        assert_eq!(duration(125_000), "2 m 05 s");
    }
}
