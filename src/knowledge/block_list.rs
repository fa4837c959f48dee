//! DNS block lists (RFC 5782): what their answers mean, and the way out.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockList {
    pub zone: String,
    /// Whether it lists IPv6 addresses.
    #[serde(default)]
    pub ipv6: bool,
    /// What each address in an answer stands for; others stand for "listed".
    #[serde(default)]
    pub answers: BTreeMap<Ipv4Addr, String>,
    /// Who may ask it, and how much.
    pub terms: String,
    /// How an address gets off it.
    pub removal: String,
}

/// What an address in an answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    Listed(String),
    /// No listing: the list refuses the question, or something rewrites the answer.
    Refused(String),
}

static LISTS: LazyLock<Vec<BlockList>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../assets/world/dnsbl.yaml"))
        .expect("assets/world/dnsbl.yaml is checked by a test")
});

pub fn all() -> &'static [BlockList] {
    &LISTS
}

pub fn of(zone: &str) -> Option<&'static BlockList> {
    LISTS.iter().find(|list| list.zone == zone)
}

impl BlockList {
    pub fn meaning(&self, answer: IpAddr) -> Meaning {
        let IpAddr::V4(address) = answer else {
            return Meaning::Refused(format!("{answer} is no answer of a block list"));
        };
        let refused = |why: &str| Meaning::Refused(format!("{address}: {why}"));
        match address.octets() {
            [127, 255, 255, 252] => refused("the list's name is mistyped"),
            [127, 255, 255, 254] => refused("the list does not answer public resolvers"),
            [127, 255, 255, 255] => refused("too many questions were asked"),
            [127, 255, 255, _] => refused("the list refuses the question"),
            [127, 0, 0, 1] => refused("that is no listing (RFC 5782 section 2.1)"),
            [127, ..] => Meaning::Listed(
                self.answers
                    .get(&address)
                    .cloned()
                    .unwrap_or_else(|| format!("answers {address}")),
            ),
            _ => refused("outside 127.0.0.0/8, so something rewrites the answers"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listings_are_listings() {
        let list = of("zen.spamhaus.org").unwrap();
        let meaning = |text: &str| list.meaning(text.parse().unwrap());
        for text in ["127.0.0.2", "127.0.0.4", "127.0.0.11", "127.0.0.99"] {
            assert!(matches!(meaning(text), Meaning::Listed(_)), "{text}");
        }
        for text in [
            "127.255.255.254",
            "127.255.255.255",
            "127.0.0.1",
            "192.0.2.1",
            "::1",
        ] {
            assert!(matches!(meaning(text), Meaning::Refused(_)), "{text}");
        }
    }

    #[test]
    fn every_list_says_how_to_get_off() {
        assert!(all().len() >= 6);
        for list in all() {
            assert!(
                !list.terms.is_empty() && list.removal.contains("http"),
                "{}",
                list.zone
            );
            assert!(of(&list.zone).is_some_and(|found| found.zone == list.zone));
        }
    }
}
