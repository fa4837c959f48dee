//! Whether a session is to be inside TLS.

use std::fmt;
use std::str::FromStr;

/// What is done about TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Policy {
    /// STARTTLS, and nothing is said without it.
    Required,
    /// STARTTLS where it is offered (RFC 7435).
    #[default]
    Optional,
    /// All in clear.
    Never,
    /// TLS from the first byte (RFC 8314 section 3).
    OnConnect,
}

impl Policy {
    pub const ALL: [Self; 4] = [Self::Required, Self::Optional, Self::Never, Self::OnConnect];

    pub fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Never => "never",
            Self::OnConnect => "on-connect",
        }
    }

    /// Whether STARTTLS is said where it is offered.
    pub fn wants_starttls(self) -> bool {
        matches!(self, Self::Required | Self::Optional)
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The word is none of [`Policy::ALL`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("TLS is `required`, `optional`, `never` or `on-connect`")]
pub struct UnknownPolicy;

impl FromStr for Policy {
    type Err = UnknownPolicy;

    fn from_str(word: &str) -> Result<Self, UnknownPolicy> {
        Self::ALL
            .into_iter()
            .find(|policy| policy.word() == word)
            .ok_or(UnknownPolicy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_policies_are_the_same() {
        for policy in Policy::ALL {
            assert_eq!(policy.word().parse(), Ok(policy));
        }
        assert_eq!("always".parse::<Policy>(), Err(UnknownPolicy));
    }
}
