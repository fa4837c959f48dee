//! TLS: by whose word a certificate is believed, and handshakes that remember what they saw.
//!
//! [`Check::Strict`] ends a handshake whose certificate does not verify, as HTTPS demands.
//! [`Check::Observe`] finishes it and gives the verdict beside it: delivery of mail takes such
//! certificates (RFC 3207 section 4.1, RFC 7435), so a bad one is to be reported, not fatal.
//! A server that cannot prove that it holds its certificate's key fails both.

use super::certificate::valid_moment;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    AlertDescription, CertificateError, CipherSuite, ClientConfig, DigitallySignedStruct,
    PeerIncompatible, ProtocolVersion, RootCertStore, SignatureScheme,
};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The one provider of cryptography. It is always passed on, so nothing hangs on a default
/// that some other part of the process may or may not have set.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    Arc::clone(PROVIDER.get_or_init(|| Arc::new(rustls::crypto::ring::default_provider())))
}

/// By which authorities certificates are judged. Cloning shares what has been loaded.
#[derive(Clone)]
pub struct Trust {
    roots: Roots,
    verifier: Arc<OnceLock<Result<Arc<dyn ServerCertVerifier>, rustls::Error>>>,
}

#[derive(Clone)]
enum Roots {
    Platform,
    Only(CertificateDer<'static>),
}

impl Trust {
    /// The authorities that this machine trusts; on Unix the environment variables
    /// `SSL_CERT_FILE` and `SSL_CERT_DIR` name others. They are loaded when first needed.
    pub fn platform() -> Self {
        Self {
            roots: Roots::Platform,
            verifier: Arc::default(),
        }
    }

    /// One authority and no other: that of the practice world.
    pub fn only(authority: CertificateDer<'static>) -> Self {
        Self {
            roots: Roots::Only(authority),
            verifier: Arc::default(),
        }
    }

    /// The verifier of these roots. The error says why no root could be loaded.
    fn verifier(&self) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
        self.verifier.get_or_init(|| self.roots.load()).clone()
    }
}

impl Roots {
    fn load(&self) -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
        match self {
            Self::Platform => Ok(Arc::new(rustls_platform_verifier::Verifier::new(
                provider(),
            )?)),
            Self::Only(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.clone())?;
                let verifier =
                    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider())
                        .build()
                        .map_err(|error| rustls::Error::General(error.to_string()))?;
                Ok(verifier)
            }
        }
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.roots {
            Roots::Platform => "Trust(platform)",
            Roots::Only(_) => "Trust(one authority)",
        })
    }
}

/// What a certificate that does not verify means for the handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It ends there.
    Strict,
    /// It goes on, and [`Observed::verdict`] holds the error.
    Observe,
}

/// What a finished handshake has shown.
#[derive(Clone, Debug)]
pub struct Observed {
    /// As the server sent it, its own certificate first.
    pub chain: Vec<CertificateDer<'static>>,
    /// Whether the chain is good for the name that was asked for.
    pub verdict: Result<(), rustls::Error>,
    /// The same, as it were at a moment within the certificate's dates.
    in_date: Result<(), rustls::Error>,
    pub protocol: Option<ProtocolVersion>,
    pub cipher: Option<CipherSuite>,
}

impl Observed {
    /// Why the chain leads to no trusted authority, dates and names left aside.
    pub(super) fn untrusted(&self) -> Option<rustls::Error> {
        match &self.in_date {
            // The names are looked at last, when the chain was found good.
            Ok(())
            | Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => None,
            Err(error) => Some(error.clone()),
        }
    }
}

/// Why there is no TLS session.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// Handshake or certificate; an alert of the other side is one of its variants.
    #[error("TLS with {name}: {error}")]
    Tls { name: String, error: rustls::Error },
    #[error("TLS with {name}: the connection broke: {why}")]
    Io { name: String, why: String },
    #[error("`{0}` cannot be the name of a TLS server")]
    BadName(String),
}

impl Error {
    /// The other side speaks nothing that is newer than TLS 1.1.
    pub fn is_obsolete(&self) -> bool {
        matches!(
            self,
            Self::Tls {
                error: rustls::Error::PeerIncompatible(
                    PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
                        | PeerIncompatible::ServerDoesNotSupportTls12Or13
                ) | rustls::Error::AlertReceived(AlertDescription::ProtocolVersion),
                ..
            }
        )
    }

    /// The certificate was the reason, not the handshake.
    pub fn is_about_the_certificate(&self) -> bool {
        matches!(
            self,
            Self::Tls {
                error: rustls::Error::InvalidCertificate(_),
                ..
            }
        )
    }
}

/// Begins TLS on a connection, as client. `name` is what the certificate must be for, and is
/// sent as SNI unless it is an IP address. The caller sets the time limit.
pub async fn connect<S>(
    trust: &Trust,
    stream: S,
    name: &str,
    check: Check,
    alpn: &[&[u8]],
) -> Result<(TlsStream<S>, Observed), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = name.strip_suffix('.').unwrap_or(name);
    let server =
        ServerName::try_from(name.to_owned()).map_err(|_| Error::BadName(name.to_owned()))?;
    let recorder = Arc::new(Recorder {
        check,
        verifier: trust.verifier(),
        verdict: Mutex::new(Err(rustls::Error::NoCertificatesPresented)),
        in_date: Mutex::new(Err(rustls::Error::NoCertificatesPresented)),
    });
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Tls {
            name: name.to_owned(),
            error,
        })?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&recorder) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
    // A resumed session shows no certificate; each handshake here is to be seen whole.
    config.resumption = rustls::client::Resumption::disabled();
    let stream = TlsConnector::from(Arc::new(config))
        .connect(server, stream)
        .await
        .map_err(|error| failure(name, &error))?;
    let (_, session) = stream.get_ref();
    let observed = Observed {
        chain: session
            .peer_certificates()
            .unwrap_or_default()
            .iter()
            .map(|certificate| certificate.clone().into_owned())
            .collect(),
        verdict: kept(&recorder.verdict),
        in_date: kept(&recorder.in_date),
        protocol: session.protocol_version(),
        cipher: session.negotiated_cipher_suite().map(|suite| suite.suite()),
    };
    Ok((stream, observed))
}

/// tokio-rustls hands rustls' error on inside an I/O error.
fn failure(name: &str, error: &io::Error) -> Error {
    let name = name.to_owned();
    match error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>())
    {
        Some(error) => Error::Tls {
            name,
            error: error.clone(),
        },
        None => Error::Io {
            name,
            why: error.to_string(),
        },
    }
}

/// Asks the verifier, keeps what it said, and passes it on only where that is wanted.
#[derive(Debug)]
struct Recorder {
    check: Check,
    verifier: Result<Arc<dyn ServerCertVerifier>, rustls::Error>,
    verdict: Verdict,
    in_date: Verdict,
}

type Verdict = Mutex<Result<(), rustls::Error>>;

fn kept(verdict: &Verdict) -> Result<(), rustls::Error> {
    verdict
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

fn keep(verdict: &Verdict, result: &Result<ServerCertVerified, rustls::Error>) {
    *verdict.lock().unwrap_or_else(PoisonError::into_inner) = match result {
        Ok(_) => Ok(()),
        Err(error) => Err(error.clone()),
    };
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let at = |now| {
            self.verifier.clone().and_then(|verifier| {
                verifier.verify_server_cert(
                    end_entity,
                    intermediates,
                    server_name,
                    ocsp_response,
                    now,
                )
            })
        };
        let verdict = at(now);
        keep(&self.verdict, &verdict);
        keep(&self.in_date, &at(valid_moment(end_entity, now)));
        match self.check {
            Check::Strict => verdict,
            Check::Observe => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let provider = provider();
        verify_tls12_signature(
            message,
            cert,
            dss,
            &provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let provider = provider();
        verify_tls13_signature(
            message,
            cert,
            dss,
            &provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::loopback::Authority;

    /// Both ends of a handshake, in memory.
    async fn shake(
        trust: &Trust,
        server: &Authority,
        name: &str,
        check: Check,
    ) -> Result<Observed, Error> {
        let (near, far) = tokio::io::duplex(1 << 16);
        let acceptor = server.acceptor(&["mx.example.org"]);
        let serving = tokio::spawn(async move {
            // The client may break off; its side says why.
            let _ = acceptor.accept(far).await;
        });
        let result = connect(trust, near, name, check, &[]).await;
        drop(serving);
        result.map(|(_, observed)| observed)
    }

    #[tokio::test]
    async fn a_good_certificate_is_good_both_ways() {
        let authority = Authority::new();
        let trust = authority.trust();
        for check in [Check::Strict, Check::Observe] {
            let seen = shake(&trust, &authority, "mx.example.org.", check)
                .await
                .unwrap();
            assert_eq!(seen.verdict, Ok(()));
            assert_eq!(seen.protocol, Some(ProtocolVersion::TLSv1_3));
            assert_eq!(seen.chain.len(), 1);
            assert!(seen.cipher.is_some());
        }
    }

    #[tokio::test]
    async fn a_bad_certificate_ends_the_strict_handshake_and_is_noted_in_the_other() {
        let (ours, stranger) = (Authority::new(), Authority::new());
        let trust = ours.trust();
        let error = shake(&trust, &stranger, "mx.example.org", Check::Strict)
            .await
            .unwrap_err();
        assert!(error.is_about_the_certificate(), "{error}");
        let seen = shake(&trust, &stranger, "mx.example.org", Check::Observe)
            .await
            .unwrap();
        assert!(matches!(
            seen.verdict,
            Err(rustls::Error::InvalidCertificate(_))
        ));
        let seen = shake(&trust, &ours, "other.example.org", Check::Observe)
            .await
            .unwrap();
        assert!(matches!(
            seen.verdict,
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForNameContext { .. } | CertificateError::NotValidForName
            ))
        ));
    }

    #[tokio::test]
    async fn a_name_that_cannot_be_one_is_refused_before_anything_is_sent() {
        let (near, _far) = tokio::io::duplex(64);
        let error = connect(&Trust::platform(), near, "no name", Check::Observe, &[])
            .await
            .map(|_| ())
            .unwrap_err();
        assert!(matches!(error, Error::BadName(_)));
    }
}
