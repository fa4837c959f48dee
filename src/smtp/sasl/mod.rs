//! SASL (RFC 4422) as a client: what AUTH sends, challenge for challenge.
//!
//! An exchange is a pure function of who logs in and of the challenges so far, so nothing is
//! kept between two of them. There is no rsasl here: it draws the nonce of SCRAM by itself, so
//! that neither the vectors of RFC 5802 nor a dialogue played again would come out the same, it
//! has no CRAM-MD5, and what it reads in a challenge it does not tell, which is what a reader of
//! a transcript wants to know.

mod bearer;
mod cram;
mod exchange;
mod reading;
mod scram;

pub(crate) use cram::digest as cram_digest;
pub use exchange::{Exchange, Flaw, Step};
pub(in crate::smtp) use reading::Typed;
pub(crate) use scram::{Hash, Keys};

use std::fmt;
use std::str::FromStr;

/// The mechanisms that are spoken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SaslMechanism {
    /// RFC 7677
    ScramSha256,
    /// RFC 5802
    ScramSha1,
    /// RFC 4616
    Plain,
    /// Older than SASL, written down in draft-murchison-sasl-login alone.
    Login,
    /// RFC 2195
    CramMd5,
    /// Google's and Microsoft's own, before RFC 7628.
    Xoauth2,
    /// RFC 7628
    OauthBearer,
    /// RFC 4422 appendix A: who one is, the TLS session or the network has shown.
    External,
}

impl SaslMechanism {
    /// Those that take a password, the better first.
    ///
    /// CRAM-MD5 comes last inside TLS: its server must hold the password itself, and many offer
    /// it for accounts of which they have only a hash, so that it fails where PLAIN would not.
    const WITH_PASSWORD: [Self; 5] = [
        Self::ScramSha256,
        Self::ScramSha1,
        Self::Plain,
        Self::Login,
        Self::CramMd5,
    ];
    const OTHERS: [Self; 3] = [Self::Xoauth2, Self::OauthBearer, Self::External];

    pub fn all() -> impl Iterator<Item = Self> {
        Self::WITH_PASSWORD.into_iter().chain(Self::OTHERS)
    }

    /// The best of those that are offered and take a password; in clear, of those that do not
    /// send it.
    pub fn best(offered: &[impl AsRef<str>], encrypted: bool, nonce: bool) -> Option<Self> {
        Self::WITH_PASSWORD.into_iter().find(|own| {
            (encrypted || !own.sends_secret())
                && (nonce || own.hash().is_none())
                && offered.iter().any(|offer| offer.as_ref() == own.name())
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha1 => "SCRAM-SHA-1",
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
            Self::CramMd5 => "CRAM-MD5",
            Self::Xoauth2 => "XOAUTH2",
            Self::OauthBearer => "OAUTHBEARER",
            Self::External => "EXTERNAL",
        }
    }

    /// Whether the client has the first word, so that an initial response is possible (RFC 4954
    /// section 4). LOGIN asks for the user name by itself.
    pub fn client_is_first(self) -> bool {
        !matches!(self, Self::Login | Self::CramMd5)
    }

    /// Whether whoever reads along has the password or token.
    pub fn sends_secret(self) -> bool {
        matches!(
            self,
            Self::Plain | Self::Login | Self::Xoauth2 | Self::OauthBearer
        )
    }

    /// Whether a password or token is needed at all.
    pub fn needs_secret(self) -> bool {
        self != Self::External
    }

    fn hash(self) -> Option<Hash> {
        match self {
            Self::ScramSha256 => Some(Hash::Sha256),
            Self::ScramSha1 => Some(Hash::Sha1),
            _ => None,
        }
    }
}

impl fmt::Display for SaslMechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is not one of [`SaslMechanism::all`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the mechanism is auto, SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN, CRAM-MD5, XOAUTH2, \
     OAUTHBEARER or EXTERNAL"
)]
pub struct UnknownMechanism;

impl FromStr for SaslMechanism {
    type Err = UnknownMechanism;

    fn from_str(text: &str) -> Result<Self, UnknownMechanism> {
        Self::all()
            .find(|own| own.name().eq_ignore_ascii_case(text))
            .ok_or(UnknownMechanism)
    }
}

#[cfg(test)]
mod tests;
