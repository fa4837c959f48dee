//! The tables of codes under `assets/codes`.

use super::Whose;
use crate::knowledge::finding::FindingId;
use crate::knowledge::reason::Reason;
use crate::knowledge::stage::Stage;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::knowledge) struct ReplyEntry {
    pub(in crate::knowledge) code: u16,
    /// The commands that it answers; none where nothing says so.
    #[serde(default)]
    pub(in crate::knowledge) answers: Vec<Stage>,
    pub(in crate::knowledge) meaning: String,
    pub(in crate::knowledge) whose: Whose,
    pub(in crate::knowledge) fix: String,
    pub(in crate::knowledge) source: String,
    /// Where the code alone leaves no doubt.
    #[serde(default)]
    pub(super) reason: Option<Reason>,
}

/// What a code says in answer to some commands.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::knowledge) struct StageEntry {
    pub(super) code: u16,
    at: Vec<Stage>,
    pub(super) meaning: String,
    pub(super) whose: Whose,
    pub(super) fix: String,
    #[serde(default)]
    pub(super) reason: Option<Reason>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::knowledge) struct EnhancedEntry {
    /// `subject.detail`
    pub(in crate::knowledge) code: String,
    pub(in crate::knowledge) title: String,
    pub(in crate::knowledge) meaning: String,
    pub(in crate::knowledge) whose: Whose,
    pub(in crate::knowledge) fix: String,
    pub(in crate::knowledge) source: String,
    #[serde(default)]
    pub(super) reason: Option<Reason>,
    #[serde(default)]
    pub(super) finding: Option<FindingId>,
    /// It goes before weak wordings.
    #[serde(default)]
    pub(super) firm: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::knowledge) struct Heading {
    pub(in crate::knowledge) title: String,
    pub(in crate::knowledge) meaning: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::knowledge) struct Registry {
    pub(in crate::knowledge) classes: BTreeMap<u8, Heading>,
    pub(in crate::knowledge) subjects: BTreeMap<u16, Heading>,
    pub(in crate::knowledge) codes: Vec<EnhancedEntry>,
}

pub(in crate::knowledge) struct Tables {
    pub(in crate::knowledge) replies: BTreeMap<u16, ReplyEntry>,
    pub(super) stages: BTreeMap<(u16, Stage), StageEntry>,
    pub(in crate::knowledge) registry: Registry,
    pub(super) enhanced: BTreeMap<String, usize>,
}

pub(in crate::knowledge) static TABLES: LazyLock<Tables> =
    LazyLock::new(|| Tables::read().expect("the tables of assets/codes are checked by a test"));

impl Tables {
    pub(super) fn read() -> anyhow::Result<Self> {
        let replies: Vec<ReplyEntry> =
            serde_yaml::from_str(include_str!("../../../assets/codes/reply.yaml"))?;
        let stages: Vec<StageEntry> =
            serde_yaml::from_str(include_str!("../../../assets/codes/stages.yaml"))?;
        let mut by_stage = BTreeMap::new();
        for entry in &stages {
            for stage in &entry.at {
                let twice = by_stage.insert((entry.code, *stage), entry.clone());
                anyhow::ensure!(twice.is_none(), "{} at {stage} stands twice", entry.code);
            }
        }
        let mut by_code = BTreeMap::new();
        for entry in replies {
            let code = entry.code;
            let twice = by_code.insert(code, entry);
            anyhow::ensure!(twice.is_none(), "{code} stands twice");
        }
        let registry: Registry =
            serde_yaml::from_str(include_str!("../../../assets/codes/enhanced.yaml"))?;
        Ok(Self {
            replies: by_code,
            stages: by_stage,
            enhanced: registry
                .codes
                .iter()
                .enumerate()
                .map(|(place, entry)| (entry.code.clone(), place))
                .collect(),
            registry,
        })
    }
}
