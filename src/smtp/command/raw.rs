//! Octets as somebody typed them, escapes and all: for free use, and for nothing else. Here a
//! CR or LF may stand anywhere, because that is what is tested.

use super::masked;
use crate::smtp::error::LocalError;
use crate::smtp::stage::Stage;
use crate::text::SafeText;
use serde::Deserialize;
use std::fmt;

/// Octets that one go may send.
const MOST: usize = 1 << 20;

/// What stands behind what was typed. Only the first is SMTP (RFC 5321 section 2.3.8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ending {
    #[default]
    CrLf,
    Lf,
    Cr,
    None,
}

impl Ending {
    pub const ALL: [Self; 4] = [Self::CrLf, Self::Lf, Self::Cr, Self::None];

    pub fn octets(self) -> &'static [u8] {
        match self {
            Self::CrLf => b"\r\n",
            Self::Lf => b"\n",
            Self::Cr => b"\r",
            Self::None => b"",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::CrLf => "CRLF",
            Self::Lf => "LF",
            Self::Cr => "CR",
            Self::None => "none",
        }
    }
}

/// Any octets for the server.
#[derive(Clone, PartialEq, Eq)]
pub struct Raw {
    octets: Vec<u8>,
}

impl Raw {
    /// Reads `\r`, `\n`, `\t`, `\0`, `\xNN` and `\\`; anything else behind a backslash is an
    /// error, so that nobody sends by mistake what they did not mean.
    pub fn parse(text: &str, ending: Ending) -> Result<Self, LocalError> {
        const PART: &str = "line with escapes";
        let malformed = |why| LocalError::Malformed {
            part: PART,
            // It may hold a secret.
            text: masked(text),
            why,
        };
        let mut octets = Vec::with_capacity(text.len() + 2);
        let mut characters = text.chars();
        while let Some(character) = characters.next() {
            if character != '\\' {
                octets.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                continue;
            }
            octets.push(match characters.next() {
                Some('r') => b'\r',
                Some('n') => b'\n',
                Some('t') => b'\t',
                Some('0') => 0,
                Some('\\') => b'\\',
                Some('x') => {
                    let digit = |c: Option<char>| c.and_then(|c| c.to_digit(16));
                    let (high, low) = (digit(characters.next()), digit(characters.next()));
                    let value = high
                        .zip(low)
                        .and_then(|(h, l)| u8::try_from(h * 16 + l).ok());
                    value.ok_or_else(|| malformed("two hexadecimal digits stand behind \\x"))?
                }
                _ => return Err(malformed(r"the escapes are \r \n \t \0 \xNN and \\")),
            });
        }
        octets.extend_from_slice(ending.octets());
        if octets.len() > MOST {
            return Err(LocalError::TooLong {
                part: PART,
                octets: octets.len(),
                limit: MOST,
            });
        }
        if octets.is_empty() {
            return Err(LocalError::Empty { part: PART });
        }
        Ok(Self { octets })
    }

    /// Octets as they are, of whoever made them.
    pub fn of(octets: impl Into<Vec<u8>>) -> Self {
        Self {
            octets: octets.into(),
        }
    }

    /// A line as it was typed, backslashes and all, with CRLF behind it.
    pub fn line(text: &str) -> Self {
        Self::of([text.as_bytes(), b"\r\n"].concat())
    }

    /// Secrets and all.
    pub(in crate::smtp) fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The pieces that end with CRLF, each with it; and what stands behind the last.
    pub(in crate::smtp) fn lines(octets: &[u8]) -> (Vec<&[u8]>, &[u8]) {
        let mut lines = Vec::new();
        let mut rest = octets;
        while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
            let (line, behind) = rest.split_at(end + 2);
            lines.push(line);
            rest = behind;
        }
        (lines, rest)
    }

    /// As it may be shown: control characters as escapes, secrets masked in every piece that a
    /// server might take for a line of its own. Of one line that is nothing else, the CRLF is not
    /// shown.
    pub fn shown(&self) -> SafeText {
        let line = self.octets.strip_suffix(b"\r\n");
        let octets = line
            .filter(|line| !line.iter().any(u8::is_ascii_control))
            .unwrap_or(&self.octets);
        let text = String::from_utf8_lossy(octets);
        let mut shown = String::new();
        for piece in text.split_inclusive(['\r', '\n']) {
            let line = piece.trim_end_matches(['\r', '\n']);
            shown.push_str(&masked(line));
            let end = piece.strip_prefix(line).unwrap_or_default();
            shown.push_str(&SafeText::from(end));
        }
        shown.into()
    }

    /// What the first line of it is.
    pub fn stage(&self) -> Stage {
        Stage::of_line(&String::from_utf8_lossy(&self.octets))
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Raw").field(&self.shown()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_become_octets_and_the_ending_is_a_choice() {
        let octets = |text, ending| Raw::parse(text, ending).map(|raw| raw.octets);
        assert_eq!(octets("NOOP", Ending::CrLf), Ok(b"NOOP\r\n".to_vec()));
        assert_eq!(octets("NOOP", Ending::Lf), Ok(b"NOOP\n".to_vec()));
        assert_eq!(octets("NOOP", Ending::Cr), Ok(b"NOOP\r".to_vec()));
        assert_eq!(octets("NO", Ending::None), Ok(b"NO".to_vec()));
        assert_eq!(
            octets(r"a\r\n\t\0\xfF\\é", Ending::None),
            Ok(b"a\r\n\t\0\xff\\\xc3\xa9".to_vec())
        );
        for wrong in [r"\", r"\q", r"\x1", r"\xg0", ""] {
            assert!(octets(wrong, Ending::None).is_err(), "{wrong}");
        }
    }

    #[test]
    fn secrets_are_masked_in_every_piece() {
        let shown = |text| {
            Raw::parse(text, Ending::CrLf)
                .unwrap()
                .shown()
                .into_string()
        };
        assert_eq!(
            shown(r"NOOP\r\nAUTH PLAIN AGEAYg=="),
            r"NOOP\r\nAUTH PLAIN ***\r\n"
        );
        assert_eq!(
            shown(r"NOOP\nauth plain AGEAYg==\n"),
            r"NOOP\nauth plain ***\n\r\n"
        );
        let raw = Raw::parse("AUTH PLAIN AGEAYg==", Ending::None).unwrap();
        assert!(!format!("{raw:?}").contains("AGEAYg"));
    }

    proptest! {
        #[test]
        fn pieces_are_the_whole(text in r"([a-z]|\\r|\\n|\\x0d){0,40}", which in 0usize..4) {
            if let Ok(raw) = Raw::parse(&text, Ending::ALL[which]) {
                let (lines, rest) = Raw::lines(raw.octets());
                prop_assert!(lines.iter().all(|line| line.ends_with(b"\r\n")));
                prop_assert!(!rest.windows(2).any(|pair| pair == b"\r\n"));
                prop_assert_eq!([lines.concat(), rest.to_vec()].concat(), raw.octets().to_vec());
                prop_assert!(!raw.shown().contains(char::is_control));
            }
        }
    }
}
