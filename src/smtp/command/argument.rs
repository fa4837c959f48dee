//! Parts of commands that are checked once and then cannot break the line.

use super::mask::{is_mechanism, masked};
use crate::smtp::error::LocalError;
use crate::smtp::path::refuse_controls;
use crate::text::Secret;
use std::fmt;

/// Text behind a verb: VRFY, EXPN, HELP, ETRN. Not empty, no control character.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Argument(String);

impl Argument {
    pub fn new(text: &str) -> Result<Self, LocalError> {
        const PART: &str = "argument";
        refuse_controls(PART, text)?;
        match text.trim_matches(' ') {
            "" => Err(LocalError::Empty { part: PART }),
            text => Ok(Self(text.to_owned())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A parameter of MAIL or RCPT: `SIZE=1000`, `SMTPUTF8`.
///
/// ```text
/// esmtp-param    = esmtp-keyword ["=" esmtp-value]
/// esmtp-keyword  = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
/// esmtp-value    = 1*(%d33-60 / %d62-126)
/// ```
/// (RFC 5321 section 4.1.2; RFC 6531 adds UTF-8 to values.)
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Parameter(String);

impl Parameter {
    /// Reads `KEYWORD` or `KEYWORD=value`.
    pub fn new(text: &str) -> Result<Self, LocalError> {
        const PART: &str = "parameter";
        refuse_controls(PART, text)?;
        let malformed = |why| LocalError::Malformed {
            part: PART,
            text: text.into(),
            why,
        };
        let (keyword, value) = text
            .split_once('=')
            .map_or((text, None), |(keyword, value)| (keyword, Some(value)));
        if !keyword.starts_with(|c: char| c.is_ascii_alphanumeric())
            || !keyword
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        {
            return Err(malformed(
                "its keyword is made of letters, digits and hyphens",
            ));
        }
        if value
            .is_some_and(|v| v.is_empty() || v.contains(|c: char| c == '=' || c.is_whitespace()))
        {
            return Err(malformed("its value is empty or holds a space or an ="));
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What XCLIENT and XFORWARD carry: `NAME=mx.example ADDR=192.0.2.1 PORT=1025`, each value in
/// xtext (Postfix, `XCLIENT_README` and `XFORWARD_README`). `LOGIN=` is shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub struct Attributes(Secret);

impl Attributes {
    pub fn new(text: &str) -> Result<Self, LocalError> {
        const PART: &str = "attribute";
        refuse_controls(PART, text)?;
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err(LocalError::Empty { part: PART });
        }
        let fits = |word: &str| {
            word.split_once('=').is_some_and(|(name, value)| {
                !value.is_empty()
                    && !name.is_empty()
                    && name.bytes().all(|b| b.is_ascii_alphabetic())
            })
        };
        if !text.split(' ').all(fits) {
            return Err(LocalError::Malformed {
                part: PART,
                // LOGIN= may be among them.
                text: super::MASK.into(),
                why: "each is a name in letters, an = and a value in xtext, one space between",
            });
        }
        Ok(Self(Secret::new(text.to_owned())))
    }

    pub(in crate::smtp) fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = masked(&format!("XCLIENT {}", self.expose()));
        f.debug_tuple("Attributes").field(&shown).finish()
    }
}

/// The name of a SASL mechanism, such as PLAIN.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mechanism(String);

impl Mechanism {
    pub fn new(text: &str) -> Result<Self, LocalError> {
        if is_mechanism(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(LocalError::Malformed {
            part: "mechanism",
            // It may be a secret in the wrong place.
            text: super::MASK.into(),
            why: "up to twenty letters, digits, hyphens and underscores",
        })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What AUTH sends to prove who one is, as it goes over the wire (base64, `=` or `*`).
#[derive(Clone, Debug, PartialEq)]
pub struct Credentials(Secret);

impl Credentials {
    pub fn new(secret: Secret) -> Result<Self, LocalError> {
        refuse_controls("what AUTH sends", secret.expose())?;
        Ok(Self(secret))
    }

    pub(in crate::smtp) fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// Any line that somebody typed, sent as it is. Only CR, LF and NUL cannot be in it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct FreeLine(String);

impl FreeLine {
    pub fn new(text: &str) -> Result<Self, LocalError> {
        const PART: &str = "line";
        if text.contains(['\r', '\n']) {
            return Err(LocalError::LineBreak { part: PART });
        }
        if text.contains('\0') {
            return Err(LocalError::Control { part: PART });
        }
        Ok(Self(text.to_owned()))
    }

    /// As typed: it may hold a secret.
    pub(in crate::smtp) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for FreeLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FreeLine").field(&masked(&self.0)).finish()
    }
}
