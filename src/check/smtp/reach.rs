//! Where a connection to port 25 gets stuck: here, or there.

use crate::check::{Observations, local};
use crate::net::ConnectError;
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

/// Whether port 25 gets out of here, for addresses of this family.
pub fn reach(seen: &Observations, family: IpAddr) -> Reach {
    let of_family = |address: IpAddr| address.is_ipv4() == family.is_ipv4();
    let answered = |result: &Result<(), ConnectError>| {
        matches!(result, Ok(()) | Err(ConnectError::Refused { .. }))
    };
    // A refusal is sent by the other host, or by a firewall on the way that says so plainly;
    // an accepted connection proves the way.
    let own_answer = seen
        .smtp
        .port25
        .iter()
        .filter(|((_, address), _)| of_family(*address))
        .any(|(_, dialogue)| answered(&dialogue.connected.clone().map(drop)));
    if own_answer {
        return Reach::Open;
    }
    match &seen.local.outbound {
        Some(outbound) => outbound.reach(family),
        None => Reach::Unknown,
    }
}

impl local::Outbound {
    /// Several independent hosts must agree before the block is said to be here.
    pub fn reach(&self, family: IpAddr) -> Reach {
        let of_family = |probe: &&local::Probe| probe.to.is_ipv4() == family.is_ipv4();
        let answered = |probe: &local::Probe| {
            matches!(probe.result, Ok(()) | Err(ConnectError::Refused { .. }))
        };
        let on_25: Vec<_> = self
            .probes
            .iter()
            .filter(of_family)
            .filter(|p| p.to.port() == 25)
            .collect();
        if on_25.iter().any(|probe| answered(probe)) {
            return Reach::Open;
        }
        let silent: std::collections::BTreeSet<&str> = on_25
            .iter()
            .filter(|probe| matches!(probe.result, Err(ConnectError::TimedOut { .. })))
            .map(|probe| probe.provider.as_str())
            .collect();
        let others_answer = self
            .probes
            .iter()
            .filter(of_family)
            .any(|probe| probe.to.port() != 25 && answered(probe));
        if silent.len() >= 2 && others_answer {
            Reach::BlockedHere
        } else {
            Reach::Unknown
        }
    }
}
