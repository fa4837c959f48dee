//! How the checks are drawn.

use super::tree::{Row, RowId, is_fine, rank, rows};
use super::{BESIDE_FROM, detail, selected};
use crate::case::{CheckRecord, CheckState};
use crate::text::{columns, truncated, wrapped};
use crate::tui::state::{Pane, State};
use crate::tui::symbols;
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Spans};
use ratatui::layout::{Constraint, Layout, Rect};

/// Columns from which every row has room for its time.
const TIMED_FROM: u16 = 90;
/// A time that is worth a word where there is little room.
const WORTH_TELLING_MS: u64 = 1_000;
/// Lines below the tree for all of the selected row, the rule above them included, and the
/// height of the pane from which there is room for them.
const FOOT: u16 = 3;
const FOOT_FROM: u16 = 15;

pub fn view(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    if area.width >= BESIDE_FROM {
        let [left, right] =
            Layout::horizontal([Constraint::Percentage(52), Constraint::Percentage(48)])
                .areas(area);
        tree(state, canvas, left, false);
        details(state, canvas, right);
    } else if state.checks.opened {
        let height = (area.height * 2 / 5).max(5);
        let [above, below] =
            Layout::vertical([Constraint::Length(height), Constraint::Min(0)]).areas(area);
        tree(state, canvas, above, false);
        details(state, canvas, below);
    } else {
        tree(state, canvas, area, true);
    }
}

/// `alone`: the details of the selected row stand nowhere else.
fn tree(state: &State, canvas: &mut Canvas<'_>, area: Rect, alone: bool) {
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
    let at = selected(state).map(|(at, _)| at);
    let foot = if alone && inner.height >= FOOT_FROM {
        FOOT
    } else {
        0
    };
    let [list, below] =
        Layout::vertical([Constraint::Min(0), Constraint::Length(foot)]).areas(inner);
    let names = rows.iter().map(name_columns).max().unwrap_or(0);
    let names = names.min(usize::from(list.width) * 45 / 100);
    let timed = area.width >= TIMED_FROM;
    canvas.list(Pane::Tree, list, rows.len(), at, |index| {
        rows.get(index)
            .map(|row| line(state, row, names, timed))
            .unwrap_or_default()
    });
    if let Some(row) = at.and_then(|at| rows.get(at)) {
        whole(row, canvas, below);
    }
}

/// The selected row once more, for its line may have been too short for it.
fn whole(row: &Row<'_>, canvas: &mut Canvas<'_>, area: Rect) {
    let [rule, text] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(area);
    canvas.text(rule, Role::Border, &"─".repeat(usize::from(rule.width)));
    let worst = row.holds.iter().copied().min_by_key(|it| rank(it.state));
    let said = match row.record.or(worst) {
        Some(record) if !is_fine(record.state) || row.record.is_some() => {
            format!("{}: {}", record.subject, said(record))
        }
        _ => format!("{}: {}", name(row), tally(row)),
    };
    let mut lines = wrapped(&said, usize::from(text.width.max(1)));
    // What does not fit goes on in the last line, which is cut where it ends.
    let last = lines.split_off(lines.len().min(usize::from(text.height).saturating_sub(1)));
    let lines = lines.into_iter().chain([last.join(" ")]);
    for (y, line) in (text.y..text.bottom()).zip(lines) {
        canvas.text(Rect::new(text.x, y, text.width, 1), Role::Text, &line);
    }
}

fn details(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    canvas.framed_doc(Pane::Detail, area, "Details", &detail::doc(state));
}

fn name(row: &Row<'_>) -> String {
    match (&row.id, row.record) {
        (RowId::Group(group), _) => group.title().to_owned(),
        (RowId::Fine(_), _) => "the others are fine".to_owned(),
        (RowId::Check(_), Some(record)) => record.subject.to_string(),
        (RowId::Check(_), None) => String::new(),
    }
}

fn name_columns(row: &Row<'_>) -> usize {
    row.depth * 2 + 4 + columns(&name(row))
}

/// The result of a check in words. What could not be found out says so: a symbol alone is too
/// easily taken for a pass.
fn said(record: &CheckRecord) -> String {
    match record.state {
        CheckState::NotPossible => format!("not possible: {}", record.detail),
        _ => record.detail.to_string(),
    }
}

/// `▾ ✗ Nameservers`, `    ✓ ns1.example.org   12 ms  authoritative, serial 7`. Where there is
/// little room, only a time that is worth a word is told.
fn line(state: &State, row: &Row<'_>, names: usize, timed: bool) -> Spans {
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
        let role = match row.id {
            RowId::Group(_) => Role::Title,
            _ => Role::Dim,
        };
        spans.push((role, format!("{name}{padding} ")));
        spans.push((Role::Dim, tally(row)));
        return spans;
    };
    spans.push((Role::Text, format!("{name}{padding} ")));
    let ms = detail::elapsed_ms(state, record);
    let runs = record.state == CheckState::Running;
    let elapsed_role = if runs { Role::Running } else { Role::Dim };
    if timed {
        spans.push((elapsed_role, format!("{:>7}  ", duration(ms))));
    } else if runs || ms >= WORTH_TELLING_MS {
        spans.push((elapsed_role, format!("{}  ", duration(ms))));
    }
    let role = match own {
        CheckState::Failed | CheckState::Warned | CheckState::NotPossible => role,
        _ => Role::Text,
    };
    spans.push((role, said(record)));
    spans
}

/// What a group holds, in a few words.
fn tally(row: &Row<'_>) -> String {
    let count = |wanted: CheckState| row.holds.iter().filter(|it| it.state == wanted).count();
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
    parts.join(", ")
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
    let plain = super::Checks {
        growing: state.checks.growing,
        before: state.checks.before.clone(),
        ..super::Checks::default()
    };
    let mut rows = rows(&state.case, &plain);
    rows.retain(|row| !matches!(row.id, RowId::Fine(_)));
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
                        (Role::Title, format!("{} ", name(&row))),
                        (Role::Dim, tally(&row)),
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
                        (Role::Dim, said(record)),
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
