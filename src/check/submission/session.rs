//! One session with a submission port: as far as a mail program goes before it sends.

use super::ask::Target;
use super::host::Encryption;
use crate::case::Transcript;
use crate::check::smtp::{Dialogue, heard, hello};
use crate::check::{Context, Request};
use crate::knowledge::code::ReplyCode;
use crate::net::Connection;
use crate::net::certificate::Certificate;
use crate::net::smtp::{Options, Recorder, Wire, nonce};
use crate::net::tls;
use crate::smtp::state::State;
use crate::smtp::suggest::{self, Plan, Suggestion};
use crate::smtp::tls::Policy;
use crate::smtp::{Extensions, Login, Stage, Timeouts};
use crate::text::SafeText;
use jiff::Timestamp;
use std::net::SocketAddr;
use std::time::Duration;

/// What a session showed.
#[derive(Clone, Debug)]
pub struct Held {
    pub dialogue: Dialogue,
    /// The login was begun here, so that the password may be out.
    pub login_begun: bool,
    /// Why the password that was given did not go to this port.
    pub withheld: Option<SafeText>,
}

/// What became of the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Accepted,
    /// User name, password, or the way of proving them (5yz).
    Refused,
    /// The server cannot check it now (4yz).
    Unavailable,
    /// The connection ended before the answer.
    Undecided,
    /// AUTH is offered and not known when it comes.
    NotKnown,
}

impl Held {
    /// What EHLO offered in clear, where it was said in clear.
    pub(super) fn in_clear(&self) -> Option<Vec<SafeText>> {
        self.offered(false).map(|offered| offered.mechanisms())
    }

    /// What EHLO offered inside TLS, where it came to that.
    pub(super) fn inside_tls(&self) -> Option<Vec<SafeText>> {
        self.offered(true).map(|offered| offered.mechanisms())
    }

    /// The mechanisms that a mail program finds in the end.
    pub(super) fn mechanisms(&self) -> Vec<SafeText> {
        self.inside_tls()
            .or_else(|| self.in_clear())
            .unwrap_or_default()
    }

    pub(super) fn starttls_is_offered(&self) -> bool {
        self.offered(false)
            .is_some_and(|offered| offered.has("STARTTLS"))
    }

    fn offered(&self, encrypted: bool) -> Option<Extensions> {
        self.dialogue
            .said
            .iter()
            .rev()
            .find(|said| {
                said.stage == Stage::Ehlo && said.encrypted == encrypted && said.reply.is_positive()
            })
            .map(|said| Extensions::of(&said.reply))
    }

    /// The port greets, takes the hello, shakes hands, and offers a login.
    pub(super) fn works(&self) -> bool {
        self.dialogue.is_usable()
            && self.dialogue.tls_failed.is_none()
            && !self.mechanisms().is_empty()
    }

    /// What became of the login, and the server's words; none where none was tried.
    pub(super) fn login(&self) -> Option<(Outcome, String)> {
        let Some(said) = self.dialogue.reply(Stage::Auth) else {
            let words = "the session ended before the answer to AUTH".to_owned();
            return self.login_begun.then_some((Outcome::Undecided, words));
        };
        let words = crate::check::smtp::words(&said.reply);
        let outcome = match said.reply.code.map(ReplyCode::get) {
            Some(200..300) => Outcome::Accepted,
            Some(400..500) => Outcome::Unavailable,
            Some(500 | 502 | 503 | 504) => Outcome::NotKnown,
            Some(500..600) => Outcome::Refused,
            _ => Outcome::Undecided,
        };
        Some((outcome, words))
    }
}

/// Holds the session on a connection that stands. With `login`, that is tried, where a password
/// may go there.
pub(super) async fn hold(
    context: &Context,
    target: &Target,
    to: SocketAddr,
    connection: Connection,
    login: Option<&Login>,
) -> Held {
    let mut recorder = Recorder::new(target.shown(), to);
    let network = context.dns.network();
    let limits = network.limits();
    let options = Options {
        name: target.host.to_ascii(),
        timeouts: Timeouts {
            greeting: limits.greeting,
            ..Timeouts::STANDARD.at_most(limits.command)
        },
        tls: if target.encryption == Encryption::FromTheStart {
            Policy::OnConnect
        } else {
            Policy::Optional
        },
        ..Options::default()
    };
    let mut dialogue = Dialogue::new(Ok(Duration::ZERO), Transcript::default());
    let mut wire = match Wire::over(network, connection, options).await {
        Ok(wire) => wire,
        Err(error) => {
            recorder.note(Duration::ZERO, format!("no TLS: {error}"));
            dialogue.tls_obsolete = error.is_obsolete();
            dialogue.tls_failed = Some(error.to_string().into());
            dialogue.transcript = recorder.into_transcript();
            let withheld = login.map(|_| "there is no TLS to send it through".into());
            return Held {
                dialogue,
                login_begun: false,
                withheld,
            };
        }
    };
    let request = &context.request;
    let mut plan = Plan::new(hello(context, wire.local_address()).await);
    let mut login_begun = false;
    let mut refusal = login.and_then(|_| not_trusted(target, request));
    loop {
        wire.flush().await;
        let over = heard(&mut wire, &mut dialogue, &mut recorder);
        if over || !wire.is_open() || network.cancelled().is_cancelled() {
            break;
        }
        // The handshake of STARTTLS is due only now that its event was taken.
        if wire.session().state() == State::TlsHandshake {
            continue;
        }
        if plan.login.is_none() && refusal.is_none() && wire.session().is_encrypted() {
            refusal = login.and_then(|_| not_verified(&wire, request));
            let login = login
                .filter(|_| refusal.is_none())
                .cloned()
                .map(Login::plainly);
            plan.login = login.map(|login| match nonce() {
                Some(nonce) => login.with_nonce(nonce),
                None => login,
            });
        }
        match suggest::next(wire.session(), &plan) {
            Suggestion::Wait(_) => wire.wait().await,
            Suggestion::Close | Suggestion::SendMessage | Suggestion::SendEmpty => {
                wire.close().await;
            }
            what => {
                let sent = wire.say(|session, now| suggest::follow(session, &what, now));
                if sent.is_err() {
                    wire.close().await;
                } else if matches!(what, Suggestion::LogIn(_)) {
                    login_begun = true;
                }
            }
        }
    }
    heard(&mut wire, &mut dialogue, &mut recorder);
    let host = target.host.to_ascii();
    dialogue.certificate = wire
        .observed()
        .and_then(|observed| Certificate::of(observed, &host, Timestamp::now()));
    dialogue.tls_obsolete = wire.tls_error().is_some_and(tls::Error::is_obsolete);
    dialogue.transcript = recorder.into_transcript();
    let mut held = Held {
        dialogue,
        login_begun,
        withheld: None,
    };
    held.withheld = login
        .filter(|_| held.login().is_none())
        .map(|_| refusal.unwrap_or_else(|| not_possible(&held)));
    held
}

/// Why a password does not go to this host at all.
fn not_trusted(target: &Target, request: &Request) -> Option<SafeText> {
    let (host, domain) = (&target.host, &request.registered);
    (!target.known.is_trusted_with_password(host, domain)).then(|| {
        let (host, domain) = (target.shown(), request.shown(domain));
        format!(
            "{host} lies outside {domain}, and DNS alone says that it belongs to it; \
             `--submission {host}` says that it does"
        )
        .into()
    })
}

/// Why a password does not go through this TLS session.
fn not_verified(wire: &Wire, request: &Request) -> Option<SafeText> {
    if request.unverified_login {
        return None;
    }
    let fault = wire.observed()?.fault();
    fault.map(|fault| {
        format!(
            "the certificate does not verify ({fault}); `--unverified-login` sends it all the same"
        )
        .into()
    })
}

/// Why a session that a password could have gone through came to no AUTH.
fn not_possible(held: &Held) -> SafeText {
    let dialogue = &held.dialogue;
    match held.inside_tls() {
        Some(offered) if offered.is_empty() => "no login is offered".into(),
        Some(offered) => format!(
            "of the mechanisms offered none takes a password: {}",
            joined(&offered)
        )
        .into(),
        None if dialogue.tls_failed.is_some() => "the TLS handshake failed".into(),
        None if dialogue.is_usable() && dialogue.certificate.is_none() => {
            "there is no TLS on this port, and a password is not sent in clear".into()
        }
        None => "the session did not come so far".into(),
    }
}

/// "PLAIN LOGIN"
pub(super) fn joined(mechanisms: &[SafeText]) -> String {
    let words: Vec<&str> = mechanisms.iter().map(SafeText::as_str).collect();
    words.join(" ")
}
