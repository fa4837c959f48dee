//! The nameservers of the domain.

use super::Address;
use serde::Deserialize;
use std::net::IpAddr;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nameserver {
    pub name: String,
    #[serde(default)]
    pub address: Address,
    /// The address that the parent gives, when it is another one; the server answers there too.
    #[serde(default)]
    pub glue: Option<IpAddr>,
    #[serde(default)]
    pub answers: Manner,
    /// Seconds until each answer, by the world's clock.
    #[serde(default)]
    pub delay: u64,
    /// The serial of the zone that this server has, when it is not the others'.
    #[serde(default)]
    pub serial: Option<u32>,
    /// The MX data that this server has, when it is not the others'.
    #[serde(default)]
    pub mx: Option<Vec<String>>,
    /// Whether the parent zone names it.
    #[serde(default = "yes")]
    pub in_parent: bool,
    /// Whether the domain's own zone names it.
    #[serde(default = "yes")]
    pub in_zone: bool,
}

fn yes() -> bool {
    true
}

impl Nameserver {
    pub(in crate::lab) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            address: Address::Auto,
            glue: None,
            answers: Manner::Normal,
            delay: 0,
            serial: None,
            mx: None,
            in_parent: true,
            in_zone: true,
        }
    }
}

/// How a nameserver answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    #[default]
    Normal,
    /// REFUSED: it does not serve the zone.
    Refused,
    /// SERVFAIL: it should serve the zone and could not load it.
    Servfail,
    /// SERVFAIL to the question for MX records, and only to that.
    MxServfail,
    /// Nothing comes back to the question for MX records.
    MxSilent,
    /// FORMERR to whoever speaks EDNS, as servers from before it do (RFC 6891 section 7).
    NoEdns,
    /// The right data without the AA bit.
    NoAa,
    /// A referral to the root.
    Upward,
    /// Nothing comes back, over UDP or TCP.
    Silent,
    /// Port 53 is closed.
    Closed,
    /// UDP only; the TCP port is closed.
    NoTcp,
}
