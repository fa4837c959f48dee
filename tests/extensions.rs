//! Extensions that no server offers that is run here, on the lab's own that keeps to them:
//! BINARYMIME, LIMITS, MT-PRIORITY, REQUIRETLS, DELIVERBY, FUTURERELEASE.

use crate::setup::{binary, ran};

/// A session with the host that knows them.
fn session(arguments: &[&str]) -> (i32, String, String) {
    let mut command = binary();
    command.args(["session", "mx2.pebblebrook-pottery.com", "--lab", "healthy"]);
    command.args(["--from", "me@example.net", "--ehlo", "me.example.net"]);
    ran(command.args(arguments))
}

fn envelope(options: &str) -> (i32, String, String) {
    let to = ["--to", "info@pebblebrook-pottery.com", "--batch"];
    let options: Vec<&str> = options.split_whitespace().collect();
    session(&[&to[..], &options[..]].concat())
}

#[test]
fn what_the_server_offers_it_takes_and_explains() {
    for (options, command, reply) in [
        ("--requiretls", "REQUIRETLS", "250 2.1.0 Ok"),
        ("--priority 4", "MT-PRIORITY=4", "250 2.1.0 Ok"),
        (
            "--priority 3",
            "MT-PRIORITY=3",
            "250 2.3.6 0 is the priority",
        ),
        (
            "--priority -9",
            "MT-PRIORITY=-9",
            "250 2.3.6 -4 is the priority",
        ),
        ("--deliver-by 600;R", "BY=600;R", "250 2.1.0 Ok"),
        ("--mail-param HOLDFOR=60", "HOLDFOR=60", "250 2.1.0 Ok"),
        ("--dsn-notify never", "NOTIFY=NEVER", "250 2.1.5 Ok"),
    ] {
        let (code, out, err) = envelope(options);
        assert_eq!(code, 0, "{options}: {out}{err}");
        let said = |line: &str| line.contains(" ~> ") && line.contains(command);
        assert!(out.lines().any(said), "{options}: {out}");
        assert!(out.contains(reply), "{options}: {out}");
        assert!(!out.contains("breaks a rule"), "{options}: {out}");
    }
}

#[test]
fn what_is_not_offered_breaks_a_rule_and_is_refused() {
    // REQUIRETLS is offered inside TLS alone.
    let (code, out, err) = envelope("--requiretls --tls never");
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("breaks a rule"), "{out}");
    assert!(
        out.contains("555 5.5.4 Unsupported option: REQUIRETLS"),
        "{out}"
    );
    assert!(err.contains("MAIL"), "{err}");
    let (code, _, err) = envelope("--priority 12");
    assert_eq!(code, 65, "{err}");
}

#[test]
fn a_binary_message_goes_by_bdat_and_by_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("binary.eml");
    let mut content = b"Subject: x\r\nContent-Transfer-Encoding: binary\r\n\r\n".to_vec();
    content.extend((0..=255).cycle().take(5000));
    std::fs::write(&path, content).expect("written");
    let to = ["--to", "info@pebblebrook-pottery.com", "--message"];
    let path = path.to_str().expect("UTF-8");
    let (code, out, err) =
        session(&[&to[..], &[path, "--send", "--binary-mime", "--bdat=2000"]].concat());
    assert_eq!(code, 0, "{out}{err}");
    for words in [
        "BODY=BINARYMIME",
        "BDAT 2000",
        "250 2.0.0 2000 octets received",
        " LAST",
        "250 2.0.0 Ok: queued",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
    let script = "
- {send: EHLO me.example.net, expect: 250}
- {send: 'MAIL FROM:<me@example.net> BODY=BINARYMIME', expect: 250}
- {send: 'RCPT TO:<info@pebblebrook-pottery.com>', expect: 250}
- {send: DATA, expect: 503}
- {quit: true, expect: 221}
";
    let mut command = binary();
    command.args(["session", "mx2.pebblebrook-pottery.com", "--lab", "healthy"]);
    let (code, out, err) = ran(command.args(["--script", "-"]).write_stdin(script));
    assert_eq!(code, 0, "{out}{err}");
    assert!(
        out.contains("503 5.5.1 A binary message comes by BDAT"),
        "{out}"
    );
}

#[test]
fn limits_are_told_before_they_are_met() {
    let all = "a@pebblebrook-pottery.com,b@pebblebrook-pottery.com,\
        c@pebblebrook-pottery.com,d@pebblebrook-pottery.com";
    let (code, out, err) = session(&["--to", all, "--batch"]);
    assert_eq!(code, 1, "{out}{err}");
    let told = "LIMITS: the server takes at most 3 recipients in one transaction";
    assert!(out.contains(told), "{out}");
    assert!(out.contains("452 4.5.3 Too many recipients"), "{out}");
}
