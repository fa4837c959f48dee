//! The rows of the tree: families, the checks in them, and those that hang under a check.
//!
//! What is bad stands on top and is open; what is fine is one line with its count. While the
//! checks run for the first time only a failure moves a row, so that nothing jumps under the
//! cursor; when they have ended, all of it is sorted.

use super::Checks;
use crate::case::{Case, CheckKey, CheckRecord, CheckState, Group};
use std::collections::BTreeSet;

/// From how many checks on those of a family that are fine are one row.
const MANY: usize = 3;

/// Names a row, whatever stands above it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RowId {
    Group(Group),
    /// The checks of an open family that are fine.
    Fine(Group),
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
    /// The checks that a row without a record speaks for.
    pub holds: Vec<&'a CheckRecord>,
}

/// How bad a state is, the worst first: what needs a person, what may yet, what does not.
pub(super) fn rank(state: CheckState) -> u8 {
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

pub(super) fn is_fine(state: CheckState) -> bool {
    matches!(state, CheckState::Passed | CheckState::Skipped)
}

/// A check with what hangs under it.
struct Branch<'a> {
    record: &'a CheckRecord,
    state: CheckState,
    /// The state that gives it its place.
    stands: CheckState,
    under: Vec<Branch<'a>>,
}

impl<'a> Branch<'a> {
    fn records(&self, into: &mut Vec<&'a CheckRecord>) {
        into.push(self.record);
        for branch in &self.under {
            branch.records(into);
        }
    }

    /// Something that runs has a word to say: what it waits for.
    fn speaks(&self) -> bool {
        (self.record.state == CheckState::Running && !self.record.detail.is_empty())
            || self.under.iter().any(Self::speaks)
    }
}

fn branches<'a>(
    records: &[&'a CheckRecord],
    parent: Option<&CheckKey>,
    checks: &Checks,
) -> Vec<Branch<'a>> {
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
            let under = branches(&others, Some(&record.key), checks);
            let state = state_of(
                std::iter::once(record.state).chain(under.iter().map(|branch| branch.state)),
            );
            let stands = state_of(
                std::iter::once(stands(record, checks))
                    .chain(under.iter().map(|branch| branch.stands)),
            );
            Branch {
                record,
                state,
                stands,
                under,
            }
        })
        .collect();
    branches.sort_by_key(|branch| place(branch.stands, checks));
    branches
}

/// A check that is asked again stands where it stood until its answer comes.
fn stands(record: &CheckRecord, checks: &Checks) -> CheckState {
    match (record.state, checks.before.get(&record.key)) {
        (CheckState::Running, Some(before)) => *before,
        (state, _) => state,
    }
}

/// Where something stands among its equals; those of one place keep the order of the plan.
fn place(state: CheckState, checks: &Checks) -> u8 {
    match state {
        CheckState::Failed => 0,
        _ if checks.growing => 1,
        state => rank(state),
    }
}

/// The rows that are shown, the worst on top.
pub fn rows<'a>(case: &'a Case, checks: &Checks) -> Vec<Row<'a>> {
    let mut families: Vec<_> = Group::ALL
        .into_iter()
        .map(|group| (group, family(case, group, checks)))
        .filter(|(_, branches)| !branches.is_empty())
        .collect();
    let stands = |branches: &[Branch<'_>]| state_of(branches.iter().map(|branch| branch.stands));
    families.sort_by_key(|(_, branches)| match stands(branches) {
        // Among the families that are fine the order of the plan says more.
        CheckState::Skipped => place(CheckState::Passed, checks),
        state => place(state, checks),
    });
    let mut rows = Vec::new();
    for (group, branches) in families {
        let mut holds = Vec::new();
        for branch in &branches {
            branch.records(&mut holds);
        }
        let id = RowId::Group(group);
        let state = state_of(branches.iter().map(|branch| branch.state));
        let folded = is_folded(checks, &id, || {
            let is_open = match stands(&branches) {
                CheckState::Failed | CheckState::Warned => true,
                CheckState::NotPossible => !checks.growing,
                CheckState::Running | CheckState::Passed | CheckState::Skipped => false,
            };
            !is_open && !branches.iter().any(Branch::speaks)
        });
        rows.push(Row {
            id,
            depth: 0,
            folded: Some(folded),
            state,
            record: None,
            holds,
        });
        if folded {
            continue;
        }
        let fine = fine_together(&branches, checks);
        let (fine, others): (Vec<_>, Vec<_>) = branches
            .into_iter()
            .partition(|branch| fine.contains(&branch.record.key));
        push(&mut rows, &others, 1, checks);
        if !fine.is_empty() {
            push_fine(&mut rows, group, &fine, checks);
        }
    }
    rows
}

/// The checks of a family that hang under no other of it, each with what hangs under it.
fn family<'a>(case: &'a Case, group: Group, checks: &Checks) -> Vec<Branch<'a>> {
    let mut records: Vec<_> = case
        .checks
        .iter()
        .filter(|record| record.group == group)
        .collect();
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
    let mut under = branches(&records, None, checks);
    for parent in orphans.into_iter().flatten() {
        let (mine, rest): (Vec<_>, Vec<_>) = records
            .into_iter()
            .partition(|record| record.parent.as_ref() == Some(&parent));
        if !mine.is_empty() {
            let all: Vec<_> = mine.iter().chain(&rest).copied().collect();
            under.extend(branches(&all, Some(&parent), checks));
        }
        records = rest;
    }
    under.sort_by_key(|branch| place(branch.stands, checks));
    under
}

/// The checks of an open family that one row speaks for: those that are fine, where they are
/// many and stand beside others. Not while the checks run: a row that ends would vanish.
fn fine_together(branches: &[Branch<'_>], checks: &Checks) -> BTreeSet<CheckKey> {
    let fine = branches
        .iter()
        .filter(|branch| is_fine(branch.stands))
        .map(|branch| branch.record.key.clone())
        .collect::<BTreeSet<_>>();
    if checks.growing || fine.len() < MANY || fine.len() == branches.len() {
        return BTreeSet::new();
    }
    fine
}

fn push_fine<'a>(rows: &mut Vec<Row<'a>>, group: Group, fine: &[Branch<'a>], checks: &Checks) {
    let mut holds = Vec::new();
    for branch in fine {
        branch.records(&mut holds);
    }
    let id = RowId::Fine(group);
    let folded = is_folded(checks, &id, || true);
    rows.push(Row {
        id,
        depth: 1,
        folded: Some(folded),
        state: state_of(fine.iter().map(|branch| branch.state)),
        record: None,
        holds,
    });
    if !folded {
        push(rows, fine, 2, checks);
    }
}

fn push<'a>(rows: &mut Vec<Row<'a>>, branches: &[Branch<'a>], depth: usize, checks: &Checks) {
    for branch in branches {
        let id = RowId::Check(branch.record.key.clone());
        let folded =
            (!branch.under.is_empty()).then(|| is_folded(checks, &id, || is_fine(branch.stands)));
        rows.push(Row {
            id,
            depth,
            folded,
            state: branch.state,
            record: Some(branch.record),
            holds: Vec::new(),
        });
        if folded == Some(false) {
            push(rows, &branch.under, depth + 1, checks);
        }
    }
}

/// As the user left it; else as it is of itself.
fn is_folded(checks: &Checks, id: &RowId, of_itself: impl FnOnce() -> bool) -> bool {
    checks.folded.get(id).copied().unwrap_or_else(of_itself)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn case(checks: &[(Group, &str, CheckState)]) -> Case {
        let mut case = Case::new(Timestamp::UNIX_EPOCH);
        case.checks = checks
            .iter()
            .map(|(group, name, state)| CheckRecord {
                key: CheckKey((*name).into()),
                group: *group,
                parent: None,
                subject: (*name).into(),
                state: *state,
                started_ms: 0,
                elapsed_ms: 0,
                detail: "".into(),
                exchanges: Vec::new(),
                meaning: "".into(),
                by_hand: Vec::new(),
            })
            .collect();
        case
    }

    fn shown(case: &Case, checks: &Checks) -> Vec<String> {
        rows(case, checks)
            .iter()
            .map(|row| match (&row.id, row.record) {
                (_, Some(record)) => record.subject.to_string(),
                (RowId::Group(group), _) => group.word().to_owned(),
                (id, _) => format!("{id:?} {}", row.holds.len()),
            })
            .collect()
    }

    use CheckState::{Failed, NotPossible, Passed, Running, Skipped, Warned};

    #[test]
    fn the_bad_stands_on_top_and_the_fine_is_one_row() {
        let case = case(&[
            (Group::Local, "resolver", Passed),
            (Group::Mx, "mx", Failed),
            (Group::Policy, "bimi", Skipped),
            (Group::Policy, "spf", Passed),
            (Group::Policy, "dkim", NotPossible),
            (Group::Policy, "dmarc", Warned),
            (Group::Policy, "ptr", Passed),
            (Group::Webmail, "page", NotPossible),
        ]);
        let fine = "Fine(Policy) 3";
        assert_eq!(
            shown(&case, &Checks::default()),
            [
                "mx", "mx", "policy", "dmarc", "dkim", fine, "webmail", "page", "local"
            ]
        );
    }

    #[test]
    fn while_the_checks_run_only_a_failure_moves_a_row() {
        let growing = Checks {
            growing: true,
            ..Checks::default()
        };
        let mut checks = [
            (Group::Local, "resolver", Running),
            (Group::Mx, "one", Running),
            (Group::Mx, "two", Running),
            (Group::Policy, "spf", Running),
        ];
        let families = ["local", "mx", "policy"];
        assert_eq!(shown(&case(&checks), &growing), families);
        checks[0].2 = Passed;
        checks[3].2 = NotPossible;
        assert_eq!(shown(&case(&checks), &growing), families);
        checks[2].2 = Failed;
        assert_eq!(
            shown(&case(&checks), &growing),
            ["mx", "two", "one", "local", "policy"]
        );
    }

    #[test]
    fn a_check_that_is_asked_again_stands_where_it_stood() {
        let mut checks = [
            (Group::Local, "resolver", Passed),
            (Group::Mx, "mx", Failed),
        ];
        let before = shown(&case(&checks), &Checks::default());
        checks[1].2 = Running;
        let again = Checks {
            before: [(CheckKey("mx".into()), Failed)].into(),
            ..Checks::default()
        };
        assert_eq!(shown(&case(&checks), &again), before);
    }
}
