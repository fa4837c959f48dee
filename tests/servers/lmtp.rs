//! LMTP (RFC 2033) at Dovecot: the greeting by LHLO, and an answer to the message for each
//! recipient.

use super::dovecot::Dovecot;
use super::{BODY, automatic, automatic_at, delivered, in_order, session};

/// A user who is known, and whose mail cannot be stored.
const FULL: &str = "full@example.org";

#[test]
fn dovecot_takes_mail_by_lmtp() {
    let Some(dovecot) = Dovecot::start() else {
        return;
    };
    let script = r#"
- {expect: 220}
- {send: LHLO client.example.net, expect: 250}
- {send: "MAIL FROM:<me@example.net>", expect: 250}
- {send: "RCPT TO:<nobody.here@example.org>", expect: 550}
- {send: "RCPT TO:<jane@example.org>", expect: 250}
- {send: DATA, expect: 354}
- message: "Subject: dots\n\nfirst\n.\n..\n.two\nlast\n"
  expect: 250
- {quit: true, expect: 221}
"#;
    let (code, text) = session(dovecot.lmtp, script);
    assert_eq!(code, 0, "{text}\n{}", dovecot.log());
    let mail = delivered(&dovecot.mail("jane"), "Subject: dots");
    assert!(mail.contains(BODY), "{mail}");
}

#[test]
fn a_script_sees_the_answer_for_each_recipient_of_dovecot() {
    let Some(dovecot) = Dovecot::start() else {
        return;
    };
    let steps = |message: &str| {
        format!(
            "- {{send: LHLO client.example.net, expect: 250, matches: CHUNKING}}
- {{starttls: true, expect: 220}}
- {{send: LHLO client.example.net, expect: 250}}
- send: ['MAIL FROM:<me@example.net>', 'RCPT TO:<jane@example.org>', 'RCPT TO:<{FULL}>', 'RCPT TO:<ann@example.org>']
  expect: [250, 250, 250, 250]
{message}
- {{send: NOOP, expect: 250}}
- {{quit: true, expect: 221}}
"
        )
    };
    let data = "- {send: DATA, expect: 354}\n- {message: \"Subject: by-data\\n\\nx\\n\"";
    let text = "x".repeat(70) + "\\n";
    let chunks = format!(
        "- {{message: \"Subject: by-bdat\\n\\n{}\", bdat: true",
        text.repeat(2_000)
    );
    for (subject, message) in [("by-data", data), ("by-bdat", &chunks)] {
        let wanted = steps(&format!("{message}, expect: [250, 451, 250]}}"));
        let (code, text) = session(dovecot.lmtp, &wanted);
        assert_eq!(code, 0, "{text}\n{}", dovecot.log());
        in_order(
            &text,
            &[
                "about <jane@example.org>",
                "<~ 250 ",
                "about <full@example.org>",
                "<~ 451 ",
                "about <ann@example.org>",
                "<~ 250 ",
                "~> NOOP",
                "<~ 250 ",
            ],
        );
        assert_eq!(
            text.contains("~> BDAT 65536"),
            subject == "by-bdat",
            "{text}"
        );
        for user in ["jane", "ann"] {
            delivered(&dovecot.mail(user), &format!("Subject: {subject}"));
        }
        // Whichever is not as expected is found, the last one too.
        for other in ["[250, 250, 250]", "[250, 451, 451]", "250"] {
            let unmet = steps(&format!("{message}, expect: {other}}}"));
            let (code, text) = session(dovecot.lmtp, &unmet);
            assert_eq!(code, 1, "{other}: {text}");
        }
    }
}

#[test]
fn a_session_that_plays_itself_speaks_lmtp_with_dovecot() {
    let Some(dovecot) = Dovecot::start() else {
        return;
    };
    let port = dovecot.lmtp;
    let all = format!("jane@example.org,{FULL},ann@example.org");
    let lmtp = |subject: &str, to: &str, options: &[&str]| {
        let fixed = [
            "--protocol",
            "lmtp",
            "--to",
            to,
            "--send",
            "--subject",
            subject,
        ];
        automatic(port, &[&fixed, options].concat())
    };

    let (code, text) = lmtp("to-two", "jane@example.org,ann@example.org", &[]);
    assert_eq!(code, 0, "{text}\n{}", dovecot.log());
    in_order(
        &text,
        &[
            "-> LHLO",
            "-> STARTTLS",
            "inside TLS now",
            "~> LHLO",
            "~> DATA",
            "about <jane@example.org>",
            "<~ 250 ",
            "about <ann@example.org>",
            "<~ 250 ",
            "~> QUIT",
        ],
    );
    for user in ["jane", "ann"] {
        delivered(&dovecot.mail(user), "Subject: to-two");
    }

    // One of three is not stored: that is told, by data, by chunks, and in one go.
    for (subject, way, verb) in [
        ("full-data", &[][..], "DATA"),
        ("full-bdat", &["--bdat=100"], "BDAT 100"),
        ("full-group", &["--pipeline"], "DATA"),
    ] {
        let (code, text) = lmtp(subject, &all, way);
        assert_eq!(code, 1, "{text}");
        in_order(
            &text,
            &[
                &format!("~> {verb}"),
                "about <full@example.org>",
                "<~ 451 ",
                "about <ann@example.org>",
                "<~ 250 ",
                "~> QUIT",
                "error: the message",
                "451 ",
            ],
        );
        delivered(&dovecot.mail("ann"), &format!("Subject: {subject}"));
        let (code, text) = lmtp("some", &all, &[way, &["--some-recipients-ok"]].concat());
        assert_eq!(code, 0, "{text}");
    }

    // Its certificate is verified against a file.
    let own = dovecot.certificate();
    let strict = ["--verify", "yes", "--ca-file", &own, "--verify-name"];
    for (name, wanted) in [("mx.example.org", 0), ("mx.example.net", 69)] {
        let options = [&strict[..], &[name]].concat();
        let (code, text) = lmtp("verified", "jane@example.org", &options);
        assert_eq!(code, wanted, "{name}: {text}");
    }

    let client = "ADDR=192.0.2.77 HELO=elsewhere.example";
    let (code, text) = lmtp("as-another", "jane@example.org", &["--xclient", client]);
    assert_eq!(code, 0, "{text}");
    in_order(
        &text,
        &[
            "~> XCLIENT ADDR=192.0.2.77",
            "<~ 220 ",
            "~> LHLO",
            "~> MAIL",
        ],
    );
    let mail = delivered(&dovecot.mail("jane"), "Subject: as-another");
    assert!(mail.contains("[192.0.2.77]"), "{mail}");
}

#[test]
fn dovecot_is_reached_by_its_unix_socket() {
    let Some(dovecot) = Dovecot::start() else {
        return;
    };
    let socket = dovecot.socket();
    let way = [
        "--unix",
        &socket,
        "--protocol",
        "lmtp",
        "--to",
        "jane@example.org",
    ];
    let send = ["--send", "--subject", "by-socket"];
    let (code, text) = automatic_at("mx.example.org", &[&way[..], &send].concat());
    assert_eq!(code, 0, "{text}\n{}", dovecot.log());
    in_order(&text, &["-> LHLO", "inside TLS now", "~> MAIL", "<~ 250 "]);
    delivered(&dovecot.mail("jane"), "Subject: by-socket");
    // Nobody is there, and the file is no socket.
    for none in [format!("{socket}-not"), dovecot.certificate()] {
        let way = ["--unix", &none, "--protocol", "lmtp", "--batch"];
        let (code, text) = automatic_at("mx.example.org", &way);
        assert_eq!(code, 69, "{text}");
        assert!(text.contains("unix:"), "{text}");
    }
}
