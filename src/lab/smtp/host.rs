//! A mail host as the dialogue knows it.

use crate::lab::setting::Script;
use rustls::ServerConfig;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What runs at one or several ports of a host.
#[derive(Clone, Debug)]
pub(crate) struct MailServer {
    pub name: String,
    pub role: Role,
    pub script: Script,
    /// Domains whose mail it takes from anyone.
    pub accepts: Vec<String>,
    /// Local parts that exist there; every one, when there is no list.
    pub mailboxes: Option<Vec<String>>,
    pub tls: Arc<ServerConfig>,
    pub greylist: Greylist,
}

/// Senders with their recipients, and when each pair came first (RFC 6647 section 2).
#[derive(Clone, Debug, Default)]
pub(crate) struct Greylist(Arc<Mutex<BTreeMap<(String, String), Duration>>>);

impl Greylist {
    /// Whether this pair came first at least so many seconds before `now`.
    pub(crate) fn lets_in(&self, pair: (&str, &str), seconds: u64, now: Duration) -> bool {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pair = (pair.0.to_ascii_lowercase(), pair.1.to_ascii_lowercase());
        let came = *first.entry(pair).or_insert(now);
        now.saturating_sub(came) >= Duration::from_secs(seconds)
    }
}

#[derive(Clone, Debug)]
pub(crate) enum Role {
    /// Takes mail from other servers.
    Transfer,
    /// Takes mail from people who log in (RFC 6409).
    Submission {
        /// Whether AUTH is offered under TLS.
        auth: bool,
        /// Passwords by user name; they are the tokens of OAuth too.
        users: BTreeMap<String, String>,
    },
}

impl MailServer {
    /// Whether there is such a mailbox here; the postmaster is always in (RFC 5321 section
    /// 4.5.1).
    pub(crate) fn has_mailbox(&self, local_part: &str) -> bool {
        local_part.eq_ignore_ascii_case("postmaster")
            || self.mailboxes.as_ref().is_none_or(|mailboxes| {
                mailboxes
                    .iter()
                    .any(|mailbox| mailbox.eq_ignore_ascii_case(local_part))
            })
    }

    pub(crate) fn accepts_domain(&self, domain: &str) -> bool {
        self.accepts
            .iter()
            .any(|accepted| accepted.eq_ignore_ascii_case(domain))
    }
}
