//! What of the practice world a scenario file changes. Whatever it leaves out is healthy.

mod hostile;
mod mail;
mod nameserver;
mod place;
mod published;
mod registration;
mod script;
mod weakness;

pub use hostile::Behaviour;
pub(crate) use hostile::{Act, Echo, End, Hostile};
pub(crate) use mail::{Certificate, MailHost, OwnServer, Ptr, Publication, Tlsa, Webmail};
pub(crate) use nameserver::{Manner, Nameserver};
pub(crate) use place::{Client, Resolver, ResolverAnswers};
pub(crate) use published::{Dnssec, MtaSts};
pub(crate) use registration::Registration;
pub use script::Stage;
pub(crate) use script::{Ehlo, Script, StartTls};
pub(crate) use weakness::Weakness;

use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr};

/// The `world:` part of a scenario file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Setting {
    /// The nameservers; by default two that answer, with glue, on different networks.
    pub nameservers: Vec<Nameserver>,
    /// Whether the parent zone delegates the domain.
    pub delegated: bool,
    /// The MX hosts; by default two, each with a good certificate and a PTR.
    pub mail_hosts: Vec<MailHost>,
    /// The data of the MX records, when it does not follow from the hosts: `10 mail.$domain.`
    pub mx: Option<Vec<String>>,
    /// Further records of the zone, as in a zone file.
    pub records: String,
    /// The SPF records of the domain; by default one that is good.
    pub spf: Vec<String>,
    /// The DMARC records.
    pub dmarc: Vec<String>,
    pub dnssec: Dnssec,
    /// MTA-STS, which the domain does not use by default.
    pub mta_sts: Option<MtaSts>,
    /// Which mail hosts are on which block lists.
    pub block_lists: Vec<BlockListed>,
    /// Local parts that exist; by default every one does.
    pub mailboxes: Option<Vec<String>>,
    /// The domain's own server: its web page, webmail and submission.
    pub server: OwnServer,
    pub registry: Registration,
    pub resolver: Resolver,
    pub client: Client,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            nameservers: vec![
                Nameserver::named("ns1.$domain"),
                Nameserver::named("ns2.$domain"),
            ],
            delegated: true,
            mail_hosts: vec![
                MailHost::named("mx1.$domain"),
                MailHost::named("mx2.$domain"),
            ],
            mx: None,
            records: String::new(),
            spf: vec!["v=spf1 mx -all".to_owned()],
            dmarc: vec!["v=DMARC1; p=none; rua=mailto:postmaster@$domain".to_owned()],
            dnssec: Dnssec::None,
            mta_sts: None,
            block_lists: Vec::new(),
            mailboxes: None,
            server: OwnServer::default(),
            registry: Registration::default(),
            resolver: Resolver::default(),
            client: Client::default(),
        }
    }
}

/// An entry of a block list.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockListed {
    pub host: String,
    /// The zone of the list.
    pub list: String,
    /// What it answers.
    #[serde(default = "test_point")]
    pub answer: Ipv4Addr,
}

fn test_point() -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, 2)
}

/// What happens to a connection to a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortState {
    #[default]
    Open,
    /// Nothing comes back.
    Filtered,
    /// The host refuses.
    Closed,
    /// A router says that there is no way.
    Unreachable,
}

/// Which address a host has: `auto`, `none`, or one written out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Address {
    #[default]
    Auto,
    None,
    Is(IpAddr),
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "auto" => Ok(Self::Auto),
            "none" => Ok(Self::None),
            other => other.parse().map(Self::Is).map_err(|_| {
                serde::de::Error::custom(format!("`{other}` is no IP address, auto or none"))
            }),
        }
    }
}

/// A single value written without brackets, or a list.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        }
    }
}
