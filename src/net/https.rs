//! HTTPS: one GET at a time, bounded, through the routes of the [`Network`].
//!
//! The exchange is hyper's, on a connection that [`Network::connect`] opened: so the practice
//! world maps the port of a URL like any other, and no proxy, pool or redirect acts behind our
//! back. HTTP/1.1 only; nothing here needs more.

use super::dns::{Dns, Failure, Name};
use super::tls::{self, Check, Observed};
use super::{ConnectError, Connection, Network};
use crate::text::SafeText;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::header::{ACCEPT, HOST, HeaderMap, LOCATION, USER_AGENT};
use hyper::{Method, Uri};
use hyper_util::rt::TokioIo;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Octets of a body that are taken; IANA's RDAP bootstrap file has about 100 KiB.
const MAX_BODY: usize = 1 << 20;
/// Addresses of a host that are tried, one after the other.
const MAX_ADDRESSES: usize = 3;

/// What to get, and how strictly.
#[derive(Clone, Copy, Debug)]
pub struct Get<'a> {
    pub url: &'a str,
    /// The media type that is wanted.
    pub accept: &'a str,
    /// How many redirects are followed, to HTTPS only.
    pub redirects: u8,
    /// [`Check::Observe`] goes on where the certificate is bad.
    pub check: Check,
}

/// A response of whatever status.
#[derive(Clone, Debug)]
pub struct Response {
    /// Where it came from in the end.
    pub url: SafeText,
    pub address: SocketAddr,
    pub status: u16,
    pub content_type: Option<SafeText>,
    /// Where the server sends the client, when it does (RFC 9110 section 10.2.2).
    pub location: Option<SafeText>,
    pub body: Vec<u8>,
    pub tls: Observed,
}

/// Why there is no response. Each error names the host or the address.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    #[error("`{url}` is no URL that can be fetched: {why}")]
    BadUrl { url: SafeText, why: &'static str },
    #[error("looking up {host}: {failure}")]
    Dns { host: SafeText, failure: Failure },
    /// The name has no address, for certain.
    #[error("{host} has no address")]
    NoAddress { host: SafeText },
    #[error("looking up {host}: the resolver failed ({code})")]
    Resolver { host: SafeText, code: String },
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Tls(#[from] tls::Error),
    #[error("{host} ({address}) answered something that is no HTTP: {why}")]
    NotHttp {
        host: SafeText,
        address: SocketAddr,
        why: String,
    },
    #[error("the answer of {host} is larger than {} KiB", MAX_BODY >> 10)]
    TooLarge { host: SafeText },
    #[error("{host} ({address}) did not answer within {} s", .after.as_secs_f32())]
    TimedOut {
        host: SafeText,
        address: SocketAddr,
        after: Duration,
    },
    #[error("{host} redirects too often, last to {location}")]
    Redirects { host: SafeText, location: SafeText },
}

impl Error {
    /// There was nobody to ask: the name does not exist or has no address.
    pub fn is_no_address(&self) -> bool {
        matches!(self, Self::NoAddress { .. })
    }
}

/// Gets a URL. Connecting has the time limit of connections, everything after it that of a
/// fetch.
pub async fn get(dns: &Dns, request: Get<'_>) -> Result<Response, Error> {
    let mut place = Place::parse(request.url)?;
    let mut left = request.redirects;
    loop {
        let response = get_once(dns, &place, request).await?;
        let Some(location) = response.location.as_ref().filter(|_| {
            request.redirects > 0 && matches!(response.status, 301 | 302 | 303 | 307 | 308)
        }) else {
            return Ok(response);
        };
        left = match left.checked_sub(1) {
            Some(left) => left,
            None => {
                return Err(Error::Redirects {
                    host: place.host.as_str().into(),
                    location: location.clone(),
                });
            }
        };
        place = place.join(location)?;
    }
}

/// A URL, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    host: String,
    port: u16,
    /// Path and query.
    path: String,
}

impl Place {
    fn parse(url: &str) -> Result<Self, Error> {
        let bad = |why| Error::BadUrl {
            url: url.into(),
            why,
        };
        let uri: Uri = url.parse().map_err(|_| bad("it cannot be parsed"))?;
        if uri.scheme_str() != Some("https") {
            return Err(bad("it does not begin with https://"));
        }
        let authority = uri.authority().ok_or_else(|| bad("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(bad("it holds a user name"));
        }
        Ok(Self {
            host: authority.host().to_ascii_lowercase(),
            port: authority.port_u16().unwrap_or(443),
            path: uri
                .path_and_query()
                .map_or("/", |path| path.as_str())
                .to_owned(),
        })
    }

    fn join(&self, location: &str) -> Result<Self, Error> {
        if location.starts_with('/') && !location.starts_with("//") {
            return Ok(Self {
                path: location.to_owned(),
                ..self.clone()
            });
        }
        Self::parse(location)
    }

    fn url(&self) -> SafeText {
        format!("https://{}{}", self.authority(), self.path).into()
    }

    fn authority(&self) -> String {
        match self.port {
            443 => self.host.clone(),
            port => format!("{}:{port}", self.host),
        }
    }
}

async fn get_once(dns: &Dns, place: &Place, request: Get<'_>) -> Result<Response, Error> {
    let network = dns.network();
    let (address, connection) = reach(dns, place).await?;
    let limit = network.limits().fetch;
    let exchange = exchange(network, place, address, connection, request);
    tokio::select! {
        () = network.cancelled().cancelled() => Err(ConnectError::Cancelled.into()),
        done = network.clock().timeout(limit, exchange) => done.unwrap_or_else(|late| {
            Err(Error::TimedOut { host: place.host.as_str().into(), address, after: late.0 })
        }),
    }
}

/// A connection to the first address of the host that takes one, IPv4 first.
async fn reach(dns: &Dns, place: &Place) -> Result<(SocketAddr, Connection), Error> {
    let mut last = None;
    for address in addresses(dns, &place.host).await? {
        let to = SocketAddr::new(address, place.port);
        match dns.network().connect(to).await {
            Ok(connection) => return Ok((to, connection)),
            // "No way there" of the second address family says less than what came first.
            Err(ConnectError::Unreachable { .. }) if last.is_some() => {}
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or_else(
        || Error::NoAddress {
            host: place.host.as_str().into(),
        },
        Error::Connect,
    ))
}

/// The addresses of a host that are worth trying; an error when there is none.
pub(super) async fn addresses(dns: &Dns, host: &str) -> Result<Vec<IpAddr>, Error> {
    let shown = || SafeText::from(host);
    if let Ok(address) = host.trim_matches(['[', ']']).parse() {
        return Ok(vec![address]);
    }
    let mut name = Name::from_ascii(host).map_err(|_| Error::NoAddress { host: shown() })?;
    name.set_fqdn(true);
    let found = dns.addresses(&name).await;
    let mut addresses = found.all();
    if addresses.is_empty() {
        for outcome in [&found.v4, &found.v6] {
            match &outcome.result {
                Err(failure) => {
                    let failure = failure.clone();
                    let host = shown();
                    return Err(Error::Dns { host, failure });
                }
                Ok(answer) if !answer.is_conclusive() => {
                    let code = super::dns::code_word(answer.code());
                    let host = shown();
                    return Err(Error::Resolver { host, code });
                }
                Ok(_) => {}
            }
        }
        return Err(Error::NoAddress { host: shown() });
    }
    addresses.sort_by_key(IpAddr::is_ipv6);
    // Both families are tried where there are both.
    if let Some(six) = addresses.iter().position(IpAddr::is_ipv6)
        && six >= MAX_ADDRESSES
    {
        addresses.swap(MAX_ADDRESSES - 1, six);
    }
    addresses.truncate(MAX_ADDRESSES);
    Ok(addresses)
}

async fn exchange(
    network: &Network,
    place: &Place,
    address: SocketAddr,
    connection: Connection,
    request: Get<'_>,
) -> Result<Response, Error> {
    let host = || SafeText::from(place.host.as_str());
    let broken = |error: &dyn std::fmt::Display| Error::NotHttp {
        host: host(),
        address,
        why: error.to_string(),
    };
    let (stream, permit) = connection.into_parts();
    let name = place.host.trim_matches(['[', ']']);
    let (stream, tls) =
        tls::connect(network.trust(), stream, name, request.check, &[b"http/1.1"]).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| broken(&error))?;
    let message = hyper::Request::builder()
        .method(Method::GET)
        .uri(place.path.as_str())
        .header(HOST, place.authority())
        .header(USER_AGENT, concat!("smtp-tui/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, request.accept)
        .body(Empty::<Bytes>::new())
        .map_err(|error| broken(&error))?;
    let talk = async {
        let response = sender
            .send_request(message)
            .await
            .map_err(|error| broken(&error))?;
        let (head, body) = response.into_parts();
        let body = Limited::new(body, MAX_BODY)
            .collect()
            .await
            .map_err(|error| {
                if error.is::<http_body_util::LengthLimitError>() {
                    Error::TooLarge { host: host() }
                } else {
                    broken(&error)
                }
            })?
            .to_bytes();
        Ok(Response {
            url: place.url(),
            address,
            status: head.status.as_u16(),
            content_type: header(&head.headers, hyper::header::CONTENT_TYPE),
            location: header(&head.headers, LOCATION),
            body: body.to_vec(),
            tls,
        })
    };
    tokio::pin!(connection);
    let mut ended = false;
    tokio::pin!(talk);
    let response = loop {
        tokio::select! {
            response = &mut talk => break response,
            // Its error, if any, reaches the request too.
            _ = &mut connection, if !ended => ended = true,
        }
    };
    drop(permit);
    response
}

fn header(headers: &HeaderMap, name: hyper::header::HeaderName) -> Option<SafeText> {
    headers
        .get(name)
        .map(|value| SafeText::from_bytes(value.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Transport;
    use crate::net::Way;
    use crate::net::loopback::{Authority, World, http};

    fn wish(url: &str) -> Get<'_> {
        Get {
            url,
            accept: "*/*",
            redirects: 0,
            check: Check::Strict,
        }
    }

    async fn world() -> (World, Dns, Authority) {
        let authority = Authority::new();
        let mut world = World::default();
        let resolver = world
            .resolver("web.example.org A 192.0.2.80\nshut.example.org A 192.0.2.81\nhole.example.org A 192.0.2.82")
            .await;
        let acceptor = authority.acceptor(&["web.example.org"]);
        for at in ["192.0.2.80:443", "192.0.2.80:2096"] {
            world
                .https_server(at, acceptor.clone(), |head| {
                    if head.starts_with("GET /elsewhere ") {
                        "HTTP/1.1 302 Found\r\nlocation: /here?a=b\r\ncontent-length: 0\r\n\r\n".to_owned()
                    } else if head.starts_with("GET /circle ") {
                        "HTTP/1.1 302 Found\r\nlocation: https://web.example.org/circle\r\ncontent-length: 0\r\n\r\n".to_owned()
                    } else if head.starts_with("GET /huge ") {
                        http("200 OK", "text/plain", &"x".repeat(MAX_BODY + 1))
                    } else if head.starts_with("GET /junk ") {
                        "220 mx.example.org ESMTP\r\n".to_owned()
                    } else {
                        http("200 OK", "text/html", head)
                    }
                })
                .await;
        }
        world.lead(Transport::Tcp, "192.0.2.81:443", Way::Refused);
        world.lead(Transport::Tcp, "192.0.2.82:443", Way::Filtered);
        let dns = Dns::new(world.network(authority.trust()), vec![resolver]);
        (world, dns, authority)
    }

    #[tokio::test]
    async fn gets_a_page_at_any_port() {
        let (world, dns, _ca) = world().await;
        let page = get(&dns, wish("https://web.example.org:2096/?x=1"))
            .await
            .unwrap();
        assert_eq!(page.status, 200);
        assert_eq!(page.address, "192.0.2.80:2096".parse().unwrap());
        assert_eq!(page.content_type.as_deref(), Some("text/html"));
        let head = String::from_utf8(page.body).unwrap();
        assert!(head.contains("host: web.example.org:2096"), "{head}");
        assert_eq!(world.heard(), ["GET /?x=1 HTTP/1.1"]);
    }

    #[tokio::test]
    async fn follows_redirects_only_as_far_as_it_is_told() {
        let (_world, dns, _ca) = world().await;
        let url = "https://web.example.org/elsewhere";
        let page = get(&dns, wish(url)).await.unwrap();
        assert_eq!(
            (page.status, page.location.as_deref()),
            (302, Some("/here?a=b"))
        );
        let followed = Get {
            redirects: 3,
            ..wish(url)
        };
        let page = get(&dns, followed).await.unwrap();
        assert_eq!(page.url, "https://web.example.org/here?a=b");
        let circle = Get {
            redirects: 3,
            ..wish("https://web.example.org/circle")
        };
        assert!(matches!(
            get(&dns, circle).await,
            Err(Error::Redirects { .. })
        ));
    }

    #[tokio::test]
    async fn says_what_went_wrong() {
        let (_world, dns, _ca) = world().await;
        for (url, words) in [
            ("http://web.example.org/", "https://"),
            ("https://u:p@web.example.org/", "user name"),
            ("https://none.example.org/", "has no address"),
            ("https://shut.example.org/", "refused"),
            ("https://hole.example.org/", "no answer from 192.0.2.82:443"),
            ("https://web.example.org/huge", "larger than 1024 KiB"),
            ("https://web.example.org/junk", "no HTTP"),
            ("https://192.0.2.80/", "TLS with 192.0.2.80"),
        ] {
            let said = get(&dns, wish(url)).await.unwrap_err().to_string();
            assert!(said.contains(words), "{url}: {said}");
        }
    }

    #[tokio::test]
    async fn a_bad_certificate_can_be_looked_past() {
        let (_world, dns, _ca) = world().await;
        let other = Dns::new(
            dns.network().clone().with_trust(Authority::new().trust()),
            dns.resolvers().to_vec(),
        );
        let url = "https://web.example.org/";
        let error = get(&other, wish(url)).await.unwrap_err();
        assert!(matches!(&error, Error::Tls(tls) if tls.is_about_the_certificate()));
        let page = get(
            &other,
            Get {
                check: Check::Observe,
                ..wish(url)
            },
        )
        .await
        .unwrap();
        assert_eq!(page.status, 200);
        assert!(page.tls.verdict.is_err());
    }
}
