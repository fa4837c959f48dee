//! What WHOIS and RDAP say of the registered domain.

use super::{Check, Context, Observations, Request, Row};
use crate::case::Finding;
use crate::net::dns::Name;
use jiff::Timestamp;

#[derive(Clone, Debug)]
pub struct Observation;

#[derive(Clone, Debug, Default)]
pub struct Seen;

impl Seen {
    pub fn record(&mut self, _check: &Check, _observation: Observation) {}
}

pub async fn ask(_check: &Check, _context: &Context, _seen: &Observations) -> super::Observation {
    super::Observation::Registry(Observation)
}

pub fn row(
    _check: &Check,
    _request: &Request,
    _seen: &Observations,
    _now: Timestamp,
) -> Option<Row> {
    None
}

pub fn judge(_request: &Request, _seen: &Observations, _now: Timestamp) -> Vec<Finding> {
    Vec::new()
}

/// Nameservers whose address the registry of the domain must know, once they are known.
pub fn hosts_to_ask(_request: &Request, _seen: &Observations) -> Vec<Name> {
    Vec::new()
}
