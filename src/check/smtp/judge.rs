//! What a mail host's behaviour on port 25 means.

use super::dialogue::Dialogue;
use super::reach::{Family, Reach, reach};
use super::{all_tried, envelope, fault};
use crate::case::{Finding, Line};
use crate::check::mx::{MxSet, reachable_addresses};
use crate::check::{Observations, Request};
use crate::knowledge::finding::{FindingId, Service, Severity, id};
use crate::net::ConnectError;
use crate::net::dns::Name;
use std::net::IpAddr;

/// One port of one host, and what was seen there.
pub(in crate::check) struct Place<'a> {
    pub(in crate::check) request: &'a Request,
    pub(in crate::check) host: &'a Name,
    pub(in crate::check) address: IpAddr,
    pub(in crate::check) port: u16,
    /// What stands there.
    pub(in crate::check) service: Service,
    pub(in crate::check) dialogue: &'a Dialogue,
    /// What STARTTLS showed when it was tried apart.
    pub(in crate::check) starttls: Option<&'a super::StartTls>,
}

impl<'a> Place<'a> {
    /// Port 25, with what was tried apart there.
    pub(super) fn transfer(
        request: &'a Request,
        seen: &'a Observations,
        host: &'a Name,
        address: IpAddr,
        dialogue: &'a Dialogue,
    ) -> Self {
        let starttls = seen.smtp.starttls.get(&(host.clone(), address));
        Self {
            request,
            host,
            address,
            port: 25,
            service: Service::Transfer,
            dialogue,
            starttls: starttls.and_then(Option::as_ref),
        }
    }
}

impl Place<'_> {
    /// A finding about this place, with the last lines of the transcript as its evidence.
    pub(in crate::check) fn finding(&self, id: FindingId, what: &str, seconds: u64) -> Finding {
        let host = self.request.shown(self.host);
        let address = self.address.to_string();
        let text = |mail: Option<String>| mail.unwrap_or_else(|| "<>".to_owned());
        let from = text(self.request.from.as_ref().map(ToString::to_string));
        let to = text(self.request.to.as_ref().map(ToString::to_string));
        let port = self.port.to_string();
        let mut finding = Finding::at(
            self.service,
            id,
            format!("{host} ({address}) port {port}"),
            &[
                ("domain", &self.request.domain_shown()),
                ("host", &host),
                ("address", &address),
                ("port", &port),
                ("what", what),
                ("expected", "220"),
                ("seconds", &seconds.to_string()),
                ("from", &from),
                ("to", &to),
            ],
        );
        let lines = &self.dialogue.transcript.transcript;
        finding.evidence = lines
            .iter()
            .skip(lines.len().saturating_sub(12))
            .map(Line::marked)
            .collect();
        finding
    }
}

pub fn judge(request: &Request, seen: &Observations) -> Vec<Finding> {
    // Hosts that only an outdated answer names are nobody's fault.
    let Some(set) = MxSet::effective(seen) else {
        return Vec::new();
    };
    let current: Vec<Name> = set
        .pointers()
        .iter()
        .map(|pointer| pointer.target.clone())
        .collect();
    let mut dead = Vec::new();
    let mut minor = Vec::new();
    let mut usable = Vec::new();
    let mut undecided = false;
    for ((host, address), dialogue) in &seen.smtp.port25 {
        // An address that only the resolver here still believes in is nobody's fault either.
        if !current.contains(host) || !reachable_addresses(seen, host).contains(address) {
            continue;
        }
        let place = Place::transfer(request, seen, host, *address, dialogue);
        if dialogue.is_usable() {
            usable.push((host, *address));
        } else if let Some(finding) = fatal(&place, seen) {
            dead.push(finding);
        } else {
            undecided = true;
        }
        minor.extend(fault::minor(&place));
    }
    one_of_several(&mut minor, usable.len());
    undecided |= !all_tried(seen, &current);
    let mut findings = Vec::new();
    if !dead.is_empty() && !usable.is_empty() {
        for finding in &mut dead {
            finding.severity = Severity::Warning;
        }
        findings.push(some_down(request, &dead, usable.len()));
    } else if undecided {
        for finding in &mut dead {
            finding.severity = Severity::Warning;
        }
    }
    findings.extend(dead);
    findings.extend(minor);
    findings.extend(envelope::judge(request, &set, seen));
    said_once(&mut findings);
    findings
}

/// Where a form that is not allowed ends the session, that it was not allowed is said already.
fn said_once(findings: &mut Vec<Finding>) {
    let about = |finding: &Finding| finding.id == id::SMTP_MALFORMED_REPLY;
    let fatal: Vec<_> = findings
        .iter()
        .filter(|finding| about(finding) && finding.severity == Severity::Error)
        .map(|finding| finding.subject.clone())
        .collect();
    findings.retain(|finding| {
        !about(finding) || finding.severity == Severity::Error || !fatal.contains(&finding.subject)
    });
}

/// Why no mail can be handed to this place; nothing where that cannot be told.
fn fatal(place: &Place<'_>, seen: &Observations) -> Option<Finding> {
    let reach = reach(seen, Family::of(place.address));
    let id = match &place.dialogue.connected {
        Ok(_) => return fault::fatal(place),
        Err(ConnectError::Refused { .. }) => {
            (reach != Reach::BlockedHere).then_some(id::SMTP_PORT_CLOSED)?
        }
        Err(ConnectError::Reset { .. }) => id::SMTP_CLOSED_EARLY,
        Err(ConnectError::TimedOut { .. }) => {
            // A time-out is no answer: only where port 25 gets out is it the other side's.
            (reach == Reach::Open).then_some(id::SMTP_PORT_FILTERED)?
        }
        Err(
            ConnectError::Unreachable { .. }
            | ConnectError::Other { .. }
            | ConnectError::Way { .. },
        ) => {
            let open = reach == Reach::Open || others_of_family(place, seen);
            open.then_some(id::SMTP_UNREACHABLE)?
        }
        Err(ConnectError::Cancelled) => return None,
    };
    let error = place.dialogue.connected.as_ref().err()?;
    let mut finding = place.finding(id, &error.to_string(), 0);
    let other = seen.smtp.other.get(&(place.host.clone(), place.address));
    if let Some(to) = other.and_then(super::OtherPort::answered) {
        finding = finding.evidence(format!("the host itself is up: port {} answers", to.port()));
    }
    Some(finding)
}

/// Something of this address family answered from here: a nameserver will do.
fn others_of_family(place: &Place<'_>, seen: &Observations) -> bool {
    seen.ns.reaches(place.address)
}

/// What is an error at one host only delays its mail, while others do better.
fn one_of_several(findings: &mut [Finding], usable: usize) {
    for id in [id::TLS_HANDSHAKE_FAILED, id::TLS_PLAINTEXT_INJECTION] {
        let with = findings.iter().filter(|finding| finding.id == id).count();
        for finding in findings.iter_mut().filter(|finding| finding.id == id) {
            if with < usable {
                finding.severity = finding.severity.min(Severity::Warning);
            }
        }
    }
}

fn some_down(request: &Request, dead: &[Finding], usable: usize) -> Finding {
    let domain = request.domain_shown();
    let what = dead
        .iter()
        .map(|finding| finding.subject.to_string())
        .collect::<Vec<_>>()
        .join(", ");
    let mut finding = Finding::new(
        id::SMTP_SOME_HOSTS_DOWN,
        domain.clone(),
        &[
            ("domain", &domain),
            ("host", &what),
            ("address", &what),
            ("port", "25"),
            ("what", &what),
            ("expected", &format!("{} addresses", usable + dead.len())),
            ("seconds", "0"),
        ],
    );
    finding.evidence = dead.iter().map(|finding| finding.summary.clone()).collect();
    finding
}
