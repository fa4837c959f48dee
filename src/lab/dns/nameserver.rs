//! An authoritative server and its manners.

use super::{Question, Reply, Zone};
use crate::lab::setting::Manner;
use hickory_server::proto::op::ResponseCode;
use hickory_server::proto::rr::rdata::NS;
use hickory_server::proto::rr::{Name, RData, Record, RecordType};
use std::time::Duration;

/// What runs at one address. Whether a packet gets there at all is not its affair.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nameserver {
    pub manner: Manner,
    /// Until each answer, by the world's clock.
    pub delay: Duration,
    pub zones: Vec<Zone>,
}

impl Nameserver {
    /// Nothing where it stays silent to this question.
    pub(crate) fn answer(&self, question: &Question<'_>) -> Option<Reply> {
        let is_mx = question.rtype == RecordType::MX;
        Some(match self.manner {
            Manner::Refused => Reply::empty(ResponseCode::Refused),
            Manner::Servfail => Reply::empty(ResponseCode::ServFail),
            Manner::MxServfail if is_mx => Reply::empty(ResponseCode::ServFail),
            Manner::MxSilent if is_mx => return None,
            Manner::Upward => upward_referral(),
            Manner::NoAa => Reply {
                authoritative: false,
                ..self.by_zones(question)
            },
            Manner::Normal
            | Manner::MxServfail
            | Manner::MxSilent
            | Manner::NoEdns
            | Manner::Silent
            | Manner::Closed
            | Manner::NoTcp => self.by_zones(question),
        })
    }

    fn by_zones(&self, question: &Question<'_>) -> Reply {
        let holds = |zone: &&Zone| zone.apex.zone_of(question.name);
        // What it says of a delegation is in the zone above, where it has both (RFC 4035
        // section 3.1.4.1).
        let above = |zone: &&Zone| zone.apex != *question.name;
        let deepest = |zone: &&Zone| zone.apex.num_labels();
        let parent = (question.rtype == RecordType::DS)
            .then(|| {
                let zones = self.zones.iter().filter(holds).filter(above);
                zones.max_by_key(deepest)
            })
            .flatten();
        parent
            .or_else(|| self.zones.iter().filter(holds).max_by_key(deepest))
            .map_or_else(
                || Reply::empty(ResponseCode::Refused),
                |zone| zone.look_up(question),
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
