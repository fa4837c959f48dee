//! A text to the octets that follow the 354 (RFC 5321 sections 4.1.1.4 and 4.5.2).

use std::fmt;

/// What becomes of the ends of lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineEnds {
    /// CRLF, LF and CR each end a line and become CRLF, so that none stands bare on the wire.
    #[default]
    Made,
    /// They stay as they are, and only CRLF ends a line. Behind a bare CR or LF a dot is not
    /// doubled: what a server makes of that is what is tried out.
    Kept,
}

/// A text on its way to the wire, in blocks that may be cut anywhere.
#[derive(Clone, Debug)]
pub struct Stuffing {
    ends: LineEnds,
    /// For DATA; BDAT counts octets and has no use for dots (RFC 3030 section 2).
    dots: bool,
    /// Nothing of the present line has come yet.
    at_start: bool,
    /// The last block ended with CR.
    after_cr: bool,
    lines: usize,
}

impl Stuffing {
    /// For DATA: a dot at the start of a line is doubled, and one alone ends the text.
    pub fn for_data(ends: LineEnds) -> Self {
        Self {
            ends,
            dots: true,
            at_start: true,
            after_cr: false,
            lines: 0,
        }
    }

    /// For BDAT, for a signature, and for whoever counts.
    pub fn without_dots(ends: LineEnds) -> Self {
        Self {
            dots: false,
            ..Self::for_data(ends)
        }
    }

    /// The next block of the text; its octets for the wire are added to `wire`.
    pub fn write(&mut self, text: &[u8], wire: &mut Vec<u8>) {
        match self.ends {
            LineEnds::Made => self.write_lines(text, wire),
            LineEnds::Kept => self.write_as_it_is(text, wire),
        }
    }

    /// The text is over: its last line is ended where it is not, and the final dot follows.
    /// Where ends are kept and there are no dots, nothing is added.
    pub fn finish(&mut self, wire: &mut Vec<u8>) {
        if !self.at_start && (self.dots || self.ends == LineEnds::Made) {
            self.end_line(wire);
        }
        if self.dots {
            wire.extend_from_slice(b".\r\n");
        }
    }

    /// Lines so far, without the final dot.
    pub fn lines(&self) -> usize {
        self.lines
    }

    fn write_lines(&mut self, text: &[u8], wire: &mut Vec<u8>) {
        let mut rest = text;
        if self.after_cr && !text.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while !rest.is_empty() {
            let end = rest.iter().position(|b| matches!(b, b'\r' | b'\n'));
            let (line, behind) = rest.split_at(end.unwrap_or(rest.len()));
            self.write_part(line, wire);
            if !behind.is_empty() {
                self.end_line(wire);
            }
            // Its LF may come with the next block.
            self.after_cr = behind == b"\r";
            rest = behind
                .strip_prefix(b"\r\n")
                .or_else(|| behind.get(1..))
                .unwrap_or_default();
        }
    }

    fn write_as_it_is(&mut self, text: &[u8], wire: &mut Vec<u8>) {
        for part in text.split_inclusive(|byte| *byte == b'\n') {
            self.write_part(part, wire);
            self.at_start = match part {
                [.., b'\r', b'\n'] => true,
                [b'\n'] => self.after_cr,
                _ => false,
            };
            self.after_cr = part.ends_with(b"\r");
            self.lines += usize::from(self.at_start);
        }
    }

    fn write_part(&mut self, part: &[u8], wire: &mut Vec<u8>) {
        if self.dots && self.at_start && part.first() == Some(&b'.') {
            wire.push(b'.');
        }
        wire.extend_from_slice(part);
        self.at_start &= part.is_empty();
    }

    fn end_line(&mut self, wire: &mut Vec<u8>) {
        wire.extend_from_slice(b"\r\n");
        self.at_start = true;
        self.lines += 1;
    }
}

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
        let mut stuffing = Stuffing::for_data(LineEnds::Made);
        stuffing.write(text, &mut octets);
        stuffing.finish(&mut octets);
        Self {
            octets,
            lines: stuffing.lines(),
        }
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

    /// `text` cut before each of `cuts`.
    fn in_blocks(mut stuffing: Stuffing, text: &[u8], cuts: &[usize]) -> (Vec<u8>, usize) {
        let (mut wire, mut from) = (Vec::new(), 0);
        for cut in cuts {
            let to = (*cut).clamp(from, text.len());
            stuffing.write(&text[from..to], &mut wire);
            from = to;
        }
        stuffing.write(&text[from..], &mut wire);
        stuffing.finish(&mut wire);
        (wire, stuffing.lines())
    }

    #[test]
    fn what_is_kept_is_stuffed_behind_crlf_only() {
        for (text, data) in [
            (
                &b".a\n.b\r.c\r\n.d"[..],
                &b"..a\n.b\r.c\r\n..d\r\n.\r\n"[..],
            ),
            (b"a\n", b"a\n\r\n.\r\n"),
            (b"a\r\n", b"a\r\n.\r\n"),
            (b"\0\xff", b"\0\xff\r\n.\r\n"),
            (b"", b".\r\n"),
        ] {
            let stuffing = Stuffing::for_data(LineEnds::Kept);
            assert_eq!(in_blocks(stuffing, text, &[]).0, data, "{text:?}");
            let stuffing = Stuffing::without_dots(LineEnds::Kept);
            assert_eq!(in_blocks(stuffing, text, &[]).0, text, "{text:?}");
        }
        let made = Stuffing::without_dots(LineEnds::Made);
        assert_eq!(in_blocks(made, b".a\n.", &[]).0, b".a\r\n.\r\n");
    }

    proptest! {
        #[test]
        fn wherever_a_text_is_cut_the_same_arrives(
            text in "[.\r\na]{0,40}",
            mut cuts in proptest::collection::vec(0_usize..40, 0..12),
            kept: bool,
            dots: bool,
        ) {
            cuts.sort_unstable();
            let ends = if kept { LineEnds::Kept } else { LineEnds::Made };
            let new = || if dots { Stuffing::for_data(ends) } else { Stuffing::without_dots(ends) };
            let whole = in_blocks(new(), text.as_bytes(), &[]);
            prop_assert_eq!(in_blocks(new(), text.as_bytes(), &cuts), whole);
        }

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
