//! The rows about this machine.

use super::{Cached, Outbound, Probe, Resolver};
use crate::case::{CheckState, Exchange};
use crate::check::smtp::{Family, Reach, reach};
use crate::check::{Check, Observations, Request, Row};
use crate::net::dns::RecordType;
use crate::text::SafeText;
use jiff::Timestamp;

pub fn row(check: &Check, request: &Request, seen: &Observations, now: Timestamp) -> Option<Row> {
    match check {
        Check::Resolver => Some(resolver(seen.local.resolver.as_ref()?)),
        Check::Outbound => Some(outbound(seen, seen.local.outbound.as_ref()?)),
        Check::Cached => Some(cached(request, seen, seen.local.cached.as_ref()?, now)),
        _ => None,
    }
}

fn resolver(resolver: &Resolver) -> Row {
    let server = resolver.questions.iter().find_map(|outcome| outcome.server);
    let name = server.map_or_else(
        || "no resolver".to_owned(),
        |server| server.ip().to_string(),
    );
    let (state, detail, meaning) = if resolver.works() {
        (
            CheckState::Passed,
            format!("{name} answers"),
            "The names that this machine uses can be looked up.",
        )
    } else if resolver.network_is_up() {
        (
            CheckState::Failed,
            format!("{name} does not answer usefully; the network is up"),
            "Programs here cannot look up names, though the Internet can be reached.",
        )
    } else {
        (
            CheckState::Failed,
            "neither the resolver nor a root server answers".to_owned(),
            "Without a network nothing can be said about any mail domain.",
        )
    };
    Row {
        state,
        detail: detail.into(),
        exchanges: resolver
            .questions
            .iter()
            .chain(&resolver.roots)
            .map(|outcome| outcome.exchange())
            .collect(),
        meaning: meaning.into(),
        by_hand: resolver
            .questions
            .iter()
            .map(|outcome| outcome.ask.dig(outcome.server).into())
            .collect(),
    }
}

impl Probe {
    /// What was tried and what came of it, in a line.
    pub fn evidence(&self) -> SafeText {
        let came = match &self.result {
            Ok(()) => "connected".to_owned(),
            Err(error) => error.to_string(),
        };
        format!(
            "{}: {} port {}: {came}",
            self.provider,
            self.host,
            self.to.port()
        )
        .into()
    }
}

fn outbound(seen: &Observations, outbound: &Outbound) -> Row {
    let (state, detail, meaning) = match reach(seen, Family::V4) {
        Reach::Open => (
            CheckState::Passed,
            "independent mail hosts answer on port 25",
            "Port 25 gets out of this network, so a silent mail host is silent by itself.",
        ),
        Reach::BlockedHere => (
            CheckState::Failed,
            "port 25 is blocked from here",
            "Hosts of several providers stay silent on port 25 and answer on other ports: the \
             block is in this network, and nothing is said about the domain's mail hosts.",
        ),
        Reach::Unknown => (
            CheckState::NotPossible,
            "it cannot be told where port 25 is blocked",
            "Too few independent hosts could be reached to say whether the block is here.",
        ),
    };
    Row {
        state,
        detail: detail.into(),
        exchanges: vec![Exchange {
            asked: "TCP connections to independent providers".into(),
            answered: outbound.probes.iter().map(Probe::evidence).collect(),
            took_ms: 0,
        }],
        meaning: meaning.into(),
        by_hand: outbound
            .probes
            .iter()
            .take(2)
            .map(|probe| format!("telnet {} {}", probe.host, probe.to.port()).into())
            .collect(),
    }
}

fn cached(request: &Request, seen: &Observations, cached: &Cached, now: Timestamp) -> Row {
    let stale = super::judge(request, seen, now)
        .into_iter()
        .find(|finding| finding.id == crate::knowledge::finding::id::LOCAL_RESOLVER_STALE);
    let mut exchanges = vec![cached.soa.exchange()];
    exchanges.extend(seen.mx.lookup.iter().map(|lookup| lookup.mx.exchange()));
    let (state, detail) = match (&stale, cached.soa.answer()) {
        (Some(finding), _) => (CheckState::Warned, finding.summary.clone()),
        (None, None) => (
            CheckState::NotPossible,
            "the resolver did not answer".into(),
        ),
        (None, Some(answer)) if !seen.ns.good().any(|_| true) => {
            let _ = answer;
            (
                CheckState::NotPossible,
                "no nameserver to compare with answered".into(),
            )
        }
        (None, Some(answer)) => {
            let ttl = answer.ttl().unwrap_or(0);
            (
                CheckState::Passed,
                format!("the resolver agrees with the nameservers (TTL left {ttl} s)").into(),
            )
        }
    };
    Row {
        state,
        detail,
        exchanges,
        meaning: "Nothing propagates: a resolver keeps an answer until its TTL runs out, and \
                  that something does not exist for the SOA's minimum. After a change both \
                  answers are in the world until then."
            .into(),
        by_hand: [RecordType::SOA, RecordType::MX]
            .map(|rtype| format!("dig {} {rtype}", request.domain_shown()).into())
            .to_vec(),
    }
}
