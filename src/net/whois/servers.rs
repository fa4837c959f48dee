//! Which server holds the register for a name, and how it is asked.

use crate::net::dns::Name;
use serde::Deserialize;
use std::sync::LazyLock;

/// One row of `assets/world/whois-servers.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    server: String,
    suffixes: Vec<String>,
    #[serde(default = "plain")]
    domain: String,
    nameserver: Option<String>,
}

fn plain() -> String {
    "$name".to_owned()
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../../assets/world/whois-servers.yaml"))
        .expect("assets/world/whois-servers.yaml is checked by a test")
});

/// A registry's WHOIS server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its host name.
    pub name: String,
    /// Under what it registers names, such as `com` or `uk.com`.
    pub suffix: String,
    /// The query for a domain, with `$name` for it.
    pub(super) domain: String,
    /// The query for a nameserver, where it knows them.
    pub(super) nameserver: Option<String>,
}

impl Server {
    /// A server that IANA names and the list does not know. It is taken for a new generic
    /// top-level domain: those answer about nameservers too.
    pub(super) fn unlisted(name: String, suffix: String) -> Self {
        Self {
            name,
            suffix,
            domain: plain(),
            nameserver: Some("nameserver $name".to_owned()),
        }
    }
}

/// The listed server for a name that stands below one of its suffixes, the longest first.
pub fn for_name(name: &Name) -> Option<Server> {
    let text = name.to_lowercase().to_ascii();
    let mut rest = text.trim_end_matches('.');
    while let Some((_, suffix)) = rest.split_once('.') {
        let row = ROWS
            .iter()
            .find(|row| row.suffixes.iter().any(|listed| listed == suffix));
        if let Some(row) = row {
            return Some(Server {
                name: row.server.replace("$suffix", suffix),
                suffix: suffix.to_owned(),
                domain: row.domain.clone(),
                nameserver: row.nameserver.clone(),
            });
        }
        rest = suffix;
    }
    None
}

/// Whether the registry of `domain` has objects of its own for nameservers, and `host` would
/// be one of them.
pub fn registers_host(domain: &Name, host: &Name) -> bool {
    match (for_name(domain), for_name(host)) {
        (Some(domain), Some(host)) => domain.name == host.name && host.nameserver.is_some(),
        // Not listed: one registry only where the top-level domain is the same.
        (None, None) => domain.trim_to(1) == host.trim_to(1),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn name(text: &str) -> Name {
        Name::from_ascii(text).unwrap()
    }

    #[test]
    fn every_suffix_stands_once_and_every_query_has_its_place() {
        let mut seen = BTreeSet::new();
        for row in ROWS.iter() {
            assert!(row.domain.contains("$name"), "{row:?}");
            assert!(
                row.nameserver.as_ref().is_none_or(|q| q.contains("$name")),
                "{row:?}"
            );
            assert!(Name::from_ascii(row.server.replace("$suffix", "x")).is_ok());
            for suffix in &row.suffixes {
                assert!(seen.insert(suffix), "`{suffix}` stands twice");
                assert_eq!(*suffix, suffix.to_lowercase());
            }
        }
        assert!(seen.len() > 200);
    }

    #[test]
    fn the_longest_suffix_wins() {
        let server = |text: &str| for_name(&name(text)).map(|server| server.name);
        let is = |text: &str, server_name: &str| {
            assert_eq!(server(text).as_deref(), Some(server_name), "{text}");
        };
        is("Example.COM.", "whois.verisign-grs.com");
        is("example.uk.com", "whois.centralnic.com");
        is("example.co.uk", "whois.nic.uk");
        is("example.xyz", "whois.nic.xyz");
        assert_eq!(server("example.invalid"), None);
        assert_eq!(server("com"), None);
    }

    #[test]
    fn hosts_are_known_to_their_own_registry_only() {
        let knows = |domain: &str, host: &str| registers_host(&name(domain), &name(host));
        assert!(knows("example.com", "ns1.example.net"));
        assert!(!knows("example.com", "ns1.example.org"));
        assert!(!knows("example.de", "ns1.example.de"));
        assert!(!knows("example.shop", "ns1.example.xyz"));
        assert!(knows("example.invalid", "ns.other.invalid"));
    }
}
