use super::*;
use crate::case::{CheckState, Finding};
use crate::check::{Check, Context, Observations, Request, Row};
use crate::knowledge::finding::Severity;
use crate::knowledge::question::QuestionId;
use crate::net::dns::Dns;
use crate::net::loopback::World;
use crate::net::tls::Trust;
use crate::net::{Transport, Way};
use std::sync::Arc;

fn request() -> Arc<Request> {
    Arc::new(Request::new(&"example.org".parse().unwrap()))
}

/// Runs the check in this world.
async fn seen(world: &World, trust: Trust, resolver: std::net::SocketAddr) -> Observations {
    let context = Context {
        request: request(),
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

async fn ports(records: &str, open: &[&str], silent: &[&str]) -> Observations {
    let mut world = World::default();
    let resolver = world.resolver(&format!("{PROVIDERS}{records}")).await;
    world.lead(Transport::Tcp, "192.0.2.1:25", Way::Refused);
    for at in open {
        world.mute_server(at).await;
    }
    for at in silent {
        world.lead(Transport::Tcp, at, Way::Filtered);
    }
    seen(&world, Trust::platform(), resolver).await
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
        "mail.example.org: ports 587 and 465 open (published)"
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
    assert!(judged(&seen).is_empty());
    let row = shown_row(&seen);
    assert_eq!(row.state, CheckState::NotPossible);
    assert!(row.detail.contains("blocked from here"));
    assert_eq!(measured(&seen), [(QuestionId::Firewall, "yes".to_owned())]);
}

#[tokio::test]
async fn a_name_that_says_submission_weighs_less_and_a_mail_host_nothing() {
    let named = "smtp.example.org A 192.0.2.1\nexample.org MX 10 mx.example.org\nmx.example.org A 192.0.2.2";
    let findings = judged(&ports(named, &THEIRS, &[]).await);
    assert_eq!(findings[0].severity, Severity::Warning);
    // The mail host by another name: it need not take submission.
    let same = "smtp.example.org A 192.0.2.1\nexample.org MX 10 mx.example.org\nmx.example.org A 192.0.2.1";
    for records in [same, "mail.example.org A 192.0.2.1", ""] {
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
    assert_eq!(row.detail, "smtp.gmail.com: port 587 open (the provider's)");
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
    let seen = seen(&world, Trust::platform(), resolver).await;
    assert!(judged(&seen).is_empty() && measured(&seen).is_empty());
    assert_eq!(shown_row(&seen).state, CheckState::NotPossible);
}
