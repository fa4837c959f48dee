//! Messages of every source at Postfix: a template, standard input, texts for filters, and one
//! that is much larger than the memory that the program may have.

use super::postfix::Postfix;
use super::{FROM_ME, PASSWORD, automatic, delivered, in_order, run, to_jane};
use smtp_tui::smtp::data::eicar;
use std::io::Write as _;
use std::process::{Command, Stdio};

#[test]
fn postfix_gets_messages_from_wherever_they_come() {
    // What filters know is refused by one, behind the message.
    let filter = "body_checks = regexp:{ {/XJS\\*C4JDBQADN1/ REJECT this is spam} }\n";
    let Some(postfix) = Postfix::start(filter) else {
        return;
    };
    let (port, mail) = (postfix.port, postfix.mail());
    let folder = tempfile::tempdir().expect("a folder");
    let template = folder.path().join("template.eml");
    let text = "From: {{from}}\nTo: {{to}}\nSubject: from-template {{n}}\n\nHi, from {{helo}}.\n";
    std::fs::write(&template, text).expect("written");
    let template = template.display().to_string();
    let to = ["--to", "jane@example.org", "--send"];

    let (code, text) = automatic(port, &[&to[..], &["--template", &template]].concat());
    assert_eq!(code, 0, "{text}");
    let arrived = delivered(&mail, "Subject: from-template 1");
    in_order(
        &arrived,
        &["From: me@example.net", "Hi, from client.example.net."],
    );

    for (subject, source, input) in [
        ("whole", "--message", "Subject: whole\n\nfirst\n.\n"),
        ("shape", "--template", "Subject: shape\n\nfirst\n.\n"),
        ("text", "--body", "first\n.\n"),
    ] {
        let from = if source == "--body" { "@-" } else { "-" };
        let subjects = if source == "--body" {
            &["--subject", subject][..]
        } else {
            &[]
        };
        let options = [&FROM_ME[..], &to, &[source, from], subjects].concat();
        let (code, text) = run(port, &options, input, PASSWORD);
        assert_eq!(code, 0, "{source}: {text}");
        let arrived = delivered(&mail, &format!("Subject: {subject}"));
        assert!(arrived.contains("\n\nfirst\n.\n"), "{source}: {arrived}");
    }

    let headers = [
        "--header",
        "X-One: 1",
        "--add-header",
        "X-Two: 2",
        "--header",
        "From: <n@x.example>",
    ];
    let (code, text) = to_jane(
        port,
        "headed",
        &[&headers[..], &["--bcc", "bob@example.org"]].concat(),
    );
    assert_eq!(code, 0, "{text}");
    for user in ["jane", "bob"] {
        let arrived = delivered(&mail.join(user), "Subject: headed");
        for header in ["\nX-One: 1\n", "\nX-Two: 2\n", "\nFrom: <n@x.example>\n"] {
            assert!(arrived.contains(header), "{arrived}");
        }
        assert!(
            !arrived.contains("bob@example.org>, ") && !arrived.contains("\nBcc"),
            "{arrived}"
        );
    }

    let (code, text) = to_jane(port, "virus", &["--eicar=body"]);
    assert_eq!(code, 0, "{text}");
    assert!(delivered(&mail, "Subject: virus").contains(&eicar()));
    let (code, text) = to_jane(port, "spam", &["--gtube"]);
    assert_eq!(code, 1, "{text}");
    in_order(
        &text,
        &["~> .", "<~ 550 5.7.1 this is spam", "error: the message"],
    );
}

/// 60 MiB, with 48 MiB for the program's data (`RLIMIT_DATA`).
#[test]
fn a_message_larger_than_the_memory_reaches_postfix() {
    let Some(postfix) =
        Postfix::start("message_size_limit = 100000000\nvirtual_mailbox_limit = 0\n")
    else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("large.eml");
    let mut large = std::io::BufWriter::new(std::fs::File::create(&file).expect("a file"));
    write!(large, "Subject: large-one\r\n\r\n").expect("written");
    for number in 0..640_000 {
        write!(large, "line {number:08} {}\r\n", "x".repeat(83)).expect("written");
    }
    write!(large, "the-last-line\r\n").expect("written");
    drop(large);
    let send = |way: &[&str]| {
        let ran = Command::new("sh")
            .args(["-c", "ulimit -d 49152 && exec \"$0\" \"$@\""])
            .arg(env!("CARGO_BIN_EXE_smtp-tui"))
            .args(["session", &format!("127.0.0.1:{}", postfix.port)])
            .args(FROM_ME)
            .args(["--to", "jane@example.org", "--send", "--message"])
            .arg(&file)
            .args(way)
            .stdin(Stdio::null())
            .output()
            .expect("it runs");
        String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned()
    };
    for way in [&["--tls", "never"][..], &["--bdat=100000"]] {
        let text = send(way);
        in_order(&text, &["queued as", "QUIT"]);
    }
    delivered(&postfix.mail(), "\nline 00639999 ");
}
