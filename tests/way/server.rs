//! A mail server and a SOCKS5 proxy on loopback, each for one connection.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion,
};
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How long one side of a test waits for the other.
const PATIENCE: Duration = Duration::from_secs(30);

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

static AUTHORITIES: AtomicUsize = AtomicUsize::new(1);

/// A certificate authority of one test.
pub(super) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(super) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Under one name two authorities are one with a wrong signature.
        let number = AUTHORITIES.fetch_add(1, Ordering::Relaxed);
        let name = format!("authority {number}");
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("an authority"))
    }

    pub(super) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for that name, and its key, both as PEM.
    pub(super) fn pair(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
        let certificate = params.signed_by(&key, &self.0).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }

    fn roots(&self) -> Arc<RootCertStore> {
        let der: &CertificateDer<'static> = self.0.der();
        let mut roots = RootCertStore::empty();
        roots.add(der.clone()).expect("a root");
        Arc::new(roots)
    }
}

/// The server's side of TLS.
pub(super) struct Tls {
    pub(super) config: Arc<ServerConfig>,
    /// The server's certificate, as PEM.
    pub(super) pem: String,
}

impl Tls {
    pub(super) fn new(authority: &Authority, name: &str) -> Self {
        Self::with(authority, name, rustls::ALL_VERSIONS, None)
    }

    pub(super) fn with(
        authority: &Authority,
        name: &str,
        versions: &[&'static SupportedProtocolVersion],
        clients: Option<&Authority>,
    ) -> Self {
        use rustls::pki_types::pem::PemObject as _;
        let (pem, key) = authority.pair(name);
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).expect("a certificate");
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("a key");
        let builder = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(versions)
            .expect("versions");
        let builder = match clients {
            Some(clients) => builder.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(clients.roots(), provider())
                    .build()
                    .expect("a verifier"),
            ),
            None => builder.with_no_client_auth(),
        };
        let config = builder
            .with_single_cert(vec![certificate], key)
            .expect("a configuration");
        Self {
            config: Arc::new(config),
            pem,
        }
    }
}

/// When the server is inside TLS.
#[derive(Clone)]
pub(super) enum When {
    Never,
    StartTls(Arc<ServerConfig>),
    OnConnect(Arc<ServerConfig>),
}

/// What the server saw of its one client.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) peer: Option<SocketAddr>,
    /// The PROXY header.
    pub(super) header: Vec<u8>,
    pub(super) clear: Vec<String>,
    pub(super) inside: Vec<String>,
    pub(super) handshake: bool,
    pub(super) sni: Option<String>,
    pub(super) client_certificates: usize,
}

pub(super) struct Server {
    pub(super) port: u16,
    thread: JoinHandle<Heard>,
}

impl Server {
    pub(super) fn start(when: When) -> Self {
        Self::behind(when, None)
    }

    /// Reads a PROXY header first, where its version is given.
    pub(super) fn behind(when: When, header: Option<u8>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
        let port = listener.local_addr().expect("an address").port();
        let thread = thread::spawn(move || {
            let (mut stream, peer) = listener.accept().expect("a client");
            stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
            let mut heard = Heard {
                peer: Some(peer),
                header: match header {
                    Some(1) => line(&mut stream).expect("a line"),
                    Some(_) => binary_header(&mut stream).expect("a header"),
                    None => Vec::new(),
                },
                ..Heard::default()
            };
            // Each side may break off; what was heard so far is what counts.
            let _ = serve(stream, when, &mut heard);
            heard
        });
        Self { port, thread }
    }

    pub(super) fn at(&self, host: &str) -> String {
        format!("{host}:{}", self.port)
    }

    pub(super) fn heard(self) -> Heard {
        self.thread.join().expect("the server")
    }
}

fn serve(mut stream: TcpStream, when: When, heard: &mut Heard) -> io::Result<()> {
    let config = match when {
        When::Never => return converse(&mut stream, true, false, &mut heard.clear).map(drop),
        When::StartTls(config) => {
            if !converse(&mut stream, true, true, &mut heard.clear)? {
                return Ok(());
            }
            config
        }
        When::OnConnect(config) => {
            let stream = shake_hands(stream, config, heard)?;
            return inside(stream, true, heard);
        }
    };
    let stream = shake_hands(stream, config, heard)?;
    inside(stream, false, heard)
}

type Encrypted = StreamOwned<ServerConnection, TcpStream>;

fn shake_hands(
    mut stream: TcpStream,
    config: Arc<ServerConfig>,
    heard: &mut Heard,
) -> io::Result<Encrypted> {
    let mut session = ServerConnection::new(config).expect("a session");
    while session.is_handshaking() {
        // The alert goes out, where there is one.
        if let Err(error) = session.complete_io(&mut stream) {
            let _ = session.complete_io(&mut stream);
            // With something unread the system would take the alert back.
            let _ = stream.shutdown(Shutdown::Write);
            let _ = io::copy(&mut stream, &mut io::sink());
            return Err(error);
        }
    }
    heard.handshake = true;
    heard.sni = session.server_name().map(str::to_owned);
    heard.client_certificates = session.peer_certificates().map_or(0, <[_]>::len);
    Ok(StreamOwned::new(session, stream))
}

fn inside(mut stream: Encrypted, greets: bool, heard: &mut Heard) -> io::Result<()> {
    converse(&mut stream, greets, false, &mut heard.inside)?;
    stream.conn.send_close_notify();
    stream.flush()
}

/// Answers until QUIT, the end, or STARTTLS, where it is offered; true for that.
pub(super) fn converse(
    stream: &mut (impl Read + Write),
    greets: bool,
    starttls: bool,
    heard: &mut Vec<String>,
) -> io::Result<bool> {
    if greets {
        stream.write_all(b"220 mx.example.test\r\n")?;
        stream.flush()?;
    }
    loop {
        let said = String::from_utf8_lossy(&line(stream)?)
            .trim_end()
            .to_owned();
        if said.is_empty() {
            return Ok(false);
        }
        let verb = said.split(' ').next().unwrap_or_default().to_owned();
        heard.push(said);
        let answer: &[u8] = match verb.as_str() {
            "EHLO" if starttls => b"250-mx.example.test\r\n250 STARTTLS\r\n",
            "STARTTLS" if starttls => b"220 go\r\n",
            "EHLO" | "MAIL" | "RCPT" | "RSET" => b"250 ok\r\n",
            "QUIT" => b"221 bye\r\n",
            _ => b"500 what\r\n",
        };
        stream.write_all(answer)?;
        stream.flush()?;
        match verb.as_str() {
            "STARTTLS" if starttls => return Ok(true),
            "QUIT" => return Ok(false),
            _ => {}
        }
    }
}

/// With its end; nothing of what follows is taken from the stream.
fn line(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut octet = [0];
    while line.last() != Some(&b'\n') && stream.read(&mut octet)? == 1 {
        line.push(octet[0]);
    }
    Ok(line)
}

fn binary_header(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut header = vec![0; 16];
    stream.read_exact(&mut header)?;
    let length = u16::from_be_bytes([header[14], header[15]]);
    let mut rest = vec![0; length.into()];
    stream.read_exact(&mut rest)?;
    header.append(&mut rest);
    Ok(header)
}

/// What a SOCKS5 proxy was asked for (RFC 1928, RFC 1929).
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) methods: Vec<u8>,
    pub(super) login: Option<(String, String)>,
    /// The type of the address, the address, the port.
    pub(super) target: Option<(u8, String, u16)>,
}

pub(super) struct Socks {
    pub(super) port: u16,
    thread: JoinHandle<Wish>,
}

impl Socks {
    /// A proxy that wants that login, says `answer` to the request, and talks as the mail server
    /// behind it where that is 0, granted.
    pub(super) fn start(login: Option<(&'static str, &'static str)>, answer: u8) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a socket");
        let port = listener.local_addr().expect("an address").port();
        let thread = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a client");
            stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
            let mut wish = Wish::default();
            let _ = relay(&mut stream, login, answer, &mut wish);
            wish
        });
        Self { port, thread }
    }

    pub(super) fn wish(self) -> Wish {
        self.thread.join().expect("the proxy")
    }
}

fn counted(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut count = [0];
    stream.read_exact(&mut count)?;
    let mut octets = vec![0; count[0].into()];
    stream.read_exact(&mut octets)?;
    Ok(octets)
}

fn relay(
    stream: &mut TcpStream,
    login: Option<(&str, &str)>,
    answer: u8,
    wish: &mut Wish,
) -> io::Result<()> {
    let mut version = [0];
    stream.read_exact(&mut version)?;
    wish.methods = counted(stream)?;
    let method = if login.is_some() { 2 } else { 0 };
    if !wish.methods.contains(&method) {
        return stream.write_all(&[5, 0xff]);
    }
    stream.write_all(&[5, method])?;
    if let Some((user, password)) = login {
        stream.read_exact(&mut version)?;
        let text = |octets| String::from_utf8(octets).expect("UTF-8");
        let given = (text(counted(stream)?), text(counted(stream)?));
        let right = given.0 == user && given.1 == password;
        wish.login = Some(given);
        stream.write_all(&[1, u8::from(!right)])?;
        if !right {
            return Ok(());
        }
    }
    let mut head = [0; 4];
    stream.read_exact(&mut head)?;
    let host = match head[3] {
        1 => {
            let mut octets = [0; 4];
            stream.read_exact(&mut octets)?;
            std::net::Ipv4Addr::from(octets).to_string()
        }
        _ => String::from_utf8_lossy(&counted(stream)?).into_owned(),
    };
    let mut port = [0; 2];
    stream.read_exact(&mut port)?;
    wish.target = Some((head[3], host, u16::from_be_bytes(port)));
    stream.write_all(&[5, answer, 0, 1, 0, 0, 0, 0, 0, 0])?;
    if answer == 0 {
        converse(stream, true, false, &mut Vec::new())?;
    }
    Ok(())
}
