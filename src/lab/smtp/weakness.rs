//! What a host does that has one of the faults of [`Weakness`], and what a sound one does there.

use super::dialogue::Dialogue;
use super::host::MailServer;
use super::turn::Turn;
use crate::lab::setting::Weakness;
use crate::net::Clock;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};

/// How long a host that turns early talkers away listens before it greets.
const GREET_WAIT: Duration = Duration::from_secs(1);
/// The longest end of a message.
const LONGEST: usize = 5;

impl MailServer {
    pub(super) fn is_weak(&self, weakness: Weakness) -> bool {
        self.script.weak.contains(&weakness)
    }
}

impl Dialogue<'_> {
    /// VRFY and EXPN (RFC 5321 section 3.5).
    pub(super) fn verify(&self, verb: &str, argument: &str) -> Turn {
        let weakness = if verb == "VRFY" {
            Weakness::Vrfy
        } else {
            Weakness::Expn
        };
        if !self.host.is_weak(weakness) {
            return Turn::say(if verb == "VRFY" {
                "252 2.0.0 Cannot VRFY user, but will take a message and try"
            } else {
                "502 5.5.1 EXPN is not offered here"
            });
        }
        let local_part = argument.split('@').next().unwrap_or_default();
        let taken = self.host.script.rcpt.get(local_part);
        let taken = taken.and_then(|lines| lines.as_slice().last());
        let exists = local_part.eq_ignore_ascii_case("postmaster")
            || taken.is_some_and(|line| line.starts_with('2'))
            || (self.host.mailboxes.is_some() && self.host.has_mailbox(local_part));
        Turn::say(if exists {
            format!("250 2.1.5 <{argument}>")
        } else {
            format!("550 5.1.1 <{argument}>: User unknown")
        })
    }

    /// Whether a recipient of this host's own domain names one of another, and is relayed to.
    pub(super) fn relays_hidden(&self, local_part: &str) -> bool {
        self.host.is_weak(Weakness::PercentHack) && local_part.contains(['%', '!', '@'])
    }
}

/// Whether the client says something before it is greeted.
pub(super) async fn talks_early(
    stream: &mut (impl AsyncBufRead + Unpin),
    clock: Clock,
) -> io::Result<bool> {
    match clock.timeout(GREET_WAIT, stream.fill_buf()).await {
        Ok(bytes) => Ok(!bytes?.is_empty()),
        Err(_) => Ok(false),
    }
}

/// Finds the end of a message in its octets.
pub(super) struct Ending {
    ends: Vec<&'static [u8]>,
    tail: [u8; LONGEST],
}

impl Ending {
    pub(super) fn of(host: &MailServer) -> Self {
        let mut ends: Vec<&'static [u8]> = vec![b"\r\n.\r\n"];
        if host.is_weak(Weakness::SmugglingLf) {
            ends.extend([&b"\n.\n"[..], b"\n.\r\n"]);
        }
        if host.is_weak(Weakness::SmugglingCr) {
            ends.push(b"\r.\r");
        }
        Self {
            ends,
            // The 354 stands at the end of a line.
            tail: *b"\0\0\0\r\n",
        }
    }

    /// How many of these octets belong to the message that ends in them.
    pub(super) fn within(&mut self, octets: &[u8]) -> Option<usize> {
        for (at, octet) in octets.iter().enumerate() {
            self.tail.rotate_left(1);
            self.tail[LONGEST - 1] = *octet;
            if self.ends.iter().any(|end| self.tail.ends_with(end)) {
                return Some(at + 1);
            }
        }
        None
    }
}
