//! What a domain publishes about its submission: SRV records (RFC 6186, RFC 8314) and the
//! configuration file of mail programs.

use super::autoconfig;
use super::host::{Encryption, Known};
use crate::check::names::below;
use crate::check::request::shown;
use crate::net::dns::{Ask, Dns, Name, Outcome, RData, RecordType};
use crate::net::https::{self, Get};
use crate::net::tls::Check;
use crate::text::SafeText;
use futures_util::future::join_all;
use std::sync::Arc;

/// Services of RFC 6186 section 3.1 and RFC 8314 section 5.1.
const SERVICES: [(&str, Encryption); 2] = [
    ("_submission._tcp", Encryption::StartTls),
    ("_submissions._tcp", Encryption::FromTheStart),
];
/// Redirects that are followed to the file, as mail programs do.
const REDIRECTS: u8 = 3;

/// A place where submission is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    pub known: Known,
    /// The root where the service is said not to be offered (RFC 2782).
    pub target: Name,
    pub port: u16,
    pub encryption: Encryption,
}

impl Published {
    pub(super) fn is_offered(&self) -> bool {
        !self.target.is_root()
    }
}

/// One look for the configuration file.
#[derive(Clone, Debug)]
pub struct Looked {
    pub url: SafeText,
    /// The status, and how many servers stand in the file where it is one.
    pub result: Result<(u16, Option<usize>), https::Error>,
}

impl Looked {
    /// There is such a host.
    pub(super) fn exists(&self) -> bool {
        !matches!(&self.result, Err(error) if error.is_no_address())
    }

    pub(super) fn line(&self) -> SafeText {
        match &self.result {
            Ok((status, Some(servers))) => {
                format!("status {status}, a configuration with {servers} outgoing servers").into()
            }
            Ok((status, None)) => format!("status {status}, no configuration").into(),
            Err(error) => error.to_string().into(),
        }
    }
}

pub(super) struct Found {
    pub(super) published: Vec<Published>,
    pub(super) srv: Vec<Arc<Outcome>>,
    pub(super) looked: Vec<Looked>,
}

pub(super) async fn ask(dns: &Dns, domain: &Name) -> Found {
    let ((srv, records), (looked, servers)) = tokio::join!(records(dns, domain), file(dns, domain));
    // What came over HTTPS first: it is the better known of two that are the same.
    let published = servers.into_iter().chain(records).collect();
    Found {
        published,
        srv,
        looked,
    }
}

async fn records(dns: &Dns, domain: &Name) -> (Vec<Arc<Outcome>>, Vec<Published>) {
    let asked = SERVICES.into_iter().filter_map(|(service, encryption)| {
        let name = below(service, domain)?;
        Some(async move {
            let outcome = dns.resolve(Ask::recursive(name, RecordType::SRV)).await;
            (encryption, outcome)
        })
    });
    let mut outcomes = Vec::new();
    let mut published = Vec::new();
    for (encryption, outcome) in join_all(asked).await {
        let records = outcome.answer().into_iter().flat_map(|answer| {
            answer
                .records(RecordType::SRV)
                .filter_map(|record| match &record.data {
                    RData::SRV(srv) => Some((srv.priority, srv.target.to_lowercase(), srv.port)),
                    _ => None,
                })
        });
        let mut records: Vec<_> = records.collect();
        records.sort();
        published.extend(records.into_iter().map(|(_, target, port)| Published {
            known: Known::Srv,
            target,
            port,
            encryption,
        }));
        outcomes.push(outcome);
    }
    (outcomes, published)
}

/// Where mail programs look for the file. The address is asked for by some servers; whose it is
/// makes no difference to what is wanted here.
fn places(domain: &str) -> [String; 2] {
    [
        format!(
            "https://autoconfig.{domain}/mail/config-v1.1.xml?emailaddress=postmaster%40{domain}"
        ),
        format!("https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml"),
    ]
}

async fn file(dns: &Dns, domain: &Name) -> (Vec<Looked>, Vec<Published>) {
    let domain = shown(domain);
    let found = join_all(places(&domain).map(|url| look(dns, url, &domain))).await;
    let mut looked = Vec::new();
    let mut published = Vec::new();
    for (one, servers) in found {
        looked.push(one);
        if published.is_empty() {
            published = servers;
        }
    }
    (looked, published)
}

async fn look(dns: &Dns, url: String, domain: &str) -> (Looked, Vec<Published>) {
    let request = Get {
        url: &url,
        accept: "text/xml, application/xml",
        redirects: REDIRECTS,
        // Passwords will go where the file says.
        check: Check::Strict,
    };
    let mut published = Vec::new();
    let result = https::get(dns, request).await.map(|response| {
        let servers = (response.status == 200)
            .then(|| autoconfig::read(&response.body, domain))
            .flatten();
        let count = servers.as_ref().map(Vec::len);
        published = servers
            .unwrap_or_default()
            .into_iter()
            .map(|server| Published {
                known: Known::Autoconfig,
                target: server.host,
                port: server.port,
                encryption: server.encryption,
            })
            .collect();
        (response.status, count)
    });
    let url = url.into();
    (Looked { url, result }, published)
}
