//! Where the user sits: behind which resolver, on which network.

use super::PortState;
use serde::Deserialize;

/// The resolver that this machine is configured to use.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Resolver {
    /// Records that it still believes, as in a zone file with absolute names; the TTL is what
    /// is left of it, in seconds, when the world starts.
    pub stale: String,
    pub answers: ResolverAnswers,
    /// What becomes of a question to it.
    pub port53: PortState,
}

/// How a resolver treats questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResolverAnswers {
    #[default]
    Normal,
    /// SERVFAIL to everything.
    Servfail,
    /// REFUSED to everything: it does not serve this network.
    Refused,
    /// NXDOMAIN to everything, as a router does whose uplink is gone.
    Nxdomain,
}

/// The network that this machine is on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Client {
    #[default]
    Normal,
    /// The provider drops what goes out to port 25.
    #[serde(rename = "no-port-25")]
    NoPort25,
    /// A firewall drops what goes out to ports 587 and 465.
    NoSubmission,
    /// The cable is out.
    Offline,
}
