//! The machine that this runs on: its resolver, its network, its port 25.

mod ask;
mod judge;
mod measure;
mod show;

pub use ask::ask;
pub use judge::judge;
pub use measure::measure;
pub use show::row;

use crate::net::ConnectError;
use crate::net::dns::{Answer, Outcome, ResponseCode};
use crate::text::SafeText;
use std::net::SocketAddr;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub enum Observation {
    Resolver(Resolver),
    Outbound(Outbound),
    Cached(Cached),
}

/// The configured resolver, and the root servers asked directly for comparison.
#[derive(Clone, Debug)]
pub struct Resolver {
    pub questions: Vec<Arc<Outcome>>,
    pub roots: Vec<Arc<Outcome>>,
}

impl Resolver {
    /// It gave a useful answer to something.
    pub fn works(&self) -> bool {
        self.questions.iter().any(|outcome| {
            outcome.answer().is_some_and(|answer| {
                answer.code() == ResponseCode::NoError && !answer.message.answers.is_empty()
            })
        })
    }

    /// Something outside answered, the resolver or a root server.
    pub fn network_is_up(&self) -> bool {
        self.works()
            || self.roots.iter().any(|outcome| outcome.answer().is_some())
            || self
                .questions
                .iter()
                .any(|outcome| outcome.answer().is_some_and(Answer::is_conclusive))
    }
}

/// One attempt to connect to an independent host.
#[derive(Clone, Debug)]
pub struct Probe {
    pub provider: SafeText,
    pub host: SafeText,
    pub to: SocketAddr,
    pub result: Result<(), ConnectError>,
}

/// Whether independent mail hosts can be reached from here.
#[derive(Clone, Debug)]
pub struct Outbound {
    pub probes: Vec<Probe>,
}

/// The SOA record that the resolver gives, beside what the nameservers were seen to say.
#[derive(Clone, Debug)]
pub struct Cached {
    pub soa: Arc<Outcome>,
}

#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub resolver: Option<Resolver>,
    pub outbound: Option<Outbound>,
    pub cached: Option<Cached>,
}

impl Seen {
    pub fn record(&mut self, observation: Observation) {
        match observation {
            Observation::Resolver(resolver) => self.resolver = Some(resolver),
            Observation::Outbound(outbound) => self.outbound = Some(outbound),
            Observation::Cached(cached) => self.cached = Some(cached),
        }
    }
}
