//! Each test that has a name, on a host that has its fault and on one that has not; and scripts
//! that are written from sessions.

use crate::setup;
use smtp_tui::engine::script::{self, Passwords, Played};
use smtp_tui::engine::trial::{self, Outcome, Ran, Subject};
use smtp_tui::knowledge::trial::{trial, trials};
use smtp_tui::lab::{Scenario, World};
use smtp_tui::net::dns::{Dns, Name};
use smtp_tui::net::smtp::Options;
use smtp_tui::report::{script_of, swaks_of};
use std::net::SocketAddr;

const HOST: &str = "mx1.trial-test.org";

async fn world(smtp: &str) -> (World, Dns, SocketAddr) {
    let text = format!(
        "{{name: trial, title: x, story: x, hints: [x], domain: trial-test.org, speed: 1, \
         from: someone@elsewhere.org, to: info@trial-test.org, \
         world: {{mail_hosts: [{{name: mx1.$domain, smtp: {{{smtp}}}}}]}}, \
         expect: {{status: healthy, cause: none}}, explanation: x}}"
    );
    let scenario = Scenario::from_yaml(&text).expect("a scenario");
    let (world, dns) = setup::world(&scenario).await;
    let mut name = Name::from_ascii(HOST).expect("a name");
    name.set_fqdn(true);
    let found = dns.addresses(&name).await;
    let address = *found.all().first().expect("an address");
    (world, dns, SocketAddr::new(address, 25))
}

fn subject(to: SocketAddr) -> Subject {
    Subject {
        host: HOST.to_owned(),
        to: to.into(),
        options: Options {
            name: HOST.to_owned(),
            ..Options::default()
        },
        hello: None,
        sender: "someone@elsewhere.org".parse().ok(),
        recipient: "info@trial-test.org".parse().ok(),
    }
}

async fn ran(id: &str, smtp: &str) -> Ran {
    let (world, dns, to) = world(smtp).await;
    let trial = trial(id).expect("a test");
    let mut lines = 0;
    let ran = trial::run(dns.network(), trial, &subject(to), &mut |_| lines += 1).await;
    world.close().await;
    assert!(lines > 0);
    ran
}

#[tokio::test(flavor = "multi_thread")]
async fn every_test_tells_a_fault_from_its_absence() {
    use Outcome::{Bad, Fine, Unclear, Warning};
    let nobody = "rcpt: {'*': '550 5.1.1 nobody', info: '250 2.1.5 Ok'}";
    for (id, smtp, outcome) in [
        ("open-relay", nobody, Fine),
        ("open-relay", "weak: [open-relay]", Bad),
        (
            "open-relay",
            "weak: [percent-hack], rcpt: {'*': '550 5.1.1 nobody'}",
            Bad,
        ),
        (
            "open-relay",
            "rcpt: {'someone@elsewhere.org': '450 4.2.0 later'}",
            Unclear,
        ),
        ("open-relay", "banner: '554 5.0.0 no'", Unclear),
        ("postmaster", "", Fine),
        ("postmaster", "rcpt: {postmaster: '550 5.1.1 no'}", Bad),
        ("postmaster", "rcpt: {abuse: '550 5.1.1 no'}", Warning),
        (
            "postmaster",
            "rcpt: {postmaster: '450 4.2.0 later'}",
            Unclear,
        ),
        ("vrfy", "", Fine),
        ("vrfy", "weak: [vrfy], rcpt: {info: '250 ok'}", Bad),
        ("vrfy", "weak: [expn], rcpt: {info: '250 ok'}", Bad),
        ("vrfy", "close: ehlo", Unclear),
        ("starttls-injection", "", Fine),
        ("starttls-injection", "starttls: injectable", Bad),
        ("starttls-injection", "starttls: none", Unclear),
        ("starttls-injection", "starttls: garbage", Unclear),
        ("smuggling", "", Fine),
        ("smuggling", "weak: [smuggling-lf]", Bad),
        ("smuggling", "weak: [smuggling-cr]", Bad),
        ("smuggling", "data: '451 4.3.0 later'", Unclear),
        ("early-talker", "greet_wait: true", Fine),
        ("early-talker", "", Warning),
        ("early-talker", "close: connect", Unclear),
        ("size", "", Fine),
        ("size", "weak: [size]", Warning),
        ("size", "ehlo: [PIPELINING]", Unclear),
        ("eight-bit", "", Fine),
        ("eight-bit", "weak: [eight-bit]", Bad),
        ("eight-bit", "ehlo: [PIPELINING]", Warning),
    ] {
        let ran = ran(id, smtp).await;
        let evidence = &ran.judged.evidence;
        assert_eq!(ran.judged.outcome, outcome, "{id}, {smtp}: {evidence:#?}");
        let said = ran.sessions.iter().flat_map(|session| &session.transcript);
        let data = said.filter(|line| line.line.as_str() == "DATA").count();
        let delivers = trial(id).expect("a test").delivers;
        assert!(delivers || data == 0, "{id} sends a message");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_ends_that_a_host_falls_for_are_named() {
    let ran = ran("smuggling", "weak: [smuggling-cr]").await;
    let taken: Vec<_> = ran
        .judged
        .evidence
        .iter()
        .filter(|line| line.contains("TAKEN"))
        .filter_map(|line| line.split(':').next())
        .collect();
    assert_eq!(taken, ["<CR>.<CR>", "<CR>.<CR><LF>"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_addresses_no_test_says_fine() {
    let (world, dns, to) = world("").await;
    for trial in trials().iter().filter(|trial| !trial.needs.is_empty()) {
        let nobody = Subject {
            sender: None,
            recipient: None,
            ..subject(to)
        };
        let ran = trial::run(dns.network(), trial, &nobody, &mut |_| {}).await;
        assert_eq!(ran.judged.outcome, Outcome::Unclear, "{}", trial.id);
        assert!(ran.sessions.is_empty());
    }
    world.close().await;
}

async fn play(dns: &Dns, to: SocketAddr, text: &str) -> Played {
    let steps = script::read(text).expect("a script");
    let options = subject(to).options;
    let none = Passwords::new();
    script::play(
        dns.network(),
        HOST,
        to.into(),
        options,
        &steps,
        &none,
        &mut |_| {},
    )
    .await
    .expect("a connection")
}

/// What was said, without times, and codes in the place of the server's words.
fn essence(played: &Played) -> Vec<String> {
    let lines = &played.transcript.transcript;
    let said = lines
        .iter()
        .filter(|line| line.from != smtp_tui::case::From::Event);
    said.map(|line| match line.code {
        Some(code) => code.get().to_string(),
        None => line.line.to_string(),
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_written_from_a_session_plays_the_same() {
    let (world, dns, to) = world("rcpt: {nobody: '550 5.1.1 no such user'}").await;
    let scripts = [
        "- {expect: 220, matches: ESMTP}
- {name: hello, send: EHLO client.example, expect: '2yz', matches: PIPELINING}
- {starttls: true, expect: [220, 454]}
- {send: EHLO client.example, expect: 250}
- {send: ['MAIL FROM:<a@b.example>', 'RCPT TO:<nobody@trial-test.org>', 'RCPT TO:<info@trial-test.org>', DATA], expect: [2, 5.1.1, 250, 354]}
- {raw: 'Subject: typed\\n'}
- {raw: '\\r\\n\\r\\nbody\\n.\\nmore\\x00\\r\\n.\\r\\n', expect: 250}
- {quit: true, expect: 221}
",
        "- {send: EHLO client.example}
- {raw: \"VRFY in\"}
- {raw: \"fo\\r\\nNOOP\\r\\n\", expect: 252}
- {expect: 250, timeout: 20}
- {send: NOOP, end: lf, expect: 250}
- {send: FOO, expect: 500}
- {drop: true}
",
        "- {send: EHLO client.example, expect: 250}
- {send: 'MAIL FROM:<a@b.example>', expect: 250}
- {send: 'RCPT TO:<info@trial-test.org>', expect: 250}
- {send: DATA, expect: 354}
- {message: \"Subject: x\\n\\n.\\nlast\\n\", expect: 250}
- {send: QUIT, expect: closed}
",
    ];
    for text in scripts {
        let first = play(&dns, to, text).await;
        assert_eq!(first.result, Ok(()), "{:#?}", first.transcript);
        assert!(first.steps.iter().all(|step| step.ok));
        let written = script_of(&first.transcript);
        let second = play(&dns, to, &written).await;
        assert_eq!(second.result, Ok(()), "{written}");
        assert_eq!(essence(&second), essence(&first), "{written}");
    }
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_script_says_what_did_not_come() {
    let (world, dns, to) = world("").await;
    for (text, words) in [
        (
            "- {send: EHLO x, matches: NOSUCHTHING}",
            "step 1: expected a text matching",
        ),
        (
            "- {send: [EHLO x, NOOP], expect: [250, 4]}",
            "step 1: expected 4yz",
        ),
        ("- {send: VRFY x, expect: 5.1.1}", "step 1: expected 5.1.1"),
        (
            "- {expect: 220}\n- {expect: 250, timeout: 1}",
            "step 2: no answer within 1 s",
        ),
        (
            "- {drop: true}\n- {send: NOOP}",
            "step 2: the session was over",
        ),
    ] {
        let played = play(&dns, to, text).await;
        let stop = played.result.clone().expect_err(text).to_string();
        assert!(stop.starts_with(words), "{stop}");
        let json = serde_json::to_value(&played).expect("JSON");
        assert!(json["transcript"].is_array() && json["host"] == HOST);
        assert_eq!(json["result"]["why"], stop.as_str());
    }
    world.close().await;
}

/// Runs the line of swaks against a loopback port that a real script player would see.
#[tokio::test(flavor = "multi_thread")]
async fn the_line_for_swaks_says_the_same() {
    let (world, dns, to) = world("").await;
    let played = play(
        &dns,
        to,
        "- {send: EHLO client.example, expect: 250}
- {send: 'MAIL FROM:<\"a;$(id)\"@b.example>', expect: 250}
- {send: 'RCPT TO:<info@trial-test.org>', expect: 250}
- {send: QUIT, expect: 221}
",
    )
    .await;
    world.close().await;
    let line = swaks_of(&played.transcript);
    if std::process::Command::new("swaks")
        .arg("--version")
        .output()
        .is_err()
    {
        // As in tests/servers: said, not failed.
        println!("swaks is not installed: skipped");
        return;
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let server = std::thread::spawn(move || said_to(&listener));
    let line = line
        .replace(&format!("--server {HOST}"), "--server 127.0.0.1")
        .replace("--port 25", &format!("--port {port}"));
    let output = std::process::Command::new("sh")
        .args(["-c", &line])
        .output()
        .expect("it runs");
    let said = server.join().expect("the server");
    let expected: Vec<String> = essence(&played)
        .into_iter()
        .filter(|line| line.parse::<u16>().is_err())
        .collect();
    assert_eq!(
        said,
        expected,
        "{line}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A server that says yes to everything; what it heard up to QUIT.
fn said_to(listener: &std::net::TcpListener) -> Vec<String> {
    use std::io::{BufRead as _, BufReader, Write as _};
    let (stream, _) = listener.accept().expect("a connection");
    let mut writer = stream.try_clone().expect("a clone");
    writer.write_all(b"220 x\r\n").expect("written");
    let mut said = Vec::new();
    for line in BufReader::new(stream).lines() {
        let Ok(line) = line else { break };
        let quit = line == "QUIT";
        said.push(line);
        writer
            .write_all(if quit { b"221 x\r\n" } else { b"250 x\r\n" })
            .expect("written");
        if quit {
            break;
        }
    }
    said
}
