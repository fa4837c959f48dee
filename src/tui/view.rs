//! Draws the state. It only looks: nothing is changed by drawing, and what was drawn where
//! comes back as [`Hits`].

mod bar;
mod key_line;

pub use key_line::shown as keys_shown;

use super::hits::Hits;
use super::overlay;
use super::screen::{checklist, checks, codes, diagnosis, logs, report, session};
use super::state::{Screen, State};
use super::theme::{Role, to_ascii};
use super::widget::Canvas;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

/// The smallest terminal on which everything works.
pub const LEAST: (u16, u16) = (60, 16);

pub fn view(state: &State, frame: &mut Frame<'_>) -> Hits {
    draw(state, frame.buffer_mut())
}

/// The same on a bare buffer.
pub fn draw(state: &State, buffer: &mut Buffer) -> Hits {
    let area = buffer.area;
    let ascii = state.theme.look().ascii;
    let mut canvas = Canvas::new(
        buffer,
        &state.theme,
        &state.panes,
        state.focus(),
        &state.needle,
    );
    if area.width < LEAST.0 || area.height < LEAST.1 {
        too_small(&mut canvas, area);
    } else {
        whole(state, &mut canvas, area);
    }
    let hits = std::mem::take(&mut canvas.hits);
    if ascii {
        to_ascii(buffer);
    }
    hits
}

fn too_small(canvas: &mut Canvas<'_>, area: Rect) {
    let words = [
        format!("This terminal has {}x{};", area.width, area.height),
        format!("smtp-tui needs {}x{}.", LEAST.0, LEAST.1),
        "Make it larger, or leave: q".to_owned(),
    ];
    for (y, line) in (area.y..area.bottom()).zip(words) {
        canvas.text(Rect::new(area.x, y, area.width, 1), Role::Text, &line);
    }
}

fn whole(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let [top, about, body, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(area);
    bar::screens(state, canvas, top);
    bar::about(state, canvas, about);
    match state.screen {
        Screen::Checklist => checklist::view(state, canvas, body),
        Screen::Checks => checks::view(state, canvas, body),
        Screen::Session => session::view(state, canvas, body),
        Screen::Diagnosis => diagnosis::view(state, canvas, body),
        Screen::Codes => codes::view(state, canvas, body),
        Screen::Report => report::view(state, canvas, body),
        Screen::Logs => logs::view(state, canvas, body),
    }
    overlay::view(state, canvas, body);
    key_line::draw(state, canvas, keys);
}
