//! The rows of the lists: groups of failures, and messages.

use super::{By, Logs};
use crate::maillog::{Failed, Failing, Fate, Place, Wanted, minute};
use crate::text::{SafeText, columns, grouped, truncated};
use crate::tui::state::State;
use crate::tui::theme::Role;
use crate::tui::widget::{Spans, plain};
use std::fmt::Write as _;

/// One row of the list that is shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum Row<'a> {
    Reason(&'a Failed),
    /// A domain, host, sender or code.
    Place(&'a Place),
    Message(&'a Failing),
}

impl Row<'_> {
    /// Under which name the row is found again when the list has changed.
    pub(super) fn name(&self) -> SafeText {
        match self {
            Self::Reason(failed) => failed.reason.as_str().into(),
            Self::Place(place) => place.name.clone(),
            Self::Message(message) => {
                let id = message.id.as_deref().unwrap_or_default();
                format!("{id} {} {}", message.recipient, message.first).into()
            }
        }
    }

    /// The group that it stands for.
    pub(super) fn wanted(&self, by: By) -> Option<Wanted> {
        Some(Wanted {
            facet: by.facet()?,
            name: self.name(),
        })
    }
}

impl Logs {
    pub(super) fn count(&self) -> usize {
        if let Some(opened) = &self.opened {
            return opened.messages.as_ref().map_or(0, Vec::len);
        }
        let Some(account) = &self.account else {
            return 0;
        };
        let summary = &account.summary;
        match self.by {
            By::Reason => summary.failures.len(),
            By::Domain => summary.domains.len(),
            By::Host => summary.hosts.len(),
            By::Sender => summary.senders.len(),
            By::Code => summary.codes.len(),
            By::Newest => account.newest.len(),
        }
    }

    pub(super) fn row(&self, at: usize) -> Option<Row<'_>> {
        if let Some(opened) = &self.opened {
            return opened.messages.as_ref()?.get(at).map(Row::Message);
        }
        let account = self.account.as_ref()?;
        let summary = &account.summary;
        match self.by {
            By::Reason => summary.failures.get(at).map(Row::Reason),
            By::Domain => summary.domains.get(at).map(Row::Place),
            By::Host => summary.hosts.get(at).map(Row::Place),
            By::Sender => summary.senders.get(at).map(Row::Place),
            By::Code => summary.codes.get(at).map(Row::Place),
            By::Newest => account.newest.get(at).map(Row::Message),
        }
    }

    /// The place of the selected row.
    pub(super) fn at(&self) -> usize {
        let last = self.count().saturating_sub(1);
        if let Some(opened) = &self.opened {
            return opened.selected.min(last);
        }
        let Some(name) = self.selected.get(&self.by) else {
            return 0;
        };
        let found = (0..=last).find(|at| self.row(*at).is_some_and(|row| row.name() == *name));
        found.unwrap_or(0)
    }

    pub(super) fn selected_row(&self) -> Option<Row<'_>> {
        self.row(self.at())
    }
}

/// Columns of a number in a list of groups, and of a list that has room for all of them.
const NUMBER: usize = 9;
const NUMBERS_FROM: usize = 56;

/// What stands over the list.
pub(super) fn header(logs: &Logs, wide: usize) -> String {
    let messages = logs.opened.is_some() || logs.by == By::Newest;
    if messages {
        return "when         what became of it".to_owned();
    }
    match logs.by {
        By::Reason => {
            let name = name_columns(wide);
            let numbers: &[&str] = if wide >= NUMBERS_FROM {
                &["lost", "waiting", "late", "at door"]
            } else {
                &["lost", "waiting"]
            };
            let mut words = format!("{:<name$}", "reason");
            for number in numbers {
                let _ = write!(words, "{number:>NUMBER$}");
            }
            words
        }
        by => {
            let name = place_columns(wide);
            format!("{:<name$}{:>NUMBER$}  most of them", by.title(), "failures")
        }
    }
}

fn name_columns(wide: usize) -> usize {
    let numbers = if wide >= NUMBERS_FROM { 4 } else { 2 };
    wide.saturating_sub(numbers * NUMBER).clamp(12, 40)
}

/// Names are long, and beside them stands but one number, and a word.
fn place_columns(wide: usize) -> usize {
    wide.saturating_sub(NUMBER + 18).clamp(12, 60)
}

/// A row in so many columns.
pub(super) fn spans(row: Row<'_>, wide: usize) -> Spans {
    match row {
        Row::Reason(failed) => reason(failed, wide),
        Row::Place(place) => place_spans(place, wide),
        Row::Message(message) => message_spans(message),
    }
}

fn padded(text: &str, wide: usize) -> String {
    let text = truncated(text, wide.saturating_sub(1));
    let missing = wide.saturating_sub(columns(&text));
    format!("{text}{}", " ".repeat(missing))
}

fn reason(failed: &Failed, wide: usize) -> Spans {
    let lost = failed.bounced + failed.expired;
    let all = [
        (lost, Role::Bad),
        (failed.waiting, Role::Warn),
        (failed.delivered_later, Role::Text),
        (failed.rejected, Role::Note),
    ];
    let shown = if wide >= NUMBERS_FROM { 4 } else { 2 };
    let mut spans = vec![(Role::Text, padded(&failed.reason, name_columns(wide)))];
    spans.extend(all.into_iter().take(shown).map(|(count, role)| {
        let role = if count == 0 { Role::Dim } else { role };
        (role, format!("{:>NUMBER$}", grouped(count)))
    }));
    spans
}

fn place_spans(place: &Place, wide: usize) -> Spans {
    let lost = place.bounced + place.expired > 0;
    let role = if lost { Role::Bad } else { Role::Warn };
    let mostly = match (&place.reason, &place.explanation) {
        (Some(reason), _) => reason.as_str(),
        (None, Some(explanation)) => explanation.as_str(),
        (None, None) => "",
    };
    vec![
        (Role::Text, padded(&place.name, place_columns(wide))),
        (role, format!("{:>NUMBER$}", grouped(place.failures()))),
        (Role::Dim, format!("  {mostly}")),
    ]
}

/// What became of a recipient in the end.
pub(super) fn became(message: &Failing) -> (Role, &'static str) {
    match (message.delivered, message.fate) {
        (Some(_), _) => (Role::Good, "late"),
        (None, Fate::Deferred) => (Role::Warn, "waits"),
        (None, Fate::Rejected) => (Role::Note, "at door"),
        (None, fate) => (Role::Bad, fate.word()),
    }
}

fn message_spans(message: &Failing) -> Spans {
    let (role, word) = became(message);
    let when = time(message.last);
    let who = match (&*message.recipient, message.sender.as_deref()) {
        ("", Some(sender)) => format!("from {sender}"),
        ("", None) => "nobody named".to_owned(),
        (recipient, _) => recipient.to_owned(),
    };
    vec![
        (
            Role::Dim,
            format!("{:<12} ", when.get(5..).unwrap_or(&when)),
        ),
        (role, format!("{word:<8} ")),
        (Role::Text, format!("{who}  ")),
        (Role::Dim, message.reason().to_owned()),
    ]
}

/// `2025-03-03 09:12`
pub(super) fn time(at: i64) -> String {
    let at = jiff::Timestamp::from_second(at).map_or_else(|_| at.to_string(), |at| at.to_string());
    minute(Some(&at))
}

/// What a row says, for the search.
pub fn row_text(state: &State, at: usize) -> String {
    let wide = usize::from(state.panes.get(crate::tui::state::Pane::LogList).width);
    let row = state.logs.row(at).map(|row| spans(row, wide));
    row.map(|spans| plain(&spans)).unwrap_or_default()
}
