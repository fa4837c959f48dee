//! NSD, an authoritative nameserver.

use super::{Server, free_port, installed};
use smtp_tui::net::Network;
use smtp_tui::net::dns::{Ask, Dns, Name, RecordType, ResponseCode};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

const ZONE: &str = "$ORIGIN example.org.
$TTL 3600
@ SOA ns1 hostmaster 2026112401 7200 3600 1209600 3600
@ NS ns1
@ MX 10 mx
ns1 A 127.0.0.1
mx A 192.0.2.25
";

/// Starts one with this zone, with its files in `folder`; it ends with the test.
pub(super) fn start(
    program: &Path,
    folder: &Path,
    zone: (&str, &str),
    (address, port): (&str, u16),
) -> Server {
    let (name, text) = zone;
    std::fs::write(folder.join(name), text).expect("written");
    let dir = folder.display();
    let config = folder.join("nsd.conf");
    std::fs::write(
        &config,
        format!(
            "server:
  ip-address: {address}@{port}
  username: \"\"
  chroot: \"\"
  zonesdir: \"{dir}\"
  pidfile: \"{dir}/nsd.pid\"
  xfrdfile: \"{dir}/xfrd.state\"
  xfrdir: \"{dir}\"
  zonelistfile: \"{dir}/zone.list\"
  server-count: 1
remote-control:
  control-enable: no
zone:
  name: {name}
  zonefile: {name}
"
        ),
    )
    .expect("written");
    let mut server = Server::start(Command::new(program).arg("-d").arg("-c").arg(&config));
    server.listens_at(address, port);
    server
}

#[tokio::test]
async fn nsd_is_understood_over_udp_and_tcp() {
    let Some(nsd) = installed(&["nsd"]) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let port = free_port();
    let zone = ("example.org", ZONE);
    let _server = start(&nsd, folder.path(), zone, ("127.0.0.1", port));
    let at = SocketAddr::from(([127, 0, 0, 1], port));
    let dns = Dns::new(Network::internet(), vec![at]);
    let name = |text: &str| Name::from_ascii(text).expect("a name");
    for tcp in [false, true] {
        let mut ask = Ask::direct(name("example.org."), RecordType::MX);
        if tcp {
            ask = ask.over_tcp();
        }
        let outcome = dns.ask(at, ask).await;
        let answer = outcome.answer().expect("an answer");
        assert!(answer.is_authoritative());
        assert_eq!(answer.records(RecordType::MX).count(), 1, "tcp: {tcp}");
    }
    let soa = dns
        .ask(at, Ask::direct(name("example.org."), RecordType::SOA))
        .await;
    let lines = soa.answer().expect("an answer").lines();
    assert!(
        lines.iter().any(|line| line.contains("2026112401")),
        "{lines:?}"
    );
    let none = dns
        .ask(at, Ask::direct(name("no.example.org."), RecordType::A))
        .await;
    assert_eq!(
        none.answer().expect("an answer").code(),
        ResponseCode::NXDomain
    );
    // Another's zone: lame.
    let lame = dns
        .ask(at, Ask::direct(name("example.net."), RecordType::SOA))
        .await;
    assert_eq!(
        lame.answer().expect("an answer").code(),
        ResponseCode::Refused
    );
}
