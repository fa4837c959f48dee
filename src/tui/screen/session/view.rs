//! How the session is drawn.

use super::{Mode, Phase, Session, explain, free, guide, selected, timing};
use crate::case::{From, Line};
use crate::smtp::Raw;
use crate::text::columns;
use crate::tui::hits::Target;
use crate::tui::keys::Action;
use crate::tui::screen::checks;
use crate::tui::state::{Pane, State};
use crate::tui::symbols;
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Doc, Spans, plain};
use ratatui::layout::{Constraint, Layout, Rect};

/// Columns from which the explanation stands beside the transcript.
const BESIDE_FROM: u16 = 110;

/// Rows from which there is room for all of it; below, the explanation and the command line
/// make do with less.
const ROOMY_FROM: u16 = 19;

pub fn view(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    if let Some(beside) = &state.session.beside {
        super::beside::view(state, canvas, area, beside);
        return;
    }
    if state.session.composing {
        super::editor::view(state, canvas, area);
        return;
    }
    let [top, steps, middle, bottom] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(command_height(area)),
    ])
    .areas(area);
    connection(state, canvas, top);
    standing(state, canvas, steps);
    let (dialogue, meaning) = if area.width >= BESIDE_FROM {
        let [left, right] =
            Layout::horizontal([Constraint::Percentage(58), Constraint::Percentage(42)])
                .areas(middle);
        (left, right)
    } else {
        let height = (middle.height * 9 / 20).clamp(4, 12);
        let [above, below] =
            Layout::vertical([Constraint::Min(3), Constraint::Length(height)]).areas(middle);
        (above, below)
    };
    transcript(state, canvas, dialogue);
    canvas.framed_doc(
        Pane::Explanation,
        meaning,
        "What it means",
        &explain::doc(state),
    );
    command(state, canvas, bottom);
}

fn command_height(area: Rect) -> u16 {
    if area.height >= ROOMY_FROM { 5 } else { 4 }
}

/// `guided  ▁connect 16 ms  ▁EHLO 1 ms`.
fn standing(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let session = &state.session;
    let mode = match session.mode {
        Mode::Guided => " guided   ".to_owned(),
        Mode::Free(ending) => format!(" free, line end {}   ", ending.word()),
    };
    let mut spans = vec![(Role::Key, mode)];
    if let Some(at) = session.held_until {
        let left = at.saturating_sub(state.now.run_ms).div_ceil(1_000);
        spans.push((Role::Running, format!("… sends by itself in {left} s   ")));
    }
    if let Some(again) = &session.again {
        spans.push((
            Role::Running,
            format!("… repeating, {} steps left   ", again.left()),
        ));
    }
    let used = columns(&plain(&spans));
    if session.replies.is_empty() {
        spans.push((
            Role::Dim,
            "each step gets a bar here: who is slow?".to_owned(),
        ));
    } else {
        spans.extend(timing::bars(
            session,
            usize::from(area.width).saturating_sub(used),
        ));
    }
    canvas.spans(area, &spans);
    canvas.hits.add(area, Target::Action(Action::FreeMode));
}

/// `Host mx1.example.org   Port 25   ✓ connected, TLS`.
fn connection(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let session = &state.session;
    let [label, host, label_port, port, gap, status] = Layout::horizontal([
        Constraint::Length(6),
        Constraint::Fill(3),
        Constraint::Length(6),
        Constraint::Length(6),
        Constraint::Length(2),
        Constraint::Fill(2),
    ])
    .areas(area);
    canvas.text(label, Role::Dim, " Host ");
    canvas.field(Pane::Host, host, &session.host, "a mail host or an address");
    canvas.text(label_port, Role::Dim, " Port ");
    canvas.field(Pane::Port, port, &session.port, "25");
    canvas.text(gap, Role::Dim, " ");
    let (role, words) = phase(state, session);
    canvas.text(status, role, &words);
}

fn phase(state: &State, session: &Session) -> (Role, String) {
    let waited = session
        .waiting_since
        .map(|since| state.now.run_ms.saturating_sub(since));
    match session.phase {
        Phase::Idle => (Role::Dim, "- not connected".to_owned()),
        Phase::Connecting => (
            Role::Running,
            format!("… connecting {}", checks::duration(waited.unwrap_or(0))),
        ),
        Phase::Open => {
            let tls = if session.encrypted {
                ", TLS"
            } else {
                ", in clear"
            };
            match waited {
                Some(ms) if ms >= 1_000 => (
                    Role::Running,
                    format!("… waiting {}{tls}", checks::duration(ms)),
                ),
                _ => (Role::Good, format!("✓ connected{tls}")),
            }
        }
        Phase::Closed => (Role::Note, "- closed".to_owned()),
    }
}

fn transcript(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let session = &state.session;
    let inner = canvas.frame(Pane::Transcript, area, "Transcript");
    if session.lines.is_empty() {
        let mut doc = Doc::default();
        if session.phase == Phase::Connecting {
            doc.text(
                Role::Dim,
                "Waiting for the greeting. It can take a minute or two; RFC 5321 allows five.",
            );
        } else {
            doc.text(
                Role::Dim,
                "Type or choose a mail host above; Enter connects. Then the next command stands \
                 ready below, and Enter sends it.",
            );
        }
        canvas.doc(Pane::Transcript, inner, &doc);
        return;
    }
    let at = selected(state).map(|(at, _)| at);
    canvas.list(Pane::Transcript, inner, session.lines.len(), at, |index| {
        session
            .lines
            .get(index)
            .map(|line| row(session, index, line))
            .unwrap_or_default()
    });
}

/// `  0.412 < 250 2.1.5 accepted          12 ms`; a mark of its own inside TLS.
fn row(session: &Session, index: usize, line: &Line) -> Spans {
    let at = format!("{:>4}.{:03} ", line.at_ms / 1_000, line.at_ms % 1_000);
    let mut spans = vec![(Role::Dim, at)];
    let mark = mark(line);
    match line.from {
        From::Server => {
            spans.push((Role::Dim, format!("{mark} ")));
            said(line, &mut spans);
            if let Some(reply) = session
                .reply_at(index)
                .filter(|reply| reply.lines.1 == index + 1 && reply.took_ms >= 1_000)
            {
                let took = checks::duration(reply.took_ms);
                spans.push((Role::Dim, format!("  ({took})")));
            }
        }
        From::Client => {
            spans.push((Role::Key, format!("{mark} ")));
            spans.push((Role::Title, line.line.to_string()));
        }
        From::Event => {
            spans.push((Role::Dim, format!("{mark} ")));
            spans.push((Role::Dim, line.line.to_string()));
        }
    }
    spans
}

/// The code in the colour of its class, then the rest.
fn said(line: &Line, spans: &mut Spans) {
    let text = line.line.as_str();
    let Some(code) = line.code else {
        spans.push((Role::Text, text.to_owned()));
        return;
    };
    let role = symbols::class(code.class());
    let digits = code.to_string();
    match text.strip_prefix(&digits) {
        Some(rest) => {
            spans.push((role, digits));
            spans.push((Role::Text, rest.to_owned()));
        }
        None => spans.push((role, text.to_owned())),
    }
}

/// Who said it, and whether anybody on the way could read it.
pub(super) fn mark(line: &Line) -> &'static str {
    match (line.from, line.encrypted) {
        (From::Server, false) => "<-",
        (From::Server, true) => "<~",
        (From::Client, false) => "->",
        (From::Client, true) => "~>",
        (From::Event, _) => "**",
    }
}

/// The transcript as text, for the clipboard.
pub(super) fn as_text(lines: &[Line]) -> String {
    lines.iter().fold(String::new(), |text, line| {
        let (seconds, ms) = (line.at_ms / 1_000, line.at_ms % 1_000);
        text + &format!("{seconds:>4}.{ms:03} {} {}\n", mark(line), line.line)
    })
}

/// What stands ready, why, and what would be wrong with it.
fn command(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let session = &state.session;
    let title = match (session.phase, session.mode) {
        (Phase::Open, Mode::Guided) if session.is_waiting() => "Next: the server has the word",
        (Phase::Open, Mode::Guided) => "Next, Enter sends it",
        (Phase::Open, Mode::Free(_)) => "Free: sent as typed, whatever it breaks",
        _ => "Not connected",
    };
    let inner = canvas.frame(Pane::Command, area, title);
    let [words, line] = Layout::vertical([Constraint::Min(0), Constraint::Length(1)]).areas(inner);
    let mut doc = Doc::default();
    let (role, said) = about_next(session);
    doc.text(role, &said);
    canvas.hits.add(words, Target::Pane(Pane::Command));
    for (y, spans) in (words.y..words.bottom()).zip(doc.wrapped(usize::from(words.width.max(1)))) {
        canvas.spans(Rect::new(words.x, y, words.width, 1), &spans);
    }
    let label = match session.mode {
        Mode::Guided => session.step.label(),
        Mode::Free(_) => "",
    };
    let wide = u16::try_from(columns(label)).unwrap_or_default();
    let [before, line] =
        Layout::horizontal([Constraint::Length(wide), Constraint::Min(0)]).areas(line);
    canvas.text(before, Role::Key, label);
    let hint = match (session.phase, session.mode) {
        (Phase::Open, Mode::Guided) if session.is_waiting() => "",
        (Phase::Open, Mode::Guided) => session.step.hint(),
        (Phase::Open, Mode::Free(_)) => "anything; Enter sends it as it stands here",
        (Phase::Connecting, _) => "the first command stands here once the server has greeted",
        (Phase::Idle | Phase::Closed, _) => "connect first",
    };
    canvas.field(Pane::Command, line, &session.command, hint);
}

/// The words above the command line.
fn about_next(session: &Session) -> (Role, String) {
    match (session.phase, session.mode) {
        (Phase::Open, Mode::Guided) if session.is_waiting() => (
            Role::Dim,
            "The reply to the last command is awaited.".to_owned(),
        ),
        (Phase::Open, Mode::Guided) if session.step == guide::Step::Together => {
            (Role::Text, session.together.join("   "))
        }
        (Phase::Open, Mode::Guided) => (Role::Text, guide::why(session).to_owned()),
        (Phase::Open, Mode::Free(ending)) => {
            let text = session.command.text();
            let help = free::legal_now(session, &text).unwrap_or_else(|| ESCAPES.to_owned());
            if text.is_empty() {
                return (Role::Dim, help);
            }
            let raw = match Raw::parse(&text, ending) {
                Ok(raw) => raw,
                Err(error) => return (Role::Bad, format!("✗ cannot be sent: {error}")),
            };
            match free::broken(session, &raw) {
                Some(rule) => (Role::Warn, format!("! breaks a rule: {rule}.")),
                None => (Role::Dim, help),
            }
        }
        (Phase::Connecting, _) => (Role::Dim, "The server speaks first.".to_owned()),
        (Phase::Idle, _) => (
            Role::Dim,
            "Enter in the field of the host connects.".to_owned(),
        ),
        (Phase::Closed, _) => (
            Role::Dim,
            "Ended. c connects again, r says the same to another host.".to_owned(),
        ),
    }
}

const ESCAPES: &str =
    r"Escapes: \r \n \t \0 \xNN and \\ for a backslash. Ctrl-L: another line end.";
