//! What a client asks of a handshake.

use super::{Check, Identity, Trust};
use rustls::SupportedProtocolVersion;
use rustls::version::{TLS12, TLS13};

/// The versions of TLS that can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    Tls12,
    Tls13,
}

/// The name in the `ClientHello` (RFC 6066 section 3). An address is never sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sni {
    /// That of the host.
    #[default]
    Host,
    Name(String),
    Nothing,
}

/// How TLS is to be begun.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    pub check: Check,
    pub sni: Sni,
    /// What the certificate must be for, where that is not the host.
    pub verify_name: Option<String>,
    /// Instead of the network's.
    pub trust: Option<Trust>,
    /// What is shown to a server that asks for a certificate.
    pub identity: Option<Identity>,
    /// The oldest and the newest version that is taken; none is no limit.
    pub oldest: Option<Version>,
    pub newest: Option<Version>,
    pub alpn: Vec<Vec<u8>>,
}

impl Terms {
    pub(super) fn sni_name<'a>(&'a self, host: &'a str) -> &'a str {
        match &self.sni {
            Sni::Name(name) => super::bare(name),
            Sni::Host | Sni::Nothing => host,
        }
    }

    /// The name that the server gets to see, if it does.
    pub fn sent_name(&self, host: &str) -> Option<String> {
        let name = self.sni_name(super::bare(host));
        let is_address = name.parse::<std::net::IpAddr>().is_ok();
        (self.sni != Sni::Nothing && !is_address).then(|| name.to_owned())
    }

    pub(super) fn versions(&self) -> Vec<&'static SupportedProtocolVersion> {
        [(Version::Tls12, &TLS12), (Version::Tls13, &TLS13)]
            .into_iter()
            .filter(|(version, _)| {
                self.oldest.is_none_or(|oldest| *version >= oldest)
                    && self.newest.is_none_or(|newest| *version <= newest)
            })
            .map(|(_, supported)| supported)
            .collect()
    }
}
