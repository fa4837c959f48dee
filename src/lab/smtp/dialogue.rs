//! The server's side of RFC 5321, without a socket: a line in, a reply and what is next out.

use super::auth::{self, Login, Progress};
use super::host::{MailServer, Role};
use super::hostile;
use super::turn::{Next, Turn};
use crate::lab::setting::{Ehlo, OneOrMany, Stage, StartTls};
use std::time::Duration;

/// How the message can come (RFC 3030).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Carriage {
    /// By DATA or BDAT.
    Any,
    /// It is declared as binary, which only BDAT carries.
    Binary,
    /// Some chunks of it are there, and not the last.
    Begun,
}

/// One connection's state.
#[derive(Debug)]
pub(super) struct Dialogue<'a> {
    pub(super) host: &'a MailServer,
    pub(super) tls: bool,
    pub(super) greeted: bool,
    login: Option<Login>,
    /// AUTH commands so far.
    logins: u32,
    pub(super) logged_in: bool,
    pub(super) sender: Option<String>,
    pub(super) recipients: Vec<String>,
    pub(super) messages: usize,
    pub(super) carriage: Carriage,
    /// The world's time, as of the last line.
    pub(super) now: Duration,
}

impl<'a> Dialogue<'a> {
    pub(super) fn new(host: &'a MailServer, tls: bool) -> Self {
        Self {
            host,
            tls,
            now: Duration::ZERO,
            greeted: false,
            login: None,
            logins: 0,
            logged_in: false,
            sender: None,
            recipients: Vec::new(),
            messages: 0,
            carriage: Carriage::Any,
        }
    }

    /// The greeting.
    pub(super) fn banner(&self) -> Turn {
        if self.host.script.shutdown == Some(Stage::Banner) {
            return self.shut_down();
        }
        self.script_or(self.host.script.banner.as_ref(), "", || {
            format!("220 {} ESMTP ready", self.host.name)
        })
        .then(self.after(Stage::Banner))
    }

    /// After the handshake everything starts anew (RFC 3207 section 4.2).
    pub(super) fn secured(&mut self) {
        *self = Self::new(self.host, true);
    }

    /// A line of the client, without its CRLF.
    pub(super) fn line(&mut self, line: &str) -> Turn {
        if let Some(login) = self.login.take() {
            return self.login_turn(|server| server.go_on(login, line));
        }
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        let argument = argument.trim();
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.ehlo(argument),
            "HELO" => self.helo(argument),
            "STARTTLS" => self.starttls(),
            "AUTH" => self.auth(argument),
            "MAIL" => self.mail(argument),
            "RCPT" => self.rcpt(argument),
            "DATA" => self.data(),
            "BDAT" => self.bdat(argument),
            "RSET" => {
                self.forget_mail();
                Turn::say("250 2.0.0 Ok")
            }
            "NOOP" => Turn::say("250 2.0.0 Ok"),
            verb @ ("VRFY" | "EXPN") => self.verify(verb, argument),
            "HELP" => Turn::lines(vec![
                "214-2.0.0 Commands: EHLO HELO STARTTLS MAIL RCPT DATA".into(),
                "214 2.0.0 RSET NOOP VRFY HELP QUIT".into(),
            ]),
            "QUIT" => self
                .ends_at(Stage::Quit)
                .unwrap_or_else(|| Turn::say("221 2.0.0 Bye").then(Next::Close)),
            _ => Turn::say("500 5.5.2 Command not recognised"),
        }
    }

    /// The message has been taken in, up to the dot.
    pub(super) fn message(&mut self) -> Turn {
        if let Some(end) = self.ends_at(Stage::Message) {
            return end;
        }
        self.messages += 1;
        let reply = self.script_or(self.host.script.message.as_ref(), "", || {
            // A queue id, so that "accepted as" can be shown; it names nothing.
            format!("250 2.0.0 Ok: queued as 4LAB{:04X}", self.messages)
        });
        self.forget_mail();
        reply
    }

    fn ehlo(&mut self, name: &str) -> Turn {
        if let Some(end) = self.ends_at(Stage::Ehlo) {
            return end;
        }
        if name.is_empty() {
            return Turn::say("501 5.5.4 Syntax: EHLO hostname");
        }
        if let Some(Ehlo::Refused(reply)) = &self.host.script.ehlo {
            return Turn::say(self.filled(reply, ""));
        }
        let mut keywords = self.offered();
        self.greeted = true;
        self.forget_mail();
        if self.offers_tls() {
            keywords.push("STARTTLS".into());
        }
        if let Role::Submission { auth: true, .. } = self.host.role
            && self.tls
        {
            keywords.push(auth::OFFER.into());
        }
        if matches!(self.host.role, Role::Transfer) && hostile::offers_auth(self) {
            keywords.push("AUTH PLAIN LOGIN".into());
        }
        let mut reply = vec![format!("250-{} greets {name}", self.host.name)];
        let last = keywords.len().saturating_sub(1);
        for (position, keyword) in keywords.iter().enumerate() {
            let between = if position == last { ' ' } else { '-' };
            reply.push(format!("250{between}{keyword}"));
        }
        if keywords.is_empty() {
            reply = vec![format!("250 {} greets {name}", self.host.name)];
        }
        Turn::lines(reply)
    }

    fn helo(&mut self, name: &str) -> Turn {
        if let Some(lines) = &self.host.script.helo {
            return self.scripted(lines, "");
        }
        if name.is_empty() {
            return Turn::say("501 5.5.4 Syntax: HELO hostname");
        }
        self.greeted = true;
        self.forget_mail();
        Turn::say(format!("250 {}", self.host.name))
    }

    fn starttls(&mut self) -> Turn {
        if let Some(end) = self.ends_at(Stage::Starttls) {
            return end;
        }
        match self.host.script.starttls {
            _ if self.tls => Turn::say("503 5.5.1 TLS is already active"),
            StartTls::None => Turn::say("502 5.5.1 STARTTLS is not offered here"),
            StartTls::Refused => Turn::say("454 4.7.0 TLS not available due to local problem"),
            StartTls::Ok => Turn::say("220 2.0.0 Ready to start TLS").then(Next::Handshake),
            StartTls::Garbage => Turn::say("220 2.0.0 Ready to start TLS").then(Next::Garbage),
            StartTls::Obsolete => {
                Turn::say("220 2.0.0 Ready to start TLS").then(Next::OldHandshake)
            }
            StartTls::Injectable => {
                Turn::say("220 2.0.0 Ready to start TLS").then(Next::HandshakeWithRest)
            }
        }
    }

    fn auth(&mut self, argument: &str) -> Turn {
        if let Some(end) = self.ends_at(Stage::Auth) {
            return end;
        }
        match self.host.role {
            Role::Submission { auth: true, .. } if self.logged_in => {
                Turn::say("503 5.5.1 Already authenticated")
            }
            Role::Submission { auth: true, .. } if self.tls => {
                self.logins += 1;
                self.login_turn(|server| server.begin(argument))
            }
            Role::Submission { auth: true, .. } => {
                Turn::say("538 5.7.11 Encryption required for the requested mechanism")
            }
            _ => Turn::say("502 5.5.1 AUTH is not offered here"),
        }
    }

    fn login_turn(&mut self, with: impl FnOnce(auth::Server<'_>) -> Progress) -> Turn {
        let Role::Submission { users, .. } = &self.host.role else {
            return Turn::say("502 5.5.1 AUTH is not offered here");
        };
        let progress = with(auth::Server {
            name: &self.host.name,
            users,
            // The time in the upper half, and the logins of this connection.
            nonce: (self.now.as_nanos() << 32) | u128::from(self.logins),
        });
        match progress {
            Progress::Ask(challenge, login) => {
                self.login = Some(login);
                Turn::say(format!("334 {challenge}"))
            }
            Progress::Broken(reply) => Turn::say(reply),
            Progress::Accepted => {
                self.logged_in = true;
                Turn::say("235 2.7.0 Authentication successful")
            }
            Progress::Refused => Turn::say("535 5.7.8 Authentication credentials invalid"),
        }
    }

    fn forget_mail(&mut self) {
        self.sender = None;
        self.recipients.clear();
        self.carriage = Carriage::Any;
    }

    /// How the connection ends at this stage, where the script says that it does.
    pub(super) fn ends_at(&self, stage: Stage) -> Option<Turn> {
        let script = &self.host.script;
        if script.close == Some(stage) {
            Some(Turn::hang_up())
        } else if script.shutdown == Some(stage) {
            Some(self.shut_down())
        } else {
            None
        }
    }

    fn shut_down(&self) -> Turn {
        Turn::say(format!(
            "421 4.3.2 {} Service shutting down and closing transmission channel",
            self.host.name
        ))
    }

    fn after(&self, stage: Stage) -> Next {
        if self.host.script.close == Some(stage) {
            Next::Close
        } else {
            Next::Command
        }
    }

    /// What the script says, or else what an ordinary server says.
    pub(super) fn script_or(
        &self,
        script: Option<&OneOrMany<String>>,
        address: &str,
        ordinary: impl FnOnce() -> String,
    ) -> Turn {
        script.map_or_else(
            || Turn::say(ordinary()),
            |lines| self.scripted(lines, address),
        )
    }

    pub(super) fn scripted(&self, lines: &OneOrMany<String>, address: &str) -> Turn {
        let lines = lines.as_slice().iter();
        Turn::lines(lines.map(|line| self.filled(line, address)).collect())
    }

    fn filled(&self, line: &str, address: &str) -> String {
        line.replace("{host}", &self.host.name)
            .replace("{from}", self.sender.as_deref().unwrap_or(address))
            .replace("{to}", address)
    }
}
