//! What an SPF record means for mail from the domain.

use super::super::txt;
use super::Seen;
use super::evaluate::{evaluate, word};
use super::flatten::flattened;
use super::tree::{Found, Node, State};
use crate::case::Finding;
use crate::check::Request;
use crate::check::request::shown;
use crate::knowledge::finding::{FindingId, Severity, id};
use crate::policy::spf::{self, MAX_LOOKUPS, MAX_MX, MAX_VOID};
use mail_auth::SpfResult;
use mail_auth::spf::Qualifier;

pub(in crate::check::policy) fn judge(request: &Request, seen: &Seen) -> Vec<Finding> {
    let mut findings: Vec<Finding> = record(&seen.own).into_iter().collect();
    findings.extend(tree(&seen.own));
    findings.extend(unauthorized(request, seen));
    findings
}

fn finding(node: &Node, id: FindingId, what: &str, record: &str) -> Finding {
    let domain = shown(&node.domain);
    Finding::new(
        id,
        domain.clone(),
        &[
            ("domain", &domain),
            ("what", what),
            ("record", &txt::line(&domain, record)),
            ("address", ""),
        ],
    )
    .evidence(node.outcome.evidence())
}

/// Faults of the domain's own record.
fn record(own: &Node) -> Option<Finding> {
    match &own.state {
        State::Unknown => None,
        State::Missing(meant) => {
            let suggested = meant
                .as_deref()
                .and_then(|text| {
                    let (_, rest) = text.split_once(['1', ' ', ';'])?;
                    let rest = rest.trim_start_matches([';', ' ', '"']);
                    let text = format!("v=spf1 {rest}");
                    Some(match spf::parse(&text) {
                        Ok(record) => record.text,
                        Err(problem) => problem.corrected?,
                    })
                })
                .unwrap_or_else(|| "v=spf1 mx ~all".to_owned());
            let finding = finding(own, id::SPF_MISSING, "", &suggested);
            Some(match meant {
                Some(text) => finding.evidence(format!(
                    "`{text}` does not begin with `v=spf1` and a space, so receivers pass over it"
                )),
                None => finding,
            })
        }
        State::Multiple(records) => {
            let merged = spf::merged(records.iter().map(String::as_str));
            let what = records
                .iter()
                .map(|record| format!("`{record}`"))
                .collect::<Vec<_>>()
                .join(" and ");
            Some(finding(own, id::SPF_MULTIPLE, &what, &merged))
        }
        State::Unreadable(text, problem) => {
            let corrected = problem.corrected.as_deref().unwrap_or(text);
            Some(finding(own, id::SPF_SYNTAX, &problem.what, corrected))
        }
        State::Read(record) => (record.all() == Some(&Qualifier::Pass)).then(|| {
            let better = record
                .text
                .split_ascii_whitespace()
                .map(|word| match word.to_ascii_lowercase().as_str() {
                    "all" | "+all" => "~all",
                    _ => word,
                })
                .collect::<Vec<_>>()
                .join(" ");
            finding(own, id::SPF_PASS_ALL, &record.text, &better)
        }),
    }
}

/// Faults that only show with what is included.
fn tree(own: &Node) -> Vec<Finding> {
    let mut findings = Vec::new();
    let State::Read(record) = &own.state else {
        return findings;
    };
    let with_tree = |mut finding: Finding| {
        finding
            .evidence
            .extend(super::show::lines(own).into_iter().take(40));
        finding
    };
    let lookups = own.lookups();
    let too_many = own
        .nodes()
        .iter()
        .flat_map(|node| &node.branches)
        .find(|branch| match &branch.found {
            Found::TooMany => true,
            Found::Addresses { hosts, .. } => *hosts > MAX_MX,
            _ => false,
        });
    let better = flattened(own).unwrap_or_else(|| record.text.clone());
    let void = own.void();
    if lookups > MAX_LOOKUPS {
        let what = format!("{lookups} in all");
        findings.push(with_tree(finding(
            own,
            id::SPF_TOO_MANY_LOOKUPS,
            &what,
            &better,
        )));
    } else if let Some(branch) = too_many {
        let what = format!(
            "`{}` leads to more than a receiver follows",
            branch.term.text
        );
        findings.push(with_tree(finding(
            own,
            id::SPF_TOO_MANY_LOOKUPS,
            &what,
            &better,
        )));
    } else if void.len() > MAX_VOID {
        let terms: Vec<String> = void
            .iter()
            .map(|(_, branch)| format!("`{}`", branch.term.text))
            .collect();
        let what = format!(
            "{} of them find nothing, where two are allowed: {}",
            void.len(),
            terms.join(", ")
        );
        // Receivers should count these, and not all do (RFC 7208 section 4.6.4).
        findings.push(
            with_tree(finding(own, id::SPF_TOO_MANY_LOOKUPS, &what, &better))
                .severity(Severity::Warning),
        );
    }
    for node in own.nodes().into_iter().skip(1) {
        let below = shown(&node.domain);
        let without = || {
            record
                .text
                .split_ascii_whitespace()
                .filter(|word| !word.to_ascii_lowercase().ends_with(below.as_str()))
                .collect::<Vec<_>>()
                .join(" ")
        };
        let (id, what) = match &node.state {
            State::Read(_) | State::Unknown => continue,
            State::Missing(_) => (
                id::SPF_SYNTAX,
                format!("it includes {below}, which has no SPF record"),
            ),
            State::Multiple(_) => (
                id::SPF_MULTIPLE,
                format!("it includes {below}, which has several"),
            ),
            State::Unreadable(_, problem) => (
                id::SPF_SYNTAX,
                format!("it includes {below}, whose record is wrong: {problem}"),
            ),
        };
        findings.push(finding(own, id, &what, &without()).evidence(node.outcome.evidence()));
    }
    findings
}

fn unauthorized(request: &Request, seen: &Seen) -> Option<Finding> {
    let address = request.source_ip?;
    let (_, tree) = seen.sender.as_ref()?;
    let evaluated = evaluate(tree, address);
    let severity = match evaluated.result {
        SpfResult::Fail => Severity::Error,
        SpfResult::SoftFail => Severity::Warning,
        _ => return None,
    };
    let State::Read(record) = &tree.state else {
        return None;
    };
    let domain = shown(&tree.domain);
    let what = format!("{} by `{}`", word(evaluated.result), evaluated.by);
    let mut finding = Finding::new(
        id::SPF_UNAUTHORIZED,
        address.to_string(),
        &[
            ("domain", &domain),
            ("address", &address.to_string()),
            ("what", &what),
            (
                "record",
                &txt::line(&domain, &spf::allowing(&record.text, address)),
            ),
        ],
    )
    .severity(severity)
    .evidence(tree.outcome.evidence());
    finding
        .evidence
        .extend(super::show::lines(tree).into_iter().take(40));
    Some(finding)
}
