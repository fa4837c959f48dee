//! A text to the octets that follow the 354 (RFC 5321 sections 4.1.1.4 and 4.5.2).

use std::fmt;

/// A message on the wire: lines ended by CRLF, every line that begins with a dot has one more,
/// and `CRLF.CRLF` stands at the end and nowhere before it. It cannot be made otherwise, so
/// nothing in a text can end the message early and be taken for commands.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    octets: Vec<u8>,
    lines: usize,
}

impl Message {
    /// Any text. CRLF, LF and CR each end a line; so a bare CR or LF never reaches the wire.
    /// An empty text is a message without a line: the final dot alone.
    pub fn of(text: &[u8]) -> Self {
        let mut octets = Vec::with_capacity(text.len() + text.len() / 32 + 5);
        let mut lines = 0;
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.iter().position(|b| matches!(b, b'\r' | b'\n'));
            let (line, behind) = rest.split_at(end.unwrap_or(rest.len()));
            if line.first() == Some(&b'.') {
                octets.push(b'.');
            }
            octets.extend_from_slice(line);
            octets.extend_from_slice(b"\r\n");
            lines += 1;
            rest = behind
                .strip_prefix(b"\r\n")
                .or_else(|| behind.get(1..))
                .unwrap_or_default();
        }
        octets.extend_from_slice(b".\r\n");
        Self { octets, lines }
    }

    /// Everything that is sent, the final dot with it. (Of the `CRLF.CRLF` the first CRLF is
    /// that of the last line, or of DATA when there is none.)
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// Lines without the final dot.
    pub fn lines(&self) -> usize {
        self.lines
    }

    pub(in crate::smtp) fn into_octets(self) -> Vec<u8> {
        self.octets
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("lines", &self.lines)
            .field("octets", &self.octets.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The receiver's side, as simple as it can be: the lines before the dot, and what is left.
    fn unstuffed(mut wire: &[u8]) -> (Vec<Vec<u8>>, &[u8]) {
        let mut lines = Vec::new();
        loop {
            let end = wire.windows(2).position(|pair| pair == b"\r\n").unwrap();
            let (line, rest) = (&wire[..end], &wire[end + 2..]);
            match line {
                b"." => return (lines, rest),
                [b'.', line @ ..] | line => lines.push(line.to_vec()),
            }
            wire = rest;
        }
    }

    #[test]
    fn dots_are_doubled_on_the_first_and_last_line_too() {
        for (text, wire) in [
            (&b".a\n.\n.b"[..], &b"..a\r\n..\r\n..b\r\n.\r\n"[..]),
            (b"a\r\n\r\nb\r\n", b"a\r\n\r\nb\r\n.\r\n"),
            (b"a\rb\n\rc\r\r\n", b"a\r\nb\r\n\r\nc\r\n\r\n.\r\n"),
            (b"", b".\r\n"),
            (b"\n", b"\r\n.\r\n"),
        ] {
            assert_eq!(Message::of(text).octets(), wire, "{text:?}");
        }
        assert_eq!(Message::of(b".a\n.\n.b").lines(), 3);
    }

    proptest! {
        #[test]
        fn what_is_sent_is_what_arrives(text in "[.\r\na\u{e9}]{0,60}") {
            let message = Message::of(text.as_bytes());
            let (arrived, rest) = unstuffed(message.octets());
            prop_assert!(rest.is_empty());
            prop_assert_eq!(arrived.len(), message.lines());
            let plain = text.replace("\r\n", "\n").replace('\r', "\n");
            let mut meant: Vec<&[u8]> = plain.split('\n').map(str::as_bytes).collect();
            if meant.last() == Some(&&b""[..]) {
                meant.pop();
            }
            prop_assert_eq!(arrived, meant);
        }

        #[test]
        fn no_bare_line_ends_and_one_end(text: Vec<u8>) {
            let message = Message::of(&text);
            let octets = message.octets();
            for (at, byte) in octets.iter().enumerate() {
                let pairs = match byte {
                    b'\r' => octets.get(at + 1) == Some(&b'\n'),
                    b'\n' => at > 0 && octets[at - 1] == b'\r',
                    _ => true,
                };
                prop_assert!(pairs);
            }
            let ends = octets.windows(5).filter(|five| *five == b"\r\n.\r\n").count();
            prop_assert_eq!(ends + usize::from(octets.starts_with(b".\r\n")), 1);
        }
    }
}
