//! The scenarios that the program carries inside.

use super::scenario::{Scenario, ScenarioError};

macro_rules! scenarios {
    ($($name:literal),* $(,)?) => {
        /// Every file of `assets/lab/`: its name and its text.
        pub(super) const FILES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../assets/lab/", $name, ".yaml")))),*
        ];
    };
}

// In the order in which they are best played.
scenarios![
    "healthy",
    "port-25-closed",
    "no-mail-host",
    "mx-without-address",
    "null-mx",
    "mailbox-unknown",
    "mailbox-full",
    "not-registered",
    "certificate-expired",
    "certificate-for-another-name",
    "certificate-self-signed",
    "certificate-ends-soon",
    "expired-and-on-hold",
    "two-spf-records",
    "spf-with-a-typing-error",
    "sends-from-elsewhere",
    "signs-with-a-lost-key",
    "signs-with-a-withdrawn-key",
    "two-dmarc-records",
    "no-reverse-name",
    "on-a-block-list",
    "lame-nameserver",
    "nameserver-without-address",
    "nameservers-silent",
    "one-host-filtered",
    "filtered-everywhere",
    "port-25-blocked-here",
    "offline",
    "slow-greeting",
    "firewall-reads-along",
    "only-old-tls",
    "runs-what-came-in-clear",
    "greets-with-554",
    "not-a-mail-server",
    "greylisted",
    "relaying-denied",
    "mx-is-an-alias",
    "implicit-mx",
    "nameservers-give-different-mx",
    "parent-and-zone-differ",
    "zone-without-mx-answers",
    "signature-expired",
    "signed-no-longer",
    "new-certificate-old-fingerprint",
    "policy-forgets-the-new-host",
    "registrar-and-parent-disagree",
    "stale-resolver",
    "webmail-down",
    "everybody-but-one",
    "mails-she-did-not-write",
    "shield-in-between",
    "wrong-client-settings",
    "one-down-one-expired",
    "full-mailbox-and-lame-nameserver",
    "password-refused",
    "submission-down",
    "submission-without-login",
    "firewall-blocks-submission",
];

impl Scenario {
    /// All scenarios, from the easy ones on.
    pub fn all() -> Result<Vec<Self>, ScenarioError> {
        FILES
            .iter()
            .map(|(_, text)| Self::from_yaml(text))
            .collect()
    }

    /// The scenario of this name, if there is one.
    pub fn find(name: &str) -> Option<Result<Self, ScenarioError>> {
        FILES
            .iter()
            .find(|(file, _)| *file == name)
            .map(|(_, text)| Self::from_yaml(text))
    }

    /// The names, in the same order.
    pub fn names() -> impl Iterator<Item = &'static str> {
        FILES.iter().map(|(name, _)| *name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_list_is_what_is_in_the_folder() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/lab");
        let in_folder: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == "yaml"))
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        let listed: BTreeSet<String> = Scenario::names().map(str::to_owned).collect();
        assert_eq!(listed, in_folder);
        assert_eq!(FILES.len(), listed.len());
    }

    #[test]
    fn every_scenario_is_complete() {
        let mut domains = BTreeSet::new();
        for (name, text) in FILES {
            let scenario = Scenario::from_yaml(text)
                .unwrap_or_else(|error| panic!("assets/lab/{name}.yaml: {error}"));
            assert_eq!(scenario.name, *name);
            assert!(scenario.target().is_some(), "{name}: the domain is none");
            assert!(!scenario.hints.is_empty(), "{name}: no hint");
            assert!(
                domains.insert(scenario.domain.clone()),
                "{name}: domain of another"
            );
            let expect = &scenario.expect;
            for finding in expect.cause.0.iter().chain(&expect.also) {
                assert!(
                    !expect.never.contains(finding),
                    "{name}: {finding} must and must not"
                );
            }
            // Nobody asks for an envelope in one half of the files and forgets the other.
            assert_eq!(scenario.from.is_some(), scenario.to.is_some(), "{name}");
        }
    }

    #[test]
    fn every_family_of_findings_decides_a_scenario() {
        use crate::knowledge::finding::FindingId;
        let family = |id: FindingId| id.as_str().split('.').next().unwrap_or_default();
        let scenarios = Scenario::all().unwrap();
        let decided: BTreeSet<&str> = scenarios
            .iter()
            .flat_map(|scenario| scenario.expect.cause.0.iter().map(|id| family(*id)))
            .collect();
        let all: BTreeSet<&str> = FindingId::all().map(family).collect();
        assert_eq!(decided, all);
    }

    /// A word of an answer that the checklist does not have would be ignored without a sound.
    #[test]
    fn answers_are_words_of_the_checklist() {
        use crate::knowledge::question::QuestionId as Q;
        for scenario in Scenario::all().unwrap() {
            for (question, answer) in &scenario.answers {
                let words: &[&str] = match question {
                    Q::Direction => &["sending", "receiving", "both"],
                    Q::Accounts => &["one", "several"],
                    Q::Webmail => &["yes", "send-only", "receive-only", "no"],
                    Q::Affected | Q::Bounces | Q::Client => continue,
                    _ => &["yes", "no"],
                };
                assert!(
                    words.contains(&answer.as_str()),
                    "{}: {answer}",
                    scenario.name
                );
            }
        }
    }
}
