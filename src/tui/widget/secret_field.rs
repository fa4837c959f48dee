//! Where a password is typed: a field that shows how much was typed and nothing of it.

use super::{Canvas, Field};
use crate::text::Secret;
use crate::tui::state::Pane;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;

/// Characters that are taken.
const LIMIT: usize = 1_000;

/// A line that is typed at its end and taken back from there. It has no history to undo, which
/// would keep what was typed.
#[derive(Clone, Debug)]
pub struct SecretField(Secret);

impl Default for SecretField {
    fn default() -> Self {
        Self(Secret::new(String::new()))
    }
}

impl SecretField {
    pub fn secret(&self) -> Secret {
        self.0.clone()
    }

    pub fn is_empty(&self) -> bool {
        self.0.expose().is_empty()
    }

    pub fn insert(&mut self, text: &str) {
        let typed = self.0.expose().chars();
        let added = text.chars().filter(|c| !c.is_control());
        self.0 = Secret::new(typed.chain(added).take(LIMIT).collect());
    }

    pub fn key(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('u') if control => *self = Self::default(),
            KeyCode::Char(c) if !control => self.insert(c.encode_utf8(&mut [0; 4])),
            KeyCode::Backspace => {
                let mut text = self.0.expose().to_owned();
                text.pop();
                self.0 = Secret::new(text);
            }
            _ => {}
        }
    }

    /// One for each character.
    pub fn stars(&self) -> String {
        "*".repeat(self.0.expose().chars().count())
    }

    pub fn draw(&self, canvas: &mut Canvas<'_>, pane: Pane, area: Rect, hint: &str) {
        canvas.field(pane, area, &Field::line(&self.stars()), hint);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_typed_and_taken_back_and_never_printed() {
        let mut field = SecretField::default();
        field.insert("orange\ntree");
        field.key(KeyEvent::from(KeyCode::Char('9')));
        field.key(KeyEvent::from(KeyCode::Backspace));
        assert_eq!(field.secret().expose(), "orangetree");
        assert!(!format!("{field:?}").contains("orange"));
        field.key(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL));
        assert!(field.is_empty());
    }
}
