//! Which of the three protocols is spoken: they differ in the hello, and LMTP in what follows
//! the final dot.

use std::fmt;
use std::str::FromStr;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// EHLO, and HELO where that is not understood (RFC 5321 section 3.2).
    #[default]
    Esmtp,
    /// HELO alone: no extensions.
    Smtp,
    /// LHLO, and after the final dot one reply for each accepted recipient (RFC 2033).
    Lmtp,
}

impl Protocol {
    pub const ALL: [Self; 3] = [Self::Esmtp, Self::Smtp, Self::Lmtp];

    pub fn word(self) -> &'static str {
        match self {
            Self::Esmtp => "esmtp",
            Self::Smtp => "smtp",
            Self::Lmtp => "lmtp",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that is none of [`Protocol::ALL`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the protocol is esmtp, smtp or lmtp")]
pub struct UnknownProtocol;

impl FromStr for Protocol {
    type Err = UnknownProtocol;

    fn from_str(text: &str) -> Result<Self, UnknownProtocol> {
        Self::ALL
            .into_iter()
            .find(|own| own.word().eq_ignore_ascii_case(text))
            .ok_or(UnknownProtocol)
    }
}
