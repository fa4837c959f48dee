//! Writing a report where it was asked for.

use super::exit::{self, Failure};
use super::options::Output;
use super::written;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// A file that was made before anything was checked, or standard output.
pub(super) enum Sink {
    Standard,
    File(Box<Path>, File),
}

impl Sink {
    /// Fails at once where the file cannot be made, not after minutes of checks.
    pub(super) fn open(output: &Output) -> Result<Self, Failure> {
        let Some(path) = &output.path else {
            return Ok(Self::Standard);
        };
        let mut options = OpenOptions::new();
        options.write(true);
        if output.force {
            options.create(true).truncate(true);
        } else {
            options.create_new(true);
        }
        match options.open(path) {
            Ok(file) => Ok(Self::File(path.as_path().into(), file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(Failure::new(
                exit::CANNOT_CREATE,
                format!("`{}` exists already", path.display()),
            )
            .hint("`--force` overwrites it")),
            Err(error) => Err(cannot(path, &error)),
        }
    }

    pub(super) fn put(&mut self, text: &str) -> Result<(), Failure> {
        match self {
            Self::Standard => written(text.as_bytes()).map(drop),
            Self::File(path, file) => file
                .write_all(text.as_bytes())
                .map_err(|error| cannot(path, &error)),
        }
    }
}

fn cannot(path: &Path, error: &io::Error) -> Failure {
    Failure::new(
        exit::CANNOT_CREATE,
        format!("writing `{}`: {error}", path.display()),
    )
}
