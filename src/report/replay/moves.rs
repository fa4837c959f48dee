//! What the client did, read from a transcript: commands with the codes that came to them.

use crate::case::{From, Line, Transcript};
use crate::knowledge::code::ReplyCode;
use crate::smtp::{MASK, Stage};

/// Something that the client did, or that it only heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// A reply to nothing: the greeting above all.
    Heard(Option<u16>),
    /// Several, where they went out at once; with the codes, as far as replies came.
    Commands(Vec<(String, Option<u16>)>),
    /// Octets with escapes in them, which are no line.
    Raw(String, Option<u16>),
    StartTls(Option<u16>),
    Auth(Login),
    Message {
        /// The lines; none where the transcript has only their number.
        text: Option<String>,
        code: Option<u16>,
    },
    Quit(Option<u16>),
    ServerClosed,
    Dropped,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Login {
    pub(super) mechanism: String,
    pub(super) user: Option<String>,
    pub(super) initial: bool,
    pub(super) encrypted: bool,
    pub(super) verified: bool,
    pub(super) code: Option<u16>,
}

enum Item<'a> {
    Client(&'a Line),
    Reply(Option<u16>),
    Note(&'a str),
}

/// Whole replies in the place of their lines.
fn items(transcript: &Transcript) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    for line in &transcript.transcript {
        match line.from {
            From::Client => items.push(Item::Client(line)),
            From::Event => items.push(Item::Note(line.line.as_str())),
            From::Server => {
                let goes_on = line.code.is_some() && line.line.as_bytes().get(3) == Some(&b'-');
                if !goes_on {
                    items.push(Item::Reply(line.code.map(ReplyCode::get)));
                }
            }
        }
    }
    items
}

pub(super) fn moves(transcript: &Transcript) -> Vec<Move> {
    let mut reader = Reader {
        items: items(transcript),
        at: 0,
        verified: true,
        moves: Vec::new(),
    };
    while reader.step() {}
    reader.moves
}

/// Whether the line went out with octets in it that no line holds.
fn is_raw(line: &str) -> bool {
    ["\\r", "\\n", "\\x"]
        .iter()
        .any(|escape| line.contains(escape))
}

struct Reader<'a> {
    items: Vec<Item<'a>>,
    at: usize,
    verified: bool,
    moves: Vec<Move>,
}

impl Reader<'_> {
    fn step(&mut self) -> bool {
        let Some(item) = self.items.get(self.at) else {
            return false;
        };
        match item {
            Item::Reply(code) => {
                self.moves.push(Move::Heard(*code));
                self.at += 1;
            }
            Item::Note(note) => {
                self.verified &= !note.contains("the certificate does not verify");
                let by_server = note.starts_with("the server closed")
                    || note.starts_with("the connection broke");
                if by_server {
                    self.moves.push(Move::ServerClosed);
                } else if note.starts_with("connection closed") && !self.has_quit() {
                    self.moves.push(Move::Dropped);
                }
                self.at += 1;
            }
            Item::Client(line) => {
                let line = *line;
                self.client(line);
            }
        }
        true
    }

    fn has_quit(&self) -> bool {
        self.moves.iter().any(|made| matches!(made, Move::Quit(_)))
    }

    fn client(&mut self, line: &Line) {
        let text = line.line.as_str();
        match Stage::of_line(text) {
            _ if is_raw(text) => {
                self.at += 1;
                let code = self.reply();
                self.moves.push(Move::Raw(text.to_owned(), code));
            }
            Stage::StartTls => {
                self.at += 1;
                let code = self.reply();
                self.moves.push(Move::StartTls(code));
            }
            Stage::Quit => {
                self.at += 1;
                let code = self.reply();
                self.moves.push(Move::Quit(code));
            }
            Stage::Auth => self.login(line),
            _ => self.commands(),
        }
    }

    /// The next reply, where nothing was said before it.
    fn reply(&mut self) -> Option<u16> {
        self.skip_notes();
        match self.items.get(self.at) {
            Some(Item::Reply(code)) => {
                self.at += 1;
                *code
            }
            _ => None,
        }
    }

    fn skip_notes(&mut self) {
        while let Some(Item::Note(note)) = self.items.get(self.at) {
            if note.contains("closed the connection") || note.starts_with("connection ") {
                return;
            }
            self.verified &= !note.contains("the certificate does not verify");
            self.at += 1;
        }
    }

    /// Commands up to the first reply, which has their replies behind it.
    fn commands(&mut self) {
        let mut lines: Vec<String> = Vec::new();
        while let Some(Item::Client(line)) = self.items.get(self.at) {
            let text = line.line.as_str();
            let apart = matches!(
                Stage::of_line(text),
                Stage::StartTls | Stage::Quit | Stage::Auth
            );
            if apart || is_raw(text) {
                break;
            }
            lines.push(text.to_owned());
            self.at += 1;
        }
        let mut made = Vec::new();
        for line in lines {
            let code = self.reply();
            made.push((line, code));
        }
        let data = made
            .last()
            .is_some_and(|(line, code)| Stage::of_line(line) == Stage::Data && *code == Some(354));
        let raw_next = matches!(self.items.get(self.at), Some(Item::Client(line)) if is_raw(line.line.as_str()));
        match made.as_slice() {
            // The beginning of a line that goes on.
            [(line, None)] if raw_next => self.moves.push(Move::Raw(line.clone(), None)),
            _ => self.moves.push(Move::Commands(made)),
        }
        if data {
            self.message();
        }
    }

    /// What stands behind the 354, up to the dot.
    fn message(&mut self) {
        let mut lines: Vec<String> = Vec::new();
        let mut streamed = false;
        while let Some(item) = self.items.get(self.at) {
            match item {
                Item::Note(note) if note.starts_with("sending the message") => streamed = true,
                Item::Client(line) if line.line.as_str() == "." => {
                    // A dot that was typed is told of twice.
                    while matches!(self.items.get(self.at), Some(Item::Client(line)) if line.line.as_str() == ".")
                    {
                        self.at += 1;
                    }
                    let code = self.reply();
                    let text = (!streamed).then(|| lines.join("\n"));
                    self.moves.push(Move::Message { text, code });
                    return;
                }
                Item::Client(line) if is_raw(line.line.as_str()) => break,
                Item::Client(line) => {
                    let text = line.line.as_str();
                    // RFC 5321 section 4.5.2.
                    let text = text.strip_prefix('.').unwrap_or(text);
                    lines.push(text.to_owned());
                }
                _ => break,
            }
            self.at += 1;
        }
        // It never came to an end: what was sent of it goes as it is.
        for line in lines {
            self.moves.push(Move::Raw(format!("{line}\\r\\n"), None));
        }
    }

    fn login(&mut self, line: &Line) {
        let mut words = line.line.split_whitespace().skip(1);
        let mechanism = words.next().filter(|word| *word != MASK);
        let mut login = Login {
            mechanism: mechanism.unwrap_or("PLAIN").to_owned(),
            user: None,
            initial: words.next().is_some(),
            encrypted: line.encrypted,
            verified: self.verified,
            code: None,
        };
        self.at += 1;
        while let Some(item) = self.items.get(self.at) {
            match item {
                Item::Note(note) if note.starts_with("AUTH, ") => {
                    login.user = login.user.or_else(|| user_of(note));
                }
                Item::Client(line) if line.line.as_str() == MASK => {}
                Item::Reply(code) => {
                    login.code = *code;
                    if *code != Some(334) {
                        self.at += 1;
                        break;
                    }
                }
                _ => break,
            }
            self.at += 1;
        }
        self.moves.push(Move::Auth(login));
    }
}

/// The user that a note of the login names.
fn user_of(note: &str) -> Option<String> {
    /// What stands behind the name, in each mechanism's words.
    const BEHIND: [&str; 6] = [
        ", nonce ",
        ", password ",
        ", bearer token ",
        ", host ",
        ", port ",
        ", the challenge's ",
    ];
    let rest = note.strip_prefix("AUTH, sent: ")?;
    let rest = rest.strip_prefix("client first: ").unwrap_or(rest);
    let name = rest
        .strip_prefix("user ")
        .or_else(|| rest.strip_prefix("to act as "))?;
    let ends = BEHIND.iter().filter_map(|behind| name.rfind(behind)).min();
    Some(
        ends.and_then(|end| name.get(..end))
            .unwrap_or(name)
            .to_owned(),
    )
}
