//! SPF: the record, what it includes, and what it says of one sender.

mod evaluate;
mod flatten;
mod judge;
mod show;
#[cfg(test)]
mod tests;
mod tree;

pub(super) use judge::judge;
pub(super) use show::row;
use tree::{Node, Sender};

use crate::check::Context;
use crate::net::dns::Name;

/// The record of the domain, and that of the sender where it is another domain's.
#[derive(Clone, Debug)]
pub struct Seen {
    pub own: Node,
    /// By which `--source-ip` is judged; none where no address was given.
    pub sender: Option<(Sender, Node)>,
}

pub(super) async fn ask(context: &Context) -> Seen {
    let request = &context.request;
    let domain = request.domain_shown();
    let mailbox = request
        .from
        .as_ref()
        .map_or_else(|| format!("postmaster@{domain}"), ToString::to_string);
    let sender = Sender {
        address: request.source_ip,
        helo: request.ehlo.clone().unwrap_or_else(|| domain.to_string()),
        mailbox,
    };
    let of_sender = sender.mailbox.rsplit_once('@').and_then(|(_, domain)| {
        let mut name = Name::from_ascii(domain).ok()?.to_lowercase();
        name.set_fqdn(true);
        Some(name)
    });
    let own = tree::read(&context.dns, &request.domain, &sender).await;
    let judged = match (request.source_ip, of_sender) {
        (None, _) => None,
        (Some(_), Some(other)) if other != request.domain => {
            Some(tree::read(&context.dns, &other, &sender).await)
        }
        (Some(_), _) => Some(own.clone()),
    };
    Seen {
        own,
        sender: judged.map(|tree| (sender, tree)),
    }
}
