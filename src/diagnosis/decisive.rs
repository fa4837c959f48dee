//! Which rules a diagnosis hangs on: those without which it would be another.

use super::Diagnosis;
use super::rules::{RULES, Rules};
use super::weigh::weighed;
use crate::case::Case;
use crate::knowledge::finding::FindingId;

/// The names of all rules of `assets/verdict.yaml` that explain or conclude.
pub fn rule_names() -> Vec<String> {
    let rules = &*RULES;
    let explains = rules.explains.iter().map(|rule| explaining(rule.cause));
    let conclusions = rules.conclusions.iter().map(|rule| concluding(&rule.name));
    explains.chain(conclusions).collect()
}

/// The names of those rules without which the diagnosis of this case would name another cause,
/// or would explain less. Pure.
pub fn decisive_rules(case: &Case) -> Vec<String> {
    let rules = &*RULES;
    let outcome = outcome(&weighed(case, rules));
    let matters = |without: &Rules| self::outcome(&weighed(case, without)) != outcome;
    let mut names = Vec::new();
    for (place, rule) in rules.explains.iter().enumerate() {
        let mut without = rules.clone();
        without.explains.remove(place);
        if matters(&without) {
            names.push(explaining(rule.cause));
        }
    }
    for (place, rule) in rules.conclusions.iter().enumerate() {
        let mut without = rules.clone();
        without.conclusions.remove(place);
        if matters(&without) {
            names.push(concluding(&rule.name));
        }
    }
    names
}

fn explaining(cause: FindingId) -> String {
    format!("explains: {cause}")
}

fn concluding(name: &str) -> String {
    format!("conclusion: {name}")
}

/// What a rule can change: the cause with its words, and what follows from what.
fn outcome(diagnosis: &Diagnosis) -> impl PartialEq + use<> {
    let cause = diagnosis
        .cause()
        .map(|cause| (cause.id, cause.evidence.clone()));
    let mut explained: Vec<_> = diagnosis
        .findings
        .iter()
        .filter_map(|finding| Some((finding.id, finding.subject.clone(), finding.explained_by?)))
        .collect();
    explained.sort();
    (cause, explained)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Finding;
    use crate::knowledge::finding::id;
    use jiff::Timestamp;

    fn case(ids: &[FindingId]) -> Case {
        let mut case = Case::new(Timestamp::UNIX_EPOCH);
        let told = ["domain", "host", "address", "what"].map(|place| (place, "x"));
        let findings = ids.iter().map(|id| Finding::new(*id, "x port 25", &told));
        case.findings = findings.collect();
        case
    }

    #[test]
    fn a_rule_counts_where_it_changes_something() {
        let rule = "explains: smtp.some-hosts-down";
        assert!(rule_names().iter().any(|name| name == rule));
        let alone = case(&[id::SMTP_PORT_CLOSED]);
        assert!(decisive_rules(&alone).is_empty());
        let both = case(&[id::SMTP_SOME_HOSTS_DOWN, id::SMTP_PORT_CLOSED]);
        assert_eq!(decisive_rules(&both), [rule]);
    }
}
