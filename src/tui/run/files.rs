//! Files that were named on a screen.

use crate::engine::message::{File, Outline, Weight, read_text_within, regular};
use crate::smtp::{ForwardPath, ReversePath};
use crate::tui::effect::Look;
use crate::tui::event::Found;
use crate::tui::widget::AREA_LIMIT;
use std::path::Path;

/// Looks at the file; else why it is of no use.
pub fn look(look: &Look) -> Result<Found, String> {
    let found = match look {
        Look::Attachment(path) => {
            let path = at_home(path);
            let octets = File::named(&path, false).octets();
            octets.map(|octets| Found::File { path, octets })
        }
        Look::Whole(path) => {
            let path = at_home(path);
            regular(Path::new(&path)).map(|octets| Found::File { path, octets })
        }
        Look::Text(path) | Look::Template(path) => {
            let limit = u64::try_from(AREA_LIMIT).unwrap_or(u64::MAX);
            let path = at_home(path);
            // Reading a pipe would wait for whoever writes to it.
            regular(Path::new(&path))
                .and_then(|_| read_text_within(Path::new(&path), limit))
                .map(Found::Text)
        }
        Look::Key(signature) => {
            let mut signature = signature.clone();
            signature.key = at_home(&signature.key.to_string_lossy()).into();
            regular(&signature.key)
                .and_then(|_| signature.signer(&ReversePath::Null))
                .map(|_| Found::Key(signature))
        }
    };
    found.map_err(|error| error.to_string())
}

/// `~/` is the home directory: no shell has read the path.
fn at_home(path: &str) -> String {
    match (path.strip_prefix("~/"), std::env::var("HOME")) {
        (Some(rest), Ok(home)) => format!("{home}/{rest}"),
        _ => path.to_owned(),
    }
}

/// What the message comes to with that envelope; else why it cannot be sent.
pub async fn weigh(outline: &Outline, from: &str, to: &[String]) -> Result<Weight, String> {
    let from = from.parse().unwrap_or(ReversePath::Null);
    let to: Vec<ForwardPath> = to.iter().filter_map(|path| path.parse().ok()).collect();
    let weight = outline.weigh("localhost", &from, &to).await;
    weight.map_err(|error| error.to_string())
}
