//! The pane beside the tree: what was asked, what came back, what that means, and how to do
//! the same by hand.

use super::tree::{Row, RowId, rows};
use crate::case::{CheckRecord, CheckState, Exchange, From, Group, Line, Transcript};
use crate::check::smtp::WAITS_FOR_GREETING;
use crate::knowledge::stage::Stage;
use crate::tui::screen::codes::explain as codes;
use crate::tui::screen::session::explain;
use crate::tui::state::State;
use crate::tui::symbols;
use crate::tui::theme::Role;
use crate::tui::widget::Doc;

/// The details of the selected row.
pub fn doc(state: &State) -> Doc {
    let mut doc = Doc::default();
    let rows = rows(&state.case, &state.checks);
    let Some(row) = super::selected(state).and_then(|(at, _)| rows.get(at)) else {
        nothing_yet(state, &mut doc);
        return doc;
    };
    match (&row.id, row.record) {
        (_, Some(record)) => check(state, record, &mut doc),
        (RowId::Group(group), None) => summary(group.title(), row, &mut doc),
        (RowId::Fine(group), None) => {
            summary(&format!("{}: what is fine", group.title()), row, &mut doc);
        }
        (RowId::Check(_), None) => {}
    }
    doc
}

fn nothing_yet(state: &State, doc: &mut Doc) {
    if state.case.target.is_none() {
        doc.para("No domain is known yet. Name one with `d`, and the checks start at once.");
    } else {
        doc.para("Nothing has been checked yet. `R` runs all checks.");
    }
}

/// How long a check has taken, or is taking now, in milliseconds.
pub(super) fn elapsed_ms(state: &State, record: &CheckRecord) -> u64 {
    if record.state == CheckState::Running {
        state.now.run_ms.saturating_sub(record.started_ms)
    } else {
        record.elapsed_ms
    }
}

/// Whether a mail host keeps us waiting for its greeting.
fn waits_long(record: &CheckRecord) -> bool {
    record.state == CheckState::Running && record.detail.starts_with(WAITS_FOR_GREETING)
}

fn check(state: &State, record: &CheckRecord, doc: &mut Doc) {
    let (role, symbol) = symbols::check(record.state);
    doc.spans(vec![
        (role, format!("{symbol} {}", record.state.word())),
        (Role::Title, format!("  {}", record.subject)),
        (
            Role::Dim,
            format!("  {}", super::view::duration(elapsed_ms(state, record))),
        ),
    ]);
    if !record.detail.is_empty() {
        doc.para(&record.detail);
    }
    if waits_long(record) {
        doc.blank().item(
            Role::Note,
            "?",
            "Still waiting for the greeting. A minute or two is normal where a server holds \
             senders back on purpose; RFC 5321 gives it five minutes (section 4.5.3.2.1). \
             Nothing is wrong yet.",
        );
    }
    if !record.meaning.is_empty() {
        doc.heading("What it means").para(&record.meaning);
    }
    if !record.exchanges.is_empty() {
        doc.heading("What was asked, and what came back");
    }
    for exchange in &record.exchanges {
        exchanged(exchange, doc);
    }
    offered(state, record, doc);
    if !record.by_hand.is_empty() {
        doc.heading("The same by hand");
    }
    for command in &record.by_hand {
        doc.hanging(
            2,
            4,
            vec![
                (Role::Key, "$ ".to_owned()),
                (Role::Text, command.to_string()),
            ],
        );
    }
    findings(state, record, doc);
}

/// What the host said to EHLO, where that was asked.
fn offered(state: &State, record: &CheckRecord, doc: &mut Doc) {
    let bracketed = |session: &&Transcript| {
        let address = format!("({})", session.address);
        let mut exchanges = record.exchanges.iter();
        exchanges.any(|exchange| exchange.asked.contains(&address))
    };
    if record.group != Group::Smtp {
        return;
    }
    let Some(session) = state.case.sessions.iter().find(bracketed) else {
        return;
    };
    let lines = &session.transcript;
    // Behind STARTTLS it is asked again; what is offered then counts.
    let asked = lines
        .iter()
        .rposition(|line| line.from == From::Client && Stage::of_line(&line.line) == Stage::Ehlo);
    let answer = asked.and_then(|at| lines.get(at + 1..)).unwrap_or_default();
    let end = answer.iter().position(|line| line.from != From::Server);
    let answer = end.and_then(|end| answer.get(..end)).unwrap_or(answer);
    explain::offered(answer, doc);
    refused(lines, doc);
    codes::taken_for(lines, doc);
}

/// The first refusal of a session, explained; those behind it may be its consequences.
fn refused(lines: &[Line], doc: &mut Doc) {
    let is_refusal =
        |line: &Line| line.from == From::Server && line.code.is_some_and(|code| code.get() >= 400);
    let Some(at) = lines.iter().position(is_refusal) else {
        return;
    };
    let (before, line) = (lines.get(..at).unwrap_or_default(), lines.get(at));
    let asked = before.iter().rfind(|line| line.from == From::Client);
    let to = asked.map_or("", |asked| asked.line.as_str());
    if let Some(line) = line {
        doc.heading("What the refusal means");
        doc.verbatim(Role::Note, &line.line);
        doc.append(codes::reply(before, to, line));
    }
}

fn exchanged(exchange: &Exchange, doc: &mut Doc) {
    let took = super::view::duration(exchange.took_ms);
    doc.hanging(
        0,
        2,
        vec![
            (Role::Key, "→ ".to_owned()),
            (Role::Text, exchange.asked.to_string()),
            (Role::Dim, format!("  {took}")),
        ],
    );
    if exchange.answered.is_empty() {
        doc.verbatim(Role::Dim, "(no answer)");
    }
    for line in &exchange.answered {
        doc.verbatim(Role::Note, line);
    }
}

/// The findings whose subject is that of the row.
fn findings(state: &State, record: &CheckRecord, doc: &mut Doc) {
    let about = |finding: &&crate::case::Finding| {
        finding.subject == record.subject
            || finding
                .evidence
                .iter()
                .any(|line| record.exchanges.iter().any(|e| e.answered.contains(line)))
    };
    let findings: Vec<_> = state.case.findings.iter().filter(about).collect();
    if findings.is_empty() {
        return;
    }
    doc.heading("What was concluded");
    for finding in findings {
        let (role, symbol, _) = symbols::severity(finding.severity);
        doc.item(role, symbol, &finding.summary);
    }
}

/// The checks that a row without one of its own speaks for, the worst first.
fn summary(title: &str, row: &Row<'_>, doc: &mut Doc) {
    let (role, symbol) = symbols::check(row.state);
    doc.spans(vec![
        (role, format!("{symbol} {}", row.state.word())),
        (Role::Title, format!("  {title}")),
    ]);
    for record in &row.holds {
        let (role, symbol) = symbols::check(record.state);
        let text = if record.detail.is_empty() {
            record.subject.to_string()
        } else {
            format!("{}: {}", record.subject, record.detail)
        };
        doc.item(role, symbol, &text);
    }
}
