//! The rows of the registry family.

use super::judge::{Parent, concerns};
use super::{HostFile, Registration, Source, registered_name};
use crate::case::CheckState;
use crate::check::{Check, Observations, Request, Row, request::shown};
use crate::knowledge::finding::Severity;
use crate::net::dns::Name;
use crate::text::SafeText;
use jiff::Timestamp;
use std::net::IpAddr;

pub fn row(check: &Check, request: &Request, seen: &Observations, now: Timestamp) -> Option<Row> {
    match check {
        Check::Whois => Some(source(seen.registry.whois.as_ref()?, request, seen, now)),
        Check::Rdap => Some(source(seen.registry.rdap.as_ref()?, request, seen, now)),
        Check::RegisteredHost(name) => {
            Some(host(name, seen.registry.hosts.get(name)?, request, seen))
        }
        _ => None,
    }
}

fn source(source: &Source, request: &Request, seen: &Observations, now: Timestamp) -> Row {
    let (state, detail, meaning) = match &source.registry {
        Err(silence) => (
            CheckState::NotPossible,
            silence.why.clone(),
            "No answer is no verdict. Many registries answer to only one of WHOIS and RDAP, or \
             limit how often they may be asked.",
        ),
        Ok(file) => said(source, file, request, seen, now),
    };
    Row {
        state,
        detail,
        exchanges: source.exchanges.clone(),
        meaning: meaning.into(),
        by_hand: source.by_hand.clone(),
    }
}

fn said(
    source: &Source,
    file: &Registration,
    request: &Request,
    seen: &Observations,
    now: Timestamp,
) -> (CheckState, SafeText, &'static str) {
    let parent = Parent::of(&registered_name(request), &seen.ns);
    let concerns = concerns(source, seen, &parent, now);
    let worst = concerns
        .iter()
        .filter_map(super::judge::Concern::weight)
        .max();
    match file.registered {
        None => (
            CheckState::NotPossible,
            "the answer could not be understood".into(),
            "The server answered in words that this program does not know; read them below.",
        ),
        Some(false) if concerns.is_empty() => (
            CheckState::Warned,
            "this server does not know the name, though it exists".into(),
            "The name is delegated or registered elsewhere, so this server is not the one that \
             keeps its file.",
        ),
        Some(false) => (
            CheckState::Failed,
            "not registered".into(),
            "The registry has no such domain, so no mail can be addressed to it. Is the name \
             spelled rightly?",
        ),
        Some(true) => {
            let mut parts: Vec<String> = concerns
                .iter()
                .map(|concern| concern.said.clone())
                .collect();
            if worst < Some(Severity::Warning) {
                parts.insert(0, registered(source));
            }
            let (state, meaning) = match worst {
                Some(Severity::Error) => (
                    CheckState::Failed,
                    "With this registration the name is not served in the DNS: web and mail \
                     fail together, whatever the servers do.",
                ),
                Some(Severity::Warning) => (
                    CheckState::Warned,
                    "The registration stands, and something in it needs attention.",
                ),
                _ => (
                    CheckState::Passed,
                    "The registration is in order. The nameservers listed here should be those \
                     that the parent zone delegates to.",
                ),
            };
            (state, parts.join("; ").into(), meaning)
        }
    }
}

/// "registered until 2027-03-01 with Example Registrar".
fn registered(source: &Source) -> String {
    let mut text = "registered".to_owned();
    let first = |value: fn(&Registration) -> Option<String>| source.files().find_map(value);
    if let Some(until) = first(|file| Some(file.expires?.strftime("%Y-%m-%d").to_string())) {
        text.push_str(" until ");
        text.push_str(&until);
    }
    if let Some(registrar) = first(|file| file.registrar.as_ref().map(ToString::to_string)) {
        text.push_str(" with ");
        text.push_str(&registrar);
    }
    text
}

/// The registered address beside the one that the name resolves to. A nameserver that the
/// registry does not know is no error by itself: an address is due there only where the
/// delegation needs glue (RFC 9499 section 7).
fn host(name: &Name, file: &HostFile, request: &Request, seen: &Observations) -> Row {
    let needs_glue = registered_name(request).zone_of(name);
    let actual = seen
        .ns
        .servers
        .get(name)
        .map(crate::net::dns::Addresses::all)
        .unwrap_or_default();
    let (state, detail): (_, SafeText) = match &file.result {
        Err(silence) => (CheckState::NotPossible, silence.why.clone()),
        Ok(host) => match (host.known, &host.addresses[..]) {
            (None, []) => (
                CheckState::NotPossible,
                "the answer could not be understood".into(),
            ),
            (Some(false), _) if needs_glue => (
                CheckState::Warned,
                "the registry does not know it, and its address is needed there".into(),
            ),
            (Some(false), _) => (
                CheckState::Passed,
                "the registry does not know it; none is needed there".into(),
            ),
            (_, []) if needs_glue => (
                CheckState::Warned,
                "registered without an address, which is needed there".into(),
            ),
            (_, []) => (CheckState::Passed, "registered without an address".into()),
            (_, registered) => compared(registered, &actual),
        },
    };
    Row {
        state,
        detail,
        exchanges: file.exchanges.clone(),
        meaning: format!(
            "The registry's own record of {}. It serves as glue for domains whose nameservers \
             lie in themselves; what the name resolves to is looked up among the nameservers.",
            shown(name)
        )
        .into(),
        by_hand: file.by_hand.clone(),
    }
}

fn compared(registered: &[IpAddr], actual: &[IpAddr]) -> (CheckState, SafeText) {
    let list = |addresses: &[IpAddr]| {
        addresses
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let same_family_differs = registered.iter().any(|address| {
        actual
            .iter()
            .any(|other| other.is_ipv4() == address.is_ipv4())
            && !actual.contains(address)
    });
    if same_family_differs {
        let detail = format!(
            "registered with {}, while it resolves to {}",
            list(registered),
            list(actual)
        );
        return (CheckState::Warned, detail.into());
    }
    (
        CheckState::Passed,
        format!("registered with {}", list(registered)).into(),
    )
}
