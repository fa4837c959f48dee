//! How a session's connection is made: the binary against servers and proxies on loopback.

mod server;
mod tls;

use assert_cmd::Command;
use serde_json::Value;
use server::{Server, Socks, When};
use std::fs;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::thread;
use std::time::Duration;

const HELLO: &str = "[{expect: 220}, {send: EHLO me.example.net, expect: 250}, {quit: true}]";
const STARTTLS: &str = "[{send: EHLO me.example.net, expect: 250}, {starttls: true, expect: 220}, {send: EHLO me.example.net, expect: 250}, {quit: true}]";

/// How a run ended.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|_| panic!("JSON: {}{}", self.out, self.err))
    }

    /// The lines of the transcript that neither side said.
    fn events(&self) -> Vec<String> {
        let json = self.json();
        let lines = json["transcript"].as_array().expect("a transcript").clone();
        let events = lines.into_iter().filter(|line| line["from"] == "event");
        events
            .map(|line| line["line"].as_str().expect("a line").to_owned())
            .collect()
    }

    #[track_caller]
    fn ended(&self, code: i32, words: &str) {
        let (out, err) = (&self.out, &self.err);
        assert_eq!(self.code, code, "{out}{err}");
        assert!(err.contains(words), "`{words}` in {err}, beside {out}");
    }

    #[track_caller]
    fn tells(&self, words: &str) {
        let events = self.events();
        let told = events.iter().any(|line| line.contains(words));
        assert!(told, "`{words}` in {events:#?}, {}", self.err);
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smtp-tui"));
    command
        .arg("session")
        .args(arguments)
        .args(["--format", "json"])
        .env_remove("SMTP_TUI_PROXY_PASSWORD")
        .env("RUST_BACKTRACE", "1")
        .timeout(Duration::from_mins(1));
    command
}

fn end(mut command: Command) -> Ran {
    let output = command.output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Ran {
        code: output.status.code().expect("an exit code"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

fn script(steps: &str, arguments: &[&str]) -> Ran {
    let mut command = command(arguments);
    command.args(["--script", "-"]).write_stdin(steps);
    end(command)
}

fn batch(arguments: &[&str]) -> Ran {
    let mut command = command(arguments);
    command.args(["--batch", "--ehlo", "me.example.net", "--to", "a@b.example"]);
    end(command)
}

const PASSWORD: &str = "hunter2-of-the-proxy";

#[test]
fn a_socks_proxy_looks_the_name_up_and_grants_the_connection() {
    let login = Some(("me", PASSWORD));
    for (wanted, user, from_environment) in [
        (None, "", false),
        (login, "me:hunter2-of-the-proxy@", false),
        (login, "me@", true),
    ] {
        let proxy = Socks::start(wanted, 0);
        let url = format!("socks5://{user}127.0.0.1:{}", proxy.port);
        // Nobody but the proxy could know this name.
        let mut command = command(&["mx.example.test:2525", "--proxy", &url, "--script", "-"]);
        command.write_stdin(HELLO);
        if from_environment {
            command.env("SMTP_TUI_PROXY_PASSWORD", PASSWORD);
        }
        let ran = end(command);
        ran.ended(0, "");
        let json = ran.json();
        assert_eq!(json["host"], "mx.example.test");
        assert_eq!(json["port"], 2525);
        let shown = format!("socks5://127.0.0.1:{}", proxy.port);
        assert_eq!(json["address"], shown.as_str());
        assert!(!format!("{}{}", ran.out, ran.err).contains(PASSWORD));
        let wish = proxy.wish();
        assert_eq!(wish.target, Some((3, "mx.example.test".into(), 2525)));
        assert_eq!(wish.login.is_some(), wanted.is_some());
        let given = wish
            .login
            .map(|(user, password)| format!("{user} {password}"));
        assert_eq!(
            given,
            wanted.map(|(user, password)| format!("{user} {password}"))
        );
    }
    let proxy = Socks::start(None, 0);
    let url = format!("socks5h://127.0.0.1:{}", proxy.port);
    batch(&["192.0.2.7", "--proxy", &url]).ended(0, "");
    let target = proxy.wish().target;
    assert_eq!(target, Some((1, "192.0.2.7".into(), 25)));
}

#[test]
fn a_socks_proxy_that_does_not_help_says_why() {
    for (login, answer, url_login, words) in [
        (None, 5, "", "Connection refused"),
        (None, 4, "", "Host unreachable"),
        (None, 2, "", "not allowed"),
        (
            Some(("me", "another")),
            0,
            "me:hunter2-of-the-proxy@",
            "the proxy does not take the login",
        ),
        (
            Some(("me", PASSWORD)),
            0,
            "",
            "the proxy wants another login than was given",
        ),
    ] {
        let proxy = Socks::start(login, answer);
        let url = format!("socks5://{url_login}127.0.0.1:{}", proxy.port);
        let ran = script(HELLO, &["mx.example.test", "--proxy", &url]);
        ran.ended(69, words);
        let start = format!("error: socks5://127.0.0.1:{}: ", proxy.port);
        assert!(ran.err.starts_with(&start), "{}", ran.err);
        assert!(!format!("{}{}", ran.out, ran.err).contains(PASSWORD));
        proxy.wish();
    }
    // A mail server is no proxy.
    let server = Server::start(When::Never);
    let url = format!("socks5://{}", server.at("127.0.0.1"));
    script(HELLO, &["mx.example.test", "--proxy", &url]).ended(69, "is no SOCKS5 proxy");
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let port = nobody.local_addr().expect("an address").port();
    drop(nobody);
    let url = format!("socks5://me:{PASSWORD}@127.0.0.1:{port}");
    let ran = script(HELLO, &["mx.example.test", "--proxy", &url]);
    ran.ended(69, "refused the connection");
    assert!(!ran.err.contains(PASSWORD), "{}", ran.err);
}

#[test]
fn a_unix_socket_is_a_way_to_a_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lmtp");
    let listener = UnixListener::bind(&path).expect("a socket");
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        let mut heard = Vec::new();
        server::converse(&mut stream, true, false, &mut heard).expect("a session");
        heard
    });
    let path = path.to_str().expect("UTF-8");
    let ran = script(HELLO, &["mx.example.test", "--unix", path]);
    ran.ended(0, "");
    assert_eq!(ran.json()["address"], format!("unix:{path}").as_str());
    assert_eq!(
        server.join().expect("the server"),
        ["EHLO me.example.net", "QUIT"]
    );
    let ran = script(HELLO, &["mx.example.test", "--unix", "/no/such/socket"]);
    ran.ended(69, "unix:/no/such/socket: No such file");
}

/// A server in shell, with a process beside it that would stay.
fn shell(pid: &str) -> String {
    format!(
        "sleep 600 & echo $! > '{pid}'; echo 'the pipe warms up' >&2; printf '220 mx\\r\\n'; \
         while read verb rest; do case \"$verb\" in \
         QUIT*) printf '221 bye\\r\\n';; *) printf '250 ok\\r\\n';; esac; done; wait"
    )
}

/// Gone, or dead and not yet taken away by whoever is its parent now.
fn is_gone(pid: &str) -> bool {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => stat
            .rsplit(')')
            .next()
            .is_some_and(|rest| rest.trim_start().starts_with('Z')),
        Err(_) => true,
    }
}

#[test]
fn a_command_is_a_way_to_a_server_and_ends_with_the_session() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, steps) in [
        ("quit", HELLO),
        (
            "drop",
            "[{send: EHLO me.example.net, expect: 250}, {drop: true}]",
        ),
        ("unexpected", "[{send: EHLO me.example.net, expect: 550}]"),
    ] {
        let file = folder.path().join(name);
        let ran = script(
            steps,
            &[
                "mx.example.test",
                "--pipe",
                &shell(file.to_str().expect("UTF-8")),
            ],
        );
        ran.ended(i32::from(name == "unexpected"), "");
        assert_eq!(ran.json()["address"], "a command");
        ran.tells("the pipe warms up");
        let pid = fs::read_to_string(&file).expect("a number");
        let pid = pid.trim();
        for _ in 0..200 {
            if is_gone(pid) {
                break;
            }
            thread::sleep(Duration::from_millis(50));
        }
        assert!(is_gone(pid), "{name}: the process {pid} is still there");
    }
    let ran = script(
        HELLO,
        &["mx.example.test", "--pipe", "echo no way >&2; exit 7"],
    );
    ran.ended(69, "");
    ran.tells("no way");
    ran.tells("the command ended: exit status: 7");
    let command = "echo no way >&2; exit 7";
    let ran = script(
        HELLO,
        &["mx.example.test", "--tls-on-connect", "--pipe", command],
    );
    ran.ended(69, "TLS with mx.example.test: ");
    ran.tells("no way");
    ran.tells("the command ended: exit status: 7");
}

#[test]
fn a_proxy_header_goes_first() {
    let script_of = |server: &Server, more: &[&str]| {
        let place = server.at("127.0.0.1");
        let ran = script(
            HELLO,
            &[&[place.as_str(), "--proxy-protocol"], more].concat(),
        );
        ran.ended(0, "");
        ran
    };
    let server = Server::behind(When::Never, Some(1));
    let port = server.port;
    let ran = script_of(&server, &["v1"]);
    let heard = server.heard();
    let peer = heard.peer.expect("a client");
    let wanted = format!("PROXY TCP4 127.0.0.1 127.0.0.1 {} {port}\r\n", peer.port());
    assert_eq!(String::from_utf8_lossy(&heard.header), wanted);
    assert_eq!(heard.clear, ["EHLO me.example.net", "QUIT"]);
    let words = format!("PROXY header version 1 sent: from {peer} to 127.0.0.1:{port}");
    assert_eq!(ran.events().get(1), Some(&words), "{:?}", ran.events());

    let server = Server::behind(When::Never, Some(2));
    let port = server.port.to_be_bytes();
    script_of(&server, &["v2", "--proxy-source", "192.0.2.7:4711"]);
    let wanted = [
        &b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"[..],
        &[192, 0, 2, 7, 127, 0, 0, 1, 0x12, 0x67],
        &port,
    ];
    assert_eq!(server.heard().header, wanted.concat());

    let server = Server::behind(When::Never, Some(1));
    script_of(
        &server,
        &[
            "v1",
            "--proxy-source",
            "[2001:db8::7]:4711",
            "--proxy-dest",
            "[2001:db8::1]:25",
        ],
    );
    let header = server.heard().header;
    assert_eq!(
        String::from_utf8_lossy(&header),
        "PROXY TCP6 2001:db8::7 2001:db8::1 4711 25\r\n"
    );
    // Through a proxy nobody here knows the ends.
    let proxy = Socks::start(None, 0);
    let url = format!("socks5://127.0.0.1:{}", proxy.port);
    let ran = script(
        HELLO,
        &["mx.example.test", "--proxy", &url, "--proxy-protocol", "v1"],
    );
    ran.tells("PROXY header version 1 sent, without addresses");
    proxy.wish();
}

#[test]
fn a_connection_leaves_from_the_port_that_was_chosen() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a socket");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let server = Server::start(When::Never);
    script(
        HELLO,
        &[&server.at("127.0.0.1"), "--source-port", &port.to_string()],
    )
    .ended(0, "");
    assert_eq!(server.heard().peer.map(|peer| peer.port()), Some(port));
}

/// The same port on both addresses of this machine; each server names its own.
#[test]
fn one_version_of_ip_can_be_chosen() {
    let (four, six) = (0..50)
        .find_map(|_| {
            let four = TcpListener::bind("127.0.0.1:0").expect("a socket");
            let port = four.local_addr().expect("an address").port();
            Some((four, TcpListener::bind(("::1", port)).ok()?))
        })
        .expect("a port that is free on both");
    let port = four.local_addr().expect("an address").port();
    let serve = |listener: TcpListener| {
        thread::spawn(move || {
            while let Ok((mut stream, _)) = listener.accept() {
                let _ = server::converse(&mut stream, true, false, &mut Vec::new());
            }
        })
    };
    let _both = (serve(four), serve(six));
    for (host, option, address) in [
        ("localhost", "-4", "127.0.0.1"),
        ("localhost", "-6", "::1"),
        ("localhost", "--ipv4", "127.0.0.1"),
        ("localhost", "--ipv6", "::1"),
        ("[::1]", "-6", "::1"),
    ] {
        let ran = script(HELLO, &[&format!("{host}:{port}"), option]);
        ran.ended(0, "");
        assert_eq!(ran.json()["address"], address, "{host} {option}");
    }
    let ran = script(HELLO, &[&format!("[::1]:{port}"), "-4"]);
    ran.ended(69, "`::1` has no IPv4 address");
    let ran = script(HELLO, &[&format!("127.0.0.1:{port}"), "-6"]);
    ran.ended(69, "`127.0.0.1` has no IPv6 address");
    script(HELLO, &[&format!("localhost:{port}"), "-4", "-6"]).ended(64, "");
}

#[test]
fn localhost_is_whichever_address_something_listens_at() {
    let six = TcpListener::bind("[::1]:0").expect("a socket");
    let place = format!("localhost:{}", six.local_addr().expect("an address").port());
    let server = thread::spawn(move || {
        let (mut stream, _) = six.accept().expect("a client");
        let _ = server::converse(&mut stream, true, false, &mut Vec::new());
    });
    // IPv4 was asked for, and nobody is there.
    script(HELLO, &[&place, "-4"]).ended(69, "refused the connection");
    let ran = script(HELLO, &[&place]);
    ran.ended(0, "");
    ran.tells("refused the connection; this is ::1");
    assert_eq!(ran.json()["address"], "::1");
    server.join().expect("the server");
    // The socket is closed: nobody is at either. Told is the one that comes first.
    script(HELLO, &[&place]).ended(69, "127.0.0.1");
}
