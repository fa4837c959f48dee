//! What lies over a screen. It is a stack: the last has the keys, and two dialogues at once
//! cannot be written down.

mod ask;
mod come_back;
mod confirm;
mod envelope;
mod export;
mod find;
mod form;
mod guess;
mod help;
mod letter;
mod login;
mod newcomers;
mod opening;
mod palette;
mod relay_test;
mod replay;
mod scenarios;
mod stepping;
mod trials;
mod typing;
mod update;
mod view;

pub use ask::{Ask, Asked, completing};
pub use come_back::is_possible as coming_back_is_possible;
pub use confirm::Confirm;
pub use envelope::{Envelope, is_possible as envelope_is_possible};
pub use export::Export;
pub use find::Find;
pub use form::{Form, IN_ONE_GO, Purpose};
pub use letter::looked;
pub use login::{LogIn, is_possible as login_is_possible};
pub use palette::Palette;
pub use relay_test::is_possible as relay_test_is_possible;
pub use replay::is_possible as replay_is_possible;
pub use stepping::{Step, Stepping};
pub use trials::{ended as trial_ended, is_possible as trial_is_possible};
pub use typing::{paste, typed};
pub use update::{act, click, forget_login, offers, open};
pub(crate) use view::report_hits;
pub use view::view;

use super::keys::Place;
use super::screen::logs::OpenLog;
use super::state::{Pane, State};
use super::widget::Doc;

#[derive(Clone, Debug)]
pub enum Overlay {
    Help,
    /// What SMTP is and how a message travels.
    Newcomers,
    /// Something that went wrong and needs more than a line.
    Notice {
        title: String,
        text: String,
    },
    Palette(Palette),
    Confirm(Confirm),
    Export(Export),
    LogIn(LogIn),
    Form(Box<Form>),
    /// What goes into the message beside what is typed.
    Letter {
        selected: usize,
    },
    /// Messages to start from.
    Templates {
        selected: usize,
    },
    Ask(Box<Ask>),
    /// Which mail log is read.
    OpenLog(Box<OpenLog>),
    Envelope(Box<Envelope>),
    /// After how long a host that greylists is asked once more.
    ComeBack {
        selected: usize,
    },
    Scenarios {
        selected: usize,
    },
    /// The tests that have names.
    Trials {
        selected: usize,
    },
    /// How the session is said again elsewhere.
    Replay {
        selected: usize,
    },
    Guess {
        selected: usize,
    },
    Find(Find),
    Stepping(Stepping),
}

impl Overlay {
    /// The pane that has the focus while it lies on top.
    pub fn pane(&self) -> Pane {
        match self {
            Self::Help => Pane::Help,
            Self::Newcomers => Pane::Newcomers,
            Self::Notice { .. } => Pane::Notice,
            Self::Palette(_) => Pane::PaletteLine,
            Self::Confirm(_) => Pane::Confirm,
            Self::Export(_) => Pane::ExportName,
            Self::LogIn(login) => login.pane(),
            Self::Form(_) => Pane::Form,
            Self::Letter { .. } => Pane::Letter,
            Self::Templates { .. } => Pane::Templates,
            Self::Ask(_) => Pane::AskLine,
            Self::OpenLog(_) => Pane::OpenLog,
            Self::Envelope(envelope) => envelope.pane(),
            Self::ComeBack { .. } => Pane::ComeBack,
            Self::Scenarios { .. } => Pane::Scenarios,
            Self::Trials { .. } => Pane::Trials,
            Self::Replay { .. } => Pane::Replay,
            Self::Guess { .. } => Pane::Guess,
            Self::Find(_) => Pane::FindLine,
            Self::Stepping(_) => Pane::Stepping,
        }
    }

    pub fn places(&self) -> Vec<Place> {
        use Place::{
            Asking, Choosing, Confirm, Enveloping, Everywhere, Exporting, Finding, Form,
            FormChoice, Free, LoggingIn, Opening, Palette, Rows, Scenarios, Stepping,
        };
        match self {
            Self::Help | Self::Newcomers | Self::Notice { .. } => {
                vec![Place::Overlay, Rows, Free, Everywhere]
            }
            Self::Palette(_) => vec![Palette, Place::OverlayLine, Everywhere],
            Self::Confirm(_) => vec![Confirm, Everywhere],
            Self::Export(_) => vec![Exporting, Place::OverlayLine, Everywhere],
            Self::LogIn(_) => vec![LoggingIn, Place::OverlayLine, Everywhere],
            Self::Form(form) if form.is_on_choice() => {
                vec![FormChoice, Form, Place::OverlayLine, Everywhere]
            }
            Self::Form(_) => vec![Form, Place::OverlayLine, Everywhere],
            Self::Ask(_) => vec![Asking, Place::OverlayLine, Everywhere],
            Self::OpenLog(_) => vec![Opening, Place::OverlayLine, Everywhere],
            Self::Envelope(_) => vec![Enveloping, Place::OverlayLine, Everywhere],
            Self::Scenarios { .. } => {
                vec![Scenarios, Choosing, Place::Overlay, Rows, Everywhere]
            }
            Self::Guess { .. }
            | Self::Letter { .. }
            | Self::Templates { .. }
            | Self::ComeBack { .. }
            | Self::Trials { .. }
            | Self::Replay { .. } => {
                vec![Choosing, Place::Overlay, Rows, Everywhere]
            }
            Self::Find(_) => vec![Finding, Place::OverlayLine, Everywhere],
            Self::Stepping(_) => vec![Stepping, Place::Overlay, Everywhere],
        }
    }

    /// Whether both are of one kind, whatever they hold.
    fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// The text of the overlay on top, where it is a text.
pub fn doc(state: &State, pane: Pane) -> Option<Doc> {
    match (pane, state.overlays.last()?) {
        (Pane::Help, Overlay::Help) => Some(help::doc(state)),
        (Pane::Newcomers, Overlay::Newcomers) => Some(newcomers::doc(state)),
        (Pane::Notice, Overlay::Notice { text, .. }) => {
            let mut doc = Doc::default();
            for line in text.lines() {
                doc.para(line);
            }
            Some(doc)
        }
        (Pane::Stepping, Overlay::Stepping(stepping)) => Some(stepping::doc(state, *stepping)),
        (Pane::Confirm, Overlay::Confirm(confirm)) => Some(confirm.doc()),
        _ => None,
    }
}

/// Which row of the list on top is selected, and of how many.
pub fn selected(state: &State, pane: Pane) -> Option<(usize, usize)> {
    let (at, total) = match (pane, state.overlays.last()?) {
        (Pane::Palette | Pane::PaletteLine, Overlay::Palette(palette)) => {
            (palette.selected, palette::matches(state, palette).len())
        }
        (Pane::Scenarios, Overlay::Scenarios { selected }) => (*selected, state.scenarios.len()),
        (Pane::ComeBack, Overlay::ComeBack { selected }) => (*selected, come_back::COUNT),
        (Pane::Trials, Overlay::Trials { selected }) => (*selected, trials::count()),
        (Pane::OpenLog | Pane::LogFiles, Overlay::OpenLog(open)) => {
            (open.selected.unwrap_or(0), open.candidates.len())
        }
        (Pane::Replay, Overlay::Replay { selected }) => (*selected, replay::COUNT),
        (Pane::Guess, Overlay::Guess { selected }) => (*selected, guess::all().len()),
        (Pane::Form, Overlay::Form(form)) => (form.selected, form.rows.len()),
        (Pane::Letter, Overlay::Letter { selected }) => (*selected, letter::count(state)),
        (Pane::Templates, Overlay::Templates { selected }) => (*selected, letter::template_count()),
        _ => return None,
    };
    let last = total.checked_sub(1)?;
    Some((at.min(last), total))
}

pub fn select(state: &mut State, at: usize) {
    match state.overlays.last_mut() {
        Some(Overlay::Palette(palette)) => palette.selected = at,
        Some(Overlay::Form(form)) => {
            form.selected = at;
            form.complaint = None;
        }
        Some(Overlay::OpenLog(open)) => open.selected = Some(at),
        Some(
            Overlay::Scenarios { selected }
            | Overlay::Guess { selected }
            | Overlay::Letter { selected }
            | Overlay::Templates { selected }
            | Overlay::Trials { selected }
            | Overlay::Replay { selected }
            | Overlay::ComeBack { selected },
        ) => *selected = at,
        _ => {}
    }
}
