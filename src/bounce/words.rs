//! Codes and hosts in a server's words.

use super::phrases::KNOWN;
use crate::knowledge::code::{EnhancedCode, ReplyCode};

/// The reply code in words: three digits where a reply begins, with what belongs to one behind.
///
/// A positive one is taken only where the message was `delivered`.
pub(super) fn reply_code(words: &str, delivered: bool) -> Option<ReplyCode> {
    let bytes = words.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    (0..bytes.len()).find_map(|at| {
        let found = (matches!(bytes.get(at), Some(b'4' | b'5'))
            || delivered && bytes.get(at) == Some(&b'2'))
            && digit(at + 1)
            && digit(at + 2)
            && !digit(at + 3)
            && !(at > 0
                && (digit(at - 1) || bytes.get(at - 1).is_some_and(u8::is_ascii_alphabetic)));
        if !found {
            return None;
        }
        let before = words.get(..at)?.trim_end_matches([' ', '\t']);
        let after = words.get(at + 3..)?;
        let begins = before.is_empty()
            || before.ends_with([':', ';', '\'', '"', '#', '(', '>', '[', '\n', '|', '='])
            || [
                "said",
                "error",
                "code",
                "was",
                "with",
                "returned",
                "responded",
                "status",
                "reply",
                "smtp",
                "->",
                "failure",
                "reason",
            ]
            .iter()
            .any(|word| {
                before.len() >= word.len()
                    && before
                        .get(before.len() - word.len()..)
                        .is_some_and(|end| end.eq_ignore_ascii_case(word))
            });
        let goes_on = after.is_empty()
            || after.starts_with([' ', '-', ':', '\'', '"', ')', ']', ';', ',', '\n']);
        let decimal = before.ends_with('.') || after.starts_with(". ");
        // `421 4.2.1`: the enhanced code behind it has its class.
        let class = words.get(at..=at)?;
        let leads = || {
            let next = after.trim_start_matches([' ', '-']).split(' ').next();
            next.is_some_and(|word| word.starts_with(class) && word.parse::<EnhancedCode>().is_ok())
        };
        (goes_on && !decimal && (begins || leads()))
            .then(|| words.get(at..at + 3)?.parse().ok().and_then(ReplyCode::new))
            .flatten()
    })
}

/// The first enhanced code in words, the more telling one first: `X.0.0` says nothing.
pub(super) fn enhanced_code(words: &str) -> Option<EnhancedCode> {
    let mut vague = None;
    for word in words.split(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '(' | ')' | '#' | '[' | ']' | ',' | ';' | '\'' | '"' | '<' | '>' | '=' | '|'
            )
    }) {
        // Most words are none, and a number with dots is dear to read.
        if !word.contains('.') || !word.bytes().any(|byte| matches!(byte, b'2' | b'4' | b'5')) {
            continue;
        }
        let word = word.trim_end_matches(['.', ':', '-', '!', '?']);
        // `550-5.7.1`
        let code = word
            .parse::<EnhancedCode>()
            .ok()
            .or_else(|| word.split_once('-').and_then(|(_, code)| code.parse().ok()));
        match code {
            Some(code) if is_telling(code) => return Some(code),
            Some(code) => vague = vague.or(Some(code)),
            None => {}
        }
    }
    vague
}

pub(super) fn is_telling(code: EnhancedCode) -> bool {
    (code.subject, code.detail) != (0, 0)
}

/// The host that said it: `host mx.example.org[192.0.2.1] said:`.
pub(super) fn host(words: &str) -> Option<&str> {
    KNOWN.hosts.after(words).find_map(|after| {
        let after = after.trim_start_matches([' ', '<', '[', '"', '\'']);
        let end = after
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_')))
            .unwrap_or(after.len());
        let name = after.get(..end)?.trim_end_matches(['.', '-']);
        (name.contains('.') && name.len() <= 255).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("550 5.1.1 no", Some(550), Some("5.1.1"))]
    #[case("host mx[192.0.2.1] said: 452 4.2.2 full", Some(452), Some("4.2.2"))]
    #[case("Remote Server returned '550 5.4.1 x'", Some(550), Some("5.4.1"))]
    #[case("#550-5.7.1 x", Some(550), Some("5.7.1"))]
    #[case("(#5.1.1)", None, Some("5.1.1"))]
    #[case("connect to 192.0.2.1: timed out after 500 seconds", None, None)]
    #[case("554 5.0.0 x (#5.7.1)", Some(554), Some("5.7.1"))]
    #[case("550: <a@b>: unknown", Some(550), None)]
    #[case("220-mx 421 4.2.1 x", Some(421), Some("4.2.1"))]
    fn finds_codes(
        #[case] words: &str,
        #[case] reply: Option<u16>,
        #[case] enhanced: Option<&str>,
    ) {
        assert_eq!(reply_code(words, false).map(ReplyCode::get), reply);
        assert_eq!(
            enhanced_code(words).map(|code| code.to_string()).as_deref(),
            enhanced
        );
    }

    #[test]
    fn finds_the_host() {
        assert_eq!(
            host("host mx.b.example[192.0.2.1] said: x"),
            Some("mx.b.example")
        );
        assert_eq!(
            host("connect to mx.b.example[192.0.2.1]:25: x"),
            Some("mx.b.example")
        );
        assert_eq!(host("host unknown"), None);
    }
}
