//! Logins at Postfix, which Dovecot verifies: a second opinion on every mechanism but EXTERNAL,
//! which Exim verifies.

use super::dovecot::{Dovecot, TOKEN_KEY};
use super::postfix::Postfix;
use super::{FROM_ME, PASSWORD, auth_dialogue, delivered, in_order, run, session_with};
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
    // The same by sessions that play themselves, with a message behind the login.
    for (mechanism, secret) in [
        ("plain", PASSWORD),
        ("login", PASSWORD),
        ("cram-md5", PASSWORD),
        ("scram-sha-1", PASSWORD),
        ("scram-sha-256", PASSWORD),
        ("xoauth2", token.as_str()),
        ("oauthbearer", token.as_str()),
    ] {
        let subject = format!("by-{mechanism}");
        let login = [
            "--auth",
            mechanism,
            "--auth-user",
            "ann",
            "--unverified-login",
        ];
        let to = ["--to", "jane@example.org", "--send", "--subject", &subject];
        for initial in [&[][..], &["--no-initial-response"]] {
            let options = [&FROM_ME[..], &login, &to, initial].concat();
            let (code, text) = run(postfix.port, &options, "", secret);
            assert_eq!(code, 0, "{mechanism}: {text}\n{}", dovecot.log());
            in_order(&text, &["~> AUTH ", "<~ 235 ", "~> MAIL", "queued as"]);
            assert!(!text.contains(secret), "{mechanism}: {text}");
        }
        let method = mechanism.to_uppercase();
        postfix.logs(&format!("sasl_method={method}, sasl_username=ann"));
        delivered(&postfix.mail(), &format!("Subject: {subject}"));
        let options = [&FROM_ME[..], &login, &["--quit-after", "auth"]].concat();
        let (code, text) = run(postfix.port, &options, "", "wrong-one-7");
        assert_eq!(code, 1, "{mechanism}: {text}");
        in_order(&text, &["<~ 535 ", "~> QUIT", "error: AUTH"]);
        assert!(!text.contains("wrong-one-7"), "{mechanism}: {text}");
    }
}
