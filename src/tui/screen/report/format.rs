//! The forms in which the report can be written.

use crate::case::Case;
use crate::diagnosis::diagnose;
use crate::report::Report;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

/// Columns of the text form.
const COLUMNS: usize = 76;

impl Format {
    pub const ALL: [Self; 2] = [Self::Text, Self::Json];

    pub fn title(self) -> &'static str {
        match self {
            Self::Text => "Text",
            Self::Json => "JSON",
        }
    }

    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Json => "json",
        }
    }
}

/// The report on a case, in one of its forms.
pub fn render(format: Format, case: &Case, redact: bool) -> String {
    let report = Report::new(case, &diagnose(case));
    let text = match format {
        Format::Text => report.text(COLUMNS),
        // Every part of a report can be written as JSON.
        Format::Json => report.json().unwrap_or_default(),
    };
    if redact {
        crate::text::redacted(&text)
    } else {
        text
    }
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
