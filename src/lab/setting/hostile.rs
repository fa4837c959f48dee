//! Behaviour of a mail host that is hostile or broken: the table `assets/hostile.yaml`.

use super::OneOrMany;
use super::script::Stage;
use crate::knowledge::finding::FindingId;
use serde::{Deserialize, Deserializer};
use std::sync::LazyLock;

static BEHAVIOURS: LazyLock<Vec<Behaviour>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../../assets/hostile.yaml")).unwrap_or_default()
});

/// One kind of behaviour.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behaviour {
    pub kind: String,
    /// What it does, in one line.
    pub what: String,
    /// Where it does so. With several, a scenario chooses: `silent@rcpt`.
    pub at: OneOrMany<Stage>,
    pub acts: Vec<Act>,
    /// What it does there from the second time on.
    #[serde(default)]
    pub again: Option<Vec<Act>>,
    /// Every later line is answered like this too.
    #[serde(default)]
    pub always: bool,
    /// The port where it is at home.
    #[serde(default = "mail_port")]
    pub port: u16,
    /// It shows only with a message that no buffer on the way holds.
    #[serde(default)]
    pub large: bool,
    /// Words that the transcript of a session with it has.
    pub says: String,
    /// Words that it has not.
    #[serde(default)]
    pub never: Option<String>,
    /// What a check finds.
    #[serde(default)]
    pub finding: Option<FindingId>,
}

fn mail_port() -> u16 {
    25
}

impl Behaviour {
    /// All of them.
    pub fn all() -> &'static [Self] {
        &BEHAVIOURS
    }
}

/// One thing that the server does; of several in one act, in the order of the fields.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a key that stands alone in the table"
)]
pub struct Act {
    /// Seconds of silence.
    pub wait: u64,
    /// It waits for a line of the client.
    pub hear: bool,
    /// It sends what an ordinary server would say here.
    pub usual: bool,
    /// It sends this. Characters up to U+00FF are octets, those beyond are UTF-8; `{n}` is a
    /// number that counts.
    pub send: Option<String>,
    /// How often; 0 is for ever.
    pub times: Times,
    /// Each octet comes a second after the one before.
    pub drip: bool,
    /// The password that the last AUTH sent is repeated.
    pub echo: Option<Echo>,
    /// The TLS handshake, as the server.
    pub tls: bool,
    pub end: Option<End>,
}

/// How often something is sent.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub struct Times(pub u64);

impl Default for Times {
    fn default() -> Self {
        Self(1)
    }
}

/// In which form a password is repeated, behind `535 `.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Echo {
    Plain,
    Base64,
    Backwards,
    /// Each half on a line of its own.
    Halves,
}

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    Close,
    /// RST in place of FIN.
    Reset,
    /// FIN, and then nothing until the client goes.
    HalfClose,
    /// Nothing more is said; what comes is read.
    Silence,
    /// Nothing more is read either: the window closes.
    Deaf,
    /// Ten octets a second are read.
    Slow,
}

/// A behaviour at one stage, as a script names it: its kind, or `kind@stage`.
#[derive(Clone, Debug)]
pub struct Hostile {
    pub behaviour: &'static Behaviour,
    pub at: Stage,
}

impl<'de> Deserialize<'de> for Hostile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let text = String::deserialize(deserializer)?;
        let (kind, stage) = match text.split_once('@') {
            Some((kind, stage)) => (kind, Some(stage)),
            None => (text.as_str(), None),
        };
        let behaviour = Behaviour::all()
            .iter()
            .find(|behaviour| behaviour.kind == kind)
            .ok_or_else(|| D::Error::custom(format!("`{kind}` is no kind of hostile.yaml")))?;
        let stages = behaviour.at.as_slice();
        let at = match stage {
            None => stages.first().copied(),
            Some(name) => {
                let name = serde::de::value::StrDeserializer::<D::Error>::new(name);
                Some(Stage::deserialize(name)?).filter(|stage| stages.contains(stage))
            }
        };
        let at = at.ok_or_else(|| D::Error::custom(format!("`{text}`: it does nothing there")))?;
        Ok(Self { behaviour, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_table_is_read_and_each_kind_is_one() {
        let text = include_str!("../../../assets/hostile.yaml");
        let read: Vec<Behaviour> = serde_yaml::from_str(text).unwrap();
        let kinds: BTreeSet<_> = read.iter().map(|behaviour| &behaviour.kind).collect();
        assert_eq!(kinds.len(), read.len());
        assert!(kinds.len() >= 45, "{}", kinds.len());
        for behaviour in &read {
            assert!(!behaviour.acts.is_empty() && !behaviour.says.is_empty());
            assert!(!behaviour.what.contains('\n') && !behaviour.at.as_slice().is_empty());
        }
    }

    #[test]
    fn a_script_names_kind_and_stage() {
        let read = |text| serde_yaml::from_str::<Hostile>(text);
        assert_eq!(read("silent@rcpt").unwrap().at, Stage::Rcpt);
        assert_eq!(read("endless-greeting").unwrap().at, Stage::Banner);
        for wrong in ["no-such-kind", "silent@nowhere", "endless-greeting@rcpt"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
