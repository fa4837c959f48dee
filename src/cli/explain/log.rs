//! Lines of a mail log, as somebody copies them.

use super::{Delivery, Explained};
use crate::knowledge::reason::Reason;
use crate::maillog::{self, Action};

/// What the lines say of recipients; none where they are no lines of a mail log.
pub(super) fn explained(octets: &[u8], file: Option<&str>) -> Option<Explained> {
    let text = String::from_utf8_lossy(octets);
    let deliveries: Vec<_> = maillog::deliveries(&text).into_iter().map(of).collect();
    (!deliveries.is_empty()).then(|| Explained {
        file: file.map(str::to_owned),
        kind: "log",
        deliveries,
    })
}

fn of(delivery: maillog::Delivery) -> Delivery {
    let fix = match delivery.whose {
        Some(whose) => format!("{} Whose move: {}.", delivery.fix, whose.words()),
        None => delivery.fix,
    };
    Delivery {
        recipient: delivery.recipient,
        original_recipient: None,
        action: Some(match delivery.action {
            Action::Failed => "failed",
            Action::Delayed => "delayed",
            Action::Delivered => "delivered",
        }),
        reply_code: delivery.reply_code,
        enhanced_code: delivery.enhanced_code,
        reason: delivery.reason.as_deref().and_then(Reason::find),
        permanent: delivery.permanent,
        finding: delivery.finding,
        remote_host: delivery.remote_host,
        diagnostic: delivery.diagnostic,
        explanation: delivery.explanation,
        fix,
        source: delivery.source,
    }
}
