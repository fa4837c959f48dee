//! Mail addresses in other people's text.

/// The longest address that is taken for one: a path of RFC 5321 section 4.5.3.1.3 with room
/// for what some systems add.
const LONGEST: usize = 320;

/// The address that `text` begins with, in angle brackets or bare, and what follows it.
pub(super) fn at_head(text: &str) -> Option<(&str, &str)> {
    let (bracketed, inside) = match text.strip_prefix('<') {
        Some(inside) => (true, inside.strip_prefix("mailto:").unwrap_or(inside)),
        None => (false, text),
    };
    let end = local_end(inside)?;
    let after = inside.get(end..)?.strip_prefix('@')?;
    let domain = after
        .find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '[' | ']' | ':')))
        .unwrap_or(after.len());
    let domain = after.get(..domain)?.trim_end_matches(['.', ':', '-', ']']);
    let literal = domain.starts_with('[');
    let closed = if literal { "]" } else { "" };
    let has_name = domain.chars().any(char::is_alphanumeric);
    let whole = end + 1 + domain.len() + closed.len();
    let address = inside
        .get(..whole)
        .filter(|_| has_name && whole <= LONGEST)?;
    let mut rest = inside.get(whole..)?;
    if bracketed {
        rest = rest.trim_start_matches(' ').strip_prefix('>')?;
    }
    Some((address, rest))
}

/// Where the local part ends: an atom with dots (RFC 5322 section 3.4.1, taken loosely, for
/// such addresses bounce) or a quoted string.
fn local_end(text: &str) -> Option<usize> {
    if text.starts_with('"') {
        let mut escaped = false;
        for (place, c) in text.char_indices().skip(1).take(LONGEST) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return Some(place + 1),
                _ => {}
            }
        }
        return None;
    }
    let end = text.find(|c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(
                c,
                '@' | '<' | '>' | ',' | ';' | '"' | '(' | ')' | '[' | ']' | ':' | '\\'
            )
    })?;
    (end > 0).then_some(end)
}

/// The first address in a text.
pub(super) fn first(text: &str) -> Option<&str> {
    all(text).next()
}

/// All addresses in a text, in order.
pub(super) fn all(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let sign = rest.find('@')?;
            let before = rest.get(..sign)?;
            let start = if before.ends_with('"') {
                before.trim_end_matches('"').rfind('"').unwrap_or(sign)
            } else {
                before
                    .rfind(|c: char| {
                        c.is_whitespace()
                            || matches!(
                                c,
                                '<' | '>'
                                    | ','
                                    | ';'
                                    | '"'
                                    | '('
                                    | ')'
                                    | '['
                                    | ']'
                                    | ':'
                                    | '\''
                                    | '`'
                                    | '='
                            )
                    })
                    .map_or(0, |place| {
                        place
                            + before
                                .get(place..)
                                .and_then(|tail| tail.chars().next())
                                .map_or(1, char::len_utf8)
                    })
            };
            let found = rest.get(start..).and_then(at_head);
            if let Some((address, after)) = found {
                rest = after;
                return Some(address);
            }
            rest = rest.get(sign + 1..)?;
        }
    })
}

/// The address in a field of a delivery status: `rfc822; <a@example.org>` (RFC 3464 section
/// 2.3.1), also `utf-8;` with its escapes (RFC 6533 section 3).
pub(super) fn of_field(value: &str) -> Option<String> {
    let (kind, address) = value.split_once(';').unwrap_or(("", value));
    let address = address.trim();
    let address = first(address)
        .unwrap_or(address)
        .trim_matches(['<', '>', ' ']);
    if address.is_empty() || address.len() > LONGEST || address.contains(char::is_whitespace) {
        return None;
    }
    let international = kind.trim().eq_ignore_ascii_case("utf-8");
    Some(if international {
        unescaped(address)
    } else {
        address.to_owned()
    })
}

/// `\x{1F600}` of RFC 6533 section 3.1.
fn unescaped(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    let mut parts = address.split("\\x{");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let character = part.split_once('}').and_then(|(digits, rest)| {
            let number = u32::from_str_radix(digits, 16).ok()?;
            Some((char::from_u32(number)?, rest))
        });
        if let Some((character, rest)) = character {
            out.push(character);
            out.push_str(rest);
        } else {
            out.push_str("\\x{");
            out.push_str(part);
        }
    }
    out
}

/// Whether two spellings are one address: letter case and brackets aside.
pub(super) fn same(one: &str, other: &str) -> bool {
    let bare = |text: &str| {
        text.trim_matches(['<', '>', ' '])
            .replace('"', "")
            .to_lowercase()
    };
    bare(one) == bare(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_addresses_as_they_are_written() {
        for (text, address, rest) in [
            ("<a@example.org>: host", "a@example.org", ": host"),
            ("a@example.org:", "a@example.org", ":"),
            ("a@example.org. Reason", "a@example.org", ". Reason"),
            ("<\"a b..\"@example.org>...", "\"a b..\"@example.org", "..."),
            ("a+b=c@[192.0.2.1] x", "a+b=c@[192.0.2.1]", " x"),
            ("ü@bücher.example (x)", "ü@bücher.example", " (x)"),
        ] {
            assert_eq!(at_head(text), Some((address, rest)), "{text}");
        }
        for text in ["", "@x", "a@", "<a@b", "a b@c", "host: a@b", "\"a@b"] {
            assert_eq!(at_head(text), None, "{text}");
        }
        let found: Vec<_> =
            all("to <a@b.example>, \"c d\"@e.example; (f@g.example) @ h@").collect();
        assert_eq!(found, ["a@b.example", "\"c d\"@e.example", "f@g.example"]);
    }

    #[test]
    fn reads_address_fields_of_a_status() {
        assert_eq!(
            of_field("rfc822; a@b.example").as_deref(),
            Some("a@b.example")
        );
        assert_eq!(
            of_field("RFC822;<a@b.example> (x)").as_deref(),
            Some("a@b.example")
        );
        assert_eq!(
            of_field("utf-8; \\x{e4}@b.example").as_deref(),
            Some("ä@b.example")
        );
        assert_eq!(of_field("a@b.example").as_deref(), Some("a@b.example"));
        assert_eq!(of_field("rfc822;"), None);
    }
}
