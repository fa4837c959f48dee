//! A transcript as a command line of swaks.

use super::moves::{Login, Move, moves};
use crate::case::Transcript;
use crate::smtp::{Command, ForwardPath, ReversePath, Stage};

/// The mechanisms that swaks has.
const MECHANISMS: [&str; 6] = [
    "PLAIN",
    "LOGIN",
    "CRAM-MD5",
    "CRAM-SHA1",
    "DIGEST-MD5",
    "NTLM",
];

/// The command line of swaks that says the same, each word quoted for a POSIX shell, with what
/// swaks cannot say in comments before it. The password is not in it: swaks asks.
pub fn swaks_of(transcript: &Transcript) -> String {
    let mut line = Line::default();
    line.with("--server", &transcript.host);
    line.with("--port", &transcript.port.to_string());
    let first = transcript
        .transcript
        .iter()
        .find(|line| line.code.is_some());
    if first.is_some_and(|line| line.encrypted) {
        line.alone("--tls-on-connect");
    }
    let mut last = "CONNECT";
    let mut recipients: Vec<String> = Vec::new();
    let mut ended = false;
    for made in moves(transcript) {
        if ended && !matches!(made, Move::Quit(_) | Move::Heard(_) | Move::Dropped) {
            line.cannot("what came after the first message or its end");
            break;
        }
        match made {
            Move::Heard(_) | Move::Quit(_) => {}
            Move::Raw(octets, _) => line.cannot(&format!("octets that are no line: {octets}")),
            Move::StartTls(Some(220)) => {
                line.alone("--tls");
                last = "TLS";
            }
            Move::StartTls(_) => line.alone("--tls-optional"),
            Move::Auth(login) => {
                line.login(&login);
                last = "AUTH";
            }
            Move::Commands(commands) => {
                for (command, _) in &commands {
                    if let Some(stage) = line.command(command, &mut recipients) {
                        last = stage;
                    }
                }
                if commands.len() > 1 {
                    line.cannot("several commands at once, other than with --pipeline");
                }
            }
            Move::Message { text, .. } => {
                line.message(text.as_deref());
                ended = true;
            }
            Move::ServerClosed => ended = true,
            Move::Dropped => {
                line.cannot("closing without QUIT here; --drop-after comes nearest");
                ended = true;
            }
        }
    }
    if !recipients.is_empty() {
        line.with("--to", &recipients.join(","));
    }
    if !line.has_message {
        line.with("--quit-after", last);
    }
    line.written()
}

#[derive(Default)]
struct Line {
    words: Vec<String>,
    comments: Vec<String>,
    said_hello: bool,
    has_sender: bool,
    has_message: bool,
}

impl Line {
    fn alone(&mut self, option: &str) {
        if !self.words.iter().any(|word| word == option) {
            self.words.push(option.to_owned());
        }
    }

    /// An option and its value, which may look like an option itself.
    fn with(&mut self, option: &str, value: &str) {
        if value.starts_with('-') || value.is_empty() {
            self.words.push(quoted(&format!("{option}={value}")));
        } else {
            self.words.push(option.to_owned());
            self.words.push(quoted(value));
        }
    }

    fn cannot(&mut self, what: &str) {
        let comment = format!("# swaks cannot: {what}");
        if !self.comments.contains(&comment) {
            self.comments.push(comment);
        }
    }

    /// One command; the word for where swaks can stop behind it.
    fn command(&mut self, text: &str, recipients: &mut Vec<String>) -> Option<&'static str> {
        match Command::parse_typed(text) {
            Ok(Command::Ehlo(name)) if !self.said_hello => self.hello(name.as_str()),
            Ok(Command::Helo(name)) if !self.said_hello => {
                self.with("--protocol", "SMTP");
                self.hello(name.as_str());
            }
            Ok(Command::Mail { from, parameters }) if !self.has_sender => {
                self.has_sender = true;
                match &from {
                    ReversePath::Null => self.with("--from", "<>"),
                    ReversePath::Mailbox(mailbox) => self.with("--from", &mailbox.to_string()),
                }
                if parameters.iter().any(|parameter| parameter.is("PRDR")) {
                    self.alone("--prdr");
                }
                if !parameters.iter().all(|parameter| parameter.is("PRDR")) {
                    self.cannot(&format!("parameters of MAIL: {text}"));
                }
                return Some("MAIL");
            }
            Ok(Command::Rcpt { to, parameters }) => {
                let address = match &to {
                    ForwardPath::Postmaster => "postmaster".to_owned(),
                    ForwardPath::Mailbox(mailbox) => mailbox.to_string(),
                };
                if address.contains(',') {
                    self.cannot(&format!("an address with a comma in it: {text}"));
                } else {
                    recipients.push(address);
                }
                if !parameters.is_empty() {
                    self.cannot(&format!("parameters of RCPT: {text}"));
                }
                return Some("RCPT");
            }
            // EHLO comes again behind STARTTLS.
            Ok(Command::Ehlo(_) | Command::Helo(_) | Command::Data) => {}
            _ => self.cannot(&format!("`{text}` at this place")),
        }
        (Stage::of_line(text) == Stage::Ehlo).then_some("FIRST-HELO")
    }

    fn hello(&mut self, name: &str) {
        self.said_hello = true;
        self.with("--ehlo", name);
    }

    fn login(&mut self, login: &Login) {
        let mechanism = login.mechanism.to_ascii_uppercase();
        if !MECHANISMS.contains(&mechanism.as_str()) {
            self.cannot(&format!("AUTH {mechanism}"));
            return;
        }
        self.with("--auth", &mechanism);
        if let Some(user) = &login.user {
            self.with("--auth-user", user);
        }
    }

    fn message(&mut self, text: Option<&str>) {
        self.has_message = true;
        let Some(text) = text else {
            self.comments
                .push("# the transcript has not kept the message; swaks sends its own".to_owned());
            return;
        };
        if text.contains("\\n") {
            self.cannot("a backslash before an n, which it takes for a line break");
        }
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut headers: Vec<String> = Vec::new();
        for line in head.lines() {
            match headers.last_mut() {
                Some(header) if line.starts_with([' ', '\t']) => {
                    header.push('\n');
                    header.push_str(line);
                }
                _ => headers.push(line.to_owned()),
            }
        }
        for header in headers {
            self.with("--header", &header);
        }
        if body.starts_with('@') || body == "-" {
            self.cannot("a body that it takes for the name of a file");
        } else {
            self.with("--body", body);
        }
    }

    fn written(mut self) -> String {
        let mut out = String::new();
        for comment in &self.comments {
            out.push_str(comment);
            out.push('\n');
        }
        self.words.insert(0, "swaks".to_owned());
        out.push_str(&self.words.join(" "));
        out.push('\n');
        out
    }
}

/// For a POSIX shell. A transcript holds no NUL, the only thing that cannot be quoted.
fn quoted(text: &str) -> String {
    shlex::try_quote(text).map_or_else(|_| "''".to_owned(), std::borrow::Cow::into_owned)
}
