//! The DKIM keys that a pasted message names.

use crate::check::Selector;
use crate::engine::Change;
use crate::tui::effect::Effect;
use crate::tui::state::State;

/// Looks for the keys of the signatures in what was pasted, where the checks have begun; a run
/// that begins later looks at it by itself.
pub fn read_signatures(state: &mut State) -> Option<Effect> {
    if !std::mem::take(&mut state.checklist.unread) || state.case.checks.is_empty() {
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
