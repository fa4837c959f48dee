//! Text that may be shown: whatever came from the network or a file passes through here.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::{self, Write as _};
use std::ops::Deref;

/// Text in which nothing is left that could steer a terminal or hide its meaning.
///
/// Control characters (C0, DEL, C1), escape sequences, bidirectional controls, other invisible
/// format characters and bytes that are not UTF-8 stand in it as visible escapes (`\x1b`,
/// `\u{202e}`). A tab stays a tab. A line feed is escaped too: safe text is one line, and what
/// has several is a list of it. Making it again changes nothing.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SafeText(String);

impl SafeText {
    /// Safe text of bytes as they came; what is not UTF-8 stands as `\xNN`.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        let mut out = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            push_safe(&mut out, chunk.valid());
            for byte in chunk.invalid() {
                push_byte(&mut out, *byte);
            }
        }
        Self(out)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }

    /// Every line of a text, each made safe; CRLF, LF and a lone CR end a line.
    pub fn lines_of(text: &str) -> Vec<Self> {
        text.split('\n')
            .map(|line| Self::from(line.strip_suffix('\r').unwrap_or(line)))
            .collect()
    }
}

fn push_safe(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\t' => out.push(c),
            c if c.is_ascii_control() => push_byte(out, c as u8),
            c if is_unsafe(c) => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{{{:x}}}", c as u32);
            }
            c => out.push(c),
        }
    }
}

fn push_byte(out: &mut String, byte: u8) {
    match byte {
        b'\r' => out.push_str("\\r"),
        b'\n' => out.push_str("\\n"),
        _ => {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
}

/// C1 controls, bidirectional and other format characters (Unicode category Cf), separators
/// that break lines, tags and non-characters: invisible, and able to change what is seen.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{8e2}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

impl From<&str> for SafeText {
    fn from(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        push_safe(&mut out, text);
        Self(out)
    }
}

impl From<String> for SafeText {
    fn from(text: String) -> Self {
        if text.chars().any(|c| c != '\t' && is_unsafe(c)) {
            Self::from(text.as_str())
        } else {
            Self(text)
        }
    }
}

impl From<SafeText> for String {
    fn from(text: SafeText) -> Self {
        text.0
    }
}

impl Deref for SafeText {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for SafeText {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl PartialEq<str> for SafeText {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for SafeText {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl Serialize for SafeText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A case file is as untrusted as the network: what is read is made safe again.
impl<'de> Deserialize<'de> for SafeText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escapes_what_steers_a_terminal() {
        assert_eq!(SafeText::from("220 \x1b[2Jhi\r\n"), r"220 \x1b[2Jhi\r\n");
        assert_eq!(SafeText::from("a\u{9b}31m"), r"a\u{9b}31m");
        assert_eq!(SafeText::from("moc.\u{202e}evil"), r"moc.\u{202e}evil");
        assert_eq!(SafeText::from_bytes(b"\xff\xfeok\x00"), r"\xff\xfeok\x00");
        assert_eq!(SafeText::from("naïve 日本\tok"), "naïve 日本\tok");
    }

    proptest! {
        #[test]
        fn nothing_unsafe_is_left_and_making_it_again_changes_nothing(bytes: Vec<u8>) {
            let once = SafeText::from_bytes(&bytes);
            prop_assert!(once.chars().all(|c| c == '\t' || !is_unsafe(c)));
            prop_assert_eq!(SafeText::from(once.as_str()), once.clone());
            prop_assert_eq!(SafeText::from(once.clone().into_string()), once);
        }
    }
}
