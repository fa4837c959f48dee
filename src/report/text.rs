//! The report as plain text.

use super::parts::Parts;
use super::{CameBack, Report};
use crate::case::Finding;
use crate::text::wrapped;
use crate::trace::plain;

pub(super) fn written(report: &Report, columns: usize) -> String {
    let mut page = Page {
        columns: columns.max(20),
        out: String::new(),
    };
    let status = report.verdict.status.word().to_uppercase();
    page.paragraph(0, &format!("{}: {status}", report.target));
    page.paragraph(0, &report.verdict.summary);
    let parts = Parts::of(report);
    page.findings("The cause", &parts.causes);
    if let Some(because) = &report.because {
        page.heading("What follows from it");
        page.paragraph(2, because);
        for finding in &parts.consequences {
            page.paragraph(2, &format!("- {}: {}", finding.id, finding.summary));
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
            page.paragraph(
                2,
                &format!("- {} {}: {}", check.group, check.subject, check.detail),
            );
        }
    }
    if !report.next_steps.is_empty() {
        page.heading("What to do next");
        for step in &report.next_steps {
            page.paragraph(2, &format!("- {step}"));
        }
    }
    if let Some(trace) = &report.trace {
        page.heading("The way of the message");
        for line in plain(trace, page.columns) {
            page.verbatim(&line);
        }
    }
    page.heading("Checks");
    for check in &report.checks {
        page.paragraph(
            2,
            &format!(
                "{:<12} {:<8} {}: {}",
                check.status, check.group, check.subject, check.detail
            ),
        );
    }
    page.out
}

struct Page {
    columns: usize,
    out: String,
}

impl Page {
    fn heading(&mut self, text: &str) {
        self.out.push('\n');
        self.paragraph(0, text);
    }

    fn verbatim(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn paragraph(&mut self, indent: usize, text: &str) {
        for line in wrapped(text, self.columns.saturating_sub(indent)) {
            self.out.push_str(&" ".repeat(indent));
            self.out.push_str(&line);
            self.out.push('\n');
        }
    }

    fn came_back(&mut self, came_back: &CameBack) {
        self.heading("What came back");
        for told in &came_back.deliveries {
            if let Some(headline) = came_back.headline(told) {
                self.paragraph(2, &headline);
            }
            if let Some(said) = told.said() {
                self.paragraph(6, &said);
            }
            self.paragraph(4, &format!("Why: {}", told.why()));
            self.paragraph(4, &format!("To do: {}", told.fix));
        }
    }

    fn findings(&mut self, heading: &str, findings: &[&Finding]) {
        if findings.is_empty() {
            return;
        }
        self.heading(heading);
        for finding in findings {
            self.paragraph(2, &format!("{} ({})", finding.id, finding.subject));
            self.paragraph(4, &finding.summary);
            for line in &finding.evidence {
                self.paragraph(6, line);
            }
            self.paragraph(4, &format!("To see it: {}", finding.reproduce));
            self.paragraph(4, &format!("To mend it: {}", finding.fix));
        }
    }
}
