//! What a mail host says where it departs from an ordinary one.

use super::hostile::Hostile;
use super::{OneOrMany, Weakness};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Replies are given whole, code and text, one line or several. In them `{host}` is the host's
/// name, `{from}` and `{to}` are the addresses of the envelope.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Script {
    pub banner: Option<OneOrMany<String>>,
    /// Seconds until the greeting, by the world's clock.
    pub banner_delay: u64,
    pub ehlo: Option<Ehlo>,
    pub helo: Option<OneOrMany<String>>,
    pub starttls: StartTls,
    pub mail: Option<OneOrMany<String>>,
    /// By address, by local part, or for everyone (`*`).
    pub rcpt: BTreeMap<String, OneOrMany<String>>,
    /// Seconds after which a sender who comes back with the same recipient is let in.
    pub greylist: Option<u64>,
    pub data: Option<OneOrMany<String>>,
    /// The reply to the message, after the dot.
    pub message: Option<OneOrMany<String>>,
    /// Where the server drops the connection without a word.
    pub close: Option<Stage>,
    /// Where the server says 421 and then closes, as one that is being shut down does (RFC
    /// 5321 section 3.8).
    pub shutdown: Option<Stage>,
    /// Faults that the tests with names look for.
    pub weak: Vec<Weakness>,
    /// Who talks before the greeting is turned away, as by Postfix's postscreen.
    pub greet_wait: bool,
    /// It takes the connection and never says anything.
    pub silent: bool,
    /// It sends this, which is not SMTP, and then closes.
    pub raw: Option<String>,
    /// What it does at one stage, of the table of hostile and broken behaviour.
    pub hostile: Option<Hostile>,
}

/// The answer to EHLO: keywords, or a refusal.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Ehlo {
    Refused(String),
    Keywords(Vec<String>),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StartTls {
    #[default]
    Ok,
    /// Not offered.
    None,
    /// Offered, and then refused with 454.
    Refused,
    /// Offered and granted, and then no TLS comes.
    Garbage,
    /// The server has TLS 1.1 and nothing newer.
    Obsolete,
    /// What was sent in clear behind STARTTLS is run inside TLS (CVE-2011-0411).
    Injectable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Connect,
    Banner,
    Ehlo,
    Starttls,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// While the message comes in.
    Body,
    /// After its final dot.
    Message,
    Quit,
}
