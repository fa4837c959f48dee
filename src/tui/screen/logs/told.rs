//! What is told of the reading, and what becomes of it.

use super::update::back;
use super::{LogEvent, Whom, open};
use crate::engine::maillog::reading::{Stage, Told};
use crate::maillog::{Failing, Story};
use crate::tui::effect::Effect;
use crate::tui::overlay::Overlay;
use crate::tui::state::State;
use std::sync::Arc;

/// Takes what is told; what belongs to an earlier order is too late.
pub fn happened(state: &mut State, event: LogEvent) -> Vec<Effect> {
    match event {
        LogEvent::Listed { typed, candidates } => {
            if let Some(Overlay::OpenLog(top)) = state.overlays.last_mut() {
                open::listed(top, typed, candidates);
            }
        }
        LogEvent::Read { number, told } if number == state.logs.reading => was_read(state, told),
        LogEvent::Found { number, told } if number == state.logs.lookup => found(state, told),
        LogEvent::Read { .. } | LogEvent::Found { .. } => {}
    }
    Vec::new()
}

fn was_read(state: &mut State, told: Told) {
    match told {
        Told::Account(account) => state.logs.account = Some(Arc::from(account)),
        Told::Failed(why) => {
            if let Some(account) = &mut state.logs.account {
                Arc::make_mut(account).stage = Stage::Stopped;
                state.complain(&*why);
            }
            state.logs.failed = Some(why);
        }
        Told::Messages { .. } | Told::Stories(_) => {}
    }
}

fn found(state: &mut State, told: Told) {
    let logs = &mut state.logs;
    match told {
        Told::Messages { newest, more } => {
            if let Some(opened) = &mut logs.opened {
                opened.messages = Some(newest);
                opened.more = more;
            }
        }
        Told::Stories(stories) => {
            if let Some(shown) = &mut logs.shown {
                shown.stories = Some(match &shown.whom {
                    Whom::Message(message) => vec![story_of(message, stories)],
                    Whom::Typed(_) => stories,
                });
            }
        }
        Told::Failed(why) => {
            state.complain(&*why);
            back(state);
        }
        Told::Account(_) => {}
    }
}

/// Ids are used again: the story with the line of the failure is the one.
fn story_of(message: &Failing, stories: Vec<Story>) -> Story {
    let line = message.line.as_str();
    let has = |story: &Story| story.lines.iter().any(|other| other.starts_with(line));
    stories
        .into_iter()
        .find(has)
        .unwrap_or_else(|| Story::of_line(&message.line))
}
