//! What the keys of the checks do.

use super::tree::{Row, RowId, rows};
use super::{BESIDE_FROM, Checks};
use crate::case::{Case, CheckKey, CheckRecord, CheckState, Source, Target};
use crate::tui::effect::Effect;
use crate::tui::keys::Action;
use crate::tui::state::{Pane, State};

/// Forgets what was found and starts the checks for `target`.
pub fn start(state: &mut State, target: Target) -> Vec<Effect> {
    state.case.checks.clear();
    state.case.findings.clear();
    let measured: Vec<_> = state
        .case
        .answers
        .iter()
        .filter(|(_, answer)| answer.source == Source::Measured)
        .map(|(question, _)| question)
        .collect();
    for question in measured {
        state.case.answers.forget(question);
    }
    state.checklist.measured.clear();
    state.checks = Checks {
        focus: state.checks.focus,
        growing: true,
        ..Checks::default()
    };
    if state.checks.focus == Pane::Detail {
        state.checks.focus = Pane::Tree;
    }
    state.case.target = Some(target.clone());
    state.running = true;
    state.session.target_changed(&state.case);
    state.report.target_changed(&state.case);
    state.judge();
    vec![Effect::StartChecks(target), Effect::SaveCase]
}

/// Enters how a check stands now.
pub fn settle(state: &mut State, record: CheckRecord) {
    let old = state.case.check(&record.key).map(|old| old.state);
    match (record.state, old) {
        (CheckState::Running, Some(old)) if old != CheckState::Running => {
            state.checks.before.insert(record.key.clone(), old);
        }
        (CheckState::Running, _) => {}
        _ => {
            state.checks.before.remove(&record.key);
        }
    }
    state.case.set_check(record);
}

/// The case with what is asked again as it was before, for its answer holds until the new one
/// comes; none where nothing is asked again.
pub fn as_it_stood(state: &State) -> Option<Case> {
    if state.checks.before.is_empty() {
        return None;
    }
    let mut case = state.case.clone();
    for check in &mut case.checks {
        if let Some(before) = state.checks.before.get(&check.key) {
            check.state = *before;
        }
    }
    Some(case)
}

/// Nothing runs any more: the rows are sorted, and the cursor stays on what it was on, or on
/// the row that speaks for it now.
pub fn finished(state: &mut State) {
    state.running = false;
    state.checks.growing = false;
    state.checks.before.clear();
    let Some(RowId::Check(key)) = &state.checks.selected else {
        return;
    };
    let rows = rows(&state.case, &state.checks);
    let own = RowId::Check(key.clone());
    if rows.iter().any(|row| row.id == own) {
        return;
    }
    let speaks = |row: &&Row<'_>| row.holds.iter().any(|record| record.key == *key);
    // The innermost of those that hold it comes last.
    let id = rows.iter().rfind(speaks).map(|row| row.id.clone());
    state.checks.selected = id;
}

/// Which row is selected, and of how many.
pub fn selected(state: &State) -> Option<(usize, usize)> {
    let rows = rows(&state.case, &state.checks);
    let at = state
        .checks
        .selected
        .as_ref()
        .and_then(|id| rows.iter().position(|row| row.id == *id))
        .unwrap_or(0);
    (!rows.is_empty()).then_some((at, rows.len()))
}

pub fn select(state: &mut State, at: usize) {
    let id = rows(&state.case, &state.checks)
        .get(at)
        .map(|row| row.id.clone());
    if id.is_some() && id != state.checks.selected {
        state.checks.selected = id;
        state.panes.scroll_to(Pane::Detail, 0);
    }
}

/// What the row says, for a search.
pub fn row_text(state: &State, at: usize) -> String {
    rows(&state.case, &state.checks)
        .get(at)
        .map(|row| match (&row.id, row.record) {
            (RowId::Group(group), _) => group.title().to_owned(),
            (RowId::Fine(_), _) => String::new(),
            (_, Some(record)) => format!("{} {}", record.subject, record.detail),
            _ => String::new(),
        })
        .unwrap_or_default()
}

/// The check of the selected row; of a group there is none.
fn selected_check(state: &State) -> Option<CheckKey> {
    let rows = rows(&state.case, &state.checks);
    let (at, _) = selected(state)?;
    Some(rows.get(at)?.record?.key.clone())
}

/// Whether the selected row can be folded, and whether it is.
fn selected_fold(state: &State) -> Option<(RowId, bool)> {
    let rows = rows(&state.case, &state.checks);
    let (at, _) = selected(state)?;
    let row = rows.get(at)?;
    Some((row.id.clone(), row.folded?))
}

pub fn stops(state: &State) -> Vec<Pane> {
    if state.case.checks.is_empty() {
        vec![Pane::Tree]
    } else {
        vec![Pane::Tree, Pane::Detail]
    }
}

pub fn set_focus(state: &mut State, pane: Pane) {
    state.checks.focus = pane;
    if pane == Pane::Detail {
        state.checks.opened = true;
    }
}

fn is_beside(state: &State) -> bool {
    state.size.0 >= BESIDE_FROM
}

pub fn offers(state: &State, action: Action) -> bool {
    match action {
        Action::Open => !state.case.checks.is_empty(),
        Action::Fold => selected(state).is_some(),
        Action::Unfold => selected_fold(state).is_some_and(|(_, folded)| folded),
        Action::Rerun => selected_check(state).is_some(),
        Action::RunAll => state.case.target.is_some(),
        Action::CancelChecks => state.running,
        Action::Copy => !by_hand(state).is_empty(),
        Action::Back => state.checks.opened || state.checks.focus == Pane::Detail,
        _ => false,
    }
}

fn by_hand(state: &State) -> String {
    let lines = selected_check(state)
        .and_then(|key| state.case.check(&key).cloned())
        .map(|record| record.by_hand)
        .unwrap_or_default();
    let lines: Vec<_> = lines.iter().map(crate::text::SafeText::as_str).collect();
    lines.join("\n")
}

pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Open => open(state),
        Action::Fold => fold(state),
        Action::Unfold => {
            if let Some((id, true)) = selected_fold(state) {
                state.checks.folded.insert(id, false);
            }
        }
        Action::Back => {
            state.checks.focus = Pane::Tree;
            state.checks.opened = false;
        }
        Action::Rerun => {
            if let Some(key) = selected_check(state) {
                state.running = true;
                return vec![Effect::Rerun(key)];
            }
        }
        Action::RunAll => {
            if let Some(target) = state.case.target.clone() {
                return start(state, target);
            }
        }
        Action::CancelChecks if state.running => return vec![Effect::CancelChecks],
        Action::Copy => {
            let text = by_hand(state);
            if !text.is_empty() {
                state.say("copied the commands");
                return vec![Effect::Copy(text)];
            }
        }
        _ => {}
    }
    Vec::new()
}

/// A group folds and unfolds; a check shows its details, or goes into them where they are
/// shown already.
fn open(state: &mut State) {
    let Some((at, _)) = selected(state) else {
        return;
    };
    select(state, at);
    match selected_fold(state) {
        Some((id @ (RowId::Group(_) | RowId::Fine(_)), folded)) => {
            state.checks.folded.insert(id, !folded);
        }
        _ if state.checks.opened || is_beside(state) => state.checks.focus = Pane::Detail,
        _ => state.checks.opened = true,
    }
}

/// Folds the selected row; one that has nothing to fold gives way to the row above it in the
/// tree.
fn fold(state: &mut State) {
    let Some((at, _)) = selected(state) else {
        return;
    };
    if let Some((id, false)) = selected_fold(state) {
        state.checks.selected = Some(id.clone());
        state.checks.folded.insert(id, true);
        return;
    }
    let rows = rows(&state.case, &state.checks);
    let depth = rows.get(at).map_or(0, |row| row.depth);
    let above = rows.iter().take(at).rposition(|row| row.depth < depth);
    if let Some(above) = above {
        select(state, above);
    }
}
