//! What a step expects of a reply.

use crate::knowledge::code::{EnhancedCode, ReplyCode};
use crate::smtp::reply::Reply;
use regex::Regex;
use serde::de::{self, Deserialize, Deserializer, SeqAccess, Visitor};
use std::fmt;

/// What is written behind `expect:`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expect {
    /// The connection ends.
    Closed,
    Code(ReplyCode),
    /// A first digit, from 2 to 5: `2` or `2yz`.
    Class(u8),
    Enhanced(EnhancedCode),
    /// Any of these; behind several commands, one for each.
    List(Vec<Self>),
}

impl Expect {
    pub(super) fn fits(&self, reply: &Reply) -> bool {
        let code = reply.code.map(ReplyCode::get);
        match self {
            Self::Closed => false,
            Self::Code(expected) => reply.code == Some(*expected),
            Self::Class(digit) => code.is_some_and(|code| code / 100 == u16::from(*digit)),
            Self::Enhanced(expected) => reply.enhanced == Some(*expected),
            Self::List(any) => any.iter().any(|one| one.fits(reply)),
        }
    }

    fn of_number(number: u64) -> Option<Self> {
        let number = u16::try_from(number).ok()?;
        match number {
            2..=5 => u8::try_from(number).ok().map(Self::Class),
            _ => ReplyCode::new(number).map(Self::Code),
        }
    }

    fn of_text(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("closed") {
            return Some(Self::Closed);
        }
        if let Some(digit) = text.strip_suffix("yz").or_else(|| text.strip_suffix("xx")) {
            return match digit.parse() {
                Ok(digit @ 2..=5) => Some(Self::Class(digit)),
                _ => None,
            };
        }
        if let Ok(number) = text.parse() {
            return Self::of_number(number);
        }
        text.parse().ok().map(Self::Enhanced)
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("closed"),
            Self::Code(code) => write!(f, "{}", code.get()),
            Self::Class(digit) => write!(f, "{digit}yz"),
            Self::Enhanced(code) => write!(f, "{code}"),
            Self::List(any) => {
                for (at, one) in any.iter().enumerate() {
                    let between = if at == 0 { "" } else { " or " };
                    write!(f, "{between}{one}")?;
                }
                Ok(())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Expect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Expect;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a code (250), a class (2 or 2yz), an enhanced code (5.7.1), `closed`, or a list of these",
        )
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Expect, E> {
        Expect::of_number(number)
            .ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(number), &self))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Expect, E> {
        Expect::of_text(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Expect, A::Error> {
        let mut any = Vec::new();
        while let Some(one) = seq.next_element()? {
            any.push(one);
        }
        if any.is_empty() {
            return Err(de::Error::invalid_length(0, &self));
        }
        Ok(Expect::List(any))
    }
}

/// A regular expression that the text of a reply, line for line without the codes, has to hold.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

impl Pattern {
    pub(super) fn fits(&self, reply: &Reply) -> bool {
        let texts: Vec<&str> = reply.lines.iter().map(|line| line.text.as_str()).collect();
        self.0.is_match(&texts.join("\n"))
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.0)
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Regex::new(&text)
            .map(Self)
            .map_err(|_| de::Error::custom(format!("`{text}` is no regular expression")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn reply(line: &str) -> Reply {
        use crate::smtp::Stage;
        use crate::smtp::reply::{Parsed, ReplyParser};
        let mut parser = ReplyParser::default();
        parser.push(line.as_bytes());
        while let Some(parsed) = parser.next(Stage::Rcpt) {
            if let Ok(Parsed::Reply(reply)) = parsed {
                return reply;
            }
        }
        panic!("no reply in {line}");
    }

    #[rstest]
    #[case("550", true)]
    #[case("551", false)]
    #[case("5", true)]
    #[case("5yz", true)]
    #[case("4xx", false)]
    #[case("5.7.1", true)]
    #[case("5.1.1", false)]
    #[case("[250, 5.7.1]", true)]
    #[case("[250, 4]", false)]
    #[case("closed", false)]
    fn a_reply_fits(#[case] expect: &str, #[case] fits: bool) {
        let expect: Expect = serde_yaml::from_str(expect).unwrap();
        assert_eq!(expect.fits(&reply("550 5.7.1 Relaying denied\r\n")), fits);
    }

    #[rstest]
    #[case("1")]
    #[case("6yz")]
    #[case("999")]
    #[case("soon")]
    #[case("[]")]
    #[case("5.7")]
    fn nonsense_is_refused(#[case] expect: &str) {
        assert!(serde_yaml::from_str::<Expect>(expect).is_err());
    }
}
