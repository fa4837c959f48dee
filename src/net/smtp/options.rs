//! How a session's connection is made.

use super::header::ProxyHeader;
use super::way::Way;
use crate::net::Source;
use crate::net::tls::Terms;
use crate::smtp::Timeouts;
use crate::smtp::tls::Policy;

/// How to open a session.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The host's name, for SNI and the certificate.
    pub name: String,
    pub timeouts: Timeouts,
    /// The driver's business, but for [`Policy::OnConnect`] (port 465).
    pub tls: Policy,
    pub terms: Terms,
    pub way: Way,
    /// Where the connection leaves from; without it, the network's own choice.
    pub source: Option<Source>,
    /// A header of the PROXY protocol, before anything else.
    pub header: Option<ProxyHeader>,
    /// A line for each certificate of the chain.
    pub shows_chain: bool,
}

impl Options {
    /// The same for that host, under its own name; port 465 has TLS from the first byte (RFC
    /// 8314 section 3.3) unless something else was decided.
    #[must_use]
    pub fn with_defaults(mut self, host: &str, port: u16) -> Self {
        if self.name.is_empty() {
            host.clone_into(&mut self.name);
        }
        if port == 465 && self.tls == Policy::Optional {
            self.tls = Policy::OnConnect;
        }
        self
    }

    /// TLS from the first byte.
    pub fn on_connect(&self) -> bool {
        self.tls == Policy::OnConnect
    }
}
