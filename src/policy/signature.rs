//! DKIM signatures in a message as people paste it (RFC 6376 section 3.5): folded, quoted, set
//! in, or in the middle of a bounce.

use super::tags;

/// Signatures that are read; a message has one to three.
const MOST: usize = 16;
/// Octets of one header field that are read.
const MOST_OCTETS: usize = 16 * 1024;
const FIELD: &str = "dkim-signature:";

/// Which key a signature names: that of `s=` at the domain of `d=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub selector: String,
    pub domain: String,
}

/// The signatures that stand in `text`, in their order. One that lacks either tag, or has
/// something in it that is no name, is left out.
pub fn signatures(text: &str) -> Vec<Signature> {
    let lines: Vec<&str> = text.lines().map(unquoted).collect();
    let mut found = Vec::new();
    let mut rest = &lines[..];
    while let [line, behind @ ..] = rest {
        rest = behind;
        let Some(value) = field_value(line) else {
            continue;
        };
        let mut field = value.to_owned();
        let set_in = indent(line);
        while let [next, behind @ ..] = rest {
            let goes_on = indent(next) > set_in || !begins_field(next);
            if next.trim().is_empty() || !goes_on || field.len() > MOST_OCTETS {
                break;
            }
            field.push(' ');
            field.push_str(next);
            rest = behind;
        }
        found.extend(read(&field));
        if found.len() >= MOST {
            break;
        }
    }
    found
}

/// The line without the marks of a reply: `> `, `>> `, `| `.
fn unquoted(line: &str) -> &str {
    let mut line = line;
    while let Some(behind) = line.trim_start().strip_prefix(['>', '|']) {
        line = behind.strip_prefix(' ').unwrap_or(behind);
    }
    line
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// What stands behind the field's name, where the line begins with it.
fn field_value(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let (name, value) = line.split_at_checked(FIELD.len())?;
    name.eq_ignore_ascii_case(FIELD).then_some(value)
}

/// Whether another field begins here, for a paste may have lost the space before a folded line.
fn begins_field(line: &str) -> bool {
    line.trim_start().split_once(':').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    })
}

fn read(field: &str) -> Option<Signature> {
    let named = |tag| {
        let value: String = tags::value(field, tag)?.split_whitespace().collect();
        is_name(&value).then_some(value)
    };
    Some(Signature {
        selector: named("s")?,
        domain: named("d")?.to_ascii_lowercase(),
    })
}

/// Labels of letters, digits, hyphens and underscores between dots.
fn is_name(text: &str) -> bool {
    text.len() <= 253
        && text.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn named(text: &str) -> Vec<String> {
        let found = signatures(text).into_iter();
        found
            .map(|it| format!("{}@{}", it.selector, it.domain))
            .collect()
    }

    #[test]
    fn folded_as_it_stands_in_a_message() {
        let text = "Received: from a by b\r\n\
            DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; h=from:to:\r\n\
            \tsubject:date; d=example.org;\r\n\
            \ts=2026-a; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n\
            \tb=abc=\r\n\
            Subject: s=no; d=no.example\r\n";
        assert_eq!(named(text), ["2026-a@example.org"]);
    }

    #[test]
    fn quoted_set_in_and_several() {
        let text = "On Monday she wrote:\n\
            > > dkim-signature: v=1; d=Mail.Example.org;\n\
            > >  s=one; b=x\n\
            > > From: a@example.org\n\
            > X-Google-DKIM-Signature: v=1; d=1e100.net; s=other; b=x\n\
            \n\
            \x20   DKIM-Signature: v=1; b=x; d=example.org;\n\
            \x20     s=two._tail\n\
            \x20   To: b@example.org\n";
        assert_eq!(
            named(text),
            ["one@mail.example.org", "two._tail@example.org"]
        );
    }

    #[test]
    fn a_paste_that_lost_its_folding_spaces() {
        let text = "DKIM-Signature: v=1; a=rsa-sha256;\n\
            d=example.org; s=s1;\n\
            h=from; b=x\n\
            Date: today\n";
        assert_eq!(named(text), ["s1@example.org"]);
    }

    #[test]
    fn what_is_no_name_is_left_out() {
        for text in [
            "DKIM-Signature: v=1; d=example.org; b=x",
            "DKIM-Signature: v=1; d=example.org; s=a b/c; b=x",
            "DKIM-Signature: v=1; d=..; s=a; b=x",
            "DKIM-Signature:\n\nd=example.org; s=a",
            "The DKIM-Signature: d=example.org; s=a",
        ] {
            assert!(named(text).is_empty(), "{text}");
        }
        let many = "DKIM-Signature: d=example.org; s=a; b=\n\n".repeat(1_000);
        assert_eq!(signatures(&many).len(), MOST);
    }

    proptest! {
        #[test]
        fn whatever_is_pasted_gives_names_or_nothing(
            text in "(DKIM-Signature: ?|[ds]=|[a-z.]{0,4}|;|> |\t|\n|é|\u{0})*"
        ) {
            for signature in signatures(&text) {
                prop_assert!(is_name(&signature.selector) && is_name(&signature.domain));
            }
        }
    }
}
