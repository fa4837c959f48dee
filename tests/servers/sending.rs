//! Sessions that play themselves, and scripts, at Postfix.

use super::postfix::Postfix;
use super::{automatic, delivered, in_order, session, to_a_wide_address, to_jane};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write as _;
use std::process::Command;

#[test]
fn postfix_takes_what_the_options_of_the_envelope_say() {
    let Some(postfix) = Postfix::start("message_size_limit = 20000\n") else {
        return;
    };
    let port = postfix.port;

    let (code, text) = to_jane(port, "plain-one", &[]);
    assert_eq!(code, 0, "{text}");
    in_order(
        &text,
        &["STARTTLS", "~> MAIL", "~> RCPT", "~> DATA", "queued as"],
    );
    delivered(&postfix.mail(), "Subject: plain-one");

    let several = "nobody@example.org,jane@example.org,bob@example.org";
    let (code, text) = automatic(port, &["--to", several, "--send", "--subject", "not-sent"]);
    assert_eq!(code, 1, "{text}");
    in_order(
        &text,
        &["550 5.1.1", "~> RSET", "The server said: 550 5.1.1 <nobody"],
    );
    assert!(!text.contains("~> DATA"), "{text}");

    let some = [
        "--to",
        several,
        "--send",
        "--subject",
        "sent-to-some",
        "--some-recipients-ok",
    ];
    let (code, text) = automatic(port, &some);
    assert_eq!(code, 0, "{text}");
    delivered(&postfix.mail(), "Subject: sent-to-some");
    for user in ["jane", "bob"] {
        postfix.logs(&format!("to=<{user}@example.org>, relay=virtual"));
    }
    assert!(!postfix.log().contains("not-sent"), "{}", postfix.log());

    let (code, text) = to_jane(
        port,
        "pipelined",
        &["--pipeline", "--cc", "bob@example.org"],
    );
    assert_eq!(code, 0, "{text}");
    in_order(
        &text,
        &[
            "~> MAIL", "~> RCPT", "~> RCPT", "<~ 250", "<~ 250", "<~ 250",
        ],
    );
    delivered(&postfix.mail(), "Subject: pipelined");

    let dsn = [
        "--dsn-ret",
        "hdrs",
        "--dsn-envid",
        "e+1",
        "--dsn-notify",
        "success",
    ];
    let (code, text) = to_jane(port, "reported", &dsn);
    assert_eq!(code, 0, "{text}");
    in_order(&text, &["RET=HDRS", "ENVID=e+2B1", "NOTIFY=SUCCESS"]);
    postfix.logs("sender delivery status notification");

    let text = to_a_wide_address(port);
    assert!(!text.contains("breaks a rule"), "{text}");
    delivered(&postfix.mail(), "Subject: wide-one");

    let large = "a line that is long enough\n".repeat(2_000);
    let (code, text) = to_jane(port, "too-large", &["--body", &large]);
    assert_eq!(code, 1, "{text}");
    in_order(&text, &["~> MAIL", "SIZE=", "<~ 552 5.3.4", "error: MAIL"]);
    assert!(!text.contains("~> RCPT"), "{text}");

    let (code, text) = to_jane(port, "old-hello", &["--protocol", "smtp"]);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("-> HELO ") && !text.contains("EHLO"),
        "{text}"
    );
    let mail = delivered(&postfix.mail(), "Subject: old-hello");
    assert!(mail.contains("with SMTP id"), "{mail}");
}

/// RFC 5321 section 3.2: HELO where EHLO is not understood.
#[test]
fn a_postfix_that_knows_no_ehlo_is_greeted_the_old_way() {
    let filter = "smtpd_command_filter = regexp:{ {/^EHLO .*/ FOO} }\n";
    let Some(postfix) = Postfix::start(filter) else {
        return;
    };
    let (code, text) = to_jane(postfix.port, "fallen-back", &[]);
    assert_eq!(code, 0, "{text}");
    in_order(&text, &["-> EHLO", "<- 50", "-> HELO", "<- 250", "-> MAIL"]);
    let mail = delivered(&postfix.mail(), "Subject: fallen-back");
    assert!(mail.contains("with SMTP id"), "{mail}");
}

#[test]
fn postfix_answers_commands_beside_the_mail() {
    let Some(postfix) = Postfix::start("") else {
        return;
    };
    let script = "
- {send: EHLO client.example.net, expect: 250}
- {send: VRFY jane@example.org, expect: 252}
- {send: VRFY nobody@example.org, expect: 550}
- {send: HELP, expect: 500}
- {send: ETRN example.org, expect: 459}
- {quit: true, expect: 221}
";
    let (code, text) = session(postfix.port, script);
    assert_eq!(code, 0, "{text}\n{}", postfix.log());
}

#[test]
fn what_is_composed_or_read_arrives_at_postfix_octet_by_octet() {
    let Some(postfix) = Postfix::start("message_size_limit = 20000000\n") else {
        return;
    };
    let (port, mail) = (postfix.port, postfix.mail());
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let octets: Vec<u8> = (0..100_000_u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    std::fs::write(path("file.bin"), &octets).expect("written");

    for (subject, options) in [
        ("attached-data", &[][..]),
        ("attached-bdat", &["--bdat=7000"]),
    ] {
        let attach = ["--attach", &path("file.bin")];
        let (code, text) = to_jane(port, subject, &[&attach, options].concat());
        assert_eq!(code, 0, "{text}");
        assert_eq!(text.contains("~> BDAT 7000"), !options.is_empty(), "{text}");
        let arrived = delivered(&mail, &format!("Subject: {subject}"));
        let encoded = STANDARD.encode(&octets);
        let (_, own) = arrived
            .split_once(&format!("Subject: {subject}"))
            .expect("it");
        let joined: String = own.lines().collect();
        assert!(joined.contains(&encoded), "{text}");
    }

    // Signed, dumped as it would go, sent as it was dumped.
    let key = Command::new("openssl")
        .args(["genrsa", "-out", &path("dkim.pem"), "2048"])
        .output();
    assert!(
        key.is_ok_and(|output| output.status.success()),
        "no RSA key was made"
    );
    let key = path("dkim.pem");
    let dkim = [
        "--dkim-key",
        &key,
        "--dkim-selector",
        "sel",
        "--dkim-domain",
        "example.net",
    ];
    let (code, signed) = to_jane(port, "signed", &[&dkim[..], &["--dump-message"]].concat());
    assert_eq!(code, 0, "{signed}");
    assert!(signed.contains("DKIM-Signature:"), "{signed}");
    std::fs::write(path("signed.eml"), &signed).expect("written");
    let as_it_is = |file: &str| {
        automatic(
            port,
            &["--to", "jane@example.org", "--send", "--message", file],
        )
    };
    let (code, text) = as_it_is(&path("signed.eml"));
    assert_eq!(code, 0, "{text}");
    let arrived = delivered(&mail, "Subject: signed");
    assert!(
        arrived.contains(&signed.replace("\r\n", "\n")),
        "{signed}\n{arrived}"
    );

    let mut large = "Subject: ten-million\r\n\r\n".to_owned();
    for number in 0..100_000 {
        let _ = write!(
            large,
            "{}line {number:06} {}\r\n",
            if number % 7 == 0 { "." } else { "" },
            "x".repeat(86)
        );
    }
    large.push_str(".\r\n..\r\nthe-last-line\r\n");
    std::fs::write(path("large.eml"), &large).expect("written");
    let (code, text) = as_it_is(&path("large.eml"));
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains(&format!("sending the message: {} octets", large.len())),
        "{text}"
    );
    let arrived = delivered(&mail, "the-last-line");
    let (_, arrived) = arrived.split_once("Subject: ten-million").expect("it");
    let sent = large.replace("\r\n", "\n");
    let sent = sent.strip_prefix("Subject: ten-million").expect("it");
    // Headers of Postfix may stand behind the subject.
    let (_, body) = sent.split_once("\n\n").expect("a body");
    assert!(arrived.contains(body), "not octet by octet: {text}");
}
