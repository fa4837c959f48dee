//! The account on one screen, the worst first; and as Markdown.

mod chart;
mod story;

pub use chart::{Chart, ChartRow};

use super::deliveries::deliveries;
use super::summary::{Failed, Place, Summary};
use crate::text::{SafeText, columns, grouped, truncated, wrapped};
use std::fmt::Write as _;

const COLUMNS: usize = 80;
/// Lines of what is to be done about one reason.
const FIX_LINES: usize = 2;
/// Columns of the chart of the queue.
const CHART: usize = 56;
/// Rows of the lists by domain, host, sender and code.
const ROWS: usize = 3;

impl Summary {
    /// At most forty lines for a terminal where `top`, the reasons told of, is five. `lines`
    /// and `unread`: of the log.
    pub fn text(&self, lines: u64, unread: u64, top: usize) -> String {
        let head = self.head(lines, unread);
        let mut out: Vec<String> = head
            .iter()
            .flat_map(|line| wrapped(line, COLUMNS))
            .collect();
        out.push(String::new());
        if self.failures.is_empty() {
            out.push("Nothing failed.".to_owned());
        } else {
            out.push(format!(
                "{:<16}{:>9}{:>9}{:>9}{:>9}",
                "What failed", "lost", "waiting", "late", "at door"
            ));
        }
        for failed in self.failures.iter().take(top) {
            out.extend(reason(failed));
        }
        let rest: Vec<String> = self.failures.iter().skip(top).map(short).collect();
        if !rest.is_empty() {
            out.push(format!("and {}", rest.join(", ")));
        }
        out.extend(self.chart());
        out.extend(beside(
            ("By domain", &self.domains, &cell),
            ("By remote host", &self.hosts, &host_cell),
        ));
        out.extend(beside(
            ("By sender", &self.senders, &cell),
            ("By enhanced code", &self.codes, &code_cell),
        ));
        if self.approximate {
            out.push("More names than are kept: the rare ones are not counted.".to_owned());
        }
        out.iter()
            .flat_map(|line| {
                [
                    truncated(line, COLUMNS).trim_end().to_owned(),
                    "\n".to_owned(),
                ]
            })
            .collect()
    }

    fn head(&self, lines: u64, unread: u64) -> Vec<String> {
        let counts = &self.counts;
        vec![
            format!(
                "{} to {}, {} lines{}",
                minute(self.first.as_deref()),
                minute(self.last.as_deref()),
                grouped(lines),
                match unread {
                    0 => String::new(),
                    unread => format!(", {} not understood (--unread)", grouped(unread)),
                }
            ),
            format!(
                "{} messages to {} recipients, {} notifications of failures",
                grouped(counts.messages),
                grouped(counts.recipients),
                grouped(counts.notifications)
            ),
            format!(
                "delivered {} ({} late), bounced {}, expired {}, waiting {}, turned away {}",
                grouped(counts.sent),
                grouped(counts.delivered_later),
                grouped(counts.bounced),
                grouped(counts.expired),
                grouped(counts.still_queued),
                grouped(counts.rejected)
            ),
        ]
    }

    fn chart(&self) -> Vec<String> {
        let Some(chart) = self.queue.chart(CHART) else {
            return Vec::new();
        };
        let mut rows = vec![chart.title];
        rows.extend(
            chart
                .rows
                .into_iter()
                .map(|row| format!("{:<9}{} most {}", row.name, row.bars, grouped(row.most))),
        );
        rows
    }

    /// All lists, for a ticket or a wiki.
    pub fn markdown(&self, lines: u64, unread: u64, top: usize) -> String {
        let mut out = String::from("# Mail log\n\n");
        for line in self.head(lines, unread) {
            let _ = writeln!(out, "- {}", cited(&line));
        }
        out.push_str("\n## What failed\n\n| reason | bounced | expired | waiting | delivered later | turned away | first | last |\n| --- | --: | --: | --: | --: | --: | --- | --- |\n");
        for failed in self.failures.iter().take(top) {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                failed.reason,
                failed.bounced,
                failed.expired,
                failed.waiting,
                failed.delivered_later,
                failed.rejected,
                failed.first,
                failed.last
            );
        }
        for failed in self.failures.iter().take(top) {
            let _ = writeln!(out, "\n### {}\n", failed.reason);
            if let Some(one) = failed.causes.first() {
                let cause = &one.cause;
                let _ = writeln!(
                    out,
                    "{} {} Whose move: {}.\n",
                    cause.meaning,
                    cause.fix,
                    cause.whose.words()
                );
            }
            let _ = writeln!(out, "    {}", failed.example);
        }
        for (title, places) in [
            ("By domain", &self.domains),
            ("By remote host", &self.hosts),
            ("By sender", &self.senders),
            ("By enhanced code", &self.codes),
        ] {
            let _ = writeln!(
                out,
                "\n## {title}\n\n| name | bounced | expired | put off | turned away | mostly |\n| --- | --: | --: | --: | --: | --- |"
            );
            for place in places.iter().take(top) {
                let _ = writeln!(
                    out,
                    "| {} | {} | {} | {} | {} | {} |",
                    cited(&place.name),
                    place.bounced,
                    place.expired,
                    place.deferred_events,
                    place.rejected,
                    place.reason.as_deref().unwrap_or_default()
                );
            }
        }
        out
    }
}

/// A reason: how many, when; what to do, and whose move it is; one that shows it.
fn reason(failed: &Failed) -> Vec<String> {
    let mut rows = vec![format!(
        "{:<16}{:>9}{:>9}{:>9}{:>9}  {} to {}",
        failed.reason,
        grouped(failed.bounced + failed.expired),
        grouped(failed.waiting),
        grouped(failed.delivered_later),
        grouped(failed.rejected),
        day(&failed.first),
        day(&failed.last)
    )];
    let whose = failed.causes.first().map(|one| one.cause.whose.words());
    let fix = format!("{} [{}]", failed.fix(), whose.unwrap_or_default());
    let mut lines = wrapped(&fix, COLUMNS - 2);
    if lines.len() > FIX_LINES {
        // Whose move it is does not go with the end.
        let whose = whose.unwrap_or_default();
        lines.truncate(FIX_LINES);
        let room = COLUMNS.saturating_sub(whose.len() + 5);
        if let Some(last) = lines.last_mut() {
            *last = format!("{} [{whose}]", truncated(&format!("{last} …"), room));
        }
    }
    rows.extend(lines.iter().map(|line| format!("  {line}")));
    rows.push(format!("  e.g. {}", example(&failed.example)));
    rows
}

/// Whom it hit, and in what words: both find the line again.
fn example(line: &SafeText) -> String {
    let told = deliveries(line).into_iter().next();
    let Some(told) = told.filter(|told| !told.diagnostic.is_empty()) else {
        return line.to_string();
    };
    match &told.recipient {
        Some(recipient) => format!("{recipient}: {}", told.diagnostic),
        None => told.diagnostic.to_string(),
    }
}

fn short(failed: &Failed) -> String {
    let count = failed.lost() + failed.rejected;
    if count == 0 {
        format!("{} {} late", failed.reason, grouped(failed.delivered_later))
    } else {
        format!("{} {}", failed.reason, grouped(count))
    }
}

/// A list: its title, and how an entry of it is written.
type List<'a> = (&'a str, &'a Vec<Place>, &'a dyn Fn(&Place) -> String);

fn beside(left: List<'_>, right: List<'_>) -> Vec<String> {
    let half = COLUMNS / 2;
    let rows = left.1.len().max(right.1.len()).min(ROWS);
    if rows == 0 {
        return Vec::new();
    }
    let mut out = vec![format!("{:<half$}{}", left.0, right.0)];
    for row in 0..rows {
        let of = |(_, list, cell): List<'_>| list.get(row).map_or_else(String::new, cell);
        let left = truncated(&of(left), half - 1);
        out.push(format!("{}{}", padded(&left, half), of(right)));
    }
    out
}

/// A name with its failures and the most frequent reason.
fn cell(place: &Place) -> String {
    let reason = place.reason.as_deref().unwrap_or_default();
    let name = truncated(&place.name, 18);
    format!(
        "{:>8} {} {reason}",
        grouped(place.failures()),
        padded(&name, 18)
    )
}

/// A host's name may be long, and its address stands behind it.
fn host_cell(place: &Place) -> String {
    format!("{:>8} {}", grouped(place.failures()), place.name)
}

fn code_cell(place: &Place) -> String {
    let meaning = place.explanation.as_deref().unwrap_or_default();
    format!(
        "{:>8} {:<6} {meaning}",
        grouped(place.failures()),
        place.name
    )
}

/// Filled with spaces to a width on the screen.
fn padded(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(columns(text));
    format!("{text}{}", " ".repeat(missing))
}

/// A name in code marks: nothing in it is Markdown.
fn cited(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

/// A time of RFC 3339 without its seconds: `2025-03-03 09:12`.
pub fn minute(time: Option<&str>) -> String {
    let time = time.unwrap_or("?");
    time.get(..16).unwrap_or(time).replace('T', " ")
}

/// `03-03 09:12`
fn day(time: &str) -> String {
    time.get(5..16).unwrap_or(time).replace('T', " ")
}
