use super::*;
use crate::case::{From, Line, Transcript};
use rstest::rstest;

/// `C:`, `S:` and `-:` lines.
fn transcript(lines: &[&str]) -> Transcript {
    let line = |text: &&str| {
        let (who, text) = text.split_once(": ").unwrap();
        Line {
            at_ms: 0,
            from: match who {
                "C" => From::Client,
                "S" => From::Server,
                _ => From::Event,
            },
            line: text.into(),
            code: (who == "S")
                .then(|| text.get(..3)?.parse().ok())
                .flatten()
                .and_then(crate::knowledge::code::ReplyCode::new),
            enhanced: None,
            encrypted: false,
        }
    };
    Transcript {
        host: "mx.example.org".into(),
        address: "192.0.2.1".into(),
        port: 25,
        transcript: lines.iter().map(line).collect(),
        ..Transcript::default()
    }
}

#[test]
fn a_session_becomes_a_script() {
    let script = script_of(&transcript(&[
        "-: connected",
        "S: 220 mx",
        "C: EHLO me.example",
        "S: 250-mx",
        "S: 250 PIPELINING",
        "C: AUTH LOGIN",
        "-: AUTH, sent: the name of the mechanism",
        "S: 334 VXNlcm5hbWU6",
        "C: ***",
        "-: AUTH, sent: user ann",
        "S: 334 UGFzc3dvcmQ6",
        "C: ***",
        "-: AUTH, sent: password ***",
        "S: 235 ok",
        "C: MAIL FROM:<a@b.example>",
        "C: RCPT TO:<\"x y\"@b.example>",
        "S: 250 ok",
        "S: 550 5.1.1 no",
        "C: DATA",
        "S: 354 go on",
        "C: Subject: x",
        "C: ",
        "C: ..",
        "C: .",
        "C: .",
        "S: 250 queued",
        "C: NOOP\\n",
        "S: 250 ok",
        "C: QUIT",
        "S: 221 bye",
        "-: connection closed",
    ]));
    let steps: Vec<&str> = script
        .lines()
        .filter(|line| line.starts_with('-'))
        .collect();
    assert_eq!(
        steps,
        [
            "- {expect: 220}",
            "- {send: \"EHLO me.example\", expect: 250}",
            "- {auth: {mechanism: \"LOGIN\", user: \"ann\", initial: false, in_clear: true}, expect: 235}",
            "- {send: [\"MAIL FROM:<a@b.example>\", \"RCPT TO:<\\\"x y\\\"@b.example>\"], expect: [250, 550]}",
            "- {send: \"DATA\", expect: 354}",
            "- {message: \"Subject: x\\n\\n.\", expect: 250}",
            "- {raw: \"NOOP\\\\n\", expect: 250}",
            "- {quit: true, expect: 221}",
        ]
    );
}

#[test]
fn a_server_that_closes_is_expected_to() {
    let script = script_of(&transcript(&[
        "S: 220 mx",
        "C: EHLO x",
        "-: the server closed the connection before QUIT",
    ]));
    assert!(
        script.contains("- {send: \"EHLO x\", expect: closed}"),
        "{script}"
    );
}

#[rstest]
#[case("MAIL FROM:<\"$(touch x);'`id`\"@b.example>")]
#[case("MAIL FROM:<-rf@b.example>")]
#[case("MAIL FROM:<a'b@b.example>")]
fn swaks_gets_an_address_as_one_word(#[case] command: &str) {
    let line = swaks_of(&transcript(&[
        "S: 220 mx",
        &format!("C: {command}"),
        "S: 250 ok",
    ]));
    let words = shlex::split(line.trim_end()).unwrap();
    let from = words
        .iter()
        .position(|word| word.starts_with("--from"))
        .unwrap();
    let value = words[from]
        .strip_prefix("--from=")
        .unwrap_or_else(|| &words[from + 1]);
    assert_eq!(format!("MAIL FROM:<{value}>"), command);
    assert_eq!(words.last().unwrap(), "MAIL");
}
