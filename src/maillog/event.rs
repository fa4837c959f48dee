//! What one line says, in slices of the line.

/// The mail server that wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Software {
    Postfix,
    Exim,
    Sendmail,
    OpenSmtpd,
    Qmail,
}

/// What became of a recipient at one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    Sent,
    Deferred,
    Bounced,
    /// Deferred until the message was too old.
    Expired,
    /// Turned away while it was offered: it was never in the queue.
    Rejected,
}

impl Fate {
    pub const ALL: [Self; 5] = [
        Self::Sent,
        Self::Deferred,
        Self::Bounced,
        Self::Expired,
        Self::Rejected,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Deferred => "deferred",
            Self::Bounced => "bounced",
            Self::Expired => "expired",
            Self::Rejected => "rejected",
        }
    }

    pub fn is_failure(self) -> bool {
        self != Self::Sent
    }
}

/// One line of a log.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event<'a> {
    /// Seconds since 1970 UTC.
    pub at: i64,
    pub software: Software,
    pub line: &'a [u8],
    pub says: Says<'a>,
}

/// What a line says about messages and recipients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Says<'a> {
    Arrived(Arrival<'a>),
    /// From whom a message is; said again at every attempt.
    Queued {
        id: &'a [u8],
        sender: &'a [u8],
    },
    MessageId {
        id: &'a [u8],
        message_id: &'a [u8],
    },
    Tried(Attempt<'a>),
    /// Everything of the message that still waits is given up.
    Expired {
        id: &'a [u8],
        sender: &'a [u8],
    },
    Refused(Refusal<'a>),
    /// `notice` is the message that tells the sender of `id`.
    Notified {
        id: &'a [u8],
        notice: &'a [u8],
        /// What still waited has been given up with it.
        given_up: bool,
    },
    /// qmail: a recipient is being tried, under a number that is used again later.
    Began {
        delivery: &'a [u8],
        id: &'a [u8],
        recipient: &'a [u8],
    },
    /// qmail: what came of that.
    Delivered {
        delivery: &'a [u8],
        fate: Fate,
        text: &'a [u8],
    },
    /// The message has left the queue.
    Ended {
        id: &'a [u8],
    },
    LoginFailed,
    TlsIn,
    TlsOut,
}

/// A message has come into the queue.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Arrival<'a> {
    pub id: &'a [u8],
    pub sender: Option<&'a [u8]>,
    pub message_id: Option<&'a [u8]>,
    /// Over TLS, where the same line says so.
    pub tls: bool,
    /// It tells the sender of this message of its failure.
    pub parent: Option<&'a [u8]>,
    /// How many recipients it has: where no line says that it left, it has when all are served.
    pub recipients: Option<u32>,
}

/// A recipient was tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attempt<'a> {
    pub id: &'a [u8],
    /// Where the same line names the sender.
    pub sender: Option<&'a [u8]>,
    /// One address, or several with commas between them where `several` is set.
    pub recipient: &'a [u8],
    pub several: bool,
    pub fate: Fate,
    /// What the log gives as the outcome, not yet taken apart.
    pub text: &'a [u8],
    /// What else the line says: relay, delays.
    pub fields: &'a [u8],
    /// The message ends with its last recipient, since no line of its own says so.
    pub ends: bool,
}

/// Something was turned away at the door.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Refusal<'a> {
    pub sender: Option<&'a [u8]>,
    pub recipient: Option<&'a [u8]>,
    /// The client's name and address.
    pub client: &'a [u8],
    /// The reply, from its code on where the log has one.
    pub text: &'a [u8],
    pub temporary: bool,
}

/// What a line is to the reader.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Line<'a> {
    Event(Event<'a>),
    /// A line of a mail server, about nothing that is counted.
    Other,
    /// A line of another program.
    Foreign,
    /// Not understood.
    Unread,
}

/// The recipients of an attempt, one after the other.
pub(super) fn recipients<'a>(attempt: &Attempt<'a>) -> impl Iterator<Item = &'a [u8]> {
    let several = attempt.several;
    attempt
        .recipient
        .split(move |byte| several && *byte == b',')
        .map(super::ascii::bare)
}
