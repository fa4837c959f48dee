//! A key with its modifiers, as the table writes it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use serde::Deserialize;
use std::fmt;

/// A key press, in one form for each: an upper-case letter has no Shift beside it, and
/// Shift-Tab is a Tab with Shift.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

const NAMED: [(&str, KeyCode); 14] = [
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("Space", KeyCode::Char(' ')),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("PageUp", KeyCode::PageUp),
    ("PageDown", KeyCode::PageDown),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("Delete", KeyCode::Delete),
    ("Backspace", KeyCode::Backspace),
];

impl Key {
    pub fn parse(text: &str) -> Option<Self> {
        let (modifiers, name) = if let Some(name) = text.strip_prefix("Ctrl-") {
            (KeyModifiers::CONTROL, name)
        } else if let Some(name) = text.strip_prefix("Shift-") {
            (KeyModifiers::SHIFT, name)
        } else {
            (KeyModifiers::NONE, text)
        };
        let code = if let Some((_, code)) = NAMED.iter().find(|(known, _)| *known == name) {
            *code
        } else if let Some(number) = name.strip_prefix('F').and_then(|n| n.parse().ok()) {
            KeyCode::F(number)
        } else {
            let mut chars = name.chars();
            let one = chars.next().filter(|_| chars.next().is_none())?;
            if modifiers == KeyModifiers::CONTROL {
                KeyCode::Char(one.to_ascii_lowercase())
            } else {
                KeyCode::Char(one)
            }
        };
        Some(Self { code, modifiers })
    }

    /// Whether pressing it in a text field would type a character.
    pub fn types_something(self) -> bool {
        matches!(self.code, KeyCode::Char(_)) && self.modifiers.is_empty()
    }

    /// The press that a terminal would send.
    pub fn event(self) -> KeyEvent {
        match (self.code, self.modifiers) {
            (KeyCode::Tab, KeyModifiers::SHIFT) => {
                KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT)
            }
            (code, modifiers) => KeyEvent::new(code, modifiers),
        }
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        let kept = event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT);
        match event.code {
            KeyCode::BackTab => Self {
                code: KeyCode::Tab,
                modifiers: KeyModifiers::SHIFT,
            },
            KeyCode::Char(c) if kept.contains(KeyModifiers::CONTROL) => Self {
                code: KeyCode::Char(c.to_ascii_lowercase()),
                modifiers: kept,
            },
            KeyCode::Char(_) => Self {
                code: event.code,
                modifiers: kept,
            },
            code => Self {
                code,
                modifiers: event.modifiers
                    & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT),
            },
        }
    }
}

impl TryFrom<String> for Key {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no key"))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            f.write_str("Ctrl-")?;
        }
        if self.modifiers.contains(KeyModifiers::SHIFT) {
            f.write_str("Shift-")?;
        }
        if let Some((name, _)) = NAMED.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::F(number) => write!(f, "F{number}"),
            KeyCode::Char(c) if self.modifiers.contains(KeyModifiers::CONTROL) => {
                write!(f, "{}", c.to_ascii_uppercase())
            }
            KeyCode::Char(c) => write!(f, "{c}"),
            other => write!(f, "{other}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_sends_is_what_the_table_says() {
        for text in [
            "F2",
            "Ctrl-P",
            "Shift-Tab",
            "Enter",
            "a",
            "Y",
            "?",
            "PageUp",
            "Space",
            "1",
        ] {
            let key = Key::parse(text).unwrap();
            assert_eq!(key.to_string(), text);
            assert_eq!(Key::from(key.event()), key);
        }
        let shifted = KeyEvent::new(KeyCode::Char('Y'), KeyModifiers::SHIFT);
        assert_eq!(Key::from(shifted), Key::parse("Y").unwrap());
        let control = KeyEvent::new(
            KeyCode::Char('P'),
            KeyModifiers::CONTROL | KeyModifiers::SHIFT,
        );
        assert_eq!(Key::from(control), Key::parse("Ctrl-P").unwrap());
        assert!(Key::parse("Hyper").is_none());
    }
}
