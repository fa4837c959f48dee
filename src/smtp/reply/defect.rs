//! Where a reply breaks the standard and is read all the same.

use std::fmt;

/// What is untidy in a reply. Order is by weight, the heaviest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Defect {
    /// A line does not begin with three digits from 200 to 599.
    NoCode,
    /// The lines of one reply carry different codes; the last one counts, and not every mail
    /// server believes the same.
    MixedCodes,
    /// The connection ended, or the time was up, before the line did.
    Unfinished,
    /// The enhanced code's class is not the reply code's first digit (RFC 2034 section 4).
    EnhancedClass,
    /// The number is none that the grammar knows (second digit over 5, such as 571): the first
    /// digit counts.
    UnknownNumber,
    /// Behind the code stands neither a space nor a hyphen nor the end of the line.
    Separator,
    /// LF alone ended the line.
    BareLf,
    /// A CR stands in the line without an LF behind it.
    BareCr,
    /// NUL, escape or other control characters in the text.
    Control,
    /// The text is not UTF-8.
    NotUtf8,
    /// More than 512 octets with CRLF (RFC 5321 section 4.5.3.1.5).
    LongLine,
}

/// A clause about the reply, without a full stop.
impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCode => "a line has no reply code",
            Self::MixedCodes => "the lines of one reply carry different codes",
            Self::Unfinished => "the last line was never finished",
            Self::EnhancedClass => "the enhanced code contradicts the reply code",
            Self::UnknownNumber => "the reply code is outside the grammar of RFC 5321",
            Self::Separator => "neither a space nor a hyphen follows the code",
            Self::BareLf => "a line ends in LF without CR",
            Self::BareCr => "a CR stands inside a line",
            Self::Control => "a line holds control characters",
            Self::NotUtf8 => "a line is not valid UTF-8",
            Self::LongLine => "a line is longer than 512 octets",
        })
    }
}
