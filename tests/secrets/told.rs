//! A password that was given for a login is in nothing that is printed.

use super::{HOST, RIGHT, USER, WRONG, clean, clean_files, forms, proofs, ran_with, steps};
use crate::scenarios::played;
use crate::setup::{self, binary, ran};
use smtp_tui::case::Group;
use smtp_tui::check::Request;
use smtp_tui::engine::{self, Change, Progress};
use smtp_tui::smtp::Login;
use smtp_tui::text::Secret;
use std::fs;
use std::path::Path;

/// Runs a check with this password, from the environment or from a file.
fn check(folder: &Path, format: &str, password: &str, from_file: bool) -> (i32, String, String) {
    let mut command = binary();
    command
        .args(["check", "--lab", "password-refused", "--only", "submission"])
        .args(["--format", format, "--login", USER])
        .env("XDG_STATE_HOME", folder)
        .env("RUST_BACKTRACE", "1");
    ran_with(&mut command, password, from_file)
}

#[test]
fn no_report_holds_the_password() {
    let folder = tempfile::tempdir().expect("a folder");
    for (format, password, from_file, words) in [
        ("json", WRONG, false, "submission.credentials"),
        ("jsonl", RIGHT, true, "235 2.7.0"),
        ("text", WRONG, true, "submission.credentials"),
        ("markdown", RIGHT, false, "235 2.7.0"),
        ("html", WRONG, false, "submission.credentials"),
    ] {
        let (_, out, err) = check(folder.path(), format, password, from_file);
        assert!(out.contains(words), "{format}: {out}{err}");
        clean(password, format, &out);
        clean(password, "stderr", &err);
        clean_files(folder.path(), password);
    }
    let (_, out, _) = check(folder.path(), "json", RIGHT, false);
    assert!(
        out.contains("\"AUTH PLAIN ***\""),
        "masked, and there: {out}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_case_holds_the_password() {
    let scenario = setup::scenario("password-refused");
    let (case, diagnosis) = played(&scenario).await;
    let saved = serde_yaml::to_string(&case).expect("YAML");
    assert!(saved.contains("AUTH PLAIN ***"), "{saved}");
    // And what it says, for whoever reads no base64.
    let words = format!("AUTH, sent: user {USER}, password ***, for no other identity");
    assert!(saved.contains(&words), "{saved}");
    // The scenario's own login.
    clean("summer-tide-7", "the case", &saved);
    clean(
        "summer-tide-7",
        "the case",
        &format!("{case:?}{diagnosis:?}"),
    );
}

/// As the screens do it: the checks have run, and then somebody logs in.
#[tokio::test(flavor = "multi_thread")]
async fn a_login_can_come_later() {
    let scenario = setup::scenario("password-refused");
    let (world, dns) = setup::world(&scenario).await;
    let mut request = Request::new(&scenario.target().expect("a target"));
    request.only = [Group::Submission].into();
    let (run, mut progress) = engine::start(request, &dns);
    let mut details = Vec::new();
    while let Some(step) = progress.recv().await {
        match step {
            Progress::Check(record) if record.state.is_settled() => {
                details.push(record.detail.to_string());
            }
            Progress::Finished { .. } if details.len() > 2 => break,
            Progress::Finished { .. } => {
                let password = Secret::new(RIGHT.to_owned());
                run.change(Change::LogIn(Login::new(USER, password).expect("a login")));
            }
            _ => {}
        }
    }
    let last = details.last().expect("a row");
    assert!(last.contains("accepted on 587: 235 2.7.0"), "{details:?}");
    clean(RIGHT, "the rows", &details.join("\n"));
    world.close().await;
}

/// Plays a script against the submission port of the scenario.
fn session(format: &str, password: &str, from_file: bool, steps: &str) -> (i32, String, String) {
    let script = tempfile::NamedTempFile::new().expect("a file");
    fs::write(script.path(), steps).expect("written");
    let mut command = binary();
    command
        .args(["session", HOST])
        .args(["--lab", "password-refused", "--format", format, "--script"])
        .arg(script.path())
        .env("RUST_BACKTRACE", "1");
    ran_with(&mut command, password, from_file)
}

#[test]
fn every_mechanism_logs_in_and_tells_no_secret() {
    for (mechanism, said) in [
        ("auto", "AUTH SCRAM-SHA-256 ***"),
        ("SCRAM-SHA-256", "server final: its signature is right"),
        ("scram-sha-1", "4096 iterations"),
        ("CRAM-MD5", "@mail.fairwater-translations.com>"),
        ("PLAIN", "password ***, for no other identity"),
        ("LOGIN", "the server says: Username:"),
        ("XOAUTH2", "bearer token ***"),
        ("OAUTHBEARER", "port 587, bearer token ***"),
    ] {
        for (password, code, initial, format) in [
            (RIGHT, 235, true, "text"),
            (RIGHT, 235, false, "json"),
            (WRONG, 535, true, "json"),
            (WRONG, 535, false, "text"),
        ] {
            let auth = format!(
                "{{auth: {{mechanism: {mechanism}, user: {USER}, initial: {initial}}}, expect: {code}}}"
            );
            let (exit, out, err) = session(format, password, initial, &steps(&auth));
            assert_eq!(exit, 0, "{mechanism} {initial}: {out}{err}");
            if password == RIGHT && initial {
                assert!(out.contains(said), "{mechanism}: {out}");
            }
            assert!(out.contains(USER), "{mechanism}: {out}");
            for form in forms(password).into_iter().chain(proofs(&out)) {
                assert!(!out.contains(&form), "{mechanism} holds {form}: {out}");
            }
            clean(password, "stderr", &err);
        }
    }
    for (user, code) in [(USER, 235), ("someone", 535)] {
        let auth = format!("{{auth: {{mechanism: EXTERNAL, user: {user}}}, expect: {code}}}");
        let (exit, out, err) = session("text", RIGHT, false, &steps(&auth));
        assert_eq!(exit, 0, "{out}{err}");
        clean(RIGHT, "EXTERNAL", &out);
    }
}

#[test]
fn a_login_by_script_does_not_go_where_it_should_not() {
    let login = format!("{{auth: {{user: {USER}}}, expect: 235}}");
    let clear = format!("- {{send: EHLO me.example.net, expect: 250}}\n- {login}\n");
    let (exit, out, err) = session("text", RIGHT, false, &clear);
    assert_eq!(exit, 65, "{err}");
    assert!(
        err.contains("outside TLS") && !out.contains("AUTH "),
        "{out}{err}"
    );
    // The lab's server does not want it there either.
    let clear = clear.replace("auth: {", "auth: {in_clear: true, mechanism: PLAIN, ");
    let (exit, out, err) = session("text", RIGHT, true, &clear);
    assert_eq!(exit, 1, "{err}");
    assert!(
        out.contains("AUTH PLAIN ***") && out.contains("538"),
        "{out}"
    );
    clean(RIGHT, "in clear", &format!("{out}{err}"));
    let (exit, _, err) = session("text", WRONG, true, &steps(&login));
    assert!(exit == 1 && err.contains("535 5.7.8"), "{err}");
    clean(WRONG, "stderr", &err);
    for (auth, password, words) in [
        (
            "{auth: {mechanism: GSSAPI, user: a}}",
            RIGHT,
            "SCRAM-SHA-256",
        ),
        (
            "{auth: {password: orange-tree-9, user: a}}",
            RIGHT,
            "unknown field",
        ),
        ("{auth: {user: a}}", "", "password is empty"),
        ("{auth: {user: a}}", "orange\u{7}tree", "control character"),
    ] {
        let (exit, _, err) = session("text", password, false, &steps(auth));
        assert_eq!(exit, 65, "{auth}: {err}");
        assert!(err.contains(words), "{auth}: {err}");
        assert!(!err.contains("orange"), "{err}");
    }
}

#[test]
fn errors_about_the_password_do_not_hold_it() {
    let folder = tempfile::tempdir().expect("a folder");
    for (password, code, words) in [
        ("", 65, "password is empty"),
        ("orange\u{7}tree", 65, "control character"),
    ] {
        let (exit, out, err) = check(folder.path(), "text", password, false);
        assert_eq!(exit, code, "{err}");
        assert!(err.contains(words) && out.is_empty(), "{err}");
        assert!(!err.contains("orange"), "{err}");
    }
    let run = |arguments: &[&str]| {
        let (code, _, err) = ran(binary().arg("check").args(arguments));
        (code, err)
    };
    // No terminal to ask on; a password for a list of servers; none for nobody.
    for (arguments, code, words) in [
        (&["--lab", "healthy", "--login", "a"][..], 64, "no terminal"),
        (
            &["a.example", "b.example", "--login", "a"][..],
            64,
            "one target alone",
        ),
        (
            &["--lab", "healthy", "--password-file", "/x"][..],
            64,
            "--login",
        ),
        (
            &[
                "--lab",
                "healthy",
                "--login",
                "a",
                "--password-file",
                "/no/such",
            ][..],
            66,
            "reading the password",
        ),
        (
            &["--lab", "healthy", "--submission", "192.0.2.1"][..],
            64,
            "no host name",
        ),
    ] {
        let (exit, err) = run(arguments);
        assert_eq!(exit, code, "{arguments:?}: {err}");
        assert!(err.contains(words), "{arguments:?}: {err}");
    }
}
