//! Looking for the webmail page where it usually is.

use crate::check::names::{is_by_wildcard, mail_hosts};
use crate::check::request::shown;
use crate::knowledge::provider;
use crate::net::dns::{Dns, Name};
use crate::net::https::{self, Get};
use crate::net::tls::Check;
use crate::text::SafeText;
use futures_util::future::join_all;
use serde::Deserialize;
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

/// What a place tells about webmail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sign {
    /// The host's name is there for webmail alone.
    Name,
    /// The port is, where it is open.
    Port,
    /// A page there may be any page.
    None,
}

/// One row of `assets/world/webmail.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    what: String,
    url: String,
    sign: Sign,
}

static PLACES: LazyLock<Vec<Place>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../../assets/world/webmail.yaml"))
        .expect("assets/world/webmail.yaml is checked by a test")
});

/// Every place that was looked at.
#[derive(Clone, Debug, Default)]
pub struct Pages(pub Vec<Page>);

#[derive(Clone, Debug)]
pub struct Page {
    pub what: SafeText,
    pub url: SafeText,
    pub sign: Sign,
    pub took: Duration,
    pub result: Result<Shown, https::Error>,
}

/// What a page showed of itself; a bad certificate is noted, not fatal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    pub status: u16,
    pub address: SocketAddr,
    pub location: Option<SafeText>,
    pub certificate: Result<(), SafeText>,
}

impl Page {
    /// There is such a host.
    pub(super) fn exists(&self) -> bool {
        !matches!(&self.result, Err(error) if error.is_no_address())
    }

    /// A page comes. A status of the server's own trouble (RFC 9110 section 15.6) is none; at
    /// a place that may hold any page, "not found" is none either.
    pub(super) fn answers(&self) -> Option<&Shown> {
        let shown = self.result.as_ref().ok()?;
        let counts = match self.sign {
            Sign::Name | Sign::Port => shown.status < 500,
            Sign::None => matches!(shown.status, 200..=399 | 401 | 403),
        };
        counts.then_some(shown)
    }

    /// Nothing comes, and the reason is on the other side: not a name that could not be looked
    /// up, not a missing way out of here.
    pub(super) fn is_down(&self) -> bool {
        match &self.result {
            Ok(_) => self.answers().is_none(),
            Err(
                https::Error::Connect(
                    crate::net::ConnectError::TimedOut { .. }
                    | crate::net::ConnectError::Refused { .. },
                )
                | https::Error::Tls(_)
                | https::Error::NotHttp { .. }
                | https::Error::TimedOut { .. },
            ) => true,
            Err(_) => false,
        }
    }

    pub(super) fn host(&self) -> &str {
        let rest = self.url.strip_prefix("https://").unwrap_or(&self.url);
        rest.split(['/', ':']).next().unwrap_or(rest)
    }
}

/// Looks at all places side by side.
pub(super) async fn ask(dns: &Dns, domain: &Name) -> Pages {
    let mail_host = mail_hosts(dns, domain).await.into_iter().next();
    let places = places(domain, mail_host.as_ref());
    let looks = places.into_iter().map(|place| async move {
        let mut page = look(dns, place).await;
        if page.sign == Sign::Name
            && let Ok(host) = Name::from_ascii(format!("{}.", page.host()))
            && is_by_wildcard(dns, domain, &host).await
        {
            page.sign = Sign::None;
        }
        page
    });
    Pages(join_all(looks).await)
}

async fn look(dns: &Dns, (what, url, sign): (SafeText, String, Sign)) -> Page {
    let clock = dns.network().clock();
    let began = clock.elapsed();
    let request = Get {
        url: &url,
        accept: "text/html, */*;q=0.5",
        redirects: 0,
        check: Check::Observe,
    };
    let result = https::get(dns, request).await;
    Page {
        what,
        sign,
        took: clock.elapsed().saturating_sub(began),
        result: result.map(|response| Shown {
            status: response.status,
            address: response.address,
            location: response.location,
            certificate: response
                .tls
                .fault()
                .map_or(Ok(()), |fault| Err(fault.into())),
        }),
        url: url.into(),
    }
}

/// The page of a known provider, else the usual places.
fn places(domain: &Name, mail_host: Option<&Name>) -> Vec<(SafeText, String, Sign)> {
    let mail_host = mail_host.map(|host| shown(host).into_string());
    let provider = mail_host.as_deref().and_then(provider::of_mail_host);
    let mut places: Vec<(SafeText, String, Sign)> = provider
        .map(|provider| {
            let what = format!("the webmail of {}", provider.name);
            (what.into(), provider.webmail.clone(), Sign::None)
        })
        .into_iter()
        .collect();
    let domain = shown(domain);
    for place in PLACES.iter() {
        let mut url = place.url.replace("{domain}", &domain);
        if url.contains("{mail_host}") {
            // A provider's host has no page of this domain.
            match &mail_host {
                Some(host) if provider.is_none() => url = url.replace("{mail_host}", host),
                _ => continue,
            }
        }
        if !places.iter().any(|(_, known, _)| *known == url) {
            places.push((place.what.as_str().into(), url, place.sign));
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_places() {
        let name = |text| Name::from_ascii(text).unwrap();
        let urls = |host: Option<&Name>| -> Vec<String> {
            let places = places(&name("example.org."), host);
            places.into_iter().map(|(_, url, _)| url).collect()
        };
        let own = urls(Some(&name("mx1.example.org.")));
        assert!(own.contains(&"https://mx1.example.org:2096/".to_owned()));
        assert!(own.iter().all(|url| !url.contains(['{', '}'])), "{own:?}");
        let hosted = urls(Some(&name("aspmx.l.google.com.")));
        assert_eq!(hosted[0], "https://mail.google.com/");
        assert!(
            hosted.iter().all(|url| !url.contains("aspmx")),
            "{hosted:?}"
        );
        assert!(urls(None).len() >= 4);
    }
}
