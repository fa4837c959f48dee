//! Every command by its words, searched as it is typed.

use crate::tui::keys::{self, Action};
use crate::tui::state::State;
use crate::tui::update::offers_on_screen;
use crate::tui::widget::Field;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

#[derive(Clone, Debug)]
pub struct Palette {
    pub text: Field,
    pub selected: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) action: Action,
    pub(super) words: &'static str,
    pub(super) key: String,
}

impl Palette {
    pub(super) fn new() -> Self {
        Self {
            text: Field::line(""),
            selected: 0,
        }
    }
}

/// Movements within a list or a line are keys, and no commands.
fn is_command(action: Action) -> bool {
    !matches!(
        action,
        Action::Up
            | Action::Down
            | Action::PageUp
            | Action::PageDown
            | Action::First
            | Action::Last
            | Action::Back
            | Action::Close
            | Action::Choose
            | Action::Yes
            | Action::No
            | Action::Palette
            | Action::NextPane
            | Action::PreviousPane
            | Action::Answer
            | Action::NextChoice
            | Action::PreviousChoice
            | Action::NextQuestion
            | Action::PreviousQuestion
            | Action::OlderCommand
            | Action::NewerCommand
            | Action::Open
            | Action::Send
    )
}

/// The commands that would do something on the screen under the palette.
fn commands(state: &State) -> Vec<Command> {
    let mut commands: Vec<Command> = Vec::new();
    for row in keys::table() {
        if is_command(row.action)
            && !commands.iter().any(|known| known.action == row.action)
            && offers_on_screen(state, row.action)
        {
            commands.push(Command {
                action: row.action,
                words: &row.words,
                key: row.shown(),
            });
        }
    }
    commands
}

/// The commands that what was typed fits, the best first.
pub(super) fn matches(state: &State, palette: &Palette) -> Vec<Command> {
    let commands = commands(state);
    let typed = palette.text.text();
    if typed.trim().is_empty() {
        return commands;
    }
    let pattern = Pattern::parse(&typed, CaseMatching::Ignore, Normalization::Smart);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut buffer = Vec::new();
    let mut scored: Vec<_> = commands
        .into_iter()
        .filter_map(|command| {
            let words = Utf32Str::new(command.words, &mut buffer);
            let score = pattern.score(words, &mut matcher)?;
            Some((score, command))
        })
        .collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, command)| command).collect()
}
