//! The rules that octets for the server would break where the session stands, said before they
//! are sent. Sending them is allowed: that is how one tests.

use super::command::{Parameter, Raw, rule_broken};
use super::extension::{Extensions, SizeLimit};
use super::sasl::SaslMechanism;
use super::session::{Progress, Session};
use super::stage::Stage;
use super::state::State;
use crate::knowledge::parameter::parameter;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Rules that are told of one go; whoever breaks more knows it.
const MOST: usize = 8;
/// Octets of a line of the message, with CRLF (RFC 5321 section 4.5.3.1.6).
const TEXT_LINE: usize = 1000;
/// Octets of an answer to a 334, with CRLF (RFC 4954 section 4).
const AUTH_LINE: usize = 12288;

/// Where a session stands, as far as rules know it: for those who do not have the session itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub state: State,
    pub encrypted: bool,
    /// What the last EHLO offered.
    pub extensions: Option<Extensions>,
    pub progress: Progress,
    /// The first command without a reply.
    pub awaited: Option<Stage>,
}

impl Default for Standing {
    fn default() -> Self {
        Self {
            state: State::Unconnected,
            encrypted: false,
            extensions: None,
            progress: Progress::default(),
            awaited: None,
        }
    }
}

impl Session {
    pub fn standing(&self) -> Standing {
        Standing {
            state: self.state(),
            encrypted: self.is_encrypted(),
            extensions: self.extensions().cloned(),
            progress: *self.progress(),
            awaited: self.awaited(),
        }
    }
}

/// Every rule that is broken, as a clause with its source.
pub fn rules_broken(session: &Standing, raw: &Raw) -> Vec<String> {
    let mut broken = Vec::new();
    line_ends(raw.octets(), &mut broken);
    let (lines, rest) = Raw::lines(raw.octets());
    let rest = Some(rest).filter(|rest| !rest.is_empty());
    let lines: Vec<String> = lines
        .into_iter()
        .map(|line| line.strip_suffix(b"\r\n").unwrap_or(line))
        .chain(rest)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    match session.state {
        State::AwaitData | State::SendingMessage => {
            for line in &lines {
                text_line(session, line, &mut broken);
            }
        }
        State::Authenticating => {
            for line in &lines {
                auth_line(line, &mut broken);
            }
        }
        _ => commands(session, &lines, &mut broken),
    }
    broken.dedup();
    broken.truncate(MOST);
    broken
}

fn line_ends(octets: &[u8], broken: &mut Vec<String>) {
    let before = |at: usize| at.checked_sub(1).and_then(|at| octets.get(at));
    let bare = |wanted: u8| {
        octets.iter().enumerate().any(|(at, byte)| {
            *byte == wanted
                && match wanted {
                    b'\n' => before(at) != Some(&b'\r'),
                    _ => octets.get(at + 1) != Some(&b'\n'),
                }
        })
    };
    for (byte, name) in [(b'\n', "LF"), (b'\r', "CR")] {
        if bare(byte) {
            broken.push(format!(
                "a bare {name} is in it: it ends no line, and servers differ in what they make of it (RFC 5321, 2.3.8)"
            ));
        }
    }
    if !octets.ends_with(b"\n") && !octets.ends_with(b"\r") {
        broken.push(
            "the line has no end: the server goes on waiting for CRLF (RFC 5321, 2.3.8)".to_owned(),
        );
    }
    if octets.contains(&0) {
        broken.push("a NUL is in it (RFC 5321, 4.1.2 and 4.5.2)".to_owned());
    }
}

fn text_line(session: &Standing, line: &str, broken: &mut Vec<String>) {
    let octets = line.len() + 2;
    if octets > TEXT_LINE {
        broken.push(format!(
            "the line has {octets} octets with CRLF, {TEXT_LINE} are allowed (RFC 5321, 4.5.3.1.6)"
        ));
    }
    if !line.is_ascii() && !offers(session, "8BITMIME") {
        broken.push(
            "octets above 127 need 8BITMIME, which is not offered (RFC 6152, 3; RFC 5321, 2.4)"
                .to_owned(),
        );
    }
}

fn auth_line(line: &str, broken: &mut Vec<String>) {
    if line.len() + 2 > AUTH_LINE {
        broken.push(format!(
            "an answer to 334 has at most {AUTH_LINE} octets (RFC 4954, 4)"
        ));
    }
    if line != "*" && STANDARD.decode(line).is_err() {
        broken.push("what answers a 334 is base64, or * to cancel (RFC 4954, 4)".to_owned());
    }
}

fn commands(session: &Standing, lines: &[String], broken: &mut Vec<String>) {
    in_one_go(session, lines, broken);
    for (place, line) in lines.iter().enumerate() {
        let stage = Stage::of_line(line);
        // What a bare CR or LF does is told already.
        if !line.contains(['\r', '\n', '\0'])
            && let Some(rule) = rule_broken(line)
        {
            broken.push(rule);
        }
        // Behind a command without a reply nobody knows the state.
        if place == 0 && session.awaited.is_none() {
            order(session, stage, broken);
        }
        offered(session, stage, line, broken);
    }
}

/// Commands that are sent before the reply to another has come.
fn in_one_go(session: &Standing, lines: &[String], broken: &mut Vec<String>) {
    match session.awaited {
        Some(Stage::Connect) => broken.push(
            "the greeting has not come: a client waits for it, and servers hang up on those that do not (RFC 5321, 3.1 and 4.3.1)"
                .to_owned(),
        ),
        Some(stage) if !offers(session, "PIPELINING") => broken.push(format!(
            "{stage} has not come, and PIPELINING is not offered (RFC 5321, 2.1; RFC 2920, 3.1)"
        )),
        Some(stage) if !goes_before_others(stage) => broken.push(format!(
            "{stage} has not come, and nothing is sent behind that command (RFC 2920, 3.1)"
        )),
        _ => {}
    }
    let [before @ .., _] = lines else { return };
    if before.is_empty() {
        return;
    }
    if !offers(session, "PIPELINING") {
        broken.push(
            "several commands in one go need PIPELINING, which is not offered (RFC 2920, 3.1)"
                .to_owned(),
        );
    }
    let last_only = before.iter().map(|line| Stage::of_line(line));
    for stage in last_only.filter(|stage| !goes_before_others(*stage)) {
        let verb = stage.verb().unwrap_or("an unknown command");
        broken.push(format!("{verb} is the last of its group (RFC 2920, 3.1)"));
    }
}

/// Commands behind which others may stand in one go (RFC 2920 section 3.1).
pub(super) fn goes_before_others(stage: Stage) -> bool {
    matches!(stage, Stage::Mail | Stage::Rcpt | Stage::Rset)
}

fn order(session: &Standing, stage: Stage, broken: &mut Vec<String>) {
    let state = session.state;
    let Some(verb) = stage.verb() else { return };
    if stage == Stage::StartTls && session.encrypted {
        broken.push("the session is inside TLS already (RFC 3207, 4.2)".to_owned());
    } else if !state.permitted().contains(&stage) {
        broken.push(format!("{verb} is out of order: {state} (RFC 5321, 4.1.4)"));
    }
    if stage == Stage::Auth && session.progress.login == Some(true) {
        broken
            .push("a login stands already, and there is one in a session (RFC 4954, 4)".to_owned());
    }
    if let Some(limits) = session.extensions.as_ref().and_then(Extensions::limits) {
        let taken = session.progress.recipients_accepted;
        let beyond = |limit: Option<u32>, count: usize| {
            limit.is_some_and(|limit| usize::try_from(limit).is_ok_and(|limit| count >= limit))
        };
        if stage == Stage::Rcpt && beyond(limits.recipients, taken) {
            broken.push(
                "the server's LIMITS have RCPTMAX, and it is reached (RFC 9422, 4.2)".to_owned(),
            );
        }
        if stage == Stage::Mail && beyond(limits.mails, session.progress.transactions) {
            broken.push(
                "the server's LIMITS have MAILMAX, and it is reached (RFC 9422, 4.1)".to_owned(),
            );
        }
    }
}

fn offers(session: &Standing, keyword: &str) -> bool {
    session
        .extensions
        .as_ref()
        .is_some_and(|all| all.has(keyword))
}

/// What needs an extension. Without a hello nothing is known of them, and the order is wrong.
fn offered(session: &Standing, stage: Stage, line: &str, broken: &mut Vec<String>) {
    if session.extensions.as_ref().is_none() && session.state <= State::Greeted {
        return;
    }
    let rest = line.split_once(' ').map_or("", |(_, rest)| rest);
    match stage {
        Stage::StartTls if session.encrypted => {}
        Stage::StartTls => needs(session, "STARTTLS", "RFC 3207, 4", broken),
        Stage::Auth => auth(session, rest, broken),
        Stage::Etrn => needs(session, "ETRN", "RFC 1985, 5", broken),
        Stage::Xclient | Stage::Xforward => attributes(session, stage, rest, broken),
        Stage::Mail | Stage::Rcpt => {
            if stage == Stage::Rcpt && !line.is_ascii() && !offers(session, "SMTPUTF8") {
                broken.push(
                    "an address beyond ASCII needs SMTPUTF8, which is not offered (RFC 6531, 3.4)"
                        .to_owned(),
                );
            }
            parameters(session, stage, rest, broken);
        }
        _ => {}
    }
}

fn needs(session: &Standing, keyword: &str, source: &str, broken: &mut Vec<String>) {
    if !offers(session, keyword) {
        broken.push(format!("{keyword} is not offered ({source})"));
    }
}

fn auth(session: &Standing, rest: &str, broken: &mut Vec<String>) {
    needs(session, "AUTH", "RFC 4954, 3", broken);
    let name = rest.split(' ').next().unwrap_or_default();
    let Ok(mechanism) = name.parse::<SaslMechanism>() else {
        return;
    };
    let offered = session.extensions.as_ref().map(Extensions::mechanisms);
    if offered.is_some_and(|all| !all.is_empty() && !all.iter().any(|own| *own == mechanism.name()))
    {
        broken.push(format!(
            "{mechanism} is not among the mechanisms offered (RFC 4954, 4)"
        ));
    }
    if mechanism.sends_secret() && !session.encrypted {
        broken.push(format!(
            "{mechanism} in clear shows the password to whoever reads along (RFC 4954, 4 and 9)"
        ));
    }
}

fn attributes(session: &Standing, stage: Stage, rest: &str, broken: &mut Vec<String>) {
    let Some(verb) = stage.verb() else { return };
    let Some(keyword) = session.extensions.as_ref().and_then(|all| all.get(verb)) else {
        broken.push(format!("{verb} is not offered (Postfix, {verb}_README)"));
        return;
    };
    let known = &keyword.parameters;
    for word in rest.split(' ').filter_map(|word| word.split_once('=')) {
        if !known.iter().any(|own| own.eq_ignore_ascii_case(word.0)) {
            broken.push(format!(
                "{verb} is offered without this attribute (Postfix, {verb}_README)"
            ));
        }
    }
}

fn parameters(session: &Standing, stage: Stage, rest: &str, broken: &mut Vec<String>) {
    let Some((_, words)) = rest.split_once("> ") else {
        return;
    };
    let mut seen: Vec<String> = Vec::new();
    for word in words.split(' ').filter(|word| !word.is_empty()) {
        let keyword = word
            .split('=')
            .next()
            .unwrap_or_default()
            .to_ascii_uppercase();
        if Parameter::new(word).is_err() {
            broken.push("a parameter is a keyword, or keyword=value (RFC 5321, 4.1.2)".to_owned());
            continue;
        }
        if seen.contains(&keyword) {
            broken.push(format!("{keyword} stands there twice (RFC 5321, 4.1.1.11)"));
        }
        let Some(row) = parameter(word) else {
            continue;
        };
        if row.command != stage {
            let right = row.command.verb().unwrap_or_default();
            broken.push(format!("{keyword} belongs behind {right} ({})", row.source));
        }
        if !offers(session, &row.extension) {
            broken.push(format!(
                "{keyword} needs {}, which is not offered ({})",
                row.extension, row.source
            ));
        }
        if keyword == "SIZE" {
            size(session, word, broken);
        }
        seen.push(keyword);
    }
}

fn size(session: &Standing, word: &str, broken: &mut Vec<String>) {
    let given = word
        .split_once('=')
        .and_then(|(_, text)| text.parse::<u64>().ok());
    let limit = session.extensions.as_ref().and_then(Extensions::size);
    if let (Some(given), Some(SizeLimit::Octets(limit))) = (given, limit)
        && given > limit
    {
        broken.push(format!(
            "the server takes {limit} octets, and {given} are announced (RFC 1870, 6)"
        ));
    }
}
