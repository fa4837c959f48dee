use super::*;
use crate::case::{CheckState, Finding};
use crate::check::{Check, Context, Observations, Request, Row};
use crate::knowledge::question::QuestionId;
use crate::net::dns::Dns;
use crate::net::loopback::{Authority, World, http};
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
    let check = Check::Webmail;
    let observation = crate::check::ask(&check, &context, &seen).await;
    seen.record(&check, observation);
    seen
}

fn shown_row(seen: &Observations) -> Row {
    row(seen).unwrap()
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

async fn page(records: &str, prepare: impl AsyncFnOnce(&mut World, &Authority)) -> Observations {
    let authority = Authority::new();
    let mut world = World::default();
    let resolver = world.resolver(records).await;
    prepare(&mut world, &authority).await;
    seen(&world, authority.trust(), resolver).await
}

#[tokio::test]
async fn cpanels_port_at_the_mail_host() {
    let records = "example.org MX 10 mx.example.org\nmx.example.org A 192.0.2.1";
    let seen = page(records, async |world, authority| {
        let acceptor = authority.acceptor(&["mx.example.org"]);
        world
            .https_server("192.0.2.1:2096", acceptor, |_| {
                http("200 OK", "text/html", "login")
            })
            .await;
    })
    .await;
    let row = shown_row(&seen);
    assert_eq!(row.state, CheckState::Passed);
    assert_eq!(
        row.detail,
        "https://mx.example.org:2096/ answers (cPanel's webmail)"
    );
    assert!(judged(&seen).is_empty());
    assert!(measured(&seen).is_empty(), "a page proves no mail");
}

#[tokio::test]
async fn a_bad_certificate_is_told() {
    let seen = page("webmail.example.org A 192.0.2.1", async |world, _| {
        let acceptor = Authority::new().acceptor(&["webmail.example.org"]);
        world
            .https_server("192.0.2.1:443", acceptor, |_| {
                http("200 OK", "text/html", "")
            })
            .await;
    })
    .await;
    let row = shown_row(&seen);
    assert_eq!(row.state, CheckState::Warned);
    assert!(
        row.detail.contains("certificate is not good"),
        "{}",
        row.detail
    );
    assert!(judged(&seen).is_empty());
}

#[tokio::test]
async fn a_host_for_webmail_that_gives_no_page_is_down() {
    let ill = http("503 Service Unavailable", "text/html", "");
    let seen = page(
        "webmail.example.org A 192.0.2.1",
        async move |world, authority| {
            let acceptor = authority.acceptor(&["webmail.example.org"]);
            world
                .https_server("192.0.2.1:443", acceptor, move |_| ill.clone())
                .await;
        },
    )
    .await;
    assert_eq!(judged(&seen)[0].id.as_str(), "webmail.unreachable");

    let seen = page(
        "webmail.example.org A 192.0.2.1\nmail.example.org A 192.0.2.2",
        async |world, authority| {
            world.lead(Transport::Tcp, "192.0.2.1:25", Way::Refused);
            // Some page at a name that says nothing does not make up for it.
            let acceptor = authority.acceptor(&["mail.example.org"]);
            world
                .https_server("192.0.2.2:443", acceptor, |_| {
                    http("200 OK", "text/html", "")
                })
                .await;
        },
    )
    .await;
    let findings = judged(&seen);
    assert_eq!(findings[0].id.as_str(), "webmail.unreachable");
    assert_eq!(findings[0].evidence.len(), 2, "443 and 2096");
    assert_eq!(
        findings[0].reproduce,
        "curl -I https://webmail.example.org/"
    );
    assert_eq!(shown_row(&seen).state, CheckState::Failed);
    assert_eq!(measured(&seen), [(QuestionId::Webmail, "no".to_owned())]);
}

#[tokio::test]
async fn where_nothing_says_webmail_nothing_is_concluded() {
    for records in [
        "",
        "example.org A 192.0.2.1\nmail.example.org A 192.0.2.1\nexample.org MX 10 mail.example.org",
        // The host is there, and no way leads to it: that is about here.
        "webmail.example.org A 198.51.100.1",
    ] {
        let seen = page(records, async |world, _| {
            world.lead(Transport::Tcp, "192.0.2.1:25", Way::Refused);
        })
        .await;
        let row = shown_row(&seen);
        assert_eq!(row.state, CheckState::NotPossible, "{records}");
        assert!(judged(&seen).is_empty() && measured(&seen).is_empty());
    }
}
