//! Guided use: what stands ready, what has to be filled in for it, and why it comes next.

use super::Session;
use crate::knowledge::code::ReplyCode;
use crate::knowledge::stage::Stage;
use crate::smtp::{Ending, ForwardPath, Mailbox, Parameter, ReversePath};
use crate::tui::screen::codes::explain;
use serde::Deserialize;
use std::sync::LazyLock;

/// How what is typed is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The next command stands ready; what it needs is asked for.
    Guided,
    /// As it is typed, escapes read, with this line end.
    Free(Ending),
}

/// What Enter does on the command line in guided use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Step {
    /// Sends the line that stands there.
    #[default]
    Line,
    /// The address that stands there is the sender.
    Sender,
    Recipient,
    /// A recipient may be added; empty goes on to the message.
    Data,
    /// The same, where the message goes by BDAT.
    Chunks,
    /// Opens the message.
    Message,
    /// Sends several commands in one go; a line that is typed goes alone.
    Together,
    /// Asks for user name and password.
    LogIn,
}

impl Step {
    /// What stands in front of the field.
    pub fn label(self) -> &'static str {
        match self {
            Self::Line => "",
            Self::Sender => "MAIL FROM ",
            Self::Recipient => "RCPT TO ",
            Self::Data => "DATA ",
            Self::Chunks => "BDAT ",
            Self::Together => "In one go ",
            Self::Message => "Message ",
            Self::LogIn => "AUTH ",
        }
    }

    /// What stands in the field while it is empty.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Line => {
                "EHLO, MAIL FROM, RCPT TO, DATA, RSET, NOOP, VRFY, HELP, QUIT or anything"
            }
            Self::Sender => "you@your-domain; empty: <>",
            Self::Recipient => "somebody@the-domain",
            Self::Data | Self::Chunks | Self::Message => "Enter opens the message",
            Self::Together => "Enter sends them",
            Self::LogIn => "Enter asks for user name and password",
        }
    }
}

/// Ports where a login comes before mail (RFC 6409 section 3.1, RFC 8314 section 3.3).
const SUBMISSION: [&str; 2] = ["587", "465"];

/// What stands ready after the last reply, and what is filled in.
pub(super) fn step(session: &Session) -> (Step, String) {
    let proposed = &session.proposed;
    let inside = || address_in(proposed).unwrap_or_default();
    match Stage::of_line(proposed) {
        _ if session.awaits_message => (Step::Message, String::new()),
        Stage::Mail if wants_login(session) => (Step::LogIn, String::new()),
        _ if !session.together.is_empty() => (Step::Together, String::new()),
        // With its parameters the whole command stands there.
        Stage::Mail | Stage::Rcpt if has_parameters(proposed) => (Step::Line, proposed.clone()),
        Stage::Mail => (Step::Sender, inside()),
        Stage::Rcpt => (Step::Recipient, inside()),
        // Nobody is accepted yet, and nobody else is planned.
        Stage::Rset
            if last(session)
                .is_some_and(|(stage, _)| matches!(stage, Stage::Mail | Stage::Rcpt)) =>
        {
            (Step::Recipient, String::new())
        }
        Stage::Data => (Step::Data, String::new()),
        Stage::Bdat => (Step::Chunks, String::new()),
        _ => (Step::Line, proposed.clone()),
    }
}

fn wants_login(session: &Session) -> bool {
    SUBMISSION.contains(&session.port.text().as_str())
        && session.encrypted
        && !session.login_tried
        && session.offers("AUTH")
}

fn has_parameters(line: &str) -> bool {
    line.contains("> ")
}

fn address_in(line: &str) -> Option<String> {
    let (_, rest) = line.split_once('<')?;
    let (inside, _) = rest.rsplit_once('>')?;
    Some(inside.to_owned())
}

/// What the last reply answered, and its code.
fn last(session: &Session) -> Option<(Stage, Option<ReplyCode>)> {
    let reply = session.replies.last()?;
    let code = reply
        .lines
        .1
        .checked_sub(1)
        .and_then(|at| session.lines.get(at)?.code);
    Some((explain::stage(&reply.to), code))
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    next: String,
    after: Option<String>,
    class: Option<u16>,
    words: String,
}

static ROWS: LazyLock<Vec<Row>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../../../assets/guide.yaml"))
        .expect("assets/guide.yaml is checked by a test")
});

/// Why what stands ready comes next; by the words of the connection where the table has none.
pub(super) fn why(session: &Session) -> &str {
    row(session).unwrap_or(&session.because)
}

fn row(session: &Session) -> Option<&'static str> {
    let next = match session.step {
        Step::Sender => "mail".to_owned(),
        Step::Recipient => "rcpt".to_owned(),
        Step::Data | Step::Chunks => "data".to_owned(),
        Step::Message => "message".to_owned(),
        Step::LogIn => "log-in".to_owned(),
        Step::Together => return None,
        Step::Line => Stage::of_line(&session.proposed).verb()?.to_lowercase(),
    };
    let (after, class) = last(session).map_or((String::new(), None), |(stage, code)| {
        let name = match stage {
            Stage::Connect => "greeting".to_owned(),
            Stage::Message => "message".to_owned(),
            stage => stage.verb().unwrap_or_default().to_lowercase(),
        };
        (name, code.map(|code| code.get() / 100))
    });
    ROWS.iter()
        .find(|row| {
            row.next == next
                && row.after.as_ref().is_none_or(|own| *own == after)
                && row.class.is_none_or(|own| Some(own) == class)
        })
        .map(|row| row.words.as_str())
}

/// The line that a filled-in step sends; an error in words where what was typed is no address.
/// A command that was typed instead is sent as it is.
pub(super) fn line(session: &Session, text: &str) -> Result<String, String> {
    let text = text.trim();
    if Stage::of_line(text) != Stage::Unknown {
        return Ok(text.to_owned());
    }
    let path = if text.starts_with('<') {
        text.to_owned()
    } else {
        format!("<{text}>")
    };
    match session.step {
        Step::Sender => {
            let from: ReversePath = path.parse().map_err(|error| told(&error))?;
            let asked = session.envelope.as_ref().map(|own| words(&own.mail));
            let asked = asked.unwrap_or_default();
            let utf8 = !asked.contains("SMTPUTF8");
            let utf8 = utf8 && from.mailbox().is_some_and(Mailbox::needs_smtputf8);
            let parameter = if utf8 && session.offers("SMTPUTF8") {
                " SMTPUTF8"
            } else {
                ""
            };
            Ok(format!("MAIL FROM:{from}{asked}{parameter}"))
        }
        Step::Recipient | Step::Data | Step::Chunks => {
            let to: ForwardPath = path.parse().map_err(|error| told(&error))?;
            let asked = session.envelope.as_ref().map(|own| words(&own.rcpt));
            Ok(format!("RCPT TO:{to}{}", asked.unwrap_or_default()))
        }
        Step::Line | Step::Message | Step::LogIn | Step::Together => Ok(text.to_owned()),
    }
}

/// Parameters as they stand behind a path.
fn words(parameters: &[Parameter]) -> String {
    let words = parameters.iter().map(Parameter::as_str);
    words.fold(String::new(), |all, word| all + " " + word)
}

fn told(error: &crate::smtp::LocalError) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_words_whatever_came_before() {
        for next in [
            "ehlo", "helo", "starttls", "log-in", "mail", "rcpt", "data", "message", "rset", "quit",
        ] {
            assert!(
                ROWS.iter()
                    .any(|row| row.next == next && row.after.is_none() && row.class.is_none()),
                "{next}"
            );
        }
    }

    #[test]
    fn every_row_can_be_reached() {
        for (at, row) in ROWS.iter().enumerate() {
            let hidden = ROWS.iter().take(at).any(|before| {
                before.next == row.next
                    && before
                        .after
                        .as_ref()
                        .is_none_or(|own| Some(own) == row.after.as_ref())
                    && before.class.is_none_or(|own| Some(own) == row.class)
            });
            assert!(!hidden, "{row:?}");
            for name in [Some(&row.next), row.after.as_ref()].into_iter().flatten() {
                let known = ["greeting", "message", "log-in"].contains(&name.as_str())
                    || Stage::of_line(name) != Stage::Unknown;
                assert!(known, "{name}");
            }
        }
    }
}
