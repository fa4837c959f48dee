//! What the MX records and their targets mean.

use super::{MxSet, Pointer, addresses, not_public, reachable_addresses};
use crate::case::Finding;
use crate::check::{Observations, Request};
use crate::knowledge::finding::{FindingId, Severity, id};
use crate::net::dns::{Addresses, Answer, ResponseCode};
use crate::text::SafeText;
use std::collections::BTreeSet;

pub fn judge(request: &Request, seen: &Observations) -> Vec<Finding> {
    let about = About { request, seen };
    let mut findings = Vec::new();
    findings.extend(about.lookup_failed());
    findings.extend(about.inconsistent());
    let Some(set) = MxSet::effective(seen) else {
        return findings;
    };
    match &set {
        MxSet::NoSuchName(outcome) => {
            // Where the registry has no delegation, that is the finding.
            if seen.ns.zone().is_some() || seen.ns.delegation.is_none() {
                let what = "there is no such name in the DNS";
                findings.push(
                    about
                        .domain(id::MX_NO_MAIL_HOST, what)
                        .evidence(outcome.evidence()),
                );
            }
        }
        MxSet::Implicit(pointer, outcome) => findings.extend(
            about
                .implicit(pointer)
                .map(|finding| finding.evidence(outcome.evidence())),
        ),
        MxSet::Records(pointers, outcome) => {
            let nulls = pointers.iter().filter(|pointer| pointer.is_null()).count();
            if nulls > 0 {
                let alone = pointers.len() == nulls;
                let id = if alone {
                    id::MX_NULL
                } else {
                    id::MX_NULL_NOT_ALONE
                };
                let what = records(pointers);
                findings.push(about.domain(id, &what).evidence(outcome.evidence()));
            }
            findings.extend(about.targets(pointers));
        }
    }
    findings
}

struct About<'a> {
    request: &'a Request,
    seen: &'a Observations,
}

impl About<'_> {
    fn domain(&self, id: FindingId, what: &str) -> Finding {
        let domain = self.request.domain_shown();
        Finding::new(
            id,
            domain.clone(),
            &[
                ("domain", &domain),
                ("host", &domain),
                ("address", "its address"),
                ("what", what),
                ("expected", "MX records"),
                ("record", &format!("{domain}. MX 10 mail.{domain}.")),
            ],
        )
    }

    fn host(&self, id: FindingId, pointer: &Pointer, address: &str, what: &str) -> Finding {
        let domain = self.request.domain_shown();
        let host = self.request.shown(&pointer.target);
        let record = match id {
            id::MX_UNRESOLVABLE => format!("{host}. A <its IPv4 address>"),
            id::MX_IS_ADDRESS => {
                format!(
                    "mail.{domain}. A {address} and {domain}. MX {} mail.{domain}.",
                    pointer.preference
                )
            }
            _ => format!("{domain}. MX {} {host}.", pointer.preference),
        };
        Finding::new(
            id,
            host.clone(),
            &[
                ("domain", &domain),
                ("host", &host),
                ("address", address),
                ("what", what),
                ("expected", "a host name with an address"),
                ("record", &record),
            ],
        )
    }

    /// The MX question fails at the domain's own nameservers, though they serve the zone.
    fn lookup_failed(&self) -> Option<Finding> {
        let good: Vec<_> = self.seen.ns.good().collect();
        let failing: Vec<_> = good
            .iter()
            .filter(|(_, authority)| !authority.mx.answer().is_some_and(Answer::is_conclusive))
            .collect();
        if failing.is_empty() {
            return None;
        }
        let what = failing
            .iter()
            .map(|((name, address), authority)| {
                let came = super::super::ns::outcome_word(&authority.mx);
                format!("{} ({address}): {came}", self.request.shown(name))
            })
            .collect::<Vec<_>>()
            .join("; ");
        let all = failing.len() == good.len();
        let mut finding = self.domain(id::MX_LOOKUP_FAILED, &what);
        finding.evidence = failing
            .iter()
            .map(|(_, authority)| authority.mx.evidence())
            .collect();
        Some(finding.severity(if all {
            Severity::Error
        } else {
            Severity::Warning
        }))
    }

    /// The nameservers give different MX sets.
    fn inconsistent(&self) -> Option<Finding> {
        let sets: Vec<(String, MxSet)> = self
            .seen
            .ns
            .good()
            .filter_map(|((name, address), authority)| {
                let who = format!("{} ({address})", self.request.shown(name));
                Some((who, MxSet::of(&authority.mx)?))
            })
            .collect();
        let distinct: BTreeSet<_> = sets.iter().map(|(_, set)| set.comparable()).collect();
        if distinct.len() < 2 {
            return None;
        }
        let what = sets
            .iter()
            .map(|(who, set)| match set.pointers() {
                [] => format!("{who}: none"),
                pointers => format!("{who}: {}", records(pointers)),
            })
            .collect::<Vec<_>>()
            .join("; ");
        let mut finding = self.domain(id::MX_INCONSISTENT, &what);
        finding.evidence = sets
            .iter()
            .map(|(_, set)| set.outcome().evidence())
            .collect();
        Some(finding)
    }

    fn implicit(&self, pointer: &Pointer) -> Option<Finding> {
        let addresses = addresses(self.seen, &pointer.target)?;
        if !addresses.all().is_empty() {
            return Some(self.domain(id::MX_IMPLICIT, "no MX record, and an address of its own"));
        }
        addresses.is_conclusive().then(|| {
            self.domain(id::MX_NO_MAIL_HOST, "neither MX nor address records")
                .evidence(addresses.v4.evidence())
                .evidence(addresses.v6.evidence())
        })
    }

    /// Faults of single targets. Where others can take the mail, an error is a warning.
    fn targets(&self, pointers: &[Pointer]) -> Vec<Finding> {
        let usable = pointers.iter().any(|pointer| {
            pointer.is_host() && !reachable_addresses(self.seen, &pointer.target).is_empty()
        });
        let undecided = pointers.iter().any(|pointer| {
            pointer.is_host()
                && addresses(self.seen, &pointer.target).is_none_or(|addresses| {
                    addresses.all().is_empty() && !addresses.is_conclusive()
                })
        });
        let mut findings = Vec::new();
        for pointer in pointers.iter().filter(|pointer| !pointer.is_null()) {
            if let Some(address) = pointer.address_as_name() {
                let what = "an IP address stands where a host name belongs";
                findings.push(self.host(id::MX_IS_ADDRESS, pointer, &address.to_string(), what));
                continue;
            }
            let Some(addresses) = addresses(self.seen, &pointer.target) else {
                continue;
            };
            findings.extend(self.target(pointer, addresses));
        }
        for finding in &mut findings {
            if finding.severity == Severity::Error && (usable || undecided) {
                finding.severity = Severity::Warning;
            }
        }
        findings
    }

    fn target(&self, pointer: &Pointer, addresses: &Addresses) -> Vec<Finding> {
        let mut findings = Vec::new();
        let asked = |finding: Finding| {
            finding
                .evidence(addresses.v4.evidence())
                .evidence(addresses.v6.evidence())
        };
        let all = addresses.all();
        let canonical = addresses
            .v4
            .answer()
            .or(addresses.v6.answer())
            .map(Answer::canonical_name);
        if let Some(canonical) = canonical.filter(|name| *name != pointer.target) {
            let address = all.first().map_or_else(String::new, ToString::to_string);
            let what = self.request.shown(&canonical);
            findings.push(asked(self.host(id::MX_IS_CNAME, pointer, &address, &what)));
        }
        if all.is_empty() && addresses.is_conclusive() {
            let nxdomain = addresses
                .v4
                .answer()
                .is_some_and(|answer| answer.code() == ResponseCode::NXDomain);
            let what = if nxdomain {
                "there is no such name"
            } else {
                "the name has neither A nor AAAA record"
            };
            findings.push(asked(self.host(id::MX_UNRESOLVABLE, pointer, "none", what)));
        }
        let private: Vec<(String, &str)> = all
            .iter()
            .filter_map(|address| Some((address.to_string(), not_public(*address)?)))
            .collect();
        if let Some((address, why)) = private.first() {
            let mut finding = asked(self.host(id::MX_PRIVATE_ADDRESS, pointer, address, why));
            if private.len() < all.len() {
                finding.severity = Severity::Warning;
            }
            finding.subject = SafeText::from(format!("{} ({address})", finding.subject));
            findings.push(finding);
        }
        findings
    }
}

/// Preference and target of each.
fn records(pointers: &[Pointer]) -> String {
    pointers
        .iter()
        .map(|pointer| format!("{} {}", pointer.preference, pointer.target))
        .collect::<Vec<_>>()
        .join(", ")
}
