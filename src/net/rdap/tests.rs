use super::response::ObjectCommonFields as _;
use super::*;
use crate::net::loopback::{Authority, World, http};

const RDAP: &str = "application/rdap+json";

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

/// A bootstrap file, a registry for `example`, and a registrar.
async fn world() -> (World, Dns) {
    let authority = Authority::new();
    let mut world = World::default();
    let resolver = world
        .resolver("data.iana.org A 192.0.2.1\nrdap.registry.example A 192.0.2.2\nrdap.registrar.example A 192.0.2.3")
        .await;
    let acceptor = |host| authority.acceptor(&[host]);
    world
        .https_server("192.0.2.1:443", acceptor("data.iana.org"), |_| {
            http("200 OK", "application/json", r#"{"version":"1.0","services":[[["example"],["https://rdap.registry.example/v1/"]]]}"#)
        })
        .await;
    world
        .https_server("192.0.2.2:443", acceptor("rdap.registry.example"), |head| {
            let path = head.split(' ').nth(1).unwrap_or_default();
            match path {
                "/v1/domain/fine.example" => http("200 OK", RDAP, r#"{"objectClassName":"domain","ldhName":"FINE.EXAMPLE","status":["client hold"],
                    "links":[{"rel":"related","type":"application/rdap+json","href":"https://rdap.registrar.example/domain/fine.example"}]}"#),
                "/v1/domain/alone.example" => http("200 OK", RDAP, r#"{"objectClassName":"domain","ldhName":"ALONE.EXAMPLE",
                    "links":[{"rel":"related","type":"application/rdap+json","href":"https://rdap.registry.example/v1/domain/alone.example"}]}"#),
                "/v1/domain/often.example" => http("429 Too Many Requests", "text/plain", "slow down"),
                "/v1/domain/ill.example" => http("503 Service Unavailable", "text/html", "<p>"),
                "/v1/domain/page.example" => http("200 OK", "text/html", "<html>"),
                "/v1/nameserver/ns1.fine.example" => http("200 OK", RDAP, r#"{"objectClassName":"nameserver","ldhName":"ns1.fine.example","ipAddresses":{"v4":["192.0.2.53"]}}"#),
                _ => http("404 Not Found", RDAP, r#"{"errorCode":404,"title":"\u001b[2Jnone"}"#),
            }
        })
        .await;
    world
        .https_server("192.0.2.3:443", acceptor("rdap.registrar.example"), |_| {
            http("404 Not Found", RDAP, "")
        })
        .await;
    let dns = Dns::new(world.network(authority.trust()), vec![resolver]);
    (world, dns)
}

#[tokio::test]
async fn the_registrar_is_asked_too_and_its_404_is_its_own() {
    let (world, dns) = world().await;
    let asked = domain(&dns, &name("Fine.example.")).await;
    assert_eq!(asked.len(), 2);
    let Ok(Reply::Domain(domain)) = &asked[0].result else {
        panic!("{:?}", asked[0].result);
    };
    assert_eq!(domain.status(), ["client hold"]);
    assert_eq!(asked[1].role, Role::Registrar);
    assert!(matches!(asked[1].result, Ok(Reply::NotFound)));
    assert_eq!(
        world.heard(),
        [
            "GET /rdap/dns.json HTTP/1.1",
            "GET /v1/domain/fine.example HTTP/1.1",
            "GET /domain/fine.example HTTP/1.1"
        ]
    );
}

#[tokio::test]
async fn what_comes_is_told_apart() {
    let (_world, dns) = world().await;
    let none = domain(&dns, &name("none.example")).await;
    assert!(matches!(none[0].result, Ok(Reply::NotFound)));
    assert!(none[0].lines.iter().all(|line| !line.contains('\x1b')));
    assert_eq!(domain(&dns, &name("alone.example")).await.len(), 1);
    for (asked_for, words) in [
        ("often.example", "come back later"),
        ("ill.example", "status 503"),
        ("page.example", "no RDAP"),
        ("x.invalid", "no RDAP server is known for .invalid"),
    ] {
        let asked = domain(&dns, &name(asked_for)).await;
        let error = asked[0].result.as_ref().unwrap_err().to_string();
        assert!(error.contains(words), "{asked_for}: {error}");
    }
}

#[tokio::test]
async fn a_nameserver_has_its_registered_addresses() {
    let (_world, dns) = world().await;
    let asked = nameserver(&dns, &name("ns1.fine.example")).await;
    let Ok(Reply::Nameserver(host)) = asked.result else {
        panic!("{:?}", asked.result);
    };
    assert_eq!(host.ip_addresses().unwrap().v4s(), ["192.0.2.53"]);
}

#[tokio::test]
async fn without_iana_the_shipped_list_is_used() {
    let mut world = World::default();
    let resolver = world.resolver("").await;
    let dns = Dns::new(world.network(Authority::new().trust()), vec![resolver]);
    let asked = domain(&dns, &name("example.com")).await;
    assert_eq!(
        asked[0].url,
        "https://rdap.verisign.com/com/v1/domain/example.com"
    );
    let asked = domain(&dns, &name("example.invalid")).await;
    let error = asked[0].result.as_ref().unwrap_err().to_string();
    assert!(error.contains("data.iana.org has no address"), "{error}");
}
