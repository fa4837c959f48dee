//! The options of the message.

use crate::cli::exit::{self, Failure};
use crate::cli::options::Options;
use crate::engine::message::{
    Error, File, From, Letter, Signature, Specimen, SpecimenKind, Text, read_text,
};
use crate::net::smtp::Source;
use crate::smtp::data::template::Values;
use crate::smtp::data::{LineEnds, Signer, Stamp};
use crate::smtp::{ForwardPath, LocalError, ReversePath};
use crate::text::SafeText;
use clap::{Args, ValueEnum};
use jiff::Timestamp;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Octets of a chunk where --bdat says nothing.
const CHUNK: &str = "65536";

/// The text where nothing is given.
const TEXT: &str =
    "Subject: Test {{date}}\n\nThis is a test of mail delivery, sent by smtp-tui from {{helo}}.\n";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Place {
    Body,
    Attachment,
}

#[derive(Clone, Debug, Default, PartialEq, Args)]
#[command(next_help_heading = "Message")]
pub(super) struct Message {
    /// Subject
    #[arg(long, value_name = "TEXT")]
    subject: Option<String>,
    /// Text; `@FILE` reads it from a file, `@-` from standard input
    #[arg(long, value_name = "TEXT|@FILE")]
    body: Option<String>,
    /// The text in HTML, beside the other one; an inline file is `<img src="cid:NAME">`
    #[arg(long, value_name = "TEXT|@FILE")]
    html: Option<String>,
    /// Header, in the place of those of the same name (may be repeated)
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(String, String)>,
    /// Header beside those of the same name (may be repeated)
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    add_header: Vec<(String, String)>,
    /// Recipient that is named under Cc (may be repeated)
    #[arg(long, value_name = "ADDR")]
    cc: Vec<ForwardPath>,
    /// Recipient that the message does not name (may be repeated)
    #[arg(long, value_name = "ADDR")]
    bcc: Vec<ForwardPath>,
    /// File that goes along, its type by its extension if not given (may be repeated)
    #[arg(long, value_name = "FILE[:TYPE]")]
    attach: Vec<String>,
    /// File that is shown inside the text (may be repeated)
    #[arg(long, value_name = "FILE[:TYPE]")]
    attach_inline: Vec<String>,
    /// The text that every spam filter takes for spam
    #[arg(long, value_name = "PLACE", num_args = 0..=1, require_equals = true, default_missing_value = "body")]
    gtube: Option<Place>,
    /// The text that every virus scanner takes for a virus; as the body it is all of it
    #[arg(long, value_name = "PLACE", num_args = 0..=1, require_equals = true, default_missing_value = "attachment")]
    eicar: Option<Place>,
    /// A whole message, sent as it is; `-` for standard input
    #[arg(long = "message", value_name = "FILE", conflicts_with_all = [
        "template", "subject", "body", "html", "header", "add_header", "cc", "attach",
        "attach_inline", "gtube", "eicar",
    ])]
    whole: Option<PathBuf>,
    /// Keep the line ends of --message, also a bare LF or CR
    #[arg(long = "raw-message", requires = "whole")]
    raw: bool,
    /// Headers, an empty line, text, with gaps such as {{from}}: from, to, date, message-id, helo
    /// and n, the number of the message; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with = "body")]
    template: Option<PathBuf>,
    /// Sign with this private key (PEM; RSA or Ed25519)
    #[arg(long, value_name = "FILE", requires = "dkim_selector")]
    dkim_key: Option<PathBuf>,
    /// Name under which its public half is published
    #[arg(long, value_name = "NAME", requires = "dkim_key")]
    dkim_selector: Option<String>,
    /// Domain that signs, where it is not that of --from
    #[arg(long, value_name = "DOMAIN", requires = "dkim_key")]
    dkim_domain: Option<String>,
    /// By BDAT where CHUNKING is offered, in chunks of so many octets
    #[arg(long, value_name = "OCTETS", num_args = 0..=1, require_equals = true, default_missing_value = CHUNK,
        value_parser = clap::value_parser!(u32).range(1..=16 << 20))]
    bdat: Option<u32>,
    /// BODY=BINARYMIME: --message goes octet by octet, whatever it holds
    #[arg(long, requires = "bdat")]
    binary_mime: bool,
    /// Write the message to standard output, as a server would get it, and connect to nobody
    #[arg(long = "dump-message", conflicts_with = "script")]
    dump: bool,
}

impl Message {
    /// Whether anything is said of a message.
    pub(super) fn is_given(&self) -> bool {
        *self != Self::default()
    }

    pub(super) fn is_to_be_dumped(&self) -> bool {
        self.dump
    }

    /// Reads what is held in memory, and checks it all; `from` for the domain that signs.
    pub(super) fn letter(&self, from: &ReversePath) -> Result<Letter, Failure> {
        let mut set = self.header.clone();
        if let Some(subject) = &self.subject {
            set.insert(0, ("Subject".to_owned(), subject.clone()));
        }
        let specimens = [
            (SpecimenKind::Gtube, self.gtube),
            (SpecimenKind::Eicar, self.eicar),
        ];
        let specimens = specimens.into_iter().filter_map(|(kind, place)| {
            let attached = place? == Place::Attachment;
            Some(Specimen { kind, attached })
        });
        let files = self.attach.iter().map(|text| (text, false));
        let inline = self.attach_inline.iter().map(|text| (text, true));
        Ok(Letter {
            text: self.text()?,
            set,
            added: self.add_header.clone(),
            cc: self.cc.clone(),
            bcc: self.bcc.clone(),
            html: self.html.as_deref().map(text_or_file).transpose()?,
            files: files
                .chain(inline)
                .map(|(text, inline)| File::named(text, inline))
                .collect(),
            specimens: specimens.collect(),
            signer: self.signer(from)?,
            chunk: self.bdat.and_then(|octets| usize::try_from(octets).ok()),
            binary: self.binary_mime,
        })
    }

    /// The message, opened, for one transaction.
    pub(super) async fn source(&self, values: &Values<'_>) -> Result<Source, Failure> {
        let letter = self.letter(values.stamp.from)?;
        letter.source(values).await.map_err(|error| failure(&error))
    }

    fn text(&self) -> Result<Text, Failure> {
        if let Some(path) = &self.whole {
            let ends = if self.raw || self.binary_mime {
                LineEnds::Kept
            } else {
                LineEnds::Made
            };
            let from = if path.as_os_str() == "-" {
                From::StandardInput
            } else {
                From::File(path.clone())
            };
            return Ok(Text::AsItIs { from, ends });
        }
        if let Some(path) = &self.template {
            let text = read_text(path).map_err(|error| failure(&error))?;
            return Ok(Text::Template(text));
        }
        Ok(match &self.body {
            Some(body) => Text::Body(text_or_file(body)?),
            None => Text::Template(TEXT.to_owned()),
        })
    }

    fn signer(&self, from: &ReversePath) -> Result<Option<Signer>, Failure> {
        let (Some(key), Some(selector)) = (&self.dkim_key, &self.dkim_selector) else {
            return Ok(None);
        };
        let signature = Signature {
            key: key.clone(),
            selector: selector.clone(),
            domain: self.dkim_domain.clone(),
        };
        match signature.signer(from) {
            Ok(signer) => Ok(Some(signer)),
            Err(error) => Err(failure(&error)),
        }
    }

    /// Writes the message as a server would get it, without the stuffing.
    pub(super) async fn dump(&self, options: &Options) -> Result<ExitCode, Failure> {
        let bad = |error: LocalError| Failure::new(exit::DATA, error.to_string());
        let from: ReversePath = match &options.from {
            Some(from) => from.path().map_err(bad)?,
            None => ReversePath::Null,
        };
        let to = options.to.iter().map(|to| to.to_string().parse());
        let to: Vec<ForwardPath> = to.collect::<Result<_, _>>().map_err(bad)?;
        let helo = options.ehlo.as_deref().unwrap_or("localhost");
        let date = Timestamp::now();
        let id = format!("{}.smtp-tui@{helo}", date.as_millisecond());
        let values = Values {
            stamp: Stamp {
                date,
                message_id: &id,
                from: &from,
                to: &to,
            },
            helo,
            n: 1,
        };
        let source = self.source(&values).await?;
        let mut stdout = io::stdout().lock();
        let mut written = Ok(());
        let read = source.measure(|block| {
            if written.is_ok() {
                written = stdout.write_all(block);
            }
        });
        read.await
            .map_err(|error| Failure::new(exit::IO, format!("reading the message: {error}")))?;
        match written.and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(
                exit::IO,
                format!("writing to standard output: {error}"),
            )),
            _ => Ok(ExitCode::SUCCESS),
        }
    }
}

fn failure(error: &Error) -> Failure {
    let code = match error {
        Error::Read { .. } | Error::NotRegular { .. } => exit::NO_INPUT,
        Error::NobodySigns => {
            return Failure::new(exit::USAGE, error.to_string())
                .hint("--dkim-domain DOMAIN, or --from ADDR");
        }
        Error::TooLong { .. }
        | Error::NotText { .. }
        | Error::Local(_)
        | Error::Dkim(_)
        | Error::Key { .. } => exit::DATA,
    };
    Failure::new(code, error.to_string())
}

/// `Name: value`; what may stand in either is checked when the message is made.
fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text
        .split_once(':')
        .ok_or_else(|| format!("`{}` has no colon", SafeText::from(text)))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn text_or_file(text: &str) -> Result<String, Failure> {
    match text.strip_prefix('@') {
        Some(path) => read_text(Path::new(path)).map_err(|error| failure(&error)),
        None => Ok(text.to_owned()),
    }
}
