//! A form: lines to fill in or to choose in, each with its explanation.

mod envelope;
mod login;
mod signature;
mod view;

pub use envelope::IN_ONE_GO;
pub(super) use view::view;

use crate::tui::effect::Effect;
use crate::tui::state::State;
use crate::tui::widget::{Field, SecretField};
use crossterm::event::KeyEvent;

/// What a form is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// AUTH in the live session.
    LogIn,
    /// MAIL and RCPT of the live session.
    Envelope,
    /// The DKIM signature of the message in the editor.
    Signature,
}

#[derive(Clone, Debug)]
pub struct Form {
    pub purpose: Purpose,
    pub rows: Vec<Row>,
    pub selected: usize,
    /// What is wrong with what was typed, said when it was to be taken.
    pub complaint: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Row {
    /// By which the purpose knows it.
    pub key: &'static str,
    pub label: &'static str,
    pub help: String,
    pub entry: Entry,
}

/// How a row is filled in.
#[derive(Clone, Debug)]
pub enum Entry {
    Text {
        field: Box<Field>,
        /// What stands there while it is empty.
        hint: String,
    },
    /// It is not shown.
    Secret(SecretField),
    /// One of several words.
    Choice { words: Vec<String>, at: usize },
}

impl Row {
    fn text(key: &'static str, label: &'static str, text: &str, hint: &str, help: &str) -> Self {
        let mut field = Field::line(text);
        field.to_end();
        let (field, hint) = (Box::new(field), hint.to_owned());
        Self {
            key,
            label,
            help: help.to_owned(),
            entry: Entry::Text { field, hint },
        }
    }

    fn choice(
        key: &'static str,
        label: &'static str,
        words: Vec<String>,
        at: usize,
        help: &str,
    ) -> Self {
        Self {
            key,
            label,
            help: help.to_owned(),
            entry: Entry::Choice { words, at },
        }
    }
}

impl Form {
    fn new(purpose: Purpose, rows: Vec<Row>) -> Self {
        Self {
            purpose,
            rows,
            selected: 0,
            complaint: None,
        }
    }

    pub(super) fn log_in(state: &State) -> Self {
        login::form(state)
    }

    pub(super) fn envelope(state: &State) -> Self {
        envelope::form(state)
    }

    pub(super) fn signature(state: &State) -> Self {
        signature::form(state)
    }

    pub(in crate::tui) fn is_of(&self, purpose: Purpose) -> bool {
        self.purpose == purpose
    }

    fn row(&self, key: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.key == key)
    }

    /// What is typed or chosen in a row.
    fn value(&self, key: &str) -> String {
        match self.row(key).map(|row| &row.entry) {
            Some(Entry::Text { field, .. }) => field.text().trim().to_owned(),
            Some(Entry::Choice { words, at }) => words.get(*at).cloned().unwrap_or_default(),
            Some(Entry::Secret(_)) | None => String::new(),
        }
    }

    /// Which of the words is chosen; the first where there is none.
    fn chosen(&self, key: &str) -> usize {
        match self.row(key).map(|row| &row.entry) {
            Some(Entry::Choice { at, .. }) => *at,
            _ => 0,
        }
    }

    fn select(&mut self, key: &str) {
        let found = self.rows.iter().position(|row| row.key == key);
        self.selected = found.unwrap_or(self.selected);
    }

    /// The form stays, with a word about the row where something is wrong.
    fn complain(&mut self, key: &str, why: impl Into<String>) {
        self.select(key);
        self.complaint = Some(why.into());
    }

    pub(super) fn is_on_choice(&self) -> bool {
        let row = self.rows.get(self.selected);
        matches!(row.map(|row| &row.entry), Some(Entry::Choice { .. }))
    }

    /// The next word of the row, or the one before, round and round.
    pub(super) fn turn(&mut self, forward: bool) {
        self.complaint = None;
        if let Some(Entry::Choice { words, at }) =
            self.rows.get_mut(self.selected).map(|row| &mut row.entry)
        {
            let count = words.len().max(1);
            *at = (*at + if forward { 1 } else { count - 1 }) % count;
        }
        if self.purpose == Purpose::LogIn {
            login::explain(self);
        }
    }

    pub(super) fn key(&mut self, key: KeyEvent) {
        self.complaint = None;
        match self.rows.get_mut(self.selected).map(|row| &mut row.entry) {
            Some(Entry::Text { field, .. }) => {
                field.key(key);
            }
            Some(Entry::Secret(secret)) => secret.key(key),
            _ => {}
        }
    }

    pub(super) fn insert(&mut self, text: &str) {
        self.complaint = None;
        match self.rows.get_mut(self.selected).map(|row| &mut row.entry) {
            Some(Entry::Text { field, .. }) => field.insert(text),
            Some(Entry::Secret(secret)) => secret.insert(text),
            _ => {}
        }
    }

    fn title(&self) -> &'static str {
        match self.purpose {
            Purpose::LogIn => "Log in",
            Purpose::Envelope => "The envelope",
            Purpose::Signature => "Sign with DKIM",
        }
    }

    fn words(&self) -> &'static str {
        match self.purpose {
            Purpose::LogIn => {
                "AUTH by the best mechanism that the server offers, or by the one that you \
                 choose. The password is kept nowhere, and masked in the transcript."
            }
            Purpose::Envelope => {
                "Whom the mail is from and for, and what is asked of the server. The commands then \
                 stand ready; nothing is sent yet."
            }
            Purpose::Signature => {
                "The message is signed with your private key when it is sent. The key is read \
                 then, and kept nowhere."
            }
        }
    }

    fn yes(&self) -> &'static str {
        match self.purpose {
            Purpose::LogIn => "Log in",
            Purpose::Envelope => "Take it",
            Purpose::Signature => "Sign it",
        }
    }
}

/// Takes what is filled in; the form is put back where it cannot be taken.
pub(super) fn take(state: &mut State, form: Box<Form>) -> Vec<Effect> {
    state.overlays.pop();
    match form.purpose {
        Purpose::LogIn => login::take(state, form),
        Purpose::Envelope => envelope::take(state, form),
        Purpose::Signature => signature::take(state, form),
    }
}
