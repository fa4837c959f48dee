//! What the screen looks like: fourteen roles, and what each is on this terminal.

mod ascii;
mod depth;

pub use ascii::to_ascii;
pub use depth::Depth;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a piece of text is for. Colour never carries the meaning alone: beside every role
/// that means something stands a symbol or a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Text,
    /// Of second rank.
    Dim,
    Title,
    Border,
    /// The border and the title of the pane with the focus.
    Focus,
    /// The row or choice that the next key acts on.
    Selected,
    /// A key that can be pressed.
    Key,
    /// Where something can be typed.
    Field,
    Good,
    /// Worth knowing, neither good nor bad; intermediate replies.
    Note,
    Warn,
    Bad,
    Running,
    /// Found by a check, not said by a person.
    Measured,
}

impl Role {
    pub const ALL: [Self; 14] = [
        Self::Text,
        Self::Dim,
        Self::Title,
        Self::Border,
        Self::Focus,
        Self::Selected,
        Self::Key,
        Self::Field,
        Self::Good,
        Self::Note,
        Self::Warn,
        Self::Bad,
        Self::Running,
        Self::Measured,
    ];
}

/// The ground of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Ground {
    #[default]
    Dark,
    Light,
}

/// What the user chose or the terminal can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Look {
    pub depth: Depth,
    pub ground: Ground,
    /// Draw with ASCII alone.
    pub ascii: bool,
}

impl Look {
    /// What the environment says of the terminal. `variable` looks one up.
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let ground = match variable("COLORFGBG")
            .and_then(|value| value.rsplit(';').next()?.parse::<u8>().ok())
        {
            Some(7 | 9..=15) => Ground::Light,
            _ => Ground::Dark,
        };
        Self {
            depth: Depth::of_environment(variable),
            ground,
            ascii: false,
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Ink {
    rgb: Option<Hex>,
    ansi: Option<Color>,
    ground: Option<Hex>,
    ground_ansi: Option<Color>,
    modifiers: Vec<Mark>,
    plain: Vec<Mark>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
struct Hex(u8, u8, u8);

impl TryFrom<String> for Hex {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no colour: # and six hexadecimal digits");
        let digits = text.strip_prefix('#').ok_or_else(wrong)?;
        let number = u32::from_str_radix(digits, 16).map_err(|_| wrong())?;
        let [0, red, green, blue] = number.to_be_bytes() else {
            return Err(wrong());
        };
        Ok(Self(red, green, blue))
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Mark {
    Bold,
    Dim,
    Italic,
    Underlined,
    Reversed,
}

impl From<Mark> for Modifier {
    fn from(mark: Mark) -> Self {
        match mark {
            Mark::Bold => Self::BOLD,
            Mark::Dim => Self::DIM,
            Mark::Italic => Self::ITALIC,
            Mark::Underlined => Self::UNDERLINED,
            Mark::Reversed => Self::REVERSED,
        }
    }
}

type Table = BTreeMap<Role, Ink>;

static DARK: LazyLock<Table> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../../assets/themes/dark.yaml"))
        .expect("assets/themes/dark.yaml is checked by a test")
});
static LIGHT: LazyLock<Table> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../../assets/themes/light.yaml"))
        .expect("assets/themes/light.yaml is checked by a test")
});

/// The style of every role.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    look: Look,
    styles: BTreeMap<Role, Style>,
}

impl Theme {
    pub fn new(look: Look) -> Self {
        let table: &Table = match look.ground {
            Ground::Dark => &DARK,
            Ground::Light => &LIGHT,
        };
        let styles = table
            .iter()
            .map(|(role, ink)| (*role, style(ink, look.depth)))
            .collect();
        Self { look, styles }
    }

    pub fn style(&self, role: Role) -> Style {
        self.styles.get(&role).copied().unwrap_or_default()
    }

    pub fn look(&self) -> Look {
        self.look
    }
}

fn style(ink: &Ink, depth: Depth) -> Style {
    let marks = if depth == Depth::None {
        &ink.plain
    } else {
        &ink.modifiers
    };
    let modifier = marks
        .iter()
        .fold(Modifier::empty(), |all, mark| all | (*mark).into());
    let pick = |rgb: Option<Hex>, ansi: Option<Color>| {
        depth.colour(rgb.map(|Hex(r, g, b)| (r, g, b)), ansi)
    };
    Style {
        fg: pick(ink.rgb, ink.ansi),
        bg: pick(ink.ground, ink.ground_ansi),
        ..Style::default()
    }
    .add_modifier(modifier)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_themes_have_every_role_in_every_depth() {
        for table in [&*DARK, &*LIGHT] {
            assert_eq!(table.keys().copied().collect::<Vec<_>>(), Role::ALL);
            for (role, ink) in table {
                assert_eq!(ink.rgb.is_some(), ink.ansi.is_some(), "{role:?}");
                assert_eq!(ink.ground.is_some(), ink.ground_ansi.is_some(), "{role:?}");
            }
        }
    }

    #[test]
    fn without_colour_there_is_none() {
        for ground in [Ground::Dark, Ground::Light] {
            let theme = Theme::new(Look {
                depth: Depth::None,
                ground,
                ascii: false,
            });
            for role in Role::ALL {
                let style = theme.style(role);
                assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
            }
            assert!(
                theme
                    .style(Role::Selected)
                    .add_modifier
                    .contains(Modifier::REVERSED)
            );
        }
    }

    #[test]
    fn the_environment_tells_the_ground() {
        let of = |value: &'static str| {
            Look::of_environment(move |name| (name == "COLORFGBG").then(|| value.to_owned())).ground
        };
        assert_eq!(of("0;15"), Ground::Light);
        assert_eq!(of("15;default;0"), Ground::Dark);
        assert_eq!(of("rubbish"), Ground::Dark);
    }
}
