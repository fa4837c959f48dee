//! The files of a message.

use super::{Error, From};
use crate::net::smtp::{Piece, Reader};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use tokio::io::AsyncReadExt as _;

/// Octets of a text, template or key that are held.
pub const MOST_TEXT: u64 = 16 << 20;

/// A piece before it is opened.
#[derive(Clone, Debug)]
pub(super) enum Planned {
    Held(Vec<u8>),
    /// Whether as base64.
    File(PathBuf, bool),
    StandardInput,
}

impl Planned {
    pub(super) fn of(from: &From) -> Self {
        match from {
            From::File(path) => Self::File(path.clone(), false),
            From::StandardInput => Self::StandardInput,
        }
    }

    pub(super) fn name(&self) -> Option<String> {
        match self {
            Self::Held(_) => None,
            Self::File(path, _) => Some(path.display().to_string()),
            Self::StandardInput => Some("standard input".to_owned()),
        }
    }

    /// Pipes and devices give what they have once.
    pub(super) fn can_be_read_twice(&self) -> bool {
        match self {
            Self::Held(_) => true,
            Self::File(path, _) => path.metadata().is_ok_and(|about| about.is_file()),
            Self::StandardInput => false,
        }
    }

    /// Takes what can be read once into memory.
    pub(super) async fn hold(&mut self, limit: u64) -> Result<(), Error> {
        if self.can_be_read_twice() {
            return Ok(());
        }
        let path = self.name().unwrap_or_default();
        let mut octets = Vec::new();
        let read = match self.open().await? {
            Piece::Read(reader) => reader.take(limit + 1).read_to_end(&mut octets).await,
            Piece::Held(_) | Piece::Encoded(_) => return Ok(()),
        };
        read.map_err(|error| Error::Read {
            path: path.clone(),
            error,
        })?;
        if u64::try_from(octets.len()).unwrap_or(u64::MAX) > limit {
            return Err(Error::TooLong { path, limit });
        }
        *self = Self::Held(octets);
        Ok(())
    }

    async fn open(&self) -> Result<Piece, Error> {
        Ok(match self {
            Self::Held(octets) => octets.clone().into(),
            Self::StandardInput => Piece::Read(Box::new(tokio::io::stdin())),
            Self::File(path, encoded) => {
                // An attachment is always measured first.
                if *encoded && !self.can_be_read_twice() && path.exists() {
                    let path = path.display().to_string();
                    return Err(Error::NotRegular { path });
                }
                let file = tokio::fs::File::open(path).await;
                let file: Reader = Box::new(file.map_err(|error| failed(path, error))?);
                if *encoded {
                    Piece::Encoded(file)
                } else {
                    Piece::Read(file)
                }
            }
        })
    }
}

pub(super) async fn all(planned: &[Planned]) -> Result<Vec<Piece>, Error> {
    let mut pieces = Vec::with_capacity(planned.len());
    for piece in planned {
        pieces.push(piece.open().await?);
    }
    Ok(pieces)
}

/// A text that is held: of a file, or of standard input where the path is `-`.
pub fn read_text(path: &Path) -> Result<String, Error> {
    read_text_within(path, MOST_TEXT)
}

/// The same, of `limit` octets at most.
pub fn read_text_within(path: &Path, limit: u64) -> Result<String, Error> {
    let shown = || path.display().to_string();
    let mut octets = Vec::new();
    let read = if path.as_os_str() == "-" {
        let stdin = io::stdin().lock();
        stdin.take(limit + 1).read_to_end(&mut octets)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut octets))
    };
    let read = read.map_err(|error| failed(path, error))?;
    if u64::try_from(read).unwrap_or(u64::MAX) > limit {
        return Err(Error::TooLong {
            path: shown(),
            limit,
        });
    }
    String::from_utf8(octets).map_err(|_| Error::NotText { path: shown() })
}

fn failed(path: &Path, error: io::Error) -> Error {
    Error::Read {
        path: path.display().to_string(),
        error,
    }
}
