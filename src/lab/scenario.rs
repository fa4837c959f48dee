//! A scenario: a story, the fault in the world, and what must be found.

use super::setting::{OneOrMany, Setting};
use crate::case::{MailAddress, Target};
use crate::check::Request;
use crate::diagnosis::Status;
use crate::knowledge::finding::FindingId;
use crate::knowledge::question::QuestionId;
use crate::smtp::Login;
use crate::text::Secret;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

/// One file of `assets/lab/`. Wherever `$domain` stands in it, the domain is meant.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The name of the file, and of the scenario on the command line.
    pub name: String,
    /// The story in one sentence, without its solution.
    pub title: String,
    /// What the user is told, as the caller puts it.
    pub story: String,
    /// Help, one at a time.
    #[serde(default)]
    pub hints: Vec<String>,
    /// The mail domain.
    pub domain: String,
    /// What the checks are given; the domain, when it is not said.
    #[serde(default)]
    target: Option<Target>,
    #[serde(default)]
    pub from: Option<MailAddress>,
    #[serde(default)]
    pub to: Option<MailAddress>,
    /// The address that the domain's mail is sent from.
    #[serde(default)]
    pub(super) source_ip: Option<IpAddr>,
    /// The DKIM selector that the domain signs with.
    #[serde(default)]
    selector: Option<String>,
    /// The mail hosts are asked whether they relay, as by `--relay-test`.
    #[serde(default)]
    relay_test: bool,
    /// After how many seconds a host that greylists is asked once more, as by `--come-back`.
    #[serde(default)]
    come_back: Option<u64>,
    /// How many seconds pass in the world while one passes outside.
    #[serde(default = "five")]
    pub speed: u32,
    /// The login that the caller's mail program uses.
    #[serde(default)]
    login: Option<Account>,
    /// What the caller answers to the checklist.
    #[serde(default)]
    pub answers: BTreeMap<QuestionId, String>,
    #[serde(default)]
    pub world: Setting,
    pub expect: Expect,
    /// What was wrong and how it shows, told after the user has guessed.
    pub explanation: String,
}

/// A user name and a password that open nothing but the practice world.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Account {
    user: String,
    password: String,
}

fn five() -> u32 {
    5
}

/// What a diagnosis of the scenario must say, and what it must not.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    pub status: OneOrMany<Status>,
    pub cause: Causes,
    /// Findings that must be there besides the cause.
    #[serde(default)]
    pub also: Vec<FindingId>,
    /// Findings that would be false.
    #[serde(default)]
    pub never: Vec<FindingId>,
}

/// The causes of which each is right; with none of them, no cause is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Causes(pub Vec<FindingId>);

impl Expect {
    pub fn allows(&self, status: Status, cause: Option<FindingId>) -> bool {
        let named = match cause {
            Some(cause) => self.cause.0.contains(&cause),
            None => self.cause.0.is_empty(),
        };
        named && self.status.as_slice().contains(&status)
    }
}

impl<'de> Deserialize<'de> for Causes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = OneOrMany::<String>::deserialize(deserializer)?;
        if words.as_slice() == ["none"] {
            return Ok(Self(Vec::new()));
        }
        words
            .as_slice()
            .iter()
            .map(|word| {
                FindingId::find(word).ok_or_else(|| {
                    serde::de::Error::custom(format!("`{word}` is neither a finding nor none"))
                })
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// A scenario file that does not say what a scenario file says.
#[derive(Debug, thiserror::Error)]
#[error("the scenario cannot be read: {0}")]
pub struct ScenarioError(#[from] serde_yaml::Error);

impl Scenario {
    /// Reads a scenario file.
    pub fn from_yaml(text: &str) -> Result<Self, ScenarioError> {
        #[derive(Deserialize)]
        struct Head {
            domain: String,
        }
        // The domain first, so that the rest may speak of it.
        let head: Head = serde_yaml::from_str(text)?;
        let mut scenario: Self = serde_yaml::from_str(&text.replace("$domain", &head.domain))?;
        // What is healthy by default speaks of the domain too.
        for nameserver in &mut scenario.world.nameservers {
            nameserver.name = nameserver.name.replace("$domain", &head.domain);
        }
        for host in &mut scenario.world.mail_hosts {
            host.name = host.name.replace("$domain", &head.domain);
        }
        Ok(scenario)
    }

    /// The login that the checks try at the submission port.
    fn login(&self) -> Option<Login> {
        let account = self.login.as_ref()?;
        Login::new(&account.user, Secret::new(account.password.clone())).ok()
    }

    /// What the checks are given.
    pub fn target(&self) -> Option<Target> {
        self.target.clone().or_else(|| self.domain.parse().ok())
    }

    /// Puts into a request what the caller tells beside the target.
    pub fn tell(&self, request: &mut Request) {
        request.from.clone_from(&self.from);
        request.to.clone_from(&self.to);
        request.login = self.login();
        request.source_ip = self.source_ip;
        request.selectors = self.selector.iter().cloned().map(Into::into).collect();
        request.relay_test = self.relay_test;
        request.come_back = self.come_back.map(Duration::from_secs);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "
name: small
title: A small one.
story: It rains.
domain: rain.org
world:
  nameservers: [{name: ns1.$domain}]
expect: {status: [degraded, broken], cause: [ns.lame, ns.single]}
explanation: It was the rain.
";

    #[test]
    fn says_what_differs_and_leaves_the_rest_healthy() {
        let scenario = Scenario::from_yaml(SMALL).unwrap();
        assert_eq!(scenario.speed, 5);
        assert_eq!(scenario.target().unwrap().to_string(), "rain.org");
        assert_eq!(scenario.world.nameservers[0].name, "ns1.rain.org");
        assert_eq!(scenario.world.nameservers.len(), 1);
        assert_eq!(scenario.world.mail_hosts[1].name, "mx2.rain.org");
        let lame = FindingId::find("ns.lame");
        assert!(scenario.expect.allows(Status::Broken, lame));
        assert!(!scenario.expect.allows(Status::Unknown, lame));
        assert!(!scenario.expect.allows(Status::Broken, None));
    }

    #[test]
    fn an_unknown_field_or_finding_is_an_error() {
        for (from, to, words) in [
            ("world:", "wrold:", "wrold"),
            ("ns.lame", "ns.lama", "ns.lama"),
            (
                "{name: ns1.$domain}",
                "{name: ns1.$domain, colour: red}",
                "colour",
            ),
        ] {
            let error = Scenario::from_yaml(&SMALL.replace(from, to)).unwrap_err();
            assert!(error.to_string().contains(words), "{error}");
        }
    }
}
