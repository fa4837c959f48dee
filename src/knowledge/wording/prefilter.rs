//! Which of many patterns can match a text: by the literals that each must contain.

use aho_corasick::{AhoCorasick, MatchKind};
use regex_syntax::hir::literal::Extractor;
use regex_syntax::hir::{Hir, HirKind};
use std::collections::BTreeMap;

/// Literals kept of one pattern; with more of them it is tried always.
const MOST: usize = 64;
/// A shorter literal stands in nearly every text.
const SHORTEST: usize = 3;

/// One pass over a text tells which patterns are worth trying.
pub(super) struct Prefilter {
    literals: AhoCorasick,
    /// Patterns by literal.
    patterns: Vec<Vec<u32>>,
    /// Patterns without a telling literal.
    always: Vec<u32>,
}

impl Prefilter {
    pub(super) fn new<'a>(patterns: impl Iterator<Item = &'a str>) -> anyhow::Result<Self> {
        let mut by_literal: BTreeMap<Vec<u8>, Vec<u32>> = BTreeMap::new();
        let mut always = Vec::new();
        for (place, pattern) in patterns.enumerate() {
            let place = u32::try_from(place)?;
            match needed(&regex_syntax::parse(pattern)?) {
                Some(literals) => {
                    for literal in literals {
                        by_literal.entry(literal).or_default().push(place);
                    }
                }
                None => always.push(place),
            }
        }
        Ok(Self {
            literals: AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .build(by_literal.keys())?,
            patterns: by_literal.into_values().collect(),
            always,
        })
    }

    /// The places of the patterns that can match, in order.
    pub(super) fn candidates(&self, text: &str) -> Vec<u32> {
        let mut found = self.always.clone();
        let mut seen = vec![false; self.patterns.len()];
        for hit in self.literals.find_overlapping_iter(text) {
            let literal = hit.pattern().as_usize();
            if let Some(seen) = seen.get_mut(literal).filter(|seen| !**seen) {
                *seen = true;
                found.extend(self.patterns.get(literal).into_iter().flatten());
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// Literals of which a match contains at least one; none if that cannot be said, or if they
/// are too short to tell anything.
fn needed(pattern: &Hir) -> Option<Vec<Vec<u8>>> {
    let whole = prefixes(pattern);
    let inside = match pattern.kind() {
        HirKind::Capture(group) => needed(&group.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => needed(&repetition.sub),
        HirKind::Alternation(branches) => branches
            .iter()
            .map(needed)
            .collect::<Option<Vec<_>>>()
            .map(|all| all.into_iter().flatten().collect())
            .filter(|all: &Vec<_>| all.len() <= MOST),
        HirKind::Concat(parts) => (0..parts.len())
            .filter_map(|from| {
                let rest = Hir::concat(parts.iter().skip(from).cloned().collect());
                let ahead = prefixes(&rest);
                let own = parts.get(from).and_then(needed);
                better(ahead, own)
            })
            .fold(None, |best, next| better(best, Some(next))),
        _ => None,
    };
    better(whole, inside)
}

/// The literals that a match begins with, if they are few and long enough.
fn prefixes(pattern: &Hir) -> Option<Vec<Vec<u8>>> {
    let found = Extractor::new().limit_total(MOST).extract(pattern);
    let literals: Vec<_> = found
        .literals()?
        .iter()
        .map(|literal| literal.as_bytes().to_vec())
        .collect();
    let telling = !literals.is_empty() && literals.iter().all(|one| one.len() >= SHORTEST);
    telling.then_some(literals)
}

/// The more telling of two: the one whose shortest literal is longer.
fn better(one: Option<Vec<Vec<u8>>>, other: Option<Vec<Vec<u8>>>) -> Option<Vec<Vec<u8>>> {
    let weight = |literals: &Vec<Vec<u8>>| {
        let shortest = literals.iter().map(Vec::len).min().unwrap_or_default();
        (shortest.min(8), std::cmp::Reverse(literals.len()))
    };
    match (one, other) {
        (Some(one), Some(other)) if weight(&other) > weight(&one) => Some(other),
        (None, other) => other,
        (one, _) => one,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_candidate_wherever_it_matches() {
        let patterns = [
            "mailbox (is )?full",
            "(no|unknown).{0,20}(user|mailbox)",
            r"\b5\.7\.(60[6-9]|6[1-4]\d)\b",
            "over ?quota|disk quota",
            "x",
        ];
        let prefilter = Prefilter::new(patterns.into_iter()).unwrap();
        for text in [
            "the mailbox is full",
            "mailbox full",
            "no such user here",
            "unknown mailbox",
            "550 5.7.606 banned",
            "5.7.649",
            "overquota",
            "disk quota exceeded",
            "x",
            "",
        ] {
            let candidates = prefilter.candidates(text);
            for (place, pattern) in patterns.iter().enumerate() {
                if regex::Regex::new(pattern).unwrap().is_match(text) {
                    assert!(
                        candidates.contains(&u32::try_from(place).unwrap()),
                        "{pattern}: {text}"
                    );
                }
            }
        }
        assert_eq!(prefilter.candidates("something else"), [4]);
    }
}
