//! What the domain asks of TLS on the way to it: MTA-STS, TLS reporting, DANE.

use super::txt::{self, Txt};
use crate::case::{CheckState, Exchange, Finding};
use crate::check::mx::MxSet;
use crate::check::request::shown;
use crate::check::{Context, Observations, Request, Row};
use crate::knowledge::finding::{FindingId, Severity, id};
use crate::net::dns::{Ask, Name, Outcome, RData, RecordType};
use crate::net::https::{self, Get};
use crate::net::tls;
use crate::policy::mta_sts::{self, Mode, Policy};
use crate::policy::tlsa::{self, Tlsa};
use crate::text::SafeText;
use std::sync::Arc;

/// The record of MTA-STS, and the policy where there is a record.
#[derive(Clone, Debug)]
pub struct Sts {
    pub record: Arc<Outcome>,
    /// The policy's text, or why it could not be fetched.
    pub policy: Option<Result<String, SafeText>>,
}

pub(super) fn below(labels: &str, domain: &Name) -> Name {
    Name::from_ascii(labels)
        .and_then(|name| name.append_domain(domain))
        .unwrap_or_else(|_| domain.clone())
}

fn url(domain: &str) -> String {
    format!("https://mta-sts.{domain}/.well-known/mta-sts.txt")
}

pub(super) async fn ask_sts(context: &Context) -> Sts {
    let domain = &context.request.domain;
    let record = txt::ask(&context.dns, below("_mta-sts", domain)).await;
    let announced = txt::chosen(&record, |text| text.starts_with("v=STSv1"))
        .is_some_and(|records| !records.is_empty());
    let policy = if announced {
        Some(fetched(context).await)
    } else {
        None
    };
    Sts { record, policy }
}

async fn fetched(context: &Context) -> Result<String, SafeText> {
    let url = url(&context.request.domain_shown());
    let get = Get {
        url: &url,
        accept: "text/plain",
        redirects: 0,
        check: tls::Check::Strict,
    };
    let response = https::get(&context.dns, get)
        .await
        .map_err(|error| SafeText::from(error.to_string()))?;
    if response.status != 200 {
        let status = response.status;
        return Err(format!("status {status} instead of 200 from {}", response.url).into());
    }
    if response.body.len() > mta_sts::MAX_POLICY {
        return Err("the policy is larger than 64 KiB".into());
    }
    Ok(String::from_utf8_lossy(&response.body).into_owned())
}

fn sts_finding(request: &Request, seen: &Sts, id: FindingId, what: &str, record: &str) -> Finding {
    let domain = request.domain_shown();
    let mut finding = Finding::new(
        id,
        domain.clone(),
        &[("domain", &domain), ("what", what), ("record", record)],
    )
    .evidence(seen.record.evidence());
    match &seen.policy {
        Some(Ok(text)) => {
            let lines = text.lines().take(16).map(SafeText::from);
            finding = finding.evidence(format!("GET {}", url(&domain)));
            finding.evidence.extend(lines);
        }
        Some(Err(error)) => finding = finding.evidence(format!("GET {}: {error}", url(&domain))),
        None => {}
    }
    finding
}

/// The policy that senders obey, where there is one that can be read.
fn policy(seen: &Sts) -> Option<Policy> {
    let text = seen.policy.as_ref()?.as_ref().ok()?;
    mta_sts::policy(text).ok()
}

pub(super) fn judge_sts(request: &Request, seen: &Sts, all: &Observations) -> Vec<Finding> {
    let finding = |id, what: &str| sts_finding(request, seen, id, what, "");
    let Some(records) = txt::chosen(&seen.record, |text| text.starts_with("v=STSv1")) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    match &records[..] {
        [] => return findings,
        [record] => {
            let wrong = if mta_sts::is_record(record) {
                mta_sts::id(record).err().map(|problem| problem.what)
            } else {
                Some("the record does not begin with `v=STSv1;`".to_owned())
            };
            findings.extend(wrong.map(|what| finding(id::MTA_STS_SYNTAX, &what)));
        }
        many => {
            let what = format!("there are {} records, so senders see none", many.len());
            findings.push(finding(id::MTA_STS_SYNTAX, &what));
        }
    }
    match &seen.policy {
        Some(Err(why)) => findings.push(finding(id::MTA_STS_UNREACHABLE, why)),
        Some(Ok(text)) => match mta_sts::policy(text) {
            Err(problem) => findings.push(finding(id::MTA_STS_SYNTAX, &problem.what)),
            Ok(policy) if policy.mode != Mode::None => {
                findings.extend(not_listed(request, seen, &policy, all));
            }
            Ok(_) => {}
        },
        None => {}
    }
    findings
}

fn not_listed(
    request: &Request,
    seen: &Sts,
    policy: &Policy,
    all: &Observations,
) -> Option<Finding> {
    let set = MxSet::effective(all)?;
    let hosts: Vec<String> = set
        .pointers()
        .iter()
        .filter(|pointer| pointer.is_host())
        .map(|pointer| shown(&pointer.target).into_string())
        .collect();
    let missing: Vec<&str> = hosts
        .iter()
        .map(String::as_str)
        .filter(|host| !policy.allows(host))
        .collect();
    if missing.is_empty() {
        return None;
    }
    let what = missing.join(", ");
    let lines: Vec<String> = missing.iter().map(|host| format!("`mx: {host}`")).collect();
    let lines = lines.join(", ");
    let severity = match policy.mode {
        Mode::Enforce if missing.len() == hosts.len() => Severity::Error,
        // The other hosts carry the mail of senders that look.
        Mode::Enforce => Severity::Warning,
        // Nothing is refused while testing.
        Mode::Testing | Mode::None => Severity::Notice,
    };
    Some(sts_finding(request, seen, id::MTA_STS_MX_NOT_LISTED, &what, &lines).severity(severity))
}

pub(super) fn sts_row(request: &Request, seen: &Sts, all: &Observations) -> Row {
    let findings = judge_sts(request, seen, all);
    let domain = request.domain_shown();
    let (state, detail): (_, SafeText) = match (txt::texts(&seen.record), findings.first()) {
        (Txt::Unknown, _) => (
            CheckState::NotPossible,
            "the question was not answered".into(),
        ),
        (_, Some(first)) => (
            CheckState::of(findings.iter().map(|finding| finding.severity).max()),
            first.summary.clone(),
        ),
        (_, None) => match policy(seen) {
            Some(policy) => {
                let mode = match policy.mode {
                    Mode::Enforce => "enforce",
                    Mode::Testing => "testing",
                    Mode::None => "none",
                };
                let text = format!("mode {mode}, {} mx lines", policy.mx.len());
                (CheckState::Passed, text.into())
            }
            None => (
                CheckState::Skipped,
                "no record: the domain does not use it".into(),
            ),
        },
    };
    let mut exchanges = vec![seen.record.exchange()];
    if let Some(policy) = &seen.policy {
        exchanges.push(Exchange {
            asked: format!("GET {}", url(&domain)).into(),
            answered: match policy {
                Ok(text) => text.lines().take(64).map(SafeText::from).collect(),
                Err(error) => vec![error.clone()],
            },
            took_ms: 0,
        });
    }
    Row {
        state,
        detail,
        exchanges,
        meaning: "By MTA-STS a domain says to which hosts mail may go, and that TLS must be \
                  good there (RFC 8461). With `enforce`, senders that look refuse all others."
            .into(),
        by_hand: vec![
            format!("dig _mta-sts.{domain} TXT").into(),
            format!("curl {}", url(&domain)).into(),
        ],
    }
}

/// A record that is either there or not, and stops no mail.
pub(super) fn optional_row(outcome: &Outcome, is_one: fn(&str) -> bool, meaning: &str) -> Row {
    let (state, detail) = match txt::chosen(outcome, |_| true) {
        None => (
            CheckState::NotPossible,
            "the question was not answered".to_owned(),
        ),
        Some(records) if records.is_empty() => (
            CheckState::Skipped,
            "no record: the domain does not use it".to_owned(),
        ),
        Some(records) => match records.iter().find(|record| is_one(record)) {
            Some(record) => (CheckState::Passed, record.clone()),
            None => (
                CheckState::Warned,
                format!("cannot be read: {}", records.join(" / ")),
            ),
        },
    };
    Row {
        state,
        detail: detail.into(),
        exchanges: vec![outcome.exchange()],
        meaning: meaning.into(),
        by_hand: vec![outcome.ask.dig(None).into()],
    }
}

pub(super) async fn ask_tlsa(context: &Context, host: &Name) -> Arc<Outcome> {
    let ask = Ask::recursive(below("_25._tcp", host), RecordType::TLSA);
    context.dns.resolve(ask).await
}

fn tlsa_records(outcome: &Outcome) -> Vec<Tlsa> {
    let records = outcome.answer().into_iter().flat_map(|answer| {
        answer
            .records(RecordType::TLSA)
            .filter_map(|record| match &record.data {
                RData::TLSA(tlsa) => Some(Tlsa {
                    usage: tlsa.cert_usage.into(),
                    selector: tlsa.selector.into(),
                    matching: tlsa.matching.into(),
                    data: tlsa.cert_data.clone(),
                }),
                _ => None,
            })
    });
    records.filter(Tlsa::is_usable).collect()
}

/// Each address of the host whose certificate none of the records fits.
pub(super) fn judge_tlsa(
    request: &Request,
    host: &Name,
    outcome: &Outcome,
    all: &Observations,
) -> Vec<Finding> {
    let records = tlsa_records(outcome);
    if records.is_empty() {
        return Vec::new();
    }
    // Without validation nobody may believe the records (RFC 7672 section 2.2): they bind nobody.
    if !is_secure(outcome) {
        return Vec::new();
    }
    let shown_host = request.shown(host);
    let of_host = all.smtp.port25.iter().filter(|((name, _), _)| name == host);
    let mut findings = Vec::new();
    for ((_, address), dialogue) in of_host {
        let Some(own) = dialogue.chain.first() else {
            continue;
        };
        if records.iter().any(|record| record.matches(&dialogue.chain)) {
            continue;
        }
        let served = tlsa::spki_sha256(own).unwrap_or_default();
        let record = format!("_25._tcp.{shown_host}. TLSA 3 1 1 {served}");
        let address = address.to_string();
        let what = "senders that validate refuse to deliver";
        let finding = Finding::new(
            id::DANE_MISMATCH,
            format!("{shown_host} ({address}) port 25"),
            &[
                ("domain", &request.domain_shown()),
                ("host", &shown_host),
                ("address", &address),
                ("what", what),
                ("record", &record),
            ],
        )
        .evidence(outcome.evidence())
        .evidence(format!("the certificate served is `3 1 1 {served}`"));
        findings.push(finding);
    }
    findings
}

fn is_secure(outcome: &Outcome) -> bool {
    let answer = outcome.answer();
    answer.is_some_and(crate::net::dns::Answer::is_authentic)
}

pub(super) fn tlsa_row(
    request: &Request,
    host: &Name,
    outcome: &Outcome,
    all: &Observations,
) -> Row {
    let records = tlsa_records(outcome);
    let findings = judge_tlsa(request, host, outcome, all);
    let served = all
        .smtp
        .port25
        .iter()
        .any(|((name, _), dialogue)| name == host && !dialogue.chain.is_empty());
    let (state, detail) = match outcome.answer().filter(|answer| answer.is_conclusive()) {
        None => (
            CheckState::NotPossible,
            "the question was not answered".to_owned(),
        ),
        Some(_) if records.is_empty() => (
            CheckState::Skipped,
            "no TLSA record: the host does not use DANE".to_owned(),
        ),
        Some(_) if !is_secure(outcome) => (
            CheckState::Skipped,
            format!(
                "{} TLSA records in a zone that is not signed, or by a resolver that does not \
                 validate: they bind nobody",
                records.len()
            ),
        ),
        Some(_) if !served => (
            CheckState::NotPossible,
            "no certificate was seen to compare with".to_owned(),
        ),
        Some(_) => match findings.first() {
            Some(first) => (
                CheckState::of(Some(first.severity)),
                first.summary.to_string(),
            ),
            None => (
                CheckState::Passed,
                format!("{} TLSA records, the certificate fits", records.len()),
            ),
        },
    };
    Row {
        state,
        detail: detail.into(),
        exchanges: vec![outcome.exchange()],
        meaning: "A TLSA record in a signed zone names the certificate of the mail host; senders \
                  that validate deliver to no other (RFC 7672)."
            .into(),
        by_hand: vec![outcome.ask.dig(None).into()],
    }
}
