//! How the logs are drawn.

use super::rows::{header, spans};
use super::{By, Logs, detail};
use crate::engine::maillog::reading::{Account, Source, Stage};
use crate::maillog::{Filter, minute};
use crate::text::{SafeText, columns, grouped};
use crate::tui::hits::Target;
use crate::tui::keys::Action;
use crate::tui::state::{Pane, State};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Spans};
use ratatui::layout::{Constraint, Layout, Rect};

/// Columns from which the details stand beside the list.
const BESIDE_FROM: u16 = 110;
/// Rows from which they stand below it, and from which the queue over time is shown with its
/// scale.
const BELOW_FROM: u16 = 18;
const SCALED_FROM: u16 = 30;
/// Columns beside the bars of the chart: its name, and what the highest stands for.
const BESIDE_BARS: u16 = 26;

pub fn view(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let logs = &state.logs;
    let filtered = logs.filter != Filter::default();
    let account = logs.account.as_deref();
    // A text needs the room itself.
    let charted = account.filter(|_| !logs.is_text());
    let chart = charted.map_or_else(Vec::new, |account| chart(account, area));
    let chart_rows = u16::try_from(chart.len()).unwrap_or_default();
    let [about, counts, filter, over_time, tabs, below] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(u16::from(account.is_some())),
        Constraint::Length(u16::from(filtered)),
        Constraint::Length(chart_rows),
        Constraint::Length(u16::from(account.is_some() && !logs.is_text())),
        Constraint::Min(0),
    ])
    .areas(area);
    canvas.spans(about, &about_source(logs));
    canvas.hits.add(about, Target::Action(Action::OpenLog));
    if let Some(account) = account {
        canvas.spans(counts, &counted(account));
    }
    if filtered {
        let words = vec![
            (Role::Warn, " ! only ".to_owned()),
            (
                Role::Text,
                SafeText::from(logs.filter.to_string()).into_string(),
            ),
        ];
        canvas.spans(filter, &words);
        canvas.hits.add(filter, Target::Action(Action::FilterLog));
    }
    for (y, spans) in (over_time.y..over_time.bottom()).zip(chart) {
        canvas.spans(Rect::new(over_time.x, y, over_time.width, 1), &spans);
    }
    facets(logs, canvas, tabs);
    body(state, canvas, below);
}

fn body(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let logs = &state.logs;
    if logs.is_text() || logs.count() == 0 {
        details(state, canvas, area);
    } else if area.width >= BESIDE_FROM {
        let [left, right] =
            Layout::horizontal([Constraint::Percentage(52), Constraint::Percentage(48)])
                .areas(area);
        list(state, canvas, left);
        details(state, canvas, right);
    } else if state.size.1 >= BELOW_FROM {
        // The frame, the header, and the rows that there are.
        let rows = u16::try_from(logs.count()).unwrap_or(u16::MAX);
        let rows = rows.saturating_add(3).max(5).min(area.height / 2);
        let [above, below] =
            Layout::vertical([Constraint::Length(rows), Constraint::Min(0)]).areas(area);
        list(state, canvas, above);
        details(state, canvas, below);
    } else if logs.focus == Pane::LogDetail {
        details(state, canvas, area);
    } else {
        list(state, canvas, area);
    }
}

/// What is read, and how far it is.
fn about_source(logs: &Logs) -> Spans {
    let name = match (&logs.source, logs.account.as_deref()) {
        (None, _) => return vec![(Role::Dim, " no log is read yet".to_owned())],
        (Some(Source::Text { name, .. }), _) => name.clone(),
        (Some(Source::Named(_)), Some(account)) => match &account.files[..] {
            [one] => one.to_string(),
            files => format!("{} files", files.len()),
        },
        (Some(Source::Named(text)), None) => SafeText::from(&**text).into_string(),
    };
    let mut spans = vec![(Role::Title, format!(" {name}"))];
    if logs.failed.is_some() {
        spans.push((Role::Bad, "  ✗ cannot be read".to_owned()));
    }
    let Some(account) = logs.account.as_deref() else {
        if logs.failed.is_none() {
            spans.push((Role::Running, "  … opening".to_owned()));
        }
        return spans;
    };
    let lines = account.lines;
    spans.push((Role::Dim, format!("  {} lines", grouped(lines.lines))));
    if logs.failed.is_none() {
        spans.push(match (account.stage, account.octets) {
            (Stage::Done, _) => (Role::Dim, String::new()),
            (Stage::Following, _) => (Role::Good, "  • following".to_owned()),
            (Stage::Stopped, _) => (Role::Warn, "  ! not read to its end".to_owned()),
            (Stage::Reading, Some(octets)) if octets > 0 => {
                let part = lines.bytes.min(octets).saturating_mul(100) / octets;
                (Role::Running, format!("  … reading, {part} %"))
            }
            (Stage::Reading, _) => (Role::Running, "  … reading".to_owned()),
        });
    }
    if lines.unread > 0 {
        let words = format!("  {} not understood (u)", grouped(lines.unread));
        spans.push((Role::Warn, words));
    }
    spans
}

/// From when to when, and what became of the mail.
fn counted(account: &Account) -> Spans {
    let summary = &account.summary;
    let counts = &summary.counts;
    let lost = counts.bounced + counts.expired;
    let part = |count: u64, words: &str, role: Role| {
        let role = if count == 0 { Role::Dim } else { role };
        (role, format!("  {} {words}", grouped(count)))
    };
    let (first, last) = (&summary.first, &summary.last);
    let when = match (first, last) {
        (Some(_), Some(_)) => format!(
            " {} to {}",
            minute(first.as_deref()),
            minute(last.as_deref()).get(5..).unwrap_or_default()
        ),
        _ => String::new(),
    };
    vec![
        (Role::Dim, when),
        part(lost, "lost", Role::Bad),
        part(counts.still_queued, "waiting", Role::Warn),
        part(counts.rejected, "turned away", Role::Note),
        part(counts.sent, "delivered", Role::Good),
    ]
}

/// The queue over time, in as many rows as there is room for.
fn chart(account: &Account, area: Rect) -> Vec<Spans> {
    if area.height < BELOW_FROM {
        return Vec::new();
    }
    let wide = usize::from(area.width.saturating_sub(BESIDE_BARS));
    let Some(chart) = account.summary.queue.chart(wide) else {
        return Vec::new();
    };
    let scaled = area.height >= SCALED_FROM;
    let rows = chart
        .rows
        .into_iter()
        .filter(|row| row.most > 0 && (scaled || row.name != "put off"));
    let rows = rows.map(|row| {
        let role = match row.name {
            "failed" => Role::Bad,
            "put off" => Role::Warn,
            _ => Role::Note,
        };
        vec![
            (Role::Dim, format!(" {:<9}", row.name)),
            (role, row.bars),
            (Role::Dim, format!(" most {}", grouped(row.most))),
        ]
    });
    let title = scaled.then(|| vec![(Role::Dim, format!(" {}", chart.title))]);
    title.into_iter().chain(rows).collect()
}

/// `By: [reason] domain host …`
fn facets(logs: &Logs, canvas: &mut Canvas<'_>, area: Rect) {
    let mut x = area.x;
    let mut put = |canvas: &mut Canvas<'_>, role: Role, words: &str, target: Option<Target>| {
        let wide = u16::try_from(columns(words)).unwrap_or(u16::MAX);
        let place = Rect::new(x, area.y, wide, area.height.min(1)).intersection(area);
        canvas.text(place, role, words);
        if let Some(target) = target {
            canvas.hits.add(place, target);
        }
        x = x.saturating_add(wide).min(area.right());
    };
    put(canvas, Role::Dim, " By: ", None);
    for (at, by) in By::ALL.into_iter().enumerate() {
        let (role, words) = if by == logs.by {
            (Role::Selected, format!("[{}]", by.title()))
        } else {
            (Role::Text, format!(" {} ", by.title()))
        };
        put(canvas, role, &words, Some(Target::Choice(at)));
    }
}

fn list(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let logs = &state.logs;
    let total = logs.count();
    let title = match (&logs.opened, logs.by) {
        (Some(opened), _) if opened.more > 0 => format!(
            "{}: the newest {} of {} messages",
            opened.of.name,
            grouped(total as u64),
            grouped(total as u64 + opened.more)
        ),
        (Some(opened), _) => match total {
            1 => format!("{}: 1 message", opened.of.name),
            total => format!("{}: {} messages", opened.of.name, grouped(total as u64)),
        },
        (None, By::Newest) => format!("The newest failures ({total})"),
        (None, by) => format!("What failed, by {} ({total})", by.title()),
    };
    let inner = canvas.frame(Pane::LogList, area, &title);
    let [head, rows] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(inner);
    // The scroll bar takes a column.
    let wide = usize::from(rows.width.saturating_sub(1));
    canvas.text(head, Role::Dim, &header(logs, wide));
    canvas.list(Pane::LogList, rows, total, Some(logs.at()), |at| {
        logs.row(at).map(|row| spans(row, wide)).unwrap_or_default()
    });
}

fn details(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let logs = &state.logs;
    let title = if logs.unread {
        "Lines that are not understood"
    } else if logs.shown.is_some() {
        "The whole story"
    } else if logs.count() == 0 {
        "Mail logs"
    } else {
        "Why, and what to do"
    };
    canvas.framed_doc(Pane::LogDetail, area, title, &detail::doc(state));
}
