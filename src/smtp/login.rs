//! Who logs in (RFC 4954), and what they have to show for it.

use super::error::LocalError;
use super::path::refuse_controls;
use super::sasl::SaslMechanism;
use crate::text::{SafeText, Secret};

/// Octets of a user name. RFC 4616 section 2 asks for 255 at least.
const USER: usize = 1024;
/// Octets of a password or token; some tokens have four thousand. With a user name of full
/// length, the response still fits a line of 12288 (RFC 4954 section 4).
const SECRET: usize = 7 << 10;

/// A user name with its password or token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Login {
    user: String,
    secret: Secret,
    asked: Option<SaslMechanism>,
    no_initial: bool,
    /// PLAIN and LOGIN go first.
    plainly: bool,
    nonce: Option<String>,
    server: Option<(String, u16)>,
}

impl Login {
    pub fn new(user: &str, password: Secret) -> Result<Self, LocalError> {
        for (part, text, limit) in [
            ("user name", user, USER),
            ("password", password.expose(), SECRET),
        ] {
            if text.is_empty() {
                return Err(LocalError::Empty { part });
            }
            within(part, text, limit)?;
        }
        Ok(Self::of(user, password))
    }

    /// Somebody whom the TLS session or the network shows (EXTERNAL); with a user name, to act
    /// as that user.
    pub fn external(user: &str) -> Result<Self, LocalError> {
        within("user name", user, USER)?;
        Ok(Self::of(user, Secret::new(String::new())).by(SaslMechanism::External))
    }

    fn of(user: &str, secret: Secret) -> Self {
        Self {
            user: user.to_owned(),
            secret,
            asked: None,
            no_initial: false,
            plainly: false,
            nonce: None,
            server: None,
        }
    }

    /// By this mechanism and no other.
    #[must_use]
    pub fn by(self, mechanism: SaslMechanism) -> Self {
        Self {
            asked: Some(mechanism),
            ..self
        }
    }

    /// PLAIN and LOGIN before all others, as a mail program does that is set to "normal password":
    /// a server may offer SCRAM for accounts of which it has no keys, and its refusal would say
    /// nothing of the password.
    #[must_use]
    pub fn plainly(self) -> Self {
        Self {
            plainly: true,
            ..self
        }
    }

    /// With or without an initial response; with one, unless it is said.
    #[must_use]
    pub fn with_initial(self, initial: bool) -> Self {
        Self {
            no_initial: !initial,
            ..self
        }
    }

    /// With what is random in SCRAM: printable, no comma, and new for each login (RFC 5802
    /// section 5.1). Without it SCRAM is not chosen: nothing here can draw one.
    #[must_use]
    pub fn with_nonce(self, nonce: String) -> Self {
        Self {
            nonce: Some(nonce),
            ..self
        }
    }

    /// The server that OAUTHBEARER names.
    #[must_use]
    pub fn at(self, host: &str, port: u16) -> Self {
        Self {
            server: Some((host.to_owned(), port)),
            ..self
        }
    }

    pub fn user(&self) -> &str {
        &self.user
    }

    /// The mechanism that was asked for, if one was.
    pub fn asked(&self) -> Option<SaslMechanism> {
        self.asked
    }

    /// The mechanism to use, of those that are offered: the one that was asked for, or else the
    /// best. None where the server has none of them.
    pub fn mechanism(&self, offered: &[SafeText], encrypted: bool) -> Option<SaslMechanism> {
        let has = |own: &SaslMechanism| offered.iter().any(|offer| *offer == own.name());
        match self.asked {
            Some(asked) => Some(asked).filter(has),
            None => [SaslMechanism::Plain, SaslMechanism::Login]
                .into_iter()
                .filter(|_| self.plainly && encrypted)
                .find(has)
                .or_else(|| SaslMechanism::best(offered, encrypted, self.nonce.is_some())),
        }
    }

    pub(in crate::smtp) fn secret(&self) -> &str {
        self.secret.expose()
    }

    pub(in crate::smtp) fn sends_initial(&self) -> bool {
        !self.no_initial
    }

    pub(in crate::smtp) fn nonce(&self) -> Option<&str> {
        self.nonce.as_deref()
    }

    pub(in crate::smtp) fn server(&self) -> Option<(&str, u16)> {
        let (host, port) = self.server.as_ref()?;
        Some((host, *port))
    }
}

fn within(part: &'static str, text: &str, limit: usize) -> Result<(), LocalError> {
    refuse_controls(part, text)?;
    if text.len() > limit {
        let octets = text.len();
        return Err(LocalError::TooLong {
            part,
            octets,
            limit,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    #[test]
    fn the_best_mechanism_is_chosen_or_the_one_asked_for() {
        let login = Login::new("ann", secret("pass")).unwrap();
        let chosen = |login: &Login, words: &str, encrypted| {
            let offered: Vec<SafeText> = words.split(' ').map(SafeText::from).collect();
            let mechanism = login.mechanism(&offered, encrypted);
            mechanism.map_or("-", SaslMechanism::name)
        };
        let all = "EXTERNAL CRAM-MD5 LOGIN PLAIN XOAUTH2 SCRAM-SHA-1 SCRAM-SHA-256";
        assert_eq!(chosen(&login, all, true), "PLAIN", "no nonce, no SCRAM");
        let fresh = login.clone().with_nonce("fresh".to_owned());
        for (offered, encrypted, best) in [
            (all, true, "SCRAM-SHA-256"),
            ("PLAIN SCRAM-SHA-1", true, "SCRAM-SHA-1"),
            ("CRAM-MD5 LOGIN PLAIN", true, "PLAIN"),
            ("CRAM-MD5 LOGIN", true, "LOGIN"),
            ("CRAM-MD5", true, "CRAM-MD5"),
            ("CRAM-MD5 LOGIN PLAIN", false, "CRAM-MD5"),
            ("LOGIN PLAIN", false, "-"),
            ("XOAUTH2 EXTERNAL GSSAPI", true, "-"),
        ] {
            assert_eq!(chosen(&fresh, offered, encrypted), best, "{offered}");
        }
        let plainly = fresh.plainly();
        assert_eq!(chosen(&plainly, all, true), "PLAIN");
        assert_eq!(chosen(&plainly, "SCRAM-SHA-1", true), "SCRAM-SHA-1");
        assert_eq!(chosen(&plainly, "PLAIN", false), "-");
        let asked = login.by(SaslMechanism::Xoauth2);
        assert_eq!(chosen(&asked, all, true), "XOAUTH2");
        assert_eq!(chosen(&asked, "PLAIN", true), "-");
    }

    #[test]
    fn takes_no_line_breaks_and_shows_no_password() {
        for (user, password) in [("a\0b", "c"), ("a", "b\r\nc"), ("", "b"), ("a", "")] {
            let error = Login::new(user, secret(password)).unwrap_err();
            assert!(!format!("{error:?} {error}").contains("b\r\nc"));
        }
        let login = Login::new("ann", secret("orange-tree")).unwrap();
        assert!(!format!("{login:?}").contains("orange"));
        let long = secret(&"x".repeat(SECRET + 1));
        assert!(Login::new("ann", long).is_err());
        assert!(Login::external("").is_ok());
    }
}
