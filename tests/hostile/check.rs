//! A check of a domain whose one mail host is hostile: `tests/data/hostile.yaml` says for every
//! place what it comes to. A check never logs in at port 25 and never sends a message, so that
//! it does not meet what happens there.

use super::{AT_ONCE, Place, has_trouble, not_safe, places, scenario};
use crate::passes::by_passes;
use crate::scenarios::played_of;
use futures_util::StreamExt as _;
use futures_util::stream;
use rstest::rstest;
use serde::{Deserialize, Serialize};
use smtp_tui::case::{Case, CheckState, Group};
use smtp_tui::diagnosis::{Diagnosis, Status};
use smtp_tui::knowledge::finding::FindingId;
use smtp_tui::lab::Stage;
use std::collections::BTreeMap;

/// What the host's own sessions decide.
const GROUPS: [Group; 4] = [Group::Mx, Group::Smtp, Group::Tls, Group::Rcpt];

/// What a check comes to.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outcome {
    status: Status,
    #[serde(default)]
    cause: Option<FindingId>,
    /// The row of the host's port 25.
    smtp: CheckState,
    /// That of its TLS, where the session came so far.
    #[serde(default)]
    tls: Option<CheckState>,
}

impl Outcome {
    fn of(case: &Case, diagnosis: &Diagnosis) -> Self {
        let row = |group| {
            let mut of_group = case.checks.iter().filter(move |row| row.group == group);
            of_group.next().map(|row| row.state)
        };
        Self {
            status: diagnosis.verdict.status,
            cause: diagnosis.verdict.cause,
            smtp: row(Group::Smtp).expect("port 25 was tried"),
            tls: row(Group::Tls),
        }
    }

    /// A line of the table.
    fn line(&self, script: &str) -> String {
        let json = serde_json::to_string(self).expect("JSON");
        let words = json.replace('"', "").replace(',', ", ").replace(':', ": ");
        format!("{script}: {words}")
    }
}

fn table() -> BTreeMap<String, Outcome> {
    serde_yaml::from_str(include_str!("../data/hostile.yaml")).expect("the table parses")
}

/// What is wrong with it, in words.
fn complaints(place: &Place, case: &Case, diagnosis: &Diagnosis) -> Vec<String> {
    let mut wrong = Vec::new();
    let outcome = Outcome::of(case, diagnosis);
    if table().get(&place.script) != Some(&outcome) {
        wrong.push(format!("not in the table: {}", outcome.line(&place.script)));
    }
    let trouble = |family| has_trouble(diagnosis, family);
    // What could not be made has not passed.
    if outcome.smtp == CheckState::Passed && (trouble("smtp.") || trouble("rcpt.")) {
        wrong.push("port 25 passed, and there is a finding".to_owned());
    }
    if outcome.smtp == CheckState::Failed && outcome.status == Status::Healthy {
        wrong.push("port 25 failed, and all is well".to_owned());
    }
    if outcome.tls == Some(CheckState::Passed) && trouble("tls.") {
        wrong.push("TLS passed, and there is a finding".to_owned());
    }
    wrong.extend(not_safe(case.checks.iter(), diagnosis));
    wrong
}

async fn checked(stages: &[Stage]) {
    let places = places(stages);
    let failures: Vec<String> = stream::iter(&places)
        .map(|place| async move {
            let mut scenario = scenario(&[place]);
            if matches!(place.stage, Stage::Mail | Stage::Rcpt) {
                scenario.from = "someone@elsewhere.org".parse().ok();
                scenario.to = "info@hostile-test.org".parse().ok();
            }
            let (case, diagnosis) = Box::pin(played_of(&scenario, &GROUPS)).await;
            let wrong = complaints(place, &case, &diagnosis);
            (!wrong.is_empty()).then(|| wrong.join("\n"))
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(async |failure| failure)
        .collect()
        .await;
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[rstest]
#[case::connect(&[Stage::Connect])]
#[case::banner(&[Stage::Banner])]
#[case::ehlo(&[Stage::Ehlo])]
#[case::starttls(&[Stage::Starttls])]
#[case::mail(&[Stage::Mail])]
#[case::rcpt(&[Stage::Rcpt])]
#[case::quit(&[Stage::Quit])]
fn a_check_comes_to(#[case] stages: &[Stage]) {
    by_passes(checked(stages));
}

/// The kinds that name a finding lead to it as the cause, where they are at home.
#[test]
fn what_a_kind_is_said_to_lead_to_is_its_cause() {
    let table = table();
    let every = [
        Stage::Connect,
        Stage::Banner,
        Stage::Ehlo,
        Stage::Starttls,
        Stage::Mail,
        Stage::Rcpt,
    ];
    let mut named = 0;
    for place in places(&every) {
        let home = place.behaviour.at.as_slice().first() == Some(&place.stage);
        if let Some(finding) = place.behaviour.finding.filter(|_| home) {
            let outcome = table.get(&place.script);
            let cause = outcome.and_then(|outcome| outcome.cause);
            assert_eq!(cause, Some(finding), "{}", place.script);
            named += 1;
        }
    }
    assert!(named > 50, "{named}");
}
