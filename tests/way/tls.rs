//! On which terms TLS is begun, and what is told of it.

use super::server::{Authority, Server, Tls, When};
use super::{HELLO, Ran, STARTTLS, batch, script};
use rustls::version::{TLS12, TLS13};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The files of a test.
struct Files(TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.path(name);
        fs::write(&path, text).expect("written");
        shown(&path)
    }
}

fn shown(path: &Path) -> String {
    path.to_str().expect("UTF-8").to_owned()
}

#[test]
fn a_client_certificate_is_shown_to_a_server_that_demands_one() {
    let (authority, clients, stranger) = (Authority::new(), Authority::new(), Authority::new());
    let files = Files::new();
    let write = |authority: &Authority, name: &str| {
        let (certificate, key) = authority.pair("client.example.net");
        let certificate = files.write(&format!("{name}.pem"), &certificate);
        (certificate, files.write(&format!("{name}.key"), &key))
    };
    let (good, bad) = (write(&clients, "good"), write(&stranger, "bad"));
    for versions in [&[&TLS12][..], &[&TLS13]] {
        for on_connect in [false, true] {
            let start = || {
                let tls = Tls::with(&authority, "localhost", versions, Some(&clients));
                let when = if on_connect {
                    When::OnConnect(tls.config)
                } else {
                    When::StartTls(tls.config)
                };
                Server::start(when)
            };
            let run = |server: &Server, more: &[&str]| {
                let place = server.at("localhost");
                let policy = if on_connect { "on-connect" } else { "optional" };
                batch(&[&[place.as_str(), "--tls", policy], more].concat())
            };
            let server = start();
            let ran = run(
                &server,
                &["--client-cert", &good.0, "--client-key", &good.1],
            );
            ran.ended(0, "");
            ran.tells("the server asked for a client certificate; it was shown");
            assert_eq!(ran.json()["tls"]["client_certificate_asked"], true);
            let heard = server.heard();
            assert_eq!(heard.client_certificates, 1);
            assert!(
                heard.inside.contains(&"RCPT TO:<a@b.example>".to_owned()),
                "{heard:?}"
            );

            let server = start();
            let ran = run(&server, &[]);
            ran.ended(
                69,
                "the server demands a client certificate, and none was shown",
            );
            ran.tells("the server asked for a client certificate; there is none to show");
            assert!(server.heard().inside.is_empty());

            let server = start();
            let ran = run(&server, &["--client-cert", &bad.0, "--client-key", &bad.1]);
            ran.ended(69, "alert UnknownCA");
            ran.tells("the server asked for a client certificate; it was shown");
            assert!(server.heard().inside.is_empty());
        }
    }
    let ran = batch(&[
        "localhost",
        "--client-cert",
        &good.0,
        "--client-key",
        &bad.1,
    ]);
    ran.ended(65, "the private key is not that of the certificate");
    let ran = batch(&[
        "localhost",
        "--client-cert",
        "/no/such",
        "--client-key",
        &bad.1,
    ]);
    ran.ended(66, "reading the client certificate `/no/such`");
    batch(&["localhost", "--client-cert", &good.0]).ended(64, "--client-key");
}

#[test]
fn the_versions_of_tls_can_be_bounded() {
    let authority = Authority::new();
    let refused = "the server takes none of the versions that were offered";
    for (versions, options, wanted) in [
        (&[&TLS12][..], "--tls-min 1.2", Ok("TLS 1.2")),
        (&[&TLS12], "--tls-max 1.2", Ok("TLS 1.2")),
        (&[&TLS12], "--tls-min 1.3", Err(refused)),
        (&[&TLS13], "--tls-min 1.3", Ok("TLS 1.3")),
        (&[&TLS13], "--tls-max 1.2", Err(refused)),
        (&[&TLS12, &TLS13], "--tls-max 1.2", Ok("TLS 1.2")),
        (&[&TLS12, &TLS13], "--tls-max 1.3", Ok("TLS 1.3")),
    ] {
        let tls = Tls::with(&authority, "localhost", versions, None);
        let server = Server::start(When::StartTls(tls.config));
        let place = server.at("localhost");
        let options: Vec<&str> = options.split(' ').collect();
        let ran = script(STARTTLS, &[&[place.as_str()], &options[..]].concat());
        match wanted {
            Ok(version) => {
                ran.ended(0, "");
                assert_eq!(ran.json()["tls"]["protocol"], version);
                ran.tells(&format!("inside TLS now: {version}"));
            }
            Err(words) => {
                ran.ended(69, words);
                ran.tells(words);
                let json = ran.json();
                assert!(json["tls"]["protocol"].is_null(), "{json}");
            }
        }
        assert_eq!(server.heard().handshake, wanted.is_ok());
    }
    let ran = script(
        HELLO,
        &["localhost", "--tls-min", "1.3", "--tls-max", "1.2"],
    );
    ran.ended(64, "no version of TLS lies between");
}

#[test]
fn the_server_sees_the_name_that_was_chosen() {
    let authority = Authority::new();
    for (host, options, seen) in [
        ("localhost", &[][..], Some("localhost")),
        (
            "localhost",
            &["--sni", "other.example.test"],
            Some("other.example.test"),
        ),
        ("localhost", &["--no-sni"], None),
        ("127.0.0.1", &[], None),
        (
            "127.0.0.1",
            &["--sni", "other.example.test"],
            Some("other.example.test"),
        ),
    ] {
        let tls = Tls::new(&authority, "localhost");
        let server = Server::start(When::StartTls(tls.config));
        let place = server.at(host);
        let ran = script(STARTTLS, &[&[place.as_str()], options].concat());
        ran.ended(0, "");
        assert_eq!(ran.json()["tls"]["server_name"].as_str(), seen);
        assert_eq!(server.heard().sni.as_deref(), seen, "{host} {options:?}");
    }
}

#[test]
fn a_certificate_is_judged_by_the_given_authorities_and_for_the_given_name() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let files = Files::new();
    let ours = files.write("ours.pem", &authority.pem());
    let theirs = files.write("theirs.pem", &stranger.pem());
    let no_name = "it is not for the name `";
    for (host, ca, more, wanted) in [
        ("localhost", &ours, &["--verify", "yes"][..], Ok(true)),
        (
            "localhost",
            &theirs,
            &["--verify", "yes"],
            Err("no known authority has issued it"),
        ),
        ("localhost", &theirs, &["--verify", "no"], Ok(false)),
        ("localhost", &ours, &[], Ok(true)),
        ("127.0.0.1", &ours, &["--verify", "yes"], Err(no_name)),
        (
            "127.0.0.1",
            &ours,
            &["--verify", "yes", "--verify-name", "localhost"],
            Ok(true),
        ),
        (
            "localhost",
            &ours,
            &["--verify", "yes", "--verify-name", "other.example.test"],
            Err(no_name),
        ),
        // What is sent in SNI is not what is verified.
        (
            "localhost",
            &ours,
            &["--verify", "yes", "--sni", "other.example.test"],
            Ok(true),
        ),
    ] {
        for on_connect in [false, true] {
            let tls = Tls::new(&authority, "localhost");
            let (when, policy) = if on_connect {
                (When::OnConnect(tls.config), "on-connect")
            } else {
                (When::StartTls(tls.config), "optional")
            };
            let server = Server::start(when);
            let place = server.at(host);
            let fixed = [place.as_str(), "--ca-file", ca, "--tls", policy];
            let ran = batch(&[&fixed[..], more].concat());
            judged(&ran, wanted, on_connect);
            let heard = server.heard();
            // Nothing goes on in clear where the handshake failed.
            assert!(
                !heard.clear.iter().any(|line| line.starts_with("MAIL")),
                "{heard:?}"
            );
            assert_eq!(heard.inside.is_empty(), wanted.is_err(), "{heard:?}");
        }
    }
    let text = files.write("text.pem", "no certificate\n");
    let ran = batch(&["localhost", "--ca-file", &text, "--verify", "yes"]);
    ran.ended(65, "it holds no certificate");
    let ran = batch(&["localhost", "--ca-file", "/no/such", "--verify", "yes"]);
    ran.ended(66, "reading the authorities `/no/such`");
}

#[track_caller]
fn judged(ran: &Ran, wanted: Result<bool, &str>, on_connect: bool) {
    let json = ran.json();
    // Either way the transcript has the chain.
    ran.tells("certificate 1 of 1: ");
    assert_eq!(
        json["tls"]["certificates"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(json["tls"]["verified"], wanted == Ok(true), "{json}");
    match wanted {
        Ok(good) => {
            ran.ended(0, "");
            ran.tells(if good {
                "; the certificate verifies"
            } else {
                "; the certificate does not verify"
            });
        }
        Err(words) => {
            ran.ended(69, words);
            ran.tells("the TLS handshake failed: ");
            if on_connect {
                let lines = json["transcript"].as_array().expect("lines");
                assert!(
                    lines.iter().all(|line| line["encrypted"] == false),
                    "{json}"
                );
            }
        }
    }
}

#[test]
fn tls_that_is_required_is_not_done_without() {
    let server = Server::start(When::Never);
    let ran = batch(&[&server.at("localhost"), "--tls", "required"]);
    ran.ended(1, "");
    assert_eq!(server.heard().clear, ["EHLO me.example.net", "QUIT"]);
    let authority = Authority::new();
    let server = Server::start(When::StartTls(Tls::new(&authority, "localhost").config));
    let ran = batch(&[&server.at("localhost"), "--tls", "required"]);
    ran.ended(0, "");
    assert_eq!(server.heard().clear, ["EHLO me.example.net", "STARTTLS"]);
}

#[test]
fn tls_that_is_not_wanted_is_left_aside() {
    let authority = Authority::new();
    let server = Server::start(When::StartTls(Tls::new(&authority, "localhost").config));
    let ran = batch(&[&server.at("localhost"), "--tls", "never"]);
    ran.ended(0, "");
    let heard = server.heard();
    assert!(heard.inside.is_empty() && !heard.handshake);
    assert!(
        heard.clear.contains(&"RCPT TO:<a@b.example>".to_owned()),
        "{heard:?}"
    );
}

#[test]
fn tls_from_the_first_byte_is_for_any_port() {
    let authority = Authority::new();
    for options in [&["--tls", "on-connect"][..], &["--tls-on-connect"]] {
        let server = Server::start(When::OnConnect(Tls::new(&authority, "localhost").config));
        let place = server.at("localhost");
        let ran = script(HELLO, &[&[place.as_str()], options].concat());
        ran.ended(0, "");
        ran.tells("certificate 1 of 1: ");
        ran.tells("inside TLS now: TLS 1.3");
        assert_eq!(server.heard().inside, ["EHLO me.example.net", "QUIT"]);
    }
    // Behind a header it is TLS from the next byte.
    let tls = Tls::new(&authority, "localhost");
    let server = Server::behind(When::OnConnect(tls.config), Some(2));
    let place = server.at("localhost");
    script(
        HELLO,
        &[&place, "--tls-on-connect", "--proxy-protocol", "v2"],
    )
    .ended(0, "");
    let heard = server.heard();
    assert_eq!((heard.header.len(), heard.inside.len()), (28, 2));
    // What speaks in clear is told as it is.
    let server = Server::start(When::Never);
    let ran = script(HELLO, &[&server.at("localhost"), "--tls-on-connect"]);
    ran.ended(69, "TLS with localhost: ");
    ran.tells("connected");
    ran.tells("the TLS handshake failed: ");
    assert!(ran.json()["tls"]["protocol"].is_null());
}

#[test]
fn a_chain_is_saved_once_and_over_nothing() {
    let authority = Authority::new();
    let files = Files::new();
    let start = || {
        let tls = Tls::new(&authority, "localhost");
        (Server::start(When::StartTls(tls.config)), tls.pem)
    };
    let refused = "[{send: EHLO me.example.net, expect: 550}]";
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();

    let (server, pem) = start();
    let path = shown(&files.path("chain.pem"));
    script(STARTTLS, &[&server.at("localhost"), "--save-chain", &path]).ended(0, "");
    assert_eq!(
        lines(&fs::read_to_string(&path).expect("a file")),
        lines(&pem)
    );

    let (server, other) = start();
    let ran = script(STARTTLS, &[&server.at("localhost"), "--save-chain", &path]);
    ran.ended(73, &format!("writing the chain to `{path}`"));
    assert_ne!(other, pem);
    assert_eq!(
        lines(&fs::read_to_string(&path).expect("a file")),
        lines(&pem)
    );

    // The session's own end comes first, and both are told.
    let (server, _) = start();
    let steps = STARTTLS.replace("{quit: true}", "{send: VRFY a, expect: 250}");
    let ran = script(&steps, &[&server.at("localhost"), "--save-chain", &path]);
    ran.ended(1, "expected 250, and the server said 500 what");
    ran.ended(1, &format!("writing the chain to `{path}`"));

    // The chain is what one wants of a handshake that failed.
    let (server, pem) = start();
    let path = shown(&files.path("failed.pem"));
    let ca = files.write("other.pem", &Authority::new().pem());
    let place = server.at("localhost");
    let fixed = [place.as_str(), "--verify", "yes", "--ca-file", &ca];
    batch(&[&fixed[..], &["--save-chain", &path]].concat())
        .ended(69, "no known authority has issued it");
    assert_eq!(
        lines(&fs::read_to_string(&path).expect("a file")),
        lines(&pem)
    );

    let path = files.path("none.pem");
    for (steps, code) in [(HELLO, 69), (refused, 1)] {
        let server = Server::start(When::Never);
        let ran = script(
            steps,
            &[&server.at("localhost"), "--save-chain", &shown(&path)],
        );
        ran.ended(code, "no certificate was shown");
        assert!(!path.exists());
    }
}

#[test]
fn a_transcript_tells_of_the_chain() {
    let authority = Authority::new();
    let server = Server::start(When::StartTls(Tls::new(&authority, "localhost").config));
    let ran = script(STARTTLS, &[&server.at("localhost")]);
    ran.ended(0, "");
    let json = ran.json();
    let certificate = &json["tls"]["certificates"][0];
    let events = ran.events();
    let line = events
        .iter()
        .find(|line| line.starts_with("certificate 1 of 1: "));
    let line = line.expect("a line");
    for part in [
        "issued by ".to_owned(),
        "for localhost".to_owned(),
        "valid ".to_owned(),
        format!("key {}", certificate["key"].as_str().expect("a key")),
        format!(
            "SHA-256 {}",
            certificate["sha256"].as_str().expect("a digest")
        ),
    ] {
        assert!(line.contains(&part), "{part} in {line}");
    }
    assert_eq!(json["tls"]["verified"], false);
}
