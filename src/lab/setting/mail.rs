//! The hosts that take mail, and the one that people's mail clients talk to.

use super::{Address, OneOrMany, PortState, Script};
use serde::Deserialize;
use std::collections::BTreeMap;

/// An MX host.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailHost {
    pub name: String,
    /// 10, 20, 30 by position, when it is not given.
    #[serde(default)]
    pub preference: Option<u16>,
    #[serde(default = "one_auto")]
    pub address: OneOrMany<Address>,
    /// One for all addresses, or one for each.
    #[serde(default = "one_open")]
    pub port25: OneOrMany<PortState>,
    /// Ports besides 25 that answer, as submission ports do.
    #[serde(default = "submission_port")]
    pub other_ports: Vec<u16>,
    #[serde(default)]
    pub smtp: Script,
    /// Domains that it takes mail for; by default the scenario's.
    #[serde(default)]
    pub accepts: Option<Vec<String>>,
    #[serde(default)]
    pub certificate: Certificate,
    #[serde(default)]
    pub tlsa: Tlsa,
    #[serde(default)]
    pub ptr: Ptr,
    /// Whether an MX record names it.
    #[serde(default = "yes")]
    pub listed: bool,
}

fn one_auto() -> OneOrMany<Address> {
    OneOrMany::One(Address::Auto)
}
fn one_open() -> OneOrMany<PortState> {
    OneOrMany::One(PortState::Open)
}
fn submission_port() -> Vec<u16> {
    vec![587]
}
fn yes() -> bool {
    true
}

impl MailHost {
    pub(in crate::lab) fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            preference: None,
            address: one_auto(),
            port25: one_open(),
            other_ports: submission_port(),
            smtp: Script::default(),
            accepts: None,
            certificate: Certificate::Good,
            tlsa: Tlsa::None,
            ptr: Ptr::Auto,
            listed: true,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Certificate {
    #[default]
    Good,
    /// It ran out three weeks ago.
    Expired,
    /// It runs out in nine days.
    Expiring,
    SelfSigned,
    /// It is for another host.
    OtherName,
    /// An antivirus program between here and the host has made it.
    Shield,
}

/// The TLSA record of the host, for port 25 (RFC 7672).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tlsa {
    #[default]
    None,
    /// It fits the certificate that the host shows.
    Good,
    /// It fits the certificate that the host had before.
    Former,
}

/// The name that an address has in the reverse zone: `auto`, `none`, or one written out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Ptr {
    #[default]
    Auto,
    None,
    Is(String),
}

impl<'de> Deserialize<'de> for Ptr {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match String::deserialize(deserializer)?.as_str() {
            "auto" => Self::Auto,
            "none" => Self::None,
            name => Self::Is(name.to_owned()),
        })
    }
}

/// The domain's own server, at the domain's own address.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OwnServer {
    /// `none`: the domain has no address record, and no web page.
    pub address: Address,
    pub webmail: Webmail,
    pub submission: Submission,
    /// Port 25 of it; closed, unless it is where the mail goes.
    pub port25: Option<PortState>,
}

/// The webmail page, at port 2096 as cPanel has it and at 443 of `webmail.`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Webmail {
    #[default]
    Open,
    Closed,
    Filtered,
    /// The domain has none, not even a name for it.
    None,
}

/// A way to publish where mail programs send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Publication {
    /// RFC 6186.
    Srv,
    /// The configuration file at `autoconfig.`.
    Autoconfig,
}

/// Ports 587 and 465 of `mail.`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Submission {
    pub ports: PortState,
    /// Whether AUTH is offered once there is TLS.
    pub auth: bool,
    /// The certificate of these ports.
    pub certificate: Certificate,
    /// How the domain says where its submission is; by default SRV records.
    pub published: Vec<Publication>,
    /// Passwords by user name. They open nothing but the practice world.
    pub users: BTreeMap<String, String>,
    /// Where it departs from an ordinary server.
    pub smtp: Script,
}

impl Default for Submission {
    fn default() -> Self {
        Self {
            ports: PortState::Open,
            auth: true,
            certificate: Certificate::Good,
            published: vec![Publication::Srv],
            users: BTreeMap::new(),
            smtp: Script::default(),
        }
    }
}
