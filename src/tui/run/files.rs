//! Files that were named on a screen.

use crate::engine::message::{File, Outline, Weight, read_text_within, regular};
use crate::engine::path::at_home;
use crate::smtp::{ForwardPath, ReversePath};
use crate::tui::effect::{Effect, Look};
use crate::tui::event::{Exported, Found};
use crate::tui::widget::AREA_LIMIT;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

/// Looks at the file; else why it is of no use.
pub fn look(look: &Look) -> Result<Found, String> {
    let found = match look {
        Look::Attachment(path) => {
            let path = named(path);
            let octets = File::named(&path, false).octets();
            octets.map(|octets| Found::File { path, octets })
        }
        Look::Whole(path) => {
            let path = named(path);
            regular(Path::new(&path)).map(|octets| Found::File { path, octets })
        }
        Look::Text(path) | Look::Template(path) => {
            let limit = u64::try_from(AREA_LIMIT).unwrap_or(u64::MAX);
            let path = at_home(path);
            // Reading a pipe would wait for whoever writes to it.
            regular(&path)
                .and_then(|_| read_text_within(&path, limit))
                .map(Found::Text)
        }
        Look::Key(signature) => {
            let mut signature = signature.clone();
            signature.key = at_home(&signature.key.to_string_lossy());
            regular(&signature.key)
                .and_then(|_| signature.signer(&ReversePath::Null))
                .map(|_| Found::Key(signature))
        }
    };
    found.map_err(|error| error.to_string())
}

/// The path as it goes on to be shown and sent.
fn named(path: &str) -> String {
    at_home(path).to_string_lossy().into_owned()
}

/// What the message comes to with that envelope; else why it cannot be sent.
pub async fn weigh(outline: &Outline, from: &str, to: &[String]) -> Result<Weight, String> {
    let from = from.parse().unwrap_or(ReversePath::Null);
    let to: Vec<ForwardPath> = to.iter().filter_map(|path| path.parse().ok()).collect();
    let weight = outline.weigh("localhost", &from, &to).await;
    weight.map_err(|error| error.to_string())
}

/// `again`: what overwrites the file, should there be one.
pub(super) fn write(path: String, text: &str, overwrite: bool, again: Effect) -> Exported {
    let mut options = OpenOptions::new();
    options.write(true);
    if overwrite {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    let done = options
        .open(at_home(&path))
        .and_then(|mut file| file.write_all(text.as_bytes()));
    match done {
        Ok(()) => Exported::Written { path },
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Exported::Exists {
            path,
            again: Box::new(again),
        },
        Err(error) => Exported::Failed {
            path,
            why: error.to_string(),
        },
    }
}
