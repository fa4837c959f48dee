//! Which RDAP server is authoritative for a name (RFC 9224).

use crate::net::dns::{Dns, Name};
use crate::net::https::{self, Get};
use crate::net::tls::Check;
use serde::Deserialize;
use std::sync::LazyLock;

const URL: &str = "https://data.iana.org/rdap/dns.json";

/// The part of a bootstrap file that is used (RFC 9224 section 3).
#[derive(Debug, Deserialize)]
pub(super) struct Bootstrap {
    /// Pairs: suffixes, and base URLs of the servers for them.
    services: Vec<(Vec<String>, Vec<String>)>,
}

/// What is known without the network: a few large registries.
static SHIPPED: LazyLock<Bootstrap> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../assets/world/rdap-dns.json"))
        .expect("assets/world/rdap-dns.json is checked by a test")
});

impl Bootstrap {
    /// The base URL for a name: of the longest suffix that matches by labels (RFC 9224
    /// section 4), HTTPS only, with a slash at its end.
    pub(super) fn base(&self, name: &Name) -> Option<String> {
        let text = name.to_lowercase().to_ascii();
        let mut suffix = text.trim_end_matches('.');
        loop {
            let urls = self
                .services
                .iter()
                .find(|(suffixes, _)| suffixes.iter().any(|s| s.eq_ignore_ascii_case(suffix)))
                .map(|(_, urls)| urls);
            if let Some(urls) = urls {
                let url = urls.iter().find(|url| url.starts_with("https://"))?;
                return Some(format!("{}/", url.trim_end_matches('/')));
            }
            suffix = suffix.split_once('.')?.1;
        }
    }
}

/// The base URL for a name, as IANA says it today, or as it was known when this was built; and
/// why IANA could not be asked, if so.
pub(super) async fn base(dns: &Dns, name: &Name) -> (Option<String>, Option<String>) {
    let request = Get {
        url: URL,
        accept: "application/json",
        redirects: 2,
        check: Check::Strict,
    };
    let fetched = match https::get(dns, request).await {
        Ok(response) if response.status == 200 => {
            serde_json::from_slice::<Bootstrap>(&response.body)
                .map_err(|error| format!("{URL}: {error}"))
        }
        Ok(response) => Err(format!("{URL}: status {}", response.status)),
        Err(error) => Err(error.to_string()),
    };
    match fetched {
        Ok(bootstrap) => (bootstrap.base(name), None),
        Err(why) => (SHIPPED.base(name), Some(why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(bootstrap: &Bootstrap, name: &str) -> Option<String> {
        bootstrap.base(&Name::from_ascii(name).unwrap())
    }

    #[test]
    fn what_is_shipped_holds_https_urls_only() {
        for (suffixes, urls) in &SHIPPED.services {
            assert!(!suffixes.is_empty());
            assert!(
                urls.iter()
                    .all(|url| url.starts_with("https://") && url.ends_with('/'))
            );
        }
        assert_eq!(
            base(&SHIPPED, "Example.COM.").as_deref(),
            Some("https://rdap.verisign.com/com/v1/")
        );
        assert_eq!(base(&SHIPPED, "example.invalid"), None);
    }

    #[test]
    fn the_longest_match_goes_by_labels() {
        let bootstrap: Bootstrap = serde_json::from_str(
            r#"{"version": "1.0", "services": [
                [["example"], ["http://plain.invalid/", "https://top.invalid/rdap"]],
                [["co.example"], ["https://second.invalid/"]],
                [["plain"], ["http://plain.invalid/"]]]}"#,
        )
        .unwrap();
        let is = |name: &str, url: Option<&str>| assert_eq!(base(&bootstrap, name).as_deref(), url);
        is("a.example", Some("https://top.invalid/rdap/"));
        is("a.co.example", Some("https://second.invalid/"));
        is("a.notexample", None);
        is("a.plain", None);
    }
}
