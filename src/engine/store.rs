//! Where cases are kept: YAML files under the user's state directory, readable by the user
//! alone. A save replaces the file in one step, so a crash or a kill leaves the old or the new
//! one, never half of one.

use crate::case::Case;
use etcetera::BaseStrategy as _;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// Octets of a case file that are read.
const MOST: u64 = 64 << 20;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("there is no directory for the state of programs: {0}")]
    NoHome(String),
    #[error("there is no case at `{}`", .0.display())]
    NotFound(PathBuf),
    #[error("the case `{}` cannot be used: {why}", path.display())]
    Unusable { path: PathBuf, why: String },
    #[error("saving the case as `{}`: {source}", path.display())]
    CannotWrite { path: PathBuf, source: io::Error },
}

#[derive(Clone, Debug)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The user's own: `smtp-tui/cases` under `XDG_STATE_HOME`.
    pub fn open() -> Result<Self, StoreError> {
        let base = etcetera::base_strategy::Xdg::new()
            .map_err(|error| StoreError::NoHome(error.to_string()))?;
        let state = base
            .state_dir()
            .ok_or_else(|| StoreError::NoHome("XDG_STATE_HOME is not known".to_owned()))?;
        Ok(Self::at(state.join("smtp-tui").join("cases")))
    }

    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Where a case is kept; only its time and its domain name the file.
    pub fn path(&self, case: &Case) -> PathBuf {
        let domain: String = case
            .target
            .as_ref()
            .map_or("no-target", |target| target.domain())
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
            .take(100)
            .collect();
        let time = case.started_at.strftime("%Y%m%d-%H%M%S");
        self.folder.join(format!("{time}-{domain}.yaml"))
    }

    pub fn save(&self, case: &Case) -> Result<PathBuf, StoreError> {
        let path = self.path(case);
        self.replace(&path, case)
            .map_err(|source| StoreError::CannotWrite {
                path: path.clone(),
                source,
            })?;
        Ok(path)
    }

    fn replace(&self, path: &Path, case: &Case) -> io::Result<()> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.folder)?;
        let text = serde_yaml::to_string(case).map_err(io::Error::other)?;
        let mut file = tempfile::Builder::new()
            .prefix(".saving-")
            .permissions(fs::Permissions::from_mode(0o600))
            .tempfile_in(&self.folder)?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    /// The case that was saved last.
    pub fn latest(&self) -> Result<Case, StoreError> {
        let nothing = || StoreError::NotFound(self.folder.clone());
        let newest = fs::read_dir(&self.folder)
            .map_err(|_| nothing())?
            .filter_map(Result::ok)
            .map(|entry| entry.path())
            .filter(|path| {
                let name = path
                    .file_name()
                    .and_then(|name| name.to_str())
                    .unwrap_or_default();
                !name.starts_with('.') && path.extension().is_some_and(|end| end == "yaml")
            })
            .filter_map(|path| Some((fs::metadata(&path).ok()?.modified().ok()?, path)))
            .max()
            .ok_or_else(nothing)?;
        Self::load(&newest.1)
    }

    /// The case of that file name, with or without its ending.
    pub fn named(&self, name: &Path) -> Result<Case, StoreError> {
        let whole = name.file_name() == Some(name.as_os_str());
        if !whole {
            return Err(StoreError::NotFound(name.to_owned()));
        }
        let path = self.folder.join(name);
        Self::load(&path).or_else(|error| {
            let ending = path.extension().is_some_and(|end| end == "yaml");
            if ending {
                return Err(error);
            }
            let mut longer = path.into_os_string();
            longer.push(".yaml");
            Self::load(Path::new(&longer))
        })
    }

    pub fn load(path: &Path) -> Result<Case, StoreError> {
        let unusable = |why: String| StoreError::Unusable {
            path: path.to_owned(),
            why,
        };
        let file = fs::File::open(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::NotFound(path.to_owned()),
            _ => unusable(error.to_string()),
        })?;
        let mut text = String::new();
        file.take(MOST)
            .read_to_string(&mut text)
            .map_err(|error| unusable(error.to_string()))?;
        let case: Case =
            serde_yaml::from_str(&text).map_err(|error| unusable(error.to_string()))?;
        if case.schema != Case::SCHEMA {
            return Err(unusable(format!("its schema is not {}", Case::SCHEMA)));
        }
        Ok(case)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::question::QuestionId;

    #[test]
    fn what_is_saved_comes_back_and_half_a_save_disturbs_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::at(folder.path().join("cases"));
        assert!(matches!(store.latest(), Err(StoreError::NotFound(_))));
        let mut case = Case::new("2026-01-31T12:00:00Z".parse().unwrap());
        case.target = Some("info@example.org".parse().unwrap());
        case.answers
            .give(QuestionId::Bounces, "550 no\nyes: - \u{1b}[2J");
        let path = store.save(&case).unwrap();
        assert!(
            path.ends_with("20260131-120000-example.org.yaml"),
            "{path:?}"
        );
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        fs::write(folder.path().join("cases/.saving-x"), "schema: smtp-").unwrap();
        assert_eq!(store.latest().unwrap(), case);
        fs::write(&path, "schema: [").unwrap();
        let error = Store::load(&path).unwrap_err();
        assert!(matches!(error, StoreError::Unusable { .. }), "{error}");
    }
}
