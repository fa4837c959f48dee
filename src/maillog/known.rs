//! Lines that are understood and count for nothing.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Beginnings of messages, sorted, none of them the beginning of another.
pub(super) struct Beginnings(Vec<Vec<u8>>);

impl Beginnings {
    pub(super) fn has(&self, message: &[u8]) -> bool {
        let after = self.0.partition_point(|known| known.as_slice() <= message);
        after > 0
            && self
                .0
                .get(after - 1)
                .is_some_and(|known| message.starts_with(known))
    }
}

#[derive(Deserialize)]
struct Table(BTreeMap<String, Vec<String>>);

fn of(name: &str) -> Beginnings {
    let Table(mut tables) = serde_yaml::from_str(include_str!("../../assets/maillog/known.yaml"))
        .expect("assets/maillog/known.yaml is checked by a test");
    let mut all: Vec<Vec<u8>> = tables
        .remove(name)
        .unwrap_or_default()
        .into_iter()
        .map(String::into_bytes)
        .collect();
    all.sort();
    let mut kept: Vec<Vec<u8>> = Vec::new();
    for one in all {
        if !kept.last().is_some_and(|last| one.starts_with(last)) {
            kept.push(one);
        }
    }
    Beginnings(kept)
}

pub(super) static POSTFIX: LazyLock<Beginnings> = LazyLock::new(|| of("postfix"));
pub(super) static POSTFIX_MESSAGE: LazyLock<Beginnings> = LazyLock::new(|| of("postfix-message"));
pub(super) static EXIM: LazyLock<Beginnings> = LazyLock::new(|| of("exim"));
pub(super) static EXIM_MESSAGE: LazyLock<Beginnings> = LazyLock::new(|| of("exim-message"));
pub(super) static SENDMAIL: LazyLock<Beginnings> = LazyLock::new(|| of("sendmail"));
pub(super) static OPENSMTPD: LazyLock<Beginnings> = LazyLock::new(|| of("opensmtpd"));
pub(super) static QMAIL: LazyLock<Beginnings> = LazyLock::new(|| of("qmail"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_there_and_finds_its_own() {
        for name in [
            "postfix",
            "postfix-message",
            "exim",
            "exim-message",
            "sendmail",
            "opensmtpd",
            "qmail",
        ] {
            let table = of(name);
            assert!(!table.0.is_empty(), "{name}");
            for known in &table.0 {
                assert!(
                    table.has(&[known.as_slice(), b"~ more"].concat()),
                    "{known:?}"
                );
                assert!(table.has(known), "{known:?}");
            }
            assert!(
                !table.has(b"") && !table.has(b"\x7f what is this"),
                "{name}"
            );
        }
    }
}
