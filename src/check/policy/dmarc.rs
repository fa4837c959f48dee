//! DMARC: the domain's own record or the one above it, and who may have its reports.

use super::txt::{self, Txt};
use crate::case::{CheckState, Finding};
use crate::check::request::shown;
use crate::check::{Context, Request, Row};
use crate::knowledge::finding::{FindingId, id};
use crate::net::dns::{Name, Outcome};
use crate::policy::dmarc;
use futures_util::future::join_all;
use std::sync::Arc;

/// Names that a receiver asks on its way up (RFC 9989 section 4.10).
const MAX_WALK: usize = 8;
/// Domains for reports that are looked at.
const MAX_REPORT_DOMAINS: usize = 8;

#[derive(Clone, Debug)]
pub struct Seen {
    /// The domain first, then the names above it, up to the registered one.
    pub walk: Vec<(Name, Arc<Outcome>)>,
    /// Domains that get reports, with the record by which they consent, where one is due.
    pub consent: Vec<(String, Arc<Outcome>)>,
}

pub(super) async fn ask(context: &Context) -> Seen {
    let request = &context.request;
    let mut names = vec![request.domain.clone()];
    while let Some(last) = names.last()
        && *last != request.registered
        && last.num_labels() > 1
        && names.len() < MAX_WALK
    {
        names.push(last.base_name());
    }
    let asked = names.into_iter().filter_map(|name| {
        let owner = Name::from_ascii("_dmarc").ok()?.append_domain(&name).ok()?;
        Some(async move { (name, txt::ask(&context.dns, owner).await) })
    });
    let mut seen = Seen {
        walk: join_all(asked).await,
        consent: Vec::new(),
    };
    if let Some((name, Ok(policy))) = seen.effective() {
        let registered = |domain: &str| psl::domain_str(domain).unwrap_or(domain).to_owned();
        let own = shown(&name);
        let asked = policy
            .report_domains
            .iter()
            .filter(|domain| registered(domain) != registered(&own))
            .take(MAX_REPORT_DOMAINS)
            .filter_map(|domain| {
                let mut owner = Name::from_ascii(format!("{own}._report._dmarc.{domain}")).ok()?;
                owner.set_fqdn(true);
                Some(async move { (domain.clone(), txt::ask(&context.dns, owner).await) })
            });
        seen.consent = join_all(asked).await;
    }
    seen
}

impl Seen {
    /// The nearest name with one record that is, or was meant to be, one of DMARC.
    fn effective(&self) -> Option<(Name, Result<dmarc::Policy, crate::policy::Problem>)> {
        self.walk.iter().find_map(|(name, outcome)| {
            let records = records(outcome)?;
            let [record] = &records[..] else {
                return None;
            };
            Some((name.clone(), dmarc::parse(record)))
        })
    }
}

/// Real records; where there is none, those that were meant to be one.
fn records(outcome: &Outcome) -> Option<Vec<String>> {
    let real = txt::chosen(outcome, dmarc::is_dmarc)?;
    if real.is_empty() {
        return txt::chosen(outcome, dmarc::was_meant_to_be_dmarc);
    }
    Some(real)
}

pub(super) fn judge(request: &Request, seen: &Seen) -> Vec<Finding> {
    let mut findings = Vec::new();
    let finding = |id: FindingId, at: &Name, outcome: &Outcome, what: &str, record: &str| {
        let domain = shown(at);
        let owner = format!("_dmarc.{domain}");
        Finding::new(
            id,
            domain.clone(),
            &[
                ("domain", &domain),
                ("what", what),
                ("record", &txt::line(&owner, record)),
            ],
        )
        .evidence(outcome.evidence())
    };
    for (name, outcome) in &seen.walk {
        let Some(records) = records(outcome) else {
            return findings;
        };
        match &records[..] {
            [] => {}
            [record] => {
                if let Err(problem) = dmarc::parse(record) {
                    let corrected = problem.corrected.as_deref().unwrap_or(record);
                    findings.push(finding(
                        id::DMARC_SYNTAX,
                        name,
                        outcome,
                        &problem.what,
                        corrected,
                    ));
                }
                findings.extend(no_consent(name, seen));
                return findings;
            }
            many => {
                let what = many
                    .iter()
                    .map(|record| format!("`{record}`"))
                    .collect::<Vec<_>>()
                    .join(" and ");
                let first = many.first().map_or("", String::as_str);
                findings.push(finding(id::DMARC_MULTIPLE, name, outcome, &what, first));
                return findings;
            }
        }
    }
    if let Some((_, outcome)) = seen.walk.first() {
        let domain = &request.domain;
        let record = format!("v=DMARC1; p=none; rua=mailto:postmaster@{}", shown(domain));
        findings.push(finding(id::DMARC_MISSING, domain, outcome, "", &record));
    }
    findings
}

fn no_consent(at: &Name, seen: &Seen) -> Vec<Finding> {
    let own = shown(at);
    let without = seen.consent.iter().filter(|(_, outcome)| {
        txt::chosen(outcome, dmarc::is_dmarc).is_some_and(|records| records.is_empty())
    });
    without
        .map(|(domain, outcome)| {
            let owner = format!("{own}._report._dmarc.{domain}");
            Finding::new(
                id::DMARC_REPORTS_REFUSED,
                own.clone(),
                &[
                    ("domain", &own),
                    ("what", domain),
                    ("record", &txt::line(&owner, "v=DMARC1")),
                ],
            )
            .evidence(outcome.evidence())
        })
        .collect()
}

pub(super) fn row(request: &Request, seen: &Seen) -> Row {
    let unknown = seen
        .walk
        .first()
        .is_some_and(|(_, outcome)| txt::texts(outcome) == Txt::Unknown);
    let findings = judge(request, seen);
    let worst = findings.iter().map(|finding| finding.severity).max();
    let (state, detail) = match (seen.effective(), unknown) {
        (_, true) => (
            CheckState::NotPossible,
            "the question was not answered".to_owned(),
        ),
        (Some((name, Ok(policy))), _) => {
            let above = if name == request.domain {
                String::new()
            } else {
                format!(", from {}", shown(&name))
            };
            (CheckState::of(worst), format!("p={}{above}", policy.policy))
        }
        (Some((_, Err(problem))), _) => (CheckState::Warned, problem.what),
        (None, _) => (
            CheckState::of(worst),
            findings
                .first()
                .map_or("no record", |finding| finding.summary.as_str())
                .to_owned(),
        ),
    };
    let outcomes = seen.walk.iter().map(|(_, outcome)| outcome);
    let consent = seen.consent.iter().map(|(_, outcome)| outcome);
    Row {
        state,
        detail: detail.into(),
        exchanges: outcomes
            .chain(consent)
            .map(|outcome| outcome.exchange())
            .collect(),
        meaning: "DMARC says what receivers do with mail that passes neither SPF nor DKIM under \
                  the name in From (RFC 9989)."
            .into(),
        by_hand: vec![format!("dig _dmarc.{} TXT", request.domain_shown()).into()],
    }
}
