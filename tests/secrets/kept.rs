//! A password that was typed or given is in no file that a run leaves behind.

use super::{HOST, MECHANISMS, RIGHT, USER, WRONG, clean, clean_files, proofs, ran_with, steps};
use crate::setup::{self, binary, ran};
use crate::terminal::Terminal;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use smtp_tui::case::{Case, Transcript};
use smtp_tui::engine::live::{self, Order, Told};
use smtp_tui::engine::script::{self, Passwords};
use smtp_tui::engine::store::Store;
use smtp_tui::net::dns::Dns;
use smtp_tui::net::smtp::Options;
use smtp_tui::report::{script_of, swaks_of};
use smtp_tui::smtp::sasl::SaslMechanism;
use smtp_tui::smtp::suggest::{Exposure, Plan};
use smtp_tui::smtp::{Ending, Login, Raw};
use smtp_tui::text::Secret;
use std::fs;

const F7: &str = "\x1b[18~";

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
    let steps = steps(&format!("{{auth: {{user: {USER}}}}}"));
    for password in [RIGHT, WRONG] {
        let folder = tempfile::tempdir().expect("a folder");
        let tmp = folder.path().join("tmp");
        fs::create_dir(&tmp).expect("a folder");
        fs::write(folder.path().join("steps.yaml"), &steps).expect("written");
        for how in [
            &["--script", "steps.yaml"][..],
            &["--batch", "--auth-user", USER],
        ] {
            let mut command = binary();
            command
                .args(["session", HOST])
                .args(["--lab", "password-refused", "--format", "json"])
                .args(how)
                .env("XDG_STATE_HOME", folder.path().join("state"))
                .env("TMPDIR", &tmp)
                .env("RUST_BACKTRACE", "1")
                .current_dir(folder.path());
            let (_, out, err) = ran_with(&mut command, password, false);
            assert!(out.contains("AUTH"), "{how:?}: {out}{err}");
            let expected = if password == RIGHT { "235 " } else { "535 " };
            assert!(out.contains(expected), "{how:?}: {out}");
            clean(password, "stdout", &out);
            clean(password, "stderr", &err);
            let files = clean_files(folder.path(), password);
            assert!(!files.is_empty());
        }
    }
}

/// A login by this mechanism, as a script does it.
async fn by_script(dns: &Dns, mechanism: &str, initial: bool, password: &str) -> Transcript {
    let auth = format!("{{auth: {{mechanism: {mechanism}, user: {USER}, initial: {initial}}}}}");
    let steps = script::read(&steps(&auth)).expect("steps");
    let (host, port) = host_and_port();
    let options = Options::default().with_defaults(host, port);
    let to = options.destination(dns, host, port).await.expect("a host");
    let passwords = Passwords::from([(USER.to_owned(), Secret::new(password.to_owned()))]);
    let network = dns.network();
    let mut each = |_: &_| {};
    let play = script::play(network, host, to, options, &steps, &passwords, &mut each);
    Box::pin(play).await.expect("a connection").transcript
}

fn host_and_port() -> (&'static str, u16) {
    let (host, port) = HOST.split_once(':').expect("a port");
    (host, port.parse().expect("a number"))
}

/// A session that a person holds: into TLS, then these orders, each after the answer to the one
/// before.
async fn by_orders(dns: &Dns, orders: Vec<Order>) -> Transcript {
    let (host, port) = host_and_port();
    let plan = Plan::new("me.example.net".parse().expect("a name"));
    let (give, mut told) = live::start(dns, host.to_owned(), port, plan, Options::default());
    let mut orders = orders.into_iter();
    let mut lines = Vec::new();
    while let Some(told) = told.recv().await {
        match told {
            Told::Line(line) => lines.push(line),
            Told::Ready {
                suggested,
                encrypted,
                because,
                ..
            } if !because.contains("handshake") => {
                let opening = !encrypted || suggested.starts_with("EHLO");
                let next = if opening { None } else { orders.next() };
                let order = match next {
                    Some(order) => order,
                    None if opening => Order::Next,
                    None => Order::Drop,
                };
                // A server that has hung up has said so.
                let _ = give.send(order);
            }
            _ => {}
        }
    }
    Transcript {
        host: host.into(),
        address: host.into(),
        port,
        transcript: lines,
        ..Transcript::default()
    }
}

/// What somebody types who logs in by hand, the response in one line with AUTH or behind it, as
/// a line or as octets; and the password itself, by mistake.
fn typed(password: &str) -> Vec<Vec<Order>> {
    let encoded = |text: String| STANDARD.encode(text);
    let plain = encoded(format!("\0{USER}\0{password}"));
    let bearer = encoded(format!("user={USER}\x01auth=Bearer {password}\x01\x01"));
    let oauth = encoded(format!("n,a={USER},\x01auth=Bearer {password}\x01\x01"));
    let (user, secret) = (encoded(USER.to_owned()), encoded(password.to_owned()));
    let dialogues = [
        vec![format!("AUTH PLAIN {plain}")],
        vec![format!("auth plain   {plain}")],
        vec!["AUTH PLAIN".to_owned(), plain],
        vec!["AUTH LOGIN".to_owned(), user.clone(), secret.clone()],
        vec![format!("AUTH LOGIN {user}"), secret],
        vec![format!("AUTH XOAUTH2 {bearer}")],
        vec![format!("AUTH OAUTHBEARER {oauth}")],
        vec!["AUTH LOGIN".to_owned(), user, password.to_owned()],
        vec!["AUTH PLAIN".to_owned(), password.to_owned()],
        vec![format!("AUTH PLAIN {password}")],
    ];
    let raw = |line: &String| Order::Raw(Raw::parse(line, Ending::CrLf).expect("octets"));
    let lines = dialogues
        .iter()
        .map(|lines| lines.iter().cloned().map(Order::Send).collect());
    let octets = dialogues
        .iter()
        .map(|lines| lines.iter().map(raw).collect());
    lines.chain(octets).collect()
}

async fn every_login(password: &str) -> Vec<Transcript> {
    let (world, dns) = setup::world(&setup::scenario("password-refused")).await;
    let mut sessions = Vec::new();
    for name in MECHANISMS {
        let mechanism = SaslMechanism::all().find(|known| known.name() == name);
        for initial in [true, false] {
            sessions.push(by_script(&dns, name, initial, password).await);
            let login = Login::new(USER, Secret::new(password.to_owned())).expect("a login");
            let login = login.by(mechanism.expect("known")).with_initial(initial);
            sessions.push(
                by_orders(
                    &dns,
                    vec![Order::LogIn(Box::new(login), Exposure::default())],
                )
                .await,
            );
        }
    }
    for orders in typed(password) {
        sessions.push(by_orders(&dns, orders).await);
    }
    world.close().await;
    sessions
}

/// The case, the reports in every format, the scripts and the lines of swaks that are written
/// of it: all by the binary, all files of one folder.
#[test]
fn whatever_is_written_of_a_login_by_any_mechanism_holds_no_secret() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for password in [RIGHT, WRONG] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut case = Case::new(Timestamp::now());
        case.sessions = runtime.block_on(every_login(password));
        let sessions = case.sessions.len();
        assert!(sessions > 4 * MECHANISMS.len(), "{sessions}");
        for session in &case.sessions {
            let lines: Vec<_> = session.transcript.iter().map(|line| &line.line).collect();
            let logs_in = |line: &str| line.to_ascii_lowercase().starts_with("auth ");
            // A refused token is told in a challenge.
            let answers = |line: &str| {
                ["235 ", "334 ey", "5"]
                    .iter()
                    .any(|code| line.starts_with(code))
            };
            assert!(lines.iter().any(|line| logs_in(line)), "{lines:#?}");
            assert!(lines.iter().any(|line| answers(line)), "{lines:#?}");
        }
        let state = folder.path().join("state");
        let store = Store::at(state.join("smtp-tui").join("cases"));
        store.save(&case).expect("saved");
        let write = |arguments: &[&str], name: &str| {
            let mut command = binary();
            command.args(["report", "last"]).args(arguments);
            command.arg("--output").arg(folder.path().join(name));
            let (code, out, err) = ran(command.env("XDG_STATE_HOME", &state));
            assert_eq!(code, 0, "{arguments:?}: {err}");
            clean(password, "what it prints", &format!("{out}{err}"));
        };
        for format in ["text", "markdown", "html", "json", "jsonl"] {
            write(&["--format", format], format);
            write(
                &["--format", format, "--redact"],
                &format!("{format}-redacted"),
            );
        }
        for form in ["script", "swaks"] {
            write(&["--as", form], form);
        }
        for (number, session) in case.sessions.iter().enumerate() {
            for (form, text) in [("script", script_of(session)), ("swaks", swaks_of(session))] {
                let name = format!("{form}-{number}");
                fs::write(folder.path().join(name), text).expect("written");
            }
        }
        let files = clean_files(folder.path(), password);
        assert_eq!(files.len(), 1 + 10 + 2 + 2 * sessions);
        for file in &files {
            let found = proofs(file);
            assert!(found.is_empty(), "{found:?}: {file}");
        }
        let with = |words: &str| files.iter().filter(|file| file.contains(words)).count();
        // Masked, and there: in the case and in the reports; in the scripts as a step.
        assert!(with("***") > 8, "{}", with("***"));
        assert!(with("auth: {mechanism:") >= 4 * MECHANISMS.len());
    }
}
