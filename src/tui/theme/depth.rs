//! How many colours a terminal has.

use ratatui::style::Color;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Depth {
    /// None: `NO_COLOR`, `--no-color`, or a terminal that has none.
    None,
    Ansi16,
    Indexed256,
    #[default]
    True,
}

impl Depth {
    /// What the environment says. `variable` looks one up. `NO_COLOR` counts when it is not
    /// empty (no-color.org).
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) {
            return Self::None;
        }
        if variable("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit") {
            return Self::True;
        }
        match variable("TERM").as_deref() {
            None | Some("" | "dumb" | "vt100" | "vt220") => Self::None,
            Some(term) if term.contains("direct") => Self::True,
            Some(term) if term.contains("256color") => Self::Indexed256,
            Some(_) => Self::Ansi16,
        }
    }

    /// The colour as this depth has it.
    pub fn colour(self, rgb: Option<(u8, u8, u8)>, ansi: Option<Color>) -> Option<Color> {
        match self {
            Self::None => None,
            Self::Ansi16 => ansi,
            Self::Indexed256 => rgb.map(|rgb| Color::Indexed(nearest(rgb))),
            Self::True => rgb.map(|(red, green, blue)| Color::Rgb(red, green, blue)),
        }
    }
}

/// The levels of the 6x6x6 cube that stands at 16 to 231 of the 256 colours.
const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// The nearest of the cube and of the greys at 232 to 255. The first sixteen are left out:
/// every user has set them to something else.
fn nearest((red, green, blue): (u8, u8, u8)) -> u8 {
    let distance = |r: u8, g: u8, b: u8| {
        let part = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        part(red, r) + part(green, g) + part(blue, b)
    };
    let cube = (0u8..216).map(|i| {
        let level = |n: u8| LEVELS[usize::from(n % 6)];
        (16 + i, distance(level(i / 36), level(i / 6), level(i)))
    });
    let greys = (0u8..24).map(|i| {
        let level = 8 + 10 * i;
        (232 + i, distance(level, level, level))
    });
    cube.chain(greys)
        .min_by_key(|(_, far)| *far)
        .map_or(15, |(index, _)| index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Depth {
        Depth::of_environment(|name| {
            pairs
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_tells() {
        assert_eq!(of(&[("TERM", "xterm")]), Depth::Ansi16);
        assert_eq!(of(&[("TERM", "screen-256color")]), Depth::Indexed256);
        let rich = [("TERM", "xterm"), ("COLORTERM", "truecolor")];
        assert_eq!(of(&rich), Depth::True);
        let none = [("TERM", "xterm-256color"), ("NO_COLOR", "1")];
        assert_eq!(of(&none), Depth::None);
        assert_eq!(of(&[("TERM", "linux"), ("NO_COLOR", "")]), Depth::Ansi16);
        assert_eq!(of(&[("TERM", "dumb")]), Depth::None);
    }

    #[test]
    fn finds_the_nearest() {
        assert_eq!(nearest((0, 0, 0)), 16);
        assert_eq!(nearest((255, 255, 255)), 231);
        assert_eq!(nearest((255, 0, 0)), 196);
        assert_eq!(nearest((128, 128, 128)), 244);
    }
}
