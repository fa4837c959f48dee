use super::*;
use crate::text::Secret;
use proptest::prelude::*;

fn typed(line: &str) -> Command {
    Command::parse_typed(line).unwrap()
}

#[test]
fn typed_lines_become_commands_and_are_sent_as_the_standard_has_them() {
    for (line, sent) in [
        ("ehlo me.example", "EHLO me.example\r\n"),
        ("mail from:<> size=10", "MAIL FROM:<> size=10\r\n"),
        ("RCPT TO:<postmaster>", "RCPT TO:<postmaster>\r\n"),
        (
            "rcpt to:<\"a> b\"@c.example>",
            "rcpt to:<\"a> b\"@c.example>\r\n",
        ),
        ("help", "HELP\r\n"),
        ("HELP MAIL", "HELP MAIL\r\n"),
    ] {
        assert_eq!(typed(line).encode(), sent.as_bytes(), "{line}");
    }
    assert!(matches!(
        typed("MAIL FROM:<a@b.example>"),
        Command::Mail { .. }
    ));
    assert!(matches!(typed("vrfy someone"), Command::Vrfy(_)));
}

#[test]
fn what_breaks_a_rule_is_sent_as_typed() {
    for line in [
        "MAIL FROM: a@b.example",
        "mail from: <a@b.example>",
        "DATA now",
        "  QUIT",
        "",
        "XCLIENT NAME",
    ] {
        let command = typed(line);
        assert!(matches!(command, Command::Free(_)), "{line}");
        assert_eq!(command.encode(), format!("{line}\r\n").into_bytes());
    }
    assert_eq!(typed("MAIL FROM: a@b.example").stage(), Stage::Mail);
    assert!(Command::parse_typed("NOOP\r\nQUIT").is_err());
    assert!(Command::parse_typed("NOOP\0").is_err());
}

#[test]
fn the_broken_rule_is_named() {
    for (line, words) in [
        ("MAIL FROM: <a@b.example>", "behind the colon"),
        ("MAIL FROM :<a@b.example>", "before the colon"),
        ("MAIL FROM:a@b.example", "angle brackets"),
        ("MAIL <a@b.example>", "FROM: is missing"),
        ("RCPT TO:<a@b.example", "closing"),
        ("RCPT TO:<>", "never a recipient"),
        ("RCPT TO:<someone>", "no @domain"),
        ("EHLO", "name is missing"),
        ("EHLO 192.0.2.1", "in brackets"),
        ("DATA x", "nothing may stand"),
        (" NOOP", "before the verb"),
        ("MAIL FROM:<jörg@b.example>", "SMTPUTF8"),
        (&format!("NOOP {}", "x".repeat(506)), "513 octets"),
        (
            &format!("RCPT TO:<{}@b.example>", "x".repeat(65)),
            "before the @",
        ),
    ] {
        let said = rule_broken(line).unwrap_or_default();
        assert!(said.contains(words), "{line:?}: {said:?}");
    }
    for line in [
        "MAIL FROM:<>",
        "MAIL FROM:<a@b.example> SIZE=1",
        "RCPT TO:<Postmaster>",
        "MAIL FROM:<jörg@b.example> SMTPUTF8",
        "RCPT TO:<jörg@b.example>",
        "EHLO [192.0.2.1]",
        "QUIT",
        "XFOO whatever",
    ] {
        assert_eq!(rule_broken(line), None, "{line}");
    }
}

#[test]
fn secrets_are_sent_and_never_shown() {
    let secret = || Credentials::new(Secret::new("AGEAaHVudGVyMg==".to_owned())).unwrap();
    let commands = [
        Command::Auth {
            mechanism: Mechanism::new("PLAIN").unwrap(),
            initial: Some(secret()),
        },
        Command::AuthAnswer(secret()),
        typed("AUTH PLAIN AGEAaHVudGVyMg=="),
        typed("auth  PLAIN AGEAaHVudGVyMg=="),
    ];
    for command in commands {
        let sent = String::from_utf8(command.encode()).unwrap();
        assert!(sent.ends_with("AGEAaHVudGVyMg==\r\n"));
        assert!(command.shown().ends_with(MASK), "{}", command.shown());
        assert!(!format!("{command:?} {}", command.shown()).contains("AGEA"));
    }
    assert!(Credentials::new(Secret::new("a\r\nQUIT".to_owned())).is_err());
}

proptest! {
    #[test]
    fn no_command_encodes_to_more_than_one_line(
        line in "((?i:EHLO|MAIL|RCPT|AUTH|VRFY|HELP) ?)?(FROM:|TO:)?[ -~\r\n\0\u{80}-\u{ff}<>@ ]{0,60}",
        from: String,
        name: String,
    ) {
        let mut commands = Vec::new();
        commands.extend(Command::parse_typed(&line));
        commands.extend(name.parse().map(Command::Ehlo));
        commands.extend(Argument::new(&name).map(Command::Vrfy));
        commands.extend(from.parse().map(|to| Command::Rcpt { to, parameters: vec![] }));
        commands.extend(Parameter::new(&name).map(|p| Command::Mail {
            from: ReversePath::Null,
            parameters: vec![p],
        }));
        for command in commands {
            let sent = command.encode();
            prop_assert!(sent.ends_with(b"\r\n"));
            let breaks = sent.iter().filter(|b| matches!(b, b'\r' | b'\n')).count();
            prop_assert_eq!(breaks, 2);
            prop_assert!(!sent.contains(&0));
        }
        let _ = rule_broken(&line);
    }

    #[test]
    fn a_typed_line_is_sent_as_typed_but_for_capitals(line in "[A-Za-z]{4,8}( [ -~]{0,40})?") {
        let sent = String::from_utf8(typed(&line).encode()).unwrap();
        prop_assert_eq!(sent.trim_end_matches("\r\n").to_ascii_lowercase(), line.to_ascii_lowercase());
        let again = typed(sent.trim_end_matches("\r\n"));
        prop_assert_eq!(again, typed(&line));
    }

    #[test]
    fn an_initial_response_is_masked(secret in "[A-Za-z0-9+/]{21,60}=?", gap in " {1,3}", verb in "(?i:auth)") {
        let shown = typed(&format!("{verb}{gap}PLAIN{gap}{secret}")).shown();
        prop_assert!(!shown.contains(&secret));
    }
}
