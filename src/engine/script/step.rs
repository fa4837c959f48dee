//! The steps of a script, as they are written.

use super::expect::{Expect, Pattern};
use crate::engine::message::{self, Letter};
use crate::smtp::data::LineEnds;
use crate::smtp::sasl::UnknownMechanism;
use crate::smtp::{Ending, Raw, SaslMechanism};
use serde::de;
use serde::{Deserialize, Deserializer};
use std::path::PathBuf;

/// Octets of a chunk by BDAT.
const CHUNK: usize = 64 << 10;

/// One step of a script. What is not written is not done.
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the step")]
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// What the step is for; it stands in the transcript.
    pub name: Option<String>,
    /// Seconds to wait before the step.
    pub wait: Option<u32>,
    /// A line, sent as it is written; several go out at once and have a reply each.
    pub send: Option<Lines>,
    /// What ends the lines of `send`.
    pub end: Ending,
    /// Octets, sent as they are; `\r`, `\n`, `\t`, `\0`, `\\` and `\xNN` stand for what they are
    /// called, and no line end is added.
    #[serde(deserialize_with = "raw")]
    pub raw: Option<Raw>,
    /// STARTTLS and the handshake.
    pub starttls: bool,
    /// A login, to its end.
    pub auth: Option<Auth>,
    /// A message, after the 354: headers, an empty line, the body. Date, From, To and
    /// Message-ID are added where they are missing.
    pub message: Option<String>,
    /// A whole message in a file, instead of `message`; sent as it is, line ends made CRLF.
    pub message_file: Option<PathBuf>,
    /// The message by BDAT, without DATA before it, where the server offers CHUNKING.
    pub bdat: bool,
    /// What the reply has to be. Without a command in the same step it is the next that nobody
    /// has looked at, and in the first step the greeting. Behind several commands, and behind a
    /// message by LMTP to several recipients, a list of as many is one for each reply.
    pub expect: Option<Expect>,
    /// What the text of the reply has to hold.
    pub matches: Option<Pattern>,
    /// Seconds that the replies of the step may take.
    pub timeout: Option<u32>,
    /// QUIT.
    pub quit: bool,
    /// Closes the connection, without QUIT.
    pub drop: bool,
}

impl Step {
    /// Whether it looks at what comes.
    pub(super) fn expects(&self) -> bool {
        self.expect.is_some() || self.matches.is_some()
    }

    /// Whether it can be said only once everything before it is answered.
    pub(super) fn has_its_turn(&self) -> bool {
        let sends = self.message.is_some() || self.message_file.is_some();
        sends || self.auth.is_some() || self.starttls || self.quit
    }

    /// The message, where the step sends one.
    pub(super) fn letter(&self) -> Option<Letter> {
        let text = match (&self.message_file, &self.message) {
            (Some(path), _) => message::Text::AsItIs {
                from: message::From::File(path.clone()),
                ends: LineEnds::Made,
            },
            (None, Some(text)) => message::Text::Draft(text.clone()),
            (None, None) => return None,
        };
        Some(Letter {
            text,
            chunk: self.bdat.then_some(CHUNK),
            ..Letter::default()
        })
    }

    /// What makes no sense together.
    pub(super) fn flaw(&self) -> Option<&'static str> {
        let commands = [
            self.send.is_some(),
            self.raw.is_some(),
            self.starttls,
            self.auth.is_some(),
            self.message.is_some(),
            self.message_file.is_some(),
            self.quit,
            self.drop,
        ];
        if commands.into_iter().filter(|command| *command).count() > 1 {
            return Some(
                "more than one of send, raw, starttls, auth, message, message_file, quit and drop",
            );
        }
        match (&self.send, &self.expect) {
            (Some(Lines::Several(lines)), Some(Expect::List(list)))
                if lines.len() != list.len() =>
            {
                Some("several commands, and not as many things expected")
            }
            (Some(Lines::Several(lines)), _) if lines.is_empty() => Some("nothing to send"),
            _ if self.bdat && self.message.is_none() && self.message_file.is_none() => {
                Some("`bdat` without a message")
            }
            (None, _) if self.end != Ending::CrLf => Some("`end` without `send`"),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Lines {
    One(String),
    Several(Vec<String>),
}

impl Lines {
    pub(super) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(line) => std::slice::from_ref(line),
            Self::Several(lines) => lines,
        }
    }
}

fn raw<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Raw>, D::Error> {
    let text = String::deserialize(deserializer)?;
    let raw = Raw::parse(&text, Ending::None);
    raw.map(Some).map_err(de::Error::custom)
}

/// Who logs in, and how. The password is none of the script's: see [`super::Passwords`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    #[serde(default)]
    pub mechanism: Wanted,
    /// For EXTERNAL, whom to act for; it may be nobody.
    #[serde(default)]
    pub user: String,
    /// With an initial response, where the mechanism has one and it fits the line.
    #[serde(default = "yes")]
    pub initial: bool,
    /// Also outside TLS.
    #[serde(default)]
    pub in_clear: bool,
    /// Also where the certificate does not verify.
    #[serde(default)]
    pub unverified: bool,
}

fn yes() -> bool {
    true
}

impl Auth {
    /// Whether a password or token has to be there.
    pub fn needs_secret(&self) -> bool {
        self.mechanism.0.is_none_or(SaslMechanism::needs_secret)
    }
}

/// A mechanism; none is the best of those that the server offers: `auto`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Wanted(pub Option<SaslMechanism>);

impl TryFrom<String> for Wanted {
    type Error = UnknownMechanism;

    fn try_from(text: String) -> Result<Self, UnknownMechanism> {
        if text.eq_ignore_ascii_case("auto") {
            return Ok(Self(None));
        }
        text.parse().map(|mechanism| Self(Some(mechanism)))
    }
}
