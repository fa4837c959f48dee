//! Signs a message with a key of one's own (RFC 6376; relaxed/relaxed, SHA-256; Ed25519: RFC
//! 8463).

use crate::smtp::error::LocalError;
use crate::smtp::path::checked_domain;
use mail_auth::common::crypto::DkimKey;
use mail_auth::common::crypto::{Ed25519Key, RsaKey, Sha256};
use mail_auth::common::headers::HeaderWriter as _;
use mail_auth::dkim::streaming::DkimSigningStream;
use mail_auth::dkim::{DkimSigner, Done};
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use std::fmt;

/// The fields that are signed, also where they are not there, so that none can be added on the
/// way (RFC 6376 sections 5.4 and 5.4.1). Those that a mailing list adds are none of them.
const FIELDS: [&str; 12] = [
    "From",
    "Reply-To",
    "Subject",
    "Date",
    "To",
    "Cc",
    "Message-ID",
    "In-Reply-To",
    "References",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
];

/// Object identifiers of the kinds of keys, as they stand in PKCS #8: RFC 8410 and RFC 5480.
const ED25519: &[u8] = &[0x06, 0x03, 0x2b, 0x65, 0x70];
const ELLIPTIC_CURVE: &[u8] = &[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// What is wrong with a key, or with signing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DkimError {
    #[error("there is no private key in PEM form (`-----BEGIN PRIVATE KEY-----`) in it")]
    NoKey,
    #[error("it is a public key; to sign, the private one is needed")]
    PublicKey,
    #[error("the key is encrypted; `openssl pkey -in FILE -out PLAIN` takes its passphrase off")]
    Encrypted,
    #[error("it is the key of an elliptic curve (ECDSA); DKIM knows RSA and Ed25519")]
    EllipticCurve,
    #[error("the PEM text is broken: {0}")]
    Pem(String),
    /// ring signs with 2048 bits and more.
    #[error("the RSA key has fewer than 2048 bits; receivers mistrust it, and it is not used here")]
    TooShort,
    #[error("the key is not valid: {0}")]
    Invalid(String),
    #[error(transparent)]
    Name(#[from] LocalError),
    #[error("there is no header field to sign")]
    NoFields,
    #[error("signing failed: {0}")]
    Failed(String),
}

/// A key, and the name under which its public half is published: `selector._domainkey.domain`.
pub struct Signer(DkimSigner<DkimKey, Done>);

impl Signer {
    /// Reads a private key: PEM, PKCS #8 or PKCS #1.
    pub fn new(pem: &str, selector: &str, domain: &str) -> Result<Self, DkimError> {
        let selector = checked_domain("DKIM selector", selector)?;
        let domain = checked_domain("DKIM domain", domain)?;
        let signer = DkimSigner::from_key(key(pem)?)
            .domain(domain)
            .selector(selector)
            .headers(FIELDS);
        Ok(Self(signer))
    }

    /// Begins a signature: the message follows, with CRLF, without stuffing, in any pieces.
    pub fn begin(&self) -> Signing<'_> {
        Signing(self.0.sign_streaming())
    }

    /// The signature of a message that is in memory: a header field with its CRLF, to stand
    /// before the message.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, DkimError> {
        let mut signing = self.begin();
        signing.write(message);
        signing.finish()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(***)")
    }
}

/// A signature that is being made. The header is held, the body is only hashed.
pub struct Signing<'a>(DkimSigningStream<'a, DkimKey>);

impl Signing<'_> {
    pub fn write(&mut self, block: &[u8]) {
        self.0.write(block);
    }

    /// The header field, with its CRLF. Its time is that of the machine: the library looks.
    pub fn finish(self) -> Result<Vec<u8>, DkimError> {
        let signature = self.0.finish().map_err(|error| match error {
            mail_auth::Error::NoHeadersFound => DkimError::NoFields,
            other => DkimError::Failed(other.to_string()),
        })?;
        Ok(signature.to_header().into_bytes())
    }
}

fn key(pem: &str) -> Result<DkimKey, DkimError> {
    let der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| match error {
        PemError::NoItemsFound if pem.contains("ENCRYPTED PRIVATE KEY") => DkimError::Encrypted,
        PemError::NoItemsFound if pem.contains("PUBLIC KEY-----") => DkimError::PublicKey,
        PemError::NoItemsFound => DkimError::NoKey,
        other => DkimError::Pem(other.to_string()),
    })?;
    if pem.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(DkimError::Encrypted);
    }
    let octets = der.secret_der();
    let start = octets.get(..octets.len().min(40)).unwrap_or_default();
    let names = |kind: &[u8]| start.windows(kind.len()).any(|own| own == kind);
    match &der {
        PrivateKeyDer::Sec1(_) => return Err(DkimError::EllipticCurve),
        PrivateKeyDer::Pkcs8(_) if names(ELLIPTIC_CURVE) => return Err(DkimError::EllipticCurve),
        PrivateKeyDer::Pkcs8(_) if names(ED25519) => {
            // OpenSSL writes no public half, against which the other check would be made.
            let key = Ed25519Key::from_pkcs8_maybe_unchecked_der(octets);
            return key.map(DkimKey::from).map_err(|error| invalid(&error));
        }
        _ => {}
    }
    RsaKey::<Sha256>::from_key_der(der)
        .map(DkimKey::from)
        .map_err(|error| invalid(&error))
}

fn invalid(error: &mail_auth::Error) -> DkimError {
    let text = error.to_string();
    // ring's word for it.
    if text.contains("TooSmall") {
        return DkimError::TooShort;
    }
    DkimError::Invalid(text)
}

#[cfg(test)]
mod tests;
