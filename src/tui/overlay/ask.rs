//! One line that is asked for.

use crate::tui::effect::Effect;
use crate::tui::screen::session;
use crate::tui::state::State;
use crate::tui::widget::Field;

/// Seconds that a command is held back at most.
const LONGEST: u64 = 3_600;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// After how many seconds the next command is sent.
    Seconds,
    /// To which host the last session is held again.
    Host,
}

#[derive(Clone, Debug)]
pub struct Ask {
    pub asked: Asked,
    pub line: Field,
    pub complaint: Option<String>,
}

impl Ask {
    pub(super) fn seconds() -> Self {
        Self::new(Asked::Seconds, "10")
    }

    pub(super) fn host(state: &State) -> Self {
        Self::new(Asked::Host, &session::other_host(state))
    }

    fn new(asked: Asked, text: &str) -> Self {
        let mut line = Field::line(text);
        line.to_end();
        Self {
            asked,
            line,
            complaint: None,
        }
    }

    pub(super) fn title(&self) -> &'static str {
        match self.asked {
            Asked::Seconds => "Wait before the next command",
            Asked::Host => "The same once more, to another host",
        }
    }

    pub(super) fn words(&self) -> &'static str {
        match self.asked {
            Asked::Seconds => {
                "What stands on the command line is sent by itself after so many seconds: some \
                 servers dislike a client that is too fast, others hang up on one that is slow."
            }
            Asked::Host => {
                "What was said in the last session is said to this host, step by step, a message \
                 that was sent included. Then the two are shown side by side. A password is asked \
                 for anew."
            }
        }
    }

    pub(super) fn label(&self) -> &'static str {
        match self.asked {
            Asked::Seconds => "Seconds:",
            Asked::Host => "Host, or host:port:",
        }
    }
}

/// Takes what was typed; the question stays open where it cannot be used.
pub(super) fn answer(state: &mut State, mut ask: Box<Ask>) -> Vec<Effect> {
    let text = ask.line.text();
    let text = text.trim();
    state.overlays.pop();
    match ask.asked {
        Asked::Host => session::host_chosen(state, text),
        Asked::Seconds => {
            if let Some(count) = text.parse().ok().filter(|count| *count <= LONGEST) {
                session::hold(state, count);
            } else {
                ask.complaint = Some(format!("a number of seconds, up to {LONGEST}"));
                state.overlays.push(super::Overlay::Ask(ask));
            }
            Vec::new()
        }
    }
}
