//! Everything that the interactive program knows.

use super::effect::Effect;
use super::event::Moment;
use super::hits::Seen;
use super::keys::{Action, Place};
use super::overlay::Overlay;
use super::screen::{checklist, checks, codes, logs, report, session};
use super::theme::Theme;
use crate::case::{Case, CheckState};
use crate::diagnosis::{Diagnosis, Status, diagnose};
use crate::knowledge::finding::FindingId;
use crate::knowledge::question::QuestionId;
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Screen {
    Checklist,
    Checks,
    Session,
    Diagnosis,
    Codes,
    Report,
    Logs,
}

impl Screen {
    pub const ALL: [Self; 7] = [
        Self::Checklist,
        Self::Checks,
        Self::Session,
        Self::Diagnosis,
        Self::Codes,
        Self::Report,
        Self::Logs,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Checklist => "Checklist",
            Self::Checks => "Checks",
            Self::Session => "Session",
            Self::Diagnosis => "Diagnosis",
            Self::Codes => "Codes",
            Self::Report => "Report",
            Self::Logs => "Logs",
        }
    }
}

/// A part of the screen that can have the focus, be scrolled or be clicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pane {
    Questions,
    /// The question that is shown, with its choices.
    Question,
    AnswerLine,
    Bounces,
    Explained,
    Glance,
    Tree,
    Detail,
    Host,
    Port,
    Transcript,
    Explanation,
    Command,
    /// Two transcripts side by side.
    Beside,
    DraftFrom,
    DraftTo,
    DraftSubject,
    DraftBody,
    Verdict,
    CodeSearch,
    CodeList,
    CodeDetail,
    Preview,
    LogList,
    LogDetail,
    OpenLog,
    LogFiles,
    Help,
    Palette,
    PaletteLine,
    Newcomers,
    Notice,
    Confirm,
    ExportName,
    LoginUser,
    LoginPassword,
    AskLine,
    EnvelopeFrom,
    EnvelopeTo,
    ComeBack,
    Trials,
    Replay,
    /// The lines of a form.
    Form,
    Letter,
    Templates,
    Scenarios,
    Guess,
    FindLine,
    Stepping,
}

/// How far each pane is scrolled, and how much of it was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Panes(BTreeMap<Pane, Seen>);

impl Panes {
    pub fn get(&self, pane: Pane) -> Seen {
        self.0.get(&pane).copied().unwrap_or_default()
    }

    pub fn set(&mut self, pane: Pane, seen: Seen) {
        self.0.insert(pane, seen);
    }

    pub fn scroll_to(&mut self, pane: Pane, offset: usize) {
        self.0.entry(pane).or_default().offset = offset;
    }
}

/// A practice scenario, as far as the player is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    pub name: String,
    pub title: String,
    /// What the customer says.
    pub story: String,
    /// The verdicts that are right.
    pub statuses: Vec<Status>,
    /// The causes that are right; none, where nothing is wrong.
    pub causes: Vec<FindingId>,
    /// What was wrong, told after the guess.
    pub answer: String,
}

impl From<&crate::lab::Scenario> for Scenario {
    fn from(scenario: &crate::lab::Scenario) -> Self {
        Self {
            name: scenario.name.clone(),
            title: scenario.title.clone(),
            story: scenario.story.clone(),
            statuses: scenario.expect.status.as_slice().to_vec(),
            causes: scenario.expect.cause.0.clone(),
            answer: scenario.explanation.clone(),
        }
    }
}

/// How far the player of a scenario is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Game {
    /// The verdict is hidden until the player has guessed.
    pub hidden: bool,
    pub guess: Option<Guess>,
    pub revealed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    NothingWrong,
    Finding(FindingId),
}

/// A line for the user that goes away with the next key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub text: String,
    pub bad: bool,
}

#[derive(Clone, Debug)]
pub struct State {
    pub case: Case,
    /// What follows from the case; anew after every change of it.
    pub diagnosis: Diagnosis,
    pub now: Moment,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    pub theme: Theme,
    pub screen: Screen,
    /// The last lies on top and has the focus.
    pub overlays: Vec<Overlay>,
    pub panes: Panes,
    pub checklist: checklist::Checklist,
    pub checks: checks::Checks,
    pub session: session::Session,
    pub codes: codes::Codes,
    pub report: report::Report,
    pub logs: logs::Logs,
    /// Checks are under way.
    pub running: bool,
    pub notice: Option<Notice>,
    /// What was searched for last.
    pub needle: String,
    /// The practice scenarios that can be played; none on the real network.
    pub scenarios: Vec<Scenario>,
    /// The one that is played.
    pub scenario: Option<Scenario>,
    pub game: Game,
}

impl State {
    pub fn new(case: Case, now: Moment, theme: Theme) -> Self {
        let mut state = Self {
            diagnosis: diagnose(&case),
            checklist: checklist::Checklist::new(&case),
            checks: checks::Checks::default(),
            session: session::Session::new(&case),
            codes: codes::Codes::default(),
            report: report::Report::new(&case),
            logs: logs::Logs::default(),
            case,
            now,
            size: (80, 24),
            theme,
            screen: Screen::Checklist,
            overlays: Vec::new(),
            panes: Panes::default(),
            running: false,
            notice: None,
            needle: String::new(),
            scenarios: Vec::new(),
            scenario: None,
            game: Game::default(),
        };
        state.interrupted();
        state.session.refused_by = state.checklist.refused_by();
        state.session.target_changed(&state.case);
        // Who named a target has said which addresses are affected.
        if let Some(target) = &state.case.target
            && state.case.answers.get(QuestionId::Affected).is_none()
        {
            let target = target.to_string();
            state.case.answers.give(QuestionId::Affected, &target);
            state.checklist = checklist::Checklist::new(&state.case);
        }
        state.judge();
        state
    }

    /// A case that was saved while checks ran: nobody waits for their answers any more.
    fn interrupted(&mut self) {
        for check in &mut self.case.checks {
            if check.state == CheckState::Running {
                check.state = CheckState::NotPossible;
                check.detail = "the program ended before the answer came".into();
            }
        }
    }

    /// What is asked for at the very beginning: the checks of a new case with a target.
    pub fn begin(&mut self) -> Vec<Effect> {
        match &self.case.target {
            Some(target) if self.case.checks.is_empty() => {
                let target = target.clone();
                checks::start(self, target)
            }
            _ => Vec::new(),
        }
    }

    /// Goes straight to the dialogue with that host.
    pub fn dial(&mut self, host: &str, port: u16) -> Vec<Effect> {
        self.screen = Screen::Session;
        self.session.host_chosen = true;
        self.session.host.set(host);
        self.session.port.set(&port.to_string());
        session::act(self, Action::Connect)
    }

    /// Concludes anew, after the case has changed.
    pub fn judge(&mut self) {
        self.diagnosis = match checks::as_it_stood(self) {
            Some(case) => diagnose(&case),
            None => diagnose(&self.case),
        };
        report::refresh(self);
    }

    /// The pane that the keys go to.
    pub fn focus(&self) -> Pane {
        match self.overlays.last() {
            Some(overlay) => overlay.pane(),
            None => self.screen_focus(),
        }
    }

    pub fn screen_focus(&self) -> Pane {
        match self.screen {
            Screen::Checklist => self.checklist.focus,
            Screen::Checks => self.checks.focus,
            Screen::Session => self.session.focus,
            Screen::Diagnosis => Pane::Verdict,
            Screen::Codes => self.codes.focus,
            Screen::Report => Pane::Preview,
            Screen::Logs => self.logs.focus,
        }
    }

    /// The places whose keys mean something now, the innermost first.
    pub fn places(&self) -> Vec<Place> {
        self.overlays
            .last()
            .map_or_else(|| self.screen_places(), Overlay::places)
    }

    /// The same without what lies over the screen.
    pub fn screen_places(&self) -> Vec<Place> {
        use Place::{
            AnswerLine, Beside, Bounces, Checks, Choices, CodeSearch, Codes, Command, Diagnosis,
            Dialogue, Draft, DraftLine, Everywhere, Free, Host, Logs, Report, Rows, Transcript,
            Tree, Typed,
        };
        match self.screen_focus() {
            Pane::Questions | Pane::Question => {
                let kind = if self.checklist.choices().is_empty() {
                    Typed
                } else {
                    Choices
                };
                vec![kind, Rows, Free, Everywhere]
            }
            Pane::AnswerLine => vec![AnswerLine, Everywhere],
            Pane::Bounces => vec![Bounces, Everywhere],
            Pane::Tree => vec![Tree, Checks, Rows, Free, Everywhere],
            Pane::Detail => vec![Checks, Rows, Free, Everywhere],
            Pane::Host | Pane::Port => vec![Host, Dialogue, Everywhere],
            Pane::Transcript => vec![Transcript, Dialogue, Rows, Free, Everywhere],
            Pane::Explanation => vec![Dialogue, Rows, Free, Everywhere],
            Pane::Command => vec![Command, Dialogue, Everywhere],
            Pane::Beside => vec![Beside, Rows, Free, Everywhere],
            Pane::DraftFrom | Pane::DraftTo | Pane::DraftSubject => {
                vec![DraftLine, Draft, Everywhere]
            }
            Pane::DraftBody => vec![Draft, Everywhere],
            Pane::Verdict => vec![Diagnosis, Rows, Free, Everywhere],
            Pane::CodeSearch => vec![CodeSearch, Everywhere],
            Pane::CodeList | Pane::CodeDetail => vec![Codes, Rows, Free, Everywhere],
            Pane::Preview => vec![Report, Rows, Free, Everywhere],
            Pane::LogList | Pane::LogDetail => vec![Logs, Rows, Free, Everywhere],
            _ => vec![Rows, Free, Everywhere],
        }
    }

    /// Whether something on the screen changes while nothing happens: only then is there a
    /// timer.
    pub fn counts_time(&self) -> bool {
        self.running || self.session.is_waiting() || self.session.held_until.is_some()
    }

    pub fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice {
            text: text.into(),
            bad: false,
        });
    }

    pub fn complain(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice {
            text: text.into(),
            bad: true,
        });
    }

    /// Whether the verdict may be shown: a player may want to guess first.
    pub fn shows_verdict(&self) -> bool {
        !self.game.hidden || self.game.revealed
    }
}
