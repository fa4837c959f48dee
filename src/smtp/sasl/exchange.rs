//! One login: challenge in, response out, and both in words for the reader.

use super::scram::{Begun, GS2_HEADER, Hash, client_first_bare};
use super::{SaslMechanism, bearer, cram};
use crate::smtp::command::{Command, Credentials, MASK, Mechanism};
use crate::smtp::error::LocalError;
use crate::smtp::login::Login;
use crate::text::{SafeText, Secret};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Challenges of one AUTH that are answered, the last of them with a cancellation.
const MOST_CHALLENGES: usize = 4;
/// Octets of a command line with CRLF (RFC 5321 section 4.5.3.1.4). AUTH with an initial response
/// has no more; one that does not fit is sent after a 334 (RFC 4954 section 4).
const COMMAND_LINE: usize = 512;
/// The response to what needs none.
const HEARD: &str = "an empty line: it is heard";
/// Fewer iterations of SCRAM make the password easy to guess (RFC 7677 section 4).
const FEW_ITERATIONS: u32 = 4096;

/// Who logs in, and by which mechanism.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    login: &'a Login,
    mechanism: SaslMechanism,
}

/// What to send now, and what it and the challenge before it are. Nothing in it is secret but
/// the command.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// None where the server asks without end.
    pub command: Option<Command>,
    /// The challenge in words.
    pub heard: Option<SafeText>,
    /// What is sent in words.
    pub said: SafeText,
    /// Why the exchange is broken off.
    pub flaw: Option<Flaw>,
}

/// What is wrong with a challenge, so that nothing more is said to this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error("the challenge cannot be read")]
    Unreadable,
    #[error("the server's nonce does not begin with ours: somebody may stand between")]
    Nonce,
    #[error("the server asks for more iterations than are gone through for anybody")]
    Iterations,
    #[error("the server wants an extension of SCRAM that is not known here")]
    Extension,
    #[error("the server breaks off")]
    ServerError,
    #[error("the server's signature is wrong: it does not know the password")]
    Signature,
    #[error("a challenge came where none is due")]
    TooMany,
}

/// What a challenge comes to: its words, and the response with its words, or what is wrong.
type Response = (String, Result<(String, String), Flaw>);

impl<'a> Exchange<'a> {
    pub fn new(login: &'a Login, mechanism: SaslMechanism) -> Self {
        Self { login, mechanism }
    }

    pub fn mechanism(&self) -> SaslMechanism {
        self.mechanism
    }

    /// The AUTH command, with the initial response where one is wanted, possible, and fits.
    pub fn begin(&self) -> Result<Step, LocalError> {
        let mechanism = Mechanism::new(self.mechanism.name())?;
        let (initial, said) = match self.initial()? {
            Some((initial, words)) => (Some(credentials(initial)?), words),
            None => (None, "no initial response".to_owned()),
        };
        Ok(Step {
            command: Some(Command::Auth { mechanism, initial }),
            heard: None,
            said: said.into(),
            flaw: None,
        })
    }

    /// The answer to the last of `challenges`: the texts of the 334 replies, as they came.
    pub fn answer(&self, challenges: &[&str]) -> Result<Step, LocalError> {
        let (heard, response) = self.respond(challenges)?;
        let heard = Some(heard)
            .filter(|words| !words.is_empty())
            .map(SafeText::from);
        if challenges.len() > MOST_CHALLENGES - 1 && response.is_err() {
            return Ok(Step {
                command: None,
                heard,
                said: "the server asks without end".into(),
                flaw: response.err(),
            });
        }
        let (text, said, flaw) = match response {
            Ok((text, said)) => (text, said, None),
            Err(flaw) => ("*".to_owned(), format!("cancelled: {flaw}"), Some(flaw)),
        };
        Ok(Step {
            command: Some(Command::AuthAnswer(credentials(text)?)),
            heard,
            said: said.into(),
            flaw,
        })
    }

    /// Whether the server has shown all that this mechanism lets it show. Without that, its 235
    /// to SCRAM is worth nothing (RFC 5802 section 3).
    pub fn is_proven(&self, challenges: &[&str]) -> bool {
        let Some(hash) = self.mechanism.hash() else {
            return true;
        };
        let Ok(behind) = self.behind_initial(challenges) else {
            return false;
        };
        let (Some(first), Some(last)) = (behind.first(), behind.get(1)) else {
            return false;
        };
        let last = decoded(last).unwrap_or_default();
        self.begun(hash, first)
            .is_ok_and(|begun| begun.verify(&last).is_ok())
    }

    fn initial(&self) -> Result<Option<(String, String)>, LocalError> {
        if !self.login.sends_initial() || !self.mechanism.client_is_first() {
            return Ok(None);
        }
        let (response, words) = self.first()?;
        // Nothing at all has to be told from no response (RFC 4954 section 4).
        let text = if response.is_empty() {
            "=".to_owned()
        } else {
            STANDARD.encode(response)
        };
        let octets = format!("AUTH {} {text}\r\n", self.mechanism).len();
        Ok((octets <= COMMAND_LINE).then_some((text, words)))
    }

    /// The challenges behind the one that asks for what the initial response would have been.
    fn behind_initial<'c>(&self, challenges: &'c [&'c str]) -> Result<&'c [&'c str], LocalError> {
        let asked = self.initial()?.is_none() || challenges.first().is_some_and(|c| c.is_empty());
        let behind = usize::from(asked && self.mechanism.client_is_first());
        Ok(challenges.get(behind..).unwrap_or_default())
    }

    /// What the client says first, where it is first.
    fn first(&self) -> Result<(String, String), LocalError> {
        let (user, secret) = (self.login.user(), self.login.secret());
        Ok(match self.mechanism {
            SaslMechanism::ScramSha256 | SaslMechanism::ScramSha1 => {
                let nonce = self.nonce()?;
                (
                    format!("{GS2_HEADER}{}", self.client_first_bare()?),
                    format!("client first: user {user}, nonce {nonce}, no channel binding"),
                )
            }
            // `message = [authzid] UTF8NUL authcid UTF8NUL passwd`
            SaslMechanism::Plain => (
                format!("\0{user}\0{secret}"),
                format!("user {user}, password {MASK}, for no other identity"),
            ),
            SaslMechanism::Xoauth2 => (
                bearer::xoauth2(user, secret),
                format!("user {user}, bearer token {MASK}"),
            ),
            SaslMechanism::OauthBearer => {
                let server = self.login.server();
                let at = server.map_or_else(String::new, |(host, port)| {
                    format!(", host {host}, port {port}")
                });
                (
                    bearer::oauthbearer(user, secret, server),
                    format!("user {user}{at}, bearer token {MASK}"),
                )
            }
            SaslMechanism::External if user.is_empty() => (
                String::new(),
                "whoever the TLS session or the network shows".to_owned(),
            ),
            SaslMechanism::External => (user.to_owned(), format!("to act as {user}")),
            SaslMechanism::Login | SaslMechanism::CramMd5 => (String::new(), String::new()),
        })
    }

    fn respond(&self, challenges: &[&str]) -> Result<Response, LocalError> {
        let behind = self.behind_initial(challenges)?;
        if behind.is_empty() || self.asks_again(challenges) {
            let (text, said) = self.first()?;
            let heard = "the server asks for the first response".to_owned();
            return Ok((heard, Ok((STANDARD.encode(text), said))));
        }
        let (user, secret) = (self.login.user(), self.login.secret());
        let last = behind.last().copied().unwrap_or_default();
        let decoded = decoded(last);
        let text = self.clean(decoded.as_deref().unwrap_or(last));
        let quoted = format!("the server says: {text}");
        let too_many = |heard: String| Ok((heard, Err(Flaw::TooMany)));
        match (self.mechanism, behind.len()) {
            (SaslMechanism::ScramSha256 | SaslMechanism::ScramSha1, 1..=2) => self.scram(behind),
            // What the challenge says is for people; the order is fixed.
            (SaslMechanism::Login, 1) => {
                Ok((quoted, Ok((STANDARD.encode(user), format!("user {user}")))))
            }
            (SaslMechanism::Login, 2) => Ok((
                quoted,
                Ok((STANDARD.encode(secret), format!("password {MASK}"))),
            )),
            (SaslMechanism::CramMd5, 1) => {
                let Some(challenge) = decoded else {
                    return Ok((quoted, Err(Flaw::Unreadable)));
                };
                let digest = cram::digest(secret, challenge.as_bytes());
                Ok((
                    format!("challenge {text}"),
                    Ok((
                        STANDARD.encode(format!("{user} {digest}")),
                        format!("user {user}, the challenge's digest under the password {MASK}"),
                    )),
                ))
            }
            // The token is refused; the refusal's code comes only when the client has heard why.
            (SaslMechanism::Xoauth2, 1) => Ok((
                format!("the token is refused: {text}"),
                Ok((String::new(), HEARD.to_owned())),
            )),
            (SaslMechanism::OauthBearer, 1) => Ok((
                format!("the token is refused: {text}"),
                Ok((STANDARD.encode("\x01"), "^A alone: it is heard".to_owned())),
            )),
            _ => too_many(quoted),
        }
    }

    /// PLAIN and EXTERNAL have one response. A server that asks for it with a text means nothing
    /// else by that than one that asks with none.
    fn asks_again(&self, challenges: &[&str]) -> bool {
        let one = matches!(
            self.mechanism,
            SaslMechanism::Plain | SaslMechanism::External
        );
        one && challenges.len() == 1
    }

    fn scram(&self, behind: &[&str]) -> Result<Response, LocalError> {
        let Some((hash, first)) = self.mechanism.hash().zip(behind.first()) else {
            return Ok((String::new(), Err(Flaw::TooMany)));
        };
        self.nonce()?;
        let begun = match self.begun(hash, first) {
            Ok(begun) => begun,
            Err(flaw) => {
                let text = decoded(first);
                let text = self.clean(text.as_deref().unwrap_or(first));
                return Ok((format!("server first: {text}"), Err(flaw)));
            }
        };
        let Some(last) = behind.get(1) else {
            let few = if begun.iterations.get() < FEW_ITERATIONS {
                ", fewer than the 4096 that RFC 7677 asks for"
            } else {
                ""
            };
            let heard = format!(
                "server first: nonce {}, salt {}, {} iterations{few}",
                begun.nonce, begun.salt, begun.iterations
            );
            let said = format!("client final: the same nonce, proof {MASK}");
            return Ok((heard, Ok((STANDARD.encode(begun.client_final()), said))));
        };
        let last = decoded(last).unwrap_or_default();
        Ok(match begun.verify(&last) {
            Ok(()) => (
                "server final: its signature is right, it knows the password".to_owned(),
                Ok((String::new(), HEARD.to_owned())),
            ),
            // Its reply, which says no in SMTP's words, comes behind that.
            Err(Flaw::ServerError) => (
                format!("server final: {}", self.clean(&last)),
                Ok((String::new(), HEARD.to_owned())),
            ),
            Err(flaw) => (format!("server final: signature {MASK}"), Err(flaw)),
        })
    }

    fn begun(&self, hash: Hash, first: &str) -> Result<Begun, Flaw> {
        let bare = self.client_first_bare().map_err(|_| Flaw::Nonce)?;
        let own = self.nonce().map_err(|_| Flaw::Nonce)?;
        let first = decoded(first).ok_or(Flaw::Unreadable)?;
        Begun::read(hash, &prepared(self.login.secret()), own, &bare, &first)
    }

    fn client_first_bare(&self) -> Result<String, LocalError> {
        let user = prepared(self.login.user());
        Ok(client_first_bare(&user, self.nonce()?))
    }

    fn nonce(&self) -> Result<&str, LocalError> {
        let part = "the nonce of SCRAM";
        self.login.nonce().ok_or(LocalError::Empty { part })
    }

    /// A server's words, should it repeat what it was sent.
    fn clean(&self, text: &str) -> String {
        let text = SafeText::from(text).into_string();
        let secret = self.login.secret();
        if secret.is_empty() {
            return text;
        }
        [secret, &SafeText::from(secret), &STANDARD.encode(secret)]
            .into_iter()
            .fold(text, |text, form| text.replace(form, MASK))
    }
}

fn credentials(text: String) -> Result<Credentials, LocalError> {
    Credentials::new(Secret::new(text))
}

fn decoded(challenge: &str) -> Option<String> {
    let octets = STANDARD.decode(challenge.trim()).ok()?;
    String::from_utf8(octets).ok()
}

/// `SASLprep` (RFC 4013). What it does not allow is taken as it is, as servers do that stored it
/// so: refused here, a password that works elsewhere would look wrong.
fn prepared(text: &str) -> String {
    match stringprep::saslprep(text) {
        Ok(prepared) if !prepared.is_empty() => prepared.into_owned(),
        _ => text.to_owned(),
    }
}
