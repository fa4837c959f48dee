//! Asking for the MX records and the addresses of their targets.

use super::{Lookup, Observation};
use crate::check::{self, Check, Context, Observations};
use crate::net::dns::{Ask, RecordType};

pub async fn ask(check: &Check, context: &Context, _seen: &Observations) -> check::Observation {
    let dns = &context.dns;
    let observation = if let Check::MailHost(host) = check {
        let addresses = dns.addresses(host).await;
        // Where validation is what fails, the addresses are known all the same.
        let unchecked = dns.unchecked_addresses(&addresses).await;
        Observation::Host(unchecked.unwrap_or(addresses))
    } else {
        let ask = Ask::recursive(context.request.domain.clone(), RecordType::MX);
        Observation::Lookup(Lookup {
            mx: dns.resolve(ask.clone()).await,
            unchecked: dns.unchecked(&ask).await,
        })
    };
    check::Observation::Mx(observation)
}
