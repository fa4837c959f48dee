//! The diagnosis as a text.

use crate::case::{CheckState, Finding};
use crate::knowledge::finding::Severity;
use crate::tui::state::{Guess, Scenario, State};
use crate::tui::symbols;
use crate::tui::theme::Role;
use crate::tui::widget::Doc;

pub fn doc(state: &State) -> Doc {
    let mut doc = Doc::default();
    if let Some(scenario) = &state.scenario {
        practice(state, scenario, &mut doc);
    }
    if !state.shows_verdict() {
        return doc;
    }
    verdict(state, &mut doc);
    let cause = state.verdict.cause;
    let findings = &state.case.findings;
    let (cause_of, others): (Vec<_>, Vec<_>) = findings
        .iter()
        .partition(|finding| Some(finding.id) == cause);
    for finding in &cause_of {
        doc.heading("The cause");
        in_full(finding, &mut doc);
    }
    let (follows, rest): (Vec<_>, Vec<_>) = others
        .into_iter()
        .partition(|finding| cause.is_some() && finding.explained_by == cause);
    if !follows.is_empty() {
        doc.heading("What follows from it");
        for finding in follows {
            in_short(finding, &mut doc);
        }
    }
    also(&rest, &mut doc);
    not_possible(state, &mut doc);
    doc
}

fn verdict(state: &State, doc: &mut Doc) {
    let (role, symbol, word) = symbols::status(state.verdict.status);
    if !doc.is_empty() {
        doc.blank();
    }
    doc.hanging(
        0,
        2,
        vec![
            (role, format!("{symbol} {word}: ")),
            (Role::Title, state.verdict.summary.to_string()),
        ],
    );
    if state.running {
        let open = state
            .case
            .checks
            .iter()
            .filter(|check| check.state == CheckState::Running)
            .count();
        doc.item(
            Role::Running,
            "…",
            &format!("{open} checks still run; this is what is known so far."),
        );
    } else if state.case.target.is_none() {
        doc.text(Role::Dim, "Name a domain with `d`, and the checks start.");
    }
}

/// Everything that is known of a finding.
fn in_full(finding: &Finding, doc: &mut Doc) {
    in_short(finding, doc);
    if !finding.fix.is_empty() {
        doc.spans(vec![(Role::Title, "  What to change".to_owned())]);
        doc.hanging(4, 4, vec![(Role::Text, finding.fix.to_string())]);
    }
    if !finding.evidence.is_empty() {
        doc.spans(vec![(Role::Title, "  Evidence".to_owned())]);
    }
    for line in &finding.evidence {
        doc.hanging(4, 6, vec![(Role::Note, line.to_string())]);
    }
    if !finding.reproduce.is_empty() {
        doc.spans(vec![(Role::Title, "  See for yourself".to_owned())]);
        doc.hanging(
            4,
            6,
            vec![
                (Role::Key, "$ ".to_owned()),
                (Role::Text, finding.reproduce.to_string()),
            ],
        );
    }
}

fn in_short(finding: &Finding, doc: &mut Doc) {
    let (role, symbol, word) = symbols::severity(finding.severity);
    doc.hanging(
        0,
        2,
        vec![
            (role, format!("{symbol} {word} ")),
            (Role::Text, finding.summary.to_string()),
            (Role::Dim, format!("  {}", finding.id)),
        ],
    );
}

/// What else is worth mending, the worst first.
fn also(findings: &[&Finding], doc: &mut Doc) {
    let mut findings: Vec<_> = findings.to_vec();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let (worth, known): (Vec<_>, Vec<_>) = findings
        .into_iter()
        .partition(|finding| finding.severity > Severity::Notice);
    for (title, findings) in [
        ("What else is worth mending", worth),
        ("Worth knowing", known),
    ] {
        if findings.is_empty() {
            continue;
        }
        doc.heading(title);
        for finding in findings {
            in_short(finding, doc);
            if !finding.fix.is_empty() {
                doc.hanging(2, 2, vec![(Role::Dim, finding.fix.to_string())]);
            }
        }
    }
}

fn not_possible(state: &State, doc: &mut Doc) {
    let missing: Vec<_> = state
        .case
        .checks
        .iter()
        .filter(|check| check.state == CheckState::NotPossible)
        .collect();
    if missing.is_empty() {
        return;
    }
    doc.heading("What could not be checked");
    for check in missing {
        doc.item(
            Role::Note,
            "?",
            &format!(
                "{}, {}: {}",
                check.group.title(),
                check.subject,
                check.detail
            ),
        );
    }
}

/// The story of the scenario; the guess and the right answer, once there is one.
fn practice(state: &State, scenario: &Scenario, doc: &mut Doc) {
    doc.spans(vec![
        (Role::Dim, "practice  ".to_owned()),
        (Role::Title, scenario.title.clone()),
    ]);
    if let Some(guess) = state.game.guess {
        let right = is_right(scenario, guess);
        let (role, symbol, words) = if right {
            (Role::Good, "✓", "Your guess is right")
        } else {
            (Role::Bad, "✗", "It was something else. You guessed")
        };
        let guessed = match guess {
            Guess::NothingWrong => "nothing is wrong".to_owned(),
            Guess::Finding(id) => format!("{id}, {}", id.entry().means),
        };
        doc.item(role, symbol, &format!("{words}: {guessed}."));
    }
    if state.game.revealed {
        let statuses: Vec<_> = scenario
            .statuses
            .iter()
            .map(|status| symbols::status(*status).2)
            .collect();
        let causes: Vec<_> = scenario.causes.iter().map(|id| id.as_str()).collect();
        let causes = if causes.is_empty() {
            "no cause".to_owned()
        } else {
            causes.join(" or ")
        };
        doc.hanging(
            0,
            2,
            vec![
                (Role::Key, "The answer: ".to_owned()),
                (Role::Title, format!("{}, {causes}", statuses.join(" or "))),
            ],
        );
        let answer: Vec<_> = scenario.answer.split_whitespace().collect();
        doc.hanging(2, 2, vec![(Role::Text, answer.join(" "))]);
    } else if state.game.hidden {
        doc.text(
            Role::Note,
            "The verdict is hidden. Look at the checks, hold a session, then press `g` and guess \
             the fault; `v` shows the answer.",
        );
    } else {
        doc.text(
            Role::Dim,
            "`g` hides the verdict and lets you guess the fault; `v` shows the answer.",
        );
    }
}

fn is_right(scenario: &Scenario, guess: Guess) -> bool {
    match guess {
        Guess::NothingWrong => scenario.causes.is_empty(),
        Guess::Finding(id) => scenario.causes.contains(&id),
    }
}
