//! What a person's mail client needs: the webmail page and the submission ports.

use super::{Check, Context, Observations, Request, Row};
use crate::case::{Answer, Finding};
use crate::knowledge::question::QuestionId;

#[derive(Clone, Debug)]
pub struct Observation;

#[derive(Clone, Debug, Default)]
pub struct Seen;

impl Seen {
    pub fn record(&mut self, _observation: Observation) {}
}

pub async fn ask(_check: &Check, _context: &Context, _seen: &Observations) -> super::Observation {
    super::Observation::Webmail(Observation)
}

pub fn row(_check: &Check, _request: &Request, _seen: &Observations) -> Option<Row> {
    None
}

pub fn judge(_request: &Request, _seen: &Observations) -> Vec<Finding> {
    Vec::new()
}

pub fn measure(_request: &Request, _seen: &Observations) -> Vec<(QuestionId, Answer)> {
    Vec::new()
}
