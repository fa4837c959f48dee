use super::*;
use crate::case::{CheckState, Finding};
use crate::check::{Check, Context, Observations, Request, Row, SubmissionPlace};
use crate::knowledge::finding::Severity;
use crate::knowledge::question::QuestionId;
use crate::net::dns::Dns;
use crate::net::loopback::{Authority, World, http};
use crate::net::tls::Trust;
use crate::net::{Transport, Way};
use crate::smtp::Login;
use crate::text::Secret;
use std::sync::Arc;

fn request() -> Request {
    Request::new(&"example.org".parse().unwrap())
}

/// Runs the check in this world.
async fn run(
    request: Request,
    world: &World,
    trust: Trust,
    resolver: std::net::SocketAddr,
) -> Observations {
    let context = Context {
        request: Arc::new(request),
        dns: Dns::new(world.network(trust), vec![resolver]),
        note: Arc::new(|_, _| {}),
    };
    let mut seen = Observations::default();
    let check = Check::Submission;
    let observation = crate::check::ask(&check, &context, &seen).await;
    seen.record(&check, observation);
    seen
}

fn shown_row(seen: &Observations) -> Row {
    row(&request(), seen).unwrap()
}

fn judged(seen: &Observations) -> Vec<Finding> {
    judge(&request(), seen)
}

fn measured(seen: &Observations) -> Vec<(QuestionId, String)> {
    let answers = measure(&request(), seen);
    answers
        .into_iter()
        .map(|(question, answer)| (question, answer.joined()))
        .collect()
}

/// Providers' hosts, as far as they are compared with.
const PROVIDERS: &str = "smtp.gmail.com A 198.51.100.1\nsmtp.mail.yahoo.com A 198.51.100.2\n";
const THEIRS: [&str; 4] = [
    "198.51.100.1:587",
    "198.51.100.1:465",
    "198.51.100.2:587",
    "198.51.100.2:465",
];

/// What an ordinary server answers, with these EHLO keywords before and after STARTTLS.
fn ordinary(clear: &'static str, inside: &'static str) -> impl Fn(&str, bool) -> String + Clone {
    move |line, tls| {
        let keyword = if tls { inside } else { clear };
        match line.split(' ').next().unwrap_or_default() {
            "" => "220 mail.example.org ESMTP\r\n".to_owned(),
            "EHLO" => format!("250-mail.example.org\r\n250 {keyword}\r\n"),
            "STARTTLS" => "220 go ahead\r\n".to_owned(),
            "AUTH" => "535 5.7.8 no\r\n".to_owned(),
            _ => "221 bye\r\n".to_owned(),
        }
    }
}

const STARTTLS: &str = "STARTTLS";
const AUTH: &str = "AUTH PLAIN LOGIN";

/// A world with these records, ordinary servers where it is open, silence elsewhere.
async fn ports(records: &str, open: &[&str], silent: &[&str]) -> Observations {
    let authority = Authority::new();
    let mut world = World::default();
    let resolver = world.resolver(&format!("{PROVIDERS}{records}")).await;
    world.lead(Transport::Tcp, "192.0.2.1:25", Way::Refused);
    let names = ["mail.example.org", "smtp.gmail.com", "smtp.mail.yahoo.com"];
    for at in open {
        let acceptor = authority.acceptor(&names);
        world
            .smtp_server(at, acceptor, ordinary(STARTTLS, AUTH))
            .await;
    }
    for at in silent {
        world.lead(Transport::Tcp, at, Way::Filtered);
    }
    run(request(), &world, authority.trust(), resolver).await
}

const PUBLISHED: &str = "_submission._tcp.example.org SRV 0 1 587 mail.example.org
_submissions._tcp.example.org SRV 0 1 465 mail.example.org
mail.example.org A 192.0.2.1";

#[tokio::test]
async fn published_ports_that_answer() {
    let seen = ports(PUBLISHED, &["192.0.2.1:587", "192.0.2.1:465"], &[]).await;
    let row = shown_row(&seen);
    assert_eq!(row.state, CheckState::Passed);
    assert_eq!(
        row.detail,
        "mail.example.org: 587 STARTTLS, AUTH PLAIN LOGIN; 465 TLS, AUTH PLAIN LOGIN (published)"
    );
    assert!(
        row.by_hand
            .iter()
            .any(|command| command.contains("dig SRV _submission._tcp"))
    );
    assert!(judged(&seen).is_empty());
    assert_eq!(measured(&seen), [(QuestionId::Firewall, "no".to_owned())]);
    let others = &seen.submission.ports.as_ref().unwrap().others;
    assert!(others.is_empty(), "nobody else is troubled");
}

#[tokio::test]
async fn published_ports_that_do_not_answer_while_others_do() {
    let silent = ["192.0.2.1:587", "192.0.2.1:465"];
    for silent in [&silent[..], &[]] {
        let seen = ports(PUBLISHED, &THEIRS, silent).await;
        let findings = judged(&seen);
        assert_eq!(findings[0].id.as_str(), "submission.unreachable");
        assert_eq!(findings[0].severity, Severity::Error);
        assert!(
            findings[0].evidence[0].contains("SRV"),
            "{:?}",
            findings[0].evidence
        );
        assert_eq!(shown_row(&seen).state, CheckState::Failed);
        assert_eq!(measured(&seen), [(QuestionId::Firewall, "no".to_owned())]);
    }
}

#[tokio::test]
async fn ports_that_nobody_answers_are_blocked_here() {
    let silent = [&["192.0.2.1:587", "192.0.2.1:465"], &THEIRS[..]].concat();
    let seen = ports(PUBLISHED, &[], &silent).await;
    // With the answers to the checklist it may be the firewall; by itself it is no fault.
    let findings = judged(&seen);
    assert_eq!(findings[0].id.as_str(), "submission.unreachable");
    assert_eq!(findings[0].severity, Severity::Notice);
    let row = shown_row(&seen);
    assert_eq!(row.state, CheckState::NotPossible);
    assert!(row.detail.contains("blocked from here"));
    assert_eq!(measured(&seen), [(QuestionId::Firewall, "yes".to_owned())]);
}

#[tokio::test]
async fn a_usual_name_is_a_guess_and_guesses_are_nobodys_fault() {
    // A wildcard record gives every name an address.
    for records in [
        "smtp.example.org A 192.0.2.1\nexample.org MX 10 mx.example.org\nmx.example.org A 192.0.2.2",
        "smtp.example.org A 192.0.2.1\nexample.org MX 10 mx.example.org\nmx.example.org A 192.0.2.1",
        "mail.example.org A 192.0.2.1",
        "",
    ] {
        let seen = ports(records, &THEIRS, &[]).await;
        assert!(judged(&seen).is_empty(), "{records}");
        let row = shown_row(&seen);
        assert_eq!(row.state, CheckState::NotPossible);
    }
}

#[tokio::test]
async fn a_provider_stands_in_for_its_customers() {
    let hosted = "example.org MX 1 aspmx.l.google.com\naspmx.l.google.com A 192.0.2.9";
    let seen = ports(hosted, &["198.51.100.1:587"], &[]).await;
    let row = shown_row(&seen);
    assert_eq!(
        row.detail,
        "smtp.gmail.com: 587 STARTTLS, AUTH PLAIN LOGIN; 465 closed (the provider's)"
    );
}

#[tokio::test]
async fn what_is_published_is_believed() {
    let none = "_submission._tcp.example.org SRV 0 0 0 .";
    let seen = ports(none, &THEIRS, &[]).await;
    assert_eq!(shown_row(&seen).state, CheckState::Skipped);
    assert!(judged(&seen).is_empty());
    let nowhere = "_submission._tcp.example.org SRV 0 1 587 gone.example.org";
    let findings = judged(&ports(nowhere, &THEIRS, &[]).await);
    assert_eq!(findings[0].subject, "gone.example.org");
    assert!(findings[0].evidence[0].contains("has no address"));
}

#[tokio::test]
async fn without_any_way_out_nothing_is_said() {
    let mut world = World::default();
    let resolver = world.resolver(&format!("{PROVIDERS}{PUBLISHED}")).await;
    let seen = run(request(), &world, Trust::platform(), resolver).await;
    assert!(judged(&seen).is_empty() && measured(&seen).is_empty());
    assert_eq!(shown_row(&seen).state, CheckState::NotPossible);
}

/// The published host with this server at both ports, its certificate for these names.
async fn published(
    asked: Request,
    names: &[&str],
    answer: impl Fn(&str, bool) -> String + Clone + Send + Sync + 'static,
) -> (Observations, Vec<String>) {
    let authority = Authority::new();
    let mut world = World::default();
    let resolver = world.resolver(PUBLISHED).await;
    for at in ["192.0.2.1:587", "192.0.2.1:465"] {
        let acceptor = authority.acceptor(names);
        world.smtp_server(at, acceptor, answer.clone()).await;
    }
    let seen = run(asked, &world, authority.trust(), resolver).await;
    (seen, world.heard())
}

const OWN: &[&str] = &["mail.example.org"];

fn ids(seen: &Observations) -> Vec<(&'static str, Severity, String)> {
    let found = judged(seen).into_iter();
    found
        .map(|one| (one.id.as_str(), one.severity, one.subject.to_string()))
        .collect()
}

#[tokio::test]
async fn one_polite_session_with_each_port() {
    let (seen, heard) = published(request(), OWN, ordinary(STARTTLS, AUTH)).await;
    assert!(judged(&seen).is_empty(), "{:?}", judged(&seen));
    let verbs: Vec<&str> = heard
        .iter()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(
        verbs,
        ["EHLO", "STARTTLS", "EHLO", "QUIT", "EHLO", "QUIT"],
        "one port after the other, each with its goodbye"
    );
    let ports = seen.submission.ports.clone().unwrap();
    let transcripts: Vec<u16> = Observation::Ports(Box::new(ports))
        .transcripts()
        .map(|one| one.port)
        .collect();
    assert_eq!(transcripts, [587, 465]);
}

#[tokio::test]
async fn no_auth_and_no_tls() {
    let (seen, _) = published(request(), OWN, ordinary(STARTTLS, "SIZE")).await;
    let found = ids(&seen);
    let subject = "mail.example.org (192.0.2.1) port 587".to_owned();
    assert_eq!(found[0], ("submission.no-auth", Severity::Error, subject));
    assert_eq!(found.len(), 2, "one for each port: {found:?}");
    assert_eq!(shown_row(&seen).state, CheckState::Failed);
    let finding = &judged(&seen)[1];
    assert_eq!(
        finding.reproduce,
        "openssl s_client -connect mail.example.org:465 -quiet"
    );

    // Only 587 lacks it: the other one carries the mail.
    let (seen, _) = published(request(), OWN, |line, tls| {
        ordinary("SIZE", AUTH)(line, tls)
    })
    .await;
    let found = ids(&seen);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].1, Severity::Warning);

    // AUTH in clear, and nothing else.
    let (seen, _) = published(request(), OWN, ordinary(AUTH, AUTH)).await;
    assert_eq!(ids(&seen)[0].0, "tls.not-offered");
    assert!(shown_row(&seen).detail.contains("587 no TLS, AUTH PLAIN"));
}

#[tokio::test]
async fn what_a_mail_program_would_mind() {
    let elsewhere = &["www.example.org"];
    let (seen, _) = published(request(), elsewhere, ordinary(STARTTLS, AUTH)).await;
    let found = ids(&seen);
    assert_eq!(found[0].0, "tls.name-mismatch");
    assert_eq!(found[0].1, Severity::Warning);
    let finding = &judged(&seen)[0];
    assert!(!finding.fix.contains("MX record"), "{}", finding.fix);
    assert_eq!(shown_row(&seen).state, CheckState::Warned);

    let refusing = |line: &str, _: bool| match line {
        "" => "554 5.7.1 not you\r\n".to_owned(),
        _ => "221 bye\r\n".to_owned(),
    };
    let (seen, heard) = published(request(), OWN, refusing).await;
    assert_eq!(ids(&seen)[0].0, "smtp.banner-rejected");
    assert_eq!(heard, ["QUIT", "QUIT"]);

    let (seen, _) = published(request(), OWN, |_, _| "hello there\r\n".to_owned()).await;
    assert_eq!(ids(&seen)[0].0, "smtp.not-smtp");

    let garbage = |line: &str, tls: bool| match line {
        "STARTTLS" => "454 4.7.0 TLS not available\r\n".to_owned(),
        _ => ordinary(STARTTLS, AUTH)(line, tls),
    };
    let (seen, _) = published(request(), OWN, garbage).await;
    assert!(
        ids(&seen).iter().any(
            |(id, severity, _)| *id == "tls.handshake-failed" && *severity == Severity::Warning
        ),
        "465 works: {:?}",
        ids(&seen)
    );
}

#[tokio::test]
async fn a_guess_that_lacks_auth_is_not_blamed() {
    let authority = Authority::new();
    let mut world = World::default();
    let resolver = world.resolver("mail.example.org A 192.0.2.1").await;
    let acceptor = authority.acceptor(&["other.example.net"]);
    let at = "192.0.2.1:587";
    world
        .smtp_server(at, acceptor, ordinary(STARTTLS, "SIZE"))
        .await;
    let seen = run(request(), &world, authority.trust(), resolver).await;
    assert!(judged(&seen).is_empty());
    let row = shown_row(&seen);
    assert_eq!(row.state, CheckState::NotPossible);
    assert!(
        row.detail.contains("587 STARTTLS, no AUTH"),
        "{}",
        row.detail
    );
    // Named by the user, it is.
    let mut named = request();
    let host = crate::net::dns::Name::from_ascii("mail.example.org.").unwrap();
    named.submission = Some(SubmissionPlace {
        host,
        port: Some(587),
    });
    let seen = run(named, &world, authority.trust(), resolver).await;
    let found: Vec<&str> = ids(&seen).into_iter().map(|(id, ..)| id).collect();
    assert_eq!(found, ["tls.name-mismatch", "submission.no-auth"]);
}

/// Ann, and a password that must be nowhere but on the wire.
fn with_login() -> Request {
    let mut request = request();
    let password = Secret::new(PASSWORD.to_owned());
    request.login = Login::new("ann@example.org", password).ok();
    request
}

const PASSWORD: &str = "orange-tree-9";

/// Forms that the password takes: in clear, and in what PLAIN and LOGIN send.
fn forms() -> [String; 3] {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    [
        PASSWORD.to_owned(),
        encode(PASSWORD),
        encode(&format!("\0ann@example.org\0{PASSWORD}")),
    ]
}

#[tokio::test]
async fn a_login_is_tried_once_and_the_password_is_nowhere() {
    let [clear, _, plain] = forms();
    // A server that repeats what it was sent.
    let echo = format!("535-5.7.8 bad {plain}\r\n535 5.7.8 {clear} is wrong\r\n");
    let answer = move |line: &str, tls: bool| match line {
        auth if auth.starts_with("AUTH") => echo.clone(),
        _ => ordinary(STARTTLS, AUTH)(line, tls),
    };
    let (seen, heard) = published(with_login(), OWN, answer).await;
    let logins: Vec<&String> = heard.iter().filter(|one| one.starts_with("AUTH")).collect();
    assert_eq!(logins, [&format!("AUTH PLAIN {plain}")]);
    let findings = judge(&with_login(), &seen);
    assert_eq!(findings[0].id.as_str(), "submission.credentials");
    assert_eq!(findings[0].severity, Severity::Error);
    assert_eq!(
        findings[0].reproduce,
        "swaks --server mail.example.org:587 --tls --auth --auth-user ann@example.org --quit-after AUTH"
    );
    let row = row(&with_login(), &seen).unwrap();
    assert_eq!(row.state, CheckState::Failed);
    assert!(
        row.detail
            .contains("login of ann@example.org refused on 587: 535-5.7.8 bad ***"),
        "{}",
        row.detail
    );
    let everything = format!("{:?} {seen:?} {findings:?} {row:?}", with_login());
    for form in forms() {
        assert!(!everything.contains(&form), "{form}");
    }
}

#[tokio::test]
async fn a_login_that_works_and_one_that_the_server_cannot_check() {
    for (code, state, word) in [
        (
            "235 2.7.0 welcome",
            CheckState::Passed,
            "accepted on 587: 235",
        ),
        (
            "454 4.7.0 later",
            CheckState::Warned,
            "not decided on 587: 454",
        ),
        ("504 5.5.4 what", CheckState::Failed, "refused on 587: 504"),
        ("", CheckState::Warned, "ended before the answer to AUTH"),
    ] {
        let answer = move |line: &str, tls: bool| match line {
            auth if auth.starts_with("AUTH") && code.is_empty() => String::new(),
            auth if auth.starts_with("AUTH") => format!("{code}\r\n"),
            _ => ordinary(STARTTLS, AUTH)(line, tls),
        };
        let (seen, heard) = published(with_login(), OWN, answer).await;
        let logins = heard.iter().filter(|line| line.starts_with("AUTH"));
        assert_eq!(logins.count(), 1, "a second failure may lock the account");
        let row = row(&with_login(), &seen).unwrap();
        assert_eq!(row.state, state, "{}", row.detail);
        assert!(row.detail.contains(word), "{}", row.detail);
    }
}

#[tokio::test]
async fn a_password_goes_through_verified_tls_only() {
    // Neither in clear, nor under a certificate that does not verify, nor by a mechanism that
    // takes none.
    for (names, clear, inside, why) in [
        (OWN, AUTH, AUTH, "not sent in clear"),
        (&["www.example.org"][..], STARTTLS, AUTH, "does not verify"),
        (OWN, STARTTLS, "AUTH GSSAPI", "GSSAPI"),
        (OWN, STARTTLS, "SIZE", "no login is offered"),
    ] {
        let answer = move |line: &str, tls: bool| match line {
            // The second port is out of service, so that the first one decides.
            "" if tls => "421 4.3.2 closed\r\n".to_owned(),
            _ => ordinary(clear, inside)(line, tls),
        };
        let (seen, heard) = published(with_login(), names, answer).await;
        assert!(
            heard.iter().all(|line| !line.starts_with("AUTH")),
            "{heard:?}"
        );
        let row = row(&with_login(), &seen).unwrap();
        assert!(row.detail.contains("login not tried"), "{}", row.detail);
        assert!(row.detail.contains(why), "{}", row.detail);
        assert_ne!(row.state, CheckState::Passed);
        if why == "does not verify" {
            let mut all_the_same = with_login();
            all_the_same.unverified_login = true;
            let (_, heard) = published(all_the_same, names, answer).await;
            assert!(heard.iter().any(|line| line.starts_with("AUTH PLAIN")));
        }
    }
}

#[tokio::test]
async fn a_password_does_not_follow_an_srv_record_out_of_the_domain() {
    let records = "_submission._tcp.example.org SRV 0 1 587 mail.thief.example
mail.thief.example A 192.0.2.1";
    let authority = Authority::new();
    let mut world = World::default();
    let resolver = world.resolver(records).await;
    let acceptor = authority.acceptor(&["mail.thief.example"]);
    let at = "192.0.2.1:587";
    world
        .smtp_server(at, acceptor, ordinary(STARTTLS, AUTH))
        .await;
    let seen = run(with_login(), &world, authority.trust(), resolver).await;
    assert!(world.heard().iter().all(|line| !line.starts_with("AUTH")));
    let row = row(&with_login(), &seen).unwrap();
    assert!(row.detail.contains("outside example.org"), "{}", row.detail);
    let mut named = with_login();
    let host = crate::net::dns::Name::from_ascii("mail.thief.example.").unwrap();
    named.submission = Some(SubmissionPlace { host, port: None });
    run(named, &world, authority.trust(), resolver).await;
    assert!(world.heard().iter().any(|line| line.starts_with("AUTH")));
}

#[tokio::test]
async fn a_configuration_file_is_as_good_as_a_record() {
    let file = "<clientConfig version=\"1.1\"><emailProvider id=\"x\">\
        <outgoingServer type=\"smtp\"><hostname>out.example.net</hostname><port>2465</port>\
        <socketType>SSL</socketType></outgoingServer></emailProvider></clientConfig>";
    for (body, known) in [(file, true), ("<!doctype html><p>Welcome", false)] {
        let authority = Authority::new();
        let mut world = World::default();
        let records = "autoconfig.example.org A 192.0.2.7\nout.example.net A 192.0.2.1";
        let resolver = world.resolver(records).await;
        let acceptor = authority.acceptor(&["autoconfig.example.org"]);
        let response = http("200 OK", "text/xml", body);
        world
            .https_server("192.0.2.7:443", acceptor, move |_| response.clone())
            .await;
        world.lead(Transport::Tcp, "192.0.2.1:2465", Way::Refused);
        let seen = run(request(), &world, authority.trust(), resolver).await;
        assert_eq!(
            world.heard(),
            ["GET /mail/config-v1.1.xml?emailaddress=postmaster%40example.org HTTP/1.1"]
        );
        let tried = &seen.submission.ports.as_ref().unwrap().tried;
        let places: Vec<_> = tried
            .iter()
            .map(|tried| (tried.known, tried.encryption, tried.to.port()))
            .collect();
        let published = (Known::Autoconfig, Encryption::FromTheStart, 2465);
        assert_eq!(places.contains(&published), known, "{places:?}");
    }
}
