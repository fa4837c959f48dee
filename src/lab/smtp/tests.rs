//! The dialogue without a socket.

use super::dialogue::Dialogue;
use super::host::{Greylist, MailServer, Role};
use super::turn::Next;
use crate::lab::certificate::Authority;
use crate::lab::setting::{Certificate, Script};
use jiff::Timestamp;

fn host(script: &str) -> MailServer {
    let script: Script = serde_yaml::from_str(script).unwrap();
    let authority = Authority::new(Timestamp::now()).unwrap();
    MailServer {
        greylist: Greylist::default(),
        name: "mx.rain.org".into(),
        role: Role::Transfer,
        script,
        accepts: vec!["rain.org".into()],
        mailboxes: Some(vec!["ann".into()]),
        tls: authority
            .server(&["mx.rain.org"], Certificate::Good)
            .unwrap(),
    }
}

/// Says the lines one after the other and gives the last reply with what is next.
fn after(host: &MailServer, lines: &[&str]) -> (String, Next) {
    let mut dialogue = Dialogue::new(host, false);
    let mut turn = dialogue.banner();
    for line in lines {
        turn = dialogue.line(line);
    }
    (turn.reply.join("|"), turn.next)
}

#[test]
fn an_ordinary_host_keeps_the_order_of_commands() {
    let host = host("{}");
    let begun = ["EHLO x.org", "MAIL FROM:<a@b.org>"];
    for (more, reply, next) in [
        (&[][..], "250 2.1.0", Next::Command),
        (&["MAIL FROM:<c@d.org>"], "503", Next::Command),
        (&["DATA"], "503", Next::Command),
        (&["RCPT TO:<ann@rain.org>", "DATA"], "354", Next::Message),
        (&["rcpt to:<ANN@Rain.ORG>"], "250 2.1.5", Next::Command),
        (&["RCPT TO:<@a.org:ann@rain.org>"], "250", Next::Command),
        (
            &["RCPT TO:<bob@rain.org>"],
            "550 5.1.1 <bob@",
            Next::Command,
        ),
        (&["RCPT TO:<ann@sun.net>"], "550 5.7.1 <ann@", Next::Command),
        (&["RCPT TO:ann@rain.org"], "501", Next::Command),
        (&["RSET", "RCPT TO:<ann@rain.org>"], "503", Next::Command),
        (&["EHLO x", "RCPT TO:<ann@rain.org>"], "503", Next::Command),
        (&["STARTTLS"], "220", Next::Handshake),
        (&["AUTH PLAIN"], "502", Next::Command),
        (&["QUIT"], "221", Next::Close),
    ] {
        let lines = [&begun[..], more].concat();
        let (said, then) = after(&host, &lines);
        assert!(said.starts_with(reply), "{more:?}: {said}");
        assert_eq!(then, next, "{more:?}");
    }
}

#[test]
fn a_script_changes_what_it_names_and_nothing_else() {
    let host = host(
        "
banner: [220-a, '220 {host}']
ehlo: [SIZE 10]
starttls: none
mail: '250 {from} it is'
rcpt: {ann: '452 4.2.2 <{to}> full', '*': 421 4.3.2 later}
close: data
",
    );
    assert_eq!(after(&host, &[]).0, "220-a|220 mx.rain.org");
    let (ehlo, _) = after(&host, &["EHLO x.org"]);
    assert_eq!(ehlo, "250-mx.rain.org greets x.org|250 SIZE 10");
    let begun = ["EHLO x.org", "MAIL FROM:<a@b.org>"];
    assert_eq!(after(&host, &begun).0, "250 a@b.org it is");
    let then = |line| after(&host, &[begun[0], begun[1], line]);
    let full = "452 4.2.2 <ann@rain.org> full".to_owned();
    assert_eq!(then("RCPT TO:<ann@rain.org>"), (full, Next::Command));
    // 421 announces that the server closes.
    assert_eq!(then("RCPT TO:<bob@rain.org>").1, Next::Close);
    // What is for everyone is for everyone of this domain.
    assert!(then("RCPT TO:<bob@sun.net>").0.starts_with("550 5.7.1"));
    assert_eq!(then("DATA"), (String::new(), Next::Close));
    assert!(then("STARTTLS").0.starts_with("502"));
}

#[test]
fn a_refused_ehlo_leaves_helo() {
    let host = host("{ehlo: 502 5.5.1 no EHLO here}");
    assert!(after(&host, &["EHLO x.org"]).0.starts_with("502"));
    let lines = ["EHLO x.org", "MAIL FROM:<>"];
    assert!(after(&host, &lines).0.starts_with("503"));
    let lines = ["HELO x.org", "MAIL FROM:<>"];
    assert!(after(&host, &lines).0.starts_with("250"));
}

#[test]
fn a_host_keeps_to_what_it_offers() {
    let plain = host("{}");
    let offering = host(
        "{ehlo: [CHUNKING, BINARYMIME, SIZE 1000, LIMITS MAILMAX=1 RCPTMAX=1, MT-PRIORITY MIXER, DSN]}",
    );
    let chunk = |octets, last| Next::Chunk { octets, last };
    for (host, lines, reply, next) in [
        (
            &plain,
            &["MAIL FROM:<a@b.org> RET=HDRS"][..],
            "555",
            Next::Command,
        ),
        (&plain, &["MAIL FROM:<a@b.org> X=1"], "555", Next::Command),
        (
            &plain,
            &["MAIL FROM:<a@b.org>", "BDAT 3"],
            "502",
            Next::Command,
        ),
        (
            &offering,
            &["MAIL FROM:<a@b.org> SIZE=1001"],
            "552",
            Next::Command,
        ),
        (
            &offering,
            &["MAIL FROM:<a@b.org> SIZE=x"],
            "501",
            Next::Command,
        ),
        (
            &offering,
            &["MAIL FROM:<a@b.org> RET=HDRS"],
            "250",
            Next::Command,
        ),
        (
            &offering,
            &["MAIL FROM:<a@b.org> MT-PRIORITY=5"],
            "250 2.3.6 4 ",
            Next::Command,
        ),
        (
            &offering,
            &["MAIL FROM:<a@b.org> MT-PRIORITY=4"],
            "250 2.1.0",
            Next::Command,
        ),
        (
            &offering,
            &["MAIL FROM:<a@b.org> MT-PRIORITY=10"],
            "501",
            Next::Command,
        ),
        (
            &offering,
            &[
                "MAIL FROM:<a@b.org>",
                "RCPT TO:<ann@rain.org> NOTIFY=NEVER",
                "RCPT TO:<postmaster>",
            ],
            "452 4.5.3",
            Next::Command,
        ),
        // The octets come whatever the answer will be.
        (&offering, &["BDAT 3"], "", chunk(3, false)),
        (&offering, &["BDAT 3 last"], "", chunk(3, true)),
        (&offering, &["BDAT x"], "501", Next::Close),
        (&offering, &["BDAT 3 MORE"], "501", Next::Close),
    ] {
        let (said, what) = after(host, &[&["EHLO x.org"], lines].concat());
        assert!(said.starts_with(reply), "{lines:?}: {said}");
        assert_eq!(what, next, "{lines:?}: {said}");
    }

    let mut dialogue = Dialogue::new(&offering, false);
    let begin = ["EHLO x", "MAIL FROM:<a@b.org>", "RCPT TO:<ann@rain.org>"];
    assert!(dialogue.chunk(3, false).reply[0].starts_with("503"));
    for line in begin {
        dialogue.line(line);
    }
    assert!(dialogue.chunk(3, false).reply[0].starts_with("250 2.0.0 3 octets"));
    assert!(dialogue.line("DATA").reply[0].starts_with("503"));
    assert!(dialogue.chunk(0, true).reply[0].starts_with("250 2.0.0 Ok: queued"));
    // MAILMAX.
    assert!(dialogue.line("MAIL FROM:<a@b.org>").reply[0].starts_with("421"));
}
