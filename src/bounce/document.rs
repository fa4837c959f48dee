//! A message as the reader of bounces needs it: a few headers, and its parts as text.

use mail_parser::{Encoding, HeaderName, MessageParser, MimeHeaders as _, PartType};
use std::borrow::Cow;
use std::sync::LazyLock;

/// Octets of one message that are read. What is said about a delivery stands in front of the
/// returned message, which may be longer.
const MOST: usize = 4 << 20;
/// Places in one message where a part may begin. The parser nests as deep as the message says,
/// and so does dropping what it read.
const MOST_PARTS: usize = 400;
/// Octets of a part in HTML that are looked at, where there is no other text: its words stand in
/// front.
const LONGEST_HTML: usize = 128 << 10;
/// Octets of one part that are looked at.
const LONGEST_PART: usize = 1 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// message/delivery-status (RFC 3464) and its international form (RFC 6533).
    Status,
    /// message/feedback-report (RFC 5965).
    Feedback,
    /// The headers of the returned message.
    Headers,
    /// A message inside the message.
    Message,
}

#[derive(Debug)]
pub(super) struct Section {
    pub(super) kind: Kind,
    pub(super) text: String,
}

#[derive(Debug, Default)]
pub(super) struct Document {
    /// Those of [`NAMES`] that it has, values unfolded, as they stand in the message.
    headers: Vec<(&'static str, String)>,
    pub(super) subject: String,
    pub(super) sections: Vec<Section>,
}

impl Document {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn of_kind(&self, kind: Kind) -> impl Iterator<Item = &str> {
        self.sections
            .iter()
            .filter(move |section| section.kind == kind)
            .map(|section| section.text.as_str())
    }

    /// Reads a message whose lines end in LF. Whatever is no message is one text.
    pub(super) fn read(bytes: &[u8]) -> Self {
        let bytes = without_blank_lines(bytes.get(..MOST).unwrap_or(bytes));
        if !begins_with_headers(bytes) || parts(bytes) > MOST_PARTS {
            return Self::of_text(&lossy(bytes));
        }
        let Some(message) = PARSER.parse(bytes) else {
            return Self::of_text(&lossy(bytes));
        };
        let mut document = Self {
            subject: message.subject().unwrap_or_default().to_owned(),
            headers: message
                .headers_raw()
                .filter_map(|(name, value)| Some((known(name)?, unfolded(value))))
                .collect(),
            sections: Vec::new(),
        };
        let mut html = None;
        for part in &message.parts {
            let kind = part.content_type().map_or(Kind::Text, kind_of);
            match &part.body {
                PartType::Text(text) => document.push(kind, text),
                PartType::Html(text) if html.is_none() => html = Some(text),
                PartType::Binary(bytes) | PartType::InlineBinary(bytes)
                    if kind != Kind::Text || is_broken(part) =>
                {
                    document.push(kind, &lossy(bytes));
                }
                PartType::Message(inner) => {
                    let from = part.offset_body as usize;
                    let to = part.offset_end as usize;
                    let whole = match part.encoding {
                        Encoding::None => bytes.get(from..to).unwrap_or_default(),
                        _ => inner.raw_message.as_ref(),
                    };
                    document.push(Kind::Message, &lossy(whole));
                }
                _ => {}
            }
        }
        let has_text = document
            .of_kind(Kind::Text)
            .any(|text| !text.trim().is_empty());
        if let Some(html) = html.filter(|_| !has_text) {
            let html = cut(body(html), LONGEST_HTML);
            document.push(Kind::Text, &mail_parser::decoders::html::html_to_text(html));
        }
        document
    }

    pub(super) fn of_text(text: &str) -> Self {
        Self {
            sections: vec![Section {
                kind: Kind::Text,
                text: newlines(text).into_owned(),
            }],
            ..Self::default()
        }
    }

    fn push(&mut self, kind: Kind, text: &str) {
        self.sections.push(Section {
            kind,
            text: newlines(cut(text, LONGEST_PART)).into_owned(),
        });
    }
}

/// HTML without its head, where most of it may be style.
fn body(html: &str) -> &str {
    ["<body", "<BODY"]
        .iter()
        .find_map(|tag| html.get(memchr::memmem::find(html.as_bytes(), tag.as_bytes())?..))
        .unwrap_or(html)
}

/// A multipart without a boundary: its parts stand in it as text.
fn is_broken(part: &mail_parser::MessagePart<'_>) -> bool {
    part.content_type()
        .is_some_and(|kind| kind.ctype().eq_ignore_ascii_case("multipart"))
}

fn kind_of(kind: &mail_parser::ContentType<'_>) -> Kind {
    let subtype = kind.subtype().unwrap_or_default();
    let is = |name: &str| subtype.eq_ignore_ascii_case(name);
    match kind.ctype().to_ascii_lowercase().as_str() {
        "message" if is("delivery-status") || is("global-delivery-status") => Kind::Status,
        "message" if is("feedback-report") => Kind::Feedback,
        "message" if is("global-headers") || is("partial") => Kind::Headers,
        "message" => Kind::Message,
        "text" if is("rfc822-headers") || is("rfc822-header") => Kind::Headers,
        _ => Kind::Text,
    }
}

/// The longest beginning of at most `most` octets.
pub(super) fn cut(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

/// From the first line on that is more than white space, which some put in front.
fn without_blank_lines(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n')
        && rest
            .get(..end)
            .is_some_and(|line| line.iter().all(u8::is_ascii_whitespace))
    {
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    rest
}

/// Whether the first line is a header field, after blank lines and an mbox line.
fn begins_with_headers(bytes: &[u8]) -> bool {
    let mut lines = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .take(3)
        .filter(|line| !line.starts_with(b"From "));
    lines.next().is_some_and(|line| {
        let name: Vec<u8> = line
            .iter()
            .copied()
            .take_while(|byte| *byte != b':')
            .take(80)
            .collect();
        name.len() < line.len()
            && name.len() > 1
            && name
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
            && line.get(name.len()) == Some(&b':')
            && name.iter().any(u8::is_ascii_alphabetic)
    })
}

/// The headers that are asked for. Most messages have dozens of others.
const NAMES: [&str; 21] = [
    "from",
    "to",
    "cc",
    "reply-to",
    "subject",
    "return-path",
    "received",
    "content-type",
    "list-id",
    "list-unsubscribe",
    "list-post",
    "auto-submitted",
    "precedence",
    "x-failed-recipients",
    "x-hmxmroriginalrecipient",
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-vacation",
    "x-apple-action",
    "x-ms-exchange-inbox-rules-loop",
];

fn known(name: &str) -> Option<&'static str> {
    NAMES
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name))
}

/// Octets as text. Most are text already, which is looked over faster than it is mended.
fn lossy(octets: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(octets) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(octets),
    }
}

/// Of the headers only what MIME needs and the subject are taken apart.
static PARSER: LazyLock<MessageParser> = LazyLock::new(|| {
    MessageParser::new()
        .with_mime_headers()
        .header_text(HeaderName::Subject)
        .default_header_ignore()
});

/// At most how many parts can lie in each other: all but the innermost say what they are, in a
/// line of their own, but for those of a digest, which need one for two.
fn parts(bytes: &[u8]) -> usize {
    const NAME: &[u8] = b"content-type";
    let says = |line: &[u8]| {
        let blanks = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t'));
        let start = blanks.count();
        line.get(start..start + NAME.len())
            .is_some_and(|name| name.eq_ignore_ascii_case(NAME))
    };
    let starts = memchr::memchr_iter(b'\n', bytes).map(|end| end + 1);
    let lines = std::iter::once(0).chain(starts);
    2 * lines
        .filter(|start| bytes.get(*start..).is_some_and(says))
        .take(MOST_PARTS)
        .count()
}

fn unfolded(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for line in value.lines() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(line.trim());
    }
    out
}

/// CRLF and a lone CR become LF.
pub(super) fn newlines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The same for octets.
pub(super) fn octet_newlines(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.contains(&b'\r') {
        return Cow::Borrowed(bytes);
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut lines = bytes.split(|byte| *byte == b'\r');
    out.extend_from_slice(lines.next().unwrap_or_default());
    for line in lines {
        out.push(b'\n');
        out.extend_from_slice(line.strip_prefix(b"\n").unwrap_or(line));
    }
    Cow::Owned(out)
}
