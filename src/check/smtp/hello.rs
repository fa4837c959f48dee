//! The name that we say hello with.

use crate::check::Context;
use crate::net::dns::Name;
use crate::smtp::HelloName;
use std::net::{IpAddr, Ipv4Addr};

/// The name for EHLO: the one that was asked for, this machine's own where others can look it
/// up, else an address literal (RFC 5321 section 4.1.4).
pub(in crate::check) async fn hello(context: &Context, here: Option<IpAddr>) -> HelloName {
    let request = &context.request;
    if let Some(name) = request.ehlo.as_ref().and_then(|name| name.parse().ok()) {
        return name;
    }
    if let Some(name) = Box::pin(own_name(context)).await {
        return name;
    }
    let here = request.source_ip.or(here);
    HelloName::literal(here.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)))
}

/// This machine's name, where it is one of the Internet's: below a suffix under which names are
/// registered, and not without an address. Asked once in a run, as every name is.
pub(in crate::check) async fn own_name(context: &Context) -> Option<HelloName> {
    let text = gethostname::gethostname().into_string().ok()?;
    let is_registered = psl::domain(text.as_bytes()).is_some_and(|domain| {
        let suffix = domain.suffix();
        suffix.is_known()
    });
    if !is_registered {
        return None;
    }
    let mut name = Name::from_ascii(&text).ok()?;
    name.set_fqdn(true);
    let found = context.dns.addresses(&name).await;
    // A resolver that fails says nothing against the name.
    if found.all().is_empty() && found.is_conclusive() {
        return None;
    }
    text.parse().ok()
}
