//! What a person's mail client needs: the webmail page and the submission ports.

mod judge;
mod page;
mod ports;
mod show;
#[cfg(test)]
mod tests;

pub use judge::{judge, measure};
pub use page::{Page, Pages, Sign};
pub use ports::{Known, Ports, Published, Try};
pub use show::row;

use super::{Check, Context, Observations};
use crate::net::dns::{Ask, Dns, Name, RData, RecordType};

#[derive(Clone, Debug)]
pub enum Observation {
    Pages(Pages),
    Ports(Ports),
}

#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub pages: Option<Pages>,
    pub ports: Option<Ports>,
}

impl Seen {
    pub fn record(&mut self, observation: Observation) {
        match observation {
            Observation::Pages(pages) => self.pages = Some(pages),
            Observation::Ports(ports) => self.ports = Some(ports),
        }
    }
}

pub async fn ask(check: &Check, context: &Context, _seen: &Observations) -> super::Observation {
    let (dns, domain) = (&context.dns, &context.request.domain);
    super::Observation::Webmail(match check {
        Check::Submission => Observation::Ports(ports::ask(dns, domain).await),
        _ => Observation::Pages(page::ask(dns, domain).await),
    })
}

/// The mail hosts of a domain by preference, as the resolver gives them; a null MX is none.
async fn mail_hosts(dns: &Dns, domain: &Name) -> Vec<Name> {
    let outcome = dns
        .resolve(Ask::recursive(domain.clone(), RecordType::MX))
        .await;
    let Some(answer) = outcome.answer() else {
        return Vec::new();
    };
    let mut hosts: Vec<(u16, Name)> = answer
        .records(RecordType::MX)
        .filter_map(|record| match &record.data {
            RData::MX(mx) if !mx.exchange.is_root() => {
                Some((mx.preference, mx.exchange.to_lowercase()))
            }
            _ => None,
        })
        .collect();
    hosts.sort();
    hosts.into_iter().map(|(_, host)| host).collect()
}

/// `label` in front of a domain.
fn below(label: &str, domain: &Name) -> Option<Name> {
    Name::from_ascii(label).ok()?.append_domain(domain).ok()
}
