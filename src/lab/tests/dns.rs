//! Delegations, nameservers, the resolver.

use super::{name, visit, visit_world};
use crate::net::dns::{Ask, Name, RData, RecordType, ResponseCode};
use std::net::SocketAddr;
use std::time::Duration;

#[tokio::test]
async fn the_root_leads_to_the_nameservers_of_the_domain() {
    let visit = visit("healthy").await;
    let domain = name(&visit.domain);
    let delegation = visit.dns.delegation(&domain, &name("com")).await.unwrap();
    assert_eq!(
        (delegation.zone, delegation.parent),
        (domain.clone(), name("com"))
    );
    assert_eq!(delegation.servers.len(), 2);
    for server in delegation.servers {
        let at = SocketAddr::new(server.glue[0], 53);
        let soa = Ask::direct(domain.clone(), RecordType::SOA);
        for question in [soa.clone(), soa.over_tcp()] {
            let outcome = visit.dns.ask(at, question).await;
            assert!(
                outcome.answer().unwrap().is_authoritative(),
                "{}",
                server.name
            );
        }
    }
}

#[tokio::test]
async fn the_resolver_finds_mail_hosts_and_their_names() {
    let visit = visit("healthy").await;
    let (code, hosts) = visit.mx().await;
    assert_eq!(code, ResponseCode::NoError);
    assert_eq!(hosts.len(), 2);
    for host in [
        "gmail-smtp-in.l.google.com",
        "smtp.mail.yahoo.com",
        "data.iana.org",
    ] {
        assert!(visit.address(host).await.is_ipv4());
    }
    let pointer = Ask::recursive(name("25.112.46.78.in-addr.arpa"), RecordType::PTR);
    let outcome = visit.dns.resolve(pointer).await;
    assert_eq!(outcome.answer().unwrap().message.answers.len(), 1);
    let none = Ask::recursive(name("no-such-name.net"), RecordType::A);
    let outcome = visit.dns.resolve(none).await;
    assert_eq!(outcome.answer().unwrap().code(), ResponseCode::NXDomain);
}

/// What the resolver says to the MX question in every scenario where that is the story.
#[tokio::test]
async fn the_mx_answers_tell_the_stories() {
    for (story, code, hosts) in [
        (
            "port-25-closed",
            ResponseCode::NoError,
            &["mx1.", "mx2."][..],
        ),
        ("lame-nameserver", ResponseCode::NoError, &["mx1.", "mx2."]),
        (
            "nameserver-without-address",
            ResponseCode::NoError,
            &["mx1.", "mx2."],
        ),
        ("no-mail-host", ResponseCode::NoError, &[]),
        ("null-mx", ResponseCode::NoError, &["."]),
        ("mx-without-address", ResponseCode::NoError, &["mailgate."]),
        ("stale-resolver", ResponseCode::NoError, &["oldmail."]),
        ("not-registered", ResponseCode::NXDomain, &[]),
        ("expired-and-on-hold", ResponseCode::NXDomain, &[]),
        ("nameservers-silent", ResponseCode::ServFail, &[]),
    ] {
        let (got_code, got_hosts) = visit(story).await.mx().await;
        assert_eq!(got_code, code, "{story}");
        assert_eq!(got_hosts.len(), hosts.len(), "{story}: {got_hosts:?}");
        for (got, host) in got_hosts.iter().zip(hosts) {
            assert!(got.starts_with(host), "{story}: {got}");
        }
    }
}

#[tokio::test]
async fn nameservers_have_the_manners_of_the_story() {
    let here = visit("lame-nameserver").await;
    let soa = Ask::direct(name(&here.domain), RecordType::SOA);
    let second = "51.15.203.53:53".parse().unwrap();
    let outcome = here.dns.ask(second, soa).await;
    assert_eq!(outcome.answer().unwrap().code(), ResponseCode::Refused);

    let here = visit("nameserver-without-address").await;
    let delegation = here.dns.delegation(&name(&here.domain), &name("com")).await;
    let servers = delegation.unwrap().servers;
    assert_eq!(
        servers
            .iter()
            .filter(|server| server.glue.is_empty())
            .count(),
        1
    );

    let here = visit("nameservers-give-different-mx").await;
    let mx = Ask::direct(name(&here.domain), RecordType::MX);
    let mut seen = Vec::new();
    for server in ["88.198.41.53:53", "51.15.203.53:53"] {
        let outcome = here.dns.ask(server.parse().unwrap(), mx.clone()).await;
        seen.push(outcome.answer().unwrap().message.answers.clone());
    }
    assert_ne!(seen[0], seen[1]);

    let here = visit("parent-and-zone-differ").await;
    let delegation = here.dns.delegation(&name(&here.domain), &name("net")).await;
    let parent: Vec<Name> = delegation
        .unwrap()
        .servers
        .into_iter()
        .map(|one| one.name)
        .collect();
    let ns = Ask::direct(name(&here.domain), RecordType::NS);
    let outcome = here.dns.ask("88.198.41.53:53".parse().unwrap(), ns).await;
    let third = name(&format!("ns3.{}", here.domain));
    let in_zone = outcome
        .answer()
        .unwrap()
        .records(RecordType::NS)
        .any(|record| matches!(&record.data, RData::NS(target) if target.0 == third));
    assert!(in_zone && !parent.contains(&third));
}

#[tokio::test]
async fn servers_can_be_lame_in_every_way() {
    let soa = || Ask::direct(name("rain.org"), RecordType::SOA);
    let at: SocketAddr = "51.15.203.53:53".parse().unwrap();
    for (answers, code, authoritative, answered) in [
        ("normal", ResponseCode::NoError, true, 1),
        ("servfail", ResponseCode::ServFail, false, 0),
        ("no-aa", ResponseCode::NoError, false, 1),
        ("upward", ResponseCode::NoError, false, 0),
    ] {
        let here = second_nameserver(answers, 1).await;
        let outcome = here.dns.ask(at, soa()).await;
        let answer = outcome.answer().unwrap();
        let got = (answer.code(), answer.is_authoritative());
        assert_eq!(got, (code, authoritative), "{answers}");
        assert_eq!(answer.message.answers.len(), answered, "{answers}");
    }
    let mx = || Ask::direct(name("rain.org"), RecordType::MX);
    let here = second_nameserver("mx-servfail", 1).await;
    assert!(
        here.dns
            .ask(at, soa())
            .await
            .answer()
            .unwrap()
            .is_authoritative()
    );
    let outcome = here.dns.ask(at, mx()).await;
    assert_eq!(outcome.answer().unwrap().code(), ResponseCode::ServFail);
    let here = second_nameserver("mx-silent", 100).await;
    assert!(here.dns.ask(at, mx()).await.answer().is_none());
    let here = second_nameserver("no-edns", 1).await;
    let outcome = here.dns.ask(at, mx()).await;
    let answer = outcome.answer().unwrap();
    assert_eq!(answer.without_edns.as_deref(), Some("FORMERR"));
    assert!(answer.is_authoritative() && answer.message.edns.is_none());
    let here = second_nameserver("no-tcp", 1).await;
    assert!(here.dns.ask(at, soa()).await.answer().is_some());
    assert!(here.dns.ask(at, soa().over_tcp()).await.answer().is_none());
    for (answers, words) in [("silent", "no answer within"), ("closed", "closed")] {
        let here = second_nameserver(answers, 100).await;
        let outcome = here.dns.ask(at, soa()).await;
        let error = outcome.result.as_ref().unwrap_err().to_string();
        assert!(error.contains(words), "{answers}: {error}");
    }
}

async fn second_nameserver(answers: &str, speed: u32) -> super::Visit {
    let world = format!(
        "  nameservers: [{{name: ns1.$domain}}, {{name: ns2.$domain, answers: {answers}}}]"
    );
    visit_world(&world, speed).await
}

#[tokio::test]
async fn the_resolver_can_fail_or_fall_silent() {
    let mx = || Ask::recursive(name("rain.org"), RecordType::MX);
    let here = visit_world("  resolver: {answers: servfail}", 1).await;
    let outcome = here.dns.resolve(mx()).await;
    assert_eq!(outcome.answer().unwrap().code(), ResponseCode::ServFail);
    let here = visit_world("  resolver: {port53: filtered}", 100).await;
    assert!(here.dns.resolve(mx()).await.answer().is_none());
}

#[tokio::test]
async fn the_parent_can_have_another_address_and_a_server_another_serial() {
    let world = "  nameservers:\n    - {name: ns1.$domain, glue: 81.2.3.4}\n    \
                 - {name: ns2.$domain, serial: 7}";
    let here = visit_world(world, 1).await;
    let delegation = here.dns.delegation(&name("rain.org"), &name("org")).await;
    let glue = delegation.unwrap().servers[0].glue[0];
    assert_eq!(glue.to_string(), "81.2.3.4");
    assert_eq!(
        here.address("ns1.rain.org").await.to_string(),
        "88.198.41.53"
    );
    let mut serials = Vec::new();
    for server in ["81.2.3.4:53", "51.15.203.53:53"] {
        let soa = Ask::direct(name("rain.org"), RecordType::SOA);
        let outcome = here.dns.ask(server.parse().unwrap(), soa).await;
        for record in &outcome.answer().unwrap().message.answers {
            if let RData::SOA(soa) = &record.data {
                serials.push(soa.serial);
            }
        }
    }
    assert_eq!(serials, [2_026_041_501, 7]);
}

#[tokio::test]
async fn a_nameserver_can_take_its_time() {
    let world = "  nameservers: [{name: ns1.$domain, delay: 4}, {name: ns2.$domain}]";
    let here = visit_world(world, 20).await;
    let soa = || Ask::direct(name("rain.org"), RecordType::SOA);
    let slow = here.dns.ask("88.198.41.53:53".parse().unwrap(), soa());
    assert!(slow.await.took > Duration::from_secs(3));
}

#[tokio::test]
async fn hosts_can_have_ipv6_only() {
    let world = "  nameservers: [{name: ns1.$domain, address: \"2a01:4f8:c0c:41::53\"}]\n  \
                 mail_hosts: [{name: mx.$domain, address: \"2a01:4f8:c0c:41::25\"}]";
    let here = visit_world(world, 1).await;
    let delegation = here.dns.delegation(&name("rain.org"), &name("org")).await;
    assert!(delegation.unwrap().servers[0].glue[0].is_ipv6());
    assert!(here.address("mx.rain.org").await.is_ipv6());
    assert!(here.connect("mx.rain.org", 25).await.is_ok());
    let pointer = "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.4.0.0.c.0.c.0.8.f.4.0.1.0.a.2.ip6.arpa";
    let outcome = here
        .dns
        .resolve(Ask::recursive(name(pointer), RecordType::PTR))
        .await;
    assert_eq!(outcome.answer().unwrap().message.answers.len(), 1);
}
