use super::*;
use crate::net::loopback::World;
use crate::net::tls::Trust;
use crate::net::{Transport, Way};

const NAMES: &str = "whois.verisign-grs.com A 192.0.2.1
whois.registrar.example A 192.0.2.2
whois.iana.org A 192.0.2.3
whois.nic.invalid A 192.0.2.4
whois.nic.shop A 192.0.2.5
whois.denic.de A 192.0.2.6
whois.nic.uk A 192.0.2.7";

fn name(text: &str) -> Name {
    Name::from_ascii(text).unwrap()
}

async fn world() -> (World, SocketAddr) {
    let mut world = World::default();
    let resolver = world.resolver(NAMES).await;
    world
        .line_server("192.0.2.1:43", |query| match query {
            "domain example.com" => "   Domain Name: EXAMPLE.COM\r\n   Registrar WHOIS Server: http://Whois.Registrar.example/\r\n".into(),
            "nameserver ns1.example.com" => "   Server Name: NS1.EXAMPLE.COM\r\n   IP Address: 192.0.2.53\r\n".into(),
            _ => "No match\r\n".into(),
        })
        .await;
    world
        .line_server("192.0.2.2:43", |_| {
            // It refers to itself, which must not be followed.
            "\r\nDomain Name: example.com\r\nRegistrar WHOIS Server: whois.registrar.example\r\nRegistrar: \x1b[2J\r\n\r\n".into()
        })
        .await;
    world
        .line_server("192.0.2.3:43", |query| match query {
            "invalid" => "domain: INVALID\nrefer:        whois.nic.invalid\nwhois: other\n".into(),
            "shop" => "whois:        whois.nic.invalid\n".into(),
            _ => "% This query returned 0 objects.\n".into(),
        })
        .await;
    world
        .line_server("192.0.2.4:43", |query| format!("you asked: {query}\n"))
        .await;
    world.lead(Transport::Tcp, "192.0.2.6:43", Way::Filtered);
    world.mute_server("192.0.2.7:43").await;
    (world, resolver)
}

async fn asked(text: &str) -> Vec<Asked> {
    let (world, resolver) = world().await;
    let dns = Dns::new(world.network(Trust::platform()), vec![resolver]);
    domain(&dns, &name(text)).await
}

#[tokio::test]
async fn the_registrar_is_asked_too_and_not_twice() {
    let asked = asked("Example.com.").await;
    let roles: Vec<Role> = asked.iter().map(|asked| asked.role).collect();
    assert_eq!(roles, [Role::Registry, Role::Registrar]);
    assert_eq!(asked[0].query, "domain example.com");
    assert_eq!(asked[1].server, "whois.registrar.example");
    let lines = asked[1].result.as_ref().unwrap();
    assert_eq!(lines[0], "Domain Name: example.com");
    assert_eq!(lines.last().unwrap(), &r"Registrar: \x1b[2J");
    assert_eq!(
        asked[0].by_hand(),
        "whois -h whois.verisign-grs.com \"domain example.com\""
    );
}

#[tokio::test]
async fn iana_is_asked_for_what_is_not_listed() {
    let asked = asked("example.invalid").await;
    assert_eq!(asked.len(), 2);
    assert_eq!((asked[0].role, &*asked[0].query), (Role::Iana, "invalid"));
    assert_eq!(
        asked[1].result.as_ref().unwrap(),
        &["you asked: example.invalid"]
    );
}

#[tokio::test]
async fn a_server_that_left_the_dns_is_looked_up_at_iana() {
    let mut world = World::default();
    let resolver = world
        .resolver("whois.iana.org A 192.0.2.3\nwhois.nic.invalid A 192.0.2.4")
        .await;
    world
        .line_server("192.0.2.3:43", |_| "whois: whois.nic.invalid\n".into())
        .await;
    world
        .line_server("192.0.2.4:43", |query| format!("{query}\n"))
        .await;
    let dns = Dns::new(world.network(Trust::platform()), vec![resolver]);
    let asked = domain(&dns, &name("example.shop")).await;
    assert!(asked[0].result.is_err());
    assert_eq!(asked[2].server, "whois.nic.invalid");
    assert_eq!(asked[2].result.as_ref().unwrap(), &["example.shop"]);
}

#[tokio::test]
async fn failures_say_to_whom_and_what() {
    for (domain, words) in [
        ("example.de", "no answer from 192.0.2.6:43"),
        (
            "example.co.uk",
            "whois.nic.uk (192.0.2.7:43) did not finish",
        ),
        ("example.test", ".test: no WHOIS server"),
        ("example.shop", "192.0.2.5:43"),
    ] {
        let asked = asked(domain).await;
        let error = asked.last().unwrap().result.as_ref().unwrap_err();
        assert!(error.to_string().contains(words), "{domain}: {error}");
    }
}

#[tokio::test]
async fn a_registered_host_is_asked_for_by_its_word() {
    let (world, resolver) = world().await;
    let dns = Dns::new(world.network(Trust::platform()), vec![resolver]);
    let asked = nameserver(&dns, &name("ns1.example.com")).await;
    assert_eq!(asked.len(), 1);
    assert!(asked[0].result.as_ref().unwrap()[1].contains("192.0.2.53"));
}

#[test]
fn referrals_are_host_names_and_nothing_else() {
    assert_eq!(
        host(" whois.example.com (see below)").as_deref(),
        Some("whois.example.com")
    );
    assert_eq!(
        host("rwhois://whois.example.com:4321/x").as_deref(),
        Some("whois.example.com")
    );
    for wrong in ["", "localhost", "a b", "x'.example", "http://"] {
        assert_eq!(host(wrong), None, "{wrong}");
    }
}
