//! What is legal when. Everything that affects the state machine stands in this file; the
//! role is always the client's.
//!
//! Two tables: [`TRANSITIONS`] says what an event makes of a state, [`PERMITTED`] which
//! commands a state permits in guided use. Free use sends anything while connected; the server
//! then says what is legal, and its reply moves the state by the same table.

use super::stage::Stage;
use crate::knowledge::code::{ReplyClass, ReplyCode};
use std::fmt;

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// There is no connection yet.
    Unconnected,
    /// Connected; the greeting is awaited.
    Connected,
    /// Greeted, and no hello said; also after STARTTLS, which forgets the first hello.
    Greeted,
    /// The greeting was no 2yz: there is no service, and QUIT is all that is left (RFC 5321
    /// section 3.1).
    Rejected,
    /// Hello was said; no mail transaction is open.
    Ready,
    /// STARTTLS got its 220: the driver shakes hands.
    TlsHandshake,
    /// AUTH got a 334: the next line answers it.
    Authenticating,
    /// MAIL was accepted, no RCPT yet.
    InMail,
    /// MAIL and at least one RCPT were accepted.
    HasRcpt,
    /// DATA got its 354: the message may be sent.
    AwaitData,
    /// The message is on its way.
    SendingMessage,
    /// A chunk is sent that is not the last one, its reply awaited.
    AwaitChunkReply,
    /// The chunks so far were taken, and the message is not over.
    AwaitChunk,
    /// The final dot or the last chunk is sent, its reply awaited.
    AwaitMessageReply,
    /// QUIT is sent, its reply awaited.
    QuitSent,
    /// The server said 221 or 421: whoever closes first ends it.
    Closing,
    /// Nothing goes either way any more.
    Closed,
}

/// What an answer says, as far as the state machine cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// 2yz
    Done,
    /// 3yz
    GoOn,
    /// 4yz, 5yz
    Refused,
    /// 421, to whatever command and to none (RFC 5321 section 3.8)
    ShuttingDown,
    /// No code at all.
    Unintelligible,
}

impl Outcome {
    pub fn of(code: Option<ReplyCode>) -> Self {
        match code {
            None => Self::Unintelligible,
            Some(code) if code.get() == 421 => Self::ShuttingDown,
            Some(code) => match code.class() {
                ReplyClass::Positive => Self::Done,
                ReplyClass::Intermediate => Self::GoOn,
                ReplyClass::Transient | ReplyClass::Permanent => Self::Refused,
            },
        }
    }
}

/// What happens to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum On {
    /// The transport is up.
    Connect,
    /// A command leaves.
    Send(Stage),
    /// A whole reply came.
    Answer(Stage, Outcome),
    /// A reply came that answers nothing.
    Unasked(Outcome),
    /// The last byte of the message left.
    FinalDot,
    /// The last byte of a chunk left that is not the last one.
    ChunkSent,
    TlsUp,
    /// The connection cannot go on: closed, broken, handshake failed, time up, a bound passed.
    End,
}

/// `Some(states)` names the states in which a row holds; `None` means every state but
/// [`State::Closed`].
type In = Option<&'static [State]>;

use On::{Answer, ChunkSent, Connect, End, FinalDot, Send, TlsUp, Unasked};
use Outcome::{Done, GoOn, Refused, ShuttingDown, Unintelligible};
use State::{
    Authenticating, AwaitChunk, AwaitChunkReply, AwaitData, AwaitMessageReply, Closed, Closing,
    Connected, Greeted, HasRcpt, InMail, QuitSent, Ready, Rejected, SendingMessage, TlsHandshake,
    Unconnected,
};

/// State, event, new state: the first row that fits counts. What fits no row changes nothing.
pub const TRANSITIONS: &[(In, On, State)] = &[
    // The end can come at any byte.
    (None, End, Closed),
    // Connecting and the greeting. RFC 5321 section 3.1
    (Some(&[Unconnected]), Connect, Connected),
    // Rejected too: a real greeting may stand behind a line without a code.
    (
        Some(&[Connected, Rejected]),
        Answer(Stage::Connect, Done),
        Greeted,
    ),
    (
        Some(&[Connected]),
        Answer(Stage::Connect, ShuttingDown),
        Closing,
    ),
    (Some(&[Connected]), Answer(Stage::Connect, GoOn), Rejected),
    (
        Some(&[Connected]),
        Answer(Stage::Connect, Refused),
        Rejected,
    ),
    (
        Some(&[Connected]),
        Answer(Stage::Connect, Unintelligible),
        Rejected,
    ),
    // Hello; a second one ends a transaction. Section 4.1.4
    (Some(HELLO), Answer(Stage::Ehlo, Done), Ready),
    (Some(HELLO), Answer(Stage::Helo, Done), Ready),
    (Some(HELLO), Answer(Stage::Lhlo, Done), Ready),
    // XCLIENT: the server greets anew. Postfix, XCLIENT_README
    (
        Some(&[Greeted, Ready]),
        Answer(Stage::Xclient, Done),
        Greeted,
    ),
    // STARTTLS; a refusal leaves the session as it was. RFC 3207 section 4
    (Some(BETWEEN), Answer(Stage::StartTls, Done), TlsHandshake),
    (Some(&[TlsHandshake]), TlsUp, Greeted),
    // AUTH. RFC 4954 section 4
    (Some(BETWEEN), Answer(Stage::Auth, GoOn), Authenticating),
    (Some(&[Authenticating]), Answer(Stage::Auth, Done), Ready),
    (Some(&[Authenticating]), Answer(Stage::Auth, Refused), Ready),
    (
        Some(&[Authenticating]),
        Answer(Stage::Auth, Unintelligible),
        Ready,
    ),
    // The mail transaction. RFC 5321 section 3.3; a refused RCPT takes no other one away
    (Some(BETWEEN), Answer(Stage::Mail, Done), InMail),
    (Some(BETWEEN), Answer(Stage::Rcpt, Done), HasRcpt),
    (Some(BETWEEN), Answer(Stage::Data, GoOn), AwaitData),
    (Some(&[AwaitData]), Send(Stage::Message), SendingMessage),
    (Some(&[SendingMessage]), FinalDot, AwaitMessageReply),
    // In chunks. RFC 3030 section 2; after a refusal only RSET makes the next message possible
    (
        Some(&[HasRcpt, AwaitChunk]),
        Send(Stage::Message),
        SendingMessage,
    ),
    (
        Some(&[HasRcpt, AwaitChunk]),
        Send(Stage::Bdat),
        SendingMessage,
    ),
    (Some(&[SendingMessage]), ChunkSent, AwaitChunkReply),
    (
        Some(&[AwaitChunkReply]),
        Answer(Stage::Bdat, Done),
        AwaitChunk,
    ),
    (Some(&[AwaitChunkReply]), Answer(Stage::Bdat, GoOn), InMail),
    (
        Some(&[AwaitChunkReply]),
        Answer(Stage::Bdat, Refused),
        InMail,
    ),
    (
        Some(&[AwaitChunkReply]),
        Answer(Stage::Bdat, Unintelligible),
        InMail,
    ),
    (
        Some(&[AwaitMessageReply]),
        Answer(Stage::Message, Done),
        Ready,
    ),
    (
        Some(&[AwaitMessageReply]),
        Answer(Stage::Message, GoOn),
        Ready,
    ),
    (
        Some(&[AwaitMessageReply]),
        Answer(Stage::Message, Refused),
        Ready,
    ),
    (
        Some(&[AwaitMessageReply]),
        Answer(Stage::Message, Unintelligible),
        Ready,
    ),
    (Some(&[InMail, HasRcpt]), Answer(Stage::Rset, Done), Ready),
    // QUIT; whatever the answer, nothing is left to say. Section 4.1.1.10
    (None, Send(Stage::Quit), QuitSent),
    (Some(&[QuitSent]), Answer(Stage::Quit, Done), Closing),
    (Some(&[QuitSent]), Answer(Stage::Quit, GoOn), Closing),
    (Some(&[QuitSent]), Answer(Stage::Quit, Refused), Closing),
    (
        Some(&[QuitSent]),
        Answer(Stage::Quit, Unintelligible),
        Closing,
    ),
];

/// Greeted, and nothing special under way: what a reply to a free command can move.
const BETWEEN: &[State] = &[Greeted, Ready, InMail, HasRcpt];

/// Where a hello that the server takes leads to [`State::Ready`]; in free use also after a
/// greeting that nobody understood.
const HELLO: &[State] = &[Greeted, Ready, InMail, HasRcpt, Rejected];

/// The commands of guided use. RFC 5321 section 4.1.4: NOOP, HELP, EXPN, VRFY and RSET may come
/// before a hello.
pub const PERMITTED: &[(State, &[Stage])] = &[
    (
        Greeted,
        &[
            Stage::Ehlo,
            Stage::Helo,
            Stage::Lhlo,
            Stage::Noop,
            Stage::Help,
            Stage::Vrfy,
            Stage::Expn,
            Stage::Rset,
            Stage::Quit,
        ],
    ),
    (Rejected, &[Stage::Quit]),
    (
        Ready,
        &[
            Stage::Mail,
            Stage::StartTls,
            Stage::Auth,
            Stage::Ehlo,
            Stage::Helo,
            Stage::Lhlo,
            Stage::Rset,
            Stage::Noop,
            Stage::Help,
            Stage::Vrfy,
            Stage::Expn,
            Stage::Etrn,
            Stage::Xclient,
            Stage::Xforward,
            Stage::Quit,
        ],
    ),
    (Authenticating, &[Stage::Auth]),
    (
        InMail,
        &[
            Stage::Rcpt,
            Stage::Rset,
            Stage::Ehlo,
            Stage::Helo,
            Stage::Lhlo,
            Stage::Noop,
            Stage::Help,
            Stage::Vrfy,
            Stage::Expn,
            Stage::Quit,
        ],
    ),
    (
        HasRcpt,
        &[
            Stage::Data,
            Stage::Rcpt,
            Stage::Rset,
            Stage::Ehlo,
            Stage::Helo,
            Stage::Lhlo,
            Stage::Noop,
            Stage::Help,
            Stage::Vrfy,
            Stage::Expn,
            Stage::Quit,
        ],
    ),
    (AwaitData, &[Stage::Message]),
];

impl State {
    /// What `event` makes of this state.
    #[must_use]
    pub fn after(self, event: On) -> Self {
        if self == Closed {
            return Closed;
        }
        // A server that shuts down may say so at any moment.
        if let Answer(_, ShuttingDown) | Unasked(ShuttingDown) = event {
            return Closing;
        }
        TRANSITIONS
            .iter()
            .find(|(from, on, _)| from.is_none_or(|from| from.contains(&self)) && *on == event)
            .map_or(self, |(_, _, to)| *to)
    }

    /// The commands that guided use may send here.
    pub fn permitted(self) -> &'static [Stage] {
        PERMITTED
            .iter()
            .find(|(state, _)| *state == self)
            .map_or(&[], |(_, stages)| stages)
    }

    /// Whether bytes can go to the server.
    pub fn is_connected(self) -> bool {
        !matches!(self, Unconnected | Closed)
    }
}

/// A clause: why something cannot be done, or where the session stands.
impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unconnected => "there is no connection yet",
            Connected => "the greeting has not come yet",
            Greeted => "EHLO has not been said yet",
            Rejected => "the server refused service, only QUIT is left",
            Ready => "no mail transaction is open (MAIL comes first)",
            TlsHandshake => "the TLS handshake is not finished",
            Authenticating => "the server waits for the answer to its 334",
            InMail => "no recipient has been accepted yet",
            HasRcpt => "a mail transaction is open",
            AwaitData => "the server waits for the message",
            SendingMessage => "the message is being sent",
            AwaitChunkReply => "the reply to a chunk of the message has not come yet",
            AwaitChunk => "the message is not over",
            AwaitMessageReply => "the reply to the message has not come yet",
            QuitSent => "QUIT has been sent",
            Closing => "the server is closing the connection",
            Closed => "the connection is closed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_delivery_walks_the_table() {
        let walk = [
            (Connect, Connected),
            (Answer(Stage::Connect, Done), Greeted),
            (Answer(Stage::Ehlo, Done), Ready),
            (Send(Stage::StartTls), Ready),
            (Answer(Stage::StartTls, Done), TlsHandshake),
            (TlsUp, Greeted),
            (Answer(Stage::Ehlo, Done), Ready),
            (Answer(Stage::Mail, Done), InMail),
            (Answer(Stage::Rcpt, Refused), InMail),
            (Answer(Stage::Rcpt, Done), HasRcpt),
            (Answer(Stage::Rcpt, Refused), HasRcpt),
            (Answer(Stage::Data, GoOn), AwaitData),
            (Send(Stage::Message), SendingMessage),
            (FinalDot, AwaitMessageReply),
            (Answer(Stage::Message, Done), Ready),
            (Send(Stage::Quit), QuitSent),
            (Answer(Stage::Quit, Done), Closing),
            (End, Closed),
        ];
        let mut state = Unconnected;
        for (event, then) in walk {
            state = state.after(event);
            assert_eq!(state, then, "{event:?}");
        }
    }

    #[test]
    fn a_421_closes_from_everywhere_and_closed_stays_closed() {
        for state in [Connected, Greeted, Ready, InMail, HasRcpt, SendingMessage] {
            assert_eq!(state.after(Unasked(ShuttingDown)), Closing);
            assert_eq!(state.after(Answer(Stage::Rcpt, ShuttingDown)), Closing);
            assert_eq!(state.after(End), Closed);
        }
        assert_eq!(Closed.after(Connect), Closed);
        assert_eq!(Closed.after(Unasked(ShuttingDown)), Closed);
    }

    #[test]
    fn no_row_is_hidden_by_one_before_it() {
        for (n, (from, on, _)) in TRANSITIONS.iter().enumerate() {
            let hidden = TRANSITIONS.iter().take(n).any(|(before, other, _)| {
                other == on
                    && match (before, from) {
                        (None, _) => true,
                        (Some(before), Some(from)) => from.iter().all(|s| before.contains(s)),
                        (Some(_), None) => false,
                    }
            });
            assert!(!hidden, "row {n}: {on:?}");
        }
    }
}
