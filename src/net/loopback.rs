//! Tiny servers on loopback for the tests of this crate.
#![expect(
    clippy::disallowed_methods,
    reason = "servers of tests bind sockets of their own"
)]

use super::{Clock, Limits, Network, Routes, Transport, Way};
use crate::net::tls::{Trust, provider};
use hickory_resolver::proto::op::{Message, MessageType, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, MX, SRV};
use hickory_resolver::proto::rr::{Name, RData, Record};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio_rustls::TlsAcceptor;

/// A certificate authority made for one test.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn trust(&self) -> Trust {
        let der: &CertificateDer<'static> = self.0.der();
        Trust::only(der.clone())
    }

    pub(crate) fn acceptor(&self, names: &[&str]) -> TlsAcceptor {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(names)
            .unwrap()
            .signed_by(&key, &self.0)
            .unwrap();
        let config = rustls::ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }
}

/// Routes that a test fills, and what its servers heard.
#[derive(Default)]
pub(crate) struct World {
    table: HashMap<(Transport, SocketAddr), Way>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl World {
    pub(crate) fn lead(&mut self, transport: Transport, from: &str, way: Way) {
        self.table.insert((transport, from.parse().unwrap()), way);
    }

    /// Requests that reached the servers so far, without their line ends.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    async fn listen(&mut self, at: &str) -> TcpListener {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let here = listener.local_addr().unwrap();
        self.lead(Transport::Tcp, at, Way::To(here));
        listener
    }

    /// A server that answers the first line of each connection and closes it.
    pub(crate) async fn line_server(
        &mut self,
        at: &str,
        answer: impl Fn(&str) -> String + Send + Sync + 'static,
    ) {
        let listener = self.listen(at).await;
        let heard = Arc::clone(&self.heard);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let line = read_until(&mut stream, b"\r\n").await;
                heard.lock().unwrap().push(line.trim().to_owned());
                let _ = stream.write_all(answer(line.trim()).as_bytes()).await;
            }
        });
    }

    /// An SMTP server: `answer` gets each line, whether TLS is up, and gives the whole reply;
    /// the empty line stands for the greeting, an empty answer hangs up. A 220 to STARTTLS is
    /// followed by a handshake.
    pub(crate) async fn smtp_server(
        &mut self,
        at: &str,
        acceptor: TlsAcceptor,
        answer: impl Fn(&str, bool) -> String + Send + Sync + 'static,
    ) {
        let listener = self.listen(at).await;
        let heard = Arc::clone(&self.heard);
        let tls_first = at.ends_with(":465");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream: Box<dyn Stream> = Box::new(stream);
                let mut tls = false;
                let mut line = String::new();
                if tls_first {
                    let Ok(secured) = acceptor.accept(stream).await else {
                        continue;
                    };
                    stream = Box::new(secured);
                    tls = true;
                }
                loop {
                    let reply = answer(&line, tls);
                    if stream.write_all(reply.as_bytes()).await.is_err() || reply.is_empty() {
                        break;
                    }
                    if line == "STARTTLS" && reply.starts_with("220") {
                        let Ok(secured) = acceptor.accept(stream).await else {
                            break;
                        };
                        stream = Box::new(secured);
                        tls = true;
                    }
                    line = read_until(&mut stream, b"\r\n").await.trim().to_owned();
                    if line.is_empty() {
                        break;
                    }
                    heard.lock().unwrap().push(line.clone());
                }
            }
        });
    }

    /// A server that takes connections and says nothing.
    pub(crate) async fn mute_server(&mut self, at: &str) {
        let listener = self.listen(at).await;
        tokio::spawn(async move {
            let mut open: Vec<TcpStream> = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.push(stream);
            }
        });
    }

    /// An HTTPS server; `answer` gets the request head and gives the whole response.
    pub(crate) async fn https_server(
        &mut self,
        at: &str,
        acceptor: TlsAcceptor,
        answer: impl Fn(&str) -> String + Send + Sync + 'static,
    ) {
        let listener = self.listen(at).await;
        let heard = Arc::clone(&self.heard);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let request = read_until(&mut stream, b"\r\n\r\n").await;
                let first = request.lines().next().unwrap_or_default().to_owned();
                heard.lock().unwrap().push(first);
                let _ = stream.write_all(answer(&request).as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
    }

    /// A resolver at 192.0.2.53 that knows the given records, a line each (`name A address`,
    /// `name AAAA address`, `name MX preference target`, `name SRV priority weight port
    /// target`), and says of every other name that there is none.
    pub(crate) async fn resolver(&mut self, records: &str) -> SocketAddr {
        let records: Vec<Record> = records.lines().filter_map(record).collect();
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let at: SocketAddr = "192.0.2.53:53".parse().unwrap();
        let here = socket.local_addr().unwrap();
        self.table.insert((Transport::Udp, at), Way::To(here));
        tokio::spawn(async move {
            let mut bytes = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut bytes).await {
                let Ok(mut message) = Message::from_vec(&bytes[..length]) else {
                    continue;
                };
                message.metadata.message_type = MessageType::Response;
                let query = message.queries[0].clone();
                message.answers = records
                    .iter()
                    .filter(|record| {
                        record.name == *query.name() && record.record_type() == query.query_type()
                    })
                    .cloned()
                    .collect();
                if !records.iter().any(|record| record.name == *query.name()) {
                    message.metadata.response_code = ResponseCode::NXDomain;
                }
                let _ = socket.send_to(&message.to_vec().unwrap(), from).await;
            }
        });
        at
    }

    pub(crate) fn network(&self, trust: Trust) -> Network {
        let limits = Limits::default().at_most(Duration::from_secs(2));
        let routes = Routes::Table(Arc::new(self.table.clone()));
        Network::new(routes, Clock::start(4), limits, None).with_trust(trust)
    }
}

trait Stream: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send {}
impl<T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send> Stream for T {}

async fn read_until(stream: &mut (impl tokio::io::AsyncRead + Unpin), end: &[u8]) -> String {
    let mut got = Vec::new();
    let mut byte = [0];
    while !got.ends_with(end) && matches!(stream.read(&mut byte).await, Ok(1)) {
        got.push(byte[0]);
    }
    String::from_utf8_lossy(&got).into_owned()
}

fn record(line: &str) -> Option<Record> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let name = |text: &str| {
        let mut name = Name::from_ascii(text).unwrap();
        name.set_fqdn(true);
        name
    };
    let data = match words[..] {
        [_, "A", address] => RData::A(A(address.parse().unwrap())),
        [_, "AAAA", address] => RData::AAAA(AAAA(address.parse().unwrap())),
        [_, "MX", preference, target] => {
            RData::MX(MX::new(preference.parse().unwrap(), name(target)))
        }
        [_, "SRV", priority, weight, port, target] => RData::SRV(SRV::new(
            priority.parse().unwrap(),
            weight.parse().unwrap(),
            port.parse().unwrap(),
            name(target),
        )),
        _ => return None,
    };
    Some(Record::from_rdata(name(words[0]), 300, data))
}

/// An HTTP response with a body.
pub(crate) fn http(status: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}
