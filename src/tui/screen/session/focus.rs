//! Which pane of the session has the keys.

use crate::tui::state::{Pane, State};

pub(super) fn is_field(pane: Pane) -> bool {
    matches!(
        pane,
        Pane::Host
            | Pane::Port
            | Pane::Command
            | Pane::DraftFrom
            | Pane::DraftTo
            | Pane::DraftSubject
            | Pane::DraftBody
    )
}

pub fn stops(state: &State) -> Vec<Pane> {
    let session = &state.session;
    if session.beside.is_some() {
        return vec![Pane::Beside];
    }
    if session.composing && session.draft.whole.is_some() {
        return vec![Pane::DraftBody];
    }
    if session.composing {
        return vec![
            Pane::DraftFrom,
            Pane::DraftTo,
            Pane::DraftSubject,
            Pane::DraftBody,
        ];
    }
    let mut stops = Vec::new();
    if session.is_connected() {
        stops.push(Pane::Command);
    } else {
        stops.extend([Pane::Host, Pane::Port]);
    }
    stops.extend([Pane::Transcript, Pane::Explanation]);
    stops
}

/// The pane after the one with the focus, round and round.
pub fn next_stop(stops: &[Pane], from: Pane, back: bool) -> Pane {
    let Some(at) = stops.iter().position(|pane| *pane == from) else {
        return stops.first().copied().unwrap_or(from);
    };
    let step = if back { stops.len() - 1 } else { 1 };
    stops
        .get((at + step) % stops.len())
        .copied()
        .unwrap_or(from)
}

pub fn set_focus(state: &mut State, pane: Pane) {
    let usable = stops(state);
    state.session.focus = if usable.contains(&pane) {
        pane
    } else {
        usable.first().copied().unwrap_or(Pane::Transcript)
    };
}

/// What can have the focus has changed.
pub fn settle_focus(state: &mut State) {
    let pane = state.session.focus;
    set_focus(state, pane);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tab_goes_round() {
        let stops = [Pane::Host, Pane::Port, Pane::Transcript];
        assert_eq!(next_stop(&stops, Pane::Transcript, false), Pane::Host);
        assert_eq!(next_stop(&stops, Pane::Host, true), Pane::Transcript);
        assert_eq!(next_stop(&stops, Pane::Verdict, false), Pane::Host);
    }
}
