//! What swaks says when it is given the command line that is written of a session. In clear: its
//! TLS needs a Perl module that does not come with it.

use super::postfix::Postfix;
use super::{automatic, installed};
use smtp_tui::case::{From, Transcript};
use smtp_tui::knowledge::code::ReplyCode;
use smtp_tui::report::swaks_of;
use std::process::{Command, Stdio};

/// The options of swaks in the left column of the README's table, `*` for any end.
fn named_in_the_readme() -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(path).expect("the README");
    let table = readme
        .lines()
        .skip_while(|line| *line != "| swaks | here |")
        .take_while(|line| line.starts_with('|'));
    let left = table.filter_map(|row| row.split('|').nth(1));
    // Between backticks stands every other piece.
    let words = left.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    words.map(str::to_owned).collect()
}

/// Whether `pattern`, with at most one `*` in it, stands for this option.
fn stands_for(pattern: &str, option: &str) -> bool {
    match pattern.split_once('*') {
        Some((begin, end)) => option.starts_with(begin) && option.ends_with(end),
        None => pattern == option,
    }
}

#[test]
fn every_option_of_swaks_stands_in_the_table_of_the_readme() {
    let Some(swaks) = installed(&["swaks"]) else {
        return;
    };
    let ran = Command::new(swaks).arg("--help").output();
    let ran = ran.expect("swaks runs");
    let help = String::from_utf8_lossy(&ran.stdout).into_owned();
    // An option begins a line, its names with commas between them, then what it takes.
    let lines = help.lines().map(str::trim_start);
    let mut options: Vec<&str> = lines
        .filter(|line| line.starts_with('-'))
        .flat_map(|line| line.split(", "))
        .filter_map(|name| name.split_whitespace().next())
        .filter(|name| name.starts_with("--") && name.len() > 2)
        .map(|name| name.trim_end_matches(|c: char| !c.is_ascii_alphanumeric()))
        .collect();
    options.sort_unstable();
    options.dedup();
    assert!(options.len() > 80, "{options:?}");
    let named = named_in_the_readme();
    let missing: Vec<_> = options
        .iter()
        .filter(|option| !named.iter().any(|pattern| stands_for(pattern, option)))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    // And none is made up.
    for pattern in named.iter().filter(|name| name.starts_with("--")) {
        let known = options.iter().any(|option| stands_for(pattern, option));
        assert!(known, "{pattern}");
    }
}

/// The codes that a transcript of swaks has, one for each reply.
fn codes(text: &str) -> Vec<u16> {
    text.lines()
        .filter(|line| {
            ["<-  ", "<** ", "<~  ", "<~* "]
                .iter()
                .any(|mark| line.starts_with(mark))
        })
        .filter_map(|line| line.get(4..))
        .filter(|line| !matches!(line.as_bytes().get(3), Some(b'-')))
        .filter_map(|line| line.get(..3)?.parse().ok())
        .collect()
}

#[test]
fn swaks_gets_the_answers_that_the_session_got() {
    if installed(&["swaks"]).is_none() {
        return;
    }
    let Some(postfix) = Postfix::start("") else {
        return;
    };
    for options in [
        &["--tls", "never", "--to", "jane@example.org", "--send"][..],
        &[
            "--tls",
            "never",
            "--to",
            "nobody@example.org,jane@example.org",
            "--quit-after",
            "rcpt",
            "--some-recipients-ok",
        ],
        &[
            "--protocol",
            "smtp",
            "--to",
            "someone@elsewhere.example",
            "--quit-after",
            "rcpt",
        ],
        &[
            "--tls",
            "never",
            "--to",
            "jane@example.org",
            "--send",
            "--subject",
            "it's \"so\"",
        ],
    ] {
        let (_, json) = automatic(postfix.port, &[options, &["--format", "json"]].concat());
        let document = json.lines().next().unwrap_or_default();
        let transcript: Transcript =
            serde_json::from_str(document).unwrap_or_else(|error| panic!("{error}: {json}"));
        let replies = transcript.transcript.iter().filter(|line| {
            // The last line of each.
            line.from == From::Server && line.line.as_str().as_bytes().get(3) != Some(&b'-')
        });
        let ours: Vec<u16> = replies
            .filter_map(|line| line.code.map(ReplyCode::get))
            .collect();
        let line = swaks_of(&transcript);
        let ran = Command::new("sh")
            .args(["-c", &line])
            .stdin(Stdio::null())
            .output()
            .expect("swaks runs");
        let said = String::from_utf8_lossy(&ran.stdout);
        assert_eq!(codes(&said), ours, "{line}\n{said}\n{json}");
    }
}
