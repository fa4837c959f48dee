//! The MX records and their targets.

use super::{Check, Context, Observations, Request, Row};
use crate::case::Finding;
use crate::net::dns::{Addresses, Name, Outcome};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

#[derive(Clone, Debug)]
pub enum Observation {
    Lookup(Lookup),
    Host(Addresses),
}

/// The MX question at the resolver.
#[derive(Clone, Debug)]
pub struct Lookup {
    pub mx: Arc<Outcome>,
}

#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub lookup: Option<Lookup>,
    pub hosts: BTreeMap<Name, Addresses>,
}

impl Seen {
    pub fn record(&mut self, _check: &Check, _observation: Observation) {}
    pub fn reachable_addresses(&self, _host: &Name) -> Vec<IpAddr> {
        Vec::new()
    }
}

pub fn hosts(_seen: &Observations) -> Vec<Name> {
    Vec::new()
}

pub async fn ask(_check: &Check, _context: &Context, _seen: &Observations) -> super::Observation {
    unreachable!()
}

pub fn row(_check: &Check, _request: &Request, _seen: &Observations) -> Option<Row> {
    None
}

pub fn judge(_request: &Request, _seen: &Observations) -> Vec<Finding> {
    Vec::new()
}
