//! The bar on top: the seven screens and what each has to say; below it, what the case is.

use crate::case::CheckState;
use crate::engine::maillog::reading::Stage;
use crate::knowledge::question::QuestionId;
use crate::text::columns;
use crate::tui::hits::Target;
use crate::tui::screen::session::Phase;
use crate::tui::state::{Screen, State};
use crate::tui::symbols;
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Spans, plain};
use ratatui::layout::Rect;

/// How much the bar says; the widest that fits is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    Words,
    Symbols,
    Short,
    Shortest,
}

pub(super) fn screens(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let tabs = |width| -> Vec<(Screen, Spans)> {
        Screen::ALL
            .into_iter()
            .enumerate()
            .map(|(at, screen)| (screen, tab(state, at + 1, screen, width)))
            .collect()
    };
    let needed = |tabs: &[(Screen, Spans)], gap: usize| {
        let all: usize = tabs
            .iter()
            .map(|(_, spans)| columns(&plain(spans)) + gap)
            .sum();
        all.saturating_sub(gap)
    };
    let room = usize::from(area.width);
    let (tabs, gap) = [
        (Width::Words, 3),
        (Width::Symbols, 2),
        (Width::Symbols, 1),
        (Width::Short, 1),
    ]
    .into_iter()
    .map(|(width, gap)| (tabs(width), gap))
    .find(|(tabs, gap)| needed(tabs, *gap) <= room)
    .unwrap_or_else(|| (tabs(Width::Shortest), 1));
    let mut x = area.x;
    for (screen, spans) in tabs {
        let wide = u16::try_from(columns(&plain(&spans))).unwrap_or(u16::MAX);
        let place = Rect::new(x, area.y, wide, 1).intersection(area);
        canvas.spans(place, &spans);
        canvas.hits.add(place, Target::Screen(screen));
        let gap = u16::try_from(gap).unwrap_or_default();
        x = x.saturating_add(wide).saturating_add(gap).min(area.right());
    }
}

fn tab(state: &State, number: usize, screen: Screen, width: Width) -> Spans {
    let title = match (width, screen) {
        (Width::Short | Width::Shortest, Screen::Checklist) => "List",
        (Width::Short | Width::Shortest, Screen::Session) => "Sess",
        (Width::Short | Width::Shortest, Screen::Diagnosis) => "Diag",
        (Width::Shortest, Screen::Report) => "Rep",
        _ => screen.title(),
    };
    let here = state.screen == screen;
    let mut spans = if here {
        vec![(Role::Selected, format!("{number} {title}"))]
    } else {
        vec![
            (Role::Key, format!("{number} ")),
            (Role::Text, title.to_owned()),
        ]
    };
    if let Some((role, words)) = says(state, screen, width) {
        spans.push((role, format!(" {words}")));
    }
    spans
}

/// What a screen has to say.
fn says(state: &State, screen: Screen, width: Width) -> Option<(Role, String)> {
    match screen {
        Screen::Checklist if width == Width::Shortest => None,
        Screen::Checklist => {
            let answered = state.case.answers.len();
            Some((Role::Dim, format!("{answered}/{}", QuestionId::ALL.len())))
        }
        Screen::Checks => checks(state, width),
        Screen::Session => session(state, width),
        Screen::Diagnosis => {
            if state.case.checks.is_empty() {
                return None;
            }
            if !state.shows_verdict() {
                return Some((Role::Note, "?".to_owned()));
            }
            let (role, symbol, word) = symbols::status(state.diagnosis.verdict.status);
            Some(match width {
                Width::Words => (role, format!("{symbol} {word}")),
                _ => (role, symbol.to_owned()),
            })
        }
        Screen::Logs => logs(state, width),
        Screen::Codes | Screen::Report => None,
    }
}

fn checks(state: &State, width: Width) -> Option<(Role, String)> {
    let count = |wanted: CheckState| {
        state
            .case
            .checks
            .iter()
            .filter(|check| check.state == wanted)
            .count()
    };
    let running = count(CheckState::Running);
    if running > 0 {
        return Some((
            Role::Running,
            match width {
                Width::Words => format!("{running} running"),
                _ => format!("…{running}"),
            },
        ));
    }
    for (wanted, word) in [
        (CheckState::Failed, "failed"),
        (CheckState::Warned, "warned"),
        (CheckState::NotPossible, "not possible"),
    ] {
        let (role, symbol) = symbols::check(wanted);
        match (count(wanted), width) {
            (0, _) => {}
            (count, Width::Words) => return Some((role, format!("{count} {word}"))),
            (count, _) => return Some((role, format!("{symbol}{count}"))),
        }
    }
    (!state.case.checks.is_empty()).then(|| {
        let words = match width {
            Width::Words => "done",
            _ => "✓",
        };
        (Role::Good, words.to_owned())
    })
}

fn session(state: &State, width: Width) -> Option<(Role, String)> {
    let (role, symbol, word) = match state.session.phase {
        Phase::Idle | Phase::Closed => return None,
        Phase::Connecting => (Role::Running, "…", "connecting"),
        Phase::Open => (Role::Good, "•", "open"),
    };
    Some(match width {
        Width::Words => (role, word.to_owned()),
        _ => (role, symbol.to_owned()),
    })
}

fn logs(state: &State, width: Width) -> Option<(Role, String)> {
    if !state.logs.is_reading() {
        return None;
    }
    let (role, symbol, word) = match state.logs.stage()? {
        Stage::Following => (Role::Good, "•", "following"),
        _ => (Role::Running, "…", "reading"),
    };
    Some(match width {
        Width::Words => (role, word.to_owned()),
        _ => (role, symbol.to_owned()),
    })
}

/// What the case is; a notice stands in its place until the next key.
pub(super) fn about(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    if let Some(notice) = &state.notice {
        let (role, symbol) = if notice.bad {
            (Role::Bad, "✗")
        } else {
            (Role::Note, "•")
        };
        let spans = vec![(role, format!(" {symbol} ")), (role, notice.text.clone())];
        canvas.spans(area, &spans);
        return;
    }
    let mut spans: Spans = Vec::new();
    if state.scenario.is_some() {
        // Not its name, which would give the fault away.
        spans.push((Role::Measured, " practice ".to_owned()));
    }
    if let Some(target) = &state.case.target {
        spans.push((Role::Title, format!(" {target}")));
    } else {
        spans.push((Role::Dim, " no domain yet: ".to_owned()));
        spans.push((Role::Key, "d".to_owned()));
        spans.push((Role::Dim, " names one, and the checks start".to_owned()));
    }
    if let (Some(from), Some(to)) = (&state.case.from, &state.case.to) {
        spans.push((Role::Dim, format!("  mail from {from} to {to}")));
    } else if let Some(to) = &state.case.to {
        spans.push((Role::Dim, format!("  mail to {to}")));
    }
    if state.shows_verdict() && !state.case.checks.is_empty() {
        spans.push((Role::Dim, format!("  {}", state.diagnosis.verdict.summary)));
    }
    canvas.spans(area, &spans);
}
