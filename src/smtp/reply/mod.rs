//! Replies as they come: any bytes in, lines and whole replies out.

pub mod bounds;
mod defect;
mod line;
mod parser;

pub use defect::Defect;
pub use line::ReplyLine;
pub use parser::{Parsed, ReplyParser};

use crate::knowledge::code::{EnhancedCode, ReplyClass, ReplyCode};
use crate::text::SafeText;

/// One reply, of one line or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The code of the last line, which counts when the lines differ; none when that line has
    /// no code, which is no SMTP.
    pub code: Option<ReplyCode>,
    /// At least one.
    pub lines: Vec<ReplyLine>,
    /// That of the last line which has one.
    pub enhanced: Option<EnhancedCode>,
    /// Each kind once, in the order in which they were met.
    pub defects: Vec<Defect>,
}

impl Reply {
    pub(crate) fn of(lines: Vec<ReplyLine>) -> Self {
        let mut defects: Vec<Defect> = Vec::new();
        for defect in lines.iter().flat_map(|line| &line.defects) {
            if !defects.contains(defect) {
                defects.push(*defect);
            }
        }
        Self {
            code: lines.last().and_then(|line| line.code),
            enhanced: lines.iter().rev().find_map(|line| line.enhanced),
            defects,
            lines,
        }
    }

    /// What the first digit says; none without a code.
    pub fn class(&self) -> Option<ReplyClass> {
        self.code.map(ReplyCode::class)
    }

    pub fn is_positive(&self) -> bool {
        self.class() == Some(ReplyClass::Positive)
    }

    /// Whether the number is `code`.
    pub fn is(&self, code: u16) -> bool {
        self.code.is_some_and(|own| own.get() == code)
    }

    /// The lines' texts without codes, joined by spaces.
    pub fn text(&self) -> SafeText {
        let texts: Vec<&str> = self.lines.iter().map(|line| line.text.trim()).collect();
        texts.join(" ").into()
    }

    /// Whether the text was overwritten with asterisks, as old firewalls do with the greeting
    /// (`220 ****************0*2*****`): nearly all of it asterisks, and at least eight.
    pub fn is_overwritten(&self) -> bool {
        let text = self.lines.iter().flat_map(|line| line.text.chars());
        let (stars, all) = text
            .filter(|c| !c.is_whitespace())
            .fold((0, 0), |(stars, all), c| {
                (stars + usize::from(c == '*'), all + 1)
            });
        stars >= 8 && stars * 4 >= all * 3
    }
}

#[cfg(test)]
mod tests;
