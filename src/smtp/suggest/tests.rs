//! Whole dialogues, by what a server refuses.

use super::*;
use crate::smtp::command::Parameter;
use crate::smtp::data::Message;
use crate::smtp::sasl::SaslMechanism;
use crate::smtp::session::SessionOptions;
use rstest::rstest;
use std::time::Duration;

/// A plan for two recipients and a message.
fn plan() -> Plan {
    Plan {
        from: Some("a@b.example".parse().unwrap()),
        to: vec![
            "c@d.example".parse().unwrap(),
            "e@d.example".parse().unwrap(),
        ],
        message: true,
        ..Plan::new("me.example".parse().unwrap())
    }
}

/// Follows every suggestion, with a server that answers by the verb; `refused` are the verbs
/// that it refuses, with their codes: the first time, where one stands there once. Gives what
/// was said, what goes in one piece joined by `+`, and the reasons.
fn course(plan: &Plan, offered: &str, refused: &[(&str, u16)]) -> (String, Vec<Reason>) {
    let now = Duration::ZERO;
    let mut session = Session::new(SessionOptions::default());
    session.handle_connected(now);
    let mut refusals = refused.to_vec();
    let mut code = |verb: &str, usual: u16| {
        let Some(at) = refusals.iter().position(|(own, _)| *own == verb) else {
            return usual;
        };
        let (_, code) = refusals[at];
        // One of several for the same verb counts once.
        if refusals.iter().filter(|(own, _)| *own == verb).count() > 1 {
            refusals.remove(at);
        }
        code
    };
    assert_eq!(next(&session, plan), Suggestion::Wait(Stage::Connect));
    session.receive(format!("{} x\r\n", code("", 220)).as_bytes(), now);
    let (mut said, mut reasons) = (Vec::new(), Vec::new());
    for _ in 0..30 {
        let (what, reason) = step(&session, plan);
        assert!(!because(&session, plan).contains(['{', '}']));
        reasons.push(reason);
        let verbs: Vec<&str> = match &what {
            Suggestion::Close => return (said.join(" "), reasons),
            Suggestion::Wait(stage) => panic!("nothing happens: {stage}"),
            Suggestion::SendMessage => {
                session.send_message(Message::of(b"x"), now).unwrap();
                vec!["message"]
            }
            Suggestion::SendEmpty => vec!["empty"],
            Suggestion::Say(command) => vec![command.verb().unwrap()],
            Suggestion::LogIn(_) => vec!["AUTH"],
            Suggestion::Together(all) => all.iter().map(|c| c.verb().unwrap()).collect(),
        };
        follow(&mut session, &what, now).unwrap();
        while session.poll_transmit().is_some() {
            session.handle_written(now);
        }
        said.push(verbs.join("+"));
        for verb in verbs {
            let usual = match verb {
                "STARTTLS" | "XCLIENT" => 220,
                "DATA" => 354,
                "QUIT" => 221,
                "AUTH" => 235,
                _ => 250,
            };
            let answers = if session.is_lmtp() && verb == "message" {
                session.recipients().len()
            } else {
                1
            };
            for _ in 0..answers {
                let code = code(verb, usual);
                session.receive(format!("{code}-x\r\n{code} {offered}\r\n").as_bytes(), now);
                if verb == "STARTTLS" && code == 220 {
                    session.tls_established(now, "TLS 1.3").unwrap();
                }
            }
        }
    }
    panic!("it never ends: {said:?}");
}

fn played(offered: &str, refused: &[(&str, u16)]) -> String {
    course(&plan(), offered, refused).0
}

#[rstest]
#[case("SIZE", &[], "EHLO MAIL RCPT RCPT DATA message QUIT")]
#[case("STARTTLS", &[], "EHLO STARTTLS EHLO MAIL RCPT RCPT DATA message QUIT")]
#[case("STARTTLS", &[("STARTTLS", 454)], "EHLO STARTTLS MAIL RCPT RCPT DATA message QUIT")]
#[case("STARTTLS", &[("EHLO", 502)], "EHLO HELO MAIL RCPT RCPT DATA message QUIT")]
#[case("SIZE", &[("EHLO", 502), ("HELO", 502)], "EHLO HELO QUIT")]
#[case("SIZE", &[("EHLO", 550)], "EHLO QUIT")]
#[case("SIZE", &[("MAIL", 550)], "EHLO MAIL QUIT")]
#[case("SIZE", &[("RCPT", 550)], "EHLO MAIL RCPT RCPT RSET QUIT")]
#[case("SIZE", &[("RCPT", 550), ("RSET", 500)], "EHLO MAIL RCPT RCPT RSET QUIT")]
#[case("SIZE", &[("DATA", 451)], "EHLO MAIL RCPT RCPT DATA RSET QUIT")]
#[case("SIZE", &[("message", 550)], "EHLO MAIL RCPT RCPT DATA message QUIT")]
#[case("SIZE", &[("RCPT", 421)], "EHLO MAIL RCPT")]
#[case("SIZE", &[("", 554)], "QUIT")]
fn the_dialogue_takes_its_course(
    #[case] offered: &str,
    #[case] refused: &[(&str, u16)],
    #[case] said: &str,
) {
    assert_eq!(played(offered, refused), said);
}

/// What is said with a login, to a server that answers AUTH and what follows it so.
fn logged_in(offered: &str, encrypted: bool, answers: &[&str]) -> String {
    let plan = Plan {
        login: Login::new("ann", crate::text::Secret::new("pass".to_owned())).ok(),
        ..Plan::new("me.example".parse().unwrap())
    };
    let now = Duration::ZERO;
    let mut session = Session::new(SessionOptions {
        implicit_tls: encrypted,
        ..SessionOptions::default()
    });
    session.handle_connected(now);
    session.receive(b"220 x\r\n", now);
    let (mut said, mut answers) = (Vec::new(), answers.iter());
    loop {
        let what = next(&session, &plan);
        let Some(command) = what.command() else { break };
        follow(&mut session, &what, now).unwrap();
        said.push(command.verb().unwrap_or("***"));
        let answer = match command.stage() {
            Stage::Ehlo => format!("250-x\r\n250 {offered}\r\n"),
            Stage::Auth => format!("{} x\r\n", answers.next().unwrap()),
            _ => "221 x\r\n".to_owned(),
        };
        session.receive(answer.as_bytes(), now);
    }
    said.join(" ")
}

#[rstest]
#[case("AUTH LOGIN PLAIN", true, &["235"], "EHLO AUTH QUIT")]
#[case("AUTH PLAIN", true, &["334", "535"], "EHLO AUTH *** QUIT")]
#[case("AUTH LOGIN", true, &["334", "334", "235"], "EHLO AUTH *** *** QUIT")]
#[case("AUTH LOGIN", true, &["334", "334", "334", "501"], "EHLO AUTH *** *** *** QUIT")]
#[case("AUTH LOGIN", true, &["334"; 5], "EHLO AUTH *** *** ***")]
#[case("AUTH CRAM-MD5", true, &["334", "501"], "EHLO AUTH *** QUIT")]
#[case("AUTH GSSAPI", true, &[], "EHLO QUIT")]
#[case("AUTH PLAIN", false, &[], "EHLO QUIT")]
fn a_login_is_tried_once_and_inside_tls(
    #[case] offered: &str,
    #[case] encrypted: bool,
    #[case] answers: &[&str],
    #[case] said: &str,
) {
    assert_eq!(logged_in(offered, encrypted, answers), said);
}

#[rstest]
#[case(Protocol::Smtp, &[], "HELO MAIL RCPT RCPT DATA message QUIT")]
#[case(Protocol::Smtp, &[("HELO", 502)], "HELO QUIT")]
#[case(Protocol::Lmtp, &[], "LHLO STARTTLS LHLO MAIL RCPT RCPT DATA message QUIT")]
#[case(Protocol::Lmtp, &[("LHLO", 500)], "LHLO QUIT")]
fn each_protocol_has_its_hello(
    #[case] protocol: Protocol,
    #[case] refused: &[(&str, u16)],
    #[case] said: &str,
) {
    let plan = Plan { protocol, ..plan() };
    assert_eq!(course(&plan, "STARTTLS", refused).0, said);
}

#[rstest]
#[case(TlsPolicy::Required, "STARTTLS", &[("STARTTLS", 454)], "EHLO STARTTLS QUIT", Reason::TlsRefused)]
#[case(TlsPolicy::Required, "SIZE", &[], "EHLO QUIT", Reason::TlsMissing)]
#[case(TlsPolicy::Never, "STARTTLS", &[], "EHLO MAIL RCPT RCPT DATA message QUIT", Reason::Done)]
#[case(TlsPolicy::OnConnect, "STARTTLS", &[], "EHLO MAIL RCPT RCPT DATA message QUIT", Reason::Done)]
fn nothing_is_sent_in_clear_where_tls_is_required(
    #[case] tls: TlsPolicy,
    #[case] offered: &str,
    #[case] refused: &[(&str, u16)],
    #[case] said: &str,
    #[case] last: Reason,
) {
    let (course, reasons) = course(&Plan { tls, ..plan() }, offered, refused);
    assert_eq!(course, said);
    assert!(reasons.contains(&last), "{reasons:?}");
}

#[rstest]
#[case(true, &[("RCPT", 550), ("RCPT", 250)], "EHLO MAIL RCPT RCPT RSET QUIT", Reason::RecipientRefused)]
#[case(false, &[("RCPT", 550), ("RCPT", 250)], "EHLO MAIL RCPT RCPT DATA message QUIT", Reason::Done)]
#[case(true, &[], "EHLO MAIL RCPT RCPT DATA message QUIT", Reason::Done)]
#[case(true, &[("message", 554)], "EHLO MAIL RCPT RCPT DATA message QUIT", Reason::MessageRefused)]
#[case(false, &[("RCPT", 550)], "EHLO MAIL RCPT RCPT RSET QUIT", Reason::RecipientsRefused)]
fn every_recipient_or_some(
    #[case] every_recipient: bool,
    #[case] refused: &[(&str, u16)],
    #[case] said: &str,
    #[case] reason: Reason,
) {
    let plan = Plan {
        every_recipient,
        ..plan()
    };
    let (course, reasons) = course(&plan, "SIZE", refused);
    assert_eq!(course, said);
    assert!(reasons.contains(&reason), "{reasons:?}");
}

#[rstest]
#[case(false, &[], "EHLO MAIL+RCPT+RCPT+DATA message QUIT")]
#[case(true, &[], "EHLO MAIL+RCPT+RCPT DATA message QUIT")]
#[case(false, &[("RCPT", 550)], "EHLO MAIL+RCPT+RCPT+DATA empty QUIT")]
#[case(false, &[("RCPT", 550), ("DATA", 503)], "EHLO MAIL+RCPT+RCPT+DATA RSET QUIT")]
#[case(false, &[("MAIL", 550), ("RCPT", 503), ("DATA", 503)], "EHLO MAIL+RCPT+RCPT+DATA QUIT")]
#[case(true, &[("RCPT", 550), ("RCPT", 250)], "EHLO MAIL+RCPT+RCPT RSET QUIT")]
fn a_transaction_in_one_piece(
    #[case] every_recipient: bool,
    #[case] refused: &[(&str, u16)],
    #[case] said: &str,
) {
    let plan = Plan {
        pipelining: true,
        every_recipient,
        ..plan()
    };
    assert_eq!(course(&plan, "PIPELINING", refused).0, said);
    let one_by_one = course(&plan, "SIZE", &[]).0;
    assert_eq!(one_by_one, "EHLO MAIL RCPT RCPT DATA message QUIT");
}

#[test]
fn many_recipients_go_in_pieces() {
    let to = vec!["c@d.example".parse().unwrap(); TOGETHER + 1];
    let plan = Plan {
        pipelining: true,
        to,
        ..plan()
    };
    let pieces: Vec<usize> = course(&plan, "PIPELINING", &[])
        .0
        .split(' ')
        .map(|piece| piece.split('+').count())
        .collect();
    assert_eq!(pieces, [1, TOGETHER + 1, 2, 1, 1]);
}

#[rstest]
#[case(&[], "EHLO XCLIENT EHLO XFORWARD MAIL RCPT RCPT DATA message QUIT")]
#[case(&[("XCLIENT", 550)], "EHLO XCLIENT QUIT")]
#[case(&[("XFORWARD", 550)], "EHLO XCLIENT EHLO XFORWARD QUIT")]
fn xclient_starts_anew_and_xforward_goes_before_mail(
    #[case] refused: &[(&str, u16)],
    #[case] said: &str,
) {
    let attributes = |text| super::super::Attributes::new(text).ok();
    let plan = Plan {
        xclient: attributes("NAME=mx.example ADDR=192.0.2.1"),
        xforward: attributes("ADDR=192.0.2.1"),
        ..plan()
    };
    assert_eq!(course(&plan, "XCLIENT NAME ADDR", refused).0, said);
}

#[test]
fn parameters_are_added_where_needed_and_offered_and_those_given_stay() {
    let mail = |offered: &str, plan: &Plan| {
        let lines: Vec<String> = std::iter::once("x")
            .chain(offered.split(' '))
            .map(str::to_owned)
            .collect();
        let offered = super::super::Extensions::of_lines(lines.iter().map(String::as_str));
        let from = plan.from.clone().unwrap();
        let command = plan.mail_command(&from, Some(&offered));
        command
            .shown()
            .into_string()
            .replace("MAIL FROM:<a@b.example>", "")
            .trim()
            .to_owned()
    };
    let needs = Needs {
        octets: Some(1234),
        eight_bit: true,
        ..Needs::default()
    };
    let to = vec!["jörg@d.example".parse().unwrap()];
    let mut plan = Plan {
        to,
        needs,
        ..plan()
    };
    assert_eq!(
        mail("SIZE 8BITMIME SMTPUTF8", &plan),
        "SIZE=1234 BODY=8BITMIME SMTPUTF8"
    );
    assert_eq!(mail("PIPELINING", &plan), "");
    plan.mail = ["SIZE=1", "body=7BIT", "RET=HDRS", "HOLDFOR=60"]
        .map(|text| Parameter::new(text).unwrap())
        .into();
    assert_eq!(
        mail("SIZE 8BITMIME", &plan),
        "SIZE=1 body=7BIT RET=HDRS HOLDFOR=60"
    );
    assert_eq!(
        mail("PIPELINING", &plan),
        "SIZE=1 body=7BIT RET=HDRS HOLDFOR=60"
    );
}

#[test]
fn a_login_goes_in_clear_only_where_that_is_asked_for() {
    let login = |by: Option<SaslMechanism>| {
        let login = Login::new("ann", crate::text::Secret::new("pass".to_owned())).unwrap();
        Some(match by {
            Some(by) => login.by(by),
            None => login,
        })
    };
    let said = |login, in_clear, offered: &str| {
        let exposure = Exposure {
            in_clear,
            ..Exposure::default()
        };
        let plan = Plan {
            login,
            exposure,
            ..plan()
        };
        let (said, reasons) = course(&plan, offered, &[]);
        let failed = reasons.into_iter().find(|reason| reason.is_failure());
        (said, failed)
    };
    let whole = "EHLO AUTH MAIL RCPT RCPT DATA message QUIT";
    let plain = Some(SaslMechanism::Plain);
    assert_eq!(
        said(login(None), false, "AUTH PLAIN"),
        ("EHLO QUIT".into(), Some(Reason::LoginInClear))
    );
    assert_eq!(
        said(login(None), true, "AUTH PLAIN"),
        ("EHLO QUIT".into(), Some(Reason::NoMechanism))
    );
    assert_eq!(said(login(plain), true, "AUTH PLAIN"), (whole.into(), None));
    // Named, it is tried where nothing is offered: what the server says is of interest.
    assert_eq!(said(login(plain), true, "SIZE"), (whole.into(), None));
}

#[test]
fn every_reason_has_a_sentence() {
    let texts: std::collections::BTreeMap<Reason, String> =
        serde_yaml::from_str(include_str!("../../../assets/next.yaml")).unwrap();
    assert_eq!(texts.len(), Reason::ALL.len());
    for reason in Reason::ALL {
        assert!(reason.text().ends_with('.'), "{reason:?}");
    }
}

/// What is legal now is what the table has and the server offers.
#[test]
fn what_can_be_said_is_listed() {
    let now = Duration::ZERO;
    let mut session = Session::new(SessionOptions::default());
    session.handle_connected(now);
    assert!(permitted(&session).is_empty());
    session.receive(b"220 x\r\n", now);
    assert!(permitted(&session).contains(&"LHLO".to_owned()));
    session
        .send(&Command::Ehlo("me.example".parse().unwrap()), now)
        .unwrap();
    session.receive(
        b"250-x\r\n250-XCLIENT NAME ADDR\r\n250-AUTH PLAIN\r\n250 DSN\r\n",
        now,
    );
    let verbs = permitted(&session);
    assert!(verbs.contains(&"XCLIENT".to_owned()) && !verbs.contains(&"ETRN".to_owned()));
    let completions = |typed| super::super::completions(&session, typed).join(" | ");
    assert_eq!(completions("ma"), "MAIL");
    assert_eq!(completions("auth "), "auth PLAIN");
    assert_eq!(completions("XCLIENT NAME=x A"), "XCLIENT NAME=x ADDR=");
    assert_eq!(completions("RCPT TO:<a@b> n"), "RCPT TO:<a@b> NOTIFY=");
    assert_eq!(completions("HELP VR"), "HELP VRFY");
    assert_eq!(completions("rcpt"), "");
    assert_eq!(completions("rcpt "), "RCPT TO:<");
}
