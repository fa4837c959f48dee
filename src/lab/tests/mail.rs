//! SMTP, with and without TLS.

use super::{dialogue, server_name, visit, visit_at};
use std::time::Duration;
use tokio::io::BufStream;

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
