//! The TLS handshake of a session, and what is shown of it.

use super::Wire;
use crate::net::smtp::record;
use crate::net::tls::{self, Observed};
use std::time::Duration;

impl Wire {
    pub(super) async fn tls_failed(&mut self, error: tls::Error) {
        self.stream = None;
        self.command_ended().await;
        let now = self.now();
        self.session.tls_failed(now, error.to_string());
        self.tls_error = Some(error);
    }

    pub(super) async fn shake_hands(&mut self, limit: Duration) -> Result<String, tls::Error> {
        let broken = |why: &str| tls::Error::Io {
            name: self.name.clone(),
            why: why.to_owned(),
        };
        let stream = self.stream.take().ok_or_else(|| broken("no connection"))?;
        let trust = self.network.trust().clone();
        let handshake = Box::pin(tls::shake_hands(&trust, stream, &self.name, &self.terms));
        let (stream, observed) = self
            .clock()
            .timeout(limit, handshake)
            .await
            .map_err(|late| broken(&late.to_string()))?;
        self.keep(&observed);
        let stream = stream?;
        let description = describe(&observed);
        self.observed = Some(observed);
        self.stream = Some(Box::pin(stream));
        Ok(description)
    }

    fn keep(&mut self, observed: &Observed) {
        if !self.shows_chain {
            return;
        }
        let shown = record::of(observed, &self.terms, &self.name);
        for line in record::lines(&shown, self.terms.identity.is_some()) {
            self.note(line);
        }
        self.shown = Some(shown);
    }
}

fn describe(observed: &Observed) -> String {
    let protocol = observed
        .protocol
        .map_or_else(String::new, record::protocol_words);
    let cipher = observed
        .cipher
        .map_or_else(String::new, |cipher| format!(", {cipher:?}"));
    let verdict = observed.fault().map_or_else(
        || "the certificate verifies".to_owned(),
        |fault| format!("the certificate does not verify: {fault}"),
    );
    format!("{protocol}{cipher}; {verdict}")
}
