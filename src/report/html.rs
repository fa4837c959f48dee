//! The report as one HTML file, with nothing from outside in it.

use super::Report;
use super::parts::Parts;
use askama::Template;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'a> {
    report: &'a Report,
    parts: Parts<'a>,
}

pub(super) fn written(report: &Report) -> askama::Result<String> {
    Page {
        report,
        parts: Parts::of(report),
    }
    .render()
}
