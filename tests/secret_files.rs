//! A password that was typed or given is in no file that a run leaves behind.

use crate::secrets::{RIGHT, USER, WRONG, all_files, clean};
use crate::terminal::Terminal;
use assert_cmd::Command;
use std::fs;
use std::path::Path;

const F7: &str = "\x1b[18~";

/// Every file below the folder of a run: its state, what it wrote, and its temporary files.
fn clean_files(folder: &Path, password: &str) -> Vec<String> {
    let mut files = Vec::new();
    all_files(folder, &mut files);
    for file in &files {
        clean(password, "a file", file);
    }
    files
}

#[test]
fn a_password_typed_into_the_live_session_is_in_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut terminal = Terminal::start(folder.path(), &["lab", "password-refused"]);
    terminal.wait("Is this computer connected");
    terminal.press("3");
    // The field is empty until the mail hosts are known.
    terminal.wait("Host mx1.");
    terminal.press("\x15mail.fairwater-translations.com:587\r");
    for (ready, sent) in [
        ("EHLO [", "\r".to_owned()),
        ("The server offers encryption", "\r".to_owned()),
        ("All is encrypted from here", "\r".to_owned()),
        ("This port takes mail", "\r".to_owned()),
        ("User name", format!("{USER}\r{RIGHT}\r")),
    ] {
        terminal.wait(ready);
        terminal.press(&sent);
    }
    terminal.wait("You are logged in");
    clean(RIGHT, "the screen", &terminal.text());
    terminal.press("\tw");
    terminal.wait("Say this session again");
    terminal.press("\r");
    terminal.wait("written to smtp-tui-session-mail.fairwater-translations.com.yaml");
    terminal.press(F7);
    // JSON, which holds the transcripts.
    terminal.press("h");
    terminal.press("e");
    terminal.wait("Write the file");
    terminal.press("\r");
    terminal.wait("written to");
    terminal.press("\x11");
    assert!(terminal.is_restored());
    let files = clean_files(folder.path(), RIGHT);
    let holding = |words: &str| files.iter().filter(|file| file.contains(words)).count();
    assert!(files.len() >= 3, "case, script, report: {files:?}");
    assert_eq!(holding(USER), files.len(), "{files:?}");
    // The login is in all of them: as a step in the script, masked in the two transcripts.
    assert_eq!(holding("{auth: {mechanism: \"SCRAM-SHA-256\""), 1);
    assert_eq!(holding("AUTH SCRAM-SHA-256 ***"), 2, "{files:?}");
}

#[test]
fn a_session_that_logs_in_by_itself_leaves_no_password() {
    let steps = format!(
        "- {{send: EHLO me.example.net, expect: 250}}\n- {{starttls: true, expect: 220}}\n\
         - {{send: EHLO me.example.net, expect: 250}}\n- {{auth: {{user: {USER}}}}}\n\
         - {{quit: true}}\n"
    );
    for password in [RIGHT, WRONG] {
        let folder = tempfile::tempdir().expect("a folder");
        let tmp = folder.path().join("tmp");
        fs::create_dir(&tmp).expect("a folder");
        fs::write(folder.path().join("steps.yaml"), &steps).expect("written");
        for how in [
            &["--script", "steps.yaml"][..],
            &["--batch", "--auth-user", USER],
        ] {
            let output = Command::cargo_bin("smtp-tui")
                .expect("the binary")
                .args(["session", "mail.fairwater-translations.com:587"])
                .args(["--lab", "password-refused", "--format", "json"])
                .args(how)
                .env("SMTP_TUI_PASSWORD", password)
                .env("XDG_STATE_HOME", folder.path().join("state"))
                .env("TMPDIR", &tmp)
                .env("RUST_BACKTRACE", "1")
                .current_dir(folder.path())
                .output()
                .expect("it runs");
            let out = String::from_utf8_lossy(&output.stdout);
            assert!(out.contains("AUTH"), "{how:?}: {output:?}");
            let expected = if password == RIGHT { "235 " } else { "535 " };
            assert!(out.contains(expected), "{how:?}: {out}");
            clean(password, "stdout", &out);
            clean(password, "stderr", &String::from_utf8_lossy(&output.stderr));
            let files = clean_files(folder.path(), password);
            assert!(!files.is_empty());
        }
    }
}
