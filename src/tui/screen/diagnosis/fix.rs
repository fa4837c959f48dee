//! What to change, with the records in it that can be copied into a zone.

use crate::tui::theme::Role;
use crate::tui::widget::Doc;
use std::net::{Ipv4Addr, Ipv6Addr};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Words(&'a str),
    /// `example.org. TXT "v=spf1 mx -all"`
    Record(&'a str),
}

/// A fix in its pieces, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fix<'a> {
    text: &'a str,
    pieces: Vec<Piece<'a>>,
}

impl<'a> Fix<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let mut pieces = Vec::new();
        let mut words_from = 0;
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            if let Some(record) = record(rest) {
                pieces.extend(words(text.get(words_from..at)));
                pieces.push(Piece::Record(record));
                at += record.len();
                words_from = at;
            }
            // Records begin where words do.
            let rest = text.get(at..).unwrap_or_default();
            at += rest.find(' ').map_or(rest.len(), |space| space + 1);
        }
        pieces.extend(words(text.get(words_from..)));
        Self { text, pieces }
    }

    /// What is worth having on the clipboard: the records, else the whole advice.
    pub(super) fn copied(&self) -> String {
        let records: Vec<_> = self
            .pieces
            .iter()
            .filter_map(|piece| match piece {
                Piece::Record(record) => Some(*record),
                Piece::Words(_) => None,
            })
            .collect();
        if records.is_empty() {
            return self.text.to_owned();
        }
        records.join("\n")
    }

    pub(super) fn write(&self, doc: &mut Doc) {
        for piece in &self.pieces {
            match piece {
                Piece::Words(words) => doc.hanging(2, 2, vec![(Role::Text, (*words).to_owned())]),
                Piece::Record(record) => doc.hanging(4, 6, vec![(Role::Key, (*record).to_owned())]),
            };
        }
    }
}

/// The words between two records, without the mark that a record leaves at their beginning.
fn words(text: Option<&str>) -> Option<Piece<'_>> {
    let text = text?.trim_start_matches([';', ',', '.', ' ']).trim_end();
    (!text.is_empty()).then_some(Piece::Words(text))
}

/// The record with which `text` begins, if it begins with one: owner, type, data. Its data has to
/// be of its type, for a sentence may go on "… example.org. A server …".
fn record(text: &str) -> Option<&str> {
    let mut rest = Rest(text);
    let owner = rest.word()?;
    let inner = owner.strip_suffix('.')?;
    if !inner.contains('.') || !inner.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    match rest.word()? {
        "TXT" => {
            rest.quoted()?;
            while rest.clone().quoted().is_some() {
                rest.quoted();
            }
        }
        "MX" => {
            rest.number()?;
            rest.name()?;
        }
        "TLSA" => {
            for _ in 0..3 {
                rest.number()?;
            }
            rest.data(|data| data.bytes().all(|b| b.is_ascii_hexdigit()))?;
        }
        "A" => rest.data(|data| data.parse::<Ipv4Addr>().is_ok())?,
        "AAAA" => rest.data(|data| data.parse::<Ipv6Addr>().is_ok())?,
        "NS" | "CNAME" | "PTR" => rest.name()?,
        _ => return None,
    }
    text.get(..text.len() - rest.0.len())
}

/// What of a record was not read yet.
#[derive(Clone, Copy)]
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// The next word, and the space behind it.
    fn word(&mut self) -> Option<&'a str> {
        let (word, behind) = self.0.split_once(' ')?;
        self.0 = behind;
        Some(word)
    }

    fn number(&mut self) -> Option<()> {
        self.word()?.parse::<u16>().ok().map(|_| ())
    }

    /// A string in quotation marks; a backslash takes the next character as it is.
    fn quoted(&mut self) -> Option<()> {
        let inside = self.0.trim_start_matches(' ').strip_prefix('"')?;
        let mut escaped = false;
        let end = inside.char_indices().find_map(|(at, c)| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends.then_some(at + 1)
        })?;
        self.0 = inside.get(end..)?;
        Some(())
    }

    fn name(&mut self) -> Option<()> {
        let end = self.placeholder().or_else(|| self.0.find(' '));
        let word = self.0.get(..end.unwrap_or(self.0.len()))?;
        // The mark of the sentence may stand behind it.
        let name = word.trim_end_matches([';', ',']);
        let name = name
            .strip_suffix("..")
            .map_or(name.len(), |cut| cut.len() + 1);
        let name = word.get(..name).filter(|name| name.ends_with('.'))?;
        self.0 = self.0.get(name.len()..)?;
        Some(())
    }

    /// One word for which `fits` is true, or a place that the reader fills.
    fn data(&mut self, fits: impl Fn(&str) -> bool) -> Option<()> {
        let end = self.placeholder().or_else(|| {
            let end = self.0.find(' ').unwrap_or(self.0.len());
            let word = self.0.get(..end)?.trim_end_matches([';', ',', '.']);
            fits(word).then_some(word.len())
        })?;
        self.0 = self.0.get(end..)?;
        Some(())
    }

    /// Where `<its IPv4 address>` ends, a final dot included, if one stands here.
    fn placeholder(&self) -> Option<usize> {
        self.0.strip_prefix('<')?;
        let end = self.0.find('>')? + 1;
        let dotted = self.0.get(end..).is_some_and(|rest| rest.starts_with('.'));
        Some(end + usize::from(dotted))
    }
}

#[cfg(test)]
mod tests {
    use super::Piece::{Record, Words};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn records_stand_apart() {
        let cases: [(&str, &[Piece<'_>]); 9] = [
            (
                "Join them: example.org. TXT \"v=spf1 mx -all\"",
                &[
                    Words("Join them:"),
                    Record("example.org. TXT \"v=spf1 mx -all\""),
                ],
            ),
            (
                "Correct it: s._domainkey.example.org. TXT \"v=DKIM1; p=a\\\"\" \"b\" and wait",
                &[
                    Words("Correct it:"),
                    Record("s._domainkey.example.org. TXT \"v=DKIM1; p=a\\\"\" \"b\""),
                    Words("and wait"),
                ],
            ),
            (
                "Replace it by the mail host: example.org. MX 10 mail.example.org. If not, write \
                 elsewhere.",
                &[
                    Words("Replace it by the mail host:"),
                    Record("example.org. MX 10 mail.example.org."),
                    Words("If not, write elsewhere."),
                ],
            ),
            (
                "Name it: mail.example.org. A 192.0.2.1 and example.org. MX 5 mail.example.org.",
                &[
                    Words("Name it:"),
                    Record("mail.example.org. A 192.0.2.1"),
                    Words("and"),
                    Record("example.org. MX 5 mail.example.org."),
                ],
            ),
            (
                "Give it one: mx.example.org. A <its IPv4 address> in its zone; or not.",
                &[
                    Words("Give it one:"),
                    Record("mx.example.org. A <its IPv4 address>"),
                    Words("in its zone; or not."),
                ],
            ),
            (
                "Set it: 1.2.0.192.in-addr.arpa. PTR mx.example.org.; and let it be.",
                &[
                    Words("Set it:"),
                    Record("1.2.0.192.in-addr.arpa. PTR mx.example.org."),
                    Words("and let it be."),
                ],
            ),
            (
                "Set it: 1.2.0.192.in-addr.arpa. PTR <the name>.",
                &[
                    Words("Set it:"),
                    Record("1.2.0.192.in-addr.arpa. PTR <the name>."),
                ],
            ),
            (
                "Remove the record `example.org. MX 0 .` and keep the others.",
                &[Words(
                    "Remove the record `example.org. MX 0 .` and keep the others.",
                )],
            ),
            (
                "It is at mx.example.org. A server of MX hosts",
                &[Words("It is at mx.example.org. A server of MX hosts")],
            ),
        ];
        for (text, pieces) in cases {
            assert_eq!(Fix::of(text).pieces, pieces, "{text}");
        }
    }

    #[test]
    fn records_are_copied_alone() {
        let fix = Fix::of("Name it: m.a.org. A 192.0.2.1 and a.org. MX 5 m.a.org.");
        assert_eq!(fix.copied(), "m.a.org. A 192.0.2.1\na.org. MX 5 m.a.org.");
        assert_eq!(Fix::of("Load the zone.").copied(), "Load the zone.");
    }

    proptest! {
        #[test]
        fn whatever_stands_there_nothing_of_it_is_lost(
            text in "(a\\.b\\. |TXT |MX |A |PTR |1 |192\\.0\\.2\\.1|\"|<|>|;|\\.|é| |word )*"
        ) {
            let letters = |text: &str| -> String {
                text.chars().filter(|c| !" ;,.".contains(*c)).collect()
            };
            let mut doc = Doc::default();
            let fix = Fix::of(&text);
            fix.write(&mut doc);
            prop_assert_eq!(letters(&doc.plain().replace('\n', " ")), letters(&text));
        }
    }
}
