//! Real servers on loopback. Where one is not installed its tests say that they are skipped;
//! with `SMTP_TUI_SERVERS=required`, as in CI, that is a failure.
//!
//! What a session can do, and where that is driven:
//!
//! | what | where |
//! | --- | --- |
//! | source address and port, IPv6, `localhost`, a command's streams, SOCKS5 | [`ways`] |
//! | Unix socket; LMTP | [`lmtp`] |
//! | PROXY v1 and v2, XCLIENT, XFORWARD | [`posing`] |
//! | TLS: policies, versions, verification, client certificate | [`tls`] |
//! | SNI, the chain kept; EXTERNAL; PRDR, DSN, CHUNKING, EXPN, HELP | [`at_exim`] |
//! | every other mechanism, in scripts and in sessions that play themselves | [`sasl`], PLAIN and LOGIN [`opensmtpd`] too |
//! | HELO, PIPELINING, SIZE, SMTPUTF8, DSN, VRFY, ETRN, attachments | [`sending`] |
//! | DELIVERBY | [`sendmail`] |
//! | templates, standard input, headers, GTUBE, EICAR, messages larger than memory | [`streamed`] |
//! | DKIM | [`signed`] |
//! | guided and free use, scripts written of sessions | [`free_use`] |
//! | where a session is left, waits | [`extent`] |
//! | the named tests | [`trials`] |
//!
//! No server here offers BINARYMIME, MT-PRIORITY, REQUIRETLS and LIMITS: those meet the lab's own
//! (`tests/extensions.rs`).

mod at_exim;
mod dovecot;
mod exim;
mod extent;
mod free_use;
mod lmtp;
mod nsd;
mod opensmtpd;
mod posing;
mod postfix;
mod sasl;
mod sending;
mod sendmail;
mod signed;
mod streamed;
mod swaks;
mod tls;
mod trials;
mod ways;

use std::env;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Where servers are, also when `PATH` has no `sbin`.
const FOLDERS: [&str; 8] = [
    "/usr/sbin",
    "/usr/bin",
    "/usr/local/sbin",
    "/opt/smtp-tui-servers/usr/sbin",
    "/opt/smtp-tui-servers/opensmtpd-7/usr/sbin",
    "/usr/local/bin",
    "/usr",
    "/opt/smtp-tui-servers/usr",
];

/// The program of one of these names.
fn installed(names: &[&str]) -> Option<PathBuf> {
    let found = FOLDERS
        .iter()
        .flat_map(|folder| names.iter().map(move |name| Path::new(folder).join(name)))
        .find(|path| path.is_file());
    if found.is_none() {
        skipped(&format!("{} is not installed", names.join(" or ")));
    }
    found
}

fn skipped(why: &str) {
    let required = env::var("SMTP_TUI_SERVERS").is_ok_and(|value| value == "required");
    assert!(!required, "{why}, and SMTP_TUI_SERVERS=required");
    skipped_anywhere(why);
}

/// For what cannot be installed: what this machine permits.
#[expect(clippy::print_stderr, reason = "a skip has to be seen")]
fn skipped_anywhere(why: &str) {
    eprintln!("SKIPPED: {why}");
}

/// A port that is free on loopback; none of those that connections leave from, so that none
/// takes it before the server does.
fn free_port() -> u16 {
    use std::hash::{BuildHasher as _, RandomState};
    (0..1_000)
        .map(|_| 10_000 + u16::try_from(RandomState::new().hash_one(0) % 20_000).unwrap_or(0))
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

/// A server in the foreground, ended with the test.
struct Server(Child);

impl Server {
    fn start(command: &mut Command) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server starts");
        Self(child)
    }

    /// Waits until it listens.
    fn listens(&mut self, port: u16) {
        self.listens_at("127.0.0.1", port);
    }

    fn listens_at(&mut self, address: &str, port: u16) {
        let listening = until(|| {
            if let Some(status) = self.0.try_wait().expect("its state") {
                let mut said = String::new();
                if let Some(stderr) = &mut self.0.stderr {
                    let _ = stderr.read_to_string(&mut said);
                }
                panic!("the server ended with {status}: {said}");
            }
            is_open(address, port).then_some(())
        });
        assert!(listening.is_some(), "nothing listens on port {port}");
    }
}

/// How long something may take on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_mins(1);

/// Looks until it is there; none where it does not come.
fn until<T>(mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let pause = Duration::from_millis(25);
    let mut waited = Duration::ZERO;
    loop {
        let found = look();
        if found.is_some() || waited > PATIENCE {
            return found;
        }
        std::thread::sleep(pause);
        waited += pause;
    }
}

#[expect(clippy::disallowed_methods, reason = "only whether something listens")]
fn is_open(address: &str, port: u16) -> bool {
    TcpStream::connect((address, port)).is_ok()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `smtp-tui session` with a script; its exit code, transcript and errors.
fn session(port: u16, script: &str) -> (i32, String) {
    session_with(port, script, PASSWORD)
}

/// The same with this password, or token.
fn session_with(port: u16, script: &str, secret: &str) -> (i32, String) {
    run(port, &["--script", "-"], script, secret)
}

/// A session that plays itself, from me@example.net.
fn automatic(port: u16, options: &[&str]) -> (i32, String) {
    automatic_at(&format!("127.0.0.1:{port}"), options)
}

/// The same with a host that is written thus.
fn automatic_at(place: &str, options: &[&str]) -> (i32, String) {
    run_at(place, &[&FROM_ME, options].concat(), "", PASSWORD)
}

const FROM_ME: [&str; 4] = ["--ehlo", "client.example.net", "--from", "me@example.net"];

/// The same to jane, with a message of this subject.
fn to_jane(port: u16, subject: &str, options: &[&str]) -> (i32, String) {
    let fixed = ["--to", "jane@example.org", "--send", "--subject", subject];
    automatic(port, &[&fixed, options].concat())
}

fn run(port: u16, options: &[&str], input: &str, secret: &str) -> (i32, String) {
    run_at(&format!("127.0.0.1:{port}"), options, input, secret)
}

fn run_at(place: &str, options: &[&str], input: &str, secret: &str) -> (i32, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_smtp-tui"))
        .args(["session", place])
        .args(options)
        .env("SMTP_TUI_PASSWORD", secret)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut stdin = child.stdin.take().expect("its input");
    // Who is not interested in it may have ended.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = [output.stdout, output.stderr].concat();
    (
        output.status.code().expect("an exit code"),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

/// Asserts that all of `words` stand in the text, in this order.
fn in_order(text: &str, words: &[&str]) {
    let mut rest = text;
    for word in words {
        let Some((_, behind)) = rest.split_once(word) else {
            panic!("`{word}` is missing, or too early: {text}");
        };
        rest = behind;
    }
}

/// A certificate for mx.example.org and its key, in `folder`.
fn certificate(folder: &Path) -> (PathBuf, PathBuf) {
    certificate_for("mx.example.org", folder, "")
}

/// The same for that name, in files that begin with `prefix`.
fn certificate_for(name: &str, folder: &Path, prefix: &str) -> (PathBuf, PathBuf) {
    let made = rcgen::generate_simple_self_signed(vec![name.to_owned()]).expect("a certificate");
    let (certificate, key) = (
        folder.join(format!("{prefix}cert.pem")),
        folder.join(format!("{prefix}key.pem")),
    );
    std::fs::write(&certificate, made.cert.pem()).expect("written");
    std::fs::write(&key, made.signing_key.serialize_pem()).expect("written");
    (certificate, key)
}

/// Hello, STARTTLS, a stranger refused, relaying refused, a message with lines of dots taken.
const DIALOGUE: &str = r#"
- {expect: 220}
- {send: EHLO client.example.net, expect: 250}
- {starttls: true, expect: 220}
- {send: EHLO client.example.net, expect: 250}
- {send: "MAIL FROM:<me@example.net>", expect: 250}
- {send: "RCPT TO:<nobody.here@example.org>", expect: 5}
- {send: "RCPT TO:<someone@elsewhere.example>", expect: 5}
- {send: "RCPT TO:<jane@example.org>", expect: 250}
- {send: DATA, expect: 354}
- message: "Subject: dots\n\nfirst\n.\n..\n.two\nlast\n"
  expect: 250
- {quit: true, expect: 221}
"#;

/// For the logins of [`auth_dialogue`].
const PASSWORD: &str = "orange-tree-9";

/// A message to an address beyond ASCII, with the subject `wide-one`; gives what was said.
fn to_a_wide_address(port: u16) -> String {
    let to = ["--to", "jürgen@example.org", "--send"];
    let (code, text) = automatic(port, &[&to[..], &["--subject", "wide-one"]].concat());
    assert_eq!(code, 0, "{text}");
    let said = ["~> MAIL", "SMTPUTF8", "~> RCPT TO:<jürgen@example.org>"];
    in_order(&text, &said);
    text
}

/// A login that has to fail, and one that has to succeed.
fn auth_dialogue(mechanism: &str, initial: bool) -> String {
    let login = |user: &str, code: u16| {
        format!(
            "- {{auth: {{mechanism: {mechanism}, user: {user}, initial: {initial}, \
             unverified: true}}, expect: {code}}}\n"
        )
    };
    format!(
        "- {{send: EHLO client.example.net, expect: 250}}
- {{starttls: true, expect: 220}}
- {{send: EHLO client.example.net, expect: 250}}
{}{}- {{quit: true, expect: 221}}
",
        login("bob", 535),
        login("ann", 235)
    )
}

/// A message in several chunks instead of DATA, with a dot alone in it.
fn chunks_dialogue() -> String {
    let line = "a line of a message that is larger than one chunk";
    let lines = format!("{line}\\n").repeat(2_000);
    format!(
        "- {{send: EHLO client.example.net, expect: 250}}\n\
         - {{send: \"MAIL FROM:<me@example.net>\", expect: 250}}\n\
         - {{send: \"RCPT TO:<jane@example.org>\", expect: 250}}\n\
         - {{message: \"Subject: chunks\\n\\n{lines}.\\n.two\\n\", bdat: true, expect: 250}}\n\
         - {{quit: true, expect: 221}}\n"
    )
}

/// Sends it, and looks for it.
fn send_in_chunks(port: u16, mail: &Path) {
    let (code, text) = session(port, &chunks_dialogue());
    assert_eq!(code, 0, "{text}");
    let chunks: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("> BDAT "))
        .collect();
    assert!(chunks.len() == 2 && chunks[1].ends_with(" LAST"), "{text}");
    let mail = delivered(mail, "Subject: chunks");
    let arrived = mail.matches("larger than one chunk\n").count();
    assert_eq!(arrived, 2_000);
    assert!(mail.contains("larger than one chunk\n.\n.two\n"), "{mail}");
}

/// What has to arrive of [`DIALOGUE`].
const BODY: &str = "first\n.\n..\n.two\nlast\n";

/// The text of the first file under `folder` that holds `subject`, once it is there. The folder
/// is a maildir or holds some: what is there is whole.
fn delivered(folder: &Path, subject: &str) -> String {
    let found = until(|| {
        let texts = walk(folder).into_iter().filter_map(|path| {
            let inside = path.strip_prefix(folder).ok()?;
            let half_written = inside.components().any(|part| part.as_os_str() == "tmp");
            (!half_written).then(|| std::fs::read_to_string(&path).ok())?
        });
        texts
            .map(|text| text.replace("\r\n", "\n"))
            .find(|text| text.contains(subject))
    });
    found.unwrap_or_else(|| {
        let around: Vec<String> = walk(folder.parent().unwrap_or(folder))
            .into_iter()
            .filter(|path| path.to_string_lossy().contains("log"))
            .filter_map(|path| std::fs::read_to_string(path).ok())
            .collect();
        panic!(
            "nothing with `{subject}` was delivered to {}: {}",
            folder.display(),
            around.join("\n")
        )
    })
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| {
            let path = entry.path();
            if path.is_dir() {
                walk(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// Whether the test runs as root, whom a mail server lets deliver for others.
fn is_root() -> bool {
    nix::unistd::Uid::effective().is_root()
}

/// Open to the unprivileged user that a server delivers as.
fn open_to_all(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).expect("permissions");
}
