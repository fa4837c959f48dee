//! An authoritative server and its manners.

use super::{Reply, Zone};
use crate::lab::setting::Manner;
use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::rdata::NS;
use hickory_server::proto::rr::{Name, RData, Record, RecordType};

/// What runs at one address. Whether a packet gets there at all is not its affair.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nameserver {
    pub manner: Manner,
    pub zones: Vec<Zone>,
}

impl Nameserver {
    pub(crate) fn answer(&self, name: &Name, rtype: RecordType) -> Reply {
        match self.manner {
            Manner::Refused => Reply::empty(ResponseCode::Refused),
            Manner::Servfail => Reply::empty(ResponseCode::ServFail),
            Manner::Upward => upward_referral(),
            Manner::NoAa => Reply {
                authoritative: false,
                ..self.by_zones(name, rtype)
            },
            Manner::Normal | Manner::Silent | Manner::Closed | Manner::NoTcp => {
                self.by_zones(name, rtype)
            }
        }
    }

    fn by_zones(&self, name: &Name, rtype: RecordType) -> Reply {
        self.zones
            .iter()
            .filter(|zone| zone.apex.zone_of(name))
            .max_by_key(|zone| zone.apex.num_labels())
            .map_or_else(
                || Reply::empty(ResponseCode::Refused),
                |zone| zone.look_up(name, rtype),
            )
    }

    /// Whether a question sent to it comes back with an answer.
    pub(crate) fn is_heard(&self) -> bool {
        !matches!(self.manner, Manner::Silent | Manner::Closed)
    }
}

/// What a server without the zone, and with a hints file, once used to say.
fn upward_referral() -> Reply {
    let mut reply = Reply::empty(ResponseCode::NoError);
    reply.authorities = ["a", "b", "c"]
        .into_iter()
        .filter_map(|letter| Name::from_ascii(format!("{letter}.root-servers.net.")).ok())
        .map(|target| Record::from_rdata(Name::root(), 518_400, RData::NS(NS(target))))
        .collect();
    reply
}
