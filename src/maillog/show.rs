//! The account on one screen, the worst first; and as Markdown.

use super::summary::{Failed, Place, Summary};
use crate::text::truncated;
use std::fmt::Write as _;

const COLUMNS: usize = 100;

impl Summary {
    /// At most some forty lines for a terminal. `lines` and `unread`: of the log.
    pub fn text(&self, lines: u64, unread: u64, top: usize) -> String {
        let mut out = String::new();
        let mut say = |line: &str| {
            out.push_str(truncated(line, COLUMNS).trim_end());
            out.push('\n');
        };
        for line in self.head(lines, unread) {
            say(&line);
        }
        say("");
        if self.failures.is_empty() {
            say("Nothing failed.");
        } else {
            say(
                "What failed, worst first        lost  waiting     late  at door  first        last",
            );
        }
        for failed in self.failures.iter().take(top) {
            say(&row(failed));
            let whose = failed
                .causes
                .first()
                .map_or("", |one| one.cause.whose.words());
            say(&format!("    {} [{whose}]", failed.fix()));
        }
        for line in self.chart() {
            say(&line);
        }
        let lists = [
            ("By domain", &self.domains),
            ("By remote host", &self.hosts),
            ("By sender", &self.senders),
            ("By enhanced code", &self.codes),
        ];
        for pair in lists.chunks(2) {
            let [left, right] = pair else { continue };
            if left.1.is_empty() && right.1.is_empty() {
                continue;
            }
            let rows = top.min(4);
            say(&format!("{:<50}{}", left.0, right.0));
            for place in 0..rows.min(left.1.len().max(right.1.len())) {
                let of = |list: &[Place]| list.get(place).map_or_else(String::new, cell);
                say(&format!("{:<50}{}", of(left.1), of(right.1)));
            }
        }
        if self.approximate {
            say(
                "More names than are kept: those that are rare are not counted, the others nearly.",
            );
        }
        out
    }

    fn head(&self, lines: u64, unread: u64) -> Vec<String> {
        let counts = &self.counts;
        vec![
            format!(
                "{} to {}, {} lines, {} of them not understood (`--unread` shows them)",
                minute(self.first.as_deref()),
                minute(self.last.as_deref()),
                grouped(lines),
                grouped(unread)
            ),
            format!(
                "{} messages to {} recipients; {} notifications of failures",
                grouped(counts.messages),
                grouped(counts.recipients),
                grouped(counts.notifications)
            ),
            format!(
                "delivered {} ({} after a wait)   bounced {}   expired {}   waiting {}   turned away {}",
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
        let steps = &self.queue.steps;
        if steps.len() < 2 {
            return Vec::new();
        }
        let step = match self.queue.step_seconds {
            seconds if seconds % 86_400 == 0 => format!("{} d", seconds / 86_400),
            seconds if seconds >= 7200 => {
                format!("{} h {} min", seconds / 3600, seconds % 3600 / 60)
            }
            seconds => format!("{} min", seconds / 60),
        };
        let mut rows = vec![format!(
            "Over time, from {}, one column is {step}",
            minute(Some(&self.queue.begins))
        )];
        let column = |of: fn(&super::Step) -> u64| steps.iter().map(of).collect::<Vec<_>>();
        for (name, values) in [
            ("in queue", self.queue.size.clone()),
            ("delivered", column(|step| step.sent)),
            ("put off", column(|step| step.deferred)),
            ("bounced", column(|step| step.bounced + step.expired)),
        ] {
            let most = values.iter().copied().max().unwrap_or_default();
            rows.push(format!(
                "{name:<10}{} most {}",
                bars(&values),
                grouped(most)
            ));
        }
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

fn row(failed: &Failed) -> String {
    format!(
        "  {:<20}{:>12}{:>9}{:>9}{:>9}  {:<12} {}",
        failed.reason,
        grouped(failed.bounced + failed.expired),
        grouped(failed.waiting),
        grouped(failed.delivered_later),
        grouped(failed.rejected),
        day(&failed.first),
        day(&failed.last)
    )
}

fn cell(place: &Place) -> String {
    let reason = place.reason.as_deref().unwrap_or_default();
    let name = truncated(&place.name, 26);
    format!("  {:>7} {name:<26} {reason}", grouped(place.failures()))
}

/// A name in code marks: nothing in it is Markdown.
fn cited(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "&lt;")
}

/// `2025-03-03 09:12`
fn minute(time: Option<&str>) -> String {
    let time = time.unwrap_or("?");
    time.get(..16).unwrap_or(time).replace('T', " ")
}

/// `03-03 09:12`
fn day(time: &str) -> String {
    time.get(5..16).unwrap_or(time).replace('T', " ")
}

/// `1,234,567`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// One column a value, as high as it is against the highest.
fn bars(values: &[u64]) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = values.iter().copied().max().unwrap_or_default().max(1);
    let bar = |value: &u64| {
        if *value == 0 {
            return ' ';
        }
        let height = u128::from(*value) * 7 / u128::from(most);
        usize::try_from(height)
            .ok()
            .and_then(|height| HEIGHTS.get(height).copied())
            .unwrap_or('█')
    };
    values.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_bars_are_readable() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(123_456), "123,456");
        assert_eq!(grouped(1_000_000), "1,000,000");
        assert_eq!(bars(&[0, 1, 50, 100]), " ▁▄█");
    }
}
