//! TLS with Postfix: on both kinds of port, with its certificate verified, and with one of ours.

use super::postfix::Postfix;
use super::{certificate, in_order, to_jane};
use ring::digest::{SHA256, digest};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

#[test]
fn postfix_is_reached_inside_tls_and_shown_a_certificate() {
    let settings = "smtpd_tls_ask_ccert = yes
smtpd_tls_loglevel = 2
smtpd_tls_fingerprint_digest = sha256
";
    let Some(postfix) = Postfix::start_with(settings, &["smtpd_tls_wrappermode=yes"]) else {
        return;
    };
    let (port, wrapped) = (postfix.port, postfix.more[0]);

    let (code, text) = to_jane(port, "a", &["--tls", "required"]);
    assert_eq!(code, 0, "{text}");
    in_order(
        &text,
        &["-> STARTTLS", "inside TLS now: TLS 1.3", "~> MAIL"],
    );
    postfix.logs("Anonymous TLS connection established");

    let (code, text) = to_jane(wrapped, "b", &["--tls", "on-connect"]);
    assert_eq!(code, 0, "{text}");
    in_order(&text, &["inside TLS now", "<~ 220 ", "~> EHLO", "~> MAIL"]);
    assert!(!text.contains("STARTTLS"), "{text}");

    let (code, text) = to_jane(port, "c", &["--tls", "required", "--tls-max", "1.2"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("inside TLS now: TLS 1.2"), "{text}");

    // Its certificate is for mx.example.org, and there is nobody else who vouches for it.
    let own = postfix.certificate().display().to_string();
    let strict = ["--tls", "required", "--verify", "yes"];
    let given = ["--ca-file", &own, "--verify-name", "mx.example.org"];
    let (code, text) = to_jane(port, "d", &[&strict[..], &given].concat());
    assert_eq!(code, 0, "{text}");
    in_order(&text, &["the certificate verifies", "queued as"]);
    for options in [&[][..], &given[..2], &["--verify-name", "mx.example.org"]] {
        let (code, text) = to_jane(port, "e", &[&strict[..], options].concat());
        assert_eq!(code, 69, "{options:?}: {text}");
        assert!(text.contains("the TLS handshake failed"), "{text}");
        assert!(!text.contains("MAIL FROM"), "{text}");
    }

    let folder = tempfile::tempdir().expect("a folder");
    let (file, key) = certificate(folder.path());
    let shown = CertificateDer::from_pem_file(&file).expect("a certificate");
    let fingerprint: Vec<String> = digest(&SHA256, &shown)
        .as_ref()
        .iter()
        .map(|octet| format!("{octet:02X}"))
        .collect();
    let (file, key) = (file.display().to_string(), key.display().to_string());
    let identity = ["--client-cert", &file, "--client-key", &key];
    let (code, text) = to_jane(port, "f", &identity);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("asked for a client certificate; it was shown"),
        "{text}"
    );
    postfix.logs("Untrusted TLS connection established");
    postfix.logs(&format!(" fingerprint={}", fingerprint.join(":")));
}

#[test]
fn a_session_and_postfix_agree_on_tls_or_part() {
    let services = [
        "smtpd_tls_security_level=none",
        "smtpd_tls_security_level=encrypt",
        "smtpd_tls_protocols=TLSv1.2",
    ];
    let Some(postfix) = Postfix::start_with("", &services) else {
        return;
    };
    let [none, demands, old] = postfix.more[..] else {
        panic!("three further ports");
    };
    for (port, options, wanted, words) in [
        (
            none,
            &["--tls", "required"][..],
            1,
            "TLS is required and not offered here",
        ),
        (none, &["--tls", "optional"], 0, "-> MAIL FROM"),
        (demands, &["--tls", "never"], 1, "530 5.7.0"),
        (demands, &["--tls", "optional"], 0, "~> MAIL FROM"),
        (old, &[], 0, "inside TLS now: TLS 1.2"),
        (old, &["--tls-min", "1.3"], 69, "none of the versions"),
    ] {
        let (code, text) = to_jane(port, "agreed", options);
        assert_eq!(code, wanted, "{options:?}: {text}");
        assert!(text.contains(words), "{options:?}: {text}");
        assert_eq!(text.contains("queued as"), wanted == 0, "{text}");
    }
}
