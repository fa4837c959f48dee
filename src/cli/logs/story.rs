//! One message's whole story.

use super::super::exit::{self, Failure};
use super::super::written;
use super::{Format, json};
use crate::maillog::Story;
use crate::text::SafeText;
use std::process::ExitCode;

pub(super) fn told(format: Format, wanted: &str, stories: &[Story]) -> Result<ExitCode, Failure> {
    if stories.is_empty() {
        let wanted = SafeText::from(wanted);
        return Err(
            Failure::new(exit::NO_INPUT, format!("no message fits `{wanted}`"))
                .hint("a queue id, a Message-ID or an address, as the log has it"),
        );
    }
    let out = match format {
        Format::Json => json(format, &stories)?,
        Format::Jsonl => stories
            .iter()
            .map(|story| json(format, story))
            .collect::<Result<_, _>>()?,
        Format::Text | Format::Markdown => {
            stories.iter().map(|story| story.text() + "\n").collect()
        }
    };
    written(out.as_bytes())
}
