//! How far a session goes: where it is left, by QUIT or by hanging up; what the server saw of it.

use super::postfix::Postfix;
use super::{automatic, delivered, in_order, session};

/// Postfix counts, when a client leaves, which commands it has said.
#[test]
fn postfix_sees_where_a_session_is_left() {
    let Some(postfix) = Postfix::start("") else {
        return;
    };
    for (stage, said, dropped_log) in [
        ("connect", "quit=1", "lost connection after CONNECT from"),
        ("ehlo", "ehlo=1 quit=1", "lost connection after EHLO from"),
        (
            "starttls",
            "starttls=1 quit=1",
            "lost connection after STARTTLS from",
        ),
        (
            "mail",
            "ehlo=2 starttls=1 mail=1 quit=1",
            "lost connection after MAIL from",
        ),
        (
            "rcpt",
            "mail=1 rcpt=1 quit=1",
            "lost connection after RCPT from",
        ),
        (
            "message",
            "mail=1 rcpt=1 data=1 quit=1",
            // Postfix finds nothing in that.
            "rcpt=1 data=1 commands=",
        ),
    ] {
        let to = ["--to", "jane@example.org"];
        let left = [&to[..], &["--quit-after", stage]].concat();
        let (code, text) = automatic(postfix.port, &left);
        assert_eq!(code, 0, "{stage}: {text}");
        in_order(&text, &["> QUIT", "221 ", "connection closed"]);
        postfix.logs(&format!("{said} commands="));

        let dropped = [&to[..], &["--drop-after", stage]].concat();
        let (code, text) = automatic(postfix.port, &dropped);
        assert_eq!(code, 0, "{stage}: {text}");
        assert!(!text.contains("QUIT"), "{text}");
        postfix.logs(dropped_log);
    }
    // Hung up without hearing the answer: the server has the command.
    for (stage, said) in [
        ("mail", "ehlo=2 starttls=1 mail=1 commands="),
        ("rcpt", "mail=1 rcpt=1 commands="),
        ("data", "rcpt=1 data=0/1 commands="),
        ("message", "rcpt=1 data=1 commands="),
    ] {
        let subject = format!("dropped-at-{stage}");
        let to = ["--to", "jane@example.org", "--subject", &subject];
        let options = [&to[..], &["--drop-after-send", stage]].concat();
        let (code, text) = automatic(postfix.port, &options);
        assert_eq!(code, 0, "{text}");
        assert!(text.contains("dropped before an answer"), "{text}");
        postfix.logs(said);
    }
    delivered(&postfix.mail(), "Subject: dropped-at-message");
    // Behind a 354 QUIT would be a line of the message.
    for ends in ["--quit-after", "--drop-after"] {
        let options = ["--to", "jane@example.org", ends, "data", "--subject", "cut"];
        let (code, text) = automatic(postfix.port, &options);
        assert_eq!(code, 0, "{text}");
        assert!(!text.contains("> QUIT"), "{text}");
    }
    postfix.logs("lost connection after DATA ");
}

#[test]
fn a_wait_before_a_step_is_seen_by_postfix_and_may_be_too_long_for_it() {
    let Some(postfix) = Postfix::start("smtpd_timeout = 2s\n") else {
        return;
    };
    let options = ["--to", "jane@example.org", "--batch", "--wait", "rcpt=30"];
    let (code, text) = automatic(postfix.port, &options);
    assert_eq!(code, 69, "{text}");
    in_order(&text, &["~> MAIL", "421 4.4.2"]);
    assert!(!text.contains("~> RCPT"), "{text}");
    postfix.logs("timeout after MAIL");

    let script = "
- {send: EHLO client.example.net, expect: 250}
- {send: NOOP, wait: 1, expect: 250}
- {expect: 421, timeout: 50}
- {expect: closed}
";
    let (code, text) = session(postfix.port, script);
    assert_eq!(code, 0, "{text}");
}
