//! Logins at Postfix, which Dovecot verifies: a second opinion on every mechanism but EXTERNAL.

use super::dovecot::{Dovecot, TOKEN_KEY};
use super::postfix::Postfix;
use super::{PASSWORD, auth_dialogue, session_with};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::time::{SystemTime, UNIX_EPOCH};

/// A token for ann (RFC 7519), as an identity provider would sign it.
fn token() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("after 1970");
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let signed = format!(
        "{}.{}",
        part(r#"{"alg":"HS256","typ":"JWT"}"#),
        part(&format!(
            r#"{{"sub":"ann","iat":{},"exp":{}}}"#,
            now.as_secs() - 60,
            now.as_secs() + 3600
        )),
    );
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, TOKEN_KEY);
    let signature = ring::hmac::sign(&key, signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[test]
fn postfix_with_dovecot_takes_every_mechanism() {
    let Some(dovecot) = Dovecot::start() else {
        return;
    };
    let settings = format!(
        "smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {}
smtpd_tls_auth_only = yes
",
        dovecot.auth().display()
    );
    let Some(postfix) = Postfix::start(&settings) else {
        return;
    };
    let token = token();
    for (mechanism, initial, secret) in [
        ("PLAIN", true, PASSWORD),
        ("PLAIN", false, PASSWORD),
        ("LOGIN", true, PASSWORD),
        ("LOGIN", false, PASSWORD),
        ("CRAM-MD5", true, PASSWORD),
        ("SCRAM-SHA-1", true, PASSWORD),
        ("SCRAM-SHA-1", false, PASSWORD),
        ("SCRAM-SHA-256", true, PASSWORD),
        ("SCRAM-SHA-256", false, PASSWORD),
        ("XOAUTH2", true, token.as_str()),
        ("XOAUTH2", false, token.as_str()),
        ("OAUTHBEARER", true, token.as_str()),
        ("OAUTHBEARER", false, token.as_str()),
        ("auto", true, PASSWORD),
    ] {
        let (code, text) = session_with(postfix.port, &auth_dialogue(mechanism, initial), secret);
        assert_eq!(
            code,
            0,
            "{mechanism}: {text}\n{}\n{}",
            postfix.log(),
            dovecot.log()
        );
        assert!(!text.contains(secret), "{mechanism}: {text}");
    }
}
