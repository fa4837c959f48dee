//! Asking the parent and the nameservers.

use super::{Authority, Delegated, Observation, Seen, dnssec};
use crate::check::{self, Check, Context, Observations};
use crate::net::dns::{Ask, Dns, Name, RecordType};
use std::net::{IpAddr, SocketAddr};

pub async fn ask(check: &Check, context: &Context, seen: &Observations) -> check::Observation {
    let dns = &context.dns;
    check::Observation::Ns(match check {
        Check::Nameserver(name) => Observation::Nameserver(dns.addresses(name).await),
        Check::Authority(_, address) => {
            Observation::Authority(authority(dns, *address, context, &seen.ns).await)
        }
        Check::Signatures => {
            Observation::Signatures(dnssec::ask(context, &seen.ns).await.map(Box::new))
        }
        _ => Observation::Delegation(delegation(context).await),
    })
}

async fn delegation(context: &Context) -> Delegated {
    let request = &context.request;
    let parent = context
        .dns
        .delegation(&request.domain, &request.suffix)
        .await;
    let resolver = match &parent {
        Err(crate::net::dns::NotFound::NoAnswer { .. }) => {
            let ask = Ask::recursive(request.registered.clone(), RecordType::NS);
            Some(context.dns.resolve(ask).await)
        }
        _ => None,
    };
    Delegated { parent, resolver }
}

async fn authority(dns: &Dns, address: IpAddr, context: &Context, seen: &Seen) -> Authority {
    let server = SocketAddr::new(address, 53);
    let domain = &context.request.domain;
    let zone: &Name = seen.zone().unwrap_or(&context.request.registered);
    let direct = |name: &Name, rtype| Ask::direct(name.clone(), rtype);
    let (soa, soa_tcp, ns, mx) = tokio::join!(
        dns.ask(server, direct(zone, RecordType::SOA)),
        dns.ask(server, direct(zone, RecordType::SOA).over_tcp()),
        dns.ask(server, direct(zone, RecordType::NS)),
        dns.ask(server, direct(domain, RecordType::MX)),
    );
    Authority {
        soa,
        soa_tcp,
        ns,
        mx,
    }
}
