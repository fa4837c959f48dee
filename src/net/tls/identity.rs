//! The certificate that a client shows, and PEM files.

use super::provider;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{InconsistentKeys, SignatureScheme};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is wrong with a PEM file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    #[error("it holds no certificate: no `-----BEGIN CERTIFICATE-----` stands in it")]
    NoCertificate,
    #[error("it holds no private key: no `-----BEGIN PRIVATE KEY-----` stands in it")]
    NoKey,
    #[error(
        "its private key is encrypted; `openssl pkey -in FILE -out PLAIN` takes the encryption off"
    )]
    EncryptedKey,
    #[error("its PEM is broken: {0}")]
    Broken(String),
    #[error("its certificate cannot be used: {0}")]
    Unusable(String),
    #[error("its private key cannot be used: {0}")]
    BadKey(String),
    #[error("the private key is not that of the certificate")]
    Mismatch,
}

fn broken(error: &pem::Error) -> PemError {
    // rustls would print the bytes as numbers, and a line of a key must not be shown.
    PemError::Broken(match error {
        pem::Error::MissingSectionEnd { .. } => "a section has no end line".to_owned(),
        pem::Error::IllegalSectionStart { .. } => "a BEGIN line is malformed".to_owned(),
        pem::Error::Base64Decode(_) => "what stands between BEGIN and END is no base64".to_owned(),
        error => error.to_string(),
    })
}

/// The certificates of a PEM file, at least one.
pub(super) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let all: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| broken(&error))?;
    if all.is_empty() {
        return Err(PemError::NoCertificate);
    }
    Ok(all)
}

/// A certificate with its chain, and its private key.
#[derive(Clone)]
pub struct Identity(Arc<CertifiedKey>);

impl Identity {
    /// Of a file with the certificate and its chain, and of one with the key; they may be the
    /// same.
    pub fn of_pem(certificate: &[u8], key: &[u8]) -> Result<Self, PemError> {
        let chain = certificates(certificate)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| match error {
            pem::Error::NoItemsFound if is_encrypted(key) => PemError::EncryptedKey,
            pem::Error::NoItemsFound => PemError::NoKey,
            error => broken(&error),
        })?;
        let provider = provider();
        let signing = provider
            .key_provider
            .load_private_key(key)
            .map_err(|error| PemError::BadKey(error.to_string()))?;
        let certified = CertifiedKey::new(chain, signing);
        match certified.keys_match() {
            // A key that cannot tell its public half is tried.
            Ok(()) | Err(rustls::Error::InconsistentKeys(InconsistentKeys::Unknown)) => {
                Ok(Self(Arc::new(certified)))
            }
            Err(rustls::Error::InconsistentKeys(_)) => Err(PemError::Mismatch),
            Err(error) => Err(PemError::Unusable(error.to_string())),
        }
    }
}

fn is_encrypted(pem: &[u8]) -> bool {
    let mark = b"-----BEGIN ENCRYPTED PRIVATE KEY-----";
    pem.windows(mark.len()).any(|window| window == mark)
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity({} certificates)", self.0.cert.len())
    }
}

/// Shows the identity, and remembers that it was asked for.
#[derive(Debug)]
pub(super) struct Shown {
    identity: Option<Identity>,
    asked: AtomicBool,
}

impl Shown {
    pub(super) fn new(identity: Option<Identity>) -> Self {
        Self {
            identity,
            asked: AtomicBool::new(false),
        }
    }

    pub(super) fn was_asked(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }
}

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::Relaxed);
        self.identity
            .as_ref()
            .map(|identity| Arc::clone(&identity.0))
    }

    fn has_certs(&self) -> bool {
        self.identity.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, KeyPair};

    fn pair() -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["client.example.net".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    #[test]
    fn an_identity_is_read_and_each_fault_of_its_files_named() {
        let ((certificate, key), (_, other)) = (pair(), pair());
        let read = |certificate: &str, key: &str| {
            Identity::of_pem(certificate.as_bytes(), key.as_bytes()).map(|_| ())
        };
        assert_eq!(read(&certificate, &key), Ok(()));
        let both = format!("{key}{certificate}");
        assert_eq!(read(&both, &both), Ok(()));
        assert_eq!(read(&certificate, &other), Err(PemError::Mismatch));
        assert_eq!(read(&key, &key), Err(PemError::NoCertificate));
        assert_eq!(read(&certificate, &certificate), Err(PemError::NoKey));
        assert_eq!(read("", &key), Err(PemError::NoCertificate));
        let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        assert_eq!(read(&certificate, &encrypted), Err(PemError::EncryptedKey));
        let cut = certificate.replace("-----END CERTIFICATE-----", "");
        assert!(matches!(read(&cut, &key), Err(PemError::Broken(_))));
        let emptied = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        assert!(matches!(
            read(&certificate, emptied),
            Err(PemError::BadKey(_))
        ));
    }
}
