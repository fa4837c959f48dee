//! What swaks says when it is given the command line that is written of a session. In clear: its
//! TLS needs a Perl module that does not come with it.

use super::postfix::Postfix;
use super::{automatic, installed};
use smtp_tui::case::{From, Transcript};
use smtp_tui::knowledge::code::ReplyCode;
use smtp_tui::report::swaks_of;
use std::process::{Command, Stdio};

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
