//! The report as Markdown, for a ticket.

use super::parts::{Parts, spoken};
use super::{CameBack, Report};
use crate::case::Finding;
use crate::trace;

pub(super) fn written(report: &Report) -> String {
    let mut page = Page::default();
    let parts = Parts::of(report);
    page.line(&format!(
        "# {}: {}",
        plain(&report.target),
        report.verdict.status.word()
    ));
    page.paragraph(&format!("**{}**", plain(&report.verdict.summary)));
    page.paragraph(&format!(
        "Checked {} in {} ms{}.",
        report.started_at,
        report.elapsed_ms,
        report.lab.as_ref().map_or_else(String::new, |name| format!(
            ", in the practice world ({})",
            plain(name)
        ))
    ));
    page.findings("The cause", &parts.causes);
    if let Some(because) = &report.because {
        page.heading("What follows from it");
        page.paragraph(&plain(because));
        for finding in &parts.consequences {
            page.item(&format!(
                "{}: {}",
                code(finding.id.as_str()),
                plain(&finding.summary)
            ));
        }
    }
    page.findings("Another cause, beside that", &parts.further);
    page.findings("What else is worth mending", &parts.others);
    if let Some(came_back) = &report.came_back {
        page.came_back(came_back);
    }
    if !parts.missing.is_empty() {
        page.heading("What could not be checked");
        for check in &parts.missing {
            page.item(&format!(
                "{} {}: {}",
                check.group,
                plain(&check.subject),
                plain(&check.detail)
            ));
        }
    }
    page.items(
        "What to do next",
        report.next_steps.iter().map(|step| plain(step)),
    );
    page.items(
        "Answers",
        report
            .answers
            .iter()
            .map(|(question, answer)| format!("{question}: {}", plain(answer))),
    );
    page.items("Notes", report.notes.iter().map(|note| plain(note)));
    if !report.checks.is_empty() {
        page.heading("Checks");
        page.line("| result | check | of | what was seen | ms |");
        page.line("| --- | --- | --- | --- | ---: |");
        for check in &report.checks {
            page.line(&format!(
                "| {} | {} | {} | {} | {} |",
                check.status,
                check.group,
                plain(&check.subject),
                plain(&check.detail),
                check.elapsed_ms
            ));
        }
    }
    if let Some(trace) = &report.trace {
        page.heading("The way of the message");
        page.verbatim(trace::plain(trace, 100).into_iter());
    }
    for session in &report.sessions {
        page.heading(&format!(
            "Session with {} ({}) port {}",
            plain(&session.host),
            plain(&session.address),
            session.port
        ));
        page.verbatim(session.transcript.iter().map(spoken));
    }
    page.text
}

/// Text that stays text: nothing in it is markup, a link or HTML.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // A backslash before any ASCII punctuation takes its meaning away (CommonMark 2.4).
            // The colon and the point are left to the eye, save where they would make a link.
            '\n' | '\r' | '\t' => out.push(' '),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!'
            | '&' | '@' | '=' | '+' | '$' | '^' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    // An address of the Web is made a link by itself where a ticket system does so (GFM 6.9).
    let out = out.replace("://", "\\://").replace("www.", "www\\.");
    // A line that begins with these would be a list.
    match out.chars().next() {
        Some('-') => format!("\\{out}"),
        _ => out,
    }
}

/// A code span that the text cannot leave.
fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    format!("{fence} {text} {fence}").replace('\n', " ")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn heading(&mut self, text: &str) {
        self.line("");
        self.line(&format!("## {text}"));
        self.line("");
    }

    fn paragraph(&mut self, text: &str) {
        self.line("");
        self.line(text);
    }

    fn item(&mut self, text: &str) {
        self.line(&format!("- {text}"));
    }

    fn items(&mut self, heading: &str, items: impl Iterator<Item = String>) {
        let mut items = items.peekable();
        if items.peek().is_some() {
            self.heading(heading);
            items.for_each(|item| self.item(&item));
        }
    }

    /// A code block that none of its lines can end.
    fn verbatim(&mut self, lines: impl Iterator<Item = String>) {
        let lines: Vec<String> = lines.collect();
        let longest = lines
            .iter()
            .map(|line| longest_run(line))
            .max()
            .unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        self.line(&format!("{fence}text"));
        for line in &lines {
            self.line(line);
        }
        self.line(&fence);
    }

    fn came_back(&mut self, came_back: &CameBack) {
        self.heading("What came back");
        for told in &came_back.deliveries {
            if let Some(headline) = came_back.headline(told) {
                self.line(&format!("### {}", plain(&headline)));
            }
            if let Some(said) = told.said() {
                self.line("");
                self.verbatim(std::iter::once(said));
            }
            self.paragraph(&plain(&told.why()));
            self.paragraph(&format!("**To do:** {}", plain(&told.fix)));
            self.line("");
        }
    }

    fn findings(&mut self, heading: &str, findings: &[&Finding]) {
        if findings.is_empty() {
            return;
        }
        self.heading(heading);
        for finding in findings {
            self.line(&format!(
                "### {} {}",
                code(finding.id.as_str()),
                plain(&finding.subject)
            ));
            self.paragraph(&plain(&finding.summary));
            if !finding.evidence.is_empty() {
                self.line("");
                self.verbatim(finding.evidence.iter().map(ToString::to_string));
            }
            self.paragraph(&format!("To see it: {}", code(&finding.reproduce)));
            self.paragraph(&format!("**To mend it:** {}", plain(&finding.fix)));
            self.line("");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(
            plain("<script>a|b](http://x.example)"),
            "\\<script\\>a\\|b\\](http\\://x.example)"
        );
        assert_eq!(plain("- item\n# heading"), "\\- item \\# heading");
        assert_eq!(code("a `` b"), "``` a `` b ```");
    }

    proptest! {
        #[test]
        fn a_line_cannot_end_its_block(lines in proptest::collection::vec("[`~a ]{0,12}", 0..6)) {
            let mut page = Page::default();
            page.verbatim(lines.clone().into_iter());
            let fence = page.text.lines().last().unwrap().to_owned();
            for line in &lines {
                prop_assert!(!line.contains(&fence));
            }
        }
    }
}
