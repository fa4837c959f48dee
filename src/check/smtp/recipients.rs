//! Who is asked for in the envelope, beside the recipient of the case.

use crate::check::Request;
use crate::net::dns::{Ask, Dns, Name, RData, RecordType};
use crate::smtp::{ForwardPath, ReversePath};

/// Why an address is named in a RCPT command. No message is ever sent to any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The mail that the case is about goes there.
    Recipient,
    /// Every domain that takes mail has this mailbox (RFC 5321 section 4.5.1).
    Postmaster,
    /// An address of another domain, which a host that is no relay refuses: asked on request.
    Relay,
}

/// The envelope: the sender, and the recipients in the order of their commands.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    pub(super) from: ReversePath,
    pub(super) to: Vec<(Asked, ForwardPath)>,
}

impl Envelope {
    /// None where the case names nobody to ask for.
    pub(super) fn of(request: &Request) -> Option<Self> {
        let path = |address: &dyn ToString| address.to_string().parse::<ForwardPath>().ok();
        let mut to = Vec::new();
        to.extend(
            request
                .to
                .as_ref()
                .and_then(|to| Some((Asked::Recipient, path(to)?))),
        );
        // Several recipients of a bounce are refused for that alone (the null sender has one).
        if let (Some(_), Some(_)) = (&request.from, &request.to) {
            let postmaster = format!("postmaster@{}", request.domain_shown());
            let is_recipient = |(_, asked): &(Asked, ForwardPath)| {
                asked
                    .to_string()
                    .eq_ignore_ascii_case(&format!("<{postmaster}>"))
            };
            if !to.iter().any(is_recipient) {
                to.extend(path(&postmaster).map(|path| (Asked::Postmaster, path)));
            }
        }
        if let (true, Some(from)) = (request.relay_test, &request.from)
            && !same_organisation(from.domain(), &request.domain_shown())
        {
            to.extend(path(from).map(|path| (Asked::Relay, path)));
        }
        if to.is_empty() {
            return None;
        }
        let from = request
            .from
            .as_ref()
            .and_then(|from| from.to_string().parse().ok())
            .unwrap_or(ReversePath::Null);
        Some(Self { from, to })
    }
}

/// Both domains are, or lie below, the same registered name.
pub fn same_organisation(one: &str, other: &str) -> bool {
    let registered = |domain: &str| {
        let domain = domain.to_ascii_lowercase();
        psl::domain_str(&domain).unwrap_or(&domain).to_owned()
    };
    registered(one) == registered(other)
}

/// The case's recipient belongs to another domain, and this host is none of that domain's.
pub(super) async fn is_elsewhere(request: &Request, dns: &Dns, host: &Name) -> bool {
    let Some(to) = &request.to else {
        return false;
    };
    if same_organisation(to.domain(), &request.domain_shown()) {
        return false;
    }
    let Ok(mut name) = Name::from_ascii(to.domain()) else {
        return false;
    };
    name.set_fqdn(true);
    let outcome = dns.resolve(Ask::recursive(name, RecordType::MX)).await;
    // Without an answer nothing is held against the host.
    outcome.answer().filter(|answer| answer.is_conclusive()).is_some_and(|answer| {
        !answer.records(RecordType::MX).any(|record| {
            matches!(&record.data, RData::MX(mx) if mx.exchange.to_lowercase() == host.to_lowercase())
        })
    })
}
