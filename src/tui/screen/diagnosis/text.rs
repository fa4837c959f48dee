//! The diagnosis as a text: what is wrong, how that is known, what to change; then what only
//! follows, what has nothing to do with it, and what is not known.

use super::evidence;
use super::fix::Fix;
use super::practice;
use crate::case::{CheckState, Finding};
use crate::diagnosis::stops_mail;
use crate::knowledge::finding::Severity;
use crate::tui::overlay::coming_back_is_possible;
use crate::tui::state::State;
use crate::tui::symbols;
use crate::tui::theme::Role;
use crate::tui::widget::Doc;

pub fn doc(state: &State) -> Doc {
    let mut doc = Doc::default();
    let scenario = state.scenario.as_ref();
    if let Some(scenario) = scenario.filter(|_| practice::comes_first(state)) {
        practice::write(state, scenario, &mut doc);
    }
    if !state.shows_verdict() {
        return doc;
    }
    verdict(state, &mut doc);
    causes(state, &mut doc);
    consequences(state, &mut doc);
    others(state, &mut doc);
    not_checked(state, &mut doc);
    next_steps(state, &mut doc);
    if let Some(scenario) = scenario.filter(|_| !practice::comes_first(state)) {
        doc.blank();
        practice::write(state, scenario, &mut doc);
    }
    doc
}

fn verdict(state: &State, doc: &mut Doc) {
    let verdict = &state.diagnosis.verdict;
    let (role, symbol, word) = symbols::status(verdict.status);
    if !doc.is_empty() {
        doc.blank();
    }
    doc.hanging(
        0,
        2,
        vec![
            (role, format!("{symbol} {word}: ")),
            (Role::Title, verdict.summary.to_string()),
        ],
    );
    if state.running {
        let open = state
            .case
            .checks
            .iter()
            .filter(|check| check.state == CheckState::Running)
            .count();
        let words = match open {
            1 => "1 check still runs; this is what is known so far.".to_owned(),
            open => format!("{open} checks still run; this is what is known so far."),
        };
        doc.item(Role::Running, "…", &words);
    } else if state.case.target.is_none() {
        doc.text(Role::Dim, "Name a domain with `d`, and the checks start.");
    }
}

/// The findings with the id of the cause: one, or the same at several places.
fn is_cause(state: &State, finding: &Finding) -> bool {
    state
        .diagnosis
        .cause()
        .is_some_and(|cause| cause.id == finding.id && finding.explained_by.is_none())
}

fn causes(state: &State, doc: &mut Doc) {
    let findings = &state.diagnosis.findings;
    let causes: Vec<_> = findings.iter().filter(|it| is_cause(state, it)).collect();
    let Some((first, more)) = causes.split_first() else {
        return;
    };
    // The verdict above says what it is already.
    doc.heading(&format!("The cause: {}", first.id));
    evidence::write(first, doc);
    if !first.fix.is_empty() {
        doc.heading("What to change");
        Fix::of(&first.fix).write(doc);
    }
    if more.is_empty() {
        return;
    }
    doc.heading("The same elsewhere");
    for finding in more {
        in_short(state, finding, doc);
        // The same advice again is noise; one for another host is not.
        if finding.fix != first.fix {
            Fix::of(&finding.fix).write(doc);
        }
    }
}

fn in_short(state: &State, finding: &Finding, doc: &mut Doc) {
    let (role, symbol, word) = symbols::severity(finding.severity);
    // What follows from the cause stands under a heading that says so.
    let cause = finding.explained_by;
    let follows = cause
        .filter(|_| cause != state.diagnosis.verdict.cause)
        .map_or_else(String::new, |cause| format!(", follows from {cause}"));
    doc.hanging(
        0,
        2,
        vec![
            (role, format!("{symbol} {word}: ")),
            (Role::Text, finding.summary.to_string()),
            (Role::Dim, format!("  {}{follows}", finding.id)),
        ],
    );
}

fn consequences(state: &State, doc: &mut Doc) {
    let follows: Vec<_> = state.diagnosis.consequences().collect();
    if follows.is_empty() {
        return;
    }
    doc.heading("What only follows from it");
    if let Some(because) = &state.diagnosis.because {
        doc.text(Role::Dim, because);
    }
    for finding in follows {
        in_short(state, finding, doc);
    }
}

/// What has nothing to do with the cause: another cause, what is worth mending, what is worth
/// knowing; in each the worst first.
fn others(state: &State, doc: &mut Doc) {
    let mut findings: Vec<_> = state
        .diagnosis
        .others()
        .filter(|finding| !is_cause(state, finding))
        .collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let (further, rest): (Vec<&Finding>, Vec<_>) = findings
        .into_iter()
        .partition(|finding| finding.explained_by.is_none() && stops_mail(finding));
    let (worth, known): (Vec<_>, Vec<_>) = rest
        .into_iter()
        .partition(|finding| finding.severity > Severity::Notice);
    if !further.is_empty() {
        doc.heading("Another cause, beside that");
    }
    for finding in further {
        in_short(state, finding, doc);
        evidence::write(finding, doc);
        if !finding.fix.is_empty() {
            Fix::of(&finding.fix).write(doc);
        }
    }
    for (title, findings) in [
        (
            "What has nothing to do with it, and is worth mending",
            worth,
        ),
        ("Worth knowing", known),
    ] {
        if findings.is_empty() {
            continue;
        }
        doc.heading(title);
        for finding in findings {
            in_short(state, finding, doc);
            if !finding.fix.is_empty() {
                Fix::of(&finding.fix).write(doc);
            }
        }
    }
}

fn not_checked(state: &State, doc: &mut Doc) {
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

fn next_steps(state: &State, doc: &mut Doc) {
    if state.running {
        return;
    }
    let mut steps: Vec<&str> = state.diagnosis.next_steps.iter().map(|it| &**it).collect();
    if coming_back_is_possible(state) {
        steps.push(
            "`b` asks the host that greylists once more after a wait, as the sender's server does.",
        );
    }
    if steps.is_empty() {
        return;
    }
    doc.heading("What to do next");
    for step in steps {
        doc.item(Role::Note, "•", step);
    }
}
