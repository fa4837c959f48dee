//! What of a client's line may be shown.

use crate::text::SafeText;

/// What stands for a secret. It has always the same length: that of a secret is one too.
pub const MASK: &str = "***";

/// A line that is typed where a command is expected, with what is secret in it masked:
///
/// - everything behind `AUTH mechanism` (RFC 4954), also when the verb is misspelt but still
///   begins with AUTH; a mechanism is shown only if it can be one;
/// - the values of `LOGIN=` behind `XCLIENT`.
///
/// A line that answers a 334 is secret as a whole; the session knows that, this function does
/// not.
pub fn masked(line: &str) -> SafeText {
    let (indent, rest) = line.split_at(line.len() - line.trim_start().len());
    let mut words = rest.split_whitespace();
    let verb = words.next().unwrap_or_default();
    if starts_with_ignore_case(verb, "AUTH") {
        // Shown only when it is the plain verb; `AUTH=…` and the like may hold the secret.
        if !verb.bytes().all(|b| b.is_ascii_alphabetic()) {
            return format!("{indent}AUTH{MASK}").into();
        }
        let mechanism = words.next().filter(|word| is_mechanism(word));
        let more = mechanism.map_or(rest.trim() != verb, |_| words.next().is_some());
        let mut shown = format!("{indent}{verb}");
        for part in mechanism.into_iter().chain(more.then_some(MASK)) {
            shown.push(' ');
            shown.push_str(part);
        }
        return shown.into();
    }
    if verb.eq_ignore_ascii_case("XCLIENT") {
        let shown = line.split(' ').map(|word| {
            if starts_with_ignore_case(word, "LOGIN=") {
                format!("LOGIN={MASK}")
            } else {
                word.to_owned()
            }
        });
        return shown.collect::<Vec<_>>().join(" ").into();
    }
    line.into()
}

/// `sasl-mech = 1*20mech-char`, upper-case letters, digits, hyphen and underscore (RFC 4422
/// section 3.1); people type small letters too.
pub(super) fn is_mechanism(word: &str) -> bool {
    (1..=20).contains(&word.len())
        && word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

fn starts_with_ignore_case(text: &str, start: &str) -> bool {
    text.get(..start.len())
        .is_some_and(|own| own.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn secrets_are_masked_however_they_are_typed() {
        for (line, shown) in [
            ("AUTH PLAIN AGEAYg==", "AUTH PLAIN ***"),
            ("auth\tplain  AGEAYg==", "auth plain ***"),
            ("  Auth LOGIN YQ==", "  Auth LOGIN ***"),
            ("AUTH LOGIN", "AUTH LOGIN"),
            ("AUTH", "AUTH"),
            ("AUTH AGEAaHVudGVyMg==", "AUTH ***"),
            ("AUTH=PLAIN AGEAYg==", "AUTH***"),
            ("AUTHPLAIN YQ== Yg==", "AUTHPLAIN ***"),
            (
                "XCLIENT NAME=a LOGIN=bob ADDR=192.0.2.1",
                "XCLIENT NAME=a LOGIN=*** ADDR=192.0.2.1",
            ),
            (
                "MAIL FROM:<a@b.example> AUTH=<>",
                "MAIL FROM:<a@b.example> AUTH=<>",
            ),
            ("EHLO \u{202e}x", r"EHLO \u{202e}x"),
        ] {
            assert_eq!(masked(line), shown, "{line}");
        }
    }
}
