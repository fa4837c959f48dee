//! A message as somebody asks for it: texts, files, a signature; opened for each time that it
//! is sent. Files of any size are read while they are sent.

mod open;
mod outline;

use crate::net::smtp::{Body, Piece, Source};
use crate::smtp::data::template::{self, Values};
use crate::smtp::data::{
    Attachment, Composition, Content, DkimError, Draft, LineEnds, Part, Signer, Stamp, eicar, gtube,
};
use crate::smtp::{ForwardPath, LocalError, ReversePath};
use jiff::Timestamp;
use open::Planned;
use std::io;
use std::path::PathBuf;

pub use open::{MOST_TEXT, read_text, read_text_within};
pub use outline::{Outline, Signature, Weight, regular};

/// Octets of standard input that are held where it has to be signed.
const MOST_SIGNED: u64 = 64 << 20;

/// What is to be sent.
#[derive(Debug)]
pub struct Letter {
    pub text: Text,
    /// Headers that stand in the place of those that the text has; not for [`Text::AsItIs`].
    pub set: Vec<(String, String)>,
    /// Headers beside those.
    pub added: Vec<(String, String)>,
    /// Told to everybody.
    pub cc: Vec<ForwardPath>,
    /// Told to nobody: only the envelope has them.
    pub bcc: Vec<ForwardPath>,
    pub html: Option<String>,
    pub files: Vec<File>,
    pub specimens: Vec<Specimen>,
    pub signer: Option<Signer>,
    /// By BDAT, in chunks of so many octets, where the server offers it.
    pub chunk: Option<usize>,
    /// BODY=BINARYMIME: no lines, no limits; by BDAT.
    pub binary: bool,
}

/// Where the text comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// Headers, an empty line, text; with the gaps of [`template`].
    Template(String),
    /// The same without gaps.
    Draft(String),
    /// The text alone, without gaps.
    Body(String),
    /// A whole message, sent as it is; only its line ends are made CRLF where they are not kept.
    AsItIs { from: From, ends: LineEnds },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    File(PathBuf),
    /// Once: a second message finds it empty.
    StandardInput,
}

/// A file that goes along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub path: PathBuf,
    /// `type/subtype`; by the extension where it is not given.
    pub media_type: Option<String>,
    pub inline: bool,
}

/// What filters are tried with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Specimen {
    pub kind: SpecimenKind,
    /// As a file behind the text, not in the text.
    pub attached: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecimenKind {
    Gtube,
    Eicar,
}

/// Why a message cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("reading `{path}`: {error}")]
    Read { path: String, error: io::Error },
    #[error("`{path}` is no regular file")]
    NotRegular { path: String },
    #[error("`{path}` has more than {limit} octets, which is too much to be held")]
    TooLong { path: String, limit: u64 },
    #[error("`{path}` is no UTF-8 text")]
    NotText { path: String },
    #[error("the message: {0}")]
    Local(#[from] LocalError),
    #[error("the DKIM signature: {0}")]
    Dkim(#[from] DkimError),
    #[error("the DKIM key `{path}`: {error}")]
    Key { path: String, error: DkimError },
    #[error("no domain is given that signs")]
    NobodySigns,
}

impl Default for Letter {
    fn default() -> Self {
        Self {
            text: Text::Body(String::new()),
            set: Vec::new(),
            added: Vec::new(),
            cc: Vec::new(),
            bcc: Vec::new(),
            html: None,
            files: Vec::new(),
            specimens: Vec::new(),
            signer: None,
            chunk: None,
            binary: false,
        }
    }
}

impl SpecimenKind {
    pub fn text(self) -> String {
        match self {
            Self::Gtube => gtube(),
            Self::Eicar => eicar(),
        }
    }

    fn file_name(self) -> &'static str {
        match self {
            Self::Gtube => "gtube.txt",
            Self::Eicar => "eicar.com",
        }
    }
}

impl Letter {
    /// Recipients of the envelope beside those of the header To.
    pub fn more_recipients(&self) -> impl Iterator<Item = &ForwardPath> {
        self.cc.iter().chain(&self.bcc)
    }

    /// The message, opened, with its size; before anything is said to the server, since MAIL
    /// tells the size. The stamp's `to` is what the header To tells.
    ///
    /// Files are read twice: to be measured and signed, and as they are sent.
    pub async fn source(&self, values: &Values<'_>) -> Result<Source, Error> {
        let (mut planned, ends) = self.plan(values)?;
        if self.signer.is_some() {
            for piece in &mut planned {
                piece.hold(MOST_SIGNED).await?;
            }
        }
        let mut octets = None;
        let mut body = Body::SevenBit;
        if planned.iter().all(Planned::can_be_read_twice) {
            let mut signing = self.signer.as_ref().map(Signer::begin);
            let source = Source::new(open::all(&planned).await?, ends);
            let measured = source.measure(|block| {
                if let Some(signing) = &mut signing {
                    signing.write(block);
                }
            });
            let measured = measured.await.map_err(|error| Error::Read {
                path: named(&planned),
                error,
            })?;
            let field = signing
                .map(crate::smtp::data::Signing::finish)
                .transpose()?;
            let field = field.unwrap_or_default();
            octets = Some(measured.octets + u64::try_from(field.len()).unwrap_or_default());
            if measured.eight_bit {
                body = Body::EightBit;
            }
            planned.insert(0, Planned::Held(field));
        }
        let mut source = Source::new(open::all(&planned).await?, ends);
        source.octets = octets;
        source.chunk = self.chunk;
        source.body = if self.binary { Body::Binary } else { body };
        Ok(source)
    }

    /// The same with the time that it is now, and a Message-ID of its own.
    pub async fn stamped(
        &self,
        helo: &str,
        from: &ReversePath,
        to: &[ForwardPath],
    ) -> Result<Source, Error> {
        let helo = helo.trim_matches(['[', ']']);
        let date = Timestamp::now();
        let id = format!("{}.smtp-tui@{helo}", date.as_millisecond());
        let values = Values {
            stamp: Stamp {
                date,
                message_id: &id,
                from,
                to,
            },
            helo,
            n: 1,
        };
        self.source(&values).await
    }

    fn plan(&self, values: &Values<'_>) -> Result<(Vec<Planned>, LineEnds), Error> {
        let draft = match &self.text {
            Text::AsItIs { from, ends } => return Ok((vec![Planned::of(from)], *ends)),
            Text::Template(template) => Draft::parse(&template::fill(template, values)?),
            Text::Draft(draft) => Draft::parse(draft),
            Text::Body(body) => Draft {
                headers: Vec::new(),
                body: body.clone(),
            },
        };
        let composition = self.composition(draft)?;
        let parts = composition.parts(&values.stamp)?;
        let planned = parts.into_iter().filter_map(|part| match part {
            Part::Octets(octets) => Some(Planned::Held(octets)),
            Part::Later(n) => {
                let file = self.files.get(n)?;
                Some(Planned::File(file.path.clone(), true))
            }
        });
        Ok((planned.collect(), LineEnds::Made))
    }

    fn composition(&self, mut draft: Draft) -> Result<Composition, Error> {
        if !self.cc.is_empty() {
            let cc = self.cc.iter().filter_map(ForwardPath::mailbox);
            let cc: Vec<String> = cc.map(ToString::to_string).collect();
            draft.set("Cc", &cc.join(", "));
        }
        for (name, value) in &self.set {
            draft.set(name, value);
        }
        for (name, value) in &self.added {
            draft.add(name, value);
        }
        for specimen in self.specimens.iter().filter(|specimen| !specimen.attached) {
            let text = specimen.kind.text();
            match specimen.kind {
                SpecimenKind::Gtube => draft.body = format!("{}\n\n{text}\n", draft.body),
                // Scanners want it at the start, and nothing else behind it.
                SpecimenKind::Eicar => draft.body = text,
            }
        }
        let mut attachments = Vec::new();
        for file in &self.files {
            let name = file.path.file_name().unwrap_or_default().to_string_lossy();
            let kind = file.media_type.as_deref();
            attachments.push(Attachment::new(&name, kind, file.inline, Content::Later)?);
        }
        for specimen in self.specimens.iter().filter(|specimen| specimen.attached) {
            let content = Content::Held(specimen.kind.text().into_bytes());
            let name = specimen.kind.file_name();
            attachments.push(Attachment::new(name, None, false, content)?);
        }
        Ok(Composition {
            draft,
            html: self.html.clone(),
            attachments,
        })
    }
}

fn named(planned: &[Planned]) -> String {
    let names: Vec<String> = planned.iter().filter_map(Planned::name).collect();
    names.join("`, `")
}

impl std::convert::From<Vec<u8>> for Piece {
    fn from(octets: Vec<u8>) -> Self {
        Self::Held(octets)
    }
}

#[cfg(test)]
mod tests;
