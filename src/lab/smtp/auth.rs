//! Logging in, the server's side (RFC 4954): a line in, a challenge or the decision out.

use crate::smtp::sasl::{Hash, Keys, cram_digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::BTreeMap;
use std::num::NonZeroU32;

/// What EHLO offers.
pub(super) const OFFER: &str =
    "AUTH SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN XOAUTH2 OAUTHBEARER EXTERNAL";

/// As few as RFC 7677 section 4 allows: a lab has nothing to lose and no time.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(4096).unwrap();

const UNDECODABLE: Progress = Progress::Broken("501 5.5.2 Cannot decode the response");

/// Who may log in, and what this login has of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Server<'a> {
    pub(super) name: &'a str,
    /// Passwords by user name; they are the tokens too.
    pub(super) users: &'a BTreeMap<String, String>,
    /// Not foreseeable in a real server; here it is only not the same twice.
    pub(super) nonce: u128,
}

/// A login under way: what is still to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Login {
    /// The response of PLAIN.
    Plain,
    /// The user name of LOGIN.
    User,
    /// The password of this user.
    Password(String),
    /// The digest of this challenge.
    Digest(String),
    ScramFirst(Hash),
    ScramFinal(Box<Scram>),
    /// The empty line behind the server's signature.
    ScramHeard,
    /// The client's token.
    Bearer(Bearer),
    /// What a client says to a refused token, and must say (RFC 7628 section 3.2.3).
    BearerHeard(Bearer),
    /// Whom to act for.
    External,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bearer {
    Xoauth2,
    Oauthbearer,
}

/// A SCRAM exchange behind the server's first message (RFC 5802 section 3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scram {
    hash: Hash,
    user: String,
    /// Client's and server's.
    nonce: String,
    salt: Vec<u8>,
    /// `client-first-message-bare "," server-first-message`
    message: String,
}

/// What follows from a line of the login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// A 334 with this text, and then the next line.
    Ask(String, Login),
    Accepted,
    Refused,
    /// The client gave up, or sent what is no response.
    Broken(&'static str),
}

impl Server<'_> {
    /// `AUTH` with its argument.
    pub(super) fn begin(&self, argument: &str) -> Progress {
        let mut words = argument.split_ascii_whitespace();
        let mechanism = words.next().unwrap_or_default().to_ascii_uppercase();
        let (login, challenge) = match mechanism.as_str() {
            "PLAIN" => (Login::Plain, String::new()),
            "LOGIN" => (Login::User, STANDARD.encode("Username:")),
            "CRAM-MD5" => {
                let challenge = format!("<{}@{}>", self.nonce, self.name);
                (Login::Digest(challenge.clone()), STANDARD.encode(challenge))
            }
            "SCRAM-SHA-1" => (Login::ScramFirst(Hash::Sha1), String::new()),
            "SCRAM-SHA-256" => (Login::ScramFirst(Hash::Sha256), String::new()),
            "XOAUTH2" => (Login::Bearer(Bearer::Xoauth2), String::new()),
            "OAUTHBEARER" => (Login::Bearer(Bearer::Oauthbearer), String::new()),
            "EXTERNAL" => (Login::External, String::new()),
            _ => return Progress::Broken("504 5.5.4 Unrecognised authentication type"),
        };
        match (words.next(), &login) {
            (None, _) => Progress::Ask(challenge, login),
            // Where the server is first, there is no initial response (RFC 4954 section 4).
            (Some(_), Login::Digest(_)) => {
                Progress::Broken("501 5.7.0 This mechanism has no initial response")
            }
            (Some("="), _) => self.go_on(login, ""),
            (Some(response), _) => self.go_on(login, response),
        }
    }

    /// The client's answer to a 334.
    pub(super) fn go_on(&self, login: Login, line: &str) -> Progress {
        if line == "*" {
            return Progress::Broken("501 5.7.0 Authentication cancelled");
        }
        let decoded = STANDARD
            .decode(line)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let Some(text) = decoded else {
            return UNDECODABLE;
        };
        match login {
            Login::User => Progress::Ask(STANDARD.encode("Password:"), Login::Password(text)),
            Login::Password(user) => self.tried(&user, &text),
            Login::Plain => match text.split('\0').collect::<Vec<_>>()[..] {
                [_, user, password] => self.tried(user, password),
                _ => UNDECODABLE,
            },
            Login::Digest(challenge) => {
                let Some((user, digest)) = text.rsplit_once(' ') else {
                    return UNDECODABLE;
                };
                decided(
                    self.users.get(user).is_some_and(|password| {
                        cram_digest(password, challenge.as_bytes()) == digest
                    }),
                )
            }
            Login::ScramFirst(hash) => self.scram_first(hash, &text).unwrap_or(UNDECODABLE),
            Login::ScramFinal(scram) => self.scram_final(&scram, &text).unwrap_or(UNDECODABLE),
            Login::ScramHeard if text.is_empty() => Progress::Accepted,
            Login::ScramHeard => UNDECODABLE,
            Login::Bearer(kind) => self.bearer(kind, &text).unwrap_or(UNDECODABLE),
            Login::BearerHeard(kind) => {
                let due = match kind {
                    Bearer::Xoauth2 => "",
                    Bearer::Oauthbearer => "\x01",
                };
                if text == due {
                    Progress::Refused
                } else {
                    UNDECODABLE
                }
            }
            // Nobody has a client certificate here: whoever is known by name is believed.
            Login::External => decided(self.users.contains_key(&text)),
        }
    }

    fn tried(&self, user: &str, password: &str) -> Progress {
        decided(self.users.get(user).is_some_and(|own| own == password))
    }

    fn scram_first(&self, hash: Hash, text: &str) -> Option<Progress> {
        let bare = text.strip_prefix("n,,")?;
        let (user, own) = bare.strip_prefix("n=")?.split_once(",r=")?;
        let nonce = format!("{own}{:x}", self.nonce);
        let salt = self.nonce.to_be_bytes().to_vec();
        let first = format!("r={nonce},s={},i={ITERATIONS}", STANDARD.encode(&salt));
        let challenge = STANDARD.encode(&first);
        let scram = Scram {
            hash,
            user: user.replace("=2C", ",").replace("=3D", "="),
            nonce,
            salt,
            message: format!("{bare},{first}"),
        };
        Some(Progress::Ask(challenge, Login::ScramFinal(Box::new(scram))))
    }

    fn scram_final(&self, scram: &Scram, text: &str) -> Option<Progress> {
        let (without_proof, proof) = text.rsplit_once(",p=")?;
        if without_proof != format!("c={},r={}", STANDARD.encode("n,,"), scram.nonce) {
            return None;
        }
        // Who is not known is told so only here, as a wrong password is.
        let Some(password) = self.users.get(&scram.user) else {
            return Some(Progress::Refused);
        };
        let keys = Keys::new(scram.hash, password, &scram.salt, ITERATIONS);
        let message = format!("{},{without_proof}", scram.message);
        if STANDARD.encode(keys.proof(&message)) != proof {
            return Some(Progress::Refused);
        }
        let signature = STANDARD.encode(keys.signature(&message));
        let challenge = STANDARD.encode(format!("v={signature}"));
        Some(Progress::Ask(challenge, Login::ScramHeard))
    }

    fn bearer(&self, kind: Bearer, text: &str) -> Option<Progress> {
        let mut pairs = text.split('\x01');
        let header = pairs.next()?;
        let user = match kind {
            Bearer::Xoauth2 => header.strip_prefix("user=")?.to_owned(),
            Bearer::Oauthbearer => {
                let user = header.strip_prefix("n,a=")?.strip_suffix(',')?;
                user.replace("=2C", ",").replace("=3D", "=")
            }
        };
        let token = pairs.find_map(|pair| pair.strip_prefix("auth=Bearer "))?;
        Some(match self.tried(&user, token) {
            Progress::Accepted => Progress::Accepted,
            _ => Progress::Ask(
                STANDARD.encode(r#"{"status":"invalid_token","scope":"smtp"}"#),
                Login::BearerHeard(kind),
            ),
        })
    }
}

fn decided(right: bool) -> Progress {
    if right {
        Progress::Accepted
    } else {
        Progress::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::smtp::sasl::Exchange;
    use crate::smtp::{self, Command, SaslMechanism};
    use crate::text::Secret;

    #[test]
    fn understands_plain_and_login() {
        let users = BTreeMap::from([("ann".to_owned(), "pw".to_owned())]);
        let server = Server {
            name: "mx.rain.org",
            users: &users,
            nonce: 7,
        };
        assert_eq!(server.begin("PLAIN AGFubgBwdw=="), Progress::Accepted);
        assert_eq!(server.begin("PLAIN AGFubgBwcA=="), Progress::Refused);
        let asked = Progress::Ask(String::new(), Login::Plain);
        assert_eq!(server.begin("plain"), asked);
        let asked = Progress::Ask("VXNlcm5hbWU6".into(), Login::User);
        assert_eq!(server.begin("LOGIN"), asked);
        let Progress::Ask(_, login) = server.go_on(Login::User, "YW5u") else {
            panic!("the password is asked for");
        };
        assert_eq!(server.go_on(login, "cHc="), Progress::Accepted);
        for broken in ["PLAIN *", "PLAIN ?", "CRAM-MD5 cHc=", "GSSAPI", ""] {
            let progress = server.begin(broken);
            assert!(matches!(progress, Progress::Broken(_)), "{broken}");
        }
    }

    /// Every mechanism against our own client, the right secret and a wrong one, with and
    /// without an initial response.
    #[test]
    fn every_mechanism_comes_to_a_decision() {
        let users = BTreeMap::from([("a,n=n".to_owned(), "pässword".to_owned())]);
        for mechanism in SaslMechanism::all() {
            for (right, initial) in [(true, true), (true, false), (false, true), (false, false)] {
                let (user, password) = match (mechanism, right) {
                    (SaslMechanism::External, false) => ("bob", "pässword"),
                    (_, false) => ("a,n=n", "orange"),
                    _ => ("a,n=n", "pässword"),
                };
                let login = smtp::Login::new(user, Secret::new(password.to_owned()))
                    .unwrap()
                    .with_nonce("fresh".to_owned())
                    .with_initial(initial);
                let exchange = Exchange::new(&login, mechanism);
                let server = Server {
                    name: "mx.rain.org",
                    users: &users,
                    nonce: 7,
                };
                let line = |command: Option<Command>| {
                    let octets = command.expect("something to say").encode();
                    String::from_utf8(octets).unwrap().trim_end().to_owned()
                };
                let begun = line(exchange.begin().unwrap().command);
                let mut progress = server.begin(begun.strip_prefix("AUTH ").unwrap());
                let mut challenges = Vec::new();
                while let Progress::Ask(challenge, login) = progress {
                    challenges.push(challenge);
                    let texts: Vec<&str> = challenges.iter().map(String::as_str).collect();
                    let answer = line(exchange.answer(&texts).unwrap().command);
                    progress = server.go_on(login, &answer);
                }
                let texts: Vec<&str> = challenges.iter().map(String::as_str).collect();
                assert_eq!(progress, decided(right), "{mechanism} {right} {initial}");
                assert_eq!(
                    exchange.is_proven(&texts),
                    right
                        || !matches!(
                            mechanism,
                            SaslMechanism::ScramSha1 | SaslMechanism::ScramSha256
                        )
                );
            }
        }
    }
}
