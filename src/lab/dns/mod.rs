//! The DNS of the practice world: zones, the servers that hold them, the user's resolver.

mod nameserver;
mod resolver;
mod serve;
mod zone;

pub(crate) use nameserver::Nameserver;
pub(crate) use resolver::Resolver;
pub(crate) use serve::{Speaker, serve};
pub(crate) use zone::{Zone, ZoneError};

use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::Record;

/// What a server says to a question, apart from what the wire needs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    pub code: ResponseCode,
    pub authoritative: bool,
    pub recursion_available: bool,
    pub answers: Vec<Record>,
    pub authorities: Vec<Record>,
    pub additionals: Vec<Record>,
}

impl Reply {
    pub(crate) fn empty(code: ResponseCode) -> Self {
        Self {
            code,
            authoritative: false,
            recursion_available: false,
            answers: Vec::new(),
            authorities: Vec::new(),
            additionals: Vec::new(),
        }
    }
}
