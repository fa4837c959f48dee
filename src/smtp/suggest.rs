//! The next sensible command, for guided use: a suggestion to send, change or ignore.

use super::command::{Command, Parameter};
use super::login::Login;
use super::name::HelloName;
use super::path::{ForwardPath, ReversePath};
use super::sasl::Exchange;
use super::session::Session;
use super::stage::Stage;
use super::state::State;
use crate::knowledge::code::ReplyCode;

/// What the user is after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub hello: HelloName,
    /// None: no envelope is sent.
    pub from: Option<ReversePath>,
    pub to: Vec<ForwardPath>,
    /// STARTTLS when it is offered.
    pub tls: bool,
    /// Who logs in, once inside TLS: no password is suggested in clear.
    pub login: Option<Login>,
    /// Go on to DATA; else the transaction ends with RSET once the recipients are answered.
    pub message: bool,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Suggestion {
    /// The server has the word.
    Wait(Stage),
    Say(Command),
    /// The server waits for the message: [`Session::send_message`].
    SendMessage,
    /// Nothing is left to say.
    Close,
}

/// The next step of `plan` where `session` stands now.
pub fn next(session: &Session, plan: &Plan) -> Suggestion {
    if session.wants_close() {
        return Suggestion::Close;
    }
    if let Some(stage) = session.awaited() {
        return Suggestion::Wait(stage);
    }
    match session.state() {
        State::Unconnected | State::Connected => Suggestion::Wait(Stage::Connect),
        State::TlsHandshake => Suggestion::Wait(Stage::StartTls),
        State::SendingMessage
        | State::AwaitChunkReply
        | State::AwaitChunk
        | State::AwaitMessageReply => Suggestion::Wait(Stage::Message),
        State::AwaitData => Suggestion::SendMessage,
        State::QuitSent | State::Closing | State::Closed => Suggestion::Close,
        State::Rejected => Suggestion::Say(Command::Quit),
        State::Authenticating => challenged(session, plan),
        State::Greeted => Suggestion::Say(hello(session, plan)),
        State::Ready => Suggestion::Say(ready(session, plan)),
        State::InMail | State::HasRcpt => Suggestion::Say(in_transaction(session, plan)),
    }
}

/// EHLO; HELO where that is not understood (RFC 5321 section 3.2); QUIT where neither helps.
fn hello(session: &Session, plan: &Plan) -> Command {
    let refused = |codes: &[u16], code: Option<ReplyCode>| {
        code.is_some_and(|code| codes.contains(&code.get()))
    };
    match session.progress().last {
        Some((Stage::Ehlo, code)) if refused(&[500, 501, 502, 504], code) => {
            Command::Helo(plan.hello.clone())
        }
        Some((Stage::Ehlo | Stage::Helo, _)) => Command::Quit,
        _ => Command::Ehlo(plan.hello.clone()),
    }
}

fn ready(session: &Session, plan: &Plan) -> Command {
    let progress = session.progress();
    let offered = |name| session.extensions().is_some_and(|e| e.has(name));
    if plan.tls && offered("STARTTLS") && !session.is_encrypted() && !progress.tls_refused {
        return Command::StartTls;
    }
    if let Some(login) = begin(session, plan) {
        return login;
    }
    match &plan.from {
        Some(from) if !progress.mail_refused && progress.transactions == 0 => Command::Mail {
            from: from.clone(),
            parameters: if needs_smtputf8(plan) && offered("SMTPUTF8") {
                Parameter::new("SMTPUTF8").into_iter().collect()
            } else {
                Vec::new()
            },
        },
        _ => Command::Quit,
    }
}

/// AUTH, where there is somebody to log in and a mechanism for it. Once only: a second failure
/// may lock the account.
fn begin(session: &Session, plan: &Plan) -> Option<Command> {
    let login = plan.login.as_ref()?;
    let fit = session.is_encrypted() && session.progress().login.is_none();
    exchange(session, login)
        .filter(|_| fit)?
        .begin()
        .ok()?
        .command
}

fn exchange<'a>(session: &Session, login: &'a Login) -> Option<Exchange<'a>> {
    let offered = session.extensions()?.mechanisms();
    let mechanism = login.mechanism(&offered, session.is_encrypted())?;
    Some(Exchange::new(login, mechanism))
}

/// The answer to a challenge of AUTH.
fn challenged(session: &Session, plan: &Plan) -> Suggestion {
    let login = plan.login.as_ref();
    let Some(exchange) = login.and_then(|login| exchange(session, login)) else {
        // Only the user knows it; `*` cancels (RFC 4954 section 4).
        return Suggestion::Wait(Stage::Auth);
    };
    let step = exchange.answer(&session.challenges()).ok();
    let answer = step.and_then(|step| step.command);
    answer.map_or(Suggestion::Close, Suggestion::Say)
}

fn needs_smtputf8(plan: &Plan) -> bool {
    let from = plan.from.iter().filter_map(ReversePath::mailbox);
    let to = plan.to.iter().filter_map(ForwardPath::mailbox);
    from.chain(to).any(super::path::Mailbox::needs_smtputf8)
}

fn in_transaction(session: &Session, plan: &Plan) -> Command {
    let progress = session.progress();
    if let Some(to) = plan.to.get(progress.recipients_answered) {
        return Command::Rcpt {
            to: to.clone(),
            parameters: Vec::new(),
        };
    }
    if plan.message && session.state() == State::HasRcpt && !progress.data_refused {
        return Command::Data;
    }
    // Nobody was accepted, or nothing is to be sent: leave no transaction behind.
    match progress.last {
        Some((Stage::Rset, _)) => Command::Quit,
        _ => Command::Rset,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smtp::data::Message;
    use crate::smtp::session::SessionOptions;
    use rstest::rstest;
    use std::time::Duration;

    /// Follows every suggestion, with a server that answers by the verb; `refused` are the
    /// verbs that it refuses, with their codes. Gives what was said.
    fn played(offered: &str, refused: &[(&str, u16)]) -> String {
        let plan = Plan {
            hello: "me.example".parse().unwrap(),
            from: Some("a@b.example".parse().unwrap()),
            to: vec![
                "c@d.example".parse().unwrap(),
                "e@d.example".parse().unwrap(),
            ],
            tls: true,
            login: None,
            message: true,
        };
        let now = Duration::ZERO;
        let mut session = Session::new(SessionOptions::default());
        session.handle_connected(now);
        let code = |verb: &str, usual: u16| {
            let found = refused.iter().find(|(own, _)| *own == verb);
            found.map_or(usual, |(_, code)| *code)
        };
        assert_eq!(next(&session, &plan), Suggestion::Wait(Stage::Connect));
        session.receive(format!("{} x\r\n", code("", 220)).as_bytes(), now);
        let mut said = Vec::new();
        for _ in 0..20 {
            let (verb, usual) = match next(&session, &plan) {
                Suggestion::Close => return said.join(" "),
                Suggestion::Wait(stage) => panic!("nothing happens: {stage}"),
                Suggestion::SendMessage => {
                    session.send_message(Message::of(b"x"), now).unwrap();
                    while session.poll_transmit().is_some() {
                        session.handle_written(now);
                    }
                    ("message", 250)
                }
                Suggestion::Say(command) => {
                    session.send(&command, now).unwrap();
                    let usual = match command {
                        Command::StartTls => 220,
                        Command::Data => 354,
                        Command::Quit => 221,
                        _ => 250,
                    };
                    (command.verb().unwrap(), usual)
                }
            };
            said.push(verb);
            let code = code(verb, usual);
            session.receive(format!("{code}-x\r\n{code} {offered}\r\n").as_bytes(), now);
            if verb == "STARTTLS" && code == 220 {
                session.tls_established(now, "TLS 1.3").unwrap();
            }
        }
        panic!("it never ends: {said:?}");
    }

    #[rstest]
    #[case("SIZE", &[], "EHLO MAIL RCPT RCPT DATA message QUIT")]
    #[case("STARTTLS", &[], "EHLO STARTTLS EHLO MAIL RCPT RCPT DATA message QUIT")]
    #[case("STARTTLS", &[("STARTTLS", 454)], "EHLO STARTTLS MAIL RCPT RCPT DATA message QUIT")]
    #[case("STARTTLS", &[("EHLO", 502)], "EHLO HELO MAIL RCPT RCPT DATA message QUIT")]
    #[case("SIZE", &[("EHLO", 502), ("HELO", 502)], "EHLO HELO QUIT")]
    #[case("SIZE", &[("EHLO", 550)], "EHLO QUIT")]
    #[case("SIZE", &[("MAIL", 550)], "EHLO MAIL QUIT")]
    #[case("SIZE", &[("RCPT", 550)], "EHLO MAIL RCPT RCPT RSET QUIT")]
    #[case("SIZE", &[("RCPT", 550), ("RSET", 500)], "EHLO MAIL RCPT RCPT RSET QUIT")]
    #[case("SIZE", &[("DATA", 451)], "EHLO MAIL RCPT RCPT DATA RSET QUIT")]
    #[case("SIZE", &[("message", 550)], "EHLO MAIL RCPT RCPT DATA message QUIT")]
    #[case("SIZE", &[("RCPT", 421)], "EHLO MAIL RCPT")]
    #[case("SIZE", &[("", 554)], "QUIT")]
    fn the_dialogue_takes_its_course(
        #[case] offered: &str,
        #[case] refused: &[(&str, u16)],
        #[case] said: &str,
    ) {
        assert_eq!(played(offered, refused), said);
    }

    /// What is said with a login, to a server that answers AUTH and what follows it so.
    fn logged_in(offered: &str, encrypted: bool, answers: &[&str]) -> String {
        let plan = Plan {
            hello: "me.example".parse().unwrap(),
            from: None,
            to: Vec::new(),
            tls: true,
            login: Login::new("ann", crate::text::Secret::new("pass".to_owned())).ok(),
            message: false,
        };
        let now = Duration::ZERO;
        let mut session = Session::new(SessionOptions {
            implicit_tls: encrypted,
            ..SessionOptions::default()
        });
        session.handle_connected(now);
        session.receive(b"220 x\r\n", now);
        let (mut said, mut answers) = (Vec::new(), answers.iter());
        while let Suggestion::Say(command) = next(&session, &plan) {
            session.send(&command, now).unwrap();
            said.push(command.verb().unwrap_or("***"));
            let answer = match command.stage() {
                Stage::Ehlo => format!("250-x\r\n250 {offered}\r\n"),
                Stage::Auth => format!("{} x\r\n", answers.next().unwrap()),
                _ => "221 x\r\n".to_owned(),
            };
            session.receive(answer.as_bytes(), now);
        }
        said.join(" ")
    }

    #[rstest]
    #[case("AUTH LOGIN PLAIN", true, &["235"], "EHLO AUTH QUIT")]
    #[case("AUTH PLAIN", true, &["334", "535"], "EHLO AUTH *** QUIT")]
    #[case("AUTH LOGIN", true, &["334", "334", "235"], "EHLO AUTH *** *** QUIT")]
    #[case("AUTH LOGIN", true, &["334", "334", "334", "501"], "EHLO AUTH *** *** *** QUIT")]
    #[case("AUTH LOGIN", true, &["334"; 5], "EHLO AUTH *** *** ***")]
    #[case("AUTH CRAM-MD5", true, &["334", "501"], "EHLO AUTH *** QUIT")]
    #[case("AUTH GSSAPI", true, &[], "EHLO QUIT")]
    #[case("AUTH PLAIN", false, &[], "EHLO QUIT")]
    fn a_login_is_tried_once_and_inside_tls(
        #[case] offered: &str,
        #[case] encrypted: bool,
        #[case] answers: &[&str],
        #[case] said: &str,
    ) {
        assert_eq!(logged_in(offered, encrypted, answers), said);
    }
}
