//! Reverse names and block lists: how an address looks to those who have not met it.

use crate::case::{CheckState, Finding};
use crate::check::request::shown;
use crate::check::{Context, Observations, Request, Row, mx};
use crate::knowledge::block_list::{self, Meaning};
use crate::knowledge::finding::id;
use crate::net::dns::{Addresses, Answer, Ask, Name, Outcome, RData, RecordType, ResponseCode};
use futures_util::future::join_all;
use std::net::IpAddr;
use std::sync::Arc;

/// Reverse names of one address that are followed.
const MAX_NAMES: usize = 4;

/// The reverse names of an address, and where they lead.
#[derive(Clone, Debug)]
pub struct Reverse {
    pub ptr: Arc<Outcome>,
    pub names: Vec<(Name, Addresses)>,
}

/// What one list says of an address.
#[derive(Clone, Debug)]
pub struct Listed {
    pub zone: &'static str,
    pub answer: Arc<Outcome>,
    /// The point that is always listed (RFC 5782 section 5).
    pub alive: Arc<Outcome>,
    /// The point that never is, asked only where the address seems listed.
    pub dead: Option<Arc<Outcome>>,
    /// The list's own words.
    pub reason: Option<Arc<Outcome>>,
}

pub(super) async fn ask_reverse(context: &Context, address: IpAddr) -> Reverse {
    let mut name = Name::from(address);
    name.set_fqdn(true);
    let ptr = context
        .dns
        .resolve(Ask::recursive(name, RecordType::PTR))
        .await;
    let targets: Vec<Name> = ptr
        .answer()
        .into_iter()
        .flat_map(|answer| {
            answer
                .records(RecordType::PTR)
                .filter_map(|record| match &record.data {
                    RData::PTR(target) => Some(target.0.to_lowercase()),
                    _ => None,
                })
        })
        .take(MAX_NAMES)
        .collect();
    let found = join_all(targets.iter().map(|name| context.dns.addresses(name))).await;
    Reverse {
        ptr,
        names: targets.into_iter().zip(found).collect(),
    }
}

/// The host that an address belongs to, for people.
fn host_of(request: &Request, address: IpAddr, seen: &Observations) -> String {
    if request.source_ip == Some(address) {
        return "the sending host".to_owned();
    }
    seen.mx
        .hosts
        .iter()
        .find(|(_, found)| found.all().contains(&address))
        .map_or_else(
            || address.to_string(),
            |(host, _)| shown(host).into_string(),
        )
}

pub(super) fn judge_reverse(
    request: &Request,
    address: IpAddr,
    seen: &Reverse,
    all: &Observations,
) -> Option<Finding> {
    let answer = seen.ptr.answer().filter(|answer| answer.is_conclusive())?;
    let host = host_of(request, address, all);
    let text = address.to_string();
    // Of the machine that sends, nobody has told the name.
    let name = if request.source_ip == Some(address) {
        "<the mail server's own name>"
    } else {
        &host
    };
    let record = format!("{} PTR {name}.", seen.ptr.ask.name);
    let finding = |id, what: &str| {
        Finding::new(
            id,
            format!("{host} ({text})"),
            &[
                ("record", &record),
                ("host", &host),
                ("address", &text),
                ("what", what),
                ("domain", &request.domain_shown()),
            ],
        )
        .evidence(seen.ptr.evidence())
    };
    if answer.code() == ResponseCode::NXDomain || seen.names.is_empty() {
        return Some(finding(id::PTR_MISSING, ""));
    }
    let confirmed = seen
        .names
        .iter()
        .any(|(_, found)| found.all().contains(&address));
    let known = seen.names.iter().all(|(_, found)| found.is_conclusive());
    if confirmed || !known {
        return None;
    }
    let what = seen
        .names
        .iter()
        .map(|(name, found)| {
            let addresses: Vec<String> = found.all().iter().map(ToString::to_string).collect();
            let leads = if addresses.is_empty() {
                "no address".to_owned()
            } else {
                addresses.join(", ")
            };
            format!("{} has {leads}", shown(name))
        })
        .collect::<Vec<_>>()
        .join("; ");
    let mut finding = finding(id::PTR_NOT_CONFIRMED, &what);
    for (_, found) in &seen.names {
        finding = finding.evidence(found.v4.evidence());
    }
    Some(finding)
}

pub(super) fn reverse_row(
    request: &Request,
    address: IpAddr,
    seen: &Reverse,
    all: &Observations,
) -> Row {
    let finding = judge_reverse(request, address, seen, all);
    let known = seen.ptr.answer().is_some_and(Answer::is_conclusive);
    let names: Vec<String> = seen
        .names
        .iter()
        .map(|(name, _)| shown(name).into_string())
        .collect();
    let confirmed = seen
        .names
        .iter()
        .any(|(_, found)| found.all().contains(&address));
    let (state, detail) = match &finding {
        _ if !known => (
            CheckState::NotPossible,
            "the question was not answered".to_owned(),
        ),
        Some(finding) => (
            CheckState::of(Some(finding.severity)),
            finding.summary.to_string(),
        ),
        None if confirmed => (
            CheckState::Passed,
            format!("{}, confirmed", names.join(", ")),
        ),
        None => (
            CheckState::NotPossible,
            format!("{}: where it leads was not answered", names.join(", ")),
        ),
    };
    let mut exchanges = vec![seen.ptr.exchange()];
    exchanges.extend(seen.names.iter().map(|(_, found)| match address {
        IpAddr::V4(_) => found.v4.exchange(),
        IpAddr::V6(_) => found.v6.exchange(),
    }));
    Row {
        state,
        detail: detail.into(),
        exchanges,
        meaning: "Many receivers refuse an address without a reverse name that leads back to it."
            .into(),
        by_hand: vec![format!("dig -x {address}").into()],
    }
}

pub(super) async fn ask_lists(context: &Context, address: IpAddr) -> Vec<Listed> {
    let lists = block_list::all()
        .iter()
        .filter(|list| address.is_ipv4() || list.ipv6);
    join_all(lists.filter_map(|list| {
        let under = |address: IpAddr| {
            let mut zone = Name::from_ascii(&list.zone).ok()?;
            zone.set_fqdn(true);
            let reverse = Name::from(address);
            // Without the two labels of the reverse tree.
            let count = usize::from(reverse.num_labels()).saturating_sub(2);
            let labels: Vec<_> = reverse.iter().take(count).collect();
            Name::from_labels(labels).ok()?.append_domain(&zone).ok()
        };
        let point = |last: u8| match address {
            IpAddr::V4(_) => under(IpAddr::from([127, 0, 0, last])),
            IpAddr::V6(_) => under(IpAddr::from([
                0,
                0,
                0,
                0,
                0,
                0xffff,
                0x7f00,
                u16::from(last),
            ])),
        };
        let (name, alive, dead) = (under(address)?, point(2)?, point(1)?);
        let a = |name: Name| context.dns.resolve(Ask::recursive(name, RecordType::A));
        Some(async move {
            let (answer, alive) = tokio::join!(a(name.clone()), a(alive));
            let seems_listed = answer
                .answer()
                .is_some_and(|answer| !answer.addresses().is_empty());
            let (dead, reason) = if seems_listed {
                let text = context.dns.resolve(Ask::recursive(name, RecordType::TXT));
                let (dead, reason) = tokio::join!(a(dead), text);
                (Some(dead), Some(reason))
            } else {
                (None, None)
            };
            Listed {
                zone: &list.zone,
                answer,
                alive,
                dead,
                reason,
            }
        })
    }))
    .await
}

/// What one list's answer comes to.
enum Standing {
    Clean,
    Listed(String),
    /// The list did not answer the question, or answers everything.
    Useless(String),
}

impl Listed {
    fn standing(&self) -> Standing {
        let Some(answer) = self.answer.answer().filter(|answer| answer.is_conclusive()) else {
            return Standing::Useless("no answer".to_owned());
        };
        let of = |outcome: &Outcome| outcome.answer().map(Answer::addresses).unwrap_or_default();
        let addresses = answer.addresses();
        let Some(list) = block_list::of(self.zone) else {
            return Standing::Useless("unknown list".to_owned());
        };
        for address in &addresses {
            if let Meaning::Refused(why) = list.meaning(*address) {
                return Standing::Useless(why);
            }
        }
        if !addresses.is_empty() && self.dead.as_ref().is_some_and(|dead| !of(dead).is_empty()) {
            return Standing::Useless("it lists every address, so it is dead".to_owned());
        }
        let alive = of(&self.alive)
            .iter()
            .any(|address| !matches!(list.meaning(*address), Meaning::Refused(_)));
        if !alive {
            return Standing::Useless(
                "its test point is not listed, so it is dead or not open to us".to_owned(),
            );
        }
        match addresses.first().map(|address| list.meaning(*address)) {
            Some(Meaning::Listed(what)) => Standing::Listed(what),
            _ => Standing::Clean,
        }
    }
}

pub(super) fn judge_lists(
    request: &Request,
    address: IpAddr,
    seen: &[Listed],
    all: &Observations,
) -> Vec<Finding> {
    let host = host_of(request, address, all);
    let text = address.to_string();
    seen.iter()
        .filter_map(|listed| {
            let Standing::Listed(meaning) = listed.standing() else {
                return None;
            };
            let list = block_list::of(listed.zone)?;
            let owner = listed.answer.ask.name.to_ascii();
            let what = format!("{} ({meaning})", list.zone);
            let mut finding = Finding::new(
                id::DNSBL_LISTED,
                format!("{host} ({text})"),
                &[
                    ("address", &text),
                    ("host", &host),
                    ("what", &what),
                    ("record", &owner),
                    ("domain", &request.domain_shown()),
                ],
            )
            .evidence(listed.answer.evidence());
            finding
                .evidence
                .extend(listed.reason.iter().map(|outcome| outcome.evidence()));
            finding.fix = format!("{} {}", finding.fix, list.removal).into();
            Some(finding)
        })
        .collect()
}

pub(super) fn lists_row(
    request: &Request,
    address: IpAddr,
    seen: &[Listed],
    all: &Observations,
) -> Row {
    let worst = judge_lists(request, address, seen, all)
        .iter()
        .map(|finding| finding.severity)
        .max();
    let mut on = Vec::new();
    let mut clean = 0;
    let mut useless = Vec::new();
    for listed in seen {
        match listed.standing() {
            Standing::Clean => clean += 1,
            Standing::Listed(what) => on.push(format!("{} ({what})", listed.zone)),
            Standing::Useless(why) => useless.push(format!("{}: {why}", listed.zone)),
        }
    }
    let (state, mut detail) = match (on.is_empty(), clean) {
        (false, _) => (CheckState::of(worst), format!("on {}", on.join(", "))),
        (true, 0) => (CheckState::NotPossible, "no block list answered".to_owned()),
        (true, clean) => (CheckState::Passed, format!("on none of {clean} lists")),
    };
    if !useless.is_empty() {
        detail = format!(
            "{detail}; {} could not be asked: {}",
            useless.len(),
            useless.join("; ")
        );
    }
    Row {
        state,
        detail: detail.into(),
        exchanges: seen.iter().map(|listed| listed.answer.exchange()).collect(),
        meaning: "Receivers ask these lists for the address that connects. A list counts only \
                  while it lists its test point 127.0.0.2 and not 127.0.0.1 (RFC 5782)."
            .into(),
        by_hand: seen
            .iter()
            .map(|listed| listed.answer.ask.dig(None).into())
            .collect(),
    }
}

/// Addresses that are worth the questions: the mail hosts', and the one that sends.
pub(super) fn addresses(request: &Request, seen: &Observations, most: usize) -> Vec<IpAddr> {
    let mut addresses: Vec<IpAddr> = request.source_ip.into_iter().collect();
    for host in mx::hosts(seen) {
        for address in mx::reachable_addresses(seen, &host) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
    }
    addresses.truncate(most);
    addresses
}
