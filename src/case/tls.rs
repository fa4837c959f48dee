//! What a TLS handshake has shown, as a case keeps it.

use crate::text::SafeText;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One handshake, whole or broken off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tls {
    /// `TLS 1.3`; none where the handshake came to no end.
    #[serde(default)]
    pub protocol: Option<SafeText>,
    #[serde(default)]
    pub cipher: Option<SafeText>,
    /// The name in the `ClientHello`, if one was sent.
    #[serde(default)]
    pub server_name: Option<SafeText>,
    pub verified: bool,
    /// Why it does not verify.
    #[serde(default)]
    pub why: Option<SafeText>,
    /// The server asked for a certificate of the client.
    #[serde(default)]
    pub client_certificate_asked: bool,
    /// As the server sent them, its own first.
    #[serde(default)]
    pub certificates: Vec<ChainCertificate>,
}

/// A certificate of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainCertificate {
    pub subject: SafeText,
    pub issuer: SafeText,
    /// DNS names and addresses that it is for.
    #[serde(default)]
    pub names: Vec<SafeText>,
    #[serde(default)]
    pub not_before: Option<Timestamp>,
    #[serde(default)]
    pub not_after: Option<Timestamp>,
    /// `EC 256 bits`.
    pub key: SafeText,
    /// SHA-256 of the whole, in hexadecimal digits with colons.
    pub sha256: SafeText,
    /// The certificate itself, line by line.
    pub pem: Vec<SafeText>,
}

impl Tls {
    /// The whole chain as one PEM file.
    pub fn chain(&self) -> String {
        let mut text = String::new();
        for line in self.certificates.iter().flat_map(|one| &one.pem) {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}
