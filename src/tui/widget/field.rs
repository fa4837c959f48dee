//! Where something is typed.

use super::Canvas;
use crate::tui::theme::Role;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::widgets::Widget;
use tui_textarea::{CursorMove, TextArea};

/// The longest text that a line takes; nothing that SMTP or a file system knows is longer.
const LINE_LIMIT: usize = 1_000;
/// The longest text that an area takes: a bounce with its attached message, not a mailbox.
pub(in crate::tui) const AREA_LIMIT: usize = 512 * 1024;

/// A line or an area of text. Drawing moves nothing in it: the text area moves its scroll
/// position while it is drawn, so a copy is drawn, and [`Field::settle`] keeps the position.
#[derive(Clone, Debug)]
pub struct Field {
    area: TextArea<'static>,
    lines: bool,
}

impl Field {
    /// One line.
    pub fn line(text: &str) -> Self {
        let mut field = Self {
            area: TextArea::default(),
            lines: false,
        };
        field.set(text);
        field
    }

    /// Any number of lines.
    pub fn area(text: &str) -> Self {
        let mut field = Self {
            area: TextArea::default(),
            lines: true,
        };
        field.set(text);
        field
    }

    /// The text, its lines joined by line feeds.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    pub fn lines(&self) -> &[String] {
        self.area.lines()
    }

    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// Puts `text` in the place of what stands there, and the cursor behind it.
    pub fn set(&mut self, text: &str) {
        if self.text() == text && !text.is_empty() {
            return;
        }
        self.area = TextArea::default();
        self.insert(text);
        if self.lines {
            self.area.move_cursor(CursorMove::Top);
        }
    }

    /// Types `text` at the cursor, as when it is pasted: what cannot be shown is left out, and
    /// in a line a line feed is a space.
    pub fn insert(&mut self, text: &str) {
        let limit = if self.lines { AREA_LIMIT } else { LINE_LIMIT };
        let room = limit.saturating_sub(self.area.lines().iter().map(|l| l.len() + 1).sum());
        let unified = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = if self.lines {
            unified.as_str()
        } else {
            unified.trim_end_matches('\n')
        };
        let mut used = 0;
        let clean: String = text
            .chars()
            .filter_map(|c| match c {
                '\n' | '\t' if self.lines => Some(c),
                '\n' | '\t' => Some(' '),
                c if c.is_control() => None,
                c => Some(c),
            })
            .take_while(|c| {
                used += c.len_utf8();
                used <= room
            })
            .collect();
        self.area.insert_str(clean);
    }

    /// Takes a key press. Says whether the text changed.
    pub fn key(&mut self, key: KeyEvent) -> bool {
        match key.code {
            KeyCode::Char(c) if !key.modifiers.contains(KeyModifiers::CONTROL) => {
                if key.modifiers.contains(KeyModifiers::ALT) {
                    return self.area.input(key);
                }
                let before = self.area.lines().len();
                self.insert(c.encode_utf8(&mut [0; 4]));
                before != self.area.lines().len() || !c.is_control()
            }
            KeyCode::Enter if self.lines => {
                self.insert("\n");
                true
            }
            KeyCode::Enter | KeyCode::Tab | KeyCode::BackTab => false,
            // As in a shell; the text area would undo.
            KeyCode::Char('u') if !self.lines && key.modifiers.contains(KeyModifiers::CONTROL) => {
                let was_empty = self.is_empty();
                self.set("");
                !was_empty
            }
            // Both are line feeds on the wire.
            KeyCode::Char('m' | 'j') if !self.lines => false,
            _ => {
                let changed = self.area.input(key);
                if !self.lines && self.area.lines().len() > 1 {
                    let joined = self.area.lines().join(" ");
                    self.set(&joined);
                }
                changed
            }
        }
    }

    pub fn to_end(&mut self) {
        self.area.move_cursor(CursorMove::End);
    }

    /// Moves the scroll position to where drawing in this size moves it.
    pub fn settle(&mut self, width: u16, height: u16) {
        let area = Rect::new(0, 0, width, height);
        if !area.is_empty() {
            (&self.area).render(area, &mut Buffer::empty(area));
        }
    }

    /// Draws it; `focused` shows the cursor, `hint` stands where nothing was typed yet.
    pub fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, focused: bool, hint: &str) {
        let area = area.intersection(canvas.buffer.area);
        if area.is_empty() {
            return;
        }
        let mut shown = self.area.clone();
        shown.set_style(canvas.style(if self.lines { Role::Text } else { Role::Field }));
        shown.set_cursor_line_style(Style::default());
        shown.set_cursor_style(if focused {
            Style::default().add_modifier(Modifier::REVERSED)
        } else {
            Style::default()
        });
        shown.set_placeholder_text(hint);
        shown.set_placeholder_style(canvas.style(Role::Dim));
        (&shown).render(area, canvas.buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line() {
        let mut field = Field::line("a\nb");
        assert_eq!(field.text(), "a b");
        field.insert("\x1b[31m\r\nc\n");
        assert_eq!(field.text(), "a b[31m c");
        assert!(!field.key(KeyEvent::from(KeyCode::Enter)));
        field.key(KeyEvent::from(KeyCode::Char('x')));
        assert_eq!(field.text(), "a b[31m cx");
        let clear = KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL);
        assert!(field.key(clear) && field.is_empty() && !field.key(clear));
    }

    #[test]
    fn an_area_takes_lines_and_no_more_than_there_is_room_for() {
        let mut field = Field::area("one\r\ntwo");
        assert_eq!(field.lines(), ["one", "two"]);
        field.set(&"x".repeat(AREA_LIMIT * 2));
        assert!(field.text().len() <= AREA_LIMIT);
    }
}
