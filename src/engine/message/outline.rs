//! A letter as somebody puts it together: texts and the names of files, of which none is open.

use super::{Error, File, Letter, Specimen, Text, read_text};
use crate::net::smtp::Body;
use crate::smtp::data::Signer;
use crate::smtp::{ForwardPath, ReversePath};
use std::path::{Path, PathBuf};

/// Everything that makes a [`Letter`], as plain data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    pub text: Text,
    pub files: Vec<File>,
    pub specimens: Vec<Specimen>,
    pub signature: Option<Signature>,
    /// By BDAT, in chunks of so many octets, where the server offers it.
    pub chunk: Option<usize>,
    /// BODY=BINARYMIME.
    pub binary: bool,
}

/// Who signs (RFC 6376): `selector._domainkey.domain`, with the private key of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub key: PathBuf,
    pub selector: String,
    /// That of the sender, where it is not named.
    pub domain: Option<String>,
}

/// What a letter comes to, as it would be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// As RFC 1870 counts them; none where the text can be read only once.
    pub octets: Option<u64>,
    /// Octets above 127 go over the wire.
    pub eight_bit: bool,
}

impl Outline {
    pub fn new(text: Text) -> Self {
        Self {
            text,
            files: Vec::new(),
            specimens: Vec::new(),
            signature: None,
            chunk: None,
            binary: false,
        }
    }

    /// The letter, for mail from `from`: the key is read.
    pub fn letter(&self, from: &ReversePath) -> Result<Letter, Error> {
        let signer = self.signature.as_ref().map(|own| own.signer(from));
        Ok(Letter {
            text: self.text.clone(),
            files: self.files.clone(),
            specimens: self.specimens.clone(),
            signer: signer.transpose()?,
            chunk: self.chunk,
            binary: self.binary,
            ..Letter::default()
        })
    }

    /// What it comes to: every file is read to its end, and the signature is made.
    pub async fn weigh(
        &self,
        helo: &str,
        from: &ReversePath,
        to: &[ForwardPath],
    ) -> Result<Weight, Error> {
        let source = self.letter(from)?.stamped(helo, from, to).await?;
        Ok(Weight {
            octets: source.octets,
            eight_bit: source.body != Body::SevenBit,
        })
    }
}

impl Signature {
    /// Reads the key; `from` for the domain where none is named.
    pub fn signer(&self, from: &ReversePath) -> Result<Signer, Error> {
        let own = from.mailbox().map(|mailbox| mailbox.domain().to_owned());
        let domain = self.domain.clone().or(own).ok_or(Error::NobodySigns)?;
        let pem = read_text(&self.key)?;
        Signer::new(&pem, &self.selector, &domain).map_err(|error| Error::Key {
            path: self.key.display().to_string(),
            error,
        })
    }
}

impl File {
    /// `FILE[:TYPE]`. A colon can be part of a path: where the whole is a file, it is that.
    pub fn named(text: &str, inline: bool) -> Self {
        let typed = text
            .rsplit_once(':')
            .filter(|(_, kind)| kind.contains('/') && !Path::new(text).exists());
        let (path, media_type) = match typed {
            Some((path, kind)) => (path, Some(kind.to_owned())),
            None => (text, None),
        };
        Self {
            path: PathBuf::from(path),
            media_type,
            inline,
        }
    }

    /// Its octets, once it is known that it can be attached.
    pub fn octets(&self) -> Result<u64, Error> {
        regular(&self.path)
    }
}

/// The octets of a regular file that can be read.
pub fn regular(path: &Path) -> Result<u64, Error> {
    let shown = || path.display().to_string();
    let failed = |error| Error::Read {
        path: shown(),
        error,
    };
    // Opening a pipe would wait for whoever writes to it.
    let about = path.metadata().map_err(failed)?;
    if !about.is_file() {
        return Err(Error::NotRegular { path: shown() });
    }
    std::fs::File::open(path).map_err(failed)?;
    Ok(about.len())
}
