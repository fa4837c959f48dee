//! What the server offers: the reply to EHLO (RFC 5321 section 4.1.1.1).
//!
//! ```text
//! ehlo-ok-rsp    = ( "250" SP Domain [ SP ehlo-greet ] CRLF )
//!                / ( "250-" Domain [ SP ehlo-greet ] CRLF
//!                 *( "250-" ehlo-line CRLF )
//!                    "250" SP ehlo-line CRLF )
//! ehlo-line      = ehlo-keyword *( SP ehlo-param )
//! ```

use super::reply::Reply;
use crate::text::{SafeText, truncated};
use std::collections::BTreeMap;

/// Odd keywords of a kind that are named.
const MOST_ODD: usize = 5;

/// The keywords of one EHLO reply, in its order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// The name that the server gives itself: the first word of the first line.
    pub domain: SafeText,
    pub keywords: Vec<Keyword>,
}

/// One line of the reply: `SIZE 35882577`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyword {
    /// In capitals; keywords have no case.
    pub name: SafeText,
    pub parameters: Vec<SafeText>,
}

/// What SIZE says (RFC 1870 section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SizeLimit {
    /// Octets of the largest message that is taken.
    Octets(u64),
    /// SIZE is known and no fixed limit is told: no number, or 0.
    NotTold,
}

/// What LIMITS says (RFC 9422 section 3); none where it says nothing of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Mail transactions in one session (MAILMAX).
    pub mails: Option<u32>,
    /// Recipients of one transaction (RCPTMAX).
    pub recipients: Option<u32>,
    /// Different domains among them (RCPTDOMAINMAX).
    pub domains: Option<u32>,
}

impl Limits {
    /// One clause for each limit, to follow "the server takes".
    pub fn words(&self) -> Vec<String> {
        let counted = |count: Option<u32>, one: &str, many: &str, of: &str| {
            let count = count?;
            let noun = if count == 1 { one } else { many };
            Some(format!("at most {count} {noun} {of}"))
        };
        [
            counted(
                self.mails,
                "mail transaction",
                "mail transactions",
                "in one session",
            ),
            counted(
                self.recipients,
                "recipient",
                "recipients",
                "in one transaction",
            ),
            counted(
                self.domains,
                "recipients' domain",
                "different recipients' domains",
                "in one transaction",
            ),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

impl Extensions {
    /// Reads a positive reply to EHLO. The first line is the domain, never a keyword.
    pub fn of(reply: &Reply) -> Self {
        Self::of_lines(reply.lines.iter().map(|line| line.text.as_str()))
    }

    /// The same from the texts behind the codes.
    pub fn of_lines<'a>(mut lines: impl Iterator<Item = &'a str>) -> Self {
        let first = lines.next().unwrap_or_default();
        Self {
            domain: first.split_whitespace().next().unwrap_or_default().into(),
            keywords: lines.filter_map(Keyword::read).collect(),
        }
    }

    pub fn get(&self, name: &str) -> Option<&Keyword> {
        self.keywords
            .iter()
            .find(|keyword| keyword.name.eq_ignore_ascii_case(name))
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn size(&self) -> Option<SizeLimit> {
        let number = self.get("SIZE")?.parameters.first();
        Some(match number.and_then(|text| text.parse().ok()) {
            None | Some(0) => SizeLimit::NotTold,
            Some(octets) => SizeLimit::Octets(octets),
        })
    }

    /// The limits of LIMITS; a value that is no number, or 0, counts as not told (RFC 9422
    /// section 3: from 1 to 999999).
    pub fn limits(&self) -> Option<Limits> {
        let words = &self.get("LIMITS")?.parameters;
        let value = |name: &str| {
            let mut pairs = words.iter().filter_map(|word| word.split_once('='));
            let (_, text) = pairs.find(|(own, _)| own.eq_ignore_ascii_case(name))?;
            text.parse()
                .ok()
                .filter(|count| (1..=999_999).contains(count))
        };
        Some(Limits {
            mails: value("MAILMAX"),
            recipients: value("RCPTMAX"),
            domains: value("RCPTDOMAINMAX"),
        })
    }

    /// Where the offer contradicts itself or makes no sense, each a clause. The first of two
    /// keywords counts; AUTH alone is offered twice by many, for old clients' sake.
    pub fn oddities(&self) -> Vec<String> {
        let mut odd = Vec::new();
        let mut seen = BTreeMap::new();
        for keyword in self.keywords.iter().filter(|k| *k.name != *"AUTH") {
            *seen.entry(&keyword.name).or_insert(0_usize) += 1;
        }
        let often = seen.iter().filter(|(_, count)| **count > 1).take(MOST_ODD);
        odd.extend(often.map(|(name, count)| format!("{name} is offered {count} times")));
        if let Some(number) = self.get("SIZE").and_then(|size| size.parameters.first())
            && number.parse::<u64>().is_err()
        {
            odd.push("SIZE has no number that could be a limit".to_owned());
        }
        let is_keyword = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_alphanumeric())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        // Some offer `X=Y` for private extensions, and `SIZE=1000` is a mistake that counts.
        let malformed = self.keywords.iter().filter(|k| !is_keyword(&k.name));
        odd.extend(
            malformed
                .take(MOST_ODD)
                .map(|k| format!("`{}` is no keyword", truncated(&k.name, 40))),
        );
        odd
    }

    /// SASL mechanisms in capitals, each once, of `AUTH` and of the old spelling `AUTH=`.
    pub fn mechanisms(&self) -> Vec<SafeText> {
        let mut found = Vec::new();
        let all = self
            .keywords
            .iter()
            .filter(|keyword| *keyword.name == *"AUTH");
        for mechanism in all.flat_map(|keyword| &keyword.parameters) {
            let mechanism = SafeText::from(mechanism.to_ascii_uppercase());
            if !found.contains(&mechanism) {
                found.push(mechanism);
            }
        }
        found
    }

    /// Keywords that something on the way overwrote with X, of the same length as what stood
    /// there: firewalls do so to STARTTLS and to what they do not know (`XXXXXXXX`,
    /// `XXXXXXXA`).
    pub fn masked_keywords(&self) -> Vec<&Keyword> {
        self.keywords
            .iter()
            .filter(|keyword| keyword.is_masked())
            .collect()
    }
}

impl Keyword {
    fn read(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let first = words.next()?;
        // `AUTH=LOGIN PLAIN`, from before RFC 2554.
        let (name, glued) = first
            .split_at_checked(4)
            .filter(|(start, _)| start.eq_ignore_ascii_case("AUTH"))
            .and_then(|(auth, rest)| rest.strip_prefix('=').map(|glued| (auth, glued)))
            .map_or((first, None), |(auth, glued)| (auth, Some(glued)));
        Some(Self {
            name: name.to_ascii_uppercase().into(),
            parameters: glued
                .filter(|word| !word.is_empty())
                .into_iter()
                .chain(words)
                .map(SafeText::from)
                .collect(),
        })
    }

    /// At least four letters, all of them X, save perhaps the last one, which tells several
    /// apart.
    fn is_masked(&self) -> bool {
        let length = self.name.chars().count();
        let xs = self.name.chars().take_while(|c| *c == 'X').count();
        length >= 4 && (xs == length || (xs == length - 1 && xs >= 5))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smtp::reply::{Parsed, ReplyParser};
    use crate::smtp::stage::Stage;

    fn extensions(bytes: &[u8]) -> Extensions {
        let mut parser = ReplyParser::default();
        parser.push(bytes);
        let reply = std::iter::from_fn(|| parser.next(Stage::Ehlo)).find_map(|parsed| match parsed
            .unwrap()
        {
            Parsed::Reply(reply) => Some(reply),
            Parsed::Line(_) => None,
        });
        Extensions::of(&reply.unwrap())
    }

    #[test]
    fn reads_keywords_in_any_case_and_spelling() {
        let offered = extensions(
            b"250-SIZE.example says hello\r\n250-size 1000\r\n250-AUTH PLAIN LOGIN\r\n\
              250-AUTH=login cram-md5\r\n250-STARTTLS\r\n250 8BitMime\r\n",
        );
        assert_eq!(offered.domain, "SIZE.example");
        assert_eq!(offered.size(), Some(SizeLimit::Octets(1000)));
        assert_eq!(offered.mechanisms(), ["PLAIN", "LOGIN", "CRAM-MD5"]);
        assert!(offered.has("starttls") && offered.has("8BITMIME"));
        assert!(!offered.has("SIZE.EXAMPLE") && !offered.has("PIPELINING"));
        assert!(offered.masked_keywords().is_empty());
    }

    #[test]
    fn a_lone_line_offers_nothing() {
        let offered = extensions(b"250 STARTTLS\r\n");
        assert_eq!(offered.domain, "STARTTLS");
        assert!(!offered.has("STARTTLS"));
        assert_eq!(
            extensions(b"250-x\r\n250 SIZE\r\n").size(),
            Some(SizeLimit::NotTold)
        );
        assert_eq!(
            extensions(b"250-x\r\n250 SIZE 0\r\n").size(),
            Some(SizeLimit::NotTold)
        );
    }

    #[test]
    fn limits_are_read_and_put_in_words() {
        let offered =
            extensions(b"250-x\r\n250 LIMITS rcptmax=20 MAILMAX=1 RCPTDOMAINMAX=none X=2\r\n");
        let limits = offered.limits().unwrap();
        assert_eq!(limits.recipients, Some(20));
        assert_eq!(limits.domains, None);
        assert_eq!(
            limits.words(),
            [
                "at most 1 mail transaction in one session",
                "at most 20 recipients in one transaction"
            ]
        );
        assert_eq!(extensions(b"250-x\r\n250 SIZE\r\n").limits(), None);
        let none = extensions(b"250-x\r\n250 LIMITS RCPTMAX=0 RCPTMAX\r\n");
        assert_eq!(none.limits(), Some(Limits::default()));
    }

    #[test]
    fn overwritten_keywords_are_seen() {
        let offered = extensions(
            b"250-x\r\n250-XXXXXXXX\r\n250-XXXXXXXA\r\n250-XEXCH50\r\n250-XXX\r\n250 XCLIENT\r\n",
        );
        let masked: Vec<_> = offered
            .masked_keywords()
            .iter()
            .map(|k| k.name.as_str())
            .collect();
        assert_eq!(masked, ["XXXXXXXX", "XXXXXXXA"]);
    }
}
