//! What decides over mail beside the way there: what the domain publishes (SPF, DKIM, DMARC,
//! MTA-STS, TLS reporting, DANE, BIMI), and the standing of its hosts (reverse names, block
//! lists).

mod dkim;
mod dmarc;
mod reputation;
mod spf;
mod transport;
mod txt;

use super::{Check, Context, Observations, Request, Row, Selector};
use crate::case::Finding;
use crate::knowledge::finding::Severity;
use crate::net::dns::{Name, Outcome};
use crate::policy::mta_sts;
use reputation::{Listed, Reverse};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use transport::Sts;

/// Addresses whose reverse name and standing are looked at.
const MAX_ADDRESSES: usize = 8;

#[derive(Clone, Debug)]
pub enum Observation {
    Spf(Box<spf::Seen>),
    Key(Option<Arc<Outcome>>),
    CommonKeys(Vec<(Selector, Arc<Outcome>)>),
    Dmarc(dmarc::Seen),
    MtaSts(Sts),
    Record(Arc<Outcome>),
    Reverse(Reverse),
    BlockLists(Vec<Listed>),
}

#[derive(Clone, Debug, Default)]
pub struct Seen {
    spf: Option<Box<spf::Seen>>,
    keys: BTreeMap<Selector, Arc<Outcome>>,
    common_keys: Option<Vec<(Selector, Arc<Outcome>)>>,
    dmarc: Option<dmarc::Seen>,
    mta_sts: Option<Sts>,
    tls_reporting: Option<Arc<Outcome>>,
    bimi: Option<Arc<Outcome>>,
    tlsa: BTreeMap<Name, Arc<Outcome>>,
    reverse: BTreeMap<IpAddr, Reverse>,
    block_lists: BTreeMap<IpAddr, Vec<Listed>>,
}

impl Seen {
    pub fn record(&mut self, check: &Check, observation: Observation) {
        match (check, observation) {
            (_, Observation::Spf(seen)) => self.spf = Some(seen),
            (Check::Dkim(selector), Observation::Key(Some(outcome))) => {
                self.keys.insert(selector.clone(), outcome);
            }
            (_, Observation::CommonKeys(found)) => self.common_keys = Some(found),
            (_, Observation::Dmarc(seen)) => self.dmarc = Some(seen),
            (_, Observation::MtaSts(seen)) => self.mta_sts = Some(seen),
            (Check::TlsReporting, Observation::Record(outcome)) => {
                self.tls_reporting = Some(outcome);
            }
            (Check::Bimi, Observation::Record(outcome)) => self.bimi = Some(outcome),
            (Check::Tlsa(host), Observation::Record(outcome)) => {
                self.tlsa.insert(host.clone(), outcome);
            }
            (Check::Reverse(address), Observation::Reverse(seen)) => {
                self.reverse.insert(*address, seen);
            }
            (Check::BlockLists(address), Observation::BlockLists(seen)) => {
                self.block_lists.insert(*address, seen);
            }
            _ => {}
        }
    }
}

/// What the case needs of this family, from what is known.
pub fn due(request: &Request, seen: &Observations, hosts: &[Name]) -> Vec<Check> {
    let mut due = vec![Check::Spf];
    if request.selectors.is_empty() {
        due.push(Check::CommonKeys);
    }
    due.extend(request.selectors.iter().cloned().map(Check::Dkim));
    due.extend([
        Check::Dmarc,
        Check::MtaSts,
        Check::TlsReporting,
        Check::Bimi,
    ]);
    due.extend(hosts.iter().cloned().map(Check::Tlsa));
    for address in reputation::addresses(request, seen, MAX_ADDRESSES) {
        due.extend([Check::Reverse(address), Check::BlockLists(address)]);
    }
    due
}

pub async fn ask(check: &Check, context: &Context) -> super::Observation {
    let domain = &context.request.domain;
    let record = |labels: &'static str| async move {
        Observation::Record(txt::ask(&context.dns, transport::below(labels, domain)).await)
    };
    super::Observation::Policy(match check {
        Check::Dkim(selector) => Observation::Key(dkim::ask(context, selector).await),
        Check::CommonKeys => Observation::CommonKeys(dkim::ask_common(context).await),
        Check::Dmarc => Observation::Dmarc(dmarc::ask(context).await),
        Check::MtaSts => Observation::MtaSts(transport::ask_sts(context).await),
        Check::TlsReporting => record("_smtp._tls").await,
        Check::Bimi => record("default._bimi").await,
        Check::Tlsa(host) => Observation::Record(transport::ask_tlsa(context, host).await),
        Check::Reverse(address) => {
            Observation::Reverse(reputation::ask_reverse(context, *address).await)
        }
        Check::BlockLists(address) => {
            Observation::BlockLists(reputation::ask_lists(context, *address).await)
        }
        _ => Observation::Spf(Box::new(spf::ask(context).await)),
    })
}

pub fn judge(request: &Request, seen: &Observations) -> Vec<Finding> {
    // What is not in the DNS publishes nothing, which is said elsewhere.
    if !exists(seen) {
        return Vec::new();
    }
    let own = &seen.policy;
    let mut findings = Vec::new();
    if let Some(spf) = &own.spf {
        findings.extend(spf::judge(request, spf));
    }
    for (selector, outcome) in &own.keys {
        findings.extend(dkim::judge(request, selector, outcome, true));
    }
    for (selector, outcome) in own.common_keys.iter().flatten() {
        findings.extend(dkim::judge(request, selector, outcome, false));
    }
    if let Some(dmarc) = &own.dmarc {
        findings.extend(dmarc::judge(request, dmarc));
    }
    if let Some(sts) = &own.mta_sts {
        findings.extend(transport::judge_sts(request, sts, seen));
    }
    let mut dane = Vec::new();
    for (host, outcome) in &own.tlsa {
        dane.extend(transport::judge_tlsa(request, host, outcome, seen));
    }
    // Senders that validate go on to the next host (RFC 7672 section 2.2).
    let usable = seen
        .smtp
        .port25
        .values()
        .filter(|dialogue| dialogue.is_usable());
    if dane.len() < usable.count() {
        for finding in &mut dane {
            finding.severity = finding.severity.min(Severity::Warning);
        }
    }
    findings.extend(dane);
    for (address, reverse) in &own.reverse {
        findings.extend(reputation::judge_reverse(request, *address, reverse, seen));
    }
    for (address, lists) in &own.block_lists {
        findings.extend(reputation::judge_lists(request, *address, lists, seen));
    }
    findings
}

/// Whether the domain's name is there at all, as far as is known.
fn exists(seen: &Observations) -> bool {
    !seen.mx.lookup.as_ref().is_some_and(|lookup| {
        lookup
            .mx
            .answer()
            .is_some_and(|answer| answer.code() == crate::net::dns::ResponseCode::NXDomain)
    })
}

pub fn row(check: &Check, request: &Request, seen: &Observations) -> Option<Row> {
    let own = &seen.policy;
    Some(match check {
        Check::Spf => spf::row(request, own.spf.as_ref()?),
        Check::Dkim(selector) => dkim::row(request, selector, own.keys.get(selector)?),
        Check::CommonKeys => dkim::common_row(request, own.common_keys.as_ref()?),
        Check::Dmarc => dmarc::row(request, own.dmarc.as_ref()?),
        Check::MtaSts => transport::sts_row(request, own.mta_sts.as_ref()?, seen),
        Check::TlsReporting => transport::optional_row(
            own.tls_reporting.as_ref()?,
            mta_sts::is_tls_reporting,
            "Where senders report that TLS failed on the way to the domain (RFC 8460).",
        ),
        Check::Bimi => transport::optional_row(
            own.bimi.as_ref()?,
            |text| text.starts_with("v=BIMI1"),
            "The logo that mail programs may show beside mail that passes DMARC.",
        ),
        Check::Tlsa(host) => transport::tlsa_row(request, host, own.tlsa.get(host)?, seen),
        Check::Reverse(address) => {
            reputation::reverse_row(request, *address, own.reverse.get(address)?, seen)
        }
        Check::BlockLists(address) => {
            reputation::lists_row(request, *address, own.block_lists.get(address)?, seen)
        }
        _ => return None,
    })
}
