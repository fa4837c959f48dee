//! A domain's mail exchangers as one answer gives them.

use crate::check::Observations;
use crate::net::dns::{Answer, Name, Outcome, RData, RecordType, ResponseCode};
use std::net::IpAddr;
use std::sync::Arc;

/// One MX record, or the domain itself where there is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pointer {
    pub preference: u16,
    pub target: Name,
    pub ttl: u32,
}

impl Pointer {
    /// `0 .`: the domain takes no mail (RFC 7505).
    pub fn is_null(&self) -> bool {
        self.target.is_root()
    }

    /// The address that was written where a host name belongs.
    pub fn address_as_name(&self) -> Option<IpAddr> {
        let text = self.target.to_ascii();
        text.strip_suffix('.').unwrap_or(&text).parse().ok()
    }

    pub fn is_host(&self) -> bool {
        !self.is_null() && self.address_as_name().is_none()
    }
}

/// What one server said about a domain's mail exchangers.
#[derive(Clone, Debug)]
pub enum MxSet {
    /// MX records, lowest preference first.
    Records(Vec<Pointer>, Arc<Outcome>),
    /// The name exists and has no MX record: the domain's own address is the mail host.
    Implicit(Pointer, Arc<Outcome>),
    /// The name does not exist.
    NoSuchName(Arc<Outcome>),
}

impl MxSet {
    /// What an answer says; nothing where the server had trouble.
    pub fn of(outcome: &Arc<Outcome>) -> Option<Self> {
        let answer = outcome.answer().filter(|answer| answer.is_conclusive())?;
        let records = pointers(answer);
        Some(match answer.code() {
            _ if !records.is_empty() => Self::Records(records, Arc::clone(outcome)),
            ResponseCode::NXDomain => Self::NoSuchName(Arc::clone(outcome)),
            _ => Self::Implicit(
                Pointer {
                    preference: 0,
                    target: answer.canonical_name(),
                    ttl: 0,
                },
                Arc::clone(outcome),
            ),
        })
    }

    /// What the resolver says, with checking disabled where validation stands in the way.
    pub fn resolved(seen: &Observations) -> Option<Self> {
        let lookup = seen.mx.lookup.as_ref()?;
        Self::of(&lookup.mx).or_else(|| Self::of(lookup.unchecked.as_ref()?))
    }

    /// What the domain's own nameservers say: the first that serves the zone and answers.
    pub fn authoritative(seen: &Observations) -> Option<Self> {
        seen.ns
            .good()
            .filter(|(_, authority)| authority.mx.answer().is_some_and(Answer::is_authoritative))
            .find_map(|(_, authority)| Self::of(&authority.mx))
    }

    /// What senders in the world get: the authority's word before that of the resolver here.
    pub fn effective(seen: &Observations) -> Option<Self> {
        Self::authoritative(seen).or_else(|| Self::resolved(seen))
    }

    pub fn outcome(&self) -> &Arc<Outcome> {
        match self {
            Self::Records(_, outcome) | Self::Implicit(_, outcome) | Self::NoSuchName(outcome) => {
                outcome
            }
        }
    }

    pub fn pointers(&self) -> &[Pointer] {
        match self {
            Self::Records(pointers, _) => pointers,
            Self::Implicit(pointer, _) => std::slice::from_ref(pointer),
            Self::NoSuchName(_) => &[],
        }
    }

    /// Preferences and targets, for comparing two answers.
    pub fn comparable(&self) -> Vec<(u16, Name)> {
        match self {
            Self::Records(pointers, _) => pointers
                .iter()
                .map(|pointer| (pointer.preference, pointer.target.clone()))
                .collect(),
            _ => Vec::new(),
        }
    }
}

fn pointers(answer: &Answer) -> Vec<Pointer> {
    let mut pointers: Vec<Pointer> = answer
        .records(RecordType::MX)
        .filter_map(|record| match &record.data {
            RData::MX(mx) => Some(Pointer {
                preference: mx.preference,
                target: mx.exchange.to_lowercase(),
                ttl: record.ttl,
            }),
            _ => None,
        })
        .collect();
    pointers.sort();
    pointers.dedup_by(|a, b| (a.preference, &a.target) == (b.preference, &b.target));
    pointers
}
