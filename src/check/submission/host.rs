//! Which hosts may be the ones that a domain's users send through, and how that is known.

use super::published::Published;
use crate::check::Request;
use crate::check::names::{below, mail_hosts};
use crate::knowledge::provider::{self, Provider};
use crate::net::dns::{Dns, Name};

/// The ports of submission: with STARTTLS (RFC 6409), and with TLS from the start (RFC 8314).
pub(super) const PORTS: [u16; 2] = [587, 465];
/// Published places that are tried.
const MAX_PUBLISHED: usize = 6;
/// Independent providers that are compared with.
const OTHERS: usize = 4;

/// When TLS begins on a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// By STARTTLS, if at all.
    StartTls,
    /// With the first octet (RFC 8314 section 3.3).
    FromTheStart,
}

impl Encryption {
    /// What the port's number says.
    fn of_port(port: u16) -> Self {
        match port {
            465 => Self::FromTheStart,
            _ => Self::StartTls,
        }
    }
}

/// How a host is known to be the one that users send through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The user named it.
    Told,
    /// The domain's configuration file names it, which came over HTTPS.
    Autoconfig,
    /// An SRV record of the domain names it.
    Srv,
    /// It is the submission host of the provider to which the domain's mail goes.
    Provider,
    /// It has a usual name, or takes the domain's mail: it may well be another host, and a
    /// wildcard record gives every name an address.
    Guessed,
}

impl Known {
    /// Whether users depend on the host, so that what is wrong with it is worth a finding.
    pub fn is_certain(self) -> bool {
        self != Self::Guessed
    }

    /// For the row; empty for a guess.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Told => " (named)",
            Self::Autoconfig | Self::Srv => " (published)",
            Self::Provider => " (the provider's)",
            Self::Guessed => "",
        }
    }

    /// Whether a password may go to this host. Plain DNS can be forged, so an SRV record that
    /// leads out of the domain is no word of the domain's (RFC 6186 section 6).
    pub(super) fn is_trusted_with_password(self, host: &Name, domain: &Name) -> bool {
        match self {
            Self::Told | Self::Autoconfig | Self::Provider => true,
            Self::Srv | Self::Guessed => domain.zone_of(host),
        }
    }
}

/// A port of a host that is worth a connection.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) host: Name,
    pub(super) known: Known,
    pub(super) port: u16,
    pub(super) encryption: Encryption,
}

impl Candidate {
    fn at(host: &Name, known: Known, port: u16) -> Self {
        Self {
            host: host.clone(),
            known,
            port,
            encryption: Encryption::of_port(port),
        }
    }

    fn at_both(host: &Name, known: Known) -> impl Iterator<Item = Self> {
        PORTS.map(|port| Self::at(host, known, port)).into_iter()
    }
}

/// What the user named, else what is published, else what is likely.
pub(super) async fn candidates(
    dns: &Dns,
    request: &Request,
    published: &[Published],
) -> Vec<Candidate> {
    if let Some(told) = &request.submission {
        return match told.port {
            Some(port) => vec![Candidate::at(&told.host, Known::Told, port)],
            None => Candidate::at_both(&told.host, Known::Told).collect(),
        };
    }
    if published.is_empty() {
        return guesses(dns, &request.domain).await;
    }
    let mut candidates: Vec<Candidate> = Vec::new();
    for one in published.iter().filter(|one| one.is_offered()) {
        let same = |known: &Candidate| known.host == one.target && known.port == one.port;
        if !candidates.iter().any(same) {
            candidates.push(Candidate {
                host: one.target.clone(),
                known: one.known,
                port: one.port,
                encryption: one.encryption,
            });
        }
    }
    candidates.truncate(MAX_PUBLISHED);
    candidates
}

/// The provider's hosts, else the usual names and the first mail host.
async fn guesses(dns: &Dns, domain: &Name) -> Vec<Candidate> {
    let mail_hosts = mail_hosts(dns, domain).await;
    let first = mail_hosts.first();
    if let Some(provider) = first.and_then(|host| provider::of_mail_host(&host.to_ascii())) {
        return of_provider(provider);
    }
    ["submission", "smtp", "mail"]
        .into_iter()
        .filter_map(|label| below(label, domain))
        .chain(first.cloned())
        .flat_map(|host| Candidate::at_both(&host, Known::Guessed).collect::<Vec<_>>())
        .collect()
}

fn of_provider(provider: &Provider) -> Vec<Candidate> {
    let places = provider.submission().filter_map(|(host, port)| {
        let mut name = Name::from_ascii(host).ok()?;
        name.set_fqdn(true);
        Some(Candidate::at(&name, Known::Provider, port))
    });
    places.collect()
}

/// Hosts that have nothing to do with the domain, to be compared with.
pub(super) fn others() -> Vec<Candidate> {
    let providers = provider::all().iter().take(OTHERS);
    providers.flat_map(of_provider).collect()
}
