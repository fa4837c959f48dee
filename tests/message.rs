//! Messages on a real socket, to a server that keeps what it gets.

use smtp_tui::engine::message::{File, From, Letter, Specimen, SpecimenKind, Text};
use smtp_tui::engine::script;
use smtp_tui::net::Network;
use smtp_tui::net::smtp::{Options, Source, Wire};
use smtp_tui::smtp::data::template::Values;
use smtp_tui::smtp::data::{LineEnds, Stamp, eicar, gtube};
use smtp_tui::smtp::{Command, EventKind, Stage};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// What a server got: the lines of commands, and the message.
type Got = (Vec<String>, Vec<u8>);

/// One session of a server that takes everything; a chunk is refused that holds `refused`.
async fn server(refused: &'static [u8]) -> (SocketAddr, JoinHandle<Got>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let task = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let mut stream = BufReader::new(stream);
        let (mut lines, mut message) = (Vec::new(), Vec::new());
        let mut answer = "220 sink\r\n";
        loop {
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return (lines, message);
            }
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return (lines, message);
            }
            let line = line.trim_end().to_owned();
            answer = match line.split(' ').collect::<Vec<_>>()[..] {
                ["EHLO", ..] => {
                    "250-sink\r\n250-SIZE\r\n250-8BITMIME\r\n250-BINARYMIME\r\n250 CHUNKING\r\n"
                }
                ["DATA"] => {
                    stream.write_all(b"354 go on\r\n").await.expect("written");
                    data(&mut stream, &mut message).await;
                    "250 queued\r\n"
                }
                ["BDAT", octets, ..] => {
                    let mut chunk = vec![0; octets.parse().expect("a number")];
                    stream.read_exact(&mut chunk).await.expect("as many octets");
                    let bad = !refused.is_empty()
                        && chunk.windows(refused.len()).any(|own| own == refused);
                    message.extend(chunk);
                    if bad {
                        "554 5.6.0 no\r\n"
                    } else {
                        "250 taken\r\n"
                    }
                }
                _ => "250 fine\r\n",
            };
            lines.push(line);
        }
    });
    (address, task)
}

/// Lines up to the dot alone, unstuffed.
async fn data(stream: &mut (impl tokio::io::AsyncBufRead + Unpin), message: &mut Vec<u8>) {
    loop {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            assert!(stream.read_until(b'\n', &mut line).await.expect("read") > 0);
        }
        if line == b".\r\n" {
            return;
        }
        message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

fn values() -> (
    smtp_tui::smtp::ReversePath,
    Vec<smtp_tui::smtp::ForwardPath>,
) {
    let to = vec!["c@d.example".parse().expect("an address")];
    ("a@b.example".parse().expect("an address"), to)
}

async fn source(letter: &Letter) -> Source {
    let (from, to) = values();
    let values = Values {
        stamp: Stamp {
            date: jiff::Timestamp::UNIX_EPOCH,
            message_id: "1@me.example",
            from: &from,
            to: &to,
        },
        helo: "me.example",
        n: 1,
    };
    letter.source(&values).await.expect("a message")
}

/// Sends a message as a driver does; gives what was got, and the code of the last reply.
async fn sent(letter: &Letter, refused: &'static [u8]) -> (Got, u16) {
    let source = source(letter).await;
    let (to, server) = server(refused).await;
    let options = Options {
        name: "sink".to_owned(),
        ..Options::default()
    };
    let network = Network::internet();
    let mut wire = Wire::open(&network, to, options)
        .await
        .expect("a connection");
    let mut source = Some(source);
    let mut last = 0;
    let mut steps = vec![
        "QUIT",
        "message",
        "RCPT TO:<c@d.example>",
        "MAIL",
        "EHLO me.example",
    ];
    while wire.is_open() {
        wire.flush().await;
        let mut heard = false;
        while let Some(event) = wire.event() {
            heard = true;
            if let EventKind::Reply {
                stage: Stage::Message | Stage::Bdat,
                reply,
                ..
            } = &event.kind
            {
                last = reply.code.expect("a code").get();
            }
        }
        if wire.session().awaited().is_some() || wire.session().is_supplied() {
            if !heard {
                wire.wait().await;
            }
            continue;
        }
        let offered = wire.session().extensions().cloned();
        let Some(step) = steps.pop() else { break };
        let line = match step {
            "MAIL" => {
                let about = source.as_ref().expect("a message");
                let parameters = about.parameters(offered.as_ref().expect("EHLO"));
                let command = Command::Mail {
                    from: values().0,
                    parameters,
                };
                wire.say(|session, now| session.send(&command, now))
                    .expect("sent");
                continue;
            }
            "message" => {
                if letter.chunk.is_none()
                    && wire.session().state() == smtp_tui::smtp::state::State::HasRcpt
                {
                    steps.push("message");
                    "DATA"
                } else {
                    wire.send_message(source.take().expect("a message"))
                        .expect("begun");
                    continue;
                }
            }
            line => line,
        };
        let command = Command::parse_typed(line).expect("a command");
        wire.say(|session, now| session.send(&command, now))
            .expect("sent");
    }
    drop(wire);
    (server.await.expect("the server ends"), last)
}

fn written(folder: &Path, name: &str, content: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, content).expect("written");
    path
}

fn as_it_is(path: PathBuf, ends: LineEnds) -> Letter {
    Letter {
        text: Text::AsItIs {
            from: From::File(path),
            ends,
        },
        ..Letter::default()
    }
}

#[tokio::test]
async fn a_file_goes_block_by_block_and_arrives_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let lines: Vec<String> = (0..40_000).map(|n| format!(".{n} Grüße")).collect();
    let path = written(folder.path(), "m.eml", lines.join("\n").as_bytes());
    let expected = lines.join("\r\n") + "\r\n";
    for chunk in [None, Some(100_000)] {
        let letter = Letter {
            chunk,
            ..as_it_is(path.clone(), LineEnds::Made)
        };
        let ((lines, message), code) = sent(&letter, b"").await;
        assert_eq!(code, 250);
        assert!(message == expected.as_bytes(), "{} octets", message.len());
        let mail = format!(
            "MAIL FROM:<a@b.example> SIZE={} BODY=8BITMIME",
            expected.len()
        );
        assert_eq!(lines[1], mail);
        let chunks = lines.iter().filter(|line| line.starts_with("BDAT "));
        assert_eq!(
            chunks.count(),
            chunk.map_or(0, |chunk| expected.len().div_ceil(chunk))
        );
    }
}

#[tokio::test]
async fn binary_content_goes_octet_by_octet() {
    let folder = tempfile::tempdir().expect("a folder");
    let content: Vec<u8> = (0..=255).cycle().take(70_000).chain(*b"\n.\n\r").collect();
    let letter = Letter {
        chunk: Some(1 << 16),
        binary: true,
        ..as_it_is(written(folder.path(), "m", &content), LineEnds::Kept)
    };
    let ((lines, message), code) = sent(&letter, b"").await;
    assert!((message == content, code) == (true, 250));
    assert_eq!(
        lines[1],
        "MAIL FROM:<a@b.example> SIZE=70004 BODY=BINARYMIME"
    );
    assert_eq!(lines[3..5], ["BDAT 65536", "BDAT 4468 LAST"]);
}

#[tokio::test]
async fn a_refused_chunk_is_the_last_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let letter = Letter {
        chunk: Some(4),
        ..as_it_is(written(folder.path(), "m", b"aaaabbbbcccc"), LineEnds::Kept)
    };
    let ((lines, message), code) = sent(&letter, b"bb").await;
    assert_eq!((code, &message[..]), (554, &b"aaaabbbb"[..]));
    assert_eq!(lines.last().map(String::as_str), Some("QUIT"));
}

#[tokio::test]
async fn attachments_and_specimens_arrive() {
    let folder = tempfile::tempdir().expect("a folder");
    let content: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    let letter = Letter {
        text: Text::Template("Subject: {{n}} from {{helo}}\n\nHello".to_owned()),
        cc: vec!["cc@d.example".parse().expect("an address")],
        bcc: vec!["bcc@d.example".parse().expect("an address")],
        files: vec![File {
            path: written(folder.path(), "large.zip", &content),
            media_type: None,
            inline: false,
        }],
        specimens: vec![
            Specimen {
                kind: SpecimenKind::Gtube,
                attached: false,
            },
            Specimen {
                kind: SpecimenKind::Eicar,
                attached: true,
            },
        ],
        ..Letter::default()
    };
    assert_eq!(letter.more_recipients().count(), 2);
    let ((lines, message), _) = sent(&letter, b"").await;
    assert_eq!(
        lines[1],
        format!("MAIL FROM:<a@b.example> SIZE={}", message.len())
    );
    let text = String::from_utf8(message.clone()).expect("ASCII");
    assert!(text.contains("Cc: cc@d.example\r\n") && !text.contains("bcc"));
    let parsed = mail_parser::MessageParser::default()
        .parse(&message)
        .expect("a message");
    assert_eq!(parsed.subject(), Some("1 from me.example"));
    assert!(parsed.body_text(0).expect("a text").contains(&gtube()));
    let files: Vec<&[u8]> = parsed
        .attachments()
        .map(mail_parser::MessagePart::contents)
        .collect();
    assert!(files == [&content[..], eicar().as_bytes()]);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_an_error_before_anything_is_said() {
    let (from, to) = values();
    let values = Values {
        stamp: Stamp {
            date: jiff::Timestamp::UNIX_EPOCH,
            message_id: "1@me.example",
            from: &from,
            to: &to,
        },
        helo: "me.example",
        n: 1,
    };
    let letter = as_it_is(PathBuf::from("/no/such/file"), LineEnds::Made);
    let error = letter.source(&values).await.expect_err("no file");
    assert!(
        error.to_string().starts_with("reading `/no/such/file`: "),
        "{error}"
    );
    let letter = Letter {
        files: vec![File {
            path: PathBuf::from("/"),
            media_type: None,
            inline: false,
        }],
        ..Letter::default()
    };
    let error = letter.source(&values).await.expect_err("a folder");
    assert!(error.to_string().contains("no regular file"), "{error}");
}

#[tokio::test]
async fn a_script_sends_a_file_in_chunks() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = written(folder.path(), "m.eml", b"Subject: x\n\n.\n");
    let steps = format!(
        "- send: EHLO me.example\n- send: MAIL FROM:<a@b.example>\n- send: RCPT TO:<c@d.example>\n\
         - message_file: {}\n  bdat: true\n  expect: 250\n- quit: true\n",
        path.display()
    );
    let steps = script::read(&steps).expect("a script");
    let (to, server) = server(b"").await;
    let network = Network::internet();
    let passwords = script::Passwords::new();
    let options = Options::default();
    let played = script::play(
        &network,
        "sink",
        to.into(),
        options,
        &steps,
        &passwords,
        &mut |_| {},
    )
    .await;
    let played = played.expect("a connection");
    assert_eq!(played.result, Ok(()));
    let (lines, message) = server.await.expect("the server ends");
    assert_eq!(message, b"Subject: x\r\n\r\n.\r\n");
    assert_eq!(lines[3], format!("BDAT {} LAST", message.len()));
}

/// `session HOST --dump-message` with these options, and this on standard input.
fn dumped(options: &[&str], input: &[u8]) -> (i32, Vec<u8>, String) {
    let output = assert_cmd::Command::cargo_bin("smtp-tui")
        .expect("the binary")
        .args([
            "session",
            "mx.example",
            "--dump-message",
            "--from",
            "a@b.example",
        ])
        .args(options)
        .write_stdin(input)
        .output()
        .expect("it runs");
    let errors = String::from_utf8(output.stderr).expect("UTF-8");
    (output.status.code().expect("a code"), output.stdout, errors)
}

#[test]
fn the_options_make_a_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let html = written(folder.path(), "m.html", "<b>Grüße</b>".as_bytes());
    let html = format!("@{}", html.display());
    let file = written(folder.path(), "a:b", b"content");
    let file = format!("{}:image/x-own", file.display());
    let picture = written(folder.path(), "p.png", b"picture");
    let options = [
        "--to",
        "c@d.example",
        "--subject",
        "Grüße",
        "--body",
        "@-",
        "--html",
        &html,
        "--header",
        "X-A: 1",
        "--header",
        "Reply-To: r@b.example",
        "--add-header",
        "X-A: 2",
        "--attach",
        &file,
        "--attach-inline",
        picture.to_str().expect("UTF-8"),
        "--gtube",
        "--eicar",
        "--bcc",
        "s@t.example",
    ];
    let (code, message, errors) = dumped(&options, b"from standard input");
    assert_eq!(code, 0, "{errors}");
    let parsed = mail_parser::MessageParser::default()
        .parse(&message)
        .expect("a message");
    assert_eq!(parsed.subject(), Some("Grüße"));
    let text = parsed.body_text(0).expect("a text");
    assert!(
        text.starts_with("from standard input") && text.contains(&gtube()),
        "{text}"
    );
    assert!(parsed.body_html(0).expect("HTML").contains("Grüße"));
    let files: Vec<&[u8]> = parsed
        .attachments()
        .map(mail_parser::MessagePart::contents)
        .collect();
    assert!(
        files == [&b"picture"[..], b"content", eicar().as_bytes()],
        "{files:?}"
    );
    let text = String::from_utf8(message).expect("ASCII");
    for words in [
        "X-A: 1\r\nReply-To: r@b.example\r\nX-A: 2\r\n",
        "To: <c@d.example>",
        "image/x-own",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("s@t.example"));
}

#[test]
fn a_whole_message_goes_as_it_is() {
    let made = b"Subject: x\r\n\r\n.a\r\nb\r\n";
    assert_eq!(dumped(&["--message", "-"], b"Subject: x\n\n.a\nb").1, made);
    let raw = b"Subject: x\n\n.a\rb\0\xff";
    assert_eq!(dumped(&["--message", "-", "--raw-message"], raw).1, raw);
    assert_eq!(
        dumped(&["--message", "-", "--bdat", "--binary-mime"], raw).1,
        raw
    );
}

#[test]
fn wrong_options_get_one_clear_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let bad = written(folder.path(), "bad", b"Subject: {{form}}\n\nx\xff");
    let gap = written(folder.path(), "gap", b"Subject: {{form}}\n\nx");
    let (bad, gap) = (bad.to_str().expect("UTF-8"), gap.to_str().expect("UTF-8"));
    for (options, code, words) in [
        (&["--header", "no colon"][..], 64, "no colon"),
        (&["--header", "X A: b"], 65, "`X A` is no header name"),
        (&["--header", "X: a\nBcc: b@c.example"], 65, "line break"),
        (
            &["--message", "-", "--subject", "x"],
            64,
            "cannot be used with",
        ),
        (
            &["--message", "/no/such/file"],
            66,
            "reading `/no/such/file`",
        ),
        (
            &["--attach", "/no/such/file"],
            66,
            "reading `/no/such/file`",
        ),
        (&["--attach", "/"], 66, "no regular file"),
        (&["--template", bad], 65, "no UTF-8"),
        (&["--template", gap], 65, "`form` is no placeholder"),
        (
            &["--dkim-key", gap, "--dkim-selector", "s1"],
            65,
            "no private key in PEM form",
        ),
        (&["--bdat=0"], 64, "0 is not in"),
        (&["--binary-mime"], 64, "--bdat"),
    ] {
        let (exit, out, errors) = dumped(options, b"");
        assert_eq!(exit, code, "{options:?}: {errors}");
        assert!(errors.contains(words), "{options:?}: {errors}");
        assert!(out.is_empty(), "{options:?}");
    }
}
