//! The forms in which the report can be written.

use crate::case::Case;
use crate::diagnosis::diagnose;
use crate::report::{Form, Report};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Markdown,
    Html,
    Json,
}

/// Columns of the text form.
const COLUMNS: usize = 76;

impl Format {
    pub const ALL: [Self; 4] = [Self::Text, Self::Markdown, Self::Html, Self::Json];

    pub fn title(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Markdown => "Markdown",
            Self::Html => "HTML",
            Self::Json => "JSON",
        }
    }

    fn form(self) -> Form {
        match self {
            Self::Text => Form::Text,
            Self::Markdown => Form::Markdown,
            Self::Html => Form::Html,
            Self::Json => Form::Json,
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Json => "json",
        }
    }
}

/// The report on a case, in one of its forms.
pub fn render(format: Format, case: &Case, redact: bool) -> String {
    let mut report = Report::new(case, &diagnose(case));
    if redact {
        report = report.redacted();
    }
    report
        .written(format.form(), COLUMNS)
        .unwrap_or_else(|error| error.to_string())
}

/// A file name without its ending: domain and time, nothing that a server said.
pub(super) fn stem(case: &Case) -> String {
    let domain = case
        .target
        .as_ref()
        .map_or("case", |target| target.domain());
    format!(
        "smtp-tui-{domain}-{}",
        case.started_at.strftime("%Y%m%d-%H%M")
    )
}
