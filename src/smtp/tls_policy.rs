//! Whether a session goes into TLS, and when.

use std::fmt;
use std::str::FromStr;

/// What a session does about TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TlsPolicy {
    /// STARTTLS, or nothing is sent.
    Required,
    /// STARTTLS where it is offered; in clear where it is not, or is refused.
    #[default]
    Optional,
    /// In clear, whatever is offered.
    Never,
    /// From the first byte, as on port 465 (RFC 8314).
    OnConnect,
}

impl TlsPolicy {
    pub const ALL: [Self; 4] = [Self::Required, Self::Optional, Self::Never, Self::OnConnect];

    pub fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Never => "never",
            Self::OnConnect => "on-connect",
        }
    }
}

impl fmt::Display for TlsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that is none of [`TlsPolicy::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("TLS is required, optional, never or on-connect")]
pub struct UnknownTlsPolicy;

impl FromStr for TlsPolicy {
    type Err = UnknownTlsPolicy;

    fn from_str(text: &str) -> Result<Self, UnknownTlsPolicy> {
        Self::ALL
            .into_iter()
            .find(|own| own.word().eq_ignore_ascii_case(text))
            .ok_or(UnknownTlsPolicy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read() {
        for policy in TlsPolicy::ALL {
            assert_eq!(policy.to_string().to_uppercase().parse(), Ok(policy));
        }
        assert!("maybe".parse::<TlsPolicy>().is_err());
    }
}
