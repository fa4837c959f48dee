//! Sessions that play themselves: against the lab, and against a server that answers by the
//! verb, for what the lab's hosts do not do.

use crate::setup::{binary, ran};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread::{self, JoinHandle};

fn run(arguments: &[&str], password: Option<&str>) -> (i32, String, String) {
    let mut command = binary();
    command.arg("session").args(arguments);
    command.envs(password.map(|password| ("SMTP_TUI_PASSWORD", password)));
    ran(&mut command)
}

fn lab(arguments: &str) -> (i32, String, String) {
    let fixed = [
        "mx1.pebblebrook-pottery.com",
        "--lab",
        "healthy",
        "--ehlo",
        "me.example.net",
    ];
    let more: Vec<&str> = arguments.split_whitespace().collect();
    run(&[&fixed[..], &more[..]].concat(), None)
}

/// What the client said, verb by verb.
fn said(out: &str) -> String {
    let lines = out.lines().filter_map(|line| {
        let (_, said) = line
            .split_once(" -> ")
            .or_else(|| line.split_once(" ~> "))?;
        said.split(' ').next()
    });
    lines.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_message_is_sent_as_far_as_the_options_say() {
    let envelope = "--from me@example.net --to info@pebblebrook-pottery.com";
    for (options, verbs) in [
        ("--send", "EHLO STARTTLS EHLO MAIL RCPT DATA . QUIT"),
        (
            "--send --pipeline",
            "EHLO STARTTLS EHLO MAIL RCPT DATA . QUIT",
        ),
        ("--batch", "EHLO STARTTLS EHLO MAIL RCPT RSET QUIT"),
        ("--quit-after connect", "QUIT"),
        ("--quit-after ehlo", "EHLO QUIT"),
        ("--quit-after starttls", "EHLO STARTTLS QUIT"),
        ("--quit-after mail", "EHLO STARTTLS EHLO MAIL QUIT"),
        ("--quit-after data", "EHLO STARTTLS EHLO MAIL RCPT DATA"),
        (
            "--quit-after message",
            "EHLO STARTTLS EHLO MAIL RCPT DATA . QUIT",
        ),
        ("--drop-after rcpt", "EHLO STARTTLS EHLO MAIL RCPT"),
        (
            "--drop-after message",
            "EHLO STARTTLS EHLO MAIL RCPT DATA .",
        ),
        ("--batch --protocol smtp", "HELO MAIL RCPT RSET QUIT"),
    ] {
        let (code, out, err) = lab(&format!("{envelope} {options}"));
        assert_eq!(code, 0, "{options}: {out}{err}");
        assert_eq!(said(&out), verbs, "{options}: {out}");
    }
    let (_, out, _) = lab(&format!("{envelope} --send"));
    let size = out.lines().find_map(|line| line.split_once(" SIZE="));
    let octets: u64 = size.expect("SIZE").1.parse().expect("a number");
    assert!(out.contains(&format!("{octets} octets")), "{out}");
}

#[test]
fn a_refusal_is_named_with_its_step() {
    for (options, code, words) in [
        (
            "--to nobody@elsewhere.example",
            1,
            "RCPT: No recipient was accepted",
        ),
        (
            "--to nobody@elsewhere.example,info@pebblebrook-pottery.com --send",
            1,
            "One recipient was refused, and all of them were wanted: the transaction is given up. \
             The server said: 5",
        ),
        (
            "--to info@pebblebrook-pottery.com,nobody@elsewhere.example --send --some-recipients-ok",
            0,
            "",
        ),
        (
            "--to info@pebblebrook-pottery.com --protocol lmtp",
            1,
            "LHLO: The server does not take the hello (500)",
        ),
        (
            "--auth-user a --auth PLAIN",
            1,
            "502 5.5.1 AUTH is not offered here",
        ),
        (
            "--xclient NAME=a.example",
            1,
            "XCLIENT: XCLIENT was refused (500)",
        ),
    ] {
        let (exit, out, err) = {
            let fixed = ["mx1.pebblebrook-pottery.com", "--lab", "healthy", "--batch"];
            let more: Vec<&str> = options.split_whitespace().collect();
            run(&[&fixed[..], &more[..]].concat(), Some("orange-tree"))
        };
        assert_eq!(exit, code, "{options}: {out}{err}");
        assert!(err.contains(words), "{options}: {err}");
    }
    let (code, out, _) = lab("--to info@pebblebrook-pottery.com --dsn-notify never --batch");
    assert_eq!(code, 1);
    assert!(out.contains("555 5.5.4 Unsupported option"), "{out}");
    assert!(
        out.contains("NOTIFY needs DSN, which is not offered (RFC 3461"),
        "{out}"
    );
    let (code, _, err) = lab("--send");
    assert_eq!(code, 64, "{err}");
}

#[test]
fn the_transcript_is_json_where_that_is_asked_for() {
    let (code, out, err) = lab("--batch --wait ehlo=0 --format json");
    assert_eq!(code, 0, "{err}");
    let transcript: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(transcript["host"], "mx1.pebblebrook-pottery.com");
    assert!(
        transcript["transcript"]
            .as_array()
            .is_some_and(|lines| lines.len() > 8)
    );
}

#[test]
fn each_mechanism_logs_in_with_and_without_initial_response_and_is_told_in_words() {
    let user = "nora@fairwater-translations.com";
    let play = |password: &str, options: &str| {
        let fixed = [
            "smtp.fairwater-translations.com:587",
            "--lab",
            "password-refused",
            "--batch",
            "--auth-user",
            user,
        ];
        let more: Vec<&str> = options.split_whitespace().collect();
        run(&[&fixed[..], &more[..]].concat(), Some(password))
    };
    for mechanism in [
        "auto",
        "PLAIN",
        "LOGIN",
        "CRAM-MD5",
        "SCRAM-SHA-1",
        "SCRAM-SHA-256",
        "XOAUTH2",
        "OAUTHBEARER",
        "EXTERNAL",
    ] {
        for initial in ["", " --no-initial-response"] {
            let (code, out, err) = play("autumn-leaf-8", &format!("--auth {mechanism}{initial}"));
            assert_eq!(code, 0, "{mechanism}{initial}: {out}{err}");
            assert!(out.contains("235 2.7.0"), "{mechanism}: {out}");
            assert!(out.contains("-- AUTH, sent: "), "{mechanism}: {out}");
            assert!(!out.contains("autumn-leaf"), "{mechanism}: {out}");
        }
    }
    let (code, out, err) = play("orange-tree-9", "");
    assert_eq!(code, 1, "{out}");
    assert!(err.contains("AUTH: The login was refused (535)"), "{err}");
    assert!(!format!("{out}{err}").contains("orange-tree"), "{out}{err}");
}

/// A server for one connection that answers each verb with these lines, and takes a message up
/// to the dot. Gives what it heard.
fn server(answers: &'static [(&'static str, &'static str)]) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = listener.local_addr().expect("an address").to_string();
    let heard = thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a client");
        let mut out = stream.try_clone().expect("the other half");
        let mut lines = BufReader::new(stream).lines();
        let mut heard = Vec::new();
        let say = |out: &mut std::net::TcpStream, verb: &str| {
            let found = answers.iter().find(|(own, _)| *own == verb);
            let answer = found.map_or("500 what\r\n", |(_, answer)| answer);
            // The client may be gone already.
            let _ = out.write_all(answer.as_bytes());
            answer.starts_with("354")
        };
        say(&mut out, "");
        let mut in_message = false;
        while let Some(Ok(line)) = lines.next() {
            if in_message {
                if line == "." {
                    in_message = false;
                    heard.push(line);
                    say(&mut out, ".");
                }
                continue;
            }
            let verb = line.split(' ').next().unwrap_or_default().to_owned();
            heard.push(line);
            in_message = say(&mut out, &verb);
        }
        heard
    });
    (place, heard)
}

#[test]
fn lmtp_says_what_became_of_each_recipient() {
    let (place, heard) = server(&[
        ("", "220 lmtp.example LMTP\r\n"),
        (
            "LHLO",
            "250-lmtp.example\r\n250-PIPELINING\r\n250 LIMITS RCPTMAX=5\r\n",
        ),
        ("MAIL", "250 ok\r\n"),
        ("RCPT", "250 ok\r\n"),
        ("DATA", "354 go\r\n"),
        (".", "250 2.1.5 delivered\r\n552 5.2.2 mailbox full\r\n"),
        ("QUIT", "221 bye\r\n"),
    ]);
    let (code, out, err) = run(
        &[
            &place,
            "--protocol",
            "lmtp",
            "--to",
            "a@b.example,c@d.example",
            "--send",
            "--ehlo",
            "me.example",
        ],
        None,
    );
    assert_eq!(code, 1, "{out}{err}");
    assert!(err.contains("552 5.2.2 mailbox full"), "{err}");
    assert!(out.contains("what follows is about <c@d.example>"), "{out}");
    assert!(
        out.contains("LIMITS: the server takes at most 5 recipients in one transaction"),
        "{out}"
    );
    assert_eq!(heard.join().expect("the server")[0], "LHLO me.example");
}

/// What no server offers that is run here: REQUIRETLS (RFC 8689), MT-PRIORITY (RFC 6710), LIMITS
/// (RFC 9422), FUTURERELEASE (RFC 4865).
#[test]
fn parameters_that_few_servers_know_go_where_they_are_offered_and_break_a_rule_elsewhere() {
    let offering = "250-mx.example\r\n250-REQUIRETLS\r\n250-MT-PRIORITY MIXER\r\n\
        250-FUTURERELEASE 3600 2030-01-01T00:00:00Z\r\n250-DELIVERBY\r\n\
        250 LIMITS MAILMAX=1 RCPTMAX=1\r\n";
    for (ehlo, breaks) in [(offering, 0), ("250 mx.example\r\n", 4)] {
        let (place, heard) = server(Box::leak(Box::new([
            ("", "220 mx.example ESMTP\r\n"),
            ("EHLO", ehlo),
            ("MAIL", "250 ok\r\n"),
            ("RCPT", "250 ok\r\n"),
            ("RSET", "250 ok\r\n"),
            ("QUIT", "221 bye\r\n"),
        ])));
        let options = "--requiretls --priority -4 --deliver-by 60;N --mail-param HOLDFOR=60 --batch \
            --from me@example.net --to a@b.example --ehlo me.example";
        let options: Vec<&str> = std::iter::once(place.as_str())
            .chain(options.split_whitespace())
            .collect();
        let (code, out, err) = run(&options, None);
        assert_eq!(code, 0, "{out}{err}");
        let heard = heard.join().expect("the server");
        let mail = "MAIL FROM:<me@example.net> BY=60;N MT-PRIORITY=-4 REQUIRETLS HOLDFOR=60";
        assert_eq!(heard[1], mail);
        assert_eq!(out.matches("breaks a rule: ").count(), breaks, "{out}");
        assert_eq!(
            out.contains("LIMITS: the server takes at most 1 recipient in one transaction"),
            breaks == 0,
            "{out}"
        );
    }
}

#[test]
fn helo_follows_where_ehlo_is_not_known_and_xclient_brings_a_new_greeting() {
    let (place, heard) = server(&[
        ("", "220 old.example\r\n"),
        ("EHLO", "502 what\r\n"),
        ("HELO", "250 old.example\r\n"),
        ("MAIL", "250 ok\r\n"),
        ("RCPT", "250 ok\r\n"),
        ("RSET", "250 ok\r\n"),
        ("QUIT", "221 bye\r\n"),
    ]);
    let (code, out, err) = run(&[&place, "--to", "a@b.example", "--batch"], None);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(said(&out), "EHLO HELO MAIL RCPT RSET QUIT");
    heard.join().expect("the server");
    let (place, heard) = server(&[
        ("", "220 mx.example\r\n"),
        (
            "EHLO",
            "250-mx.example\r\n250-XFORWARD NAME\r\n250 XCLIENT NAME ADDR\r\n",
        ),
        ("XCLIENT", "220 mx.example\r\n"),
        ("XFORWARD", "250 ok\r\n"),
        ("MAIL", "250 ok\r\n"),
        ("RCPT", "250 ok\r\n"),
        ("RSET", "250 ok\r\n"),
        ("QUIT", "221 bye\r\n"),
    ]);
    let (code, out, err) = run(
        &[
            &place,
            "--to",
            "a@b.example",
            "--batch",
            "--xclient",
            "NAME=a.example ADDR=192.0.2.1",
            "--xforward",
            "NAME=b.example",
        ],
        None,
    );
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(said(&out), "EHLO XCLIENT EHLO XFORWARD MAIL RCPT RSET QUIT");
    let heard = heard.join().expect("the server");
    assert!(
        heard.contains(&"XCLIENT NAME=a.example ADDR=192.0.2.1".to_owned()),
        "{heard:?}"
    );
}

#[test]
fn a_354_for_nobody_is_answered_with_a_dot_alone() {
    let (place, heard) = server(&[
        ("", "220 mx.example\r\n"),
        ("EHLO", "250-mx.example\r\n250 PIPELINING\r\n"),
        ("MAIL", "250 ok\r\n"),
        ("RCPT", "550 no\r\n"),
        ("DATA", "354 go\r\n"),
        (".", "554 no valid recipients\r\n"),
        ("QUIT", "221 bye\r\n"),
    ]);
    let (code, out, err) = run(
        &[&place, "--to", "a@b.example", "--send", "--pipeline"],
        None,
    );
    assert_eq!(code, 1, "{out}{err}");
    assert!(
        out.contains("sending the message: 0 lines, 3 octets"),
        "{out}"
    );
    assert_eq!(
        heard.join().expect("the server").last().map(String::as_str),
        Some("QUIT")
    );
}

#[test]
fn a_server_that_hangs_up_is_unavailable() {
    let (place, heard) = server(&[
        ("", "220 mx.example\r\n"),
        ("EHLO", "421 4.3.2 going down\r\n"),
    ]);
    let (code, out, err) = run(&[&place, "--to", "a@b.example", "--batch"], None);
    assert_eq!(code, 69, "{out}{err}");
    assert!(err.contains("421 4.3.2 going down"), "{err}");
    heard.join().expect("the server");
}
