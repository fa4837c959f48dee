//! What registries and the registrar know; WHOIS and RDAP tell it.

use jiff::Timestamp;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The books of every registry, and of the one registrar that there is.
#[derive(Clone, Debug)]
pub(crate) struct Register {
    pub zones: Vec<RegistryZone>,
    /// Domains that are registered.
    pub domains: BTreeMap<String, Registered>,
    /// Nameservers that are known as hosts, with the addresses that were registered for them.
    pub hosts: BTreeMap<String, Vec<IpAddr>>,
    pub registrar: Registrar,
    /// When the world started.
    pub now: Timestamp,
}

/// A zone under which names are registered, such as `com` or `co.uk`.
#[derive(Clone, Debug)]
pub(crate) struct RegistryZone {
    pub name: String,
    pub layout: Layout,
    /// The name of its WHOIS server.
    pub whois: String,
    /// The name of its RDAP server, and the path there, between slashes.
    pub rdap_host: String,
    pub rdap_path: String,
}

/// How a registry writes its WHOIS answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Layout {
    /// Little, and a referral to the registrar, as for com and net.
    Thin,
    /// Everything, as for most other generic domains.
    Thick,
    /// Headings with indented lines, as for uk.
    Nominet,
}

#[derive(Clone, Debug)]
pub(crate) struct Registrar {
    pub name: String,
    /// Its number at IANA.
    pub id: u32,
    pub whois: String,
    pub rdap: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Registered {
    /// EPP status codes.
    pub statuses: Vec<String>,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub expires: Timestamp,
    /// What the registrar lists.
    pub nameservers: Vec<String>,
    /// What the registry lists.
    pub registry_nameservers: Vec<String>,
}

impl Register {
    /// The registry zone that a name lies in, the longest when several fit.
    pub(crate) fn zone_of(&self, name: &str) -> Option<&RegistryZone> {
        self.zones
            .iter()
            .filter(|zone| {
                name.strip_suffix(zone.name.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            })
            .max_by_key(|zone| zone.name.len())
    }
}
