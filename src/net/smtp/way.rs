//! The ways to a server, and where one leads.

use super::Options;
use crate::net::dns::{Dns, Name};
use crate::text::{SafeText, Secret};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

/// The version of IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    V4,
    V6,
}

impl Family {
    fn holds(self, address: IpAddr) -> bool {
        address.is_ipv4() == (self == Self::V4)
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// How the server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// TCP, to the host's address; of one family, where that is chosen.
    Tcp(Option<Family>),
    /// A socket of this machine.
    Unix(PathBuf),
    /// A command of the user's own, run by `sh`, whose standard streams are the connection.
    Command(String),
    /// Through a SOCKS5 proxy (RFC 1928), which looks up the host's name itself.
    Proxy(Proxy),
}

impl Default for Way {
    fn default() -> Self {
        Self::Tcp(None)
    }
}

/// A SOCKS5 proxy. Shown, it keeps its login to itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    pub host: String,
    pub port: u16,
    /// User name and password (RFC 1929).
    pub login: Option<(String, Secret)>,
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = SafeText::from(self.host.as_str());
        if self.host.contains(':') {
            write!(f, "socks5://[{host}]:{}", self.port)
        } else {
            write!(f, "socks5://{host}:{}", self.port)
        }
    }
}

/// Where a session goes, with every name looked up that is to be looked up here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    pub lead: Lead,
    /// The server's port: what is asked for through a proxy, and what stands in a transcript.
    pub port: u16,
    /// Where nothing listens at the address: the other one of `localhost`.
    pub or: Option<IpAddr>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lead {
    Tcp(IpAddr),
    Unix(PathBuf),
    Command(String),
    /// Through the proxy at this address to that host.
    Proxy {
        at: SocketAddr,
        proxy: Proxy,
        host: String,
    },
}

impl From<SocketAddr> for Destination {
    fn from(to: SocketAddr) -> Self {
        Self {
            lead: Lead::Tcp(to.ip()),
            port: to.port(),
            or: None,
        }
    }
}

impl Destination {
    /// The server's address, where the way leads to one that is known here.
    pub fn ip(&self) -> Option<IpAddr> {
        match &self.lead {
            Lead::Tcp(address) => Some(*address),
            _ => None,
        }
    }

    /// The same at the other address, where there is one.
    pub(super) fn otherwise(&self) -> Option<Self> {
        let other = self.or.filter(|_| matches!(self.lead, Lead::Tcp(_)))?;
        Some(SocketAddr::new(other, self.port).into())
    }
}

impl fmt::Display for Destination {
    /// What stands in a transcript as the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.lead {
            Lead::Tcp(address) => write!(f, "{address}"),
            Lead::Unix(path) => write!(f, "unix:{}", SafeText::from(&*path.to_string_lossy())),
            Lead::Command(_) => f.write_str("a command"),
            Lead::Proxy { proxy, .. } => write!(f, "{proxy}"),
        }
    }
}

/// Why a way leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Astray {
    #[error("`{host}` is no host: {why}")]
    NoName { host: SafeText, why: String },
    #[error("`{host}` has no address: {evidence}")]
    NoAddress { host: SafeText, evidence: SafeText },
    #[error("`{host}` has no {family} address")]
    WrongFamily { host: SafeText, family: Family },
}

impl Options {
    /// Where the session with that host goes.
    pub async fn destination(
        &self,
        dns: &Dns,
        host: &str,
        port: u16,
    ) -> Result<Destination, Astray> {
        let host = host.trim_matches(['[', ']']);
        let mut or = None;
        let lead = match &self.way {
            Way::Tcp(family) => {
                let family = family.or(self.bound());
                let address = address_of(dns, host, family).await?;
                let other = this_machine(dns, host).into_iter().flatten();
                or = other
                    .filter(|_| family.is_none())
                    .find(|one| *one != address);
                Lead::Tcp(address)
            }
            Way::Unix(path) => Lead::Unix(path.clone()),
            Way::Command(command) => Lead::Command(command.clone()),
            Way::Proxy(proxy) => Lead::Proxy {
                at: SocketAddr::new(
                    address_of(dns, &proxy.host, self.bound()).await?,
                    proxy.port,
                ),
                proxy: proxy.clone(),
                host: host.to_owned(),
            },
        };
        Ok(Destination { lead, port, or })
    }

    /// The family that the chosen source address binds to.
    fn bound(&self) -> Option<Family> {
        let address = self.source?.address?;
        Some(if address.is_ipv4() {
            Family::V4
        } else {
            Family::V6
        })
    }
}

/// The addresses of `localhost`: this machine, whatever a resolver says (RFC 6761 section 6.3).
fn this_machine(dns: &Dns, host: &str) -> Option<[IpAddr; 2]> {
    let named = host.eq_ignore_ascii_case("localhost") && !dns.network().is_practice();
    named.then(|| [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()])
}

async fn address_of(dns: &Dns, host: &str, family: Option<Family>) -> Result<IpAddr, Astray> {
    let shown = || SafeText::from(host);
    let all = match (host.parse(), this_machine(dns, host)) {
        (Ok(address), _) => vec![address],
        (_, Some(both)) => both.to_vec(),
        (Err(_), None) => {
            let mut name = Name::from_ascii(host).map_err(|error| Astray::NoName {
                host: shown(),
                why: error.to_string(),
            })?;
            name.set_fqdn(true);
            let found = dns.addresses(&name).await;
            let all = found.all();
            if all.is_empty() {
                return Err(Astray::NoAddress {
                    host: shown(),
                    evidence: found.v4.evidence(),
                });
            }
            all
        }
    };
    all.into_iter()
        .find(|address| family.is_none_or(|family| family.holds(*address)))
        .ok_or_else(|| match family {
            Some(family) => Astray::WrongFamily {
                host: shown(),
                family,
            },
            None => Astray::NoAddress {
                host: shown(),
                evidence: SafeText::default(),
            },
        })
}
