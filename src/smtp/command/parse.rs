//! A typed line to a command.

use super::{Argument, Attributes, Command, Credentials, FreeLine, Mechanism, Parameter};
use crate::smtp::error::LocalError;
use crate::text::Secret;

impl Command {
    /// The command that somebody typed. A line that is not exactly what the command would
    /// encode to, capitals aside, is [`Command::Free`], so that it is sent as typed. Only a
    /// line break or NUL is refused.
    pub fn parse_typed(line: &str) -> Result<Self, LocalError> {
        let free = FreeLine::new(line)?;
        let faithful = |command: &Self| command.line().eq_ignore_ascii_case(line);
        Ok(recognised(line)
            .filter(faithful)
            .unwrap_or(Self::Free(free)))
    }
}

fn recognised(line: &str) -> Option<Command> {
    let (verb, rest) = line
        .split_once(' ')
        .map_or((line, None), |(verb, rest)| (verb, Some(rest)));
    let argument = || Argument::new(rest?).ok();
    Some(match verb.to_ascii_uppercase().as_str() {
        "EHLO" => Command::Ehlo(rest?.parse().ok()?),
        "HELO" => Command::Helo(rest?.parse().ok()?),
        "LHLO" => Command::Lhlo(rest?.parse().ok()?),
        "STARTTLS" => Command::StartTls,
        "AUTH" => auth(rest?)?,
        "MAIL" => {
            let (path, parameters) = path_and_parameters(rest?, "FROM:")?;
            Command::Mail {
                from: path.parse().ok()?,
                parameters,
            }
        }
        "RCPT" => {
            let (path, parameters) = path_and_parameters(rest?, "TO:")?;
            Command::Rcpt {
                to: path.parse().ok()?,
                parameters,
            }
        }
        "DATA" => Command::Data,
        "RSET" => Command::Rset,
        "NOOP" => Command::Noop,
        "QUIT" => Command::Quit,
        "VRFY" => Command::Vrfy(argument()?),
        "EXPN" => Command::Expn(argument()?),
        "ETRN" => Command::Etrn(argument()?),
        "XCLIENT" => Command::Xclient(Attributes::new(rest?).ok()?),
        "XFORWARD" => Command::Xforward(Attributes::new(rest?).ok()?),
        "HELP" if rest.is_none() => Command::Help(None),
        "HELP" => Command::Help(Some(argument()?)),
        _ => return None,
    })
}

fn auth(rest: &str) -> Option<Command> {
    let (mechanism, initial) = rest
        .split_once(' ')
        .map_or((rest, None), |(mechanism, initial)| {
            (mechanism, Some(initial))
        });
    let initial = initial.map(|text| Credentials::new(Secret::new(text.to_owned())));
    Some(Command::Auth {
        mechanism: Mechanism::new(mechanism).ok()?,
        initial: initial.transpose().ok()?,
    })
}

/// `<path> PARAMETER …` behind `FROM:` or `TO:`, the path with its brackets.
fn path_and_parameters<'a>(rest: &'a str, label: &str) -> Option<(&'a str, Vec<Parameter>)> {
    let (own, behind) = rest.split_at_checked(label.len())?;
    // A quoted local part may hold `>`, and a parameter too: the path ends at the bracket
    // behind which a space or nothing stands.
    let end = behind
        .find("> ")
        .unwrap_or_else(|| behind.len().saturating_sub(1));
    let (path, parameters) = behind.split_at_checked(end + 1)?;
    if !own.eq_ignore_ascii_case(label) || !path.starts_with('<') || !path.ends_with('>') {
        return None;
    }
    let parameters = parameters
        .split(' ')
        .filter(|word| !word.is_empty())
        .map(Parameter::new)
        .collect::<Result<_, _>>()
        .ok()?;
    Some((path, parameters))
}
