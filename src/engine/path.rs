//! Paths as people type them, where no shell has read them.

use std::path::PathBuf;

/// `~/` is the home directory.
pub fn at_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}
