//! Large mail providers: hosts to compare with, and what their customers use.

use serde::Deserialize;
use std::sync::LazyLock;

/// One row of `assets/world/probe-hosts.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    pub name: String,
    /// A domain whose MX hosts are the provider's own.
    pub mx_domain: String,
    /// Names below which the MX hosts of its customers lie.
    pub hosts: Vec<String>,
    /// `host:port`, in the order of preference.
    pub submission: Vec<String>,
    pub webmail: String,
}

static PROVIDERS: LazyLock<Vec<Provider>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../assets/world/probe-hosts.yaml"))
        .expect("assets/world/probe-hosts.yaml is checked by a test")
});

/// All of them, in the order in which they are asked.
pub fn all() -> &'static [Provider] {
    &PROVIDERS
}

/// The provider to which a mail host belongs.
pub fn of_mail_host(host: &str) -> Option<&'static Provider> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    all().iter().find(|provider| {
        provider.hosts.iter().any(|suffix| {
            host.strip_suffix(suffix.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    })
}

impl Provider {
    /// The submission hosts with their ports.
    pub fn submission(&self) -> impl Iterator<Item = (&str, u16)> {
        self.submission.iter().filter_map(|place| {
            let (host, port) = place.rsplit_once(':')?;
            Some((host, port.parse().ok()?))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_be_used() {
        assert!(all().len() >= 4, "one provider is no proof");
        for provider in all() {
            assert_eq!(provider.submission().count(), provider.submission.len());
            assert!(
                provider
                    .submission()
                    .all(|(_, port)| [465, 587].contains(&port))
            );
            assert!(provider.webmail.starts_with("https://"));
            assert!(!provider.hosts.is_empty() && provider.mx_domain.contains('.'));
        }
    }

    #[test]
    fn mail_hosts_belong_by_labels() {
        let name = |host| of_mail_host(host).map(|provider| provider.name.as_str());
        assert_eq!(name("ASPMX.L.Google.com."), Some("Google"));
        assert_eq!(
            name("example-com.mail.protection.outlook.com"),
            Some("Microsoft")
        );
        assert_eq!(name("mx.notgoogle.com"), None);
    }
}
