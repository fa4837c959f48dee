//! The parameters of MAIL and RCPT that this program can make by itself; any other is typed.

use super::Parameter;
use crate::smtp::error::LocalError;
use crate::smtp::path::{ForwardPath, refuse_controls};
use std::fmt::Write as _;
use std::str::FromStr;

/// `xtext = *( xchar / hexchar )`, in which everything but printable ASCII, `+` and `=` stands
/// as `+` and two digits (RFC 3461 section 4).
pub fn xtext(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && !matches!(byte, b'+' | b'=') {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "+{byte:02X}");
        }
    }
    out
}

/// What BODY declares (RFC 6152, RFC 3030).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    SevenBit,
    EightBitMime,
    BinaryMime,
}

/// How much of the message a report of failure brings back (RFC 3461 section 4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ret {
    Full,
    Headers,
}

/// When a recipient's fate is reported: NEVER alone, or any of the three (RFC 3461 section 4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Notify {
    pub success: bool,
    pub failure: bool,
    pub delay: bool,
}

macro_rules! words {
    ($type:ident, $part:literal, $why:literal, $($word:literal => $value:ident),+) => {
        impl $type {
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)+
                }
            }
        }

        impl FromStr for $type {
            type Err = LocalError;

            fn from_str(text: &str) -> Result<Self, LocalError> {
                [$(Self::$value),+]
                    .into_iter()
                    .find(|own| own.word().eq_ignore_ascii_case(text))
                    .ok_or_else(|| LocalError::Malformed {
                        part: $part,
                        text: text.into(),
                        why: $why,
                    })
            }
        }
    };
}

words!(Body, "value of BODY", "7BIT, 8BITMIME or BINARYMIME",
    "7BIT" => SevenBit, "8BITMIME" => EightBitMime, "BINARYMIME" => BinaryMime);
words!(Ret, "value of RET", "FULL or HDRS", "FULL" => Full, "HDRS" => Headers);

impl FromStr for Notify {
    type Err = LocalError;

    fn from_str(text: &str) -> Result<Self, LocalError> {
        let mut notify = Self::default();
        if text.eq_ignore_ascii_case("NEVER") {
            return Ok(notify);
        }
        for word in text.split(',') {
            match word.to_ascii_uppercase().as_str() {
                "SUCCESS" => notify.success = true,
                "FAILURE" => notify.failure = true,
                "DELAY" => notify.delay = true,
                _ => {
                    return Err(LocalError::Malformed {
                        part: "value of NOTIFY",
                        text: text.into(),
                        why: "NEVER, or some of SUCCESS,FAILURE,DELAY",
                    });
                }
            }
        }
        Ok(notify)
    }
}

impl Parameter {
    /// The keyword, as it was typed.
    pub fn keyword(&self) -> &str {
        let text = self.as_str();
        text.split_once('=').map_or(text, |(keyword, _)| keyword)
    }

    /// Whether it has this keyword, in any case.
    pub fn is(&self, keyword: &str) -> bool {
        self.keyword().eq_ignore_ascii_case(keyword)
    }

    /// The parameter of this keyword whose value somebody typed, put into its form.
    pub fn typed(keyword: &str, value: &str) -> Result<Self, LocalError> {
        let number = |why| LocalError::Malformed {
            part: "value of a parameter",
            text: value.into(),
            why,
        };
        match keyword.to_ascii_uppercase().as_str() {
            "SIZE" => {
                let octets = value.parse().map_err(|_| number("a number of octets"))?;
                Self::size(octets)
            }
            "MT-PRIORITY" => {
                let priority = value.parse().map_err(|_| number("a number from -9 to 9"))?;
                Self::priority(priority)
            }
            "ENVID" => Self::envid(value),
            "AUTH" => Self::auth(value),
            "BY" => Self::deliver_by(value),
            "ORCPT" => Self::orcpt(value),
            _ => Self::new(&format!("{keyword}={value}")),
        }
    }

    /// What the message is said to have, in octets (RFC 1870 section 6).
    pub fn size(octets: u64) -> Result<Self, LocalError> {
        Self::new(&format!("SIZE={octets}"))
    }

    pub fn body(body: Body) -> Result<Self, LocalError> {
        Self::new(&format!("BODY={}", body.word()))
    }

    pub fn ret(ret: Ret) -> Result<Self, LocalError> {
        Self::new(&format!("RET={}", ret.word()))
    }

    /// What reports call the message by; at most 100 printable characters (RFC 3461 section 4.4).
    pub fn envid(text: &str) -> Result<Self, LocalError> {
        const PART: &str = "envelope id";
        refuse_controls(PART, text)?;
        let text = xtext(text);
        if text.len() > 100 {
            return Err(LocalError::TooLong {
                part: PART,
                octets: text.len(),
                limit: 100,
            });
        }
        Self::new(&format!("ENVID={text}"))
    }

    pub fn notify(notify: Notify) -> Result<Self, LocalError> {
        let words = [
            (notify.success, "SUCCESS"),
            (notify.failure, "FAILURE"),
            (notify.delay, "DELAY"),
        ];
        let words: Vec<&str> = words
            .into_iter()
            .filter_map(|(wanted, word)| wanted.then_some(word))
            .collect();
        let words = if words.is_empty() {
            "NEVER".to_owned()
        } else {
            words.join(",")
        };
        Self::new(&format!("NOTIFY={words}"))
    }

    /// To whom the mail was first addressed: an address, or `type;address` (RFC 3461 section
    /// 4.2); 500 octets at most.
    pub fn orcpt(text: &str) -> Result<Self, LocalError> {
        const PART: &str = "original recipient";
        refuse_controls(PART, text)?;
        let (kind, address) = text.split_once(';').unwrap_or(("rfc822", text));
        if address.is_empty() {
            return Err(LocalError::Empty { part: PART });
        }
        let text = format!("ORCPT={kind};{}", xtext(address));
        if text.len() > 500 {
            return Err(LocalError::TooLong {
                part: PART,
                octets: text.len(),
                limit: 500,
            });
        }
        Self::new(&text)
    }

    /// The same for a recipient as RCPT names it; none for `<postmaster>`.
    pub fn orcpt_of(to: &ForwardPath) -> Option<Self> {
        Self::orcpt(&to.mailbox()?.to_string()).ok()
    }

    /// Who wrote the mail, as the server is to take it: `<>` for nobody (RFC 4954 section 5).
    pub fn auth(identity: &str) -> Result<Self, LocalError> {
        refuse_controls("identity", identity)?;
        let inner = identity.trim_matches(['<', '>']);
        let value = if inner.is_empty() {
            "<>".to_owned()
        } else {
            xtext(inner)
        };
        Self::new(&format!("AUTH={value}"))
    }

    /// `BY=120;R`: seconds, then R (return) or N (notify), and perhaps T (trace), as RFC 2852
    /// section 4 has them.
    pub fn deliver_by(text: &str) -> Result<Self, LocalError> {
        let (seconds, mode) = text.split_once(';').unwrap_or((text, "R"));
        let digits = seconds.trim_start_matches(['+', '-']);
        let fits = !digits.is_empty()
            && digits.len() <= 9
            && digits.bytes().all(|b| b.is_ascii_digit())
            && ["R", "N", "RT", "NT"]
                .iter()
                .any(|own| own.eq_ignore_ascii_case(mode));
        if !fits {
            return Err(LocalError::Malformed {
                part: "time to deliver by",
                text: text.into(),
                why: "seconds, a semicolon, and R or N, perhaps with T behind it: 120;R",
            });
        }
        Self::new(&format!("BY={seconds};{}", mode.to_ascii_uppercase()))
    }

    /// From -9 to 9 (RFC 6710 section 4).
    pub fn priority(priority: i8) -> Result<Self, LocalError> {
        if !(-9..=9).contains(&priority) {
            return Err(LocalError::Malformed {
                part: "priority",
                text: priority.to_string().into(),
                why: "from -9 to 9",
            });
        }
        Self::new(&format!("MT-PRIORITY={priority}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn made(parameter: Result<Parameter, LocalError>) -> String {
        parameter.map_or_else(|error| error.to_string(), |p| p.as_str().to_owned())
    }

    #[rstest]
    #[case(Parameter::size(7), "SIZE=7")]
    #[case("8bitmime".parse().and_then(Parameter::body), "BODY=8BITMIME")]
    #[case("hdrs".parse().and_then(Parameter::ret), "RET=HDRS")]
    #[case(Parameter::envid("a+b c=é"), "ENVID=a+2Bb+20c+3D+C3+A9")]
    #[case("never".parse().and_then(Parameter::notify), "NOTIFY=NEVER")]
    #[case("delay,SUCCESS".parse().and_then(Parameter::notify), "NOTIFY=SUCCESS,DELAY")]
    #[case(Parameter::orcpt("a+b@c.example"), "ORCPT=rfc822;a+2Bb@c.example")]
    #[case(Parameter::orcpt("utf-8;é@c"), "ORCPT=utf-8;+C3+A9@c")]
    #[case(Parameter::auth("<>"), "AUTH=<>")]
    #[case(Parameter::auth("e+mc2@b.example"), "AUTH=e+2Bmc2@b.example")]
    #[case(Parameter::deliver_by("120"), "BY=120;R")]
    #[case(Parameter::deliver_by("-5;nt"), "BY=-5;NT")]
    #[case(Parameter::priority(-9), "MT-PRIORITY=-9")]
    fn parameters_are_made_as_their_documents_have_them(
        #[case] parameter: Result<Parameter, LocalError>,
        #[case] text: &str,
    ) {
        assert_eq!(made(parameter), text);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for refused in [
            Parameter::priority(10),
            Parameter::deliver_by("soon"),
            Parameter::deliver_by("5;X"),
            Parameter::envid("a\r\nb"),
            Parameter::envid(&"x".repeat(101)),
            Parameter::orcpt("rfc822;"),
            Parameter::auth("a\0"),
            "FULL,HDRS".parse().and_then(Parameter::ret),
            "NEVER,DELAY".parse().and_then(Parameter::notify),
        ] {
            assert!(refused.is_err(), "{refused:?}");
        }
    }

    proptest! {
        #[test]
        fn xtext_holds_nothing_that_ends_a_word(text: String) {
            let coded = xtext(&text);
            prop_assert!(coded.bytes().all(|b| b.is_ascii_graphic() && b != b'='));
            let mut octets = Vec::new();
            let mut rest = coded.as_bytes();
            while let Some((first, behind)) = rest.split_first() {
                if *first == b'+' {
                    let (digits, behind) = behind.split_at(2);
                    let digits = std::str::from_utf8(digits).unwrap();
                    octets.push(u8::from_str_radix(digits, 16).unwrap());
                    rest = behind;
                } else {
                    octets.push(*first);
                    rest = behind;
                }
            }
            prop_assert_eq!(octets, text.into_bytes());
        }
    }
}
