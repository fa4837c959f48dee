//! The keywords of an EHLO reply: what each offers, and what its absence means.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// One keyword.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// In capitals.
    pub keyword: String,
    /// Follows on "the server".
    pub offers: String,
    /// What follows when it is not offered; none where nothing does.
    pub absent: Option<String>,
    pub source: String,
}

static ALL: LazyLock<BTreeMap<String, Extension>> = LazyLock::new(|| {
    let listed: Vec<Extension> = serde_yaml::from_str(include_str!("../../assets/ehlo.yaml"))
        .expect("assets/ehlo.yaml is checked by a test");
    listed
        .into_iter()
        .map(|extension| (extension.keyword.clone(), extension))
        .collect()
});

/// What is known of a keyword, in any case.
pub fn extension(keyword: &str) -> Option<&'static Extension> {
    ALL.get(&keyword.to_ascii_uppercase())
}

/// Those whose absence says something, and which are not among `offered` (in any case).
pub fn missing<'a>(offered: &[&str]) -> impl Iterator<Item = (&'static str, &'static str)> + 'a {
    let offered: Vec<String> = offered
        .iter()
        .map(|name| name.to_ascii_uppercase())
        .collect();
    ALL.values().filter_map(move |extension| {
        let absent = extension.absent.as_deref()?;
        (!offered.contains(&extension.keyword)).then_some((extension.keyword.as_str(), absent))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_stands_once_in_capitals_with_its_source() {
        let listed: Vec<Extension> =
            serde_yaml::from_str(include_str!("../../assets/ehlo.yaml")).unwrap();
        assert_eq!(listed.len(), ALL.len(), "one stands twice");
        for entry in &listed {
            assert_eq!(entry.keyword, entry.keyword.to_ascii_uppercase());
            assert!(!entry.offers.is_empty() && !entry.source.is_empty());
        }
    }

    #[test]
    fn what_is_not_offered_is_told() {
        let told: Vec<_> = missing(&["pipelining", "SIZE", "8BITMIME", "DSN"]).collect();
        let names: Vec<_> = told.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["ENHANCEDSTATUSCODES", "SMTPUTF8", "STARTTLS"]);
        assert!(extension("starttls").unwrap().source.contains("3207"));
        assert!(extension("NO-SUCH").is_none());
    }
}
