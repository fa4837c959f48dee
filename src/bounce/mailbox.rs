//! Mailboxes: several messages in one file (RFC 4155).

/// The messages of a text whose lines end in LF: one, unless it is an mbox.
pub(super) fn messages(octets: &[u8]) -> Vec<&[u8]> {
    if !octets.starts_with(b"From ") {
        return vec![octets];
    }
    let mut messages = Vec::new();
    let mut start = 0;
    let mut at = 0;
    let mut blank = true;
    for line in octets.split_inclusive(|byte| *byte == b'\n') {
        let next = at + line.len();
        let followed_by_header = || octets.get(next..).is_some_and(is_header);
        let separates = line.starts_with(b"From ") && (blank || has_weekday(line));
        if at > start && separates && followed_by_header() {
            messages.extend(octets.get(start..at));
            start = at;
        }
        blank = line == b"\n";
        at = next;
    }
    messages.extend(octets.get(start..));
    messages
}

/// `From a@example.org Thu Jul  2 …`: some writers leave out the blank line before it.
fn has_weekday(line: &[u8]) -> bool {
    line.split(|byte| *byte == b' ').any(|word| {
        [b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun"]
            .iter()
            .any(|day| word == *day)
    })
}

/// Whether it begins with a mailbox line or a header field.
pub(super) fn is_message(octets: &[u8]) -> bool {
    let start = octets
        .iter()
        .position(|byte| !byte.is_ascii_whitespace())
        .unwrap_or_default();
    let text = octets.get(start..).unwrap_or_default();
    if text.starts_with(b"From ") {
        return true;
    }
    // One field alone may be anything; a second line that goes on or is a field tells more.
    let mut lines = text
        .split(|byte| matches!(byte, b'\n' | b'\r'))
        .filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let second = lines.next().unwrap_or_default();
    is_header(first) && (is_header(second) || second.starts_with(b" ") || second.starts_with(b"\t"))
}

/// Whether a line is a header field: a name of printable characters and a colon (RFC 5322
/// section 2.2).
fn is_header(line: &[u8]) -> bool {
    let name = line
        .iter()
        .take(78)
        .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')));
    name.is_some_and(|end| {
        end > 0
            && line.get(end) == Some(&b':')
            && line.iter().take(end).any(u8::is_ascii_alphabetic)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_a_mailbox_at_its_lines() {
        let mbox = b"From a Thu\nSubject: 1\n\nFrom here on\nx\n\nFrom b Fri\nSubject: 2\n\ny\n";
        let parts = messages(mbox);
        assert_eq!(parts.len(), 2);
        assert!(parts[1].starts_with(b"From b"));
        assert_eq!(messages(b"Subject: x\n\nFrom me\n").len(), 1);
        assert_eq!(messages(b"").len(), 1);
    }

    #[test]
    fn tells_messages_from_lines() {
        assert!(is_message(b"Return-Path: <>\r\nReceived: x\r\n\r\n"));
        assert!(is_message(b"\nReceived: from x\n\tby y\n"));
        assert!(is_message(b"From MAILER-DAEMON Thu\n"));
        assert!(!is_message(b"550 5.1.1 x\n"));
        assert!(!is_message(
            b"Jan  1 00:00:00 mx postfix/smtp[1]: x: y\nJan 1"
        ));
        assert!(!is_message(b""));
    }
}
