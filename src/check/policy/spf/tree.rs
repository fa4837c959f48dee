//! The SPF record of a domain with everything that it includes.

use super::super::txt::{self, Txt};
use crate::net::dns::{Addresses, Ask, Dns, Name, Outcome, RData, RecordType};
use crate::policy::Problem;
use crate::policy::spf::{self, Kind, MAX_MX, Record, Term};
use futures_util::future::{BoxFuture, join_all};
use mail_auth::spf::{Macro, Mechanism, Variables};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Names that are looked up for one tree; far more than a receiver would.
const MOST_NAMES: usize = 60;
/// Includes within includes.
const MOST_DEPTH: usize = 12;

/// For whom a record is read: macros speak of them.
#[derive(Clone, Debug)]
pub struct Sender {
    pub address: Option<IpAddr>,
    /// The address of MAIL FROM.
    pub mailbox: String,
    pub helo: String,
}

/// One record, and what its terms led to.
#[derive(Clone, Debug)]
pub struct Node {
    pub domain: Name,
    pub outcome: Arc<Outcome>,
    pub state: State,
    pub branches: Vec<Branch>,
}

#[derive(Clone, Debug)]
pub enum State {
    Read(Record),
    /// No SPF record; a record that was meant to be one, if there is such.
    Missing(Option<String>),
    Multiple(Vec<String>),
    Unreadable(String, Problem),
    /// The question was not answered.
    Unknown,
}

#[derive(Clone, Debug)]
pub struct Branch {
    pub term: Term,
    pub found: Found,
}

/// What a term stands for.
#[derive(Clone, Debug)]
pub enum Found {
    /// Nothing was looked up: it says it all by itself, or speaks of a sender that is not given.
    Nothing,
    Record(Box<Node>),
    /// Addresses, and of how many mail hosts they are.
    Addresses {
        addresses: Vec<IpAddr>,
        hosts: usize,
        /// The answer was that there is nothing (section 4.6.4).
        void: bool,
    },
    /// The question was not answered.
    Unknown,
    /// Not looked up: there are too many already, or the name is one that is being read.
    TooMany,
}

struct Walk<'a> {
    dns: &'a Dns,
    sender: &'a Sender,
    names: AtomicUsize,
}

/// Reads the record of `domain` and everything below it, side by side.
pub(super) async fn read(dns: &Dns, domain: &Name, sender: &Sender) -> Node {
    let walk = Walk {
        dns,
        sender,
        names: AtomicUsize::new(0),
    };
    walk.node(domain.clone(), Vec::new()).await
}

impl Walk<'_> {
    fn node(&self, domain: Name, above: Vec<Name>) -> BoxFuture<'_, Node> {
        Box::pin(async move {
            let outcome = txt::ask(self.dns, domain.clone()).await;
            let state = state(&outcome);
            let mut path = above;
            path.push(domain.clone());
            let branches = match &state {
                State::Read(record) => {
                    let has_all = record.all().is_some();
                    join_all(record.terms.iter().map(|term| {
                        let path = path.clone();
                        let domain = &domain;
                        async move {
                            let unreached = has_all && matches!(term.kind, Kind::Redirect(_));
                            let found = if unreached {
                                Found::Nothing
                            } else {
                                self.found(term, domain, path).await
                            };
                            Branch {
                                term: term.clone(),
                                found,
                            }
                        }
                    }))
                    .await
                }
                _ => Vec::new(),
            };
            Node {
                domain,
                outcome,
                state,
                branches,
            }
        })
    }

    async fn found(&self, term: &Term, domain: &Name, path: Vec<Name>) -> Found {
        let target = match &term.kind {
            Kind::Mechanism(_, mechanism) => match mechanism {
                Mechanism::Include { macro_string }
                | Mechanism::A { macro_string, .. }
                | Mechanism::Mx { macro_string, .. }
                | Mechanism::Exists { macro_string } => macro_string,
                _ => return Found::Nothing,
            },
            Kind::Redirect(target) => target,
            Kind::Modifier => return Found::Nothing,
        };
        let Some(name) = self.expanded(target, domain) else {
            return Found::Nothing;
        };
        let one_more = self.names.fetch_add(1, Ordering::Relaxed) < MOST_NAMES;
        if !one_more || path.len() >= MOST_DEPTH {
            return Found::TooMany;
        }
        match &term.kind {
            Kind::Redirect(_) | Kind::Mechanism(_, Mechanism::Include { .. }) => {
                if path.contains(&name) {
                    return Found::TooMany;
                }
                Found::Record(Box::new(self.node(name, path).await))
            }
            Kind::Mechanism(_, Mechanism::Mx { .. }) => self.mail_hosts(name).await,
            _ => self.addresses(&name).await,
        }
    }

    /// The name that a macro stands for; none where it speaks of a sender that is not given.
    fn expanded(&self, target: &Macro, domain: &Name) -> Option<Name> {
        let own = domain.to_ascii();
        let own = own.strip_suffix('.').unwrap_or(&own);
        let is_fixed = matches!(target, Macro::None | Macro::Literal(_));
        if !is_fixed && self.sender.address.is_none() {
            return None;
        }
        let mut variables = Variables::new();
        if let Some(address) = &self.sender.address {
            variables.set_ip(address);
        }
        variables.set_sender(self.sender.mailbox.as_bytes());
        variables.set_domain(own.as_bytes());
        variables.set_helo_domain(self.sender.helo.as_bytes());
        let text = target.eval(&variables, own, true);
        let mut name = Name::from_ascii(text.as_ref()).ok()?.to_lowercase();
        name.set_fqdn(true);
        Some(name)
    }

    async fn addresses(&self, name: &Name) -> Found {
        let found = self.dns.addresses(name).await;
        let addresses = found.all();
        if addresses.is_empty() && !found.is_conclusive() {
            return Found::Unknown;
        }
        Found::Addresses {
            void: addresses.is_empty(),
            addresses,
            hosts: 0,
        }
    }

    async fn mail_hosts(&self, name: Name) -> Found {
        let ask = Ask::recursive(name, RecordType::MX);
        let outcome = self.dns.resolve(ask).await;
        let Some(answer) = outcome.answer().filter(|answer| answer.is_conclusive()) else {
            return Found::Unknown;
        };
        let hosts: Vec<Name> = answer
            .records(RecordType::MX)
            .filter_map(|record| match &record.data {
                RData::MX(mx) => Some(mx.exchange.to_lowercase()),
                _ => None,
            })
            .filter(|host| !host.is_root())
            .collect();
        let each = hosts
            .iter()
            .take(MAX_MX)
            .map(|host| self.dns.addresses(host));
        let found = join_all(each).await;
        Found::Addresses {
            addresses: found.iter().flat_map(Addresses::all).collect(),
            hosts: hosts.len(),
            void: hosts.is_empty(),
        }
    }
}

fn state(outcome: &Outcome) -> State {
    let all = match txt::texts(outcome) {
        Txt::Unknown => return State::Unknown,
        Txt::None => Vec::new(),
        Txt::Records(records) => records,
    };
    let mut records: Vec<String> = all
        .iter()
        .filter(|text| spf::is_spf(text))
        .cloned()
        .collect();
    if records.len() > 1 {
        return State::Multiple(records);
    }
    match records.pop() {
        Some(text) => match spf::parse(&text) {
            Ok(record) => State::Read(record),
            Err(problem) => State::Unreadable(text, problem),
        },
        None => State::Missing(all.into_iter().find(|text| spf::was_meant_to_be_spf(text))),
    }
}

impl Node {
    /// This record and all below it.
    pub fn nodes(&self) -> Vec<&Self> {
        let mut nodes = vec![self];
        for branch in &self.branches {
            if let Found::Record(below) = &branch.found {
                nodes.extend(below.nodes());
            }
        }
        nodes
    }

    /// Look-ups of the whole tree, each term counted where it stands.
    pub fn lookups(&self) -> usize {
        self.nodes()
            .into_iter()
            .flat_map(|node| {
                node.branches.iter().filter(|branch| {
                    let reached = !matches!(branch.term.kind, Kind::Redirect(_))
                        || !matches!(branch.found, Found::Nothing);
                    reached && branch.term.looks_up()
                })
            })
            .count()
    }

    /// The terms whose look-up gave nothing.
    pub fn void(&self) -> Vec<(&Self, &Branch)> {
        self.nodes()
            .into_iter()
            .flat_map(|node| node.branches.iter().map(move |branch| (node, branch)))
            .filter(|(_, branch)| matches!(branch.found, Found::Addresses { void: true, .. }))
            .collect()
    }
}
