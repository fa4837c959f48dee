//! Weighing: causes, consequences, answers.

use super::rules::{Conclusion, RULES, Rules};
use super::{Diagnosis, Status, Verdict};
use crate::case::{Case, CheckState, Finding, Group};
use crate::knowledge::finding::{Severity, id};
use crate::text::SafeText;
use std::cmp::Reverse;

/// The verdict on a case. Pure.
pub fn diagnose(case: &Case) -> Diagnosis {
    weighed(case, &RULES)
}

/// The verdict by these rules.
pub(super) fn weighed(case: &Case, rules: &Rules) -> Diagnosis {
    let mut findings = case.findings.clone();
    for finding in &mut findings {
        finding.explained_by = None;
    }
    if essential_missing(case).is_none()
        && let Some(concluded) = conclude(case, &findings, rules)
    {
        findings.push(concluded);
    }
    explain(&mut findings, rules);
    findings.sort_by_key(|finding| weight(case, finding, rules));
    let cause = findings
        .iter()
        .position(|finding| finding.explained_by.is_none() && finding.severity > Severity::Notice);
    let because = cause.and_then(|cause| {
        let cause = findings.get(cause)?;
        let rule = rules.explains.iter().find(|rule| rule.cause == cause.id)?;
        let explains = findings
            .iter()
            .any(|finding| finding.explained_by == Some(cause.id));
        explains.then(|| rule.because.as_str().into())
    });
    let verdict = verdict(case, &findings, cause, rules);
    let next_steps = next_steps(case, &verdict);
    Diagnosis {
        verdict,
        findings,
        cause,
        because,
        not_checked: not_checked(case),
        next_steps,
    }
}

/// The smaller, the stronger.
fn weight(case: &Case, finding: &Finding, rules: &Rules) -> impl Ord + use<> {
    // The case is about one mail, and a host has answered for it: nothing stood in its way
    // before that.
    let about_this_mail = case.to.is_some()
        && finding.id.as_str().starts_with("rcpt.")
        && finding.id != id::RCPT_OPEN_RELAY
        && finding.severity > Severity::Notice;
    (
        finding.explained_by.is_some(),
        !about_this_mail,
        Reverse(finding.severity),
        rules.place(finding.id),
        finding.subject.clone(),
    )
}

/// A finding that by itself says why mail fails; what only touches a policy does not.
pub fn stops_mail(finding: &Finding) -> bool {
    finding.severity == Severity::Error
        || (finding.severity == Severity::Warning
            && ["local.", "registry.", "ns.", "mx.", "smtp.", "rcpt."]
                .iter()
                .any(|family| finding.id.as_str().starts_with(family)))
}

fn explain(findings: &mut [Finding], rules: &Rules) {
    for rule in &rules.explains {
        let applies = findings.iter().any(|finding| {
            finding.id == rule.cause
                && finding.explained_by.is_none()
                && rule
                    .severity
                    .is_none_or(|severity| finding.severity == severity)
        });
        if !applies {
            continue;
        }
        for finding in findings.iter_mut() {
            if finding.id != rule.cause
                && finding.explained_by.is_none()
                && finding.subject.ends_with(&rule.at)
                && rule
                    .consequences
                    .iter()
                    .any(|pattern| pattern.matches(finding.id))
            {
                finding.explained_by = Some(rule.cause);
            }
        }
    }
}

fn conclude(case: &Case, findings: &[Finding], rules: &Rules) -> Option<Finding> {
    let rule = rules
        .conclusions
        .iter()
        .find(|rule| fits(rule, case, findings))?;
    let domain = case
        .target
        .as_ref()
        .map_or_else(String::new, |target| target.domain().to_owned());
    let mut finding = Finding::new(
        rule.conclude,
        domain.as_str(),
        &[
            ("domain", &domain),
            ("host", &domain),
            ("address", &domain),
            ("port", "587"),
            ("what", &rule.what),
        ],
    );
    finding = finding.evidence(format!("concluded from the answers: {}", rule.name));
    for question in rule.when.keys() {
        if let Some(answer) = case.answers.get(*question) {
            finding = finding.evidence(format!("{}: {}", question.word(), answer.joined()));
        }
    }
    Some(finding)
}

fn fits(rule: &Conclusion, case: &Case, findings: &[Finding]) -> bool {
    let answered = rule
        .when
        .iter()
        .all(|(question, words)| words.iter().any(|word| case.answers.is(*question, word)));
    let found = |patterns: &[super::rules::Pattern]| {
        findings
            .iter()
            .any(|finding| patterns.iter().any(|pattern| pattern.matches(finding.id)))
    };
    let stopped_otherwise = findings.iter().any(|finding| {
        stops_mail(finding) && !rule.given.iter().any(|pattern| pattern.matches(finding.id))
    });
    answered
        && (rule.given.is_empty() || found(&rule.given))
        && !found(&rule.unless)
        && !stopped_otherwise
}

/// What had to be known for a clean bill of health, and is not.
fn essential_missing(case: &Case) -> Option<SafeText> {
    if case.checks.is_empty() {
        return Some("nothing was checked".into());
    }
    let unknown = |state| matches!(state, CheckState::NotPossible | CheckState::Running);
    let records = case.checks.iter().find(|check| check.key.0 == "mx.records");
    if let Some(check) = records.filter(|check| unknown(check.state)) {
        return Some(format!("the MX records could not be looked up: {}", check.detail).into());
    }
    let sessions: Vec<_> = case
        .checks
        .iter()
        .filter(|check| check.group == Group::Smtp && check.parent.is_none())
        .collect();
    (!sessions.is_empty() && sessions.iter().all(|check| unknown(check.state))).then(|| {
        "no mail host could be reached from here, and it is not known where that fails".into()
    })
}

fn verdict(case: &Case, findings: &[Finding], cause: Option<usize>, rules: &Rules) -> Verdict {
    let domain = case.target.as_ref().map_or_else(
        || SafeText::from("the domain"),
        crate::case::Target::unicode_domain,
    );
    if let Some(cause) = cause.and_then(|cause| findings.get(cause)) {
        // A cause that is itself only a warning breaks the mail all the same where that is what
        // follows from it.
        let worst = findings
            .iter()
            .filter(|finding| finding.explained_by == Some(cause.id))
            .map(|finding| finding.severity)
            .fold(cause.severity, Ord::max);
        let status = match worst {
            _ if rules.inconclusive.contains(&cause.id) => Status::Unknown,
            Severity::Error => Status::Broken,
            _ => Status::Degraded,
        };
        return Verdict {
            status,
            cause: Some(cause.id),
            summary: cause.summary.clone(),
        };
    }
    if let Some(why) = essential_missing(case) {
        return Verdict {
            status: Status::Unknown,
            cause: None,
            summary: format!("Nothing can be concluded about {domain}: {why}.").into(),
        };
    }
    Verdict {
        status: Status::Healthy,
        cause: None,
        summary: format!("Nothing that was checked stops mail to {domain}.").into(),
    }
}

fn not_checked(case: &Case) -> Vec<(SafeText, SafeText)> {
    case.checks
        .iter()
        .filter(|check| matches!(check.state, CheckState::NotPossible | CheckState::Running))
        .map(|check| (check.subject.clone(), check.detail.clone()))
        .collect()
}

fn next_steps(case: &Case, verdict: &Verdict) -> Vec<SafeText> {
    let mut steps: Vec<SafeText> = Vec::new();
    // Before anything was tried, another network would be no better.
    if verdict.status == Status::Unknown && !case.checks.is_empty() {
        steps.push(
            "Run the checks again from a machine in another network, such as a server that sends \
             mail itself."
                .into(),
        );
    }
    if verdict.status == Status::Healthy && case.to.is_none() {
        steps.push(
            "Give a sender and a recipient (`--from` and `--to`, or `m` on the screen of the \
             checks) to see what the mail host says to that very mail."
                .into(),
        );
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn another_network_is_advised_only_where_something_was_tried() {
        let mut case = Case::new(Timestamp::UNIX_EPOCH);
        assert!(diagnose(&case).next_steps.is_empty());
        let tried =
            "{key: x, group: ns, subject: x, state: not-possible, started_ms: 0, elapsed_ms: 1}";
        case.checks.push(serde_yaml::from_str(tried).unwrap());
        assert_eq!(diagnose(&case).next_steps.len(), 1);
    }
}
