//! Paths as people type them, where no shell has read them.

use crate::text::SafeText;
use std::fs;
use std::path::{Path, PathBuf};

/// Something that can be read, or a folder on the way to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Candidate {
    /// As it would be typed; a folder ends in a slash.
    pub path: String,
    pub is_folder: bool,
    pub octets: u64,
    /// Whether we may read it.
    pub readable: bool,
}

impl Candidate {
    /// Its last part.
    pub fn name(&self) -> &str {
        let end = self.path.strip_suffix('/').unwrap_or(&self.path).len();
        let start = self
            .path
            .get(..end)
            .and_then(|path| path.rfind('/'))
            .map_or(0, |at| at + 1);
        self.path.get(start..).unwrap_or(&self.path)
    }
}

/// Candidates that are given, and entries of a folder that are looked at.
const MOST: usize = 200;
pub(crate) const LOOKED_AT: usize = 20_000;

/// `~/` is the home directory.
pub fn at_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

/// The files and folders whose path begins with what was typed.
pub fn beginning_with(typed: &str) -> Vec<Candidate> {
    let (folder, begun) = match typed.rsplit_once('/') {
        Some((folder, begun)) => (format!("{folder}/"), begun),
        None => (String::new(), typed),
    };
    let Ok(entries) = fs::read_dir(if folder.is_empty() {
        PathBuf::from(".")
    } else {
        at_home(&folder)
    }) else {
        return Vec::new();
    };
    let mut found: Vec<Candidate> = entries
        .take(LOOKED_AT)
        .filter_map(Result::ok)
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let hidden = name.starts_with('.') && !begun.starts_with('.');
            // What cannot be shown as it is cannot be typed.
            let plain = SafeText::from(name.as_str()).as_str() == name;
            (name.starts_with(begun) && !hidden && plain)
                .then(|| candidate(format!("{folder}{name}"), &entry.path()))?
        })
        .collect();
    found.sort_by(|a, b| (a.is_folder, &a.path).cmp(&(b.is_folder, &b.path)));
    found.truncate(MOST);
    found
}

/// What is there under that path, if it can be read at all.
pub(crate) fn candidate(path: String, at: &Path) -> Option<Candidate> {
    let about = fs::metadata(at).ok()?;
    if about.is_dir() {
        return Some(Candidate {
            path: path + "/",
            is_folder: true,
            octets: 0,
            readable: fs::read_dir(at).is_ok(),
        });
    }
    about.is_file().then(|| Candidate {
        path,
        is_folder: false,
        octets: about.len(),
        readable: fs::File::open(at).is_ok(),
    })
}

/// As much as all of them have in common, where that is more than what was typed.
pub fn completed(typed: &str, candidates: &[Candidate]) -> Option<String> {
    let (first, rest) = candidates.split_first()?;
    let common = rest.iter().fold(&*first.path, |common, other| {
        common_start(common, &other.path)
    });
    (common != typed && common.starts_with(typed)).then(|| common.to_owned())
}

fn common_start<'a>(one: &'a str, other: &str) -> &'a str {
    let same = one
        .char_indices()
        .zip(other.chars())
        .find(|((_, a), b)| a != b)
        .map(|((at, _), _)| at);
    // Where neither differs, the shorter ends first.
    let end = same.unwrap_or_else(|| {
        let shared = one.chars().count().min(other.chars().count());
        one.char_indices()
            .nth(shared)
            .map_or(one.len(), |(at, _)| at)
    });
    one.get(..end).unwrap_or(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_have_in_common_is_typed() {
        assert_eq!(
            common_start("/var/log/mail.log", "/var/log/maillog"),
            "/var/log/mail"
        );
        assert_eq!(common_start("mail.log", "mail.log.1"), "mail.log");
        assert_eq!(common_start("mail.log.1", "mail.log"), "mail.log");
        assert_eq!(common_start("é1", "é2"), "é");
        let candidates = |paths: &[&str]| -> Vec<Candidate> {
            let one = |path: &&str| Candidate {
                path: (*path).to_owned(),
                is_folder: false,
                octets: 0,
                readable: true,
            };
            paths.iter().map(one).collect()
        };
        for (typed, there, more) in [
            ("m", &["mail.log", "mail.log.1"][..], Some("mail.log")),
            ("mail.log", &["mail.log", "mail.log.1"], None),
            ("o", &["other/"], Some("other/")),
            ("x", &[], None),
        ] {
            assert_eq!(
                completed(typed, &candidates(there)).as_deref(),
                more,
                "{typed}"
            );
        }
    }
}
