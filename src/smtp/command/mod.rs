//! Commands: what the client says, one line each.

mod argument;
mod mask;
mod parse;
mod raw;
mod rule;

pub use argument::{Argument, Credentials, FreeLine, Mechanism, Parameter};
pub use mask::{MASK, masked};
pub use raw::{Ending, Raw};
pub use rule::rule_broken;

use super::name::HelloName;
use super::path::{ForwardPath, ReversePath};
use super::stage::Stage;
use crate::text::SafeText;

/// A command. However it was made, it encodes to exactly one line.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Ehlo(HelloName),
    Helo(HelloName),
    StartTls,
    Auth {
        mechanism: Mechanism,
        initial: Option<Credentials>,
    },
    /// The line that answers a 334 of AUTH.
    AuthAnswer(Credentials),
    Mail {
        from: ReversePath,
        parameters: Vec<Parameter>,
    },
    Rcpt {
        to: ForwardPath,
        parameters: Vec<Parameter>,
    },
    Data,
    Rset,
    Noop,
    Quit,
    Vrfy(Argument),
    Expn(Argument),
    Help(Option<Argument>),
    Etrn(Argument),
    /// Anything typed, sent as typed.
    Free(FreeLine),
}

impl Command {
    /// The command's line with CRLF, secrets and all: for the socket and nothing else.
    pub fn encode(&self) -> Vec<u8> {
        let mut line = self.line();
        line.push_str("\r\n");
        line.into_bytes()
    }

    /// The line as it may be shown and kept, secrets masked; without CRLF.
    pub fn shown(&self) -> SafeText {
        match self {
            Self::AuthAnswer(_) => MASK.into(),
            // Masking goes by the words of the line, so that nothing depends on which variant
            // somebody chose.
            _ => masked(&self.line()),
        }
    }

    /// The stage while its reply is awaited.
    pub fn stage(&self) -> Stage {
        match self {
            Self::Ehlo(_) => Stage::Ehlo,
            Self::Helo(_) => Stage::Helo,
            Self::StartTls => Stage::StartTls,
            Self::Auth { .. } | Self::AuthAnswer(_) => Stage::Auth,
            Self::Mail { .. } => Stage::Mail,
            Self::Rcpt { .. } => Stage::Rcpt,
            Self::Data => Stage::Data,
            Self::Rset => Stage::Rset,
            Self::Noop => Stage::Noop,
            Self::Quit => Stage::Quit,
            Self::Vrfy(_) => Stage::Vrfy,
            Self::Expn(_) => Stage::Expn,
            Self::Help(_) => Stage::Help,
            Self::Etrn(_) => Stage::Etrn,
            Self::Free(line) => Stage::of_line(line.as_str()),
        }
    }

    /// The verb in capitals; none for what is not one of the known commands.
    pub fn verb(&self) -> Option<&'static str> {
        match self {
            Self::AuthAnswer(_) => None,
            _ => self.stage().verb(),
        }
    }

    fn line(&self) -> String {
        let with = |start: String, parameters: &[Parameter]| {
            parameters.iter().fold(start, |mut line, parameter| {
                line.push(' ');
                line.push_str(parameter.as_str());
                line
            })
        };
        match self {
            Self::Ehlo(name) => format!("EHLO {name}"),
            Self::Helo(name) => format!("HELO {name}"),
            Self::StartTls => "STARTTLS".to_owned(),
            Self::Auth {
                mechanism,
                initial: None,
            } => format!("AUTH {}", mechanism.as_str()),
            Self::Auth {
                mechanism,
                initial: Some(initial),
            } => format!("AUTH {} {}", mechanism.as_str(), initial.expose()),
            Self::AuthAnswer(answer) => answer.expose().to_owned(),
            Self::Mail { from, parameters } => with(format!("MAIL FROM:{from}"), parameters),
            Self::Rcpt { to, parameters } => with(format!("RCPT TO:{to}"), parameters),
            Self::Data => "DATA".to_owned(),
            Self::Rset => "RSET".to_owned(),
            Self::Noop => "NOOP".to_owned(),
            Self::Quit => "QUIT".to_owned(),
            Self::Vrfy(argument) => format!("VRFY {}", argument.as_str()),
            Self::Expn(argument) => format!("EXPN {}", argument.as_str()),
            Self::Help(None) => "HELP".to_owned(),
            Self::Help(Some(argument)) => format!("HELP {}", argument.as_str()),
            Self::Etrn(argument) => format!("ETRN {}", argument.as_str()),
            Self::Free(line) => line.as_str().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
