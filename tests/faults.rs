//! Every finding of the catalogue comes of a server: of a playable scenario, or of a fault of
//! `tests/data/faults.yaml`.

use crate::scenarios::played;
use serde::Deserialize;
use smtp_tui::diagnosis::{decisive_rules, rule_names};
use smtp_tui::knowledge::finding::FindingId;
use smtp_tui::lab::Scenario;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::net::IpAddr;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    name: String,
    #[serde(default)]
    world: serde_yaml::Value,
    #[serde(default)]
    given: Told,
    #[serde(default)]
    answers: BTreeMap<String, String>,
    #[serde(default = "quick")]
    speed: u32,
    gives: Vec<FindingId>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Told {
    source_ip: Option<IpAddr>,
    selector: Option<String>,
    to: bool,
    relay_test: bool,
    come_back: Option<u64>,
    /// As scenarios have it.
    login: serde_yaml::Value,
}

fn quick() -> u32 {
    20
}

impl Fault {
    fn scenario(&self) -> Scenario {
        let mut text = format!(
            "{{name: {}, title: x, story: x, hints: [x], domain: faults-test.org, speed: {}, \
             expect: {{status: healthy, cause: none}}, explanation: x",
            self.name, self.speed
        );
        if let Some(address) = self.given.source_ip {
            let _ = write!(text, ", source_ip: {address}");
        }
        if let Some(selector) = &self.given.selector {
            let _ = write!(text, ", selector: {selector}");
        }
        if self.given.to {
            text.push_str(", from: someone@elsewhere.org, to: info@faults-test.org");
        }
        if self.given.relay_test {
            text.push_str(", relay_test: true");
        }
        if let Some(seconds) = self.given.come_back {
            let _ = write!(text, ", come_back: {seconds}");
        }
        if !self.given.login.is_null() {
            let login = serde_json::to_string(&self.given.login).expect("JSON");
            text.push_str(", login: ");
            text.push_str(&login);
        }
        if !self.answers.is_empty() {
            text.push_str(", answers: ");
            text.push_str(&serde_json::to_string(&self.answers).expect("JSON"));
        }
        if !self.world.is_null() {
            let world = serde_json::to_string(&self.world).expect("JSON");
            text.push_str(", world: ");
            text.push_str(&world);
        }
        text.push('}');
        Scenario::from_yaml(&text).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_finding_comes_of_a_server() {
    let faults: Vec<Fault> =
        serde_yaml::from_str(include_str!("data/faults.yaml")).expect("the faults parse");
    let mut decided: BTreeSet<String> = BTreeSet::new();
    let mut produced: BTreeSet<FindingId> = BTreeSet::new();
    let mut missing = Vec::new();
    for fault in &faults {
        let (case, diagnosis) = played(&fault.scenario()).await;
        decided.extend(decisive_rules(&case));
        let found: BTreeSet<FindingId> = diagnosis.findings.iter().map(|one| one.id).collect();
        for id in fault.gives.iter().filter(|id| !found.contains(id)) {
            missing.push(format!("{}: no {id}, but {found:?}", fault.name));
        }
        for finding in &diagnosis.findings {
            assert!(
                !finding.fix.is_empty() && !finding.reproduce.is_empty(),
                "{}",
                finding.id
            );
        }
        produced.extend(fault.gives.iter().filter(|id| found.contains(id)));
    }
    for scenario in &Scenario::all().expect("the scenarios parse") {
        let (case, diagnosis) = played(scenario).await;
        decided.extend(decisive_rules(&case));
        produced.extend(diagnosis.findings.iter().map(|one| one.id));
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    let wanting: Vec<&str> = FindingId::all()
        .filter(|id| !produced.contains(id))
        .map(FindingId::as_str)
        .collect();
    assert!(wanting.is_empty(), "no test produces {wanting:?}");
    let idle: Vec<String> = rule_names()
        .into_iter()
        .filter(|name| !decided.contains(name))
        .collect();
    assert!(
        idle.is_empty(),
        "rules of assets/verdict.yaml that decide nothing in any test: {idle:?}"
    );
}
