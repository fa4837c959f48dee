//! The rows of the tree: groups, the checks in them, and those that hang under a check.

use super::Checks;
use crate::case::{Case, CheckKey, CheckRecord, CheckState, Group};

/// Names a row, whatever stands above it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowId {
    Group(Group),
    Check(CheckKey),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    pub id: RowId,
    pub depth: usize,
    /// What stands under it is hidden; none where nothing stands under it.
    pub folded: Option<bool>,
    /// The worst of it and what stands under it.
    pub state: CheckState,
    /// None for a group.
    pub record: Option<&'a CheckRecord>,
}

/// How bad a state is, the worst first: what needs a person, what may yet, what does not.
fn rank(state: CheckState) -> u8 {
    match state {
        CheckState::Failed => 0,
        CheckState::Warned => 1,
        CheckState::Running => 2,
        CheckState::NotPossible => 3,
        CheckState::Passed => 4,
        CheckState::Skipped => 5,
    }
}

/// The worst of some states; what still runs outweighs what is well.
pub fn state_of(states: impl Iterator<Item = CheckState>) -> CheckState {
    states
        .min_by_key(|state| rank(*state))
        .unwrap_or(CheckState::Skipped)
}

/// A check with what hangs under it.
struct Branch<'a> {
    record: &'a CheckRecord,
    state: CheckState,
    under: Vec<Branch<'a>>,
}

fn branches<'a>(records: &[&'a CheckRecord], parent: Option<&CheckKey>) -> Vec<Branch<'a>> {
    let mut branches: Vec<_> = records
        .iter()
        .filter(|record| record.parent.as_ref() == parent && Some(&record.key) != parent)
        .map(|record| {
            // A saved case is a file that somebody may have edited: what stands above is left
            // out below, so that a circle ends.
            let others: Vec<_> = records
                .iter()
                .copied()
                .filter(|other| other.key != record.key)
                .collect();
            let under = branches(&others, Some(&record.key));
            let state = state_of(
                std::iter::once(record.state).chain(under.iter().map(|branch| branch.state)),
            );
            Branch {
                record,
                state,
                under,
            }
        })
        .collect();
    branches.sort_by_key(|branch| rank(branch.state));
    branches
}

/// The rows that are shown, the worst on top within each group.
pub fn rows<'a>(case: &'a Case, checks: &Checks) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for group in Group::ALL {
        let mut records: Vec<_> = case
            .checks
            .iter()
            .filter(|record| record.group == group)
            .collect();
        if records.is_empty() {
            continue;
        }
        let known: Vec<_> = records.iter().map(|record| record.key.clone()).collect();
        // What hangs under a row of another group stands directly under its own.
        let orphans: Vec<_> = records
            .iter()
            .filter(|record| {
                record
                    .parent
                    .as_ref()
                    .is_some_and(|parent| !known.contains(parent))
            })
            .map(|record| record.parent.clone())
            .collect();
        let mut under = branches(&records, None);
        for parent in orphans.into_iter().flatten() {
            let (mine, rest): (Vec<_>, Vec<_>) = records
                .into_iter()
                .partition(|record| record.parent.as_ref() == Some(&parent));
            if !mine.is_empty() {
                let all: Vec<_> = mine.iter().chain(&rest).copied().collect();
                under.extend(branches(&all, Some(&parent)));
            }
            records = rest;
        }
        under.sort_by_key(|branch| rank(branch.state));
        let id = RowId::Group(group);
        let state = state_of(under.iter().map(|branch| branch.state));
        let folded = is_folded(checks, &id, state);
        rows.push(Row {
            id,
            depth: 0,
            folded: Some(folded),
            state,
            record: None,
        });
        if !folded {
            push(&mut rows, &under, 1, checks);
        }
    }
    rows
}

fn push<'a>(rows: &mut Vec<Row<'a>>, branches: &[Branch<'a>], depth: usize, checks: &Checks) {
    for branch in branches {
        let id = RowId::Check(branch.record.key.clone());
        let folded = (!branch.under.is_empty()).then(|| is_folded(checks, &id, branch.state));
        rows.push(Row {
            id,
            depth,
            folded,
            state: branch.state,
            record: Some(branch.record),
        });
        if folded == Some(false) {
            push(rows, &branch.under, depth + 1, checks);
        }
    }
}

fn is_folded(checks: &Checks, id: &RowId, state: CheckState) -> bool {
    checks
        .folded
        .get(id)
        .copied()
        .unwrap_or(matches!(state, CheckState::Passed | CheckState::Skipped))
}
