//! What the ports mean.

use super::ask::{Known, Ports, Published, Try};
use crate::case::{Answer, Finding};
use crate::check::{Observations, Request};
use crate::knowledge::finding::{Severity, id};
use crate::knowledge::question::QuestionId;
use crate::net::ConnectError;
use crate::text::SafeText;

/// Whether users can hand their mail in from here.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Submission<'a> {
    Answers(&'a Try),
    /// No port of the host answers, while those of other providers do.
    Down {
        host: SafeText,
        known: Known,
    },
    /// No port answers, of nobody: something here is in the way.
    BlockedHere,
    /// The domain says that it offers none (RFC 2782: the target is the root).
    NotOffered,
    /// No host is known that would have to answer.
    NoHost,
    /// There is no way out of here at all.
    NoWay,
}

impl Ports {
    pub(super) fn submission(&self) -> Submission<'_> {
        if let Some(tried) = self.tried.iter().find(|tried| tried.result.is_ok()) {
            return Submission::Answers(tried);
        }
        let offered = |record: &Published| !record.target.is_root();
        if !self.published.is_empty() && !self.published.iter().any(offered) {
            return Submission::NotOffered;
        }
        if let (Some(host), true) = (self.without_address.first(), self.tried.is_empty()) {
            return Submission::Down {
                host: host.clone(),
                known: Known::Published,
            };
        }
        let others_answer = self.others.iter().any(|tried| tried.result.is_ok());
        if !others_answer {
            let blocked = |tried: &Try| is_shut(&tried.result);
            return if self.others.iter().filter(|tried| blocked(tried)).count() >= 2 {
                Submission::BlockedHere
            } else if self.tried.is_empty() {
                Submission::NoHost
            } else {
                Submission::NoWay
            };
        }
        self.tried
            .iter()
            .find(|tried| tried.known != Known::Guessed && is_shut(&tried.result))
            .map_or(Submission::NoHost, |tried| Submission::Down {
                host: tried.host.clone(),
                known: tried.known,
            })
    }
}

/// Refused or silent; "no way there" is about the network here.
fn is_shut(result: &Result<(), ConnectError>) -> bool {
    matches!(
        result,
        Err(ConnectError::TimedOut { .. } | ConnectError::Refused { .. })
    )
}

pub fn judge(request: &Request, seen: &Observations) -> Vec<Finding> {
    let ports = seen.submission.ports.as_ref();
    ports
        .and_then(|ports| down(request, ports))
        .into_iter()
        .collect()
}

fn down(request: &Request, ports: &Ports) -> Option<Finding> {
    let Submission::Down { host, known } = ports.submission() else {
        return None;
    };
    let tried: Vec<&Try> = ports
        .tried
        .iter()
        .filter(|tried| tried.host == host)
        .collect();
    let what = match tried[..] {
        [] => "submission".to_owned(),
        _ => listed_ports(&tried),
    };
    let address = tried
        .first()
        .map(|tried| tried.to.ip().to_string())
        .unwrap_or_default();
    let domain = request.domain_shown();
    let mut finding = Finding::new(
        id::SUBMISSION_UNREACHABLE,
        host.clone(),
        &[
            ("domain", &domain),
            ("host", &host),
            ("what", &what),
            ("address", &address),
            ("expected", "587, 465"),
        ],
    );
    // A name that only looks like it may belong to a host that was given up.
    if known == Known::Named {
        finding = finding.severity(Severity::Warning);
    }
    if finding.reproduce.is_empty() {
        let port = tried.first().map_or(587, |tried| tried.to.port());
        finding.reproduce = format!("telnet {host} {port}").into();
    }
    if tried.is_empty() {
        finding = finding.evidence(format!("{host} is published and has no address"));
    }
    finding.evidence.extend(ports.srv_lines());
    finding
        .evidence
        .extend(tried.iter().map(|tried| tried.line()));
    let other = ports.others.iter().find(|tried| tried.result.is_ok());
    finding.evidence.extend(other.map(Try::line));
    Some(finding)
}

/// "port 587" or "ports 587 and 465".
pub(super) fn listed_ports(tried: &[&Try]) -> String {
    let mut ports: Vec<u16> = Vec::new();
    for tried in tried {
        if !ports.contains(&tried.to.port()) {
            ports.push(tried.to.port());
        }
    }
    let words: Vec<String> = ports.iter().map(u16::to_string).collect();
    match &words[..] {
        [one] => format!("port {one}"),
        many => format!("ports {}", many.join(" and ")),
    }
}

impl Try {
    /// What was tried and what came of it.
    pub(super) fn line(&self) -> SafeText {
        match &self.result {
            Ok(()) => format!(
                "{} port {} ({}): connected",
                self.host,
                self.to.port(),
                self.to.ip()
            ),
            Err(error) => format!("{} port {}: {error}", self.host, self.to.port()),
        }
        .into()
    }
}

impl Ports {
    /// The published records, as dig writes them.
    pub(super) fn srv_lines(&self) -> Vec<SafeText> {
        self.srv
            .iter()
            .filter_map(|outcome| outcome.answer())
            .flat_map(|answer| {
                answer
                    .records(crate::net::dns::RecordType::SRV)
                    .map(crate::net::dns::record_line)
            })
            .take(8)
            .collect()
    }
}

/// Whether a firewall here stands between the user and the ports that send.
pub fn measure(_request: &Request, seen: &Observations) -> Vec<(QuestionId, Answer)> {
    let mut answers = Vec::new();
    if let Some(ports) = &seen.submission.ports {
        let open = ports
            .tried
            .iter()
            .chain(&ports.others)
            .find(|tried| tried.result.is_ok());
        if let Some(open) = open {
            let how = format!("port {} of {} answers from here", open.to.port(), open.host);
            answers.push((QuestionId::Firewall, Answer::measured("no", how)));
        } else if ports.submission() == Submission::BlockedHere {
            let hosts: Vec<&str> = ports
                .others
                .iter()
                .map(|tried| tried.host.as_str())
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect();
            let how = format!(
                "ports 587 and 465 of independent providers do not answer from here: {}",
                hosts.join(", ")
            );
            answers.push((QuestionId::Firewall, Answer::measured("yes", how)));
        }
    }
    answers
}
