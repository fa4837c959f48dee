//! What a person's mail program needs to send: the submission ports (RFC 6409, RFC 8314).
//!
//! What the domain publishes is asked first, then every port is tried, and with each that
//! answers a session is held as a mail program would hold it: greeting, EHLO, STARTTLS, EHLO,
//! the login where the user gave one, QUIT. No mail transaction is begun.
//!
//! Only hosts of which it is known that users depend on them can have something wrong with
//! them; what answers at a guessed name may be made for something else.

mod ask;
mod autoconfig;
mod host;
mod judge;
mod published;
mod session;
mod show;
#[cfg(test)]
mod tests;

pub use ask::{Ports, Try};
pub use host::{Encryption, Known};
pub use judge::{judge, measure};
pub use published::{Looked, Published};
pub use session::Held;
pub use show::row;

use super::Context;
use crate::case::Transcript;

#[derive(Clone, Debug)]
pub enum Observation {
    Ports(Box<Ports>),
}

impl Observation {
    /// The sessions that were held.
    pub fn transcripts(&self) -> impl Iterator<Item = &Transcript> {
        let Self::Ports(ports) = self;
        ports.sessions().map(|(_, held)| &held.dialogue.transcript)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub ports: Option<Ports>,
}

impl Seen {
    pub fn record(&mut self, observation: Observation) {
        let Observation::Ports(ports) = observation;
        self.ports = Some(*ports);
    }
}

pub async fn ask(context: &Context) -> super::Observation {
    let ports = ask::ask(context).await;
    super::Observation::Submission(Observation::Ports(Box::new(ports)))
}
