//! How long a client waits (RFC 5321 section 4.5.3.2).

use super::stage::Stage;
use std::time::Duration;

/// How long to wait for each reply. It counts from when the wait began, not from the last byte:
/// a server that drips one byte a second gains nothing by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For the greeting.
    pub greeting: Duration,
    pub mail: Duration,
    pub rcpt: Duration,
    /// For the 354 to DATA.
    pub data: Duration,
    /// For writing one block of the message.
    pub block: Duration,
    /// For the reply to the final dot: the server may be delivering.
    pub message: Duration,
    /// For every other command; the standard names none.
    pub other: Duration,
    /// For the TLS handshake; the standard names none.
    pub handshake: Duration,
}

const fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

impl Timeouts {
    /// The least that RFC 5321 section 4.5.3.2 lets a client wait.
    pub const STANDARD: Self = Self {
        greeting: minutes(5),
        mail: minutes(5),
        rcpt: minutes(5),
        data: minutes(2),
        block: minutes(3),
        message: minutes(10),
        other: minutes(5),
        handshake: minutes(1),
    };

    /// None longer than `most`.
    #[must_use]
    pub fn at_most(self, most: Duration) -> Self {
        Self {
            greeting: self.greeting.min(most),
            mail: self.mail.min(most),
            rcpt: self.rcpt.min(most),
            data: self.data.min(most),
            block: self.block.min(most),
            message: self.message.min(most),
            other: self.other.min(most),
            handshake: self.handshake.min(most),
        }
    }

    /// How long to wait for the reply at `stage`.
    pub fn of(&self, stage: Stage) -> Duration {
        match stage {
            Stage::Connect => self.greeting,
            Stage::Mail => self.mail,
            Stage::Rcpt => self.rcpt,
            Stage::Data => self.data,
            Stage::Bdat => self.block,
            Stage::Message => self.message,
            _ => self.other,
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::STANDARD
    }
}
