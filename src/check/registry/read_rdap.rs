//! From an RDAP object to a [`Registration`].

use super::layout::LAYOUTS;
use super::read_whois::Host;
use super::registration::{Fact, Meaning, Registration, Status, host_name};
use crate::net::rdap::Reply;
use crate::net::rdap::response::{Domain, Nameserver, ObjectCommonFields as _, SecureDns};
use crate::text::SafeText;
use jiff::Timestamp;
use std::net::IpAddr;

/// Entries of a list that are kept of one answer.
const MAX_LIST: usize = 32;

/// Reads an answer about a domain.
pub(super) fn domain(reply: &Reply) -> Registration {
    match reply {
        Reply::Domain(domain) => registered(domain),
        Reply::NotFound => Registration {
            registered: Some(false),
            quotes: vec![(Fact::Absent, "HTTP status 404".into())],
            ..Registration::default()
        },
        Reply::Nameserver(_) => Registration::default(),
    }
}

/// Reads an answer about a nameserver.
pub(super) fn host(reply: &Reply) -> Host {
    match reply {
        Reply::Nameserver(host) => Host {
            known: Some(true),
            addresses: addresses(host),
        },
        Reply::NotFound => Host {
            known: Some(false),
            addresses: Vec::new(),
        },
        Reply::Domain(_) => Host::default(),
    }
}

fn registered(domain: &Domain) -> Registration {
    let mut found = Registration {
        registered: Some(true),
        ..Registration::default()
    };
    for word in domain.status().iter().take(MAX_LIST) {
        let word = SafeText::from(word.as_str());
        found
            .quotes
            .push((Fact::Status, format!("status: \"{word}\"").into()));
        found.statuses.push(Status {
            meaning: LAYOUTS.meaning(&word),
            word,
        });
    }
    if found.status(Meaning::Free).is_some() {
        // An object of a name that nobody has: some registries answer so instead of 404.
        found.registered = Some(false);
        for (fact, _) in &mut found.quotes {
            *fact = Fact::Absent;
        }
    }
    for event in domain.events().iter().take(MAX_LIST) {
        let (Some(action), Some(date)) = (event.event_action(), event.event_date()) else {
            continue;
        };
        let (fact, place) = match action {
            "registration" => (Fact::Created, &mut found.created),
            "last changed" => (Fact::Updated, &mut found.updated),
            "expiration" => (Fact::Expires, &mut found.expires),
            // The registrar's own date beside the registry's counts where there is no other.
            "registrar expiration" if found.expires.is_none() => {
                (Fact::Expires, &mut found.expires)
            }
            _ => continue,
        };
        if let Ok(at) = date.parse::<Timestamp>() {
            *place = Some(at);
            let quote = format!("eventAction: \"{action}\", eventDate: \"{date}\"");
            found.quotes.push((fact, quote.into()));
        }
    }
    for host in domain.nameservers.iter().flatten().take(MAX_LIST) {
        let Some(name) = host.ldh_name().and_then(host_name) else {
            continue;
        };
        let quote = format!(
            "nameserver ldhName: \"{}\"",
            host.ldh_name().unwrap_or_default()
        );
        found.quotes.push((Fact::Nameserver, quote.into()));
        found.nameservers.push((name, addresses(host)));
    }
    found.dnssec = domain
        .secure_dns
        .as_ref()
        .and_then(SecureDns::delegation_signed);
    found.registrar = registrar(domain);
    found
}

fn registrar(domain: &Domain) -> Option<SafeText> {
    let entity = domain.entity_by_role("registrar")?;
    let name = entity.contact().and_then(|contact| {
        contact
            .full_name()
            .map(ToOwned::to_owned)
            .or_else(|| contact.organization_name().map(ToOwned::to_owned))
    });
    name.or_else(|| entity.handle().map(ToOwned::to_owned))
        .filter(|name| !name.trim().is_empty())
        .map(SafeText::from)
}

fn addresses(host: &Nameserver) -> Vec<IpAddr> {
    host.ip_addresses()
        .into_iter()
        .flat_map(|all| all.v4s().iter().chain(all.v6s()))
        .filter_map(|address| address.parse().ok())
        .take(MAX_LIST)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::rdap::response::RdapResponse;

    fn reply(json: &str) -> Reply {
        match serde_json::from_str(json).unwrap() {
            RdapResponse::Domain(domain) => Reply::Domain(domain),
            RdapResponse::Nameserver(host) => Reply::Nameserver(host),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_domain() {
        let found = domain(&reply(
            r#"{"objectClassName": "domain", "ldhName": "EXAMPLE.COM",
              "status": ["client hold", "client transfer prohibited"],
              "events": [
                {"eventAction": "registration", "eventDate": "1995-08-14T04:00:00Z"},
                {"eventAction": "expiration", "eventDate": "2027-08-13T04:00:00Z"},
                {"eventAction": "last changed", "eventDate": "2025-08-14T09:01:44+02:00"},
                {"eventAction": "last update of RDAP database", "eventDate": "2026-01-01T00:00:00Z"}],
              "secureDNS": {"delegationSigned": true},
              "nameservers": [
                {"objectClassName": "nameserver", "ldhName": "NS1.EXAMPLE.COM.", "ipAddresses": {"v4": ["192.0.2.53"], "v6": ["2001:db8::53"]}},
                {"objectClassName": "nameserver", "ldhName": "ns2.example.net"},
                {"objectClassName": "nameserver", "ldhName": "no host"}],
              "entities": [{"objectClassName": "entity", "handle": "9999", "roles": ["registrar"],
                "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Example Registrar, Inc."]]]}]}"#,
        ));
        assert_eq!(found.registered, Some(true));
        assert_eq!(found.registrar.as_deref(), Some("Example Registrar, Inc."));
        assert_eq!(found.expires, Some("2027-08-13T04:00:00Z".parse().unwrap()));
        assert_eq!(found.updated, Some("2025-08-14T07:01:44Z".parse().unwrap()));
        assert_eq!(found.dnssec, Some(true));
        let hold = found.status(Meaning::Hold).unwrap();
        assert_eq!(found.quote_of(hold).unwrap(), &"status: \"client hold\"");
        let names = found.nameserver_names();
        assert_eq!(names.len(), 2);
        assert_eq!(found.nameservers[0].1.len(), 2);
        assert_eq!(names[0].to_ascii(), "ns1.example.com.");
    }

    #[test]
    fn nobody_has_it() {
        assert_eq!(domain(&Reply::NotFound).registered, Some(false));
        let free =
            reply(r#"{"objectClassName": "domain", "ldhName": "x.example", "status": ["free"]}"#);
        assert_eq!(domain(&free).registered, Some(false));
        let bare = reply(r#"{"objectClassName": "domain", "ldhName": "x.example"}"#);
        assert_eq!(domain(&bare).registered, Some(true));
    }

    #[test]
    fn a_nameserver() {
        let found = host(&reply(
            r#"{"objectClassName": "nameserver", "ldhName": "ns1.example.com", "ipAddresses": {"v4": ["192.0.2.53", "junk"]}}"#,
        ));
        assert_eq!(found.addresses, ["192.0.2.53".parse::<IpAddr>().unwrap()]);
        assert_eq!(host(&Reply::NotFound).known, Some(false));
    }
}
