//! The login that a person gives.

use super::dialogue::Live;
use crate::net::smtp::nonce;
use crate::net::tls::Observed;
use crate::smtp::sasl::Exchange;
use crate::smtp::state::State;
use crate::smtp::suggest::{self, Suggestion};
use crate::smtp::{Extensions, Login};

/// A login with what one connection gives it.
pub(super) fn of_connection(login: Login, (host, port): &(String, u16)) -> Login {
    let login = login.at(host, *port);
    match nonce() {
        Some(nonce) => login.with_nonce(nonce),
        None => login,
    }
}

impl Live<'_> {
    /// A 334 of a login that was given to us is answered by us.
    pub(super) fn answer_challenge(&mut self) -> bool {
        let session = self.wire.session();
        if !self.logging_in
            || session.state() != State::Authenticating
            || session.awaited().is_some()
        {
            return false;
        }
        let next = suggest::next(session, &self.plan);
        if !matches!(next, Suggestion::LogIn(_)) {
            self.logging_in = false;
            return false;
        }
        let done = self
            .wire
            .say(|session, now| suggest::follow(session, &next, now));
        if let Err(error) = done {
            self.logging_in = false;
            self.refuse(&error.to_string());
        }
        true
    }

    /// A person decides to log in, so that it may be the second time.
    pub(super) fn log_in(&mut self, login: Login) -> Result<(), String> {
        let session = self.wire.session();
        let offered = session.extensions().map(Extensions::mechanisms);
        let offered = offered.unwrap_or_default();
        if offered.is_empty() {
            return Err("the server offers no AUTH here".to_owned());
        }
        // Which mechanism is the best one depends on what the connection gives it.
        let login = of_connection(login, &self.server);
        let named = login.asked();
        let Some(mechanism) = named.or_else(|| login.mechanism(&offered, session.is_encrypted()))
        else {
            return Err(if session.is_encrypted() {
                "the server offers no mechanism of AUTH that takes a password".to_owned()
            } else {
                "no mechanism that is offered keeps the password safe in clear; STARTTLS comes \
                  first"
                    .to_owned()
            });
        };
        let step = Exchange::new(&login, mechanism)
            .begin()
            .map_err(|error| error.to_string())?;
        self.plan.login = Some(login);
        self.logging_in = true;
        self.wire
            .say(|session, now| session.send_auth(&step, now))
            .map_err(|error| error.to_string())
    }

    /// Whether the password may go to who is there; the transcript says why not.
    pub(super) fn may_log_in(&self) -> bool {
        match self.wire.observed().and_then(Observed::fault) {
            Some(fault) if !self.plan.exposure.unverified => {
                self.note(format!(
                    "not sent: no login where the certificate does not verify ({fault})"
                ));
                false
            }
            _ => true,
        }
    }
}
