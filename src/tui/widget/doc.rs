//! A text to be read: paragraphs that are wrapped to the pane that they are shown in.

use super::spans::{Spans, shown};
use crate::text::{columns, words};
use crate::tui::theme::Role;
use unicode_segmentation::UnicodeSegmentation as _;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Doc {
    paragraphs: Vec<Paragraph>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Paragraph {
    spans: Spans,
    /// Columns by which the first row is set in, and those after it.
    indent: usize,
    hang: usize,
    /// It says what the paragraphs below it are about.
    is_heading: bool,
}

impl Doc {
    pub fn is_empty(&self) -> bool {
        self.paragraphs.is_empty()
    }

    pub fn spans(&mut self, spans: Spans) -> &mut Self {
        self.hanging(0, 0, spans)
    }

    pub fn hanging(&mut self, indent: usize, hang: usize, spans: Spans) -> &mut Self {
        self.paragraphs.push(Paragraph {
            spans: spans
                .into_iter()
                .map(|(role, text)| (role, shown(&text)))
                .collect(),
            indent,
            hang,
            is_heading: false,
        });
        self
    }

    /// A heading, with an empty line before it where something stands before.
    pub fn heading(&mut self, text: &str) -> &mut Self {
        if !self.paragraphs.is_empty() {
            self.blank();
        }
        self.text(Role::Title, text);
        if let Some(heading) = self.paragraphs.last_mut() {
            heading.is_heading = true;
        }
        self
    }

    /// The heading under which the row `offset` stands, where that is above it, out of sight.
    pub fn heading_above(&self, width: usize, offset: usize) -> Option<String> {
        let mut above = None;
        let mut rows = Vec::new();
        for paragraph in &self.paragraphs {
            if rows.len() > offset {
                break;
            }
            if paragraph.is_heading && rows.len() == offset {
                return None;
            }
            if paragraph.is_heading {
                above = Some(super::plain(&paragraph.spans));
            }
            paragraph.wrap(width.max(1), &mut rows);
        }
        above
    }

    pub fn blank(&mut self) -> &mut Self {
        self.spans(Vec::new())
    }

    pub fn text(&mut self, role: Role, text: &str) -> &mut Self {
        self.spans(vec![(role, text.to_owned())])
    }

    pub fn para(&mut self, text: &str) -> &mut Self {
        self.text(Role::Text, text)
    }

    /// A symbol, then text that is set in beside it.
    pub fn item(&mut self, role: Role, symbol: &str, text: &str) -> &mut Self {
        let hang = columns(symbol) + 1;
        self.hanging(
            0,
            hang,
            vec![(role, format!("{symbol} ")), (Role::Text, text.to_owned())],
        )
    }

    /// What stood on a wire or in a file: set in, and not mixed with our own words.
    pub fn verbatim(&mut self, role: Role, text: &str) -> &mut Self {
        self.hanging(2, 4, vec![(role, text.to_owned())])
    }

    pub fn append(&mut self, mut other: Self) -> &mut Self {
        self.paragraphs.append(&mut other.paragraphs);
        self
    }

    /// The rows at this width.
    pub fn wrapped(&self, width: usize) -> Vec<Spans> {
        let mut rows = Vec::new();
        for paragraph in &self.paragraphs {
            paragraph.wrap(width.max(1), &mut rows);
        }
        rows
    }

    /// Everything that it says, a paragraph a line, for the clipboard.
    pub fn plain(&self) -> String {
        let lines: Vec<_> = self
            .paragraphs
            .iter()
            .map(|paragraph| super::plain(&paragraph.spans))
            .collect();
        lines.join("\n")
    }
}

impl Paragraph {
    fn wrap(&self, width: usize, rows: &mut Vec<Spans>) {
        // A pane too narrow for setting in gets none.
        let inset = |columns: usize| if columns + 8 > width { 0 } else { columns };
        let (indent, hang) = (inset(self.indent), inset(self.hang));
        let mut row = Row::new(indent);
        for (role, text) in &self.spans {
            for word in words(text) {
                let wide = columns(word);
                if row.used + wide > width && row.used > row.start {
                    rows.push(row.done());
                    row = Row::new(hang);
                    if word.trim().is_empty() {
                        continue;
                    }
                }
                if row.used + wide <= width {
                    row.push(*role, word, wide);
                    continue;
                }
                for grapheme in word.graphemes(true) {
                    let wide = columns(grapheme);
                    if row.used + wide > width && row.used > row.start {
                        rows.push(row.done());
                        row = Row::new(hang);
                    }
                    row.push(*role, grapheme, wide);
                }
            }
        }
        rows.push(row.done());
    }
}

struct Row {
    spans: Spans,
    start: usize,
    used: usize,
}

impl Row {
    fn new(inset: usize) -> Self {
        let spans = if inset == 0 {
            Vec::new()
        } else {
            vec![(Role::Text, " ".repeat(inset))]
        };
        Self {
            spans,
            start: inset,
            used: inset,
        }
    }

    fn push(&mut self, role: Role, text: &str, wide: usize) {
        self.used += wide;
        match self.spans.last_mut() {
            Some((last, so_far)) if *last == role => so_far.push_str(text),
            _ => self.spans.push((role, text.to_owned())),
        }
    }

    fn done(self) -> Spans {
        self.spans
    }
}

#[cfg(test)]
mod tests {
    use super::super::plain;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rows_after_the_first_hang() {
        let mut doc = Doc::default();
        doc.item(Role::Good, "✓", "one two three four five");
        let rows: Vec<_> = doc.wrapped(14).iter().map(plain).collect();
        assert_eq!(rows, ["✓ one two ", "  three four ", "  five"]);
    }

    #[test]
    fn a_heading_out_of_sight_is_known() {
        let mut doc = Doc::default();
        doc.para("before")
            .heading("One")
            .para("1")
            .para("2")
            .heading("Two")
            .para("3");
        // before, empty, One, 1, 2, empty, Two, 3
        let above: Vec<_> = (0..8).map(|at| doc.heading_above(20, at)).collect();
        let one = || Some("One".to_owned());
        let two = Some("Two".to_owned());
        assert_eq!(above, [None, None, None, one(), one(), one(), None, two]);
    }

    proptest! {
        #[test]
        fn every_row_fits(text in "[a-z日 .\t]{0,80}", width in 2usize..40, indent in 0usize..6) {
            let mut doc = Doc::default();
            doc.hanging(indent, indent + 2, vec![(Role::Text, text.clone()), (Role::Dim, text)]);
            for row in doc.wrapped(width) {
                prop_assert!(columns(&plain(&row)) <= width);
            }
        }
    }
}
