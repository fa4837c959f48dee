//! AUTH by a login that was given, and not by lines that are typed.

use super::dialogue::Live;
use crate::net::smtp::nonce;
use crate::net::tls::Observed;
use crate::smtp::sasl::Exchange;
use crate::smtp::state::State;
use crate::smtp::suggest::{self, Exposure, Suggestion};
use crate::smtp::{Extensions, Login, Raw};

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
    pub(super) fn log_in(&mut self, login: Login, exposure: Exposure) {
        if let Err(why) = self.begin_login(login, exposure) {
            self.refuse(&why);
            self.ready();
        }
    }

    fn begin_login(&mut self, login: Login, exposure: Exposure) -> Result<(), String> {
        let session = self.wire.session();
        let encrypted = session.is_encrypted();
        let offered = session.extensions().map(Extensions::mechanisms);
        let offered = offered.unwrap_or_default();
        // Which mechanism is the best one depends on what the connection gives it.
        let login = of_connection(login, &self.server);
        let named = login.asked();
        if named.is_none() && offered.is_empty() {
            return Err("the server offers no AUTH here".to_owned());
        }
        let best = || login.mechanism(&offered, encrypted || exposure.in_clear);
        let Some(mechanism) = named.or_else(best) else {
            return Err(if encrypted {
                "the server offers no mechanism of AUTH that takes a password".to_owned()
            } else {
                "no mechanism that is offered keeps the password safe in clear; STARTTLS comes \
                 first"
                    .to_owned()
            });
        };
        if !encrypted && mechanism.sends_secret() && !exposure.in_clear {
            return Err(format!(
                "{mechanism} in clear shows the password to whoever reads along; STARTTLS comes \
                 first, unless it is asked for all the same"
            ));
        }
        if encrypted && !self.may_log_in(exposure) {
            self.ready();
            return Ok(());
        }
        let step = Exchange::new(&login, mechanism)
            .begin()
            .map_err(|error| error.to_string())?;
        self.warn(&Raw::line(&format!("AUTH {mechanism}")));
        self.plan.login = Some(login.by(mechanism));
        self.plan.exposure = exposure;
        self.logging_in = true;
        self.wire
            .say(|session, now| session.send_auth(&step, now))
            .map_err(|error| error.to_string())
    }

    /// Whether the password may go to who is there; the transcript says why not.
    pub(super) fn may_log_in(&self, exposure: Exposure) -> bool {
        match self.wire.observed().and_then(Observed::fault) {
            Some(fault) if !exposure.unverified => {
                self.note(format!(
                    "not sent: no login where the certificate does not verify ({fault})"
                ));
                false
            }
            _ => true,
        }
    }
}
