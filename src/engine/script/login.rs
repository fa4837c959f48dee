//! The login of a step, to its end.

use super::player::Player;
use super::step::Auth;
use super::stop::Stop;
use crate::net::smtp::nonce;
use crate::net::tls::Observed;
use crate::smtp::sasl::Exchange;
use crate::smtp::state::State;
use crate::smtp::{Extensions, LocalError, Login};
use crate::text::{SafeText, Secret};

impl Player<'_> {
    /// AUTH and what its challenges ask for; beside each line, what it says.
    pub(super) async fn log_in(&mut self, step: usize, auth: &Auth) -> Result<(), Stop> {
        let refused = |error| Stop::Refused { step, error };
        let encrypted = self.wire.session().is_encrypted();
        if !encrypted && !auth.in_clear {
            return Err(Stop::InClear { step });
        }
        let fault = self.wire.observed().and_then(Observed::fault);
        if let Some(fault) = fault.filter(|_| encrypted && !auth.unverified) {
            let why = fault.into();
            return Err(Stop::Unverified { step, why });
        }
        let login = self.login(auth).map_err(refused)?;
        // One that is named is tried whether it is offered or not: what the server says to it is
        // of interest.
        let named = auth.mechanism.0;
        let Some(mechanism) = named.or_else(|| login.mechanism(&self.offered(), encrypted)) else {
            let offered = self.offered();
            let words: Vec<&str> = offered.iter().map(SafeText::as_str).collect();
            let offered = words.join(" ").into();
            return Err(Stop::NoMechanism { step, offered });
        };
        let exchange = Exchange::new(&login, mechanism);
        let mut next = exchange.begin().map_err(refused)?;
        loop {
            self.replies.clear();
            self.wire
                .say(|session, now| session.send_auth(&next, now))
                .map_err(refused)?;
            if next.command.is_none() {
                let why = next.said.into_string();
                return Err(Stop::Over { step, why });
            }
            self.until_answered(step, 1).await?;
            if let Some(flaw) = next.flaw {
                return Err(Stop::Flawed { step, flaw });
            }
            if self.wire.session().state() != State::Authenticating {
                break;
            }
            next = exchange
                .answer(&self.wire.session().challenges())
                .map_err(refused)?;
        }
        let session = self.wire.session();
        let accepted = session.progress().login == Some(true);
        if accepted && !exchange.is_proven(&session.challenges()) {
            return Err(Stop::Unproven { step });
        }
        Ok(())
    }

    fn offered(&self) -> Vec<SafeText> {
        let extensions = self.wire.session().extensions();
        extensions.map_or_else(Vec::new, Extensions::mechanisms)
    }

    fn login(&self, auth: &Auth) -> Result<Login, LocalError> {
        let login = if auth.needs_secret() {
            let none = || Secret::new(String::new());
            let password = self.passwords.get(&auth.user).cloned();
            Login::new(&auth.user, password.unwrap_or_else(none))?
        } else {
            Login::external(&auth.user)?
        };
        let (host, port) = self.server;
        let login = login.at(host, port).with_initial(auth.initial);
        Ok(match nonce() {
            Some(nonce) => login.with_nonce(nonce),
            None => login,
        })
    }
}
