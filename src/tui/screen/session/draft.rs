//! The message that is written for a live session.

use crate::case::Case;
use crate::tui::widget::Field;

#[derive(Clone, Debug)]
pub struct Draft {
    pub from: Field,
    pub to: Field,
    pub subject: Field,
    pub body: Field,
}

impl Draft {
    pub fn new(case: &Case) -> Self {
        let mut draft = Self {
            from: Field::line(""),
            to: Field::line(""),
            subject: Field::line("Test message"),
            body: Field::area("Hello,\n\nthis is a test message.\n"),
        };
        draft.fill(case);
        draft
    }

    /// Fills what is still empty with what the case knows.
    pub fn fill(&mut self, case: &Case) {
        let to = case
            .to
            .clone()
            .or_else(|| case.target.as_ref().and_then(crate::case::Target::address));
        fill(&mut self.from, case.from.as_ref().map(ToString::to_string));
        fill(&mut self.to, to.map(|to| to.to_string()));
    }

    /// Fills what is still empty from the envelope of the transaction.
    pub fn take_envelope(&mut self, sender: &str, recipients: &[String]) {
        fill(&mut self.from, Some(sender.to_owned()));
        fill(&mut self.to, Some(recipients.join(", ")));
    }

    /// Puts a line of its own at the end of the text.
    pub fn add_line(&mut self, line: &str) {
        let text = self.body.text();
        let text = text.trim_end_matches('\n');
        self.body.set(&format!("{text}\n\n{line}\n"));
        self.body.to_end();
    }

    /// `3 lines, 40 octets`: what is written here, with its line ends.
    pub fn size(&self) -> String {
        let lines = self.body.lines();
        let octets: usize = lines.iter().map(|line| line.len() + 2).sum();
        format!("{} lines, {octets} octets", lines.len())
    }

    /// The headers that were written; the connection adds what RFC 5322 section 3.6 demands
    /// beside them.
    pub fn headers(&self) -> Vec<(String, String)> {
        [
            ("From", &self.from),
            ("To", &self.to),
            ("Subject", &self.subject),
        ]
        .into_iter()
        .map(|(name, field)| (name.to_owned(), field.text().trim().to_owned()))
        .filter(|(_, value)| !value.is_empty())
        .collect()
    }
}

fn fill(field: &mut Field, text: Option<String>) {
    if let Some(text) = text.filter(|text| field.is_empty() && !text.is_empty()) {
        field.set(&text);
    }
}
