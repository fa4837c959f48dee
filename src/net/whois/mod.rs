//! WHOIS (RFC 3912): the registry's file on a domain or a nameserver, and the registrar's.
//!
//! whois-rust holds the exchange with one server. Which server comes next is decided here,
//! because every answer is kept and every name is resolved by our own [`Dns`].

mod servers;

pub use servers::{Server, for_name, registers_host};

use super::dns::{Dns, Name};
use super::{ConnectError, https};
use crate::text::SafeText;
use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use whois_rust::{WhoIs, WhoIsError, WhoIsLookupOptions, WhoIsServerValue};

const PORT: u16 = 43;
/// IANA's server knows the registry of every top-level domain.
const IANA: &str = "whois.iana.org";
/// Octets of one answer; the longest real ones are legal notices of some 10 KiB.
const MAX_ANSWER: usize = 1 << 17;
/// Lines of one answer that are kept.
const MAX_LINES: usize = 600;
/// Registrars followed from one to the next.
const MAX_REFERRALS: usize = 2;

/// Whose file an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Asked only which server the registry has.
    Iana,
    Registry,
    Registrar,
}

/// A question to one server and what became of it.
#[derive(Clone, Debug)]
pub struct Asked {
    pub role: Role,
    /// Host name of the server.
    pub server: SafeText,
    /// The line that was sent.
    pub query: SafeText,
    pub took: Duration,
    /// The lines of the answer, verbatim but for what could steer a terminal.
    pub result: Result<Vec<SafeText>, Error>,
}

impl Asked {
    /// The command that asks the same.
    pub fn by_hand(&self) -> String {
        // The client of Debian and its kin knows these servers' ways; a quoted query is sent
        // as it is.
        format!("whois -h {} \"{}\"", self.server, self.query)
    }
}

/// Why a server gave no answer. Each says which server.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    #[error("{server}: no WHOIS server is known for it, and IANA names none")]
    NoServer { server: SafeText },
    #[error(transparent)]
    Address(https::Error),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error("{server} ({address}) did not finish its answer within {} s", .after.as_secs_f32())]
    TimedOut {
        server: SafeText,
        address: SocketAddr,
        after: Duration,
    },
    #[error("{server} ({address}) closed the connection without an answer")]
    Empty {
        server: SafeText,
        address: SocketAddr,
    },
    #[error("{server} ({address}): {why}")]
    Broken {
        server: SafeText,
        address: SocketAddr,
        why: String,
    },
}

impl Error {
    /// The server's name is gone from the DNS: the list is older than the registry's move.
    fn is_gone(&self) -> bool {
        matches!(self, Self::Address(error) if error.is_no_address())
    }
}

/// Asks the registry about a registered domain, then the registrar that the answer names.
/// There is always at least one element; the last one may have failed.
pub async fn domain(dns: &Dns, name: &Name) -> Vec<Asked> {
    let mut asked = registry(dns, name, |server| Some(server.domain.clone())).await;
    let mut been: BTreeSet<String> = asked
        .iter()
        .map(|asked| asked.server.to_lowercase())
        .collect();
    for _ in 0..MAX_REFERRALS {
        let Some(next) = asked
            .last()
            .filter(|last| last.role != Role::Iana)
            .and_then(|last| last.result.as_ref().ok())
            .and_then(|lines| referral(lines, &["registrar whois server", "whois server"]))
        else {
            break;
        };
        if !been.insert(next.clone()) {
            break;
        }
        asked.push(ask(dns, Role::Registrar, &next, name, "$name").await);
    }
    asked
}

/// Asks the registry of `domain` for the addresses that it has registered for a nameserver.
pub async fn nameserver(dns: &Dns, host: &Name) -> Vec<Asked> {
    registry(dns, host, |server| server.nameserver.clone()).await
}

/// The registry's answer about a name: from the listed server, else from the one that IANA
/// gives.
async fn registry(dns: &Dns, name: &Name, query: impl Fn(&Server) -> Option<String>) -> Vec<Asked> {
    let mut asked = Vec::new();
    if let Some(server) = for_name(name)
        && let Some(query) = query(&server)
    {
        let first = ask(dns, Role::Registry, &server.name, name, &query).await;
        let gone = first.result.as_ref().is_err_and(Error::is_gone);
        asked.push(first);
        if !gone {
            return asked;
        }
    }
    let top = name.trim_to(1);
    let iana = ask(dns, Role::Iana, IANA, &top, "$name").await;
    let found = match &iana.result {
        Ok(lines) => Ok(referral(lines, &["refer", "whois"])),
        Err(_) => Err(()),
    };
    let took = iana.took;
    asked.push(iana);
    match found {
        Err(()) => {}
        Ok(Some(host)) => {
            let server = Server::unlisted(host, shown(&top));
            if asked
                .iter()
                .any(|asked| asked.server == server.name.as_str())
            {
                return asked;
            }
            if let Some(query) = query(&server) {
                asked.push(ask(dns, Role::Registry, &server.name, name, &query).await);
            }
        }
        Ok(None) => asked.push(Asked {
            role: Role::Registry,
            server: SafeText::default(),
            query: SafeText::default(),
            took,
            result: Err(Error::NoServer {
                server: format!(".{}", shown(&top)).into(),
            }),
        }),
    }
    asked
}

/// A name without its final dot.
fn shown(name: &Name) -> String {
    name.to_lowercase()
        .to_ascii()
        .trim_end_matches('.')
        .to_owned()
}

/// The host that the first of `keys` with a value names.
fn referral(lines: &[SafeText], keys: &[&str]) -> Option<String> {
    let value = |key: &str| {
        lines.iter().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found
                .trim()
                .eq_ignore_ascii_case(key)
                .then(|| host(value))?
        })
    };
    keys.iter().find_map(|key| value(key))
}

/// The host name in a value such as `whois.example.com`, `http://whois.example.com/` or
/// `rwhois://whois.example.com:4321`.
fn host(value: &str) -> Option<String> {
    let value = value.split_whitespace().next()?;
    let value = value.split_once("://").map_or(value, |(_, rest)| rest);
    let value = value.split(['/', ':', '?']).next()?.to_ascii_lowercase();
    let plausible = value.contains('.')
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.'))
        && Name::from_ascii(&value).is_ok();
    plausible.then_some(value)
}

async fn ask(dns: &Dns, role: Role, server: &str, name: &Name, query: &str) -> Asked {
    let clock = dns.network().clock();
    let began = clock.elapsed();
    let name = shown(name);
    let work = exchange(dns, server, &name, query);
    let result = tokio::select! {
        () = dns.network().cancelled().cancelled() => Err(ConnectError::Cancelled.into()),
        result = work => result,
    };
    Asked {
        role,
        server: server.into(),
        query: query.replace("$name", &name).into(),
        took: clock.elapsed().saturating_sub(began),
        result,
    }
}

/// One question at the addresses of a server, until one of them takes the connection.
async fn exchange(
    dns: &Dns,
    server: &str,
    name: &str,
    query: &str,
) -> Result<Vec<SafeText>, Error> {
    let addresses = https::addresses(dns, server)
        .await
        .map_err(Error::Address)?;
    let mut last = None;
    for address in addresses {
        let address = SocketAddr::new(address, PORT);
        match exchange_at(dns, server, address, name, query).await {
            Err(Error::Connect(ConnectError::Unreachable { .. })) if last.is_some() => {}
            Err(error @ Error::Connect(_)) => last = Some(error),
            done => return done,
        }
    }
    Err(last.unwrap_or_else(|| Error::NoServer {
        server: server.into(),
    }))
}

async fn exchange_at(
    dns: &Dns,
    server: &str,
    address: SocketAddr,
    name: &str,
    query: &str,
) -> Result<Vec<SafeText>, Error> {
    let network = dns.network();
    let (socket, _permit) = network.led_to(address).await?;
    let after = network.limits().fetch;
    let broken = |why: String| Error::Broken {
        server: server.into(),
        address,
        why,
    };
    let of_library = |error: WhoIsError| match error {
        WhoIsError::Elapsed(_) => Error::TimedOut {
            server: server.into(),
            address,
            after,
        },
        WhoIsError::IOError(error) => match error.kind() {
            io::ErrorKind::TimedOut => Error::TimedOut {
                server: server.into(),
                address,
                after,
            },
            io::ErrorKind::InvalidData => broken(format!(
                "its answer is larger than {} KiB",
                MAX_ANSWER >> 10
            )),
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => broken(error.to_string()),
            _ => ConnectError::from_io(address, &error).into(),
        },
        other => broken(other.to_string()),
    };
    let mut options = WhoIsLookupOptions::from_string(name).map_err(of_library)?;
    let mut to = WhoIsServerValue::from_string(socket.to_string()).map_err(of_library)?;
    to.query = Some(format!("{}\r\n", query.replace("$name", "$addr")));
    options.server = Some(to);
    // Referrals are followed by the caller, who keeps every answer.
    options.follow = 0;
    options.timeout = Some(network.clock().outside(after));
    options.max_response_size = Some(MAX_ANSWER);
    let client = WhoIs::from_host(IANA).map_err(of_library)?;
    let bytes = client.lookup_raw_async(options).await.map_err(of_library)?;
    let lines = lines_of(&bytes);
    if lines.is_empty() {
        return Err(Error::Empty {
            server: server.into(),
            address,
        });
    }
    Ok(lines)
}

/// The lines of an answer without the empty ones at its ends.
fn lines_of(bytes: &[u8]) -> Vec<SafeText> {
    let mut lines: Vec<SafeText> = bytes
        .split(|byte| *byte == b'\n')
        .map(|line| SafeText::from_bytes(line.trim_ascii_end()))
        .skip_while(|line| line.is_empty())
        .take(MAX_LINES)
        .collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    lines
}

#[cfg(test)]
mod tests;
