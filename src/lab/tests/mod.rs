//! The world seen from outside, through the same network that the checks use.

mod dns;
mod dnssec;
mod mail;
mod registry;

use super::{Scenario, World};
use crate::net::dns::{Ask, Dns, Name, RData, RecordType, ResponseCode};
use crate::net::{Clock, Connection, Limits, Network};
use rustls::pki_types::ServerName;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufStream};

/// Time limits that a busy machine does not run into, even where the clock runs fast.
const PATIENT: Limits = Limits {
    connections: 64,
    connect: Duration::from_secs(10),
    dns: Duration::from_mins(2),
    fetch: Duration::from_mins(2),
    greeting: Duration::from_mins(5),
    command: Duration::from_mins(5),
};

/// A world and the ways to ask it.
struct Visit {
    world: World,
    network: Network,
    dns: Dns,
    domain: String,
}

/// Real time, so that a busy machine does not run into the world's time limits.
async fn visit(name: &str) -> Visit {
    visit_at(name, 1).await
}

async fn visit_at(name: &str, speed: u32) -> Visit {
    enter(&Scenario::find(name).unwrap().unwrap(), speed).await
}

/// A world that no file tells of. `world` is that part of a scenario, indented by two.
async fn visit_world(world: &str, speed: u32) -> Visit {
    let text = format!(
        "name: x\ntitle: x\nstory: x\ndomain: rain.org\nworld:\n{world}\n\
         expect: {{status: healthy, cause: none}}\nexplanation: x\n"
    );
    enter(&Scenario::from_yaml(&text).unwrap(), speed).await
}

async fn enter(scenario: &Scenario, speed: u32) -> Visit {
    let world = World::start(scenario, Clock::start(speed)).await.unwrap();
    let network = world.network(PATIENT);
    let dns = Dns::new(network.clone(), world.resolvers().to_vec());
    Visit {
        world,
        network,
        dns,
        domain: scenario.domain.clone(),
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

#[tokio::test]
async fn every_world_starts_and_answers() {
    for scenario in Scenario::all().unwrap() {
        let story = scenario.name.clone();
        let world = World::start(&scenario, Clock::start(scenario.speed))
            .await
            .unwrap_or_else(|error| panic!("{story}: {error}"));
        let dns = Dns::new(world.network(PATIENT), world.resolvers().to_vec());
        let question = Ask::recursive(name("gmail.com"), RecordType::MX);
        let answered = dns.resolve(question).await.answer().is_some();
        assert_eq!(answered, story != "offline", "{story}");
    }
}

#[tokio::test]
async fn ports_are_open_closed_or_silent_as_the_story_has_it() {
    let here = visit_at("one-host-filtered", 10).await;
    let first = format!("mx1.{}", here.domain);
    let silence = here.connect(&first, 25).await.unwrap_err();
    assert!(silence.contains("no answer"), "{silence}");
    assert!(here.connect(&first, 587).await.is_ok());
    let second = format!("mx2.{}", here.domain);
    assert!(here.connect(&second, 25).await.is_ok());

    let here = visit("port-25-closed").await;
    let refusal = here.connect(&format!("mx1.{}", here.domain), 25).await;
    assert!(refusal.unwrap_err().contains("refused"));

    let here = visit_at("port-25-blocked-here", 10).await;
    for host in ["gmail-smtp-in.l.google.com", "mta5.am0.yahoodns.net"] {
        assert!(
            here.connect(host, 25)
                .await
                .unwrap_err()
                .contains("no answer")
        );
        assert!(here.connect(host, 587).await.is_ok());
    }

    let here = visit("offline").await;
    let anyone = "142.250.110.26:25".parse().unwrap();
    let error = here.network.connect(anyone).await.unwrap_err();
    assert!(error.to_string().contains("no way"), "{error}");
}

#[tokio::test]
async fn what_may_be_shut_can_be_shut() {
    let here = visit_world(
        "  server: {webmail: filtered, submission: {ports: closed}}\n  \
         registry: {whois: filtered, rdap: closed}",
        10,
    )
    .await;
    for (host, port, words) in [
        ("webmail.rain.org", 2096, "no answer"),
        ("mail.rain.org", 587, "refused"),
        ("whois.publicinterestregistry.org", 43, "no answer"),
        ("rdap.publicinterestregistry.org", 443, "refused"),
    ] {
        let error = here.connect(host, port).await.unwrap_err();
        assert!(error.contains(words), "{host}: {error}");
    }
    assert!(here.connect("whois.verisign-grs.com", 43).await.is_ok());
}
