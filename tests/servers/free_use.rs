//! What breaks the rules, on purpose, and the live session, at real servers.

use super::exim::Exim;
use super::postfix::Postfix;
use super::{BODY, automatic, delivered, in_order, session};
use crate::live::Held;
use smtp_tui::case::Transcript;
use smtp_tui::engine::live::Order;
use smtp_tui::engine::message::{Outline, Text};
use smtp_tui::net::Network;
use smtp_tui::net::dns::Dns;
use smtp_tui::report::script_of;
use smtp_tui::smtp::suggest::Plan;
use smtp_tui::smtp::{Ending, Raw};

#[test]
fn postfix_and_exim_answer_what_breaks_the_rules() {
    // Wrong order, AUTH that is not offered, a path without its end, half lines, an over-long
    // one, NUL, several at once.
    let steps = |bare_lf: &str| {
        format!(
            r#"
- {{send: "RCPT TO:<jane@example.org>", expect: 503}}
- {{send: "DATA", expect: 503}}
- {{send: "EHLO client.example.net", expect: 250}}
- {{send: "FOO", expect: 5}}
- {{send: "AUTH XYZZY", expect: 5}}
- {{send: "MAIL FROM:<me@example.net", expect: 5}}
- {{raw: "NO"}}
- {{raw: "OP\r\n", expect: 250}}
- {{raw: "NOOP\r\nRSET\r\nNOOP\r\n", expect: 250}}
- {{expect: 250}}
- {{expect: 250}}
{bare_lf}
- {{raw: "NOOP\x00\r\n", expect: [250, 5]}}
- {{send: "NOOP {}", expect: [250, 5]}}
- {{send: "MAIL FROM:<me@example.net>", expect: 250}}
- {{send: "MAIL FROM:<me@example.net>", expect: 503}}
- {{send: "RCPT TO:<jane@example.org>", expect: 250}}
- {{send: "DATA", expect: 354}}
- {{raw: "Subject: raw-one\r\n\r\nfirst\r\n..\r\n...\r\n..two\r\n"}}
- {{raw: "last\r\n.\r\n", expect: 250}}
- {{quit: true, expect: 221}}
"#,
            "x".repeat(600)
        )
    };
    let taken = "- {send: NOOP, end: lf, expect: 250}";
    if let Some(postfix) = Postfix::start("") {
        let (code, text) = session(postfix.port, &steps(taken));
        assert_eq!(code, 0, "{text}\n{}", postfix.log());
        let mail = delivered(&postfix.mail(), "Subject: raw-one");
        assert!(mail.contains(BODY), "{mail}");
    }
    if let Some(exim) = Exim::start("smtp_max_synprot_errors = 20\nsmtp_enforce_sync = false") {
        let (code, text) = session(exim.port, &steps(taken));
        assert_eq!(code, 0, "{text}\n{}", exim.log());
        let mail = delivered(&exim.mail(), "Subject: raw-one");
        assert!(mail.contains(BODY), "{mail}");
    }
}

/// What was said to one server, said by a script to others.
#[test]
fn a_script_of_a_session_with_postfix_plays_at_every_server() {
    let Some(postfix) = Postfix::start("") else {
        return;
    };
    let options = ["--to", "jane@example.org", "--send", "--format", "json"];
    let (code, json) = automatic(postfix.port, &options);
    assert_eq!(code, 0, "{json}");
    let transcript: Transcript = serde_json::from_str(&json).expect("a transcript");
    let script = script_of(&transcript);
    let (code, text) = session(postfix.port, &script);
    assert_eq!(code, 0, "{script}\n{text}");
    if let Some(exim) = Exim::start("") {
        let (code, text) = session(exim.port, &script);
        assert_eq!(code, 0, "{script}\n{text}");
        // What another answers is told with the step.
        let other = script.replace("jane@example.org", "nobody@example.org");
        let (code, text) = session(exim.port, &other);
        assert_eq!(code, 1, "{text}");
        assert!(text.contains("expected 250"), "{text}");
    }
}

fn plan() -> Plan {
    Plan {
        from: "me@example.net".parse().ok(),
        to: vec!["jane@example.org".parse().expect("an address")],
        message: true,
        ..Plan::new("me.example.net".parse().expect("a name"))
    }
}

async fn held(port: u16) -> Held {
    let dns = Dns::new(Network::internet(), Vec::new());
    Held::at(&dns, "127.0.0.1", port, plan()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_guided_through_a_session_with_postfix() {
    let Some(postfix) = Postfix::start("") else {
        return;
    };
    let mut held = held(postfix.port).await;
    let mut said = Vec::new();
    while !held.because.contains("waits for the message") && said.len() < 9 {
        said.push(held.suggested.clone());
        held.order(Order::Next).await;
    }
    assert_eq!(
        said,
        [
            "EHLO me.example.net",
            "STARTTLS",
            "EHLO me.example.net",
            "MAIL FROM:<me@example.net>",
            "RCPT TO:<jane@example.org>",
            "DATA",
        ]
    );
    let text = "Subject: guided\n\nfirst\n.\n..\n.two\nlast\n".to_owned();
    held.order(Order::Message(Box::new(Outline::new(Text::Draft(text)))))
        .await;
    assert_eq!(held.suggested, "QUIT");
    let mail = delivered(&postfix.mail(), "Subject: guided");
    assert!(mail.contains(BODY), "{mail}");

    // What was refused is said with the reason, and the session goes on.
    held.order(Order::Send("MAIL FROM:<me@example.net>".to_owned()))
        .await;
    held.order(Order::Send("RCPT TO:<a@elsewhere.example>".to_owned()))
        .await;
    assert!(held.has("S 454 ") || held.has("S 554 "), "{:?}", held.lines);
    assert!(held.recipients.is_empty());
    held.order(Order::Disconnect).await;
    postfix.logs("disconnect from ");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_types_freely_reaches_postfix_as_it_is() {
    let Some(postfix) = Postfix::start("") else {
        return;
    };
    let mut held = held(postfix.port).await;
    for (text, ending, rule, answer) in [
        (
            "RCPT TO:<jane@example.org>",
            Ending::CrLf,
            "breaks a rule",
            "S 503 ",
        ),
        ("EHLO me.example.net", Ending::Lf, "breaks a rule", "S 250 "),
        (
            r"MAIL FROM:<>\nRSET",
            Ending::CrLf,
            "breaks a rule",
            "S 250 ",
        ),
        ("AUTH PLAIN AGEAYg==", Ending::CrLf, "not offered", "S 503 "),
    ] {
        let before = held.lines.len();
        let raw = Raw::parse(text, ending).expect("octets");
        held.order(Order::Raw(raw)).await;
        let since = held.lines[before..].join("\n");
        in_order(&since, &[rule, answer]);
        assert!(!since.contains("AGEAYg"), "{since}");
    }
    held.order(Order::Drop).await;
    postfix.logs("lost connection after AUTH");
}
