//! The row of SPF: the tree with its count.

use super::Seen;
use super::evaluate::{evaluate, word};
use super::tree::{Found, Node, State};
use crate::case::{CheckState, Exchange};
use crate::check::request::shown;
use crate::check::{Request, Row};
use crate::policy::spf::{MAX_LOOKUPS, MAX_VOID};
use crate::text::SafeText;

/// The tree, a line a term, each with what it led to.
pub(super) fn lines(tree: &Node) -> Vec<SafeText> {
    let mut lines = vec![
        format!(
            "{}: {} look-ups of {MAX_LOOKUPS}, {} of them void",
            shown(&tree.domain),
            tree.lookups(),
            tree.void().len()
        )
        .into(),
    ];
    below(tree, 1, &mut lines);
    lines
}

fn below(node: &Node, depth: usize, lines: &mut Vec<SafeText>) {
    let indent = "  ".repeat(depth);
    let state = match &node.state {
        State::Read(_) => None,
        State::Missing(_) => Some("no SPF record".to_owned()),
        State::Multiple(records) => Some(format!("{} SPF records", records.len())),
        State::Unreadable(text, problem) => Some(format!("{problem}: {text}")),
        State::Unknown => Some("no answer".to_owned()),
    };
    lines.extend(state.map(|state| format!("{indent}{state}").into()));
    for branch in &node.branches {
        let mark = if branch.term.looks_up() { '*' } else { ' ' };
        let found = match &branch.found {
            Found::Nothing => String::new(),
            Found::Record(below) => format!(" ({} more)", below.lookups()),
            Found::Addresses { void: true, .. } => " -> nothing".to_owned(),
            Found::Addresses { addresses, .. } => {
                let some: Vec<String> = addresses.iter().take(3).map(ToString::to_string).collect();
                format!(" -> {}", some.join(", "))
            }
            Found::Unknown => " -> no answer".to_owned(),
            Found::TooMany => " -> not followed".to_owned(),
        };
        lines.push(format!("{indent}{mark} {}{found}", branch.term.text).into());
        if let Found::Record(node) = &branch.found {
            below(node, depth + 1, lines);
        }
    }
}

pub(in crate::check::policy) fn row(request: &Request, seen: &Seen) -> Row {
    let own = &seen.own;
    let worst = super::judge(request, seen)
        .iter()
        .map(|finding| finding.severity)
        .max();
    let (state, mut detail) = match &own.state {
        State::Unknown => (
            CheckState::NotPossible,
            "the question was not answered".to_owned(),
        ),
        State::Missing(_) => (CheckState::Warned, "no SPF record".to_owned()),
        State::Multiple(records) => (
            CheckState::Failed,
            format!("{} SPF records, so none counts", records.len()),
        ),
        State::Unreadable(_, problem) => (CheckState::Failed, problem.to_string()),
        State::Read(record) => (
            CheckState::of(worst),
            format!(
                "{} ({} of {MAX_LOOKUPS} look-ups)",
                record.text,
                own.lookups()
            ),
        ),
    };
    if let (Some(address), Some((_, tree))) = (request.source_ip, &seen.sender) {
        let evaluated = evaluate(tree, address);
        detail = format!("{} for {address}; {detail}", word(evaluated.result));
    }
    let mut answered = own.outcome.exchange().answered;
    answered.extend(lines(own));
    Row {
        state,
        detail: detail.into(),
        exchanges: vec![Exchange {
            answered,
            ..own.outcome.exchange()
        }],
        meaning: format!(
            "SPF says which addresses may send for the domain. Receivers follow at most \
             {MAX_LOOKUPS} look-ups (marked *), of which {MAX_VOID} may find nothing (RFC 7208)."
        )
        .into(),
        by_hand: vec![format!("dig {} TXT", request.domain_shown()).into()],
    }
}
