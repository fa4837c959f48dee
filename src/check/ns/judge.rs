//! What the delegation and the nameservers' answers mean.

use super::lame::{Health, health};
use super::{Seen, ns_names};
use crate::case::Finding;
use crate::check::{Observations, Request};
use crate::knowledge::finding::{FindingId, Severity, id};
use crate::net::dns::{Name, NotFound};
use crate::text::SafeText;
use std::collections::BTreeSet;
use std::net::IpAddr;

pub fn judge(request: &Request, seen: &Observations) -> Vec<Finding> {
    let about = About {
        request,
        seen: &seen.ns,
    };
    let mut findings = Vec::new();
    findings.extend(about.not_delegated());
    findings.extend(about.servers());
    findings.extend(about.sets());
    findings.extend(about.serials());
    findings.extend(about.single());
    findings.extend(bogus(request, seen));
    findings
}

/// Where a nameserver cannot serve the domain: what is wrong, and the questions that show it.
struct Fault {
    id: FindingId,
    name: Name,
    address: Option<IpAddr>,
    what: String,
    /// What belongs there instead, where it is known.
    expected: Option<String>,
    evidence: Vec<SafeText>,
}

struct About<'a> {
    request: &'a Request,
    seen: &'a Seen,
}

impl About<'_> {
    fn finding(&self, fault: Fault) -> Finding {
        let host = self.request.shown(&fault.name);
        let address = fault.address.map(|address| address.to_string());
        let subject = match &address {
            Some(address) => format!("{host} ({address})"),
            None => host.to_string(),
        };
        let zone = self.zone();
        let record = if fault.id == id::NS_UNRESOLVABLE {
            format!("{host}. A <its IPv4 address>")
        } else {
            format!("{zone}. NS {host}.")
        };
        let expected = fault.expected.as_deref();
        let mut finding = Finding::new(
            fault.id,
            subject,
            &[
                ("domain", &zone),
                ("host", &host),
                ("address", address.as_deref().unwrap_or(&host)),
                ("what", &fault.what),
                ("expected", expected.unwrap_or("an authoritative answer")),
                ("record", &record),
            ],
        );
        finding.evidence = fault.evidence;
        finding
    }

    /// The zone that was looked at, without its final dot.
    fn zone(&self) -> SafeText {
        self.request
            .shown(self.seen.zone().unwrap_or(&self.request.registered))
    }

    fn not_delegated(&self) -> Option<Finding> {
        let Err(NotFound::NotDelegated { parent, path }) = &self.seen.delegation.as_ref()?.parent
        else {
            return None;
        };
        let domain = self.request.shown(&self.request.registered);
        let parent = self.request.shown(parent);
        let what = path
            .last()
            .and_then(|outcome| outcome.answer())
            .map_or_else(String::new, |answer| {
                crate::net::dns::code_word(answer.code())
            });
        let mut finding = Finding::new(
            id::NS_NOT_DELEGATED,
            domain.clone(),
            &[
                ("domain", &domain),
                ("host", &parent),
                ("what", &what),
                ("address", &parent),
                ("expected", "NS records"),
                ("record", &format!("{domain}. NS …")),
            ],
        );
        finding.evidence = path
            .iter()
            .rev()
            .take(1)
            .map(|outcome| outcome.evidence())
            .collect();
        Some(finding)
    }

    /// Faults of single servers. All of them failing is an error; some, only a warning,
    /// because senders go on to the next one.
    fn servers(&self) -> Vec<Finding> {
        let delegated = self.seen.delegated();
        let mut faults = Vec::new();
        let mut good = 0;
        let mut undecided = 0;
        for (name, glue) in &delegated {
            match self.server(name, glue) {
                Judged::Good(more) => {
                    good += 1;
                    faults.extend(more.into_iter().map(|fault| (fault, false)));
                }
                Judged::Bad(more) => faults.extend(more.into_iter().map(|fault| (fault, true))),
                Judged::Undecided => undecided += 1,
            }
        }
        let all_down = good == 0 && undecided == 0 && !delegated.is_empty();
        faults
            .into_iter()
            .map(|(fault, fatal)| {
                let entry = fault.id.entry();
                let severity = match (fatal, all_down) {
                    (true, true) => Severity::Error,
                    (true, false) => Severity::Warning,
                    (false, _) => entry.severity.min(Severity::Warning),
                };
                self.finding(fault).severity(severity)
            })
            .collect()
    }

    fn server(&self, name: &Name, glue: &[IpAddr]) -> Judged {
        let Some(own) = self.seen.servers.get(name) else {
            return Judged::Undecided;
        };
        let fault = |id, address, what: String, evidence: Vec<SafeText>| Fault {
            id,
            name: name.clone(),
            address,
            what,
            expected: None,
            evidence,
        };
        let own_addresses = own.all();
        let asked = || vec![own.v4.evidence(), own.v6.evidence()];
        if own_addresses.is_empty() && glue.is_empty() {
            let needs_glue = self.seen.zone().is_some_and(|zone| zone.zone_of(name));
            let answered = own.v4.answer().is_some() && own.v6.answer().is_some();
            if own.is_conclusive() || (needs_glue && answered) {
                let what = if own.is_conclusive() {
                    "its name has neither A nor AAAA record"
                } else {
                    "the parent gives no glue for it, and so nobody can find its address"
                };
                return Judged::Bad(vec![fault(id::NS_UNRESOLVABLE, None, what.into(), asked())]);
            }
            return Judged::Undecided;
        }
        let mut minor = Vec::new();
        if let Some(answer) = own.v4.answer().or(own.v6.answer())
            && answer.canonical_name() != *name
            && answer.is_conclusive()
        {
            let target = self.request.shown(&answer.canonical_name());
            minor.push(fault(id::NS_IS_CNAME, None, target.into_string(), asked()));
        }
        if let Some(what) = glue_differs(glue, &own_addresses) {
            let address = glue.first().copied();
            let own: Vec<String> = own_addresses.iter().map(IpAddr::to_string).collect();
            minor.push(Fault {
                expected: Some(own.join(", ")),
                ..fault(id::NS_GLUE_MISMATCH, address, what, asked())
            });
        }
        let mut bad = Vec::new();
        let mut any_good = false;
        let mut undecided = false;
        for address in self.seen.addresses(name, glue) {
            let Some(authority) = self.seen.authority.get(&(name.clone(), address)) else {
                undecided = true;
                continue;
            };
            match health(authority, self.seen.zone()) {
                Health::Good => any_good = true,
                Health::NoTcp(why) => {
                    any_good = true;
                    let evidence = vec![authority.soa.evidence(), authority.soa_tcp.evidence()];
                    minor.push(fault(id::NS_NO_TCP, Some(address), why, evidence));
                }
                Health::Lame(what) => bad.push(fault(
                    id::NS_LAME,
                    Some(address),
                    what,
                    vec![authority.soa.evidence()],
                )),
                Health::Silent(what) => {
                    if self.seen.reaches(address) {
                        let evidence = vec![authority.soa.evidence(), authority.soa_tcp.evidence()];
                        bad.push(fault(id::NS_UNREACHABLE, Some(address), what, evidence));
                    } else {
                        undecided = true;
                    }
                }
            }
        }
        if any_good {
            minor.extend(bad);
            Judged::Good(minor)
        } else if undecided && bad.is_empty() {
            Judged::Undecided
        } else {
            bad.extend(minor);
            Judged::Bad(bad)
        }
    }

    /// The NS set of the parent against the one in the zone.
    fn sets(&self) -> Option<Finding> {
        let parent: BTreeSet<Name> = self
            .seen
            .delegation
            .as_ref()?
            .parent
            .as_ref()
            .ok()?
            .servers
            .iter()
            .map(|server| server.name.clone())
            .collect();
        let (child, outcome) = self.seen.good().find_map(|(_, authority)| {
            let answer = authority
                .ns
                .answer()
                .filter(|answer| answer.is_authoritative())?;
            let names: BTreeSet<Name> = ns_names(answer).into_iter().collect();
            (!names.is_empty() && names != parent).then_some((names, &authority.ns))
        })?;
        let list = |names: &BTreeSet<Name>| {
            names
                .iter()
                .map(|name| self.request.shown(name).into_string())
                .collect::<Vec<_>>()
                .join(", ")
        };
        let zone = self.zone();
        let parent_evidence = self
            .seen
            .delegation
            .as_ref()?
            .parent
            .as_ref()
            .ok()?
            .path
            .last();
        let mut finding = Finding::new(
            id::NS_PARENT_CHILD_MISMATCH,
            zone.clone(),
            &[
                ("domain", &zone),
                ("host", &zone),
                ("address", &zone),
                ("what", &list(&child)),
                ("expected", &list(&parent)),
                ("record", &format!("{zone}. NS {}", list(&child))),
            ],
        )
        .evidence(format!("the parent zone delegates to: {}", list(&parent)))
        .evidence(format!("the zone itself names: {}", list(&child)));
        finding
            .evidence
            .extend(parent_evidence.map(|outcome| outcome.evidence()));
        finding.evidence.push(outcome.evidence());
        Some(finding)
    }

    fn serials(&self) -> Option<Finding> {
        let serials: Vec<(String, u32)> = self
            .seen
            .good()
            .filter_map(|((name, address), authority)| {
                Some((
                    format!("{} ({address})", self.request.shown(name)),
                    authority.serial()?,
                ))
            })
            .collect();
        let distinct: BTreeSet<u32> = serials.iter().map(|(_, serial)| *serial).collect();
        if distinct.len() < 2 {
            return None;
        }
        let zone = self.zone();
        let list = |serial: u32| {
            let who: Vec<&str> = serials
                .iter()
                .filter(|(_, its)| *its == serial)
                .map(|(who, _)| who.as_str())
                .collect();
            format!("{serial} at {}", who.join(", "))
        };
        let newest = newest(&distinct)?;
        let older: Vec<String> = distinct
            .iter()
            .filter(|serial| **serial != newest)
            .map(|serial| list(*serial))
            .collect();
        let mut finding = Finding::new(
            id::NS_SERIAL_MISMATCH,
            zone.clone(),
            &[
                ("domain", &zone),
                ("host", &zone),
                ("address", &zone),
                ("what", &older.join("; ")),
                ("expected", &list(newest)),
                ("record", &format!("{zone}. SOA")),
            ],
        );
        finding.evidence = distinct.iter().map(|serial| list(*serial).into()).collect();
        Some(finding)
    }

    fn single(&self) -> Option<Finding> {
        let delegated = self.seen.delegated();
        let addresses: BTreeSet<IpAddr> = delegated
            .iter()
            .flat_map(|(name, glue)| self.seen.addresses(name, glue))
            .collect();
        let known = delegated
            .iter()
            .all(|(name, _)| self.seen.servers.contains_key(name));
        let what = match (delegated.len(), addresses.len()) {
            (1, _) => "one nameserver",
            (2.., 1) if known => "all nameservers at one address",
            _ => return None,
        };
        let zone = self.zone();
        let host = self.request.shown(&delegated.first()?.0);
        let address = addresses
            .first()
            .map_or_else(String::new, IpAddr::to_string);
        Some(
            Finding::new(
                id::NS_SINGLE,
                zone.clone(),
                &[
                    ("domain", &zone),
                    ("host", &host),
                    ("address", &address),
                    ("what", what),
                    ("expected", "two nameservers on different networks"),
                    ("record", &format!("{zone}. NS {host}.")),
                ],
            )
            .evidence(format!("{what}: {host} {address}")),
        )
    }
}

enum Judged {
    /// It serves the zone; small faults beside that.
    Good(Vec<Fault>),
    Bad(Vec<Fault>),
    /// Not asked yet, or nothing that allows a conclusion.
    Undecided,
}

/// The newest of several serials, by the arithmetic of RFC 1982.
fn newest(serials: &BTreeSet<u32>) -> Option<u32> {
    serials
        .iter()
        .copied()
        .reduce(|a, b| if b.wrapping_sub(a) < 1 << 31 { b } else { a })
}

/// How the glue differs from the server's own addresses, of each family that both know.
fn glue_differs(glue: &[IpAddr], own: &[IpAddr]) -> Option<String> {
    let differs = |ipv4: bool| {
        let of_family = |list: &[IpAddr]| -> BTreeSet<IpAddr> {
            list.iter()
                .copied()
                .filter(|address| address.is_ipv4() == ipv4)
                .collect()
        };
        let (glue, own) = (of_family(glue), of_family(own));
        let list = |set: &BTreeSet<IpAddr>| {
            set.iter()
                .map(IpAddr::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        };
        (!glue.is_empty() && !own.is_empty() && glue != own).then(|| {
            format!(
                "the parent gives {}, its own record says {}",
                list(&glue),
                list(&own)
            )
        })
    };
    differs(true).or_else(|| differs(false))
}

/// The zone's signatures do not hold: so we see, or the resolver refuses what it gives with
/// checking disabled.
fn bogus(request: &Request, seen: &Observations) -> Option<Finding> {
    let domain = request.domain_shown();
    let zone = seen.ns.zone().unwrap_or(&request.registered);
    let broken = seen
        .ns
        .signatures
        .as_ref()
        .and_then(|seen| seen.broken(zone));
    let refused = seen
        .mx
        .lookup
        .as_ref()
        .and_then(|lookup| Some((lookup, lookup.unchecked.as_ref()?)));
    if broken.is_none() && refused.is_none() {
        return None;
    }
    let said = refused.and_then(|(lookup, _)| {
        let errors = lookup.mx.answer()?.extended_errors();
        Some(format!("the resolver says: {}", errors.first()?))
    });
    let what = broken
        .as_ref()
        .map(|broken| broken.what.clone())
        .or(said)
        .unwrap_or_else(|| "validation fails".to_owned());
    let resolver = refused.and_then(|(lookup, _)| lookup.mx.server);
    let resolver = resolver.map_or_else(
        || "the resolver".to_owned(),
        |server| server.ip().to_string(),
    );
    let mut finding = Finding::new(
        id::NS_DNSSEC_BOGUS,
        domain.clone(),
        &[
            ("domain", &domain),
            ("host", &domain),
            ("address", &resolver),
            ("resolver", &resolver),
            ("what", &what),
            ("expected", "signatures that validate"),
            ("record", &format!("{domain}. DS")),
        ],
    );
    if let Some((lookup, unchecked)) = refused {
        finding = finding
            .evidence(lookup.mx.evidence())
            .evidence(unchecked.evidence());
    }
    if let Some(broken) = broken {
        finding.fix = broken.fix.into();
        finding
            .evidence
            .extend(broken.evidence.iter().map(|outcome| outcome.evidence()));
        // Validating resolvers go on to the next server.
        if !broken.everywhere && refused.is_none() {
            finding.severity = Severity::Warning;
        }
    }
    Some(finding)
}
