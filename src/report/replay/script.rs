//! A transcript as a script of `smtp-tui session --script`.

use super::moves::{Login, Move, moves};
use crate::case::Transcript;
use crate::text::SafeText;
use std::fmt::Write as _;

// Writing to a String cannot fail, here and below.

/// The script that says the same and expects the codes that came. Passwords are none of it; a
/// message that the transcript has no lines of becomes a short one, and a comment says so.
pub fn script_of(transcript: &Transcript) -> String {
    let mut out = head(transcript);
    let moves = moves(transcript);
    let mut rest = moves.iter().peekable();
    while let Some(made) = rest.next() {
        let closes = matches!(rest.peek(), Some(Move::ServerClosed));
        if write(&mut out, made, closes) {
            rest.next();
        }
    }
    if moves.is_empty() {
        out.push_str("[]\n");
    }
    out
}

fn head(transcript: &Transcript) -> String {
    let first = transcript
        .transcript
        .iter()
        .find(|line| line.code.is_some());
    let tls = if first.is_some_and(|line| line.encrypted) && transcript.port != 465 {
        " --tls-on-connect"
    } else {
        ""
    };
    format!(
        "# A session with {} port {}, written from its transcript:\n\
         #   smtp-tui session HOST:{}{tls} --script FILE\n",
        transcript.host, transcript.port, transcript.port
    )
}

/// In double quotes, which mean the same in JSON and YAML.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `, expect: 250`; `closed` where the server closed in the place of an answer.
fn expect(code: Option<u16>, closes: bool) -> String {
    match code {
        Some(code) => format!(", expect: {code}"),
        None if closes => ", expect: closed".to_owned(),
        None => String::new(),
    }
}

/// Writes one step; whether it took the closing of the connection with it.
fn write(out: &mut String, made: &Move, closes: bool) -> bool {
    let with = |out: &mut String, what: &str, code: Option<u16>| {
        let expect = expect(code, closes);
        let _ = writeln!(out, "- {{{what}{expect}}}");
        closes && code.is_none()
    };
    match made {
        Move::Heard(Some(code)) => {
            let _ = writeln!(out, "- {{expect: {code}}}");
        }
        Move::Heard(None) => {
            out.push_str("# here the server sent a line that is no reply\n");
        }
        Move::Commands(commands) => return write_commands(out, commands, closes),
        Move::Raw(octets, code) => {
            return with(out, &format!("raw: {}", quoted(&escaped(octets))), *code);
        }
        Move::StartTls(code) => return with(out, "starttls: true", *code),
        Move::Quit(code) => return with(out, "quit: true", *code),
        Move::Auth(login) => {
            let what = auth(user(out, login), login);
            return with(out, &what, login.code);
        }
        Move::Message { text, code } => {
            let text = text.clone().unwrap_or_else(|| {
                out.push_str("# the transcript has not kept the message; this one stands for it\n");
                "Subject: test\n\nThis is a test.\n".to_owned()
            });
            return with(out, &format!("message: {}", quoted(&text)), *code);
        }
        Move::ServerClosed => out.push_str("- {expect: closed}\n"),
        Move::Dropped => out.push_str("- {drop: true}\n"),
    }
    false
}

fn write_commands(out: &mut String, commands: &[(String, Option<u16>)], closes: bool) -> bool {
    if commands.iter().any(|(line, _)| line.contains("\\u{")) {
        out.push_str("# `\\u{…}` stands for a character that a transcript does not show\n");
    }
    if let [(line, code)] = commands {
        let unanswered = code.is_none() && !closes;
        let step = if unanswered {
            // `send` would wait for what did not come.
            format!("raw: {}", quoted(&format!("{}\\r\\n", escaped(line))))
        } else {
            format!("send: {}", quoted(line))
        };
        let expect = expect(*code, closes);
        let _ = writeln!(out, "- {{{step}{expect}}}");
        return code.is_none() && closes;
    }
    let answered = commands
        .iter()
        .take_while(|(_, code)| code.is_some())
        .count();
    let (answered, others) = commands.split_at(answered);
    if !answered.is_empty() {
        let lines: Vec<String> = answered.iter().map(|(line, _)| quoted(line)).collect();
        let codes: Vec<String> = answered
            .iter()
            .filter_map(|(_, code)| code.map(|code| code.to_string()))
            .collect();
        let _ = writeln!(
            out,
            "- {{send: [{}], expect: [{}]}}",
            lines.join(", "),
            codes.join(", ")
        );
    }
    for (line, _) in others {
        let octets = quoted(&format!("{}\\r\\n", escaped(line)));
        let _ = writeln!(out, "- {{raw: {octets}}}");
    }
    false
}

fn user<'a>(out: &mut String, login: &'a Login) -> &'a str {
    login.user.as_deref().unwrap_or_else(|| {
        out.push_str("# the transcript does not say which user this was\n");
        ""
    })
}

fn auth(user: &str, login: &Login) -> String {
    let mut more = String::new();
    if !login.initial {
        more.push_str(", initial: false");
    }
    if !login.encrypted {
        more.push_str(", in_clear: true");
    }
    if !login.verified {
        more.push_str(", unverified: true");
    }
    format!(
        "auth: {{mechanism: {}, user: {}{more}}}",
        quoted(&login.mechanism),
        quoted(user)
    )
}

/// Backslashes that are no escape of a transcript are doubled.
fn escaped(shown: &str) -> String {
    let mut out = String::new();
    let mut rest = shown;
    while let Some((before, behind)) = rest.split_once('\\') {
        out.push_str(before);
        let hex = |text: &str| {
            text.strip_prefix('x')
                .and_then(|digits| digits.get(..2))
                .is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))
        };
        let is_escape = behind.starts_with(['r', 'n']) || hex(behind);
        out.push_str(if is_escape { "\\" } else { "\\\\" });
        rest = behind;
    }
    out.push_str(rest);
    SafeText::from(out).into_string()
}
