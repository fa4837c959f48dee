//! From a pasted bounce the program goes on by itself: to the domain at fault, to the host that
//! refused, to the DKIM keys that it names.

use crate::bounce::Lead;
use crate::case::{Answer, Target};
use crate::check::Selector;
use crate::engine::Change;
use crate::knowledge::question::QuestionId;
use crate::report::CameBack;
use crate::tui::effect::Effect;
use crate::tui::screen::checks;
use crate::tui::state::State;

/// What a text tells that was pasted or typed as a bounce.
pub(super) fn read(text: &str) -> Option<CameBack> {
    (!text.trim().is_empty()).then(|| CameBack::read(text.as_bytes()))
}

/// Reads the bounce anew, and offers its host to the session.
pub(super) fn read_again(state: &mut State) {
    state.checklist.came_back = read(&state.checklist.bounces.text());
    state.checklist.unread = true;
    state.session.refused_by = state.checklist.refused_by();
    state.session.target_changed(&state.case);
}

/// Goes on from what was pasted, once.
pub fn go_on(state: &mut State) -> Vec<Effect> {
    if !std::mem::take(&mut state.checklist.unread) {
        return Vec::new();
    }
    if state.case.target.is_none()
        && let Some(target) = target_of(state)
    {
        return check(state, target);
    }
    signatures(state).into_iter().collect()
}

/// The target that the bounce names, where it is another than the case's.
pub fn target_of(state: &State) -> Option<Target> {
    let lead = state.checklist.came_back.as_ref()?.lead.as_ref()?;
    let target: Target = lead.target()?.parse().ok()?;
    let now = state.case.target.as_ref().map(Target::domain);
    (now != Some(target.domain())).then_some(target)
}

/// Makes the domain that the bounce names the target of the case.
pub fn follow(state: &mut State) -> Vec<Effect> {
    target_of(state).map_or_else(Vec::new, |target| check(state, target))
}

fn check(state: &mut State, target: Target) -> Vec<Effect> {
    let lead = state.checklist.came_back.as_ref();
    let lead = lead.and_then(|told| told.lead.as_ref());
    state.say(format!(
        "checking {}, {}",
        target.unicode_domain(),
        why(lead)
    ));
    let affected = Answer::measured(&target.to_string(), "the bounce names it");
    let effects = checks::start(state, target);
    // Behind the start, which forgets what was measured of the target before.
    state.case.answers.measure(QuestionId::Affected, affected);
    effects
}

/// Why this domain is the one to check.
pub(super) fn why(lead: Option<&Lead>) -> &'static str {
    if lead.is_some_and(|lead| lead.check_sender) {
        "whose mail the bounce says was refused"
    } else {
        "to which the bounce says mail fails"
    }
}

/// Looks for the keys of the signatures in what was pasted, where the checks have begun; a run
/// that begins later looks at it by itself.
fn signatures(state: &mut State) -> Option<Effect> {
    if state.case.checks.is_empty() {
        return None;
    }
    let target = state.case.target.as_ref()?;
    let text = state.checklist.bounces.text();
    let mut found = Selector::of_message(&text, target.domain());
    found.retain(|selector| {
        let subject = format!("DKIM {selector}");
        !state.case.checks.iter().any(|it| *it.subject == *subject)
    });
    if found.is_empty() {
        return None;
    }
    let names: Vec<_> = found.iter().map(ToString::to_string).collect();
    state.say(format!(
        "looking for the DKIM key of the signature there: {}",
        names.join(", ")
    ));
    state.running = true;
    Some(Effect::Change(Change::Selectors(found)))
}
