//! The envelope's addresses, in the angle brackets that MAIL and RCPT demand.
//!
//! ```text
//! Reverse-path   = Path / "<>"
//! Forward-path   = Path
//! Path           = "<" [ A-d-l ":" ] Mailbox ">"
//! Mailbox        = Local-part "@" ( Domain / address-literal )
//! ```
//! (RFC 5321 section 4.1.2.) The source route `A-d-l` is obsolete; who needs one types it.

use super::error::LocalError;
use std::fmt;
use std::str::FromStr;

/// Octets before the `@` (RFC 5321 section 4.5.3.1.1).
pub(super) const LOCAL_PART: usize = 64;
/// Octets behind it (section 4.5.3.1.2).
pub(super) const DOMAIN: usize = 255;
/// Octets of a path with its brackets (section 4.5.3.1.3).
pub(super) const PATH: usize = 256;

/// `local-part@domain`, the local part as it was given.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mailbox {
    local_part: String,
    domain: String,
}

/// Whom MAIL names: where bounces go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ReversePath {
    /// `<>`: a bounce, or a test that nobody is to answer.
    Null,
    Mailbox(Mailbox),
}

/// Whom RCPT names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ForwardPath {
    /// `<postmaster>`, which needs no domain (RFC 5321 section 4.1.1.3).
    Postmaster,
    Mailbox(Mailbox),
}

impl Mailbox {
    pub fn local_part(&self) -> &str {
        &self.local_part
    }

    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether SMTPUTF8 is needed (RFC 6531): the local part is not ASCII. A domain that is
    /// not goes as A-labels without it.
    pub fn needs_smtputf8(&self) -> bool {
        !self.local_part.is_ascii()
    }
}

impl FromStr for Mailbox {
    type Err = LocalError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const PART: &str = "address";
        let text = text.trim_matches(' ');
        refuse_controls(PART, text)?;
        let malformed = |why| LocalError::Malformed {
            part: PART,
            text: text.into(),
            why,
        };
        if text.is_empty() {
            return Err(LocalError::Empty { part: PART });
        }
        let (local_part, domain) = text
            .rsplit_once('@')
            .ok_or_else(|| malformed("it has no @"))?;
        if !is_local_part(local_part) {
            return Err(malformed(
                "what stands before the @ needs quotes or has too many",
            ));
        }
        let domain = checked_domain("domain", domain)?;
        within("what stands before the @", local_part.len(), LOCAL_PART)?;
        within("the address", local_part.len() + domain.len() + 3, PATH)?;
        Ok(Self {
            local_part: local_part.to_owned(),
            domain,
        })
    }
}

/// `Dot-string / Quoted-string`, with the dots where people put them: servers differ in what
/// they take, and trying it is the point.
fn is_local_part(text: &str) -> bool {
    let quoted = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    if let Some(inner) = quoted {
        let mut escaped = false;
        let ends_well = inner.chars().all(|c| {
            let fine = escaped || c != '"';
            escaped = !escaped && c == '\\';
            fine
        });
        return ends_well && !escaped;
    }
    let special = |c| {
        matches!(
            c,
            '<' | '>' | '(' | ')' | '[' | ']' | ',' | ';' | ':' | '"' | '@' | '\\'
        )
    };
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || special(c))
}

/// A domain as typed when it is ASCII, its A-labels when it is not, or an address literal.
pub(super) fn checked_domain(part: &'static str, text: &str) -> Result<String, LocalError> {
    let malformed = |why| LocalError::Malformed {
        part,
        text: text.into(),
        why,
    };
    refuse_controls(part, text)?;
    if text.is_empty() {
        return Err(LocalError::Empty { part });
    }
    if let Some(rest) = text.strip_prefix('[') {
        let inner = rest.strip_suffix(']').unwrap_or_default();
        let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '[' | ']' | '\\' | '<' | '>');
        if inner.is_empty() || !inner.chars().all(fits) {
            return Err(malformed(
                "an address literal looks like [192.0.2.1] or [IPv6:2001:db8::1]",
            ));
        }
        within(part, text.len(), DOMAIN)?;
        return Ok(text.to_owned());
    }
    let ascii = if text.is_ascii() {
        text.to_owned()
    } else {
        idna::domain_to_ascii_cow(text.as_bytes(), idna::AsciiDenyList::URL)
            .map_err(|_| malformed("it holds characters that domain names cannot hold"))?
            .into_owned()
    };
    within(part, ascii.len(), DOMAIN)?;
    let labels = ascii.strip_suffix('.').unwrap_or(&ascii);
    if labels.split('.').any(str::is_empty) {
        return Err(malformed("a label is empty"));
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !ascii.chars().all(fits) {
        return Err(malformed("letters, digits, hyphens and dots only"));
    }
    Ok(ascii)
}

/// Refuses what would end the line or hide in it.
pub(super) fn refuse_controls(part: &'static str, text: &str) -> Result<(), LocalError> {
    if text.contains(['\r', '\n']) {
        return Err(LocalError::LineBreak { part });
    }
    if text.contains(char::is_control) {
        return Err(LocalError::Control { part });
    }
    Ok(())
}

fn within(part: &'static str, octets: usize, limit: usize) -> Result<(), LocalError> {
    if octets > limit {
        return Err(LocalError::TooLong {
            part,
            octets,
            limit,
        });
    }
    Ok(())
}

/// The text without its pair of angle brackets, if it has one.
fn unbracketed(text: &str) -> &str {
    let text = text.trim_matches(' ');
    text.strip_prefix('<')
        .and_then(|rest| rest.strip_suffix('>'))
        .unwrap_or(text)
}

impl ReversePath {
    pub fn mailbox(&self) -> Option<&Mailbox> {
        match self {
            Self::Null => None,
            Self::Mailbox(mailbox) => Some(mailbox),
        }
    }
}

impl ForwardPath {
    pub fn mailbox(&self) -> Option<&Mailbox> {
        match self {
            Self::Postmaster => None,
            Self::Mailbox(mailbox) => Some(mailbox),
        }
    }
}

impl FromStr for ReversePath {
    type Err = LocalError;
    /// An address with or without brackets; `<>` or nothing is the null sender.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match unbracketed(text) {
            "" => Ok(Self::Null),
            address => address.parse().map(Self::Mailbox),
        }
    }
}

impl FromStr for ForwardPath {
    type Err = LocalError;
    /// An address with or without brackets, or `postmaster`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match unbracketed(text) {
            address if address.eq_ignore_ascii_case("postmaster") => Ok(Self::Postmaster),
            address => address.parse().map(Self::Mailbox),
        }
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local_part, self.domain)
    }
}

/// With the brackets.
impl fmt::Display for ReversePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("<>"),
            Self::Mailbox(mailbox) => write!(f, "<{mailbox}>"),
        }
    }
}

/// With the brackets.
impl fmt::Display for ForwardPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postmaster => f.write_str("<postmaster>"),
            Self::Mailbox(mailbox) => write!(f, "<{mailbox}>"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stand_in_brackets() {
        let reverse = |text: &str| text.parse::<ReversePath>().unwrap().to_string();
        let forward = |text: &str| text.parse::<ForwardPath>().unwrap().to_string();
        assert_eq!(reverse(""), "<>");
        assert_eq!(reverse("<>"), "<>");
        assert_eq!(reverse("A@b.example"), "<A@b.example>");
        assert_eq!(forward("<a@bücher.example>"), "<a@xn--bcher-kva.example>");
        assert_eq!(forward("Postmaster"), "<postmaster>");
        assert_eq!(forward("\"a b\"@[192.0.2.1]"), "<\"a b\"@[192.0.2.1]>");
    }

    #[test]
    fn what_would_break_the_command_is_refused_with_its_reason() {
        for (text, words) in [
            ("a@b.example>\r\nDATA", "line break"),
            ("a@b.example\0", "control character"),
            ("a b@c.example", "quotes"),
            ("a\"b@c.example", "quotes"),
            ("\"a\\\"@c.example", "quotes"),
            ("a@c.example> SIZE=1", "letters"),
            ("nobody", "no @"),
            (&format!("{}@c.example", "x".repeat(65)), "limit is 64"),
            ("a@[192.0.2.1", "literal"),
        ] {
            let said = text.parse::<ForwardPath>().unwrap_err().to_string();
            assert!(said.contains(words), "{text:?}: {said}");
        }
    }
}
