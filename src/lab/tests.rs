//! The world seen from outside, through the same network that the checks use.

use super::{Scenario, World};
use crate::net::dns::{Ask, Dns, Name, RData, RecordType, ResponseCode};
use crate::net::{Clock, Connection, Limits, Network};
use rustls::pki_types::ServerName;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream};

/// A world and the ways to ask it.
struct Visit {
    world: World,
    network: Network,
    dns: Dns,
    domain: String,
}

async fn visit(name: &str) -> Visit {
    visit_at(name, 200).await
}

async fn visit_at(name: &str, speed: u32) -> Visit {
    let scenario = Scenario::find(name).unwrap().unwrap();
    let world = World::start(&scenario, Clock::start(speed)).await.unwrap();
    let network = world.network(Limits::default());
    let dns = Dns::new(network.clone(), world.resolvers().to_vec());
    let domain = scenario.domain;
    Visit {
        world,
        network,
        dns,
        domain,
    }
}

fn name(text: &str) -> Name {
    let mut name = Name::from_ascii(text).unwrap();
    name.set_fqdn(true);
    name
}

impl Visit {
    async fn mx(&self) -> (ResponseCode, Vec<String>) {
        let question = Ask::recursive(name(&self.domain), RecordType::MX);
        let outcome = self.dns.resolve(question).await;
        let answer = outcome.answer().unwrap();
        let mut hosts: Vec<String> = answer
            .records(RecordType::MX)
            .map(|record| match &record.data {
                RData::MX(mx) => mx.exchange.to_ascii(),
                other => panic!("{other} is no MX"),
            })
            .collect();
        hosts.sort();
        (answer.code(), hosts)
    }

    async fn address(&self, host: &str) -> IpAddr {
        self.dns.addresses(&name(host)).await.all()[0]
    }

    async fn connect(&self, host: &str, port: u16) -> Result<Connection, String> {
        let to = SocketAddr::new(self.address(host).await, port);
        let connecting = self.network.connect(to);
        connecting.await.map_err(|error| error.to_string())
    }

    async fn whois(&self, server: &str, query: &str) -> String {
        let mut stream = self.connect(server, 43).await.unwrap().stream;
        stream.write_all(query.as_bytes()).await.unwrap();
        stream.write_all(b"\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    async fn get(&self, host: &str, port: u16, path: &str) -> String {
        let stream = self.connect(host, port).await.unwrap().stream;
        let mut stream = self.tls().connect(server_name(host), stream).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// A client that believes the world's certificates and no others.
    fn tls(&self) -> tokio_rustls::TlsConnector {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(self.world.trust().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Arc::new(config).into()
    }
}

fn server_name(host: &str) -> ServerName<'static> {
    ServerName::try_from(host.to_owned()).unwrap()
}

/// Sends a line, if there is one, and reads a reply to its last line.
async fn dialogue<S>(stream: &mut BufStream<S>, line: &str) -> String
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    if !line.is_empty() {
        stream.write_all(line.as_bytes()).await.unwrap();
        stream.write_all(b"\r\n").await.unwrap();
        stream.flush().await.unwrap();
    }
    let mut reply = String::new();
    loop {
        let start = reply.len();
        if stream.read_line(&mut reply).await.unwrap() == 0 {
            return reply;
        }
        if reply.as_bytes().get(start + 3) != Some(&b'-') {
            return reply;
        }
    }
}

#[tokio::test]
async fn the_root_leads_to_the_nameservers_of_the_domain() {
    let visit = visit("healthy").await;
    let domain = name(&visit.domain);
    let delegation = visit.dns.delegation(&domain, &name("com")).await.unwrap();
    assert_eq!(
        (delegation.zone, delegation.parent),
        (domain.clone(), name("com"))
    );
    assert_eq!(delegation.servers.len(), 2);
    for server in delegation.servers {
        let at = SocketAddr::new(server.glue[0], 53);
        let soa = Ask::direct(domain.clone(), RecordType::SOA);
        for question in [soa.clone(), soa.over_tcp()] {
            let outcome = visit.dns.ask(at, question).await;
            assert!(
                outcome.answer().unwrap().is_authoritative(),
                "{}",
                server.name
            );
        }
    }
}

#[tokio::test]
async fn the_resolver_finds_mail_hosts_and_their_names() {
    let visit = visit("healthy").await;
    let (code, hosts) = visit.mx().await;
    assert_eq!(code, ResponseCode::NoError);
    assert_eq!(hosts.len(), 2);
    for host in [
        "gmail-smtp-in.l.google.com",
        "smtp.mail.yahoo.com",
        "data.iana.org",
    ] {
        assert!(visit.address(host).await.is_ipv4());
    }
    let pointer = Ask::recursive(name("25.112.46.78.in-addr.arpa"), RecordType::PTR);
    let outcome = visit.dns.resolve(pointer).await;
    assert_eq!(outcome.answer().unwrap().message.answers.len(), 1);
    let none = Ask::recursive(name("no-such-name.net"), RecordType::A);
    let outcome = visit.dns.resolve(none).await;
    assert_eq!(outcome.answer().unwrap().code(), ResponseCode::NXDomain);
}

#[tokio::test]
async fn a_mail_host_speaks_smtp_and_tls() {
    let visit = visit("healthy").await;
    let host = format!("mx1.{}", visit.domain);
    let stream = visit.connect(&host, 25).await.unwrap().stream;
    let mut stream = BufStream::new(stream);
    assert!(dialogue(&mut stream, "").await.starts_with("220 mx1."));
    assert!(
        dialogue(&mut stream, "MAIL FROM:<a@b.org>")
            .await
            .starts_with("503")
    );
    assert!(
        dialogue(&mut stream, "EHLO here.org")
            .await
            .contains("STARTTLS")
    );
    assert!(dialogue(&mut stream, "STARTTLS").await.starts_with("220"));
    let tls = visit.tls();
    let secured = tls.connect(server_name(&host), stream.into_inner()).await;
    let mut stream = BufStream::new(secured.unwrap());
    assert!(
        !dialogue(&mut stream, "EHLO here.org")
            .await
            .contains("STARTTLS")
    );
    for (line, code) in [
        ("MAIL FROM: <a@b.org>", "501"),
        ("MAIL FROM:<a@b.org> SIZE=100", "250"),
        ("DATA", "503"),
        ("RCPT TO:<someone@elsewhere.org>", "550 5.7.1"),
        ("RCPT TO:<postmaster>", "250"),
        ("DATA", "354"),
        ("Subject: x\r\n\r\n..dot\r\n.", "250 2.0.0 Ok: queued as"),
        ("RSET", "250"),
        ("NOOP", "250"),
        ("VRFY x", "252"),
        ("HELP", "214-"),
        ("WHAT", "500"),
        ("QUIT", "221"),
    ] {
        let reply = dialogue(&mut stream, line).await;
        assert!(reply.starts_with(code), "{line}: {reply}");
    }
    assert_eq!(dialogue(&mut stream, "").await, "");
}

#[tokio::test]
async fn whois_and_rdap_tell_the_same() {
    let visit = visit("healthy").await;
    let referral = visit.whois("whois.iana.org", "com").await;
    assert!(referral.contains("refer:        whois.verisign-grs.com\r\n"));
    let thin = visit
        .whois(
            "whois.verisign-grs.com",
            &format!("domain {}", visit.domain),
        )
        .await;
    assert!(thin.contains("   Registrar WHOIS Server: whois.harbourmaster-registrar.com\r\n"));
    assert!(thin.contains(&format!("Name Server: NS1.{}", visit.domain.to_uppercase())));
    let full = visit
        .whois("whois.harbourmaster-registrar.com", &visit.domain)
        .await;
    assert!(full.contains(&format!("Name Server: ns2.{}", visit.domain)));
    let host = format!("nameserver ns1.{}", visit.domain);
    let host = visit.whois("whois.verisign-grs.com", &host).await;
    assert!(host.contains("IP Address: 88.198.41.53"), "{host}");

    let list = visit.get("data.iana.org", 443, "/rdap/dns.json").await;
    assert!(list.contains("https://rdap.verisign.com/com/v1/"), "{list}");
    let path = format!("/com/v1/domain/{}", visit.domain);
    let object = visit.get("rdap.verisign.com", 443, &path).await;
    assert!(object.starts_with("HTTP/1.1 200"), "{object}");
    let body = object.split("\r\n\r\n").nth(1).unwrap();
    let object: icann_rdap_common::response::Domain = serde_json::from_str(body).unwrap();
    assert_eq!(object.nameservers().len(), 2);
    let missing = visit
        .get("rdap.verisign.com", 443, "/com/v1/domain/nobody.com")
        .await;
    assert!(missing.starts_with("HTTP/1.1 404"), "{missing}");
    let webmail = visit
        .get(&format!("webmail.{}", visit.domain), 2096, "/")
        .await;
    assert!(webmail.contains("Log in"), "{webmail}");
}

#[tokio::test]
async fn closing_a_world_ends_its_tasks_and_sockets() {
    let visit = visit("healthy").await;
    let to = SocketAddr::new(visit.address("smtp.gmail.com").await, 25);
    let kept = visit.network.connect(to).await.unwrap();
    tokio::time::timeout(Duration::from_secs(5), visit.world.close())
        .await
        .expect("every task ends");
    let mut stream = kept.stream;
    let mut rest = Vec::new();
    // The server's end of the connection is gone: an end or a reset, not silence.
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut rest))
        .await
        .expect("the connection ends");
    assert!(visit.network.connect(to).await.is_err());
}
