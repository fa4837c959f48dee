use super::*;
use crate::case::{CheckState, Finding};
use crate::check::{Context, Row, ns};
use crate::knowledge::finding::Severity;
use crate::net::Transport;
use crate::net::dns::{Answer, Ask, Delegation, Dns, NotFound, Outcome, ParentNs, RecordType};
use crate::net::dns::{RData, Record};
use crate::net::loopback::World;
use crate::net::tls::Trust;
use hickory_resolver::proto::op::Message;
use hickory_resolver::proto::rr::rdata::SOA;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

const NOW: &str = "2026-06-15T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn name(text: &str) -> Name {
    registration::host_name(text).unwrap()
}

fn request(domain: &str) -> Request {
    Request::new(&domain.parse().unwrap())
}

fn file(origin: &str, text: &str) -> Registration {
    Registration {
        origin: origin.into(),
        ..read_whois::domain(&SafeText::lines_of(text)).unwrap()
    }
}

fn source(registry: &str, registrar: Option<&str>) -> Source {
    Source {
        name: name("example.com"),
        exchanges: Vec::new(),
        by_hand: vec!["whois example.com".into()],
        registry: Ok(file("whois.registry.example", registry)),
        registrar: registrar.map(|text| file("whois.registrar.example", text)),
    }
}

fn silent(why: &str, is_ours: bool) -> Source {
    let why = why.into();
    Source {
        registry: Err(Silence { why, is_ours }),
        ..source("", None)
    }
}

/// A world in which WHOIS says this and nothing else was asked.
fn whois(registry: &str) -> Observations {
    let mut seen = Observations::default();
    seen.registry.whois = Some(source(registry, None));
    seen
}

fn delegated_to(mut seen: Observations, servers: &[&str]) -> Observations {
    seen.ns.delegation = Some(ns::Delegated {
        parent: Ok(Delegation {
            zone: name("example.com"),
            parent: Name::root(),
            servers: servers
                .iter()
                .map(|server| ParentNs {
                    name: name(server),
                    glue: Vec::new(),
                })
                .collect(),
            ttl: 172_800,
            path: Vec::new(),
        }),
        resolver: None,
    });
    seen
}

/// The first nameserver answers with authority.
fn answering(mut seen: Observations) -> Observations {
    let server = "192.0.2.53:53".parse().unwrap();
    let ask = Ask::direct(name("example.com"), RecordType::SOA);
    let mut message = Message::query();
    message.metadata.authoritative = true;
    let zone = name("example.com");
    let soa = SOA::new(zone.clone(), zone.clone(), 1, 2, 3, 4, 5);
    message.add_answer(Record::from_rdata(zone, 3600, RData::SOA(soa)));
    let outcome = Arc::new(Outcome {
        ask: ask.clone(),
        server: Some(server),
        transport: Transport::Udp,
        took: Duration::ZERO,
        result: Ok(Answer {
            ask,
            server,
            transport: Transport::Udp,
            message,
            took: Duration::ZERO,
            without_edns: None,
            truncated: false,
        }),
    });
    seen.ns.authority.insert(
        (name("ns1.example.com"), server.ip()),
        ns::Authority {
            soa: Arc::clone(&outcome),
            soa_tcp: Arc::clone(&outcome),
            ns: Arc::clone(&outcome),
            mx: outcome,
        },
    );
    seen
}

fn judged(seen: &Observations) -> Vec<Finding> {
    judge(&request("example.com"), seen, now())
}

fn ids(seen: &Observations) -> Vec<String> {
    let ids = judged(seen)
        .into_iter()
        .map(|finding| finding.id.to_string());
    ids.collect()
}

fn shown_row(check: &Check, seen: &Observations) -> Row {
    row(check, &request("example.com"), seen, now()).unwrap()
}

const SERVERS: [&str; 2] = ["ns1.example.com", "ns2.example.net"];
const GOOD: &str = "Domain Name: EXAMPLE.COM
Updated Date: 2025-01-01T00:00:00Z
Creation Date: 1999-01-01T00:00:00Z
Registry Expiry Date: 2027-01-01T00:00:00Z
Registrar: Example Registrar
Domain Status: clientTransferProhibited https://icann.org/epp#clientTransferProhibited
Name Server: NS2.EXAMPLE.NET
Name Server: NS1.EXAMPLE.COM
";

#[test]
fn a_registration_in_order_gives_nothing() {
    let seen = delegated_to(whois(GOOD), &SERVERS);
    assert_eq!(ids(&seen), [""; 0]);
    let row = shown_row(&Check::Whois, &seen);
    assert_eq!(row.state, CheckState::Passed);
    assert_eq!(
        row.detail,
        "registered until 2027-01-01 with Example Registrar"
    );
    assert_eq!(ids(&Observations::default()), [""; 0]);
}

#[test]
fn nobody_has_the_name() {
    let seen = whois("No match for \"EXAMPLE.COM\".\n");
    let findings = judged(&seen);
    assert_eq!(findings[0].id.as_str(), "registry.not-registered");
    assert_eq!(
        findings[0].evidence,
        ["whois.registry.example: No match for \"EXAMPLE.COM\"."]
    );
    assert_eq!(findings[0].reproduce, "whois example.com");
    assert_eq!(shown_row(&Check::Whois, &seen).state, CheckState::Failed);
    // What another source knows, or the parent delegates, exists.
    let mut both = seen.clone();
    both.registry.rdap = Some(source(GOOD, None));
    assert_eq!(ids(&both), [""; 0]);
    assert_eq!(shown_row(&Check::Whois, &both).state, CheckState::Warned);
    assert_eq!(ids(&delegated_to(seen, &SERVERS)), [""; 0]);
}

#[test]
fn a_hold_is_an_error_unless_the_parent_still_delegates() {
    let held = GOOD.replace("clientTransferProhibited", "clientHold");
    let seen = whois(&held);
    let findings = judged(&seen);
    assert_eq!(findings[0].id.as_str(), "registry.on-hold");
    assert_eq!(findings[0].severity, Severity::Error);
    assert_eq!(
        findings[0].evidence,
        ["whois.registry.example: Domain Status: clientHold https://icann.org/epp#clientHold"]
    );
    assert_eq!(
        shown_row(&Check::Whois, &seen).detail,
        "on hold (clientHold)"
    );
    let findings = judged(&delegated_to(seen, &SERVERS));
    assert_eq!(findings[0].severity, Severity::Warning);
}

#[test]
fn expired_by_date_by_status_and_in_grace() {
    let past = GOOD.replace("2027-01-01", "2026-06-10");
    assert_eq!(ids(&whois(&past)), ["registry.expired"]);
    assert_eq!(judged(&whois(&past))[0].severity, Severity::Error);
    // Served as before: it will fail, it does not yet.
    let served = answering(delegated_to(whois(&past), &SERVERS));
    assert_eq!(judged(&served)[0].severity, Severity::Warning);
    // Led to other servers than the registry lists, or to none that answers: it fails now.
    let parked = answering(delegated_to(whois(&past), &["ns1.parking.example"]));
    assert_eq!(judged(&parked)[0].severity, Severity::Error);
    let dead = delegated_to(whois(&past), &SERVERS);
    assert_eq!(judged(&dead)[0].severity, Severity::Error);

    let gone = GOOD.replace("clientTransferProhibited", "redemptionPeriod");
    assert_eq!(ids(&whois(&gone)), ["registry.expired"]);
    assert_eq!(
        shown_row(&Check::Whois, &whois(&gone)).detail,
        "expired (redemptionPeriod)"
    );

    // The registry has moved its date on; the registrar's is what the owner missed.
    let registrar = GOOD.replace("2027-01-01", "2026-06-01");
    let mut seen = Observations::default();
    seen.registry.whois = Some(source(GOOD, Some(&registrar)));
    assert_eq!(ids(&seen), [""; 0], "the registrar's file may be old");
    let grace = GOOD.replace("clientTransferProhibited", "autoRenewPeriod");
    seen.registry.whois = Some(source(&grace, Some(&registrar)));
    assert_eq!(ids(&seen), ["registry.expired"]);
}

#[test]
fn expiry_in_two_weeks_is_soon() {
    for (date, expected) in [
        ("2026-06-29", true),
        ("2026-06-30", false),
        ("2026-06-16", true),
    ] {
        let seen = whois(&GOOD.replace("2027-01-01", date));
        let soon = ids(&seen) == ["registry.expiring-soon"];
        assert_eq!(soon, expected, "{date}");
    }
    // The earlier of the two dates is the one to act by.
    let registrar = GOOD.replace("2027-01-01", "2026-06-20");
    let mut seen = Observations::default();
    seen.registry.whois = Some(source(GOOD, Some(&registrar)));
    let findings = judged(&seen);
    assert_eq!(findings[0].severity, Severity::Warning);
    assert!(findings[0].evidence[0].starts_with("whois.registrar.example: "));
}

#[test]
fn the_registrars_list_and_the_parents_differ() {
    let other = ["ns1.new.example", "ns2.new.example"];
    let seen = delegated_to(whois(GOOD), &other);
    let findings = judged(&seen);
    assert_eq!(findings[0].id.as_str(), "registry.nameservers-differ");
    assert_eq!(
        findings[0].evidence.last().unwrap(),
        &"parent zone, NS: ns1.new.example, ns2.new.example"
    );
    assert_eq!(shown_row(&Check::Whois, &seen).state, CheckState::Warned);
    // Only the registrar's list differs.
    let registrar = GOOD.replace("NS1.EXAMPLE.COM", "ns9.example.com");
    let mut seen = delegated_to(whois(GOOD), &SERVERS);
    seen.registry.whois = Some(source(GOOD, Some(&registrar)));
    assert_eq!(ids(&seen), ["registry.nameservers-differ"]);
    // Unknown lists say nothing.
    assert_eq!(ids(&whois(GOOD)), [""; 0]);
    let listless = whois("Domain: example.com\nStatus: active\n");
    assert_eq!(ids(&delegated_to(listless, &SERVERS)), [""; 0]);
}

#[test]
fn a_change_counts_for_two_days() {
    for (date, expected) in [
        ("2026-06-15T06:00:00Z", true),
        ("2026-06-13T12:30:00Z", true),
        ("2026-06-13T11:30:00Z", false),
        ("2026-06-16T00:00:00Z", false),
    ] {
        let seen = whois(&GOOD.replace("2025-01-01T00:00:00Z", date));
        let recently = ids(&seen) == ["registry.changed-recently"];
        assert_eq!(recently, expected, "{date}");
        assert_eq!(shown_row(&Check::Whois, &seen).state, CheckState::Passed);
    }
}

#[test]
fn both_sources_make_one_finding() {
    let held = GOOD.replace("clientTransferProhibited", "serverHold");
    let mut seen = whois(&held);
    seen.registry.rdap = Some(source(&held, None));
    let findings = judged(&seen);
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].evidence.len(), 2);
}

#[test]
fn nobody_answers() {
    let mut seen = Observations::default();
    seen.registry.whois = Some(silent("whois.registry.example: refused", false));
    assert_eq!(ids(&seen), [""; 0], "RDAP is still being asked");
    seen.registry.rdap = Some(silent("status 503", false));
    let findings = judged(&seen);
    assert_eq!(findings[0].id.as_str(), "registry.unavailable");
    assert_eq!(findings[0].evidence.len(), 2);
    assert_eq!(
        shown_row(&Check::Rdap, &seen).state,
        CheckState::NotPossible
    );
    // Without a network nothing is said of the registry.
    seen.registry.whois = Some(silent("no resolver", true));
    seen.registry.rdap = Some(silent("no resolver", true));
    assert_eq!(ids(&seen), [""; 0]);
    // An answer that is not understood is no answer.
    seen.registry.whois = Some(source("hello\n", None));
    assert_eq!(ids(&seen), ["registry.unavailable"]);
    assert_eq!(
        shown_row(&Check::Whois, &seen).state,
        CheckState::NotPossible
    );
}

#[test]
fn not_delegated_leaves_an_error_an_error() {
    let mut seen = whois(&GOOD.replace("clientTransferProhibited", "clientHold"));
    seen.ns.delegation = Some(ns::Delegated {
        parent: Err(NotFound::NotDelegated {
            parent: Name::root(),
            path: Vec::new(),
        }),
        resolver: None,
    });
    assert_eq!(judged(&seen)[0].severity, Severity::Error);
}

#[test]
fn the_name_on_file() {
    for (domain, expected) in [
        ("mail.example.co.uk", "example.co.uk."),
        ("example.com", "example.com."),
        ("a.b.example.invalid", "example.invalid."),
        ("someone.github.io", "github.io."),
        ("shop.example.uk.com", "example.uk.com."),
        ("bucket.s3.amazonaws.com", "amazonaws.com."),
        ("example.co.za", "example.co.za."),
    ] {
        let found = registered_name(&request(domain)).to_ascii();
        assert_eq!(found, expected, "{domain}");
    }
}

#[test]
fn nameservers_of_the_same_registry_are_asked_about() {
    let asked = |seen: &Observations, domain: &str| hosts_to_ask(&request(domain), seen);
    let seen = delegated_to(
        whois(GOOD),
        &["ns1.example.com", "ns2.example.org", "ns.example.net"],
    );
    let hosts = asked(&seen, "example.com");
    assert_eq!(
        hosts[..2],
        [name("ns1.example.com"), name("ns.example.net")]
    );
    assert!(!hosts.contains(&name("ns2.example.org")));
    assert_eq!(asked(&seen, "example.de"), []);
    // Only when the delegation is not looked at does the registry's list alone decide.
    assert_eq!(asked(&whois(GOOD), "example.com"), []);
    let mut only = request("example.com");
    only.only = [Group::Registry].into();
    assert_eq!(hosts_to_ask(&only, &whois(GOOD)).len(), 2);
}

fn host_row(host_name: &str, known: Option<bool>, addresses: &[&str]) -> (CheckState, String) {
    let mut seen = Observations::default();
    let addresses = addresses.iter().map(|text| text.parse().unwrap()).collect();
    seen.registry.hosts.insert(
        name(host_name),
        HostFile {
            exchanges: Vec::new(),
            by_hand: Vec::new(),
            result: Ok(Host { known, addresses }),
        },
    );
    let row = shown_row(&Check::RegisteredHost(name(host_name)), &seen);
    (row.state, row.detail.into_string())
}

#[test]
fn rows_of_registered_hosts() {
    let is = |got: (CheckState, String), state, words: &str| {
        assert_eq!(got.0, state, "{got:?}");
        assert!(got.1.contains(words), "{got:?}");
    };
    let (inside, outside) = ("ns1.example.com", "ns1.other.com");
    is(
        host_row(inside, Some(true), &["192.0.2.53"]),
        CheckState::Passed,
        "registered with 192.0.2.53",
    );
    is(
        host_row(inside, Some(false), &[]),
        CheckState::Warned,
        "does not know it",
    );
    is(
        host_row(outside, Some(false), &[]),
        CheckState::Passed,
        "none is needed",
    );
    is(
        host_row(inside, Some(true), &[]),
        CheckState::Warned,
        "without an address",
    );
    is(
        host_row(outside, None, &[]),
        CheckState::NotPossible,
        "understood",
    );
}

#[tokio::test]
async fn asks_the_servers_and_reads_what_they_say() {
    let mut world = World::default();
    let resolver = world
        .resolver("whois.verisign-grs.com A 192.0.2.1\nwhois.registrar.example A 192.0.2.2")
        .await;
    world
        .line_server("192.0.2.1:43", |query| match query {
            "domain example.com" => {
                format!("{GOOD}Registrar WHOIS Server: whois.registrar.example\n")
            }
            _ => "   Server Name: NS1.EXAMPLE.COM\n   IP Address: 192.0.2.53\n".into(),
        })
        .await;
    world
        .line_server("192.0.2.2:43", |_| "WHOIS LIMIT EXCEEDED\n".into())
        .await;
    let dns = Dns::new(world.network(Trust::platform()), vec![resolver]);
    let context = Context {
        request: Arc::new(request("mail.example.com")),
        dns,
        note: Arc::new(|_, _| {}),
    };
    let mut seen = Observations::default();
    let host = Check::RegisteredHost(name("ns1.example.com"));
    for check in [Check::Whois, Check::Rdap, host.clone()] {
        let observation = crate::check::ask(&check, &context, &seen).await;
        seen.record(&check, observation);
    }
    let whois = shown_row(&Check::Whois, &seen);
    assert_eq!(whois.state, CheckState::Passed);
    assert_eq!(whois.exchanges.len(), 2);
    assert_eq!(whois.exchanges[1].answered, ["WHOIS LIMIT EXCEEDED"]);
    assert_eq!(whois.by_hand[0], "whois example.com");
    let rdap = shown_row(&Check::Rdap, &seen);
    assert_eq!(rdap.state, CheckState::NotPossible);
    assert!(
        rdap.detail.contains("rdap.verisign.com has no address"),
        "{}",
        rdap.detail
    );
    let host = shown_row(&host, &seen);
    assert_eq!(host.detail, "registered with 192.0.2.53");
    assert_eq!(ids(&seen), [""; 0]);
}
