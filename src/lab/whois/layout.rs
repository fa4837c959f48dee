//! How the servers write. Every layout is one that is out there.

use crate::lab::registry::{Layout, Register, Registered, RegistryZone};
use jiff::Timestamp;
use std::fmt::Write as _;

pub(super) fn iana(register: &Register, name: &str) -> String {
    let head = "% IANA WHOIS server\n% for more information on IANA, visit http://www.iana.org\n";
    let top = name.rsplit('.').next().unwrap_or(name);
    let Some(zone) = register.zones.iter().find(|zone| zone.name == top) else {
        return format!("{head}% This query returned 0 objects.\n");
    };
    format!(
        "{head}% This query returned 1 object\n\n\
         refer:        {whois}\n\n\
         domain:       {}\n\n\
         organisation: Registry of {top}\n\n\
         whois:        {whois}\n\n\
         status:       ACTIVE\n\
         remarks:      Registration information: https://www.iana.org\n\n\
         source:       IANA\n",
        top.to_ascii_uppercase(),
        whois = zone.whois,
    )
}

pub(super) fn domain(register: &Register, zone: &RegistryZone, name: &str) -> String {
    let entry = register.domains.get(name);
    match (zone.layout, entry) {
        (Layout::Thin, None) => format!(
            "No match for domain \"{}\".\n{}",
            name.to_ascii_uppercase(),
            last_update(register)
        ),
        (Layout::Thick, None) => format!("Domain not found.\n{}", last_update(register)),
        (Layout::Nominet, None) => format!(
            "\n    No match for \"{name}\".\n\n    This domain name has not been registered.\n\n"
        ),
        (Layout::Thin, Some(entry)) => thin(register, name, entry),
        (Layout::Thick, Some(entry)) => thick(register, name, entry),
        (Layout::Nominet, Some(entry)) => nominet(register, name, entry),
    }
}

/// A nameserver as a host object. An address stands there when one was registered.
pub(super) fn host(register: &Register, name: &str) -> String {
    let upper = name.to_ascii_uppercase();
    let Some(addresses) = register.hosts.get(name) else {
        return format!(
            "No match for nameserver \"{upper}\".\n{}",
            last_update(register)
        );
    };
    let mut out = format!("   Server Name: {upper}\n");
    for address in addresses {
        let _ = writeln!(out, "   IP Address: {address}");
    }
    let _ = writeln!(
        out,
        "   Registrar: {}\n   Registrar WHOIS Server: {}",
        register.registrar.name, register.registrar.whois
    );
    out + &last_update(register)
}

pub(super) fn registrar(register: &Register, name: &str) -> String {
    let Some(entry) = register.domains.get(name) else {
        return format!("No match for {name}.\n");
    };
    let mut out = head(
        register,
        name,
        entry,
        "Registrar Registration Expiration Date",
    );
    for status in &entry.statuses {
        let _ = writeln!(
            out,
            "Domain Status: {status} https://icann.org/epp#{status}"
        );
    }
    out.push_str("Registrant Name: Redacted for Privacy\n");
    for nameserver in &entry.nameservers {
        let _ = writeln!(out, "Name Server: {nameserver}");
    }
    out + "DNSSEC: unsigned\n" + &last_update(register)
}

fn thin(register: &Register, name: &str, entry: &Registered) -> String {
    let mut out = head(
        register,
        &name.to_ascii_uppercase(),
        entry,
        "Registry Expiry Date",
    );
    for status in &entry.statuses {
        let _ = writeln!(
            out,
            "Domain Status: {status} https://icann.org/epp#{status}"
        );
    }
    for nameserver in &entry.registry_nameservers {
        let _ = writeln!(out, "Name Server: {}", nameserver.to_ascii_uppercase());
    }
    out.push_str("DNSSEC: unsigned\n");
    let indented = format!("   {}\n", out.trim_end().replace('\n', "\n   "));
    indented
        + &last_update(register)
        + "\nNOTICE: The expiration date displayed in this record is the date the\n\
           registrar's sponsorship of the domain name registration in the registry is\n\
           currently set to expire.\n"
}

fn thick(register: &Register, name: &str, entry: &Registered) -> String {
    let mut out = head(register, name, entry, "Registry Expiry Date");
    for status in &entry.statuses {
        let _ = writeln!(
            out,
            "Domain Status: {status} https://icann.org/epp#{status}"
        );
    }
    out.push_str("Registrant Name: REDACTED FOR PRIVACY\nRegistrant Country: GB\n");
    for nameserver in &entry.registry_nameservers {
        let _ = writeln!(out, "Name Server: {nameserver}");
    }
    out + "DNSSEC: unsigned\n" + &last_update(register)
}

fn head(register: &Register, name: &str, entry: &Registered, expiry: &str) -> String {
    let registrar = &register.registrar;
    format!(
        "Domain Name: {name}\n\
         Registrar WHOIS Server: {}\n\
         Updated Date: {}\n\
         Creation Date: {}\n\
         {expiry}: {}\n\
         Registrar: {}\n\
         Registrar IANA ID: {}\n",
        registrar.whois,
        seconds(entry.updated),
        seconds(entry.created),
        seconds(entry.expires),
        registrar.name,
        registrar.id,
    )
}

fn nominet(register: &Register, name: &str, entry: &Registered) -> String {
    let date = |at: Timestamp| at.strftime("%d-%b-%Y").to_string();
    let held = entry.statuses.iter().any(|status| status.ends_with("Hold"));
    let status = if entry.expires < register.now {
        "Renewal required."
    } else if held {
        "No longer required"
    } else {
        "Registered until expiry date."
    };
    let mut out = format!(
        "\n    Domain name:\n        {name}\n\n\
         \x20   Registrar:\n        {} [Tag = HARBOURMASTER]\n\n\
         \x20   Relevant dates:\n        Registered on: {}\n        Expiry date:  {}\n        \
         Last updated:  {}\n\n\
         \x20   Registration status:\n        {status}\n\n\
         \x20   Name servers:\n",
        register.registrar.name,
        date(entry.created),
        date(entry.expires),
        date(entry.updated),
    );
    for nameserver in &entry.registry_nameservers {
        // The address stands beside the name only where it is glue.
        let glue = register
            .hosts
            .get(nameserver)
            .filter(|_| nameserver.ends_with(&format!(".{name}")))
            .and_then(|addresses| addresses.first());
        let _ = match glue {
            Some(address) => writeln!(out, "        {nameserver}      {address}"),
            None => writeln!(out, "        {nameserver}"),
        };
    }
    if entry.registry_nameservers.is_empty() {
        out.push_str("        No name servers listed.\n");
    }
    let _ = write!(
        out,
        "\n    WHOIS lookup made at {}\n\n-- \n",
        register.now.strftime("%H:%M:%S %d-%b-%Y")
    );
    out
}

fn last_update(register: &Register) -> String {
    format!(
        ">>> Last update of whois database: {} <<<\n",
        seconds(register.now)
    )
}

/// RFC 3339 to the second, UTC.
fn seconds(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
