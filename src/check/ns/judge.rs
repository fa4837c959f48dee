//! What the delegation and the nameservers' answers mean.
use super::super::{Observations, Request};
use crate::case::Finding;
pub fn judge(_request: &Request, _seen: &Observations) -> Vec<Finding> {
    Vec::new()
}
