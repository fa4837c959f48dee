//! What a reply is a reply to.

use serde::Deserialize;
use std::fmt;

/// The command in flight, or what else the client waits for.
///
/// The same code means different things at different stages (454 after STARTTLS and after
/// AUTH; 550 at connect, MAIL, RCPT and after the dot), so every reply carries its stage.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The connection is open and the greeting is awaited.
    Connect,
    Ehlo,
    Helo,
    StartTls,
    /// AUTH, and each answer to a 334.
    Auth,
    Mail,
    Rcpt,
    Data,
    /// The message, up to and with the final dot.
    Message,
    Vrfy,
    Expn,
    Help,
    Rset,
    Noop,
    Quit,
    Etrn,
    /// A command that is none of these.
    #[default]
    Unknown,
}

/// Verbs of commands that can be typed; the greeting and the message have none.
const VERBS: [(&str, Stage); 14] = [
    ("EHLO", Stage::Ehlo),
    ("HELO", Stage::Helo),
    ("STARTTLS", Stage::StartTls),
    ("AUTH", Stage::Auth),
    ("MAIL", Stage::Mail),
    ("RCPT", Stage::Rcpt),
    ("DATA", Stage::Data),
    ("VRFY", Stage::Vrfy),
    ("EXPN", Stage::Expn),
    ("HELP", Stage::Help),
    ("RSET", Stage::Rset),
    ("NOOP", Stage::Noop),
    ("QUIT", Stage::Quit),
    ("ETRN", Stage::Etrn),
];

impl Stage {
    /// The stage that a typed line leads to, by its first word; any case, as in RFC 5321
    /// section 2.4.
    pub fn of_line(line: &str) -> Self {
        let verb = line.split_whitespace().next().unwrap_or_default();
        VERBS
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(verb))
            .map_or(Self::Unknown, |(_, stage)| *stage)
    }

    /// The verb that leads here; none for the greeting, the message and unknown commands.
    pub fn verb(self) -> Option<&'static str> {
        VERBS
            .iter()
            .find(|(_, stage)| *stage == self)
            .map(|(verb, _)| *verb)
    }

    /// Whether replies here may begin with an enhanced status code. RFC 2034 section 4 leaves
    /// it out of the greeting and of replies to HELO and EHLO, whose first word is a name.
    pub fn has_enhanced_codes(self) -> bool {
        !matches!(self, Self::Connect | Self::Ehlo | Self::Helo)
    }
}

/// What the client was doing, to follow a verb such as “waiting for”.
impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("the greeting"),
            Self::Message => f.write_str("the reply to the message"),
            Self::Unknown => f.write_str("the reply to the command"),
            _ => write!(f, "the reply to {}", self.verb().unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Stage;

    #[test]
    fn the_first_word_tells_the_stage() {
        for (line, stage) in [
            ("mail from:<a@b.example>", Stage::Mail),
            ("  QUIT", Stage::Quit),
            ("Ehlo\tx.example", Stage::Ehlo),
            ("XCLIENT NAME=x", Stage::Unknown),
            ("", Stage::Unknown),
        ] {
            assert_eq!(Stage::of_line(line), stage, "{line}");
        }
        assert_eq!(Stage::Rcpt.to_string(), "the reply to RCPT");
        assert_eq!(Stage::Connect.verb(), None);
    }
}
