//! What a case is about: a domain, perhaps with one address of it.

use crate::text::SafeText;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A domain to which mail fails, and the address if one was given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Target {
    /// A-labels, lower case, no final dot.
    domain: String,
    local_part: Option<String>,
}

/// An address as `MAIL FROM` and `RCPT TO` take it: at most 64 octets before the `@`, at most
/// 255 behind it (RFC 5321 section 4.5.3.1), no control character, no space outside quotes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MailAddress {
    local_part: String,
    domain: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotATarget {
    #[error("nothing was given: a domain or an e-mail address is needed")]
    Empty,
    #[error("`{0}` is an IP address; the checks start from a domain such as example.org")]
    IpAddress(SafeText),
    #[error("`{0}` has no dot: a domain such as example.org is needed")]
    SingleLabel(SafeText),
    #[error("`{text}` is no domain name: {why}")]
    BadDomain { text: SafeText, why: String },
    #[error("`{text}` is no e-mail address: {why}")]
    BadLocalPart { text: SafeText, why: &'static str },
}

/// The A-label form of a domain name, lower case, without a final dot.
fn ascii_domain(text: &str) -> Result<String, NotATarget> {
    let bad = |why: &str| NotATarget::BadDomain {
        text: text.into(),
        why: why.to_owned(),
    };
    let trimmed = text.strip_suffix('.').unwrap_or(text);
    if trimmed.is_empty() {
        return Err(NotATarget::Empty);
    }
    if trimmed
        .trim_matches(['[', ']'])
        .parse::<std::net::IpAddr>()
        .is_ok()
    {
        return Err(NotATarget::IpAddress(text.into()));
    }
    let ascii = idna::domain_to_ascii_cow(trimmed.as_bytes(), idna::AsciiDenyList::URL)
        .map_err(|_| bad("it holds characters that domain names cannot hold"))?
        .into_owned();
    if ascii.len() > 253 {
        return Err(bad("it is longer than 253 octets"));
    }
    if !ascii.contains('.') {
        return Err(NotATarget::SingleLabel(text.into()));
    }
    for label in ascii.split('.') {
        if label.is_empty() {
            return Err(bad("two dots stand side by side"));
        }
        if label.len() > 63 {
            return Err(bad("a label is longer than 63 octets"));
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err(bad("a label begins or ends with a hyphen"));
        }
        if !label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        {
            return Err(bad("letters, digits, hyphens and dots only"));
        }
    }
    Ok(ascii)
}

impl Target {
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The domain for people: U-labels where they are valid.
    pub fn unicode_domain(&self) -> SafeText {
        idna::domain_to_unicode(&self.domain).0.into()
    }

    pub fn address(&self) -> Option<MailAddress> {
        self.local_part.as_ref().map(|local_part| MailAddress {
            local_part: local_part.clone(),
            domain: self.domain.clone(),
        })
    }
}

impl FromStr for Target {
    type Err = NotATarget;
    /// Takes a domain, an address, `mailto:` and a web address too, since that is what gets
    /// pasted.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.is_empty() {
            return Err(NotATarget::Empty);
        }
        let plain = ["mailto:", "https://", "http://"]
            .iter()
            .find_map(|scheme| text.strip_prefix(scheme))
            .map_or(text, |rest| rest.split(['/', '?']).next().unwrap_or(rest));
        let plain = plain
            .strip_prefix('<')
            .and_then(|inner| inner.strip_suffix('>'))
            .unwrap_or(plain);
        if plain.contains('@') {
            let address: MailAddress = plain.parse()?;
            return Ok(Self {
                domain: address.domain,
                local_part: Some(address.local_part),
            });
        }
        Ok(Self {
            domain: ascii_domain(plain)?,
            local_part: None,
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(local_part) = &self.local_part {
            write!(f, "{local_part}@")?;
        }
        f.write_str(&self.domain)
    }
}

impl MailAddress {
    pub fn local_part(&self) -> &str {
        &self.local_part
    }

    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether it needs SMTPUTF8 (RFC 6531): the local part is not ASCII.
    pub fn needs_smtputf8(&self) -> bool {
        !self.local_part.is_ascii()
    }
}

impl FromStr for MailAddress {
    type Err = NotATarget;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let text = text
            .strip_prefix('<')
            .and_then(|inner| inner.strip_suffix('>'))
            .unwrap_or(text);
        let bad = |why| NotATarget::BadLocalPart {
            text: text.into(),
            why,
        };
        let (local_part, domain) = text.rsplit_once('@').ok_or_else(|| bad("it has no @"))?;
        if local_part.is_empty() {
            return Err(bad("nothing stands before the @"));
        }
        if local_part.len() > 64 {
            return Err(bad("more than 64 octets stand before the @"));
        }
        let quoted =
            local_part.len() > 2 && local_part.starts_with('"') && local_part.ends_with('"');
        let allowed = |c: char| {
            !c.is_control()
                && (quoted
                    || !(c.is_whitespace()
                        || matches!(
                            c,
                            '<' | '>' | '(' | ')' | ',' | ';' | ':' | '"' | '@' | '[' | ']' | '\\'
                        )))
        };
        if !local_part.chars().all(allowed) {
            return Err(bad("a character that must not stand before the @"));
        }
        Ok(Self {
            local_part: local_part.to_owned(),
            domain: ascii_domain(domain)?,
        })
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local_part, self.domain)
    }
}

macro_rules! string_forms {
    ($($kind:ty),*) => {$(
        impl TryFrom<String> for $kind {
            type Error = NotATarget;
            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }
        impl From<$kind> for String {
            fn from(value: $kind) -> String {
                value.to_string()
            }
        }
    )*};
}
string_forms!(Target, MailAddress);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn takes_what_people_paste() {
        for (given, domain, address) in [
            ("Example.ORG.", "example.org", None),
            (
                " info@Example.org ",
                "example.org",
                Some("info@example.org"),
            ),
            ("<a@b.example>", "b.example", Some("a@b.example")),
            (
                "mailto:a@b.example?subject=x",
                "b.example",
                Some("a@b.example"),
            ),
            ("https://www.example.org/path", "www.example.org", None),
            ("bücher.example", "xn--bcher-kva.example", None),
            (
                "müller@bücher.example",
                "xn--bcher-kva.example",
                Some("müller@xn--bcher-kva.example"),
            ),
        ] {
            let target: Target = given.parse().unwrap();
            assert_eq!(target.domain(), domain);
            assert_eq!(target.address().map(|a| a.to_string()).as_deref(), address);
        }
        assert_eq!(
            "xn--bcher-kva.example"
                .parse::<Target>()
                .unwrap()
                .unicode_domain(),
            "bücher.example"
        );
    }

    #[test]
    fn says_what_is_wrong() {
        for (given, words) in [
            ("", "nothing was given"),
            ("localhost", "has no dot"),
            ("192.0.2.1", "is an IP address"),
            ("[2001:db8::1]", "is an IP address"),
            ("a..example", "no domain name"),
            ("exa mple.org", "no domain name"),
            ("-a.example", "hyphen"),
            ("@example.org", "nothing stands before"),
            ("a b@example.org", "must not stand"),
            ("a@b\r\nRCPT TO:<c@d>", "must not stand"),
        ] {
            let said = given.parse::<Target>().unwrap_err().to_string();
            assert!(said.contains(words), "{given:?}: {said}");
        }
    }

    proptest! {
        #[test]
        fn never_holds_a_control_character_and_survives_a_round_trip(text in "\\PC{0,40}|[a-z.@\r\n\0 -]{0,30}") {
            if let Ok(target) = text.parse::<Target>() {
                let said = target.to_string();
                prop_assert!(!said.chars().any(char::is_control));
                prop_assert_eq!(said.parse::<Target>().unwrap(), target);
            }
        }
    }
}
