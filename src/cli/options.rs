//! Options that several commands share, spelled the same everywhere.

use crate::case::{Group, MailAddress, NotATarget};
use crate::report::Form;
use crate::smtp::{LocalError, ReversePath};
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser as _;
use clap::{Args, ValueEnum};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Text,
    Markdown,
    Html,
    Json,
    Jsonl,
}

impl Format {
    /// `lines`: several reports go into one stream.
    pub(super) fn form(self, lines: bool) -> Form {
        match self {
            Self::Text => Form::Text,
            Self::Markdown => Form::Markdown,
            Self::Html => Form::Html,
            Self::Json if !lines => Form::Json,
            Self::Json | Self::Jsonl => Form::JsonLine,
        }
    }
}

/// Where a report goes.
#[derive(Clone, Debug, Args)]
pub(super) struct Output {
    /// Write the report to this file, which must not exist
    #[arg(long = "output", value_name = "FILE")]
    pub(super) path: Option<PathBuf>,
    /// Overwrite the file of --output
    #[arg(long)]
    pub(super) force: bool,
    /// Mask the local parts of addresses, and IP addresses
    #[arg(long)]
    pub(super) redact: bool,
    /// No colour; so does the environment variable `NO_COLOR`
    #[arg(long)]
    pub(super) no_color: bool,
}

/// Who sends the mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sender {
    /// The null reverse-path (RFC 5321 section 4.5.5): `<>`, or nothing.
    Nobody,
    Address(MailAddress),
}

impl Sender {
    pub(super) fn address(&self) -> Option<&MailAddress> {
        match self {
            Self::Nobody => None,
            Self::Address(address) => Some(address),
        }
    }

    pub(super) fn path(&self) -> Result<ReversePath, LocalError> {
        self.address()
            .map_or(Ok(ReversePath::Null), |address| address.to_string().parse())
    }
}

impl FromStr for Sender {
    type Err = NotATarget;

    fn from_str(text: &str) -> Result<Self, NotATarget> {
        match text.trim() {
            "" | "<>" => Ok(Self::Nobody),
            address => address.parse().map(Self::Address),
        }
    }
}

/// What the run is about, and from where it is looked at.
#[derive(Clone, Debug, Args)]
pub(super) struct Options {
    /// How the report is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
    #[command(flatten)]
    pub(super) output: Output,
    /// Sender of the mail that the verdict is about; `<>` is nobody, the sender of bounces
    #[arg(long, value_name = "ADDR")]
    pub(super) from: Option<Sender>,
    /// Recipient of the mail that the verdict is about; in a session there may be several, with a
    /// comma between them
    #[arg(long, value_name = "ADDR", value_delimiter = ',')]
    pub(super) to: Vec<MailAddress>,
    /// Address that the mail is sent from
    #[arg(long, value_name = "IP")]
    pub(super) source_ip: Option<IpAddr>,
    /// DKIM selector (may be repeated)
    #[arg(long, value_name = "NAME")]
    pub(super) selector: Vec<String>,
    /// Name to give in EHLO
    #[arg(long, value_name = "NAME")]
    pub(super) ehlo: Option<String>,
    /// DNS resolver to ask, instead of the system's
    #[arg(long, value_name = "IP[:PORT]", value_parser = resolver)]
    pub(super) resolver: Option<SocketAddr>,
    /// Wait no longer than this for any one thing
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub(super) timeout: Option<u64>,
    /// Answers to the checklist: a YAML map from question to answer
    #[arg(long, value_name = "FILE")]
    pub(super) answers: Option<PathBuf>,
    /// Run against this scenario of the practice world
    #[arg(long, value_name = "SCENARIO")]
    pub(super) lab: Option<String>,
    /// Only this family of checks (may be repeated)
    #[arg(long, value_name = "GROUP", value_parser = groups())]
    pub(super) only: Vec<Group>,
}

fn groups() -> impl clap::builder::TypedValueParser<Value = Group> {
    PossibleValuesParser::new(Group::ALL.map(Group::word)).map(|word| {
        Group::ALL
            .into_iter()
            .find(|group| group.word() == word)
            .unwrap_or(Group::Local)
    })
}

fn resolver(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.trim_matches(['[', ']']).parse::<IpAddr>() {
        return Ok(SocketAddr::new(address, 53));
    }
    text.parse()
        .map_err(|_| format!("`{text}` is no IP address, with or without a port"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_can_be_the_sender() {
        for text in ["", "<>", " <> "] {
            let sender: Sender = text.parse().unwrap();
            assert_eq!(sender.path().unwrap(), ReversePath::Null);
        }
        let sender: Sender = "a@b.example".parse().unwrap();
        assert_eq!(sender.path().unwrap().to_string(), "<a@b.example>");
        assert!("nobody".parse::<Sender>().is_err());
    }
}
