//! A check that logs in, where the server of submission is hostile: the row never says passed of
//! what could not be made, and the password stands nowhere.

use super::{PASSWORD, Place, has_trouble, not_safe, places};
use crate::passes::by_passes;
use crate::scenarios::played_of;
use futures_util::StreamExt as _;
use futures_util::stream;
use rstest::rstest;
use smtp_tui::case::{Case, CheckState, Group};
use smtp_tui::diagnosis::{Diagnosis, Status};
use smtp_tui::lab::{Scenario, Stage};

fn scenario(place: &Place) -> Scenario {
    let text = format!(
        "{{name: x, title: x, story: x, hints: [x], domain: hostile-test.org, speed: 1, \
         login: {{user: ann, password: '{PASSWORD}'}}, \
         expect: {{status: healthy, cause: none}}, explanation: x, \
         world: {{server: {{submission: {{users: {{ann: '{PASSWORD}'}}, \
         smtp: {{hostile: {}}}}}}}}}}}",
        place.script
    );
    Scenario::from_yaml(&text).expect("a scenario")
}

/// What is wrong with it, in words.
fn complaints(place: &Place, case: &Case, diagnosis: &Diagnosis) -> Vec<String> {
    let mut wrong = Vec::new();
    let rows: Vec<_> = case
        .checks
        .iter()
        .filter(|row| row.group == Group::Submission)
        .collect();
    if rows.is_empty() || rows.iter().any(|row| row.state == CheckState::Running) {
        wrong.push("the row has not settled".to_owned());
    }
    let all_passed = rows.iter().all(|row| row.state == CheckState::Passed);
    if all_passed && has_trouble(diagnosis, "submission.") {
        wrong.push("all passed, and there is a finding".to_owned());
    }
    if rows.iter().any(|row| row.state == CheckState::Failed)
        && diagnosis.verdict.status == Status::Healthy
    {
        wrong.push("it failed, and all is well".to_owned());
    }
    // Who has not been let in has not logged in.
    if place.stage == Stage::Auth && all_passed {
        wrong.push("the login passed".to_owned());
    }
    let (half, rest) = PASSWORD.split_at(PASSWORD.len() / 2);
    let backwards: String = PASSWORD.chars().rev().collect();
    let whole = serde_json::to_string(case).expect("JSON") + &format!("{case:?}{diagnosis:?}");
    for secret in [half, rest, &backwards, "Q2FuYXJ5LTczIXBhc3M="] {
        if whole.contains(secret) {
            wrong.push(format!("the case holds `{secret}`"));
        }
    }
    wrong.extend(not_safe(rows.into_iter(), diagnosis));
    wrong
}

async fn checked(stages: &[Stage]) {
    let places = places(stages);
    let failures: Vec<String> = stream::iter(&places)
        .map(|place| async move {
            let groups = [Group::Submission];
            let (case, diagnosis) = Box::pin(played_of(&scenario(place), &groups)).await;
            let wrong = complaints(place, &case, &diagnosis);
            (!wrong.is_empty()).then(|| format!("{}: {}", place.script, wrong.join("\n")))
        })
        .buffer_unordered(super::AT_ONCE)
        .filter_map(async |failure| failure)
        .collect()
        .await;
    assert!(!places.is_empty());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[rstest]
#[case::connect(&[Stage::Connect])]
#[case::banner(&[Stage::Banner])]
#[case::ehlo(&[Stage::Ehlo])]
#[case::starttls(&[Stage::Starttls])]
#[case::auth(&[Stage::Auth])]
fn a_check_that_logs_in_holds(#[case] stages: &[Stage]) {
    by_passes(checked(stages));
}
