//! RDAP objects (RFC 9083), written by hand rather than by the library that reads them, so
//! that both do not share a misreading.

use crate::lab::registry::{Register, Registered, RegistryZone};
use hyper::StatusCode;
use serde_json::{Value, json};

pub(super) fn bootstrap(register: &Register) -> Value {
    let services: Vec<Value> = register
        .zones
        .iter()
        .filter(|zone| !zone.name.contains('.'))
        .map(|zone| {
            let url = format!("https://{}{}", zone.rdap_host, zone.rdap_path);
            json!([[zone.name], [url]])
        })
        .collect();
    json!({
        "version": "1.0",
        "publication": register.now.to_string(),
        "description": "RDAP bootstrap file for Domain Name System registrations",
        "services": services,
    })
}

/// The object at `path` of the RDAP server `host`.
pub(super) fn answer(register: &Register, host: &str, path: &str) -> (StatusCode, Value) {
    let lower = path.to_ascii_lowercase();
    let mut segments = lower.rsplit('/');
    let (Some(name), Some(kind)) = (segments.next(), segments.next()) else {
        return not_found(path);
    };
    let name = name.trim_end_matches('.');
    let from_registrar = host == register.registrar.rdap;
    let zone = register.zone_of(name).filter(|zone| {
        from_registrar || zone.rdap_host == host && lower.starts_with(&zone.rdap_path)
    });
    let object = match (kind, zone) {
        ("domain", Some(zone)) => register
            .domains
            .get(name)
            .map(|entry| domain(register, zone, name, entry, from_registrar)),
        ("nameserver", Some(zone)) => register
            .hosts
            .contains_key(name)
            .then(|| nameserver(register, zone, name)),
        _ => None,
    };
    object.map_or_else(|| not_found(path), |object| (StatusCode::OK, object))
}

fn domain(
    register: &Register,
    zone: &RegistryZone,
    name: &str,
    entry: &Registered,
    from_registrar: bool,
) -> Value {
    let own = format!("https://{}{}domain/{name}", zone.rdap_host, zone.rdap_path);
    let registrars = format!("https://{}/domain/{name}", register.registrar.rdap);
    let (nameservers, mut links) = if from_registrar {
        (&entry.nameservers, vec![link("self", &registrars)])
    } else {
        let links = vec![link("self", &own), link("related", &registrars)];
        (&entry.registry_nameservers, links)
    };
    for link in &mut links {
        link["value"] = json!(own);
    }
    let statuses: Vec<String> = entry.statuses.iter().map(|status| words(status)).collect();
    let nameservers: Vec<Value> = nameservers
        .iter()
        .map(|host| {
            // Only a name under the registered one has its address here: glue.
            let glue = host.ends_with(&format!(".{name}"));
            host_object(register, host, glue)
        })
        .collect();
    json!({
        "rdapConformance": ["rdap_level_0", "icann_rdap_response_profile_1"],
        "objectClassName": "domain",
        "handle": format!("{}-LAB", name.to_ascii_uppercase()),
        "ldhName": name.to_ascii_uppercase(),
        "links": links,
        "status": statuses,
        "entities": [{
            "objectClassName": "entity",
            "handle": register.registrar.id.to_string(),
            "roles": ["registrar"],
            "publicIds": [{"type": "IANA Registrar ID", "identifier": register.registrar.id.to_string()}],
            "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", register.registrar.name]]],
        }],
        "events": [
            {"eventAction": "registration", "eventDate": entry.created.to_string()},
            {"eventAction": "expiration", "eventDate": entry.expires.to_string()},
            {"eventAction": "last changed", "eventDate": entry.updated.to_string()},
            {"eventAction": "last update of RDAP database", "eventDate": register.now.to_string()},
        ],
        "secureDNS": {"delegationSigned": false},
        "nameservers": nameservers,
    })
}

fn nameserver(register: &Register, zone: &RegistryZone, name: &str) -> Value {
    let own = format!(
        "https://{}{}nameserver/{name}",
        zone.rdap_host, zone.rdap_path
    );
    let mut object = host_object(register, name, true);
    object["rdapConformance"] = json!(["rdap_level_0"]);
    object["links"] = json!([link("self", &own)]);
    object
}

fn host_object(register: &Register, name: &str, with_addresses: bool) -> Value {
    let mut object = json!({
        "objectClassName": "nameserver",
        "ldhName": name.to_ascii_uppercase(),
    });
    let addresses = register.hosts.get(name).filter(|found| !found.is_empty());
    if let (true, Some(addresses)) = (with_addresses, addresses) {
        object["ipAddresses"] = json!({ "v4": addresses });
    }
    object
}

fn link(relation: &str, href: &str) -> Value {
    json!({"rel": relation, "href": href, "type": "application/rdap+json"})
}

/// An EPP status in RDAP's words (RFC 8056 section 2): `clientHold` is `client hold`.
fn words(status: &str) -> String {
    if status == "ok" {
        return "active".to_owned();
    }
    let mut words = String::new();
    for letter in status.chars() {
        if letter.is_ascii_uppercase() {
            words.push(' ');
        }
        words.push(letter.to_ascii_lowercase());
    }
    words
}

fn not_found(path: &str) -> (StatusCode, Value) {
    let object = json!({
        "rdapConformance": ["rdap_level_0"],
        "errorCode": 404,
        "title": "Not Found",
        "description": [format!("nothing is known at {path}")],
    });
    (StatusCode::NOT_FOUND, object)
}
