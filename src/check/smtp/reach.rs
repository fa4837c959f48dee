//! Where a connection to port 25 gets stuck: here, or there.

use crate::check::{Observations, local};
use crate::net::ConnectError;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// What the attempts to connect allow to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Port 25 is open from here: what fails, fails there.
    Open,
    /// Outbound port 25 is blocked from here.
    BlockedHere,
    /// Nothing is known yet, or it cannot be told.
    Unknown,
}

/// IPv4 and IPv6 go different ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    V4,
    V6,
}

impl Family {
    pub fn of(address: IpAddr) -> Self {
        if address.is_ipv4() {
            Self::V4
        } else {
            Self::V6
        }
    }
}

/// Whether port 25 gets out of here, for addresses of this family.
pub fn reach(seen: &Observations, family: Family) -> Reach {
    let mut own = seen
        .smtp
        .port25
        .iter()
        .filter(|((_, address), _)| Family::of(*address) == family)
        .map(|(_, dialogue)| &dialogue.connected);
    if own.clone().any(is_there) {
        return Reach::Open;
    }
    let outbound = seen.local.outbound.as_ref();
    match outbound.map_or(Reach::Unknown, |outbound| outbound.reach(family)) {
        // A refusal is sent by the other host, or by a firewall on the way: there the providers'
        // hosts would be refused too.
        Reach::Unknown if own.any(|it| matches!(it, Err(ConnectError::Refused { .. }))) => {
            Reach::Open
        }
        // No provider has a host there to compare with; IPv4 gets out, and IPv6 works.
        Reach::Unknown
            if family == Family::V6
                && outbound.is_some_and(local::Outbound::has_ipv6_without_probes)
                && reach(seen, Family::V4) == Reach::Open =>
        {
            Reach::Open
        }
        known => known,
    }
}

fn is_there<T>(connected: &Result<T, ConnectError>) -> bool {
    matches!(connected, Ok(_) | Err(ConnectError::Reset { .. }))
}

impl local::Outbound {
    fn of(&self, family: Family) -> impl Iterator<Item = &local::Probe> {
        self.probes
            .iter()
            .filter(move |probe| Family::of(probe.to.ip()) == family)
    }

    /// Several independent hosts must agree before the block is said to be here.
    fn reach(&self, family: Family) -> Reach {
        let on_25 = || self.of(family).filter(|probe| probe.to.port() == 25);
        if on_25().any(|probe| is_there(&probe.result)) {
            return Reach::Open;
        }
        let shut: BTreeSet<&str> = on_25()
            .filter(|probe| {
                matches!(
                    probe.result,
                    Err(ConnectError::TimedOut { .. } | ConnectError::Refused { .. })
                )
            })
            .map(|probe| probe.provider.as_str())
            .collect();
        let others_answer = self
            .of(family)
            .any(|probe| probe.to.port() != 25 && is_there(&probe.result));
        if shut.len() >= 2 && others_answer {
            Reach::BlockedHere
        } else {
            Reach::Unknown
        }
    }

    fn has_ipv6_without_probes(&self) -> bool {
        let works = self
            .over_ipv6
            .as_ref()
            .is_some_and(|it| it.answer().is_some());
        works && !self.of(Family::V6).any(|probe| probe.to.port() == 25)
    }
}
