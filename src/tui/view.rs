//! The whole screen: the bar of the six screens, the one that is shown, the key line.

use super::hits::{Hits, Target};
use super::keys::{self, OnLine};
use super::overlay;
use super::screen::{checklist, checks, codes, diagnosis, report, session};
use super::state::{Screen, State};
use super::theme::{Role, ascii};
use super::update::offers_now;
use super::widget::{Canvas, Spans};
use crate::text::columns;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};

/// Below this nothing can be read.
pub const SMALLEST: (u16, u16) = (60, 16);

/// Draws the state, and says what was drawn where. Changes nothing but the frame.
pub fn view(state: &State, frame: &mut Frame<'_>) -> Hits {
    let area = frame.area();
    let mut canvas = Canvas::new(
        frame.buffer_mut(),
        &state.theme,
        &state.panes,
        state.focus(),
        &state.needle,
    );
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        let (wide, high) = SMALLEST;
        let words = format!("smtp-tui needs {wide}x{high}, this is {}x{}", area.width, area.height);
        canvas.text(area, Role::Text, &words);
        return finished(state, canvas);
    }
    let [top, body, bottom] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(area);
    bar(state, &mut canvas, top);
    match state.screen {
        Screen::Checklist => checklist::view(state, &mut canvas, body),
        Screen::Checks => checks::view(state, &mut canvas, body),
        Screen::Session => session::view(state, &mut canvas, body),
        Screen::Diagnosis => diagnosis::view(state, &mut canvas, body),
        Screen::Codes => codes::view(state, &mut canvas, body),
        Screen::Report => report::view(state, &mut canvas, body),
    }
    overlay::view(state, &mut canvas, body);
    key_line(state, &mut canvas, bottom);
    finished(state, canvas)
}

fn finished(state: &State, canvas: Canvas<'_>) -> Hits {
    let Canvas { buffer, hits, .. } = canvas;
    if state.theme.look().ascii {
        ascii::to_ascii(buffer);
    }
    hits
}

/// The six screens by name, each with what it has to say where there is room.
fn bar(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let short = area.width < 100;
    let mut x = area.x;
    for (number, screen) in (1..).zip(Screen::ALL) {
        let mut words = format!("{number} {}", screen.title());
        let says = says(state, screen);
        if !says.is_empty() && (!short || says.len() <= 5) {
            words = format!("{words} {says}");
        }
        let shown = screen == state.screen;
        let words = if shown { format!("[{words}]") } else { format!(" {words} ") };
        let width = u16::try_from(columns(&words)).unwrap_or(u16::MAX);
        let place = Rect::new(x, area.y, width, 1).intersection(area);
        canvas.text(place, if shown { Role::Title } else { Role::Dim }, &words);
        canvas.hits.add(place, Target::Screen(screen));
        x = x.saturating_add(width);
    }
}

fn says(state: &State, screen: Screen) -> String {
    match screen {
        Screen::Checklist => format!("{}/12", state.case.answers.len()),
        Screen::Checks => {
            let running = state.case.checks.iter().filter(|check| !check.state.is_settled());
            match running.count() {
                0 => String::new(),
                count => format!("{count}…"),
            }
        }
        Screen::Diagnosis if state.shows_verdict() => {
            state.verdict.status.word().to_owned()
        }
        _ => String::new(),
    }
}

/// The keys that mean something now, as many as fit; what was just done stands before them.
fn key_line(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let mut spans: Spans = Vec::new();
    if let Some(notice) = &state.notice {
        spans.push((Role::Note, format!("{}  ", notice.text)));
    }
    let mut used: usize = spans.iter().map(|(_, text)| columns(text)).sum();
    let mut x = area.x.saturating_add(u16::try_from(used).unwrap_or(u16::MAX));
    canvas.spans(area, &spans);
    for row in keys::rows(&state.places()) {
        if row.line == OnLine::No || !offers_now(state, row.action) {
            continue;
        }
        let key = row.shown();
        let words = format!(" {}  ", row.words);
        let width = columns(&key) + columns(&words);
        if used + width > usize::from(area.width) {
            break;
        }
        used += width;
        let wide = u16::try_from(width).unwrap_or(u16::MAX);
        let place = Rect::new(x, area.y, wide, 1).intersection(area);
        canvas.spans(place, &vec![(Role::Key, key), (Role::Dim, words)]);
        canvas.hits.add(place, Target::Action(row.action));
        x = x.saturating_add(wide);
    }
}
