//! SCRAM (RFC 5802, RFC 7677) without channel binding: both sides show that they know the
//! password, and neither sends it.

use super::exchange::Flaw;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::{digest, hmac, pbkdf2};
use std::num::NonZeroU32;

/// "n": the client has no channel binding; and no other identity to act for.
pub(super) const GS2_HEADER: &str = "n,,";
/// Iterations that are gone through. A server can ask for any number, and a minute of our time
/// should not be its to take; 600,000 is the most that is recommended anywhere.
const MOST_ITERATIONS: u32 = 1_000_000;

/// The hash that a SCRAM mechanism is built on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha1,
    Sha256,
}

impl Hash {
    fn hmac(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
        }
    }

    fn digest(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
        }
    }

    fn pbkdf2(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        }
    }
}

/// What follows from the password (RFC 5802 section 3). Not printable: it is as good as that.
pub(crate) struct Keys {
    hash: Hash,
    client: Vec<u8>,
    server: hmac::Key,
}

impl Keys {
    pub(crate) fn new(hash: Hash, password: &str, salt: &[u8], iterations: NonZeroU32) -> Self {
        let mut salted = vec![0; hash.digest().output_len()];
        let password = password.as_bytes();
        pbkdf2::derive(hash.pbkdf2(), iterations, salt, password, &mut salted);
        let salted = hmac::Key::new(hash.hmac(), &salted);
        let server = hmac::sign(&salted, b"Server Key");
        Self {
            hash,
            client: hmac::sign(&salted, b"Client Key").as_ref().to_vec(),
            server: hmac::Key::new(hash.hmac(), server.as_ref()),
        }
    }

    /// `ClientKey XOR HMAC(H(ClientKey), AuthMessage)`
    pub(crate) fn proof(&self, message: &str) -> Vec<u8> {
        let stored = digest::digest(self.hash.digest(), &self.client);
        let stored = hmac::Key::new(self.hash.hmac(), stored.as_ref());
        let signature = hmac::sign(&stored, message.as_bytes());
        let pairs = self.client.iter().zip(signature.as_ref());
        pairs.map(|(key, sign)| key ^ sign).collect()
    }

    pub(crate) fn signature(&self, message: &str) -> Vec<u8> {
        let signature = hmac::sign(&self.server, message.as_bytes());
        signature.as_ref().to_vec()
    }

    fn has_signed(&self, message: &str, signature: &[u8]) -> bool {
        hmac::verify(&self.server, message.as_bytes(), signature).is_ok()
    }
}

/// `saslname`: what would end the attribute is written otherwise (RFC 5802 section 5.1).
pub(super) fn escaped(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

/// The exchange up to the server's first message, from which all else follows.
pub(super) struct Begun {
    pub nonce: String,
    pub salt: String,
    pub iterations: NonZeroU32,
    keys: Keys,
    /// `AuthMessage`
    message: String,
}

/// `client-first-message-bare = [reserved-mext ","] username "," nonce`
pub(super) fn client_first_bare(user: &str, nonce: &str) -> String {
    format!("n={},r={nonce}", escaped(user))
}

impl Begun {
    /// Reads `server-first-message = [reserved-mext ","] nonce "," salt "," iteration-count`;
    /// `own` is the client's nonce, `first` its first message.
    pub(super) fn read(
        hash: Hash,
        password: &str,
        own: &str,
        first: &str,
        server_first: &str,
    ) -> Result<Self, Flaw> {
        let mut attributes = server_first.split(',');
        // An extension that has to be understood, and is not (section 5.1).
        if server_first.starts_with("m=") {
            return Err(Flaw::Extension);
        }
        let mut take = |name: &str| {
            let attribute = attributes.next()?;
            attribute.strip_prefix(name)?.strip_prefix('=')
        };
        let (Some(nonce), Some(salt), Some(count)) = (take("r"), take("s"), take("i")) else {
            return Err(Flaw::Unreadable);
        };
        if nonce.len() <= own.len() || !nonce.starts_with(own) {
            return Err(Flaw::Nonce);
        }
        let octets = STANDARD.decode(salt).map_err(|_| Flaw::Unreadable)?;
        let iterations: NonZeroU32 = count.parse().map_err(|_| Flaw::Unreadable)?;
        if iterations.get() > MOST_ITERATIONS {
            return Err(Flaw::Iterations);
        }
        let without_proof = client_final_without_proof(nonce);
        Ok(Self {
            nonce: nonce.to_owned(),
            salt: salt.to_owned(),
            iterations,
            keys: Keys::new(hash, password, &octets, iterations),
            message: format!("{first},{server_first},{without_proof}"),
        })
    }

    /// `client-final-message`
    pub(super) fn client_final(&self) -> String {
        let proof = STANDARD.encode(self.keys.proof(&self.message));
        format!("{},p={proof}", client_final_without_proof(&self.nonce))
    }

    /// Reads `server-final-message = (server-error / verifier) ["," extensions]`.
    pub(super) fn verify(&self, server_final: &str) -> Result<(), Flaw> {
        let attribute = server_final.split(',').next().unwrap_or_default();
        if attribute.starts_with("e=") {
            return Err(Flaw::ServerError);
        }
        let signature = attribute
            .strip_prefix("v=")
            .and_then(|text| STANDARD.decode(text).ok())
            .ok_or(Flaw::Unreadable)?;
        if self.keys.has_signed(&self.message, &signature) {
            Ok(())
        } else {
            Err(Flaw::Signature)
        }
    }
}

/// The GS2 header comes again, so that nobody between the two can change it unnoticed.
fn client_final_without_proof(nonce: &str) -> String {
    format!("c={},r={nonce}", STANDARD.encode(GS2_HEADER))
}
