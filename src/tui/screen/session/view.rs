//! How the session is drawn.

use super::{Phase, Session, explain, selected};
use crate::case::{From, Line};
use crate::tui::screen::checks;
use crate::tui::state::{Pane, State};
use crate::tui::symbols;
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Field, Spans};
use ratatui::layout::{Constraint, Layout, Rect};

/// Columns from which the explanation stands beside the transcript.
const BESIDE_FROM: u16 = 110;

pub fn view(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    if state.session.composing {
        draft(state, canvas, area);
        return;
    }
    let [top, middle, bottom] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(3),
    ])
    .areas(area);
    connection(state, canvas, top);
    let (dialogue, meaning) = if area.width >= BESIDE_FROM {
        let [left, right] =
            Layout::horizontal([Constraint::Percentage(58), Constraint::Percentage(42)])
                .areas(middle);
        (left, right)
    } else {
        let height = (middle.height * 2 / 5).clamp(4, 9);
        let [above, below] =
            Layout::vertical([Constraint::Min(3), Constraint::Length(height)]).areas(middle);
        (above, below)
    };
    transcript(state, canvas, dialogue);
    let inner = canvas.frame(Pane::Explanation, meaning, "What it means");
    canvas.doc(Pane::Explanation, inner, &explain::doc(state));
    command(state, canvas, bottom);
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
            let tls = if session.encrypted { ", TLS" } else { "" };
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
        let mut doc = crate::tui::widget::Doc::default();
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
fn mark(line: &Line) -> &'static str {
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

fn command(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let session = &state.session;
    let title = if session.is_connected() {
        "Next command"
    } else {
        "Not connected"
    };
    let inner = canvas.frame(Pane::Command, area, title);
    let hint = match session.phase {
        Phase::Open => "EHLO, MAIL FROM, RCPT TO, DATA, RSET, NOOP, VRFY, HELP, QUIT or anything",
        Phase::Connecting => "the first command stands here once the server has greeted",
        Phase::Idle | Phase::Closed => "connect first",
    };
    canvas.field(Pane::Command, inner, &session.command, hint);
}

fn draft(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let session = &state.session;
    let to = if session.recipients.is_empty() {
        "no recipient accepted yet".to_owned()
    } else {
        format!("will go to {}", session.recipients.join(", "))
    };
    let inner = canvas.frame(Pane::DraftBody, area, &format!("Message, {to}"));
    let [from, to, subject, rule, body] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(inner);
    let line = |canvas: &mut Canvas<'_>, area: Rect, name: &str, pane: Pane, field: &Field| {
        let [label, value] =
            Layout::horizontal([Constraint::Length(10), Constraint::Min(0)]).areas(area);
        let role = if canvas.has_focus(pane) {
            Role::Focus
        } else {
            Role::Dim
        };
        canvas.text(label, role, name);
        canvas.field(pane, value, field, "");
    };
    let draft = &session.draft;
    line(canvas, from, "From:", Pane::DraftFrom, &draft.from);
    line(canvas, to, "To:", Pane::DraftTo, &draft.to);
    line(
        canvas,
        subject,
        "Subject:",
        Pane::DraftSubject,
        &draft.subject,
    );
    canvas.text(rule, Role::Border, &"─".repeat(usize::from(rule.width)));
    canvas.field(Pane::DraftBody, body, &draft.body, "");
}
