//! One line of a reply.

use super::bounds::LINE_ALLOWED;
use super::defect::Defect;
use crate::knowledge::code::{EnhancedCode, ReplyClass, ReplyCode};
use crate::smtp::stage::Stage;
use crate::text::SafeText;

/// A line as it came, and what was read from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplyLine {
    /// The whole line without its end, made safe: what a transcript shows.
    pub shown: SafeText,
    /// What stands behind code and separator; the whole line when there is no code.
    pub text: SafeText,
    pub code: Option<ReplyCode>,
    /// The first word of the text, where [`Stage::has_enhanced_codes`] and the code is no 3yz.
    pub enhanced: Option<EnhancedCode>,
    /// Whether the reply ends with this line.
    pub last: bool,
    /// Octets as they came, with the line's end.
    pub octets: usize,
    pub defects: Vec<Defect>,
}

/// How a line ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    CrLf,
    Lf,
    /// Not at all: the connection did.
    None,
}

impl Ending {
    fn octets(self) -> usize {
        match self {
            Self::CrLf => 2,
            Self::Lf => 1,
            Self::None => 0,
        }
    }
}

/// Code, hyphen and text of a line, by the bytes; any bytes are a line.
struct Parts<'a> {
    code: Option<ReplyCode>,
    hyphen: bool,
    separator_defect: bool,
    text: &'a [u8],
}

impl<'a> Parts<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let none = Self {
            code: None,
            hyphen: false,
            separator_defect: false,
            text: bytes,
        };
        let Some((digits, rest)) = bytes.split_first_chunk::<3>() else {
            return none;
        };
        // A fourth digit makes it some other number, such as a date.
        if !digits.iter().all(u8::is_ascii_digit) || rest.first().is_some_and(u8::is_ascii_digit) {
            return none;
        }
        let number = digits.iter().fold(0, |n, d| n * 10 + u16::from(d - b'0'));
        let Some(code) = ReplyCode::new(number) else {
            return none;
        };
        let (hyphen, separator_defect, text) = match rest {
            [] => (false, false, rest),
            [b' ', text @ ..] => (false, false, text),
            [b'-', text @ ..] => (true, false, text),
            _ => (false, true, rest),
        };
        Self {
            code: Some(code),
            hyphen,
            separator_defect,
            text,
        }
    }
}

impl ReplyLine {
    /// Reads one line. `before` is the latest code of the same reply, if it has begun:
    ///
    /// - a line without a code ends a reply that it begins, since nothing tells that more will
    ///   come; inside a reply it is one of its lines, and the reply goes on;
    /// - a line that was never finished ends its reply.
    pub(super) fn read(
        bytes: &[u8],
        ending: Ending,
        before: Option<ReplyCode>,
        stage: Stage,
    ) -> Self {
        let parts = Parts::of(bytes);
        let text = SafeText::from_bytes(parts.text);
        let octets = bytes.len() + ending.octets();
        let enhanced = parts
            .code
            .filter(|code| code.class() != ReplyClass::Intermediate && stage.has_enhanced_codes())
            .and_then(|_| EnhancedCode::at_start_of(&text));

        let mut defects = Vec::new();
        let mut mark = |is: bool, defect| {
            if is {
                defects.push(defect);
            }
        };
        mark(parts.code.is_none(), Defect::NoCode);
        mark(
            before.is_some_and(|before| parts.code.is_some_and(|code| code != before)),
            Defect::MixedCodes,
        );
        mark(ending == Ending::None, Defect::Unfinished);
        mark(
            enhanced
                .zip(parts.code)
                .is_some_and(|(enhanced, code)| enhanced.reply_class() != code.class()),
            Defect::EnhancedClass,
        );
        mark(
            parts.code.is_some_and(|code| code.get() / 10 % 10 > 5),
            Defect::UnknownNumber,
        );
        mark(parts.separator_defect, Defect::Separator);
        mark(ending == Ending::Lf, Defect::BareLf);
        mark(bytes.contains(&b'\r'), Defect::BareCr);
        let is_control = |b: &u8| b.is_ascii_control() && !matches!(b, b'\t' | b'\r');
        mark(bytes.iter().any(is_control), Defect::Control);
        mark(std::str::from_utf8(bytes).is_err(), Defect::NotUtf8);
        mark(octets > LINE_ALLOWED, Defect::LongLine);

        Self {
            shown: SafeText::from_bytes(bytes),
            text,
            code: parts.code,
            enhanced,
            last: ending == Ending::None
                || !(parts.hyphen || (parts.code.is_none() && before.is_some())),
            octets,
            defects,
        }
    }
}
