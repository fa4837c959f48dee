//! What a mail host does on port 25.

use super::{Check, Context, Observations, Request, Row};
use crate::case::{Finding, Transcript};
use crate::net::dns::Name;
use std::net::IpAddr;

#[derive(Clone, Debug)]
pub struct Observation;

impl Observation {
    pub fn transcript(&self) -> Option<&Transcript> {
        None
    }
}

#[derive(Clone, Debug, Default)]
pub struct Seen;

impl Seen {
    pub fn record(&mut self, _check: &Check, _observation: Observation) {}
}

pub fn is_silent(_seen: &Observations, _host: &Name, _address: IpAddr) -> bool {
    false
}
pub fn nobody_connected(_seen: &Observations) -> bool {
    false
}

pub async fn ask(_check: &Check, _context: &Context, _seen: &Observations) -> super::Observation {
    super::Observation::Smtp(Observation)
}

pub fn row(_check: &Check, _request: &Request, _seen: &Observations) -> Option<Row> {
    None
}

pub fn judge(_request: &Request, _seen: &Observations) -> Vec<Finding> {
    Vec::new()
}
