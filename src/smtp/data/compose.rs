//! A draft with what goes along: HTML beside the text, files inside it and behind it.

use super::draft::{Draft, Stamp};
use crate::smtp::error::LocalError;
use crate::smtp::path::refuse_controls;
use mail_builder::headers::content_type::ContentType;
use mail_builder::mime::{BodyPart, MimePart};

/// A message and its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Composition {
    pub draft: Draft,
    /// The same text in HTML; an inline attachment is shown by `<img src="cid:NAME">`.
    pub html: Option<String>,
    pub attachments: Vec<Attachment>,
}

/// A file that goes along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its file name, without a path.
    pub name: String,
    /// `type/subtype`.
    pub media_type: String,
    /// Shown inside the text, not behind it.
    pub inline: bool,
    pub content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Held(Vec<u8>),
    /// It is read when it is sent: [`Part::Later`].
    Later,
}

/// A part of a composed message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Octets as they are, for the stuffing.
    Octets(Vec<u8>),
    /// The content of the attachment of this number, as lines of base64.
    Later(usize),
}

impl Attachment {
    /// By the extension where no type is given; `application/octet-stream` where that says
    /// nothing.
    pub fn new(
        name: &str,
        media_type: Option<&str>,
        inline: bool,
        content: Content,
    ) -> Result<Self, LocalError> {
        refuse_controls("file name", name)?;
        let media_type = match media_type {
            Some(given) => given.to_owned(),
            None => mime_guess::from_path(name)
                .first_or_octet_stream()
                .to_string(),
        };
        if !is_media_type(&media_type) {
            return Err(LocalError::Malformed {
                part: "media type",
                text: media_type.as_str().into(),
                why: "it looks like image/png",
            });
        }
        Ok(Self {
            name: name.to_owned(),
            media_type,
            inline,
            content,
        })
    }

    fn part(&self, place: &str) -> MimePart<'static> {
        let disposition = if self.inline { "inline" } else { "attachment" };
        let disposition = ContentType::new(disposition).attribute("filename", self.name.clone());
        let (content, later) = match &self.content {
            Content::Held(octets) => (octets.clone(), false),
            Content::Later => (place.as_bytes().to_vec(), true),
        };
        let kind = self.media_type.clone();
        let mut part = MimePart::new(kind, BodyPart::Binary(content.into()));
        // Lines of text stay as they were: nobody knows their character set.
        part = part.header("Content-Disposition", disposition);
        if self.inline {
            part = part.cid(content_id(&self.name));
        }
        if later {
            part = part.transfer_encoding("base64");
        }
        part
    }
}

/// A file name as the identifier by which HTML names it: what identifiers cannot hold is `_`.
fn content_id(name: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
    name.chars()
        .map(|c| if fits(c) { c } else { '_' })
        .collect()
}

/// `type/subtype` (RFC 2045 section 5.1), without parameters.
fn is_media_type(text: &str) -> bool {
    let token = |part: &str| {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b);
        !part.is_empty() && part.bytes().all(fits)
    };
    text.split_once('/')
        .is_some_and(|(kind, sub)| token(kind) && token(sub))
}

impl Composition {
    /// The message, in the order in which its parts are sent. Headers are completed from
    /// `stamp` as in [`Draft::message`].
    pub fn parts(&self, stamp: &Stamp<'_>) -> Result<Vec<Part>, LocalError> {
        let alone = self.html.is_none() && self.attachments.is_empty();
        let own = self.draft.makes_its_own_mime();
        if own && !alone {
            return Err(LocalError::Malformed {
                part: "header for a message with HTML or attachments",
                text: "Content-Type".into(),
                why: "such a message needs its own",
            });
        }
        let place = self.unused_word();
        let body = if own {
            MimePart::raw(format!("\r\n{}", self.draft.body))
        } else {
            self.body(&place)
        };
        let mut octets = Vec::new();
        self.draft.head(stamp)?.body(body).serialize(&mut octets);
        Ok(self.cut(&octets, &place))
    }

    fn body(&self, place: &str) -> MimePart<'_> {
        let part = |inline: bool| {
            let numbered = self.attachments.iter().enumerate();
            let wanted = numbered.filter(move |(_, file)| file.inline == inline);
            wanted.map(move |(n, file)| file.part(&placeholder(place, n)))
        };
        let mut text = MimePart::new("text/plain", self.draft.body.as_str());
        let mut behind: Vec<_> = part(false).collect();
        if let Some(html) = &self.html {
            let mut html = MimePart::new("text/html", html.as_str());
            let inside: Vec<_> = part(true).collect();
            if !inside.is_empty() {
                let parts = std::iter::once(html).chain(inside).collect::<Vec<_>>();
                html = MimePart::new("multipart/related", parts);
            }
            text = MimePart::new("multipart/alternative", vec![text, html]);
        } else {
            behind.splice(0..0, part(true));
        }
        if behind.is_empty() {
            return text;
        }
        behind.insert(0, text);
        MimePart::new("multipart/mixed", behind)
    }

    /// A word that stands nowhere in the message, for the places of what is read later.
    fn unused_word(&self) -> String {
        let named = self
            .draft
            .headers
            .iter()
            .flat_map(|(name, value)| [name, value]);
        let named = named.chain(self.attachments.iter().map(|file| &file.name));
        let texts: Vec<&String> = named.chain([&self.draft.body]).chain(&self.html).collect();
        let used = |word: &String| texts.iter().any(|text| text.contains(word.as_str()));
        let mut words = (0_u64..).map(|n| format!("here-follows-{n}-attachment-"));
        words.find(|word| !used(word)).unwrap_or_default()
    }

    /// The message before, between and behind the files that are read later.
    fn cut(&self, octets: &[u8], place: &str) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut rest = octets;
        let later = |inline: bool| {
            let numbered = self.attachments.iter().enumerate();
            numbered
                .filter(move |(_, file)| file.inline == inline && file.content == Content::Later)
        };
        // In the order in which they stand in the message: what is inside comes first.
        for (n, _) in later(true).chain(later(false)) {
            let mark = placeholder(place, n);
            let found = rest
                .windows(mark.len())
                .position(|own| own == mark.as_bytes());
            let Some((before, behind)) = found.and_then(|at| rest.split_at_checked(at)) else {
                continue;
            };
            parts.push(Part::Octets(before.to_vec()));
            parts.push(Part::Later(n));
            rest = behind.get(mark.len()..).unwrap_or_default();
        }
        parts.push(Part::Octets(rest.to_vec()));
        parts
    }
}

fn placeholder(place: &str, number: usize) -> String {
    format!("{place}{number}.")
}

#[cfg(test)]
mod tests;
