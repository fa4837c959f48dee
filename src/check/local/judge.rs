//! What the state of this machine means for everything else.

use crate::case::Finding;
use crate::check::mx::MxSet;
use crate::check::smtp::{Family, Reach, reach};
use crate::check::{Observations, Request};
use crate::knowledge::finding::id;
use crate::net::ConnectError;
use crate::net::dns::{Addresses, Outcome};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

pub fn judge(request: &Request, seen: &Observations, now: Timestamp) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(network(request, seen));
    findings.extend(stale(request, seen, now));
    findings.extend(blocked(request, seen));
    findings
}

fn network(request: &Request, seen: &Observations) -> Option<Finding> {
    let resolver = seen.local.resolver.as_ref()?;
    if resolver.works() {
        return None;
    }
    let names: Vec<String> = resolver
        .questions
        .iter()
        .filter_map(|outcome| outcome.server)
        .map(|server| server.ip().to_string())
        .collect();
    let name = names.first().map_or("none is configured", String::as_str);
    let what = resolver
        .questions
        .first()
        .map_or_else(String::new, |outcome| {
            super::super::ns::outcome_word(outcome)
        });
    let domain = request.domain_shown();
    let id = if resolver.network_is_up() {
        id::LOCAL_RESOLVER_FAILED
    } else {
        id::LOCAL_OFFLINE
    };
    let mut finding = Finding::new(
        id,
        if id == id::LOCAL_OFFLINE {
            "this machine"
        } else {
            name
        },
        &[
            ("domain", &domain),
            ("resolver", name),
            ("what", &what),
            ("seconds", "0"),
            ("until", ""),
            ("expected", "an answer"),
        ],
    );
    finding.evidence = resolver
        .questions
        .iter()
        .chain(&resolver.roots)
        .map(|outcome| outcome.evidence())
        .collect();
    Some(finding)
}

/// What the resolver still has, and what stands at the domain's own nameservers.
struct Stale {
    old: String,
    new: String,
    /// What the resolver said, and what a nameserver did.
    said: [Arc<Outcome>; 2],
}

fn stale(request: &Request, seen: &Observations, now: Timestamp) -> Option<Finding> {
    // A resolver that denies everything is behind with nothing.
    let works = seen
        .local
        .resolver
        .as_ref()
        .is_none_or(super::Resolver::works);
    if !works || !seen.ns.is_settled() {
        return None;
    }
    let stale = stale_records(request, seen).or_else(|| stale_address(request, seen))?;
    let [cached, _] = &stale.said;
    let ttl = cached.answer()?.ttl().unwrap_or(0);
    let until = now
        .checked_add(SignedDuration::from_secs(i64::from(ttl)))
        .map_or_else(
            |_| String::new(),
            |until| until.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        );
    let resolver = cached
        .server
        .map_or_else(String::new, |server| server.ip().to_string());
    let mut finding = Finding::new(
        id::LOCAL_RESOLVER_STALE,
        resolver.as_str(),
        &[
            ("domain", &request.domain_shown()),
            ("resolver", &resolver),
            ("what", &stale.old),
            ("expected", &stale.new),
            ("seconds", &ttl.to_string()),
            ("until", &until),
        ],
    );
    finding.reproduce = cached.ask.dig(None).into();
    finding.evidence = stale.said.map(|outcome| outcome.evidence()).into();
    Some(finding)
}

/// The resolver's MX records are none that any of the domain's own servers gives.
fn stale_records(request: &Request, seen: &Observations) -> Option<Stale> {
    let old = MxSet::of(&seen.mx.lookup.as_ref()?.mx)?;
    let current: Vec<MxSet> = seen
        .ns
        .good()
        .filter_map(|(_, authority)| MxSet::of(&authority.mx))
        .collect();
    if current
        .iter()
        .any(|set| set.comparable() == old.comparable())
    {
        return None;
    }
    let authority = current.first()?;
    let list = |set: &MxSet| match set.pointers() {
        [] => "no MX record".to_owned(),
        pointers => pointers
            .iter()
            .map(|pointer| format!("{} {}", pointer.preference, request.shown(&pointer.target)))
            .collect::<Vec<_>>()
            .join(", "),
    };
    Some(Stale {
        old: list(&old),
        new: list(authority),
        said: [old.outcome(), authority.outcome()].map(Arc::clone),
    })
}

/// The resolver has addresses of a mail host that its own nameserver no longer gives.
fn stale_address(request: &Request, seen: &Observations) -> Option<Stale> {
    let set = MxSet::effective(seen)?;
    let known = set
        .pointers()
        .iter()
        .find_map(|pointer| super::outdated(seen, &pointer.target))?;
    let list = |found: &Addresses| {
        let all: Vec<String> = found.all().iter().map(ToString::to_string).collect();
        let what = if all.is_empty() {
            "no address".to_owned()
        } else {
            all.join(", ")
        };
        format!("{} {what}", request.shown(&known.name))
    };
    let side = |found: &Addresses| {
        let has_v4 = found
            .v4
            .answer()
            .is_some_and(|it| !it.addresses().is_empty());
        Arc::clone(if has_v4 { &found.v4 } else { &found.v6 })
    };
    Some(Stale {
        old: list(&known.cached),
        new: list(&known.current),
        said: [side(&known.cached), side(&known.current)],
    })
}

fn blocked(request: &Request, seen: &Observations) -> Option<Finding> {
    let outbound = seen.local.outbound.as_ref()?;
    if reach(seen, Family::V4) != Reach::BlockedHere {
        return None;
    }
    let domain = request.domain_shown();
    let silent = outbound
        .probes
        .iter()
        .filter(|probe| {
            probe.to.port() == 25
                && matches!(
                    probe.result,
                    Err(ConnectError::TimedOut { .. } | ConnectError::Refused { .. })
                )
        })
        .map(|probe| probe.provider.to_string())
        .collect::<std::collections::BTreeSet<_>>();
    let silent = silent.into_iter().collect::<Vec<_>>().join(", ");
    let mut finding = Finding::new(
        id::LOCAL_PORT25_BLOCKED,
        "this machine",
        &[
            ("domain", &domain),
            ("resolver", ""),
            (
                "what",
                &format!("{silent} do not answer on port 25, and answer on other ports"),
            ),
            ("seconds", "0"),
            ("until", ""),
            ("expected", "a greeting"),
        ],
    );
    finding.evidence = outbound.probes.iter().map(super::Probe::evidence).collect();
    Some(finding)
}
