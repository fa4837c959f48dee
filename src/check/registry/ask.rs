//! Asking the registry and the registrar.

use super::read_whois::Refused;
use super::registration::Registration;
use super::{HostFile, Observation, Silence, Source, read_rdap, read_whois, registered_name};
use crate::case::Exchange;
use crate::check::{self, Check, Context, Observations, request::shown};
use crate::net::dns::{Dns, Name};
use crate::net::{ConnectError, https, rdap, whois};
use crate::text::SafeText;
use std::time::Duration;

pub async fn ask(check: &Check, context: &Context, _seen: &Observations) -> check::Observation {
    let dns = &context.dns;
    let name = registered_name(&context.request);
    check::Observation::Registry(match check {
        Check::RegisteredHost(host) => Observation::Host(host_file(dns, host).await),
        Check::Rdap => {
            let asked = rdap::domain(dns, &name).await;
            Observation::Rdap(Box::new(from_rdap(name, &asked)))
        }
        _ => {
            let asked = whois::domain(dns, &name).await;
            Observation::Whois(Box::new(from_whois(name, &asked)))
        }
    })
}

/// WHOIS first, as the article does; RDAP where that gave nothing.
async fn host_file(dns: &Dns, host: &Name) -> HostFile {
    let asked = whois::nameserver(dns, host).await;
    let mut file = HostFile {
        exchanges: asked.iter().map(whois_exchange).collect(),
        by_hand: asked
            .iter()
            .filter(|asked| asked.role != whois::Role::Iana)
            .map(|asked| asked.by_hand().into())
            .collect(),
        result: read_host(&asked),
    };
    let understood = file.result.as_ref().is_ok_and(|host| host.known.is_some());
    if !understood {
        let asked = rdap::nameserver(dns, host).await;
        file.exchanges.push(rdap_exchange(&asked));
        if !asked.url.is_empty() {
            file.by_hand.push(asked.by_hand().into());
        }
        if let Ok(reply) = &asked.result {
            file.result = Ok(read_rdap::host(reply));
        }
    }
    file
}

fn read_host(asked: &[whois::Asked]) -> Result<read_whois::Host, Silence> {
    let last = asked.last().ok_or_else(Silence::unknown)?;
    match &last.result {
        Ok(lines) if last.role == whois::Role::Registry => {
            read_whois::host(lines).map_err(|refused| refusal(&last.server, &refused))
        }
        Ok(_) => Err(Silence::unknown()),
        Err(error) => Err(whois_silence(error)),
    }
}

/// What the answers to a WHOIS question say.
fn from_whois(name: Name, asked: &[whois::Asked]) -> Source {
    let read = |role| {
        asked
            .iter()
            .rev()
            .find(|asked| asked.role == role)
            .map(|asked| match &asked.result {
                Ok(lines) => match read_whois::domain(lines) {
                    Ok(registration) => Ok(Registration {
                        origin: asked.server.clone(),
                        ..registration
                    }),
                    Err(refused) => Err(refusal(&asked.server, &refused)),
                },
                Err(error) => Err(whois_silence(error)),
            })
    };
    let registry = read(whois::Role::Registry).unwrap_or_else(|| {
        Err(asked
            .last()
            .and_then(|asked| asked.result.as_ref().err())
            .map_or_else(Silence::unknown, whois_silence))
    });
    let mut by_hand = vec![format!("whois {}", shown(&name)).into()];
    by_hand.extend(
        asked
            .iter()
            .filter(|asked| asked.role != whois::Role::Iana && !asked.server.is_empty())
            .map(|asked| asked.by_hand().into()),
    );
    Source {
        name,
        exchanges: asked.iter().map(whois_exchange).collect(),
        by_hand,
        registry,
        registrar: read(whois::Role::Registrar).and_then(Result::ok),
    }
}

/// What the answers to an RDAP question say.
fn from_rdap(name: Name, asked: &[rdap::Asked]) -> Source {
    let read = |role| {
        asked
            .iter()
            .find(|asked| asked.role == role)
            .map(|asked| match &asked.result {
                Ok(reply) => Ok(Registration {
                    origin: asked.url.clone(),
                    ..read_rdap::domain(reply)
                }),
                Err(error) => Err(Silence {
                    why: error.to_string().into(),
                    is_ours: match error {
                        rdap::Error::Fetch(error) => is_ours(error),
                        rdap::Error::NoServer { bootstrap, .. } => bootstrap.is_some(),
                        _ => false,
                    },
                }),
            })
    };
    Source {
        name,
        exchanges: asked.iter().map(rdap_exchange).collect(),
        by_hand: asked
            .iter()
            .filter(|asked| !asked.url.is_empty())
            .map(|asked| asked.by_hand().into())
            .collect(),
        registry: read(rdap::Role::Registry).unwrap_or_else(|| Err(Silence::unknown())),
        // A registrar that does not find the name has no say: only the registry decides.
        registrar: read(rdap::Role::Registrar)
            .and_then(Result::ok)
            .filter(|registration| registration.registered == Some(true)),
    }
}

fn refusal(server: &SafeText, refused: &Refused) -> Silence {
    Silence {
        why: format!("{server} would not answer: {}", refused.0).into(),
        is_ours: false,
    }
}

fn whois_silence(error: &whois::Error) -> Silence {
    Silence {
        why: error.to_string().into(),
        is_ours: match error {
            whois::Error::Address(error) => is_ours(error),
            whois::Error::Connect(error) => is_no_way(error),
            _ => false,
        },
    }
}

/// Names that do not resolve, and no way out: that is this machine's network, not the
/// registry. All of these servers' names exist.
fn is_ours(error: &https::Error) -> bool {
    match error {
        https::Error::Dns { .. }
        | https::Error::Resolver { .. }
        | https::Error::NoAddress { .. } => true,
        https::Error::Connect(error) => is_no_way(error),
        _ => false,
    }
}

fn is_no_way(error: &ConnectError) -> bool {
    matches!(
        error,
        ConnectError::Unreachable { .. } | ConnectError::Cancelled
    )
}

fn whois_exchange(asked: &whois::Asked) -> Exchange {
    let role = match asked.role {
        whois::Role::Iana => "IANA",
        whois::Role::Registry => "the registry",
        whois::Role::Registrar => "the registrar",
    };
    Exchange {
        asked: format!("{} @{} (WHOIS, {role})", asked.query, asked.server).into(),
        answered: match &asked.result {
            Ok(lines) => lines.clone(),
            Err(error) => vec![error.to_string().into()],
        },
        took_ms: milliseconds(asked.took),
    }
}

fn rdap_exchange(asked: &rdap::Asked) -> Exchange {
    let role = match asked.role {
        rdap::Role::Registry => "the registry",
        rdap::Role::Registrar => "the registrar",
    };
    let mut answered = asked.lines.clone();
    if let Err(error) = &asked.result {
        answered.insert(0, error.to_string().into());
    }
    Exchange {
        asked: format!("GET {} (RDAP, {role})", asked.url).into(),
        answered,
        took_ms: milliseconds(asked.took),
    }
}

fn milliseconds(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
