//! Everything that was observed in a run, by family.

use super::{Check, local, mx, ns, policy, registry, smtp, submission, webmail};
use crate::case::Transcript;

/// What came back to one check.
#[derive(Clone, Debug)]
pub enum Observation {
    Local(local::Observation),
    Registry(registry::Observation),
    Ns(ns::Observation),
    Mx(mx::Observation),
    Smtp(smtp::Observation),
    Policy(policy::Observation),
    Submission(submission::Observation),
    Webmail(webmail::Observation),
}

impl Observation {
    /// The SMTP sessions that were held for it.
    pub fn transcripts(&self) -> Vec<&Transcript> {
        match self {
            Self::Smtp(smtp) => smtp.transcript().into_iter().collect(),
            Self::Submission(submission) => submission.transcripts().collect(),
            _ => Vec::new(),
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Observations {
    pub local: local::Seen,
    pub registry: registry::Seen,
    pub ns: ns::Seen,
    pub mx: mx::Seen,
    pub smtp: smtp::Seen,
    pub policy: policy::Seen,
    pub submission: submission::Seen,
    pub webmail: webmail::Seen,
}

impl Observations {
    /// Keeps what came back to `check`, in the place of what was seen before.
    pub fn record(&mut self, check: &Check, observation: Observation) {
        match observation {
            Observation::Local(observation) => self.local.record(observation),
            Observation::Registry(observation) => self.registry.record(check, observation),
            Observation::Ns(observation) => self.ns.record(check, observation),
            Observation::Mx(observation) => self.mx.record(check, observation),
            Observation::Smtp(observation) => self.smtp.record(check, observation),
            Observation::Policy(observation) => self.policy.record(check, observation),
            Observation::Submission(observation) => self.submission.record(observation),
            Observation::Webmail(observation) => self.webmail.record(observation),
        }
    }
}
