//! What an event changes, and what is to be done about it. Pure: time and everything else
//! comes in with the events.

mod input;

use super::effect::Effect;
use super::event::{Event, Exported};
use super::keys::{self, Action, Key};
use super::overlay::{self, Confirm, Overlay};
use super::pane;
use super::screen::{self, checklist, checks, codes, logs, report, session};
use super::state::{Game, Pane, Screen, State};
use crate::engine::Progress;
use crossterm::event::KeyEvent;
use input::{clicked, field, paste, typed};

/// Takes an event into the state, and says what it asks for.
pub fn update(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Key(key) => {
            let effects = pressed(state, key);
            // While a message is typed, what it will say is not known.
            if state.screen_focus() == Pane::Bounces {
                return effects;
            }
            with_pasted(state, effects)
        }
        Event::Paste(text) => {
            let effects = paste(state, &text);
            with_pasted(state, effects)
        }
        Event::Click(target) => {
            let effects = clicked(state, target);
            with_pasted(state, effects)
        }
        Event::Wheel { pane, down } => {
            pane::wheel(state, pane, down);
            Vec::new()
        }
        Event::Resized(columns, rows) => {
            state.size = (columns, rows);
            Vec::new()
        }
        Event::Time(now) => {
            state.now = now;
            session::time_passed(state)
        }
        Event::Drawn(seen) => {
            for (pane, seen) in seen {
                state.panes.set(pane, seen);
                if let Some(field) = field(state, pane) {
                    field.settle(seen.width, seen.height);
                }
            }
            Vec::new()
        }
        Event::Progress(progress) => progressed(state, progress),
        Event::Session(event) => session::happened(state, event),
        Event::Log(event) => logs::happened(state, event),
        Event::Tried(Ok(ran)) => overlay::trial_ended(state, *ran),
        Event::Tried(Err(why)) => {
            state.overlays.push(Overlay::Notice {
                title: "The test was not made".to_owned(),
                text: why,
            });
            Vec::new()
        }
        Event::Exported(exported) => {
            was_exported(state, exported);
            Vec::new()
        }
        Event::Looked { look, found } => overlay::looked(state, look, found),
        Event::Completing { typed, candidates } => {
            overlay::completing(state, &typed, &candidates);
            Vec::new()
        }
        Event::Weighed { outline, weight } => session::weighed(state, *outline, weight),
        Event::Failed { doing, why } => {
            state.overlays.push(Overlay::Notice {
                title: doing,
                text: why,
            });
            Vec::new()
        }
        Event::Entered { scenario, case } => entered(state, scenario, *case),
    }
}

fn with_pasted(state: &mut State, mut effects: Vec<Effect>) -> Vec<Effect> {
    effects.extend(checklist::go_on(state));
    effects
}

fn progressed(state: &mut State, progress: Progress) -> Vec<Effect> {
    match progress {
        Progress::Finished { cancelled, .. } => {
            checks::finished(state);
            if cancelled {
                state.say("the checks were cancelled; what had settled stays");
            }
            progress.apply(&mut state.case);
        }
        Progress::Judged {
            findings,
            mut measured,
        } => {
            state.checklist.measured = measured.drain(..).collect();
            state.case.findings = findings;
            checklist::measure(state);
        }
        // A check replaces the transcript of its own earlier run, never one of the user's.
        Progress::Session(transcript) => {
            let live = state
                .session
                .recorded
                .filter(|at| *at < state.case.sessions.len());
            let kept = live.map(|at| (at, state.case.sessions.remove(at)));
            Progress::Session(transcript).apply(&mut state.case);
            if let Some((at, kept)) = kept {
                state.case.sessions.insert(at, kept);
            }
        }
        Progress::Check(record) => {
            checks::settle(state, record);
            state.session.target_changed(&state.case);
        }
    }
    state.judge();
    vec![Effect::SaveCase]
}

fn was_exported(state: &mut State, exported: Exported) {
    match exported {
        Exported::Written { path } => {
            state
                .overlays
                .retain(|overlay| !matches!(overlay, Overlay::Export(_)));
            state.say(format!("written to {path}"));
        }
        Exported::Exists { path, again } => state.overlays.push(Overlay::Confirm(Confirm {
            title: "Overwrite the file?".to_owned(),
            text: vec![
                format!("There is a file named {path} already."),
                "What it holds would be gone.".to_owned(),
            ],
            yes: "Overwrite".to_owned(),
            no: "Keep it".to_owned(),
            on_yes: false,
            then: vec![*again],
        })),
        Exported::Failed { path, why } => state.overlays.push(Overlay::Notice {
            title: "The file was not written".to_owned(),
            text: format!("Writing {path}: {why}\nAnother name or folder may do."),
        }),
    }
}

fn entered(
    state: &mut State,
    scenario: super::state::Scenario,
    case: crate::case::Case,
) -> Vec<Effect> {
    let fresh = State::new(case, state.now, state.theme.clone());
    let old = std::mem::replace(state, fresh);
    state.logs = logs::Logs::after(&old.logs);
    state.size = old.size;
    state.scenarios = old.scenarios;
    state.game = Game {
        hidden: old.game.hidden,
        ..Game::default()
    };
    state.scenario = Some(scenario);
    state.begin()
}

fn pressed(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    state.notice = None;
    let pressed = Key::from(key);
    if let Some(effects) = checklist::letter(state, pressed) {
        return effects;
    }
    if let Some(action) = keys::action(&state.places(), pressed) {
        return act(state, action);
    }
    typed(state, key)
}

/// Whether `action` would do something now.
pub fn offers_now(state: &State, action: Action) -> bool {
    if state.overlays.is_empty() {
        return offers_on_screen(state, action);
    }
    overlay::offers(state, action)
        || pane::moves(state, state.focus(), action)
        || matches!(
            action,
            Action::Checklist
                | Action::Checks
                | Action::Session
                | Action::Diagnosis
                | Action::Codes
                | Action::Report
                | Action::Logs
                | Action::Help
                | Action::Palette
                | Action::Leave
                | Action::Suspend
        )
        || (action == Action::Find && pane::searched(state).is_some())
}

/// The same, were nothing lying over the screen.
pub fn offers_on_screen(state: &State, action: Action) -> bool {
    match action {
        Action::Checklist
        | Action::Checks
        | Action::Session
        | Action::Diagnosis
        | Action::Codes
        | Action::Report
        | Action::Logs
        | Action::Help
        | Action::Palette
        | Action::Newcomers
        | Action::Domain
        | Action::Leave
        | Action::Suspend => true,
        Action::Export => state.case.target.is_some() || !state.case.answers.is_empty(),
        Action::LogIn => overlay::login_is_possible(state),
        Action::Envelope => overlay::envelope_is_possible(state),
        Action::Trials => overlay::trial_is_possible(state),
        Action::Replay => overlay::replay_is_possible(state),
        Action::ComeBack => overlay::coming_back_is_possible(state),
        Action::RelayTest => overlay::relay_test_is_possible(state),
        Action::NextPane | Action::PreviousPane => screen::stops(state).len() > 1,
        Action::Find => pane::searched(state).is_some(),
        Action::FindNext | Action::FindPrevious => {
            !state.needle.is_empty() && pane::searched(state).is_some()
        }
        Action::Up
        | Action::Down
        | Action::PageUp
        | Action::PageDown
        | Action::First
        | Action::Last => pane::moves(state, state.screen_focus(), action),
        _ => screen::offers(state, action),
    }
}

/// Does what a key, a click or the palette asks for.
pub fn act(state: &mut State, action: Action) -> Vec<Effect> {
    if let Some(screen) = screen_of(action) {
        return show(state, screen);
    }
    match action {
        Action::Leave => {
            return session::closed_by_us(state)
                .into_iter()
                .chain([Effect::SaveCase, Effect::Quit])
                .collect();
        }
        Action::Suspend => return vec![Effect::Suspend],
        _ => {}
    }
    if let Some(effects) = overlay::act(state, action) {
        return effects;
    }
    if !offers_now(state, action) {
        // What only moves needs no word when it cannot.
        return screen::act(state, action);
    }
    match action {
        Action::Find if pane::searches_itself(state) => codes::start_search(state),
        Action::Find
        | Action::Help
        | Action::Palette
        | Action::Newcomers
        | Action::Export
        | Action::LogIn
        | Action::Envelope
        | Action::ComeBack
        | Action::Trials
        | Action::Replay
        | Action::RelayTest
        | Action::RoundTrip
        | Action::FilterLog
        | Action::FindMessage
        | Action::SaveLog
        | Action::SaveAccount
        | Action::Guess => {
            overlay::open(state, action);
        }
        Action::Domain => {
            let effects = show(state, Screen::Checklist);
            checklist::type_domain(state);
            return effects;
        }
        Action::Up
        | Action::Down
        | Action::PageUp
        | Action::PageDown
        | Action::First
        | Action::Last => pane::go(state, action),
        Action::FindNext | Action::FindPrevious => {
            if let Some(pane) = pane::searched(state) {
                pane::find(state, pane, action == Action::FindNext, false);
            }
        }
        Action::NextPane | Action::PreviousPane => {
            let stops = screen::stops(state);
            let back = action == Action::PreviousPane;
            let next = session::next_stop(&stops, state.screen_focus(), back);
            screen::set_focus(state, next);
        }
        other => return screen::act(state, other),
    }
    Vec::new()
}

fn screen_of(action: Action) -> Option<Screen> {
    Some(match action {
        Action::Checklist => Screen::Checklist,
        Action::Checks => Screen::Checks,
        Action::Session => Screen::Session,
        Action::Diagnosis => Screen::Diagnosis,
        Action::Codes => Screen::Codes,
        Action::Report => Screen::Report,
        Action::Logs => Screen::Logs,
        _ => return None,
    })
}

/// Goes to a screen; what lay over the old one is put away, and what was being typed counts.
fn show(state: &mut State, screen: Screen) -> Vec<Effect> {
    let mut effects = checklist::leave_line(state);
    if state.scenario.is_some() || state.scenarios.is_empty() {
        state.overlays.clear();
    } else {
        // Before a scenario is chosen there is no case to look at.
        state
            .overlays
            .retain(|overlay| matches!(overlay, Overlay::Scenarios { .. }));
    }
    if state.screen != screen {
        state.needle.clear();
    }
    state.screen = screen;
    report::refresh(state);
    if screen == Screen::Logs {
        effects.extend(logs::visited(state));
    }
    effects
}
