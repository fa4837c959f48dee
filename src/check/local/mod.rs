//! The machine that this runs on: its resolver, its network, its port 25.

use super::{Check, Context, Observations, Request, Row};
use crate::case::{Answer, Finding};
use crate::knowledge::question::QuestionId;
use jiff::Timestamp;

#[derive(Clone, Debug)]
pub struct Observation;

#[derive(Clone, Debug, Default)]
pub struct Seen;

impl Seen {
    pub fn record(&mut self, _observation: Observation) {}
}

pub async fn ask(_check: &Check, _context: &Context, _seen: &Observations) -> super::Observation {
    super::Observation::Local(Observation)
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

pub fn measure(
    _request: &Request,
    _seen: &Observations,
    _now: Timestamp,
) -> Vec<(QuestionId, Answer)> {
    Vec::new()
}
