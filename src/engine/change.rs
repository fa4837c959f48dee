//! What a run is asked beside what it was started with.

use crate::case::MailAddress;
use crate::check::{Check, Observations, Request, Selector, smtp};
use crate::smtp::Login;
use std::time::Duration;

/// A change of a run's question. What hangs on it is asked again; the rest stays as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Log in at the submission ports.
    LogIn(Login),
    /// Name this mail to the mail hosts, as far as RCPT TO.
    Envelope {
        from: Option<MailAddress>,
        to: Option<MailAddress>,
    },
    /// Ask every mail host whether it takes mail for the sender's own address.
    RelayTest,
    /// Ask the hosts that put the mail off once more, after so long.
    ComeBack(Duration),
    /// Look for the keys of these DKIM selectors too.
    Selectors(Vec<Selector>),
}

impl Change {
    /// Enters it into what is asked.
    pub fn enter(&self, request: &mut Request) {
        match self {
            Self::LogIn(login) => request.login = Some(login.clone()),
            Self::Envelope { from, to } => {
                request.from.clone_from(from);
                request.to.clone_from(to);
                // It was agreed to for the sender who was named then.
                request.relay_test = false;
            }
            Self::RelayTest => request.relay_test = true,
            Self::ComeBack(after) => request.come_back = Some(*after),
            Self::Selectors(selectors) => {
                for selector in selectors {
                    if !request.selectors.contains(selector) {
                        request.selectors.push(selector.clone());
                    }
                }
            }
        }
    }

    /// The checks that have to be asked again for it.
    pub(super) fn concerns(&self, seen: &Observations) -> Vec<Check> {
        match self {
            Self::LogIn(_) => vec![Check::Submission],
            Self::Envelope { .. } | Self::RelayTest => seen
                .smtp
                .port25
                .keys()
                .map(|(host, address)| Check::Port25(host.clone(), *address))
                .collect(),
            Self::ComeBack(_) => smtp::put_off(seen),
            // Theirs are new checks, and the plan knows them.
            Self::Selectors(_) => Vec::new(),
        }
    }
}
