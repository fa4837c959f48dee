//! A report without what identifies people.

use super::Report;
use crate::text::{SafeText, redacted};

impl Report {
    /// The same with local parts of addresses and IP addresses masked, everywhere.
    #[must_use]
    pub fn redacted(mut self) -> Self {
        let mask = |text: &mut SafeText| *text = redacted(text).into();
        mask(&mut self.target);
        mask(&mut self.verdict.summary);
        for finding in &mut self.findings {
            mask(&mut finding.subject);
            mask(&mut finding.summary);
            mask(&mut finding.reproduce);
            mask(&mut finding.fix);
            finding.evidence.iter_mut().for_each(mask);
        }
        for check in &mut self.checks {
            mask(&mut check.subject);
            mask(&mut check.detail);
        }
        for step in &mut self.critical_path {
            mask(&mut step.subject);
        }
        for session in &mut self.sessions {
            mask(&mut session.host);
            mask(&mut session.address);
            for line in &mut session.transcript {
                mask(&mut line.line);
            }
        }
        for answer in self.answers.values_mut() {
            *answer = redacted(answer);
        }
        let told = self.came_back.iter_mut();
        for told in told.flat_map(|told| &mut told.deliveries) {
            told.recipient.iter_mut().for_each(mask);
            told.original_recipient.iter_mut().for_each(mask);
            told.remote_host.iter_mut().for_each(mask);
            mask(&mut told.diagnostic);
            mask(&mut told.explanation);
            mask(&mut told.fix);
        }
        self.trace = super::trace(&self.answers);
        self.because.iter_mut().for_each(mask);
        self.next_steps.iter_mut().for_each(mask);
        self.notes.iter_mut().for_each(mask);
        self
    }
}
