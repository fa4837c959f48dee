//! The server's side of RFC 5321, without a socket: a line in, a reply and what is next out.

use super::auth::{self, Login, Progress};
use super::host::{MailServer, Role};
use crate::lab::setting::{Ehlo, OneOrMany, Stage, StartTls};

/// Recipients of one message; RFC 5321 section 4.5.3.1.8 asks for a hundred at least.
const MAX_RECIPIENTS: usize = 100;

/// One connection's state.
#[derive(Debug)]
pub(super) struct Dialogue<'a> {
    host: &'a MailServer,
    tls: bool,
    greeted: bool,
    login: Option<Login>,
    logged_in: bool,
    sender: Option<String>,
    recipients: Vec<String>,
    messages: u32,
}

/// What the server does about a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// Lines without their CRLF.
    pub(super) reply: Vec<String>,
    pub(super) next: Next,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Command,
    /// The message follows, up to the dot.
    Message,
    /// The TLS handshake follows.
    Handshake,
    /// Bytes follow that are no handshake.
    Garbage,
    /// The connection is closed.
    Close,
}

impl Turn {
    fn say(line: impl Into<String>) -> Self {
        Self::lines(vec![line.into()])
    }

    fn lines(reply: Vec<String>) -> Self {
        // 421 announces that the connection will be closed (RFC 5321 section 3.8).
        let closes = reply.iter().any(|line| line.starts_with("421"));
        Self {
            next: if closes { Next::Close } else { Next::Command },
            reply,
        }
    }

    fn then(mut self, next: Next) -> Self {
        if self.next == Next::Command {
            self.next = next;
        }
        self
    }

    fn hang_up() -> Self {
        Self {
            reply: Vec::new(),
            next: Next::Close,
        }
    }
}

impl<'a> Dialogue<'a> {
    pub(super) fn new(host: &'a MailServer, tls: bool) -> Self {
        Self {
            host,
            tls,
            greeted: false,
            login: None,
            logged_in: false,
            sender: None,
            recipients: Vec::new(),
            messages: 0,
        }
    }

    /// The greeting.
    pub(super) fn banner(&self) -> Turn {
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
            let progress = auth::go_on(login, line);
            return self.login_turn(progress);
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
            "RSET" => {
                self.forget_mail();
                Turn::say("250 2.0.0 Ok")
            }
            "NOOP" => Turn::say("250 2.0.0 Ok"),
            "VRFY" => Turn::say("252 2.0.0 Cannot VRFY user, but will take a message and try"),
            "EXPN" => Turn::say("502 5.5.1 EXPN is not offered here"),
            "HELP" => Turn::lines(vec![
                "214-2.0.0 Commands: EHLO HELO STARTTLS MAIL RCPT DATA".into(),
                "214 2.0.0 RSET NOOP VRFY HELP QUIT".into(),
            ]),
            "QUIT" if self.closes_at(Stage::Quit) => Turn::hang_up(),
            "QUIT" => Turn::say("221 2.0.0 Bye").then(Next::Close),
            _ => Turn::say("500 5.5.2 Command not recognised"),
        }
    }

    /// The message has been taken in, up to the dot.
    pub(super) fn message(&mut self) -> Turn {
        if self.closes_at(Stage::Message) {
            return Turn::hang_up();
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
        if self.closes_at(Stage::Ehlo) {
            return Turn::hang_up();
        }
        if name.is_empty() {
            return Turn::say("501 5.5.4 Syntax: EHLO hostname");
        }
        let mut keywords = match &self.host.script.ehlo {
            Some(Ehlo::Refused(reply)) => return Turn::say(self.filled(reply, "")),
            Some(Ehlo::Keywords(keywords)) => keywords.clone(),
            None => [
                "PIPELINING",
                "SIZE 52428800",
                "8BITMIME",
                "ENHANCEDSTATUSCODES",
            ]
            .map(str::to_owned)
            .into(),
        };
        self.greeted = true;
        self.forget_mail();
        if !self.tls && self.host.script.starttls != StartTls::None {
            keywords.push("STARTTLS".into());
        }
        if let Role::Submission { auth: true, .. } = self.host.role
            && self.tls
        {
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
        if self.closes_at(Stage::Starttls) {
            return Turn::hang_up();
        }
        match self.host.script.starttls {
            _ if self.tls => Turn::say("503 5.5.1 TLS is already active"),
            StartTls::None => Turn::say("502 5.5.1 STARTTLS is not offered here"),
            StartTls::Refused => Turn::say("454 4.7.0 TLS not available due to local problem"),
            StartTls::Ok => Turn::say("220 2.0.0 Ready to start TLS").then(Next::Handshake),
            StartTls::Garbage => Turn::say("220 2.0.0 Ready to start TLS").then(Next::Garbage),
        }
    }

    fn auth(&mut self, argument: &str) -> Turn {
        match self.host.role {
            Role::Submission { auth: true, .. } if self.logged_in => {
                Turn::say("503 5.5.1 Already authenticated")
            }
            Role::Submission { auth: true, .. } if self.tls => {
                let progress = auth::begin(argument);
                self.login_turn(progress)
            }
            Role::Submission { auth: true, .. } => {
                Turn::say("538 5.7.11 Encryption required for the requested mechanism")
            }
            _ => Turn::say("502 5.5.1 AUTH is not offered here"),
        }
    }

    fn login_turn(&mut self, progress: Progress) -> Turn {
        match progress {
            Progress::Ask(challenge, login) => {
                self.login = Some(login);
                Turn::say(format!("334 {challenge}"))
            }
            Progress::Broken(reply) => Turn::say(reply),
            Progress::Tried { user, password } => {
                let Role::Submission { users, .. } = &self.host.role else {
                    return Turn::say("502 5.5.1 AUTH is not offered here");
                };
                self.logged_in = users.get(&user) == Some(&password);
                if self.logged_in {
                    Turn::say("235 2.7.0 Authentication successful")
                } else {
                    Turn::say("535 5.7.8 Authentication credentials invalid")
                }
            }
        }
    }

    fn mail(&mut self, argument: &str) -> Turn {
        if self.closes_at(Stage::Mail) {
            return Turn::hang_up();
        }
        if !self.greeted {
            return Turn::say("503 5.5.1 Send EHLO first");
        }
        if self.sender.is_some() {
            return Turn::say("503 5.5.1 A sender has been given already");
        }
        if matches!(self.host.role, Role::Submission { .. }) && !self.logged_in {
            return Turn::say(if self.tls {
                "530 5.7.0 Authentication required"
            } else {
                "530 5.7.0 Must issue a STARTTLS command first"
            });
        }
        let Some(sender) = path(argument, "FROM:") else {
            return Turn::say("501 5.5.4 Syntax: MAIL FROM:<address>");
        };
        let script = self.host.script.mail.as_ref();
        let turn = self.script_or(script, &sender, || "250 2.1.0 Ok".into());
        if is_positive(&turn) {
            self.sender = Some(sender);
        }
        turn
    }

    fn rcpt(&mut self, argument: &str) -> Turn {
        if self.closes_at(Stage::Rcpt) {
            return Turn::hang_up();
        }
        if self.sender.is_none() {
            return Turn::say("503 5.5.1 Need MAIL command");
        }
        if self.recipients.len() >= MAX_RECIPIENTS {
            return Turn::say("452 4.5.3 Too many recipients");
        }
        let recipient = match path(argument, "TO:") {
            Some(recipient) if !recipient.is_empty() => recipient,
            _ => return Turn::say("501 5.5.4 Syntax: RCPT TO:<address>"),
        };
        let turn = self.recipient_turn(&recipient);
        if is_positive(&turn) {
            self.recipients.push(recipient);
        }
        turn
    }

    fn recipient_turn(&self, recipient: &str) -> Turn {
        let lower = recipient.to_ascii_lowercase();
        // `<postmaster>` stands without a domain too (RFC 5321 section 4.1.1.3).
        let (local_part, domain) = lower.rsplit_once('@').unwrap_or((&lower, ""));
        let here = domain.is_empty() || self.host.accepts_domain(domain);
        let script = &self.host.script.rcpt;
        let scripted = script
            .get(&lower)
            .or_else(|| script.get(local_part).filter(|_| here))
            .or_else(|| script.get("*").filter(|_| here));
        if let Some(lines) = scripted {
            return self.scripted(lines, recipient);
        }
        if !here && !self.logged_in {
            return Turn::say(format!("550 5.7.1 <{recipient}>: Relay access denied"));
        }
        if here && !self.host.has_mailbox(local_part) {
            return Turn::say(format!(
                "550 5.1.1 <{recipient}>: Recipient address rejected: User unknown"
            ));
        }
        Turn::say("250 2.1.5 Ok")
    }

    fn data(&mut self) -> Turn {
        if self.closes_at(Stage::Data) {
            return Turn::hang_up();
        }
        if self.recipients.is_empty() {
            return Turn::say("503 5.5.1 Need RCPT command");
        }
        let script = self.host.script.data.as_ref();
        let turn = self.script_or(script, "", || "354 End data with <CR><LF>.<CR><LF>".into());
        let goes_on = turn.reply.last().is_some_and(|line| line.starts_with('3'));
        turn.then(if goes_on {
            Next::Message
        } else {
            Next::Command
        })
    }

    fn forget_mail(&mut self) {
        self.sender = None;
        self.recipients.clear();
    }

    fn closes_at(&self, stage: Stage) -> bool {
        self.host.script.close == Some(stage)
    }

    fn after(&self, stage: Stage) -> Next {
        if self.closes_at(stage) {
            Next::Close
        } else {
            Next::Command
        }
    }

    /// What the script says, or else what an ordinary server says.
    fn script_or(
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

    fn scripted(&self, lines: &OneOrMany<String>, address: &str) -> Turn {
        let lines = lines.as_slice().iter();
        Turn::lines(lines.map(|line| self.filled(line, address)).collect())
    }

    fn filled(&self, line: &str, address: &str) -> String {
        line.replace("{host}", &self.host.name)
            .replace("{from}", self.sender.as_deref().unwrap_or(address))
            .replace("{to}", address)
    }
}

fn is_positive(turn: &Turn) -> bool {
    turn.reply.last().is_some_and(|line| line.starts_with('2'))
}

/// The address in `FROM:<a@b> SIZE=1`, empty for the null sender. The brackets are required
/// and no space stands before them (RFC 5321 section 3.3).
fn path(argument: &str, word: &str) -> Option<String> {
    let rest = argument
        .get(..word.len())
        .filter(|start| start.eq_ignore_ascii_case(word))
        .and_then(|start| argument.get(start.len()..))?;
    let (address, _) = rest.strip_prefix('<')?.split_once('>')?;
    // A source route is taken and ignored (RFC 5321 appendix C).
    let address = match address.strip_prefix('@') {
        Some(route) => route.split_once(':')?.1,
        None => address,
    };
    Some(address.to_owned())
}
