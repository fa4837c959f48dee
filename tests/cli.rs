//! The binary as scripts see it: exit codes, one clear line, the JSON.

use crate::setup::{binary, ran};
use serde_json::Value;

fn run(arguments: &[&str]) -> (i32, String, String) {
    ran(binary().args(arguments))
}

#[test]
fn the_exit_code_is_the_status() {
    for (scenario, code, status, cause) in [
        ("healthy", 0, "healthy", Value::Null),
        ("lame-nameserver", 1, "degraded", "ns.lame".into()),
        ("port-25-closed", 2, "broken", "smtp.port-closed".into()),
        ("offline", 3, "unknown", "local.offline".into()),
    ] {
        let (exit, out, err) = run(&["check", "--lab", scenario, "--format", "json"]);
        assert_eq!(exit, code, "{scenario}: {err}");
        let report: Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(report["schema"], "smtp-tui/report/v1");
        assert_eq!(report["verdict"]["status"], status);
        assert_eq!(report["verdict"]["cause"], cause);
        for key in [
            "target",
            "started_at",
            "elapsed_ms",
            "findings",
            "checks",
            "sessions",
            "answers",
        ] {
            assert!(!report[key].is_null(), "{scenario}: {key}");
        }
    }
}

#[test]
fn bad_input_gets_one_clear_line() {
    let answers = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(answers.path(), "webmail: perhaps\n").expect("written");
    let path = answers.path().to_str().expect("UTF-8");
    for (arguments, code, words) in [
        (
            &["check", "--no-such-option"][..],
            64,
            "unexpected argument",
        ),
        (&["check"][..], 64, "required"),
        (
            &["check", "--lab", "helthy"][..],
            64,
            "`healthy` is the nearest",
        ),
        (&["check", "a b"][..], 65, "no domain name"),
        (&["check", "192.0.2.1"][..], 65, "IP address"),
        (
            &["check", "--lab", "healthy", "--answers", path][..],
            65,
            "cannot be used",
        ),
        (
            &["check", "--lab", "healthy", "--answers", "/no/such/file"][..],
            66,
            "reading the answers",
        ),
        (
            &["check", "--lab", "healthy", "--output", "/"][..],
            73,
            "exists already",
        ),
    ] {
        let (exit, out, err) = run(arguments);
        assert_eq!(exit, code, "{arguments:?}: {err}");
        assert!(err.contains(words), "{arguments:?}: {err}");
        assert!(
            out.is_empty() && !err.contains("panicked"),
            "{arguments:?}: {err}"
        );
    }
}

#[test]
fn explains_replies_and_codes() {
    let (exit, out, _) = run(&[
        "explain",
        "--format",
        "json",
        "--",
        "550 5.1.1 User unknown",
        "4.2.2",
    ]);
    assert_eq!(exit, 0);
    let explained: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(explained[0]["kind"], "reply");
    assert_eq!(
        explained[0]["deliveries"][0]["finding"],
        "rcpt.user-unknown"
    );
    assert_eq!(explained[0]["deliveries"][0]["permanent"], true);
    assert_eq!(explained[1]["kind"], "code");
    assert_eq!(explained[1]["deliveries"][0]["reason"], "mailboxfull");
}

#[test]
fn the_path_of_a_returned_message_is_shown() {
    let bounce = "From: MAILER-DAEMON@mx.example.org\nSubject: Undelivered\n\n\
        <ann@example.org>: host mx.example.org said: 550 5.1.1 unknown user\n\n\
        ------ This is a copy of the message, including all the headers. ------\n\n\
        Received: from relay.example.net (relay.example.net [192.0.2.7])\n\
        \tby mx.example.org with ESMTPS id 4X; Mon, 3 Mar 2025 09:17:41 +0000\n\
        Received: from pc.example.net (pc.example.net [192.0.2.44])\n\
        \tby relay.example.net with ESMTPSA id 3X; Mon, 3 Mar 2025 09:12:41 +0000\n\
        Authentication-Results: mx.example.org; spf=fail smtp.mailfrom=a@example.net\n\
        From: a@example.net\nSubject: hello\n\nhello\n";
    let explain = |text: &str, format: &str| {
        let mut command = binary();
        command.args(["explain", "--format", format, "-"]);
        let (exit, out, err) = ran(command.write_stdin(text));
        assert_eq!(exit, 0, "{err}");
        out
    };
    let out = explain(bounce, "text");
    for words in [
        "The way of the message:",
        "relay.example.net",
        "5 min",
        "✗ spf",
    ] {
        assert!(out.contains(words), "{words}: {out}");
    }
    let told: Value = serde_json::from_str(&explain(bounce, "json")).expect("JSON");
    assert_eq!(told[0]["trace"]["hops"].as_array().map(Vec::len), Some(2));
    // Of two messages nobody knows whose path it would be.
    let mailbox = format!("From a@example.net Mon Mar  3 09:12:41 2025\n{bounce}\n").repeat(2);
    let told: Value = serde_json::from_str(&explain(&mailbox, "json")).expect("JSON");
    assert_eq!(told[0]["deliveries"].as_array().map(Vec::len), Some(2));
    assert_eq!(told[0].get("trace"), None);
}

#[test]
fn a_report_as_text_names_cause_and_fix() {
    let (_, out, _) = run(&["check", "--lab", "mailbox-unknown"]);
    assert!(out.contains("BROKEN"), "{out}");
    assert!(out.contains("rcpt.user-unknown"), "{out}");
    assert!(out.contains("To mend it:"), "{out}");
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
}

#[test]
fn a_script_sends_a_message_and_stops_where_the_server_says_something_else() {
    let script = "
- {send: EHLO client.example.net, expect: 250}
- {starttls: true, expect: 220}
- {send: EHLO client.example.net, expect: 2}
- {send: 'MAIL FROM:<me@example.net>', expect: 250}
- {send: 'RCPT TO:<info@pebblebrook-pottery.com>', expect: 250}
- {send: DATA, expect: 354}
- {message: \"Subject: test\\n\\n.a line with a dot\\n\", expect: 250}
- {quit: true, expect: 221}
";
    let play = |script: &str| {
        let mut command = binary();
        command.args(["session", "mx1.pebblebrook-pottery.com", "--lab", "healthy"]);
        ran(command.args(["--script", "-"]).write_stdin(script))
    };
    let (code, out, err) = play(script);
    assert_eq!(code, 0, "{out}{err}");
    assert!(
        out.contains("~> RCPT TO:<info@pebblebrook-pottery.com>"),
        "{out}"
    );
    assert!(out.contains("inside TLS now"), "{out}");
    let (code, _, err) = play("- {send: 'MAIL FROM:<me@example.net>', expect: 250}\n");
    assert_eq!(code, 1);
    assert!(err.contains("step 1: expected 250"), "{err}");
    let (code, _, err) = play("- {say: hello}\n");
    assert_eq!(code, 65);
    assert!(err.contains("say"), "{err}");
}

#[test]
fn every_form_holds_the_verdict_and_no_file_is_overwritten_unasked() {
    let folder = tempfile::tempdir().expect("a folder");
    for (format, words) in [
        ("text", "smtp.port-closed"),
        ("markdown", "` smtp.port-closed `"),
        ("html", "<code>smtp.port-closed</code>"),
        ("json", "\"cause\": \"smtp.port-closed\""),
    ] {
        let path = folder.path().join(format);
        let path = path.to_str().expect("UTF-8");
        let arguments = ["check", "--lab", "port-25-closed", "--format", format];
        let to_file = |more: &[&str]| run(&[&arguments[..], &["--output", path], more].concat());
        let (exit, out, err) = to_file(&[]);
        assert_eq!((exit, out.as_str()), (2, ""), "{err}");
        let text = std::fs::read_to_string(path).expect("the report");
        assert!(text.contains(words), "{format}: {text}");
        assert!(
            !text.contains("src=") && !text.contains("href="),
            "{format}"
        );
        let (exit, _, err) = to_file(&[]);
        assert_eq!(exit, 73);
        assert!(
            err.contains("exists already") && err.contains("--force"),
            "{err}"
        );
        let (exit, _, err) = to_file(&["--force", "--redact"]);
        assert_eq!(exit, 2, "{err}");
    }
}

#[test]
fn a_saved_case_is_written_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let case = folder.path().join("case.yaml");
    std::fs::write(&case, "no: case\n").expect("written");
    let path = case.to_str().expect("UTF-8");
    let (exit, _, err) = run(&["report", path]);
    assert_eq!(exit, 65, "{err}");
    let (exit, _, err) = run(&["report", "/nonexistent/case.yaml"]);
    assert_eq!(exit, 66, "{err}");
    let target = "jane.doe@example.org".parse().expect("a target");
    let mut saved = smtp_tui::case::Case::new("2026-11-24T09:00:00Z".parse().expect("a time"));
    saved.target = Some(target);
    saved
        .notes
        .push("<b>called</b> jane.doe@example.org".into());
    let store = smtp_tui::engine::store::Store::at(folder.path().to_owned());
    let path = store.save(&saved).expect("saved");
    let path = path.to_str().expect("UTF-8");
    let (exit, out, err) = run(&["report", path, "--format", "html", "--redact"]);
    assert_eq!(exit, 0, "{err}");
    assert!(
        out.contains("&#60;b&#62;called") || out.contains("&lt;b&gt;called"),
        "{out}"
    );
    assert!(!out.contains("jane.doe"), "{out}");
}

#[test]
fn the_reference_is_searched_by_code_and_by_words() {
    let (exit, out, _) = run(&["codes", "5.1.1"]);
    assert_eq!(exit, 0);
    assert!(out.starts_with("X.1.1\n"), "{out}");
    let (_, out, _) = run(&["codes"]);
    assert!(out.lines().count() > 120, "{out}");
    let (exit, _, err) = run(&["codes", "xyzzy"]);
    assert_eq!(exit, 66);
    assert!(err.contains("no code fits"), "{err}");
}

#[test]
fn a_file_of_replies_is_explained_line_by_line() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(
        file.path(),
        "550 5.1.1 User unknown\n\n452 4.2.2 Mailbox full\n",
    )
    .expect("written");
    let path = file.path().to_str().expect("UTF-8");
    let (exit, out, err) = run(&["explain", path, "--format", "json"]);
    assert_eq!(exit, 0, "{err}");
    let all: Value = serde_json::from_str(&out).expect("JSON");
    // One element an input, as the contract has it.
    assert_eq!(all.as_array().map(Vec::len), Some(1), "{out}");
    assert_eq!(all[0]["file"], path);
    assert_eq!(all[0]["deliveries"][1]["finding"], "rcpt.mailbox-full");
}

#[test]
fn a_bounce_is_explained_for_each_recipient() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/bounces/dsn.eml");
    let (exit, out, err) = run(&["explain", path, "--format", "json"]);
    assert_eq!(exit, 0, "{err}");
    let all: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(all[0]["kind"], "bounce");
    assert_eq!(
        all[0]["deliveries"][0]["recipient"],
        "nobody@receiver.example"
    );
    assert_eq!(all[0]["deliveries"][0]["reason"], "userunknown");
    assert_eq!(all[0]["deliveries"][1]["enhanced_code"], "4.2.2");
    let (exit, out, err) = run(&["explain", path]);
    assert_eq!(exit, 0, "{err}");
    assert!(
        out.contains("Not delivered to nobody@receiver.example"),
        "{out}"
    );
    assert!(out.contains("Whose move: the sender."), "{out}");
    assert!(
        out.contains("smtp-tui check nobody@receiver.example")
            && out.contains("smtp-tui session mx.receiver.example"),
        "{out}"
    );
}

#[test]
fn a_bounce_among_the_answers_names_what_is_checked() {
    let answers = tempfile::NamedTempFile::new().expect("a file");
    let path = answers.path().to_str().expect("UTF-8");
    let bounce = include_str!("data/bounces/qmail.eml");
    let written = serde_json::json!({ "bounces": bounce }).to_string();
    std::fs::write(path, written).expect("written");
    // The sender's domain is the one that was refused.
    let (_, out, err) = run(&[
        "check",
        "--lab",
        "healthy",
        "--answers",
        path,
        "--format",
        "json",
    ]);
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!(
        report["came_back"]["deliveries"][0]["reason"],
        "authfailure"
    );
    // Nobody answers there; the sender's domain is the one that was refused.
    let nobody = "127.0.0.1:9";
    let (_, out, err) = run(&[
        "check",
        "--answers",
        path,
        "--resolver",
        nobody,
        "--only",
        "mx",
        "--format",
        "json",
    ]);
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
    assert_eq!(report["target"], "anna@sender.example");
    std::fs::write(path, "webmail: yes\n").expect("written");
    let (exit, _, err) = run(&["check", "--answers", path]);
    assert_eq!(exit, 64, "{err}");
    assert!(err.contains("a domain or an address"), "{err}");
}

#[test]
fn targets_of_a_file_are_checked_side_by_side() {
    let targets = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(
        targets.path(),
        "# ours\npebblebrook-pottery.com\n\nno-such-name.com\n",
    )
    .expect("written");
    let path = targets.path().to_str().expect("UTF-8");
    let (exit, out, err) = run(&[
        "check",
        "--lab",
        "healthy",
        "--targets-from",
        path,
        "--format",
        "jsonl",
        "--jobs",
        "2",
    ]);
    assert_eq!(exit, 2, "{err}");
    let mut statuses: Vec<_> = out
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .map(|report| {
            (
                report["target"].clone(),
                report["verdict"]["status"].clone(),
            )
        })
        .map(|(target, status)| format!("{target} {status}"))
        .collect();
    statuses.sort();
    assert_eq!(
        statuses,
        [
            "\"no-such-name.com\" \"broken\"",
            "\"pebblebrook-pottery.com\" \"healthy\""
        ]
    );
}

#[test]
fn a_batch_goes_on_where_it_was_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| {
        let path = folder.path().join(name);
        path.to_str().expect("UTF-8").to_owned()
    };
    std::fs::write(
        path("targets"),
        "pebblebrook-pottery.com\nno-such-name.com\n",
    )
    .expect("written");
    let check = |done: &str| {
        run(&[
            "check",
            "--lab",
            "healthy",
            "--targets-from",
            &path("targets"),
            "--format",
            "jsonl",
            "--done",
            done,
        ])
    };
    let (_, first, err) = check(&path("not-there"));
    assert_eq!(first.lines().count(), 2, "{err}");
    // Ended after the broken one, in the middle of the next line.
    let broken = first.lines().find(|line| line.contains("no-such-name"));
    let cut = format!(
        "{}\n{{\"schema\":\"smtp-tui/rep",
        broken.expect("the broken one")
    );
    std::fs::write(path("cut"), &cut).expect("written");
    let (exit, rest, err) = check(&path("cut"));
    assert_eq!(exit, 2, "what was done counts: {err}");
    assert!(rest.starts_with('\n'), "the cut line is ended");
    assert!(!rest.contains("\"target\":\"no-such-name.com\""));
    std::fs::write(path("cut"), cut + &rest).expect("written");
    let (exit, nothing, _) = check(&path("cut"));
    assert_eq!((exit, nothing.as_str()), (2, ""));
}

#[test]
fn a_pasted_message_names_the_keys_that_are_looked_for() {
    let answers = tempfile::NamedTempFile::new().expect("a file");
    let text = "bounces: |\n  \
                > DKIM-Signature: v=1; a=rsa-sha256; d=pebblebrook-pottery.com;\n  \
                >  s=spring; b=abc\n  \
                > DKIM-Signature: v=1; d=elsewhere.example; s=theirs; b=abc\n  \
                > DKIM-Signature: v=1; d=mail.pebblebrook-pottery.com; s=host; b=abc\n";
    std::fs::write(answers.path(), text).expect("written");
    let path = answers.path().to_str().expect("UTF-8");
    let arguments = [
        "check", "--lab", "healthy", "--only", "policy", "--format", "json",
    ];
    let (_, out, err) = run(&[&arguments[..], &["--answers", path]].concat());
    let report: Value = serde_json::from_str(&out).expect(&err);
    let subjects = |list: &str| -> Vec<String> {
        let list = report[list].as_array().expect("a list").iter();
        list.filter_map(|it| it["subject"].as_str())
            .filter(|subject| subject.contains("DKIM") || subject.contains("_domainkey"))
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(
        subjects("checks"),
        ["DKIM spring", "DKIM host of mail.pebblebrook-pottery.com"]
    );
    assert_eq!(
        subjects("findings"),
        [
            "host._domainkey.mail.pebblebrook-pottery.com",
            "spring._domainkey.pebblebrook-pottery.com"
        ]
    );
}
