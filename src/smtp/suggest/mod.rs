//! The next sensible command, for guided use: a suggestion to send, change or ignore, and why it
//! is the next.

mod plan;
mod reason;
#[cfg(test)]
mod tests;

pub use plan::{Envelope, Exposure, Needs, Plan};
pub use reason::Reason;

use super::command::{Command, completions_permitted};
use super::data::Message;
use super::error::LocalError;
use super::login::Login;
use super::path::ReversePath;
use super::protocol::Protocol;
use super::sasl::{Exchange, Step as AuthStep};
use super::session::Session;
use super::stage::Stage;
use super::state::State;
use super::tls::Policy as TlsPolicy;
use crate::knowledge::code::ReplyCode;
use std::time::Duration;

/// RCPT commands that go in one piece: both sides' buffers hold their lines and their replies,
/// so that neither waits for the other to read (RFC 2920 section 3.1).
const TOGETHER: usize = 50;

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Suggestion {
    /// The server has the word.
    Wait(Stage),
    Say(Command),
    /// A step of the login: [`Session::send_auth`].
    LogIn(AuthStep),
    /// Several commands in one go: [`Session::send_group`].
    Together(Vec<Command>),
    /// The server waits for the message: [`Session::send_message`].
    SendMessage,
    /// It waits for one that nobody would get: the final dot alone (RFC 2920 section 3.1).
    SendEmpty,
    /// Nothing is left to say.
    Close,
}

impl Suggestion {
    /// The command of it, or the first of several, for whoever says one at a time.
    pub fn command(&self) -> Option<&Command> {
        match self {
            Self::Say(command) => Some(command),
            Self::LogIn(step) => step.command.as_ref(),
            Self::Together(commands) => commands.first(),
            Self::Wait(_) | Self::SendMessage | Self::SendEmpty | Self::Close => None,
        }
    }
}

/// Does what was suggested, as far as the session can: waiting, closing and the message are the
/// driver's.
pub fn follow(session: &mut Session, what: &Suggestion, now: Duration) -> Result<(), LocalError> {
    match what {
        Suggestion::Say(command) => session.send(command, now),
        Suggestion::LogIn(step) => session.send_auth(step, now),
        Suggestion::Together(commands) => session.send_group(commands, now),
        Suggestion::SendEmpty => session.send_message(Message::of(b""), now),
        Suggestion::Wait(_) | Suggestion::SendMessage | Suggestion::Close => Ok(()),
    }
}

/// The next step of `plan` where `session` stands now.
pub fn next(session: &Session, plan: &Plan) -> Suggestion {
    step(session, plan).0
}

/// Why [`next`] is the next, in one sentence.
pub fn because(session: &Session, plan: &Plan) -> String {
    let (_, reason) = step(session, plan);
    let stage = session
        .awaited()
        .map_or_else(String::new, |stage| stage.to_string());
    let code = session.progress().last.and_then(|(_, code)| code);
    let code = code.map_or_else(
        || "without a code".to_owned(),
        |code| code.get().to_string(),
    );
    reason
        .text()
        .replace("{stage}", &stage)
        .replace("{code}", &code)
}

/// The verbs that can be said now in guided use: those that the state permits and, where they
/// need an extension, the server offers.
pub fn permitted(session: &Session) -> Vec<String> {
    if session.awaited().is_some() {
        return Vec::new();
    }
    completions_permitted(session).collect()
}

/// The next step, and the reason for it.
pub fn step(session: &Session, plan: &Plan) -> (Suggestion, Reason) {
    if session.wants_close() {
        return (Suggestion::Close, Reason::Ending);
    }
    if let Some(stage) = session.awaited() {
        let reason = if session.state() == State::TlsHandshake {
            Reason::Handshake
        } else {
            Reason::Waiting
        };
        return (Suggestion::Wait(stage), reason);
    }
    let say = |(command, reason)| (Suggestion::Say(command), reason);
    match session.state() {
        State::Unconnected | State::Connected => {
            (Suggestion::Wait(Stage::Connect), Reason::Waiting)
        }
        State::TlsHandshake => (Suggestion::Wait(Stage::StartTls), Reason::Handshake),
        State::SendingMessage
        | State::AwaitChunkReply
        | State::AwaitChunk
        | State::AwaitMessageReply => (Suggestion::Wait(Stage::Message), Reason::Waiting),
        State::AwaitData if session.progress().recipients_accepted == 0 => {
            (Suggestion::SendEmpty, Reason::NothingToSend)
        }
        State::AwaitData => (Suggestion::SendMessage, Reason::Message),
        State::QuitSent | State::Closing | State::Closed => (Suggestion::Close, Reason::Ending),
        State::Rejected => say((Command::Quit, Reason::NoService)),
        State::Authenticating => challenged(session, plan),
        State::Greeted => say(hello(session, plan)),
        State::Ready => ready(session, plan),
        State::InMail | State::HasRcpt => in_transaction(session, plan),
    }
}

/// EHLO; HELO where that is not understood (RFC 5321 section 3.2); QUIT where neither helps.
fn hello(session: &Session, plan: &Plan) -> (Command, Reason) {
    let refused = |codes: &[u16], code: Option<ReplyCode>| {
        code.is_some_and(|code| codes.contains(&code.get()))
    };
    let name = plan.hello.clone();
    let reason = match session.progress().last {
        Some((Stage::Ehlo, code))
            if plan.protocol == Protocol::Esmtp && refused(&[500, 501, 502, 504], code) =>
        {
            return (Command::Helo(name), Reason::HelloUnderstoodNot);
        }
        Some((stage, _)) if stage.is_hello() => return (Command::Quit, Reason::HelloRefused),
        Some((Stage::StartTls | Stage::Xclient, _)) => Reason::HelloAgain,
        _ => Reason::Greeted,
    };
    let command = match plan.protocol {
        Protocol::Esmtp => Command::Ehlo(name),
        Protocol::Smtp => Command::Helo(name),
        Protocol::Lmtp => Command::Lhlo(name),
    };
    (command, reason)
}

fn ready(session: &Session, plan: &Plan) -> (Suggestion, Reason) {
    let say = |command, reason| (Suggestion::Say(command), reason);
    let quit = |reason| say(Command::Quit, reason);
    let progress = session.progress();
    if let Some((command, reason)) = into_tls(session, plan) {
        return say(command, reason);
    }
    match (&plan.xclient, progress.xclient) {
        (Some(attributes), None) => {
            return say(Command::Xclient(attributes.clone()), Reason::Xclient);
        }
        (Some(_), Some(false)) => return quit(Reason::XclientRefused),
        _ => {}
    }
    if let Some(login) = &plan.login
        && let Some(step) = logging_in(session, plan, login)
    {
        return step;
    }
    let Some(from) = &plan.from else {
        return quit(Reason::Done);
    };
    if progress.transactions > 0 {
        return quit(after_transaction(session, plan));
    }
    if progress.mail_refused {
        return quit(Reason::SenderRefused);
    }
    match (&plan.xforward, progress.xforward) {
        (Some(attributes), None) => {
            return say(Command::Xforward(attributes.clone()), Reason::Xforward);
        }
        (Some(_), Some(false)) => return quit(Reason::XforwardRefused),
        _ => {}
    }
    transaction(session, plan, from)
}

/// MAIL, with what goes in one go with it.
fn transaction(session: &Session, plan: &Plan, from: &ReversePath) -> (Suggestion, Reason) {
    let mail = plan.mail_command(from, session.extensions());
    if pipelines(session, plan) {
        let mut commands = vec![mail];
        commands.extend(recipients_and_data(session, plan, 0));
        return (Suggestion::Together(commands), Reason::Together);
    }
    (Suggestion::Say(mail), Reason::Sender)
}

/// Another transaction, where [`next`] would end the session; none where the plan has no sender.
pub fn again(session: &Session, plan: &Plan) -> Option<(Suggestion, Reason)> {
    let from = plan.from.as_ref()?;
    Some(transaction(session, plan, from))
}

/// STARTTLS where the plan has it, or the end where it needs it and cannot have it.
fn into_tls(session: &Session, plan: &Plan) -> Option<(Command, Reason)> {
    if session.is_encrypted() || !matches!(plan.tls, TlsPolicy::Required | TlsPolicy::Optional) {
        return None;
    }
    let offered = session.extensions().is_some_and(|all| all.has("STARTTLS"));
    let refused = session.progress().tls_refused;
    match plan.tls {
        _ if offered && !refused => Some((Command::StartTls, Reason::TlsOffered)),
        TlsPolicy::Required if refused => Some((Command::Quit, Reason::TlsRefused)),
        TlsPolicy::Required => Some((Command::Quit, Reason::TlsMissing)),
        _ => None,
    }
}

/// What the one transaction came to.
fn after_transaction(session: &Session, plan: &Plan) -> Reason {
    let progress = session.progress();
    let refused =
        progress.messages_refused > 0 && (plan.every_recipient || progress.messages_taken == 0);
    if refused {
        Reason::MessageRefused
    } else {
        Reason::Done
    }
}

/// AUTH, where there is somebody to log in and a mechanism for it. Once only: a second failure
/// may lock the account. None where the login stands.
fn logging_in(session: &Session, plan: &Plan, login: &Login) -> Option<(Suggestion, Reason)> {
    let quit = |reason| Some((Suggestion::Say(Command::Quit), reason));
    let exchange = exchange(session, login);
    match session.progress().login {
        Some(false) => return quit(Reason::LoginRefused),
        Some(true) => {
            let proven = exchange.is_none_or(|exchange| exchange.is_proven(&session.challenges()));
            return if proven {
                None
            } else {
                quit(Reason::LoginUnproven)
            };
        }
        None => {}
    }
    if !session.is_encrypted() && !plan.exposure.in_clear {
        return quit(Reason::LoginInClear);
    }
    let Some(step) = exchange.and_then(|exchange| exchange.begin().ok()) else {
        return quit(Reason::NoMechanism);
    };
    Some((Suggestion::LogIn(step), Reason::Login))
}

fn exchange<'a>(session: &Session, login: &'a Login) -> Option<Exchange<'a>> {
    let offered = session.extensions().map(super::Extensions::mechanisms);
    let mechanism = login
        .asked()
        .or_else(|| login.mechanism(&offered.unwrap_or_default(), session.is_encrypted()))?;
    Some(Exchange::new(login, mechanism))
}

/// The answer to a challenge of AUTH.
fn challenged(session: &Session, plan: &Plan) -> (Suggestion, Reason) {
    let login = plan.login.as_ref();
    let Some(exchange) = login.and_then(|login| exchange(session, login)) else {
        // Only the user knows it; `*` cancels (RFC 4954 section 4).
        return (Suggestion::Wait(Stage::Auth), Reason::ChallengeByHand);
    };
    match exchange.answer(&session.challenges()) {
        Ok(step) if step.command.is_some() => {
            let reason = if step.flaw.is_some() {
                Reason::LoginFlawed
            } else {
                Reason::Challenge
            };
            (Suggestion::LogIn(step), reason)
        }
        _ => (Suggestion::Close, Reason::LoginFlawed),
    }
}

fn pipelines(session: &Session, plan: &Plan) -> bool {
    let offered = session
        .extensions()
        .is_some_and(|all| all.has("PIPELINING"));
    plan.pipelining && offered && !plan.to.is_empty()
}

/// RCPT for those behind the first `answered`, and DATA behind the last where nothing can come
/// between: if all of several recipients are wanted, their answers decide.
fn recipients_and_data(session: &Session, plan: &Plan, answered: usize) -> Vec<Command> {
    let left = plan.to.get(answered..).unwrap_or_default();
    let mut commands: Vec<Command> = left
        .iter()
        .take(TOGETHER)
        .map(|to| plan.rcpt_command(to))
        .collect();
    let unconditional = !plan.every_recipient || plan.to.len() == 1;
    let by_data = plan.message && !plan.goes_by_chunks(session.extensions());
    if by_data && unconditional && left.len() <= TOGETHER {
        commands.push(Command::Data);
    }
    commands
}

fn in_transaction(session: &Session, plan: &Plan) -> (Suggestion, Reason) {
    let progress = session.progress();
    let say = |command, reason| (Suggestion::Say(command), reason);
    if let Some(to) = plan.to.get(progress.recipients_answered) {
        if pipelines(session, plan) {
            let commands = recipients_and_data(session, plan, progress.recipients_answered);
            return (Suggestion::Together(commands), Reason::Together);
        }
        let reason = if progress.recipients_answered == 0 {
            Reason::Recipient
        } else {
            Reason::NextRecipient
        };
        return say(plan.rcpt_command(to), reason);
    }
    // Nobody was accepted, or nothing is to be sent: leave no transaction behind.
    let reason = if progress.recipients_accepted == 0 && !plan.to.is_empty() {
        Reason::RecipientsRefused
    } else if plan.every_recipient && progress.recipients_accepted < progress.recipients_answered {
        Reason::RecipientRefused
    } else if progress.data_refused {
        Reason::DataRefused
    } else if plan.message && session.state() == State::HasRcpt {
        return if plan.goes_by_chunks(session.extensions()) {
            (Suggestion::SendMessage, Reason::Message)
        } else {
            say(Command::Data, Reason::Data)
        };
    } else {
        Reason::EnvelopeOnly
    };
    match progress.last {
        Some((Stage::Rset, _)) => say(Command::Quit, reason),
        _ => say(Command::Rset, reason),
    }
}
