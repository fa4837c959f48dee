//! What a mail host does on port 25.

mod ask;
mod dialogue;
mod envelope;
mod fault;
mod hello;
mod judge;
mod reach;
mod recipients;
mod show;
mod starttls;
mod starttls_row;

pub(super) use ask::heard;
pub use ask::{WAITS_FOR_GREETING, ask};
pub use dialogue::Dialogue;
pub(super) use fault::{fatal, minor, outcome, words};
pub(super) use hello::{hello, own_name};
pub(super) use judge::Place;
pub use judge::judge;
pub use reach::{Family, Reach, reach};
pub use recipients::{Asked, same_organisation};
pub use show::row;
pub use starttls::StartTls;

use super::{Check, Observations, mx};
use crate::case::Transcript;
use crate::net::ConnectError;
use crate::net::dns::Name;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

#[derive(Clone, Debug)]
pub enum Observation {
    Port25(Box<Dialogue>),
    OtherPort(OtherPort),
    /// None where the attempt came to nothing.
    StartTls(Option<StartTls>),
}

/// Which other port of a silent host answered, if one did.
#[derive(Clone, Debug)]
pub struct OtherPort {
    pub tried: Vec<(SocketAddr, Result<(), ConnectError>)>,
}

impl OtherPort {
    /// The port that answered: open, or closed by the host itself.
    pub fn answered(&self) -> Option<SocketAddr> {
        self.tried.iter().find_map(|(to, result)| match result {
            Ok(()) | Err(ConnectError::Refused { .. }) => Some(*to),
            Err(_) => None,
        })
    }
}

impl Observation {
    pub fn transcript(&self) -> Option<&Transcript> {
        match self {
            Self::Port25(dialogue) => Some(&dialogue.transcript),
            Self::OtherPort(_) | Self::StartTls(_) => None,
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub port25: BTreeMap<(Name, IpAddr), Dialogue>,
    pub other: BTreeMap<(Name, IpAddr), OtherPort>,
    pub starttls: BTreeMap<(Name, IpAddr), Option<StartTls>>,
}

impl Seen {
    pub fn record(&mut self, check: &Check, observation: Observation) {
        match (check, observation) {
            (Check::Port25(host, address), Observation::Port25(dialogue)) => {
                self.port25.insert((host.clone(), *address), *dialogue);
            }
            (Check::OtherPort(host, address), Observation::OtherPort(other)) => {
                self.other.insert((host.clone(), *address), other);
            }
            (Check::StartTls(host, address), Observation::StartTls(seen)) => {
                self.starttls.insert((host.clone(), *address), seen);
            }
            _ => {}
        }
    }
}

/// The session came as far as STARTTLS, so that it is worth trying apart.
pub fn shows_starttls(seen: &Observations, host: &Name, address: IpAddr) -> bool {
    seen.smtp
        .port25
        .get(&(host.clone(), address))
        .is_some_and(|dialogue| dialogue.certificate.is_some() || dialogue.tls_failed.is_some())
}

/// Port 25 of this address stayed silent, so that it is worth trying another one.
pub fn is_silent(seen: &Observations, host: &Name, address: IpAddr) -> bool {
    seen.smtp
        .port25
        .get(&(host.clone(), address))
        .is_some_and(|dialogue| matches!(dialogue.connected, Err(ConnectError::TimedOut { .. })))
}

/// The sessions in which the mail was put off for now, as greylisting does.
pub fn put_off(seen: &Observations) -> Vec<Check> {
    seen.smtp
        .port25
        .iter()
        .filter(|(_, dialogue)| envelope::is_put_off(dialogue))
        .map(|((host, address), _)| Check::Port25(host.clone(), *address))
        .collect()
}

/// Every address of these hosts was tried.
fn all_tried(seen: &Observations, hosts: &[Name]) -> bool {
    hosts.iter().all(|host| {
        seen.mx.hosts.contains_key(host)
            && mx::reachable_addresses(seen, host).iter().all(|address| {
                let place = (host.clone(), *address);
                seen.smtp.port25.contains_key(&place)
            })
    })
}

/// Families of addresses of which every one was tried and none connected: it has to be found out
/// where the block is. Empty while addresses are still to be tried.
pub fn families_in_doubt(seen: &Observations) -> Vec<Family> {
    if !all_tried(seen, &mx::hosts(seen)) {
        return Vec::new();
    }
    let of = |family: Family| {
        seen.smtp
            .port25
            .iter()
            .filter(move |((_, address), _)| Family::of(*address) == family)
            .map(|(_, dialogue)| &dialogue.connected)
    };
    [Family::V4, Family::V6]
        .into_iter()
        .filter(|family| {
            let mut of = of(*family);
            let stuck = of.clone().any(|connected| {
                matches!(
                    connected,
                    Err(ConnectError::TimedOut { .. } | ConnectError::Refused { .. })
                )
            });
            stuck && of.all(Result::is_err)
        })
        .collect()
}
