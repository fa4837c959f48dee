//! TLS: by whose word a certificate is believed, and handshakes that remember what they saw.
//!
//! [`Check::Strict`] ends a handshake whose certificate does not verify, as HTTPS demands.
//! [`Check::Observe`] finishes it and gives the verdict beside it: delivery of mail takes such
//! certificates (RFC 3207 section 4.1, RFC 7435), so a bad one is to be reported, not fatal.
//! A server that cannot prove that it holds its certificate's key fails both.

mod identity;
mod recorder;
mod terms;
mod trust;

pub use identity::{Identity, PemError};
pub use terms::{Sni, Terms, Version};
pub use trust::Trust;

use super::certificate;
use identity::Shown;
use recorder::{Recorder, kept};
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{
    AlertDescription, CertificateError, CipherSuite, ClientConfig, PeerIncompatible,
    ProtocolVersion,
};
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

/// What a certificate that does not verify means for the handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Check {
    /// It ends there.
    Strict,
    #[default]
    /// It goes on, and [`Observed::verdict`] holds the error.
    Observe,
}

/// What a handshake has shown.
#[derive(Clone, Debug)]
pub struct Observed {
    /// As the server sent it, its own certificate first.
    pub chain: Vec<CertificateDer<'static>>,
    /// Whether the chain is good for the name that was asked for.
    pub verdict: Result<(), rustls::Error>,
    /// The same, as it were at a moment within the certificate's dates.
    in_date: Result<(), rustls::Error>,
    /// None where the handshake came to no end.
    pub protocol: Option<ProtocolVersion>,
    pub cipher: Option<CipherSuite>,
    /// The server asked for a certificate of the client.
    pub asked: bool,
}

impl Observed {
    /// Why the chain is not good for that name, in words.
    pub fn fault(&self) -> Option<String> {
        self.verdict.as_ref().err().map(certificate::reason)
    }

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
    #[error("TLS with {name}: {}", words(error))]
    Tls { name: String, error: rustls::Error },
    #[error("TLS with {name}: the connection broke: {why}")]
    Io { name: String, why: String },
    #[error("`{0}` cannot be the name of a TLS server")]
    BadName(String),
}

/// What a mail administrator makes nothing of in the library's words.
fn words(error: &rustls::Error) -> String {
    use rustls::Error as E;
    match error {
        E::AlertReceived(AlertDescription::ProtocolVersion) => {
            "the server takes none of the versions that were offered (alert protocol_version)"
                .to_owned()
        }
        E::PeerIncompatible(
            PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            | PeerIncompatible::ServerDoesNotSupportTls12Or13,
        ) => "the server has chosen a version that is not taken here".to_owned(),
        E::AlertReceived(AlertDescription::CertificateRequired) => {
            "the server demands a client certificate, and none was shown (alert \
             certificate_required)"
                .to_owned()
        }
        E::AlertReceived(alert) => {
            format!("the server broke it off with the alert {alert:?}")
        }
        E::InvalidCertificate(_) => {
            let reason = certificate::reason(error);
            format!("the certificate does not verify: {reason}")
        }
        error => error.to_string(),
    }
}

/// What TLS has to say of a connection that broke; with TLS 1.3 a server judges the client's
/// certificate only when the client is done.
pub(super) fn alert(error: &io::Error) -> Option<String> {
    error.get_ref()?.downcast_ref().map(words)
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
    let terms = Terms {
        check,
        alpn: alpn.iter().map(|protocol| protocol.to_vec()).collect(),
        ..Terms::default()
    };
    let (outcome, observed) = shake_hands(trust, stream, name, &terms).await;
    Ok((outcome?, observed))
}

/// The same with every term open to choice; what was seen of a handshake that failed is there
/// too.
pub async fn shake_hands<S>(
    trust: &Trust,
    stream: S,
    name: &str,
    terms: &Terms,
) -> (Result<TlsStream<S>, Error>, Observed)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let trust = terms.trust.as_ref().unwrap_or(trust);
    let recorder = Arc::new(Recorder {
        check: terms.check,
        name: None,
        judge: trust.judge(),
        chain: Mutex::default(),
        verdict: Mutex::new(Err(rustls::Error::NoCertificatesPresented)),
        in_date: Mutex::new(Err(rustls::Error::NoCertificatesPresented)),
    });
    let shown = Arc::new(Shown::new(terms.identity.clone()));
    match attempt(recorder, &shown, stream, name, terms).await {
        (Ok(stream), recorder) => {
            let (_, session) = stream.get_ref();
            let observed = Observed {
                protocol: session.protocol_version(),
                cipher: session.negotiated_cipher_suite().map(|suite| suite.suite()),
                ..seen(&recorder, &shown)
            };
            (Ok(stream), observed)
        }
        (Err(error), recorder) => (Err(error), seen(&recorder, &shown)),
    }
}

fn seen(recorder: &Recorder, shown: &Shown) -> Observed {
    Observed {
        chain: recorder
            .chain
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone(),
        verdict: kept(&recorder.verdict),
        in_date: kept(&recorder.in_date),
        protocol: None,
        cipher: None,
        asked: shown.was_asked(),
    }
}

async fn attempt<S>(
    mut recorder: Arc<Recorder>,
    shown: &Arc<Shown>,
    stream: S,
    name: &str,
    terms: &Terms,
) -> (Result<TlsStream<S>, Error>, Arc<Recorder>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let name = bare(name);
    let named = server_name(terms.sni_name(name)).and_then(|sni| {
        let verified = server_name(terms.verify_name.as_deref().map_or(name, bare))?;
        Ok((sni, verified))
    });
    let (sni, verified) = match named {
        Ok(names) => names,
        Err(error) => return (Err(error), recorder),
    };
    if let Some(recorder) = Arc::get_mut(&mut recorder) {
        recorder.name = Some(verified);
    }
    let config = match config(&recorder, shown, terms) {
        Ok(config) => config,
        Err(error) => {
            let name = name.to_owned();
            return (Err(Error::Tls { name, error }), recorder);
        }
    };
    let outcome = TlsConnector::from(Arc::new(config))
        .connect(sni, stream)
        .await
        .map_err(|error| failure(name, &error));
    (outcome, recorder)
}

fn bare(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

fn server_name(name: &str) -> Result<ServerName<'static>, Error> {
    ServerName::try_from(name.to_owned()).map_err(|_| Error::BadName(name.to_owned()))
}

fn config(
    recorder: &Arc<Recorder>,
    shown: &Arc<Shown>,
    terms: &Terms,
) -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&terms.versions())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(recorder) as Arc<dyn ServerCertVerifier>)
        .with_client_cert_resolver(Arc::clone(shown) as _);
    config.alpn_protocols.clone_from(&terms.alpn);
    config.enable_sni = terms.sni != Sni::Nothing;
    // A resumed session shows no certificate; each handshake here is to be seen whole.
    config.resumption = rustls::client::Resumption::disabled();
    Ok(config)
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
