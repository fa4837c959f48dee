//! The DNS of the practice world: zones, their signatures, the servers that hold them, the
//! user's resolver.

mod nameserver;
mod resolver;
mod serve;
mod signing;
mod validation;
mod zone;

pub(crate) use nameserver::Nameserver;
pub(crate) use resolver::Resolver;
pub(crate) use serve::{Speaker, serve};
pub(crate) use signing::{Validity, ZoneKey};
pub(crate) use validation::Memory;
pub(crate) use zone::{Zone, ZoneError};

use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::{Name, Record, RecordType};

/// What is asked, and what the bits beside it say.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question<'a> {
    pub name: &'a Name,
    pub rtype: RecordType,
    /// Signatures are wanted too (the DO bit).
    pub dnssec_ok: bool,
    /// What does not validate is wanted all the same (the CD bit).
    pub checking_disabled: bool,
}

/// What a server says to a question, apart from what the wire needs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reply {
    pub code: ResponseCode,
    pub authoritative: bool,
    pub recursion_available: bool,
    /// All of it was validated (the AD bit).
    pub authentic: bool,
    /// Why a resolver refuses, as RFC 8914 has it: the number and the words.
    pub extended_error: Option<(u16, String)>,
    /// The apex of the zone that answers; it is not on the wire.
    pub zone: Option<Name>,
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
            authentic: false,
            extended_error: None,
            zone: None,
            answers: Vec::new(),
            authorities: Vec::new(),
            additionals: Vec::new(),
        }
    }
}
