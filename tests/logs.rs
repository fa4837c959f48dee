//! `smtp-tui logs` as a program.

use assert_cmd::Command;
use serde_json::Value;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::time::Duration;

fn logs(arguments: &[&str], input: &str) -> assert_cmd::assert::Assert {
    Command::cargo_bin("smtp-tui")
        .expect("the program")
        .arg("logs")
        .args(arguments)
        .write_stdin(input)
        .assert()
}

/// A log of `messages`, one recipient each, with known counts: every third is refused, every
/// fifth of the others is put off once.
fn written(messages: u32) -> (String, u64, u64) {
    let (mut log, mut bounced, mut deferred) = (String::new(), 0, 0);
    for n in 0..messages {
        let stamp = format!(
            "2025-03-03T{:02}:{:02}:{:02}+00:00",
            n / 3600,
            n / 60 % 60,
            n % 60
        );
        let id = format!("{n:010X}");
        let mut say = |program: &str, text: &str| {
            writeln!(log, "{stamp} mx1 postfix/{program}[7]: {id}: {text}").expect("a string");
        };
        let to = format!("to=<user{n}@dest{}.example>", n % 4);
        say("smtpd", "client=pc[192.0.2.4]");
        say(
            "qmgr",
            "from=<anna@a.example>, size=9, nrcpt=1 (queue active)",
        );
        if n % 3 == 0 {
            bounced += 1;
            say(
                "smtp",
                &format!(
                    "{to}, relay=mx[192.0.2.9]:25, delay=1, dsn=5.1.1, status=bounced (host mx[192.0.2.9] said: 550 5.1.1 User unknown (in reply to RCPT TO command))"
                ),
            );
        } else {
            if n % 5 == 0 {
                deferred += 1;
                say(
                    "smtp",
                    &format!(
                        "{to}, relay=none, delay=1, dsn=4.4.1, status=deferred (connect to mx[192.0.2.9]:25: Connection refused)"
                    ),
                );
            }
            say(
                "smtp",
                &format!(
                    "{to}, relay=mx[192.0.2.9]:25, delay=1, dsn=2.0.0, status=sent (250 2.0.0 Ok)"
                ),
            );
        }
        say("qmgr", "removed");
    }
    (log, bounced, deferred)
}

#[test]
fn the_counts_are_exact() {
    let (log, bounced, deferred) = written(3000);
    let out = logs(&["-", "--format", "json"], &log).success();
    let account: Value = serde_json::from_slice(&out.get_output().stdout).expect("JSON");
    let counts = &account["counts"];
    assert_eq!(counts["messages"], 3000);
    assert_eq!(counts["recipients"], 3000);
    assert_eq!(counts["bounced"], bounced);
    assert_eq!(counts["deferred_events"], deferred);
    assert_eq!(counts["delivered_later"], deferred);
    assert_eq!(counts["sent"], 3000 - bounced);
    assert_eq!(counts["removed"], 3000);
    assert_eq!(account["bounced_by_reason"]["userunknown"], bounced);
    assert_eq!(account["deferred_by_code"]["4.4.1"], deferred);
    assert_eq!(account["lines"], log.lines().count());
    assert_eq!(account["unread"], 0);
}

#[test]
fn filters_leave_out_and_one_screen_is_enough() {
    let (log, ..) = written(3000);
    let out = logs(
        &[
            "-",
            "--format",
            "json",
            "--domain",
            "dest1.example",
            "--reason",
            "userunknown",
        ],
        &log,
    )
    .success();
    let account: Value = serde_json::from_slice(&out.get_output().stdout).expect("JSON");
    assert_eq!(account["counts"]["bounced"], 250);
    assert_eq!(account["counts"]["deferred_events"], 0);
    let out = logs(&["-", "--until", "2025-03-03T00:00:30"], &log).success();
    let text = String::from_utf8_lossy(&out.get_output().stdout).into_owned();
    assert!(
        text.contains("bounced 10,")
            && text.lines().count() <= 40
            && text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}

#[test]
fn a_story_and_the_lines_that_are_not_understood() {
    let (mut log, ..) = written(10);
    log.push_str("2025-03-03T00:00:09+00:00 mx1 postfix/smtp[7]: \u{1b}[2J\n");
    let out = logs(&["-", "--message", "user5@dest1.example"], &log).success();
    let text = String::from_utf8_lossy(&out.get_output().stdout).into_owned();
    assert!(
        text.starts_with("Message 0000000005 (left the queue)") && text.contains("delivered"),
        "{text}"
    );
    logs(&["-", "--unread"], &log)
        .success()
        .stdout("2025-03-03T00:00:09+00:00 mx1 postfix/smtp[7]: \\x1b[2J\n");
    logs(&["-"], "this is no log\n").code(65);
    logs(&["/nowhere/mail.log"], "").code(66);
}

#[test]
fn a_scenario_has_a_log() {
    let out = logs(&["--lab", "mailbox-full"], "").success();
    let text = String::from_utf8_lossy(&out.get_output().stdout).into_owned();
    assert!(
        text.contains("mailboxfull") && text.contains("orchardlane"),
        "{text}"
    );
    logs(&["--lab", "mailbox-fool"], "").code(64);
    logs(&["--lab", "mailbox-full", "mail.log"], "").code(64);
}

#[test]
fn explain_knows_the_lines_of_a_log() {
    let (log, ..) = written(3);
    let out = Command::cargo_bin("smtp-tui")
        .expect("the program")
        .args(["explain", "--format", "json", "-"])
        .write_stdin(log)
        .assert()
        .success();
    let told: Value = serde_json::from_slice(&out.get_output().stdout).expect("JSON");
    assert_eq!(told[0]["kind"], "log");
    let deliveries = told[0]["deliveries"].as_array().expect("a list");
    assert_eq!(deliveries.len(), 3);
    assert_eq!(deliveries[0]["recipient"], "user0@dest0.example");
    assert_eq!(deliveries[0]["action"], "failed");
    assert_eq!(deliveries[0]["enhanced_code"], "5.1.1");
    assert_eq!(deliveries[0]["reason"], "userunknown");
    assert_eq!(deliveries[1]["action"], "delivered");
}

#[test]
fn a_log_is_followed_when_it_is_rotated() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mail.log");
    let (log, ..) = written(30);
    std::fs::write(&path, &log).expect("written");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_smtp-tui"))
        .args(["logs", "-f"])
        .arg(&path)
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let stdout = BufReader::new(child.stdout.take().expect("piped"));
    let (send, lines) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            let _ = send.send(line);
        }
    });
    let wait_for = |what: &str| {
        // A minute is for a machine that is busy.
        while let Ok(line) = lines.recv_timeout(Duration::from_mins(1)) {
            if line.contains(what) {
                return true;
            }
        }
        false
    };
    let refused = |to: &str| {
        format!(
            "2025-03-03T01:00:00+00:00 mx1 postfix/smtp[7]: AAAAAAAAA1: to=<{to}>, relay=none, delay=1, dsn=5.1.1, status=bounced (host mx[192.0.2.9] said: 550 5.1.1 User unknown (in reply to RCPT TO command))\n"
        )
    };
    let account = wait_for("30 messages to 30 recipients");
    std::fs::write(&path, [log.as_str(), &refused("new@dest.example")].concat()).expect("written");
    let grown = account && wait_for("new@dest.example failed: userunknown");
    std::fs::rename(&path, folder.path().join("mail.log.1")).expect("renamed");
    std::fs::write(&path, refused("rotated@dest.example")).expect("written");
    let rotated = grown && wait_for("rotated@dest.example failed: userunknown");
    let _ = child.kill();
    let _ = child.wait();
    assert!(account && grown && rotated, "{account} {grown} {rotated}");
}
