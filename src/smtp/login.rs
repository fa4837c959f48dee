//! Logging in with a password (RFC 4954): PLAIN (RFC 4616), and LOGIN where that is all there is.

use super::command::{Command, Credentials, Mechanism};
use super::error::LocalError;
use super::path::refuse_controls;
use crate::text::{SafeText, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Octets of user name or password. RFC 4616 section 2 asks for 255 at least; with this, the
/// response of PLAIN still fits an AUTH line of 12288 (RFC 4954 section 4).
const LIMIT: usize = 1024;
/// Mechanisms that take a password, the better first: PLAIN needs no second exchange.
const KNOWN: [&str; 2] = ["PLAIN", "LOGIN"];
/// Challenges of one AUTH that are answered, the last of them with a cancellation.
const MOST_CHALLENGES: usize = 4;

/// A user name with its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    user: String,
    password: Secret,
}

impl Login {
    pub fn new(user: &str, password: Secret) -> Result<Self, LocalError> {
        for (part, text) in [("user name", user), ("password", password.expose())] {
            refuse_controls(part, text)?;
            if text.is_empty() {
                return Err(LocalError::Empty { part });
            }
            if text.len() > LIMIT {
                return Err(LocalError::TooLong {
                    part,
                    octets: text.len(),
                    limit: LIMIT,
                });
            }
        }
        Ok(Self {
            user: user.to_owned(),
            password,
        })
    }

    pub fn user(&self) -> &str {
        &self.user
    }

    /// The mechanism to use, of those that are offered; none where the server has none that
    /// takes a password.
    pub fn mechanism(offered: &[SafeText]) -> Option<&'static str> {
        KNOWN
            .into_iter()
            .find(|known| offered.iter().any(|offer| offer == known))
    }

    /// The command that begins the login.
    pub(super) fn begin(&self, mechanism: &str) -> Result<Command, LocalError> {
        Ok(Command::Auth {
            mechanism: Mechanism::new(mechanism)?,
            initial: match mechanism {
                "PLAIN" => Some(self.plain()?),
                _ => None,
            },
        })
    }

    /// The answer to the 334 that is the `challenges`th of this login; none when the server
    /// asks without end.
    pub(super) fn answer(
        &self,
        mechanism: &str,
        challenges: usize,
    ) -> Result<Option<Command>, LocalError> {
        let answer = match (mechanism, challenges) {
            // The server did not take the initial response.
            ("PLAIN", 1) => self.plain()?,
            // What the challenge says is for people; the order is fixed.
            ("LOGIN", 1) => encoded(&self.user)?,
            ("LOGIN", 2) => encoded(self.password.expose())?,
            (_, ..MOST_CHALLENGES) => Credentials::new(Secret::new("*".to_owned()))?,
            _ => return Ok(None),
        };
        Ok(Some(Command::AuthAnswer(answer)))
    }

    /// `message = [authzid] UTF8NUL authcid UTF8NUL passwd`
    fn plain(&self) -> Result<Credentials, LocalError> {
        encoded(&format!("\0{}\0{}", self.user, self.password.expose()))
    }
}

fn encoded(text: &str) -> Result<Credentials, LocalError> {
    Credentials::new(Secret::new(STANDARD.encode(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn prefers_plain_and_speaks_login() {
        let login = Login::new("ann", secret("pass")).unwrap();
        let offered = |words: &[&'static str]| -> Vec<SafeText> {
            words.iter().map(|word| (*word).into()).collect()
        };
        assert_eq!(Login::mechanism(&offered(&["CRAM-MD5"])), None);
        let both = offered(&["LOGIN", "PLAIN"]);
        assert_eq!(Login::mechanism(&both), Some("PLAIN"));
        assert_eq!(Login::mechanism(&offered(&["LOGIN"])), Some("LOGIN"));
        let line = |command: Command| String::from_utf8(command.encode()).unwrap();
        let begun = login.begin("PLAIN").unwrap();
        assert_eq!(begun.shown(), "AUTH PLAIN ***");
        assert_eq!(line(begun), "AUTH PLAIN AGFubgBwYXNz\r\n");
        assert_eq!(line(login.begin("LOGIN").unwrap()), "AUTH LOGIN\r\n");
        let answers = [1, 2, 3].map(|count| line(login.answer("LOGIN", count).unwrap().unwrap()));
        assert_eq!(answers, ["YW5u\r\n", "cGFzcw==\r\n", "*\r\n"]);
        assert_eq!(login.answer("LOGIN", 4).unwrap(), None);
    }

    #[test]
    fn takes_no_line_breaks_and_shows_no_password() {
        for (user, password) in [("a\0b", "c"), ("a", "b\r\nc"), ("", "b"), ("a", "")] {
            let error = Login::new(user, secret(password)).unwrap_err();
            assert!(!format!("{error:?} {error}").contains("b\r\nc"));
        }
        let login = Login::new("ann", secret("orange-tree")).unwrap();
        assert!(!format!("{login:?}").contains("orange"));
    }
}
