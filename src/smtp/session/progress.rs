//! What a session has come to so far, for whoever decides what to say next.

use crate::knowledge::code::ReplyCode;
use crate::smtp::stage::Stage;
use crate::smtp::state::Outcome;

/// Answers that the state alone does not remember.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The latest answer: what it answered, and its code.
    pub last: Option<(Stage, Option<ReplyCode>)>,
    /// STARTTLS was refused.
    pub tls_refused: bool,
    /// Whether the last AUTH came to a login; none while it is answered by challenges.
    pub login: Option<bool>,
    /// MAIL was refused, and no other accepted since.
    pub mail_refused: bool,
    /// RCPT commands answered since the last MAIL, either way.
    pub recipients_answered: usize,
    /// Of these, those accepted.
    pub recipients_accepted: usize,
    /// DATA, or a chunk, was refused since the last MAIL.
    pub data_refused: bool,
    /// Since the last MAIL, answers to the message that took it: one, or with LMTP and PRDR
    /// one for each accepted recipient.
    pub messages_taken: usize,
    /// Those that did not.
    pub messages_refused: usize,
    /// Whether XCLIENT was taken.
    pub xclient: Option<bool>,
    /// Whether XFORWARD was taken.
    pub xforward: Option<bool>,
    /// Mail transactions that ended: with an answer to the message, or with RSET.
    pub transactions: usize,
}

impl Progress {
    /// A message got its last answer; which may void what was said for each recipient.
    pub(super) fn end_transaction(&mut self, for_nobody: bool) {
        self.transactions += 1;
        if for_nobody {
            self.messages_taken = 0;
        }
    }

    pub(super) fn note(&mut self, stage: Stage, code: Option<ReplyCode>) {
        let done = Outcome::of(code) == Outcome::Done;
        self.last = Some((stage, code));
        match stage {
            Stage::StartTls => self.tls_refused = !done,
            Stage::Auth if Outcome::of(code) == Outcome::GoOn => {}
            Stage::Auth => self.login = Some(done),
            Stage::Mail => {
                self.mail_refused = !done;
                self.recipients_answered = 0;
                self.recipients_accepted = 0;
                self.data_refused = false;
                self.messages_taken = 0;
                self.messages_refused = 0;
            }
            Stage::Rcpt => {
                self.recipients_answered += 1;
                self.recipients_accepted += usize::from(done);
            }
            Stage::Data => self.data_refused = Outcome::of(code) != Outcome::GoOn,
            Stage::Bdat => self.data_refused = !done,
            Stage::Message if done => self.messages_taken += 1,
            Stage::Message => self.messages_refused += 1,
            // Who logged in before is forgotten with the rest of the session.
            Stage::Xclient => {
                self.xclient = Some(done);
                if done {
                    self.login = None;
                }
            }
            Stage::Xforward => self.xforward = Some(done),
            Stage::Rset => self.transactions += usize::from(done),
            _ => {}
        }
    }
}
