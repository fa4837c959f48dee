//! Reply codes (RFC 5321 section 4.2) and enhanced status codes (RFC 3463).

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The three digits of a reply. Any number from 200 to 599 is kept, also one outside the
/// grammar of RFC 5321 section 4.2 (571): the first digit says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct ReplyCode(u16);

/// What the first digit of a reply says (RFC 5321 section 4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReplyClass {
    /// 2yz: done.
    Positive,
    /// 3yz: go on, more is awaited.
    Intermediate,
    /// 4yz: not now; the same again later may work.
    Transient,
    /// 5yz: no; the same again will fail again.
    Permanent,
}

impl ReplyCode {
    pub fn new(code: u16) -> Option<Self> {
        (200..600).contains(&code).then_some(Self(code))
    }

    pub fn get(self) -> u16 {
        self.0
    }

    pub fn class(self) -> ReplyClass {
        match self.0 / 100 {
            2 => ReplyClass::Positive,
            3 => ReplyClass::Intermediate,
            4 => ReplyClass::Transient,
            _ => ReplyClass::Permanent,
        }
    }

    pub fn is_positive(self) -> bool {
        self.class() == ReplyClass::Positive
    }
}

impl TryFrom<u16> for ReplyCode {
    type Error = String;
    fn try_from(code: u16) -> Result<Self, Self::Error> {
        Self::new(code)
            .ok_or_else(|| format!("`{code}` is no reply code: they run from 200 to 599"))
    }
}

impl From<ReplyCode> for u16 {
    fn from(code: ReplyCode) -> u16 {
        code.0
    }
}

impl fmt::Display for ReplyCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

/// `class.subject.detail` (RFC 3463 section 2): the class is 2, 4 or 5; subject and detail
/// have at most three digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnhancedCode {
    pub class: u8,
    pub subject: u16,
    pub detail: u16,
}

impl EnhancedCode {
    /// The enhanced code that `text` begins with, if its first word is one.
    pub fn at_start_of(text: &str) -> Option<Self> {
        text.split([' ', '\t']).next()?.parse().ok()
    }

    /// What its class says, in the words of reply codes.
    pub fn reply_class(self) -> ReplyClass {
        match self.class {
            2 => ReplyClass::Positive,
            4 => ReplyClass::Transient,
            _ => ReplyClass::Permanent,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no enhanced status code: three numbers with dots, the first of them 2, 4 or 5")]
pub struct NotAnEnhancedCode(pub String);

impl FromStr for EnhancedCode {
    type Err = NotAnEnhancedCode;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |part: &str| {
            let digits = (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
            digits.then(|| part.parse::<u16>().ok()).flatten()
        };
        let parts: Vec<_> = text.split('.').map(number).collect();
        match parts[..] {
            [Some(class @ (2 | 4 | 5)), Some(subject), Some(detail)] => Ok(Self {
                class: u8::try_from(class).unwrap_or_default(),
                subject,
                detail,
            }),
            _ => Err(NotAnEnhancedCode(text.to_owned())),
        }
    }
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class, self.subject, self.detail)
    }
}

impl Serialize for EnhancedCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EnhancedCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enhanced_codes_keep_to_their_grammar() {
        assert_eq!(
            "5.7.1".parse::<EnhancedCode>().unwrap().to_string(),
            "5.7.1"
        );
        assert_eq!("5.7.606".parse::<EnhancedCode>().unwrap().detail, 606);
        for wrong in [
            "1.1.1", "3.0.0", "5.7", "5.7.1.2", "5..1", "5.7.1000", "5.7.1x", "+5.1.1", "",
        ] {
            assert!(wrong.parse::<EnhancedCode>().is_err(), "{wrong}");
        }
        assert_eq!(
            EnhancedCode::at_start_of("5.1.1 <a@b>: unknown")
                .unwrap()
                .subject,
            1
        );
        assert_eq!(EnhancedCode::at_start_of("User unknown 5.1.1"), None);
    }

    #[test]
    fn a_code_outside_the_grammar_counts_by_its_first_digit() {
        assert_eq!(ReplyCode::new(571).unwrap().class(), ReplyClass::Permanent);
        assert_eq!(ReplyCode::new(199), None);
        assert_eq!(ReplyCode::new(600), None);
    }
}
