//! The picture in the README: the real screen, from the recorded case.
//!
//! `SMTP_TUI_PICTURE=write cargo test --test main picture` draws it anew.

use crate::screens::{go, press, recorded_state};
use crossterm::event::KeyCode;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};
use smtp_tui::tui::event::Event;
use smtp_tui::tui::theme::{Depth, Look};
use smtp_tui::tui::update::update;
use smtp_tui::tui::view::draw;
use std::fmt::Write as _;
use std::path::Path;

const COLUMNS: u16 = 116;
const ROWS: u16 = 30;
/// Pixels of a character.
const WIDE: f32 = 8.4;
const HIGH: u16 = 18;
const GROUND: &str = "#14171a";
const INK: &str = "#d7dadd";

#[test]
fn the_picture_of_the_readme_is_the_program() {
    let mut state = recorded_state(Look {
        depth: Depth::True,
        ..Look::default()
    });
    update(&mut state, Event::Resized(COLUMNS, ROWS));
    go(&mut state, 1);
    // The host that fails stands below its family, on top.
    press(&mut state, KeyCode::Down);
    let mut buffer = Buffer::empty(Rect::new(0, 0, COLUMNS, ROWS));
    let hits = draw(&state, &mut buffer);
    update(&mut state, Event::Drawn(hits.seen));
    buffer.reset();
    draw(&state, &mut buffer);
    let drawn = svg(&buffer);
    let path = Path::new("assets/screenshot.svg");
    if std::env::var("SMTP_TUI_PICTURE").is_ok_and(|value| value == "write") {
        std::fs::write(path, &drawn).expect("written");
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == drawn,
        "assets/screenshot.svg is not what the program shows: \
         SMTP_TUI_PICTURE=write cargo test --test main picture"
    );
}

/// The cells as text in rows; cells of one style are one run.
fn svg(buffer: &Buffer) -> String {
    let width = f32::from(COLUMNS) * WIDE + 16.0;
    let height = ROWS * HIGH + 16;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height}\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{GROUND}\"/>\n"
    );
    for y in 0..ROWS {
        let mut x = 0;
        while x < COLUMNS {
            let first = &buffer[(x, y)];
            let mut text = String::new();
            let begin = x;
            while x < COLUMNS && buffer[(x, y)].style() == first.style() {
                text.push_str(buffer[(x, y)].symbol());
                x += 1;
            }
            out.push_str(&run(first, begin, x - begin, y, &text));
        }
    }
    out + "</svg>\n"
}

fn run(cell: &Cell, x: u16, columns: u16, y: u16, text: &str) -> String {
    let (mut ink, mut ground) = (colour(cell.fg, INK), colour(cell.bg, GROUND));
    if cell.modifier.contains(Modifier::REVERSED) {
        std::mem::swap(&mut ink, &mut ground);
    }
    let left = f32::from(x) * WIDE + 8.0;
    let top = y * HIGH + 8;
    let wide = f32::from(columns) * WIDE;
    let mut out = String::new();
    if ground != GROUND {
        let _ = writeln!(
            out,
            "<rect x=\"{left:.1}\" y=\"{top}\" width=\"{wide:.1}\" height=\"{HIGH}\" fill=\"{ground}\"/>"
        );
    }
    if !text.trim().is_empty() {
        let weight = if cell.modifier.contains(Modifier::BOLD) {
            " font-weight=\"bold\""
        } else {
            ""
        };
        let escaped = text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        let base = top + 14;
        let _ = writeln!(
            out,
            "<text x=\"{left:.1}\" y=\"{base}\" textLength=\"{wide:.1}\" xml:space=\"preserve\" fill=\"{ink}\"{weight}>{escaped}</text>"
        );
    }
    out
}

fn colour(colour: Color, usual: &str) -> String {
    match colour {
        Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        _ => usual.to_owned(),
    }
}
