//! Masking what identifies people, for a report that leaves the house.

use regex::{Captures, Regex};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::LazyLock;

static LOCAL_PART: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:"(?:[^"\\]|\\.)*"|[^\s<>"@:,;()\[\]]+)@"#).expect("checked by a test")
});
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[0-9A-Fa-f]*:[0-9A-Fa-f:.]+|\d{1,3}(?:\.\d{1,3}){3}").expect("checked by a test")
});

/// `text` without the local parts of mail addresses and without IP addresses.
pub fn redacted(text: &str) -> String {
    let text = LOCAL_PART.replace_all(text, "***@");
    ADDRESS
        .replace_all(&text, |found: &Captures<'_>| {
            let whole = &found[0];
            let is_address = whole.parse::<IpAddr>().is_ok() || whole.parse::<Ipv4Addr>().is_ok();
            if is_address {
                "[ip]".to_owned()
            } else {
                whole.to_owned()
            }
        })
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::redacted;

    #[test]
    fn a_quoted_local_part_is_one() {
        assert_eq!(redacted("<\"jane doe\"@example.org>"), "<***@example.org>");
    }

    #[test]
    fn masks_people_and_machines() {
        assert_eq!(
            redacted("RCPT TO:<jane.doe+x@example.org>"),
            "RCPT TO:<***@example.org>"
        );
        assert_eq!(
            redacted("mx (192.0.2.25) at 12:30:01"),
            "mx ([ip]) at 12:30:01"
        );
        assert_eq!(redacted("to 2001:db8::25 port 25"), "to [ip] port 25");
    }
}
