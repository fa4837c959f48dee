//! RDAP (RFC 9082, RFC 9083): the registry's file on a domain or a nameserver as JSON.

mod bootstrap;

use super::dns::{Dns, Name};
use super::https::{self, Get};
use super::tls::Check;
use crate::text::SafeText;
use icann_rdap_common::prelude::{Domain, Nameserver, RdapResponse, get_related_links};
use std::time::Duration;

pub use icann_rdap_common::prelude as response;

/// Redirects that are followed; a registry may send the client to the server in charge
/// (RFC 7480 section 5.2).
const REDIRECTS: u8 = 3;
/// Lines of an answer that are kept for showing.
const MAX_LINES: usize = 400;

/// Whose file an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Registry,
    Registrar,
}

/// A question to one server and what became of it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub role: Role,
    /// Empty where no server is known.
    pub url: SafeText,
    pub took: Duration,
    /// The JSON that came, a member a line.
    pub lines: Vec<SafeText>,
    pub result: Result<Reply, Error>,
}

/// An answer that says something about the name.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    Domain(Box<Domain>),
    Nameserver(Box<Nameserver>),
    /// Status 404: the server has no such object (RFC 7480 section 5.3). Only from the
    /// registry's own server does it mean that there is none.
    NotFound,
}

/// Why there is no such answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    #[error("no RDAP server is known for {suffix}{}", .bootstrap.as_ref().map(|why| format!(" (the list of servers could not be fetched: {why})")).unwrap_or_default())]
    NoServer {
        suffix: SafeText,
        bootstrap: Option<String>,
    },
    #[error(transparent)]
    Fetch(#[from] https::Error),
    /// Status 429: asked too often.
    #[error("{url} asks to come back later (status 429)")]
    TooMany { url: SafeText },
    #[error("{url} answered with status {status}")]
    Status { url: SafeText, status: u16 },
    #[error("{url} answered something that is no RDAP: {why}")]
    NotRdap { url: SafeText, why: String },
}

impl Asked {
    /// The command that asks the same.
    pub fn by_hand(&self) -> String {
        format!("curl -L -H 'Accept: application/rdap+json' {}", self.url)
    }
}

/// Asks the registry about a registered domain, then the registrar that the answer links to.
/// There is always at least one element.
pub async fn domain(dns: &Dns, name: &Name) -> Vec<Asked> {
    let first = ask_registry(dns, name, "domain").await;
    let next = match &first.result {
        Ok(Reply::Domain(domain)) => related(domain, &first.url),
        _ => None,
    };
    let mut asked = vec![first];
    if let Some(url) = next {
        asked.push(ask(dns, Role::Registrar, &url).await);
    }
    asked
}

/// Asks the registry for the addresses that it has registered for a nameserver.
pub async fn nameserver(dns: &Dns, host: &Name) -> Asked {
    ask_registry(dns, host, "nameserver").await
}

/// The registrar's file of the same domain (RFC 9083 section 4.2, as the gTLD profile uses
/// it). A link back to where it came from is none.
fn related(domain: &Domain, from: &str) -> Option<String> {
    // The type is not always given, so the URL is looked at too; the library does both.
    let response = RdapResponse::Domain(Box::new(domain.clone()));
    get_related_links(&response)
        .into_iter()
        .find(|url| {
            url.starts_with("https://")
                && url.contains("/domain/")
                && !url.eq_ignore_ascii_case(from)
        })
        .map(ToOwned::to_owned)
}

async fn ask_registry(dns: &Dns, name: &Name, class: &str) -> Asked {
    let clock = dns.network().clock();
    let began = clock.elapsed();
    let (base, why) = bootstrap::base(dns, name).await;
    let text = name.to_lowercase().to_ascii();
    let text = text.trim_end_matches('.');
    match base {
        Some(base) => ask(dns, Role::Registry, &format!("{base}{class}/{text}")).await,
        None => Asked {
            role: Role::Registry,
            url: SafeText::default(),
            took: clock.elapsed().saturating_sub(began),
            lines: Vec::new(),
            result: Err(Error::NoServer {
                suffix: format!(".{}", name.trim_to(1).to_ascii().trim_end_matches('.')).into(),
                bootstrap: why,
            }),
        },
    }
}

async fn ask(dns: &Dns, role: Role, url: &str) -> Asked {
    let clock = dns.network().clock();
    let began = clock.elapsed();
    let request = Get {
        url,
        accept: "application/rdap+json, application/json;q=0.8",
        redirects: REDIRECTS,
        check: Check::Strict,
    };
    let fetched = https::get(dns, request).await;
    let took = clock.elapsed().saturating_sub(began);
    let url = SafeText::from(url);
    let (lines, result) = match fetched {
        Ok(response) => read(&url, &response),
        Err(error) => (Vec::new(), Err(error.into())),
    };
    Asked {
        role,
        url,
        took,
        lines,
        result,
    }
}

fn read(url: &SafeText, response: &https::Response) -> (Vec<SafeText>, Result<Reply, Error>) {
    let url = url.clone();
    let value = serde_json::from_slice::<serde_json::Value>(&response.body);
    let mut lines = vec![SafeText::from(format!("HTTP status {}", response.status))];
    if let Ok(value) = &value {
        let pretty = serde_json::to_string_pretty(value).unwrap_or_default();
        lines.extend(SafeText::lines_of(&pretty).into_iter().take(MAX_LINES));
    }
    let not_rdap = |why: String| Error::NotRdap {
        url: response.url.clone(),
        why,
    };
    let result = match response.status {
        200 => match value.map(RdapResponse::try_from) {
            Ok(Ok(RdapResponse::Domain(domain))) => Ok(Reply::Domain(domain)),
            Ok(Ok(RdapResponse::Nameserver(nameserver))) => Ok(Reply::Nameserver(nameserver)),
            Ok(Ok(other)) => Err(not_rdap(format!("an object of another kind: {other}"))),
            Ok(Err(error)) => Err(not_rdap(error.to_string())),
            Err(error) => Err(not_rdap(error.to_string())),
        },
        404 => Ok(Reply::NotFound),
        429 => Err(Error::TooMany { url }),
        status => Err(Error::Status { url, status }),
    };
    (lines, result)
}

#[cfg(test)]
mod tests;
