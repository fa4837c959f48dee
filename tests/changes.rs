//! A run that is asked for more while it stands, as the screens do it.

use crate::setup;
use smtp_tui::case::{Case, CheckState, Group};
use smtp_tui::check::{Request, Selector};
use smtp_tui::engine::{self, Change, Handle, Progress};
use smtp_tui::lab::World;
use std::time::Duration;
use tokio::sync::mpsc::UnboundedReceiver;

/// Five minutes are five seconds, and a time-out is still longer than a busy machine sleeps.
const SPEED: u32 = 60;

struct Running {
    run: Handle,
    progress: UnboundedReceiver<Progress>,
    case: Case,
    /// Every word that a running check had to say.
    notes: Vec<String>,
    _world: World,
}

impl Running {
    /// The scenario's checks without its envelope, at their end.
    async fn of(name: &str, only: &[Group]) -> Self {
        let mut scenario = setup::scenario(name);
        scenario.speed = SPEED;
        let (world, dns) = setup::world(&scenario).await;
        let mut request = Request::new(&scenario.target().expect("a target"));
        request.only = only.iter().copied().collect();
        let (run, progress) = engine::start(request, &dns);
        let mut case = Case::new(jiff::Timestamp::UNIX_EPOCH);
        case.target = scenario.target();
        case.from = scenario.from;
        case.to = scenario.to;
        let mut running = Self {
            run,
            progress,
            case,
            notes: Vec::new(),
            _world: world,
        };
        running.finish().await;
        running
    }

    async fn finish(&mut self) {
        self.notes.clear();
        while let Some(step) = self.progress.recv().await {
            let finished = matches!(step, Progress::Finished { .. });
            if let Progress::Check(record) = &step
                && record.state == CheckState::Running
            {
                self.notes.push(record.detail.to_string());
            }
            step.apply(&mut self.case);
            if finished {
                return;
            }
        }
    }

    async fn changed(&mut self, change: Change) {
        self.run.change(change);
        self.finish().await;
    }

    fn found(&self) -> Vec<&str> {
        self.case
            .findings
            .iter()
            .map(|finding| finding.id.as_str())
            .collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_envelope_is_named_later_and_the_host_is_asked_once_more_later() {
    let mut running = Running::of("greylisted", &[Group::Mx, Group::Smtp]).await;
    assert!(!running.found().contains(&"rcpt.greylisted"));
    let (from, to) = (running.case.from.clone(), running.case.to.clone());
    running.changed(Change::Envelope { from, to }).await;
    assert!(running.found().contains(&"rcpt.greylisted"));
    let after = Duration::from_mins(5);
    running.changed(Change::ComeBack(after)).await;
    let counted = |words: &str| running.notes.iter().any(|note| note.contains(words));
    assert!(
        counted("5 min 00 s") && counted("0 min 05 s;"),
        "{:?}",
        running.notes
    );
    let session = running
        .case
        .checks
        .iter()
        .find(|it| it.group == Group::Smtp);
    let detail = &session.expect("a session").detail;
    assert!(detail.contains("once more after 300 s: 250"), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selector_is_looked_for_without_asking_the_rest_again() {
    let mut running = Running::of("healthy", &[Group::Policy]).await;
    let checks = running.case.checks.len();
    let selector = Selector::from("from-a-signature".to_owned());
    running.changed(Change::Selectors(vec![selector])).await;
    assert_eq!(running.case.checks.len(), checks + 1);
    assert_eq!(running.notes, [""], "one check began");
    assert!(running.found().contains(&"dkim.missing"));
    let common = running.case.checks.iter().find(|it| *it.subject == *"DKIM");
    assert_eq!(common.map(|it| it.state), Some(CheckState::Skipped));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_found_stays_where_asking_again_is_ended() {
    let mut running = Running::of("greylisted", &[Group::Mx, Group::Smtp]).await;
    let (from, to) = (running.case.from.clone(), running.case.to.clone());
    running.changed(Change::Envelope { from, to }).await;
    let before: Vec<_> = running.case.checks.iter().map(|it| it.state).collect();
    running
        .run
        .change(Change::ComeBack(Duration::from_hours(1)));
    running.run.cancel();
    running.finish().await;
    let after: Vec<_> = running.case.checks.iter().map(|it| it.state).collect();
    assert_eq!(before, after);
    assert!(running.found().contains(&"rcpt.greylisted"));
}
