//! Large, independent mail providers, to compare with.

use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    pub name: String,
    /// The domain whose MX hosts take mail for it.
    pub mx_of: String,
    /// `host:port` of the same provider, other than port 25.
    pub others: Vec<String>,
}

static PROVIDERS: LazyLock<Vec<Provider>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../assets/world/probe-hosts.yaml"))
        .expect("assets/world/probe-hosts.yaml is checked by a test")
});

pub fn all() -> &'static [Provider] {
    &PROVIDERS
}

impl Provider {
    /// Host and port of each of [`Provider::others`].
    pub fn others(&self) -> impl Iterator<Item = (&str, u16)> {
        self.others.iter().filter_map(|other| {
            let (host, port) = other.rsplit_once(':')?;
            Some((host, port.parse().ok()?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn several_independent_providers_stand_there() {
        assert!(all().len() >= 3);
        for provider in all() {
            assert_eq!(
                provider.others().count(),
                provider.others.len(),
                "{provider:?}"
            );
            assert!(provider.others().all(|(_, port)| port != 25));
        }
    }
}
