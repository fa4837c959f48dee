//! The row of TLS on port 25: the certificate, and what was tried beside the session.

use super::{Dialogue, StartTls};
use crate::case::{CheckState, Exchange};
use crate::check::Row;
use crate::net::dns::Name;
use crate::text::SafeText;

pub(super) fn row(host: &Name, dialogue: &Dialogue, tried: Option<&StartTls>) -> Row {
    let injected = tried.and_then(|tried| tried.injected.as_ref());
    let old = tried.and_then(|tried| tried.old_version);
    let (state, detail) = match (&dialogue.certificate, &dialogue.tls_failed) {
        _ if injected.is_some() => (
            CheckState::Failed,
            "runs what was sent in clear behind STARTTLS".to_owned(),
        ),
        (_, Some(_)) if old.is_some() || dialogue.tls_obsolete => (
            CheckState::Warned,
            format!("nothing newer than TLS {}", old.unwrap_or("1.1")),
        ),
        (_, Some(what)) => (CheckState::Failed, what.to_string()),
        (Some(shown), None) => {
            let until = shown.not_after.strftime("%Y-%m-%d");
            let past = shown.left().is_negative();
            let wrong = [
                (past, "expired"),
                (!shown.fits, "for another name"),
                (shown.untrusted.is_some(), "by no known authority"),
            ];
            let wrong: Vec<&str> = wrong
                .into_iter()
                .filter_map(|(is, word)| is.then_some(word))
                .collect();
            let state = if past || !shown.fits {
                CheckState::Warned
            } else {
                CheckState::Passed
            };
            let words = match &wrong[..] {
                [] => "good".to_owned(),
                wrong => wrong.join(", "),
            };
            (state, format!("certificate until {until}, {words}"))
        }
        (None, None) => (
            CheckState::NotPossible,
            "no certificate was seen".to_owned(),
        ),
    };
    let mut answered: Vec<SafeText> = Vec::new();
    if let Some(shown) = &dialogue.certificate {
        answered.push(format!("subject {}", shown.subject).into());
        answered.push(format!("issuer {}", shown.issuer).into());
        answered.push(format!("valid from {} to {}", shown.not_before, shown.not_after).into());
        answered.extend(
            shown
                .names
                .iter()
                .take(12)
                .map(|name| format!("for {name}").into()),
        );
        answered.extend(shown.untrusted.iter().cloned());
    }
    answered.push(match (tried, injected) {
        (_, Some(reply)) => {
            format!("NOOP sent in clear behind STARTTLS was answered: {reply}").into()
        }
        (Some(_), None) if dialogue.tls_failed.is_none() => {
            "NOOP sent in clear behind STARTTLS was thrown away, as it must be".into()
        }
        (Some(_), None) => format!("TLS 1.1 was tried: {}", old.unwrap_or("refused")).into(),
        (None, None) => "a second try at STARTTLS came to nothing".into(),
    });
    let name = host.to_ascii();
    let name = name.trim_end_matches('.');
    Row {
        state,
        detail: detail.into(),
        exchanges: vec![Exchange {
            asked: format!("STARTTLS of {name}").into(),
            answered,
            took_ms: 0,
        }],
        meaning: "Most senders take any certificate (RFC 7435); those that enforce MTA-STS or \
                  DANE, and people's mail programs, do not."
            .into(),
        by_hand: vec![format!("openssl s_client -starttls smtp -connect {name}:25 -quiet").into()],
    }
}
