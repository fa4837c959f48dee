//! The forms in which a report can be written.

use super::{Report, html, markdown, text};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    Text,
    Markdown,
    Html,
    Json,
    /// JSON in one line.
    JsonLine,
}

/// Nothing that a report holds makes this happen.
#[derive(Debug, thiserror::Error)]
#[error("the report cannot be written as {form:?}: {why}")]
pub struct FormError {
    form: Form,
    why: String,
}

impl Report {
    /// The whole report, its end a line's end; text in lines of at most `columns`.
    pub fn written(&self, form: Form, columns: usize) -> Result<String, FormError> {
        let failed = |why: String| FormError { form, why };
        let mut out = match form {
            Form::Text => text::written(self, columns),
            Form::Markdown => markdown::written(self),
            Form::Html => html::written(self).map_err(|error| failed(error.to_string()))?,
            Form::Json => {
                serde_json::to_string_pretty(self).map_err(|error| failed(error.to_string()))?
            }
            Form::JsonLine => {
                serde_json::to_string(self).map_err(|error| failed(error.to_string()))?
            }
        };
        if !out.ends_with('\n') {
            out.push('\n');
        }
        Ok(out)
    }
}
