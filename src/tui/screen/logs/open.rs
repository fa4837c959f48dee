//! Which log is to be read: its path is typed, completed, or taken from those that there are.

use super::{LogOrder, read};
use crate::engine::maillog::reading::Source;
use crate::engine::path::{self, Candidate};
use crate::text::SafeText;
use crate::tui::effect::Effect;
use crate::tui::keys::Action;
use crate::tui::state::State;
use crate::tui::theme::Role;
use crate::tui::widget::{Field, Spans};

#[derive(Clone, Debug)]
pub struct OpenLog {
    pub line: Field,
    /// What begins as the line does.
    pub candidates: Vec<Candidate>,
    /// The line that they are for.
    listed: Option<String>,
    /// The row that Enter takes; none takes what was typed.
    pub selected: Option<usize>,
}

impl OpenLog {
    pub(super) fn new(typed: &str) -> Self {
        let mut line = Field::line(typed);
        line.to_end();
        Self {
            line,
            candidates: Vec::new(),
            listed: None,
            selected: None,
        }
    }

    /// Asks which files begin like that.
    pub(super) fn list(&self) -> Effect {
        Effect::Log(LogOrder::List(self.line.text()))
    }

    /// Another letter was typed.
    pub fn typed(&mut self) -> Effect {
        self.selected = None;
        self.list()
    }

    /// Whether Enter would take something.
    pub fn is_ready(&self) -> bool {
        self.selected.is_some() || !self.line.text().trim().is_empty()
    }

    /// Why there is no list.
    pub fn emptiness(&self) -> Option<&'static str> {
        if !self.candidates.is_empty() {
            return None;
        }
        Some(match &self.listed {
            Some(typed) if typed.is_empty() => "no mail log is in its usual place; type a path",
            Some(_) => "no file begins like that",
            None => "",
        })
    }

    fn taken(&self) -> Option<&Candidate> {
        self.candidates.get(self.selected?)
    }

    /// As much as all candidates have in common; the whole of the one that is selected.
    pub fn complete(&mut self) -> Option<Effect> {
        let typed = self.line.text();
        let common = match self.taken() {
            Some(candidate) => path::completed(&typed, std::slice::from_ref(candidate)),
            None => path::completed(&typed, &self.candidates),
        }?;
        self.line.set(&common);
        self.line.to_end();
        Some(self.typed())
    }

    /// Whether that leads from what is typed into the list, or back from its first row.
    pub fn crosses(&self, action: Action) -> bool {
        match action {
            Action::Down => self.selected.is_none() && !self.candidates.is_empty(),
            Action::Up => self.selected == Some(0),
            _ => false,
        }
    }

    pub fn cross(&mut self, action: Action) {
        self.selected = (action == Action::Down).then_some(0);
    }

    /// The row of a candidate in so many columns.
    pub fn row(&self, at: usize) -> Spans {
        let Some(candidate) = self.candidates.get(at) else {
            return Vec::new();
        };
        let path = SafeText::from(candidate.path.as_str()).into_string();
        let about = match candidate {
            Candidate {
                readable: false, ..
            } => (Role::Bad, "  may not be read".to_owned()),
            Candidate {
                is_folder: true, ..
            } => (Role::Dim, "  folder".to_owned()),
            Candidate { octets, .. } => (Role::Dim, format!("  {}", size(*octets))),
        };
        vec![(Role::Text, path), about]
    }
}

/// Octets for people.
pub(super) fn size(octets: u64) -> String {
    match octets {
        0..=9_999 => format!("{octets} octets"),
        10_000..=9_999_999 => format!("{} kB", octets / 1_000),
        _ => format!("{} MB", octets / 1_000_000),
    }
}

/// The candidates have come; those for an earlier line are too late.
pub(super) fn listed(open: &mut OpenLog, typed: String, candidates: Vec<Candidate>) {
    if open.line.text() != typed {
        return;
    }
    // The first log of the system, where nothing was typed.
    let first = candidates.iter().position(|one| one.readable);
    open.selected = first.filter(|_| typed.is_empty());
    open.candidates = candidates;
    open.listed = Some(typed);
}

/// Enter: the selected file is read, a folder is looked into, else what was typed is read.
pub(in crate::tui) fn taken(state: &mut State, mut open: Box<OpenLog>) -> Vec<Effect> {
    if let Some(folder) = open.taken().filter(|one| one.is_folder) {
        let path = folder.path.clone();
        open.line.set(&path);
        open.line.to_end();
        let effect = open.typed();
        if let Some(crate::tui::overlay::Overlay::OpenLog(top)) = state.overlays.last_mut() {
            *top = open;
        }
        return vec![effect];
    }
    let path = open.taken().map(|file| file.path.clone());
    let path = path.unwrap_or_else(|| open.line.text());
    state.overlays.pop();
    let follow = false;
    read(state, Source::Named(path.trim().to_owned()), follow)
}
