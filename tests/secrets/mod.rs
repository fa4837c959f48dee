//! A password that was given for a login is in nothing that is written.

mod kept;
mod panics;
mod told;

use crate::setup::ran;
use assert_cmd::Command;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fs;
use std::path::Path;

const HOST: &str = "mail.fairwater-translations.com:587";
const USER: &str = "nora@fairwater-translations.com";
/// The right one of the scenario, and a wrong one.
const RIGHT: &str = "autumn-leaf-8";
const WRONG: &str = "orange-tree-9";

/// In clear, as LOGIN, PLAIN and XOAUTH2 send it; as octets; base64 at every offset, without the ends that hang on
/// what stands beside it.
fn forms(password: &str) -> Vec<String> {
    let mut forms = vec![
        password.to_owned(),
        STANDARD.encode(format!("\0{USER}\0{password}")),
        STANDARD.encode(format!("user={USER}\x01auth=Bearer {password}\x01\x01")),
        // As the octets of a line are debugged, and as a dump has them.
        format!("{:?}", password.as_bytes())
            .trim_matches(['[', ']'])
            .to_owned(),
        hex(password),
    ];
    for offset in 0..3 {
        let text = STANDARD.encode(format!("{}{password}", "x".repeat(offset)));
        let octets: Vec<char> = text.trim_end_matches('=').chars().collect();
        let first = if offset == 0 { 0 } else { 4 };
        forms.push(octets[first..octets.len() - 2].iter().collect());
    }
    forms
}

fn hex(text: &str) -> String {
    let octets = text.bytes();
    let digits = octets.flat_map(|octet| [octet >> 4, octet & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

fn clean(password: &str, what: &str, text: &str) {
    for form in forms(password) {
        assert!(!text.contains(&form), "{what} holds {form}: {text}");
    }
}

fn all_files(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            all_files(&path, found);
        } else {
            let bytes = fs::read(&path).expect("a file");
            found.push(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
}

/// What names a mechanism, in a script and in AUTH.
const MECHANISMS: [&str; 7] = [
    "PLAIN",
    "LOGIN",
    "CRAM-MD5",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "XOAUTH2",
    "OAUTHBEARER",
];

/// Every file below the folder of a run, in which nothing of the password is: its state, what it
/// wrote, and its temporary files.
fn clean_files(folder: &Path, password: &str) -> Vec<String> {
    let mut files = Vec::new();
    all_files(folder, &mut files);
    for file in &files {
        clean(password, "a file", file);
    }
    files
}

/// What would let somebody guess at the password: SCRAM's proof and signature, CRAM-MD5's digest.
fn proofs(out: &str) -> Vec<String> {
    let mut found: Vec<String> = ["p=", "334 dj1"]
        .into_iter()
        .filter(|start| out.contains(start))
        .map(str::to_owned)
        .collect();
    let words = out.split(|c: char| !c.is_ascii_hexdigit());
    found.extend(words.filter(|word| word.len() == 32).map(str::to_owned));
    found
}

/// The steps as far as the login, and the login.
fn steps(auth: &str) -> String {
    format!(
        "- {{send: EHLO me.example.net, expect: 250}}
- {{starttls: true, expect: 220}}
- {{send: EHLO me.example.net, expect: 250}}
- {auth}
- {{quit: true}}
"
    )
}

/// Runs the binary with this password, from the environment or from a file.
fn ran_with(command: &mut Command, password: &str, from_file: bool) -> (i32, String, String) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    if from_file {
        fs::write(file.path(), format!("{password}\n")).expect("written");
        command.arg("--password-file").arg(file.path());
    } else {
        command.env("SMTP_TUI_PASSWORD", password);
    }
    ran(command)
}
