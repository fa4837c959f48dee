//! Which files somebody means, and which ones could be meant.

use crate::engine::path::{Candidate, LOOKED_AT, at_home, beginning_with, candidate};
use crate::text::SafeText;
use regex::Regex;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static PLACES: LazyLock<Vec<String>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../../../assets/maillog/places.yaml"))
        .expect("assets/maillog/places.yaml is checked by a test")
});

/// The mail logs that this system has.
pub fn system_logs() -> Vec<Candidate> {
    PLACES
        .iter()
        .filter_map(|path| candidate(path.clone(), Path::new(path)))
        .filter(|candidate| !candidate.is_folder)
        .collect()
}

/// The files and folders whose path begins with what was typed; the system's mail logs where
/// nothing was.
pub fn candidates(typed: &str) -> Vec<Candidate> {
    // Of several files, the last is being typed.
    let (before, typed) = match typed.rsplit_once(' ') {
        Some((before, last)) if !Path::new(typed).exists() => (format!("{before} "), last),
        _ => (String::new(), typed),
    };
    if typed.is_empty() {
        return system_logs();
    }
    let mut found = beginning_with(typed);
    for candidate in &mut found {
        candidate.path.insert_str(0, &before);
    }
    found
}

/// The files that somebody means.
pub(super) fn files(text: &str) -> Result<Vec<PathBuf>, String> {
    let text = text.trim();
    let whole = at_home(text);
    let files = if whole.exists() {
        vec![whole]
    } else {
        let mut files = Vec::new();
        for word in text.split_whitespace() {
            files.extend(matching(word)?);
        }
        files.sort();
        files.dedup();
        files
    };
    if files.is_empty() {
        return Err("no file was named".to_owned());
    }
    for file in &files {
        let name = SafeText::from(file.display().to_string());
        let about = fs::metadata(file).map_err(|error| format!("reading `{name}`: {error}"))?;
        // A pipe or a device can be read once at most, and a log is read again and again.
        if about.is_dir() {
            return Err(format!("`{name}` is a folder: name a file in it"));
        }
        if !about.is_file() {
            return Err(format!(
                "`{name}` is no file; `smtp-tui logs -` reads what comes through a pipe"
            ));
        }
    }
    Ok(files)
}

/// The files of a path in whose last part `*` and `?` may stand.
fn matching(word: &str) -> Result<Vec<PathBuf>, String> {
    let path = at_home(word);
    let is_pattern = |name: &str| name.contains(['*', '?']);
    let name = path.file_name().and_then(|name| name.to_str());
    let Some(pattern) = name.filter(|name| is_pattern(name) && !path.exists()) else {
        return Ok(vec![path]);
    };
    let escaped = regex::escape(pattern);
    let expression = escaped.replace(r"\*", ".*").replace(r"\?", ".");
    let expression =
        Regex::new(&format!("^{expression}$")).map_err(|error| format!("`{word}`: {error}"))?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let entries = fs::read_dir(&folder).map_err(|error| {
        let folder = SafeText::from(folder.display().to_string());
        format!("reading the folder `{folder}`: {error}")
    })?;
    let found: Vec<PathBuf> = entries
        .take(LOOKED_AT)
        .filter_map(Result::ok)
        .filter(|entry| {
            let name = entry.file_name();
            name.to_str().is_some_and(|name| expression.is_match(name)) && entry.path().is_file()
        })
        .map(|entry| entry.path())
        .collect();
    if found.is_empty() {
        return Err(format!("no file fits `{}`", SafeText::from(word)));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "mail.log",
            "mail.log.1",
            "mail.log.2.gz",
            "other.log",
            ".hidden",
        ] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        fs::create_dir(folder.path().join("mail")).unwrap();
        folder
    }

    #[test]
    fn what_was_typed_is_completed() {
        let folder = folder();
        let typed = |rest: &str| format!("{}/{rest}", folder.path().display());
        let found = |rest: &str| -> Vec<String> {
            let found = candidates(&typed(rest)).into_iter();
            let begin = typed("").len();
            found
                .map(|one| one.path.get(begin..).unwrap().to_owned())
                .collect()
        };
        assert_eq!(
            found("mail"),
            ["mail.log", "mail.log.1", "mail.log.2.gz", "mail/"]
        );
        assert_eq!(found("o"), ["other.log"]);
        assert_eq!(found(".h"), [".hidden"]);
        assert_eq!(found("").len(), 5);
        assert!(candidates("/nowhere/at/all").is_empty());
        // The second of two.
        let two = format!("{} {}", typed("mail.log"), typed("oth"));
        let found = candidates(&two);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, format!("{two}er.log"));
        assert_eq!((found[0].octets, found[0].readable), (9, true));
    }

    #[test]
    fn a_star_means_what_is_there() {
        let folder = folder();
        let files = |text: &str| {
            let text = text.replace("F/", &format!("{}/", folder.path().display()));
            files(&text).map(|files| files.len())
        };
        assert_eq!(files("F/mail.log"), Ok(1));
        assert_eq!(files("F/mail.log*"), Ok(3));
        assert_eq!(files("F/mail.log F/other.lo?"), Ok(2));
        for (text, words) in [
            ("F/nothing*", "no file fits"),
            ("F/mail", "is a folder"),
            ("F/gone.log", "reading"),
            ("/dev/null", "is no file"),
            ("  ", "no file was named"),
        ] {
            assert!(files(text).unwrap_err().contains(words), "{text}");
        }
    }

    #[test]
    fn the_places_can_be_read() {
        assert!(PLACES.iter().all(|path| path.starts_with("/var/log/")));
        assert!(system_logs().iter().all(|log| !log.is_folder));
    }
}
