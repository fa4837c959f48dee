//! Every scenario of the practice world through the engine: the verdict that it expects.

use crate::setup;
use jiff::Timestamp;
use smtp_tui::case::{Case, Group};
use smtp_tui::check::Request;
use smtp_tui::diagnosis::{Diagnosis, diagnose};
use smtp_tui::engine::{self, Progress};
use smtp_tui::lab::Scenario;

pub(crate) async fn played(scenario: &Scenario) -> (Case, Diagnosis) {
    played_of(scenario, &[]).await
}

/// The checks of these groups alone; with none, all.
pub(crate) async fn played_of(scenario: &Scenario, groups: &[Group]) -> (Case, Diagnosis) {
    let (world, dns) = setup::world(scenario).await;
    let target = scenario.target().expect("a target");
    let mut request = Request::new(&target);
    scenario.tell(&mut request);
    request.only = groups.iter().copied().collect();
    let mut case = Case::new(Timestamp::now());
    case.target = Some(target);
    case.from.clone_from(&scenario.from);
    case.to.clone_from(&scenario.to);
    for (question, answer) in &scenario.answers {
        case.answers.give(*question, answer);
    }
    let (_run, mut progress) = engine::start(request, &dns);
    while let Some(step) = progress.recv().await {
        let finished = matches!(step, Progress::Finished { .. });
        step.apply(&mut case);
        if finished {
            break;
        }
    }
    let diagnosis = diagnose(&case);
    world.close().await;
    (case, diagnosis)
}

/// What differs from the expectation, in words.
fn differences(scenario: &Scenario, case: &Case, diagnosis: &Diagnosis) -> Vec<String> {
    let expect = &scenario.expect;
    let verdict = &diagnosis.verdict;
    let found: Vec<_> = diagnosis
        .findings
        .iter()
        .map(|finding| finding.id)
        .collect();
    let mut wrong = Vec::new();
    if !expect.allows(verdict.status, verdict.cause) {
        wrong.push(format!("verdict {:?} {:?}", verdict.status, verdict.cause));
    }
    for id in expect.also.iter().filter(|id| !found.contains(id)) {
        wrong.push(format!("{id} is missing"));
    }
    for id in expect.never.iter().filter(|id| found.contains(id)) {
        wrong.push(format!("{id} is a false alarm"));
    }
    if !wrong.is_empty() {
        wrong.push(format!("found {found:?}"));
        for check in &case.checks {
            wrong.push(format!(
                "  {} {:?} {}",
                check.key.0, check.state, check.detail
            ));
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn every_scenario_comes_to_its_verdict() {
    let mut failures = Vec::new();
    for scenario in &Scenario::all().expect("the scenarios parse") {
        let (case, diagnosis) = played(scenario).await;
        let wrong = differences(scenario, &case, &diagnosis);
        if !wrong.is_empty() {
            failures.push(format!("{}:\n    {}", scenario.name, wrong.join("\n    ")));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
