//! SMTP, with and without TLS.

use super::{dialogue, server_name, visit, visit_at, visit_world};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, BufStream};

#[tokio::test]
async fn a_mail_host_speaks_smtp_and_tls() {
    let visit = visit("healthy").await;
    let host = format!("mx1.{}", visit.domain);
    let stream = visit.connect(&host, 25).await.unwrap().stream;
    let mut stream = BufStream::new(stream);
    assert!(dialogue(&mut stream, "").await.starts_with("220 mx1."));
    assert!(
        dialogue(&mut stream, "MAIL FROM:<a@b.org>")
            .await
            .starts_with("503")
    );
    assert!(
        dialogue(&mut stream, "EHLO here.org")
            .await
            .contains("STARTTLS")
    );
    assert!(dialogue(&mut stream, "STARTTLS").await.starts_with("220"));
    let tls = visit.tls();
    let secured = tls.connect(server_name(&host), stream.into_inner()).await;
    let mut stream = BufStream::new(secured.unwrap());
    assert!(
        !dialogue(&mut stream, "EHLO here.org")
            .await
            .contains("STARTTLS")
    );
    for (line, code) in [
        ("MAIL FROM: <a@b.org>", "501"),
        ("MAIL FROM:<a@b.org> SIZE=100", "250"),
        ("DATA", "503"),
        ("RCPT TO:<someone@elsewhere.org>", "550 5.7.1"),
        ("RCPT TO:<postmaster>", "250"),
        ("DATA", "354"),
        ("Subject: x\r\n\r\n..dot\r\n.", "250 2.0.0 Ok: queued as"),
        ("RSET", "250"),
        ("NOOP", "250"),
        ("VRFY x", "252"),
        ("HELP", "214-"),
        ("WHAT", "500"),
        ("QUIT", "221"),
    ] {
        let reply = dialogue(&mut stream, line).await;
        assert!(reply.starts_with(code), "{line}: {reply}");
    }
    assert_eq!(dialogue(&mut stream, "").await, "");
}

#[tokio::test]
async fn recipients_are_answered_as_the_story_has_it() {
    for (story, to, code) in [
        ("mailbox-unknown", "receptoin@juniper-vets.com", "550 5.1.1"),
        ("mailbox-unknown", "reception@juniper-vets.com", "250"),
        (
            "mailbox-full",
            "p.hartley@orchardlane-surveyors.net",
            "552 5.2.2 <p.hartley@",
        ),
        ("greylisted", "studio@amberley-framing.org", "450 4.2.0"),
        (
            "relaying-denied",
            "office@millrace-engineering.com",
            "550 5.7.1",
        ),
    ] {
        let here = visit(story).await;
        let stream = here
            .connect(&format!("mx1.{}", here.domain), 25)
            .await
            .unwrap()
            .stream;
        let mut stream = BufStream::new(stream);
        for (line, expected) in [
            ("", "220"),
            ("HELO here.org", "250"),
            ("MAIL FROM:<helpdesk@lanternhost.net>", "250"),
            (&format!("RCPT TO:<{to}>"), code),
            ("QUIT", "221"),
        ] {
            let reply = dialogue(&mut stream, line).await;
            assert!(reply.starts_with(expected), "{story} {line}: {reply}");
        }
    }
}

#[tokio::test]
async fn the_greeting_comes_late_by_the_clock_of_the_world() {
    let here = visit_at("slow-greeting", 40).await;
    let host = format!("mail.{}", here.domain);
    let mut stream = BufStream::new(here.connect(&host, 25).await.unwrap().stream);
    let began = here.network.clock().elapsed();
    let greeting = dialogue(&mut stream, "").await;
    let took = here.network.clock().elapsed().saturating_sub(began);
    assert!(
        greeting.starts_with("220-") && greeting.lines().count() == 2,
        "{greeting}"
    );
    assert!(took > Duration::from_secs(35), "{took:?}");
}

#[tokio::test]
async fn people_log_in_with_the_password_of_the_story() {
    let here = visit("wrong-client-settings").await;
    let host = format!("mail.{}", here.domain);
    let stream = here.connect(&host, 465).await.unwrap().stream;
    let secured = here
        .tls()
        .connect(server_name(&host), stream)
        .await
        .unwrap();
    let mut stream = BufStream::new(secured);
    for (line, code) in [
        ("", "220"),
        ("EHLO here.org", "250-"),
        ("MAIL FROM:<agent@highcroft-homes.com>", "530"),
        ("AUTH PLAIN AGFnZW50AHdyb25n", "535 5.7.8"),
        ("AUTH LOGIN", "334 VXNlcm5hbWU6"),
        ("YWdlbnRAaGlnaGNyb2Z0LWhvbWVzLmNvbQ==", "334 UGFzc3dvcmQ6"),
        ("Ymx1ZS1kb29yLTQy", "235"),
        ("MAIL FROM:<agent@highcroft-homes.com>", "250"),
        ("RCPT TO:<anyone@elsewhere.org>", "250"),
    ] {
        let reply = dialogue(&mut stream, line).await;
        assert!(reply.starts_with(code), "{line}: {reply}");
    }
}

#[tokio::test]
async fn a_server_can_break_off_or_say_nothing_of_use() {
    for (script, said) in [
        ("close: connect", ""),
        ("close: banner", "220 mx.rain.org ESMTP ready\r\n"),
        ("raw: \"SSH-2.0-x\\r\\n\"", "SSH-2.0-x\r\n"),
        (
            "shutdown: banner",
            "421 4.3.2 mx.rain.org Service shutting down and closing transmission channel\r\n",
        ),
        ("banner: 421 4.3.2 too busy", "421 4.3.2 too busy\r\n"),
    ] {
        let world = format!("  mail_hosts: [{{name: mx.rain.org, smtp: {{{script}}}}}]");
        let here = visit_world(&world, 1).await;
        let mut stream = here.connect("mx.rain.org", 25).await.unwrap().stream;
        let mut all = String::new();
        stream.read_to_string(&mut all).await.unwrap();
        assert_eq!(all, said, "{script}");
    }
    let silent = "  mail_hosts: [{name: mx.rain.org, smtp: {silent: true}}]";
    let here = visit_world(silent, 100).await;
    let mut stream = here.connect("mx.rain.org", 25).await.unwrap().stream;
    let clock = here.network.clock();
    let waiting = clock.timeout(Duration::from_mins(1), stream.read_u8());
    assert!(waiting.await.is_err(), "it says something");
}

#[tokio::test]
async fn tls_fails_in_every_way_that_a_scenario_can_ask_for() {
    for (host, reply, works) in [
        ("certificate: good", "220", true),
        ("certificate: expired", "220", false),
        ("certificate: self-signed", "220", false),
        ("certificate: other-name", "220", false),
        ("certificate: expiring", "220", true),
        ("certificate: shield", "220", false),
        ("smtp: {starttls: obsolete}", "220", false),
        ("smtp: {starttls: injectable}", "220", true),
        ("smtp: {starttls: garbage}", "220", false),
        ("smtp: {starttls: refused}", "454", false),
    ] {
        let world = format!("  mail_hosts: [{{name: mx.rain.org, {host}}}]");
        let here = visit_world(&world, 1).await;
        let stream = here.connect("mx.rain.org", 25).await.unwrap().stream;
        let mut stream = BufStream::new(stream);
        dialogue(&mut stream, "").await;
        assert!(
            dialogue(&mut stream, "EHLO here.org")
                .await
                .contains("STARTTLS")
        );
        let said = dialogue(&mut stream, "STARTTLS").await;
        assert!(said.starts_with(reply), "{host}: {said}");
        if reply == "220" {
            let tls = here.tls();
            let shaken = tls.connect(server_name("mx.rain.org"), stream.into_inner());
            assert_eq!(shaken.await.is_ok(), works, "{host}");
        }
    }
}

#[tokio::test]
async fn a_server_can_shut_down_at_every_step() {
    let lines = [
        ("ehlo", "EHLO here.org"),
        ("mail", "MAIL FROM:<a@b.org>"),
        ("rcpt", "RCPT TO:<c@rain.org>"),
        ("data", "DATA"),
        ("message", "Subject: x\r\n\r\n."),
        ("quit", "QUIT"),
    ];
    for (stage, last) in lines {
        let world = format!("  mail_hosts: [{{name: mx.rain.org, smtp: {{shutdown: {stage}}}}}]");
        let here = visit_world(&world, 1).await;
        let stream = here.connect("mx.rain.org", 25).await.unwrap().stream;
        let mut stream = BufStream::new(stream);
        dialogue(&mut stream, "").await;
        for (_, line) in lines {
            let reply = dialogue(&mut stream, line).await;
            assert_eq!(
                reply.starts_with("421"),
                line == last,
                "{stage} {line}: {reply}"
            );
            if line == last {
                break;
            }
        }
        assert_eq!(dialogue(&mut stream, "").await, "", "{stage}");
    }
}

#[tokio::test]
async fn a_careless_server_runs_what_came_before_the_handshake() {
    for (starttls, first) in [("injectable", "250 2.0.0 Ok"), ("ok", "502 5.5.1 EXPN")] {
        let world =
            format!("  mail_hosts: [{{name: mx.rain.org, smtp: {{starttls: {starttls}}}}}]");
        let here = visit_world(&world, 1).await;
        let stream = here.connect("mx.rain.org", 25).await.unwrap().stream;
        let mut stream = BufStream::new(stream);
        dialogue(&mut stream, "").await;
        dialogue(&mut stream, "EHLO here.org").await;
        dialogue(&mut stream, "STARTTLS\r\nNOOP").await;
        let tls = here.tls();
        let secured = tls.connect(server_name("mx.rain.org"), stream.into_inner());
        let mut stream = BufStream::new(secured.await.unwrap());
        let reply = dialogue(&mut stream, "EXPN all").await;
        assert!(reply.starts_with(first), "{starttls}: {reply}");
    }
}

#[tokio::test]
async fn the_policy_of_mta_sts_is_served() {
    let world = "  mta_sts: {policy: \"version: STSv1\\nmode: testing\\n\"}";
    let here = visit_world(world, 1).await;
    let path = "/.well-known/mta-sts.txt";
    let answer = here.get("mta-sts.rain.org", 443, path).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("mode: testing\n"));
    let answer = here.get("mta-sts.rain.org", 443, "/").await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
}
