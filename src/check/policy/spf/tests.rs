use super::evaluate::{evaluate, word};
use super::flatten::flattened;
use super::tree::{Branch, Found, Node, State};
use crate::net::Transport;
use crate::net::dns::{Ask, Failure, Name, Outcome, RecordType};
use crate::policy::spf::parse;
use std::sync::Arc;
use std::time::Duration;

/// A record whose terms found what is given for them, by their text.
fn node(domain: &str, record: &str, found: &[(&str, Found)]) -> Node {
    let domain = Name::from_ascii(domain).unwrap();
    let outcome = Outcome {
        ask: Ask::recursive(domain.clone(), RecordType::TXT),
        server: None,
        transport: Transport::Udp,
        took: Duration::ZERO,
        result: Err(Failure::NoResolver),
    };
    let record = parse(record).unwrap();
    let branches = record.terms.iter().map(|term| Branch {
        found: found
            .iter()
            .find(|(text, _)| *text == term.text)
            .map_or(Found::Nothing, |(_, found)| found.clone()),
        term: term.clone(),
    });
    Node {
        branches: branches.collect(),
        state: State::Read(record),
        outcome: Arc::new(outcome),
        domain,
    }
}

fn hosts(addresses: &[&str]) -> Found {
    Found::Addresses {
        void: addresses.is_empty(),
        addresses: addresses.iter().map(|text| text.parse().unwrap()).collect(),
        hosts: 1,
    }
}

fn result(tree: &Node, address: &str) -> &'static str {
    word(evaluate(tree, address.parse().unwrap()).result)
}

#[test]
fn evaluates_as_a_receiver() {
    let included = node("b.example.", "v=spf1 ip4:198.51.100.0/24 ?all", &[]);
    let tree = node(
        "a.example.",
        "v=spf1 ip4:192.0.2.1 ip6:2001:db8::/32 mx/24 include:b.example -all",
        &[
            ("mx/24", hosts(&["203.0.113.9"])),
            ("include:b.example", Found::Record(Box::new(included))),
        ],
    );
    for (address, expected) in [
        ("192.0.2.1", "pass"),
        ("192.0.2.2", "fail"),
        ("2001:db8:1::1", "pass"),
        ("2001:db9::1", "fail"),
        ("203.0.113.200", "pass"),
        ("198.51.100.77", "pass"),
    ] {
        assert_eq!(result(&tree, address), expected, "{address}");
    }
}

#[test]
fn redirects_only_without_all() {
    let other = || {
        Found::Record(Box::new(node(
            "b.example.",
            "v=spf1 ip4:192.0.2.1 ~all",
            &[],
        )))
    };
    let redirect = "redirect=b.example";
    let tree = node(
        "a.example.",
        "v=spf1 redirect=b.example",
        &[(redirect, other())],
    );
    assert_eq!(result(&tree, "192.0.2.1"), "pass");
    assert_eq!(result(&tree, "192.0.2.2"), "softfail");
    let ended = node(
        "a.example.",
        "v=spf1 -all redirect=b.example",
        &[(redirect, other())],
    );
    assert_eq!(result(&ended, "192.0.2.1"), "fail");
    assert_eq!(
        ended.lookups(),
        1,
        "the redirect was followed by the test, not by a receiver"
    );
}

#[test]
fn ends_at_the_limits() {
    let record = "v=spf1 a:1.example a:2.example a:3.example a:4.example a:5.example a:6.example \
                  a:7.example a:8.example a:9.example a:10.example a:11.example ~all";
    let words: Vec<&str> = record.split(' ').collect();
    let found: Vec<(&str, Found)> = words
        .iter()
        .filter(|word| word.starts_with("a:"))
        .map(|word| (*word, hosts(&["192.0.2.1"])))
        .collect();
    let tree = node("a.example.", record, &found);
    assert_eq!(tree.lookups(), 11);
    assert_eq!(result(&tree, "192.0.2.1"), "pass", "the first term matches");
    assert_eq!(result(&tree, "192.0.2.2"), "permerror");
    let void: Vec<(&str, Found)> = found.iter().map(|(word, _)| (*word, hosts(&[]))).collect();
    let tree = node("a.example.", record, &void);
    assert_eq!(tree.void().len(), 11);
    assert_eq!(result(&tree, "192.0.2.1"), "permerror");
    let loops = node(
        "a.example.",
        "v=spf1 include:a.example -all",
        &[("include:a.example", Found::TooMany)],
    );
    assert_eq!(result(&loops, "192.0.2.1"), "permerror");
    let unknown = node("a.example.", "v=spf1 mx -all", &[("mx", Found::Unknown)]);
    assert_eq!(result(&unknown, "192.0.2.1"), "temperror");
}

#[test]
fn writes_out_the_dearest_include_and_drops_what_finds_nothing() {
    let leaf = |name: &str, network: &str| {
        let text = format!("v=spf1 ip4:{network} -all");
        Found::Record(Box::new(node(name, &text, &[])))
    };
    let dear = node(
        "dear.example.",
        "v=spf1 include:x.example include:y.example mx ~all",
        &[
            ("include:x.example", leaf("x.example.", "192.0.2.0/25")),
            ("include:y.example", leaf("y.example.", "192.0.2.128/25")),
            ("mx", hosts(&["203.0.113.9"])),
        ],
    );
    let mut text = "v=spf1 a:gone.example include:dear.example".to_owned();
    let mut found = vec![
        ("a:gone.example".to_owned(), hosts(&[])),
        (
            "include:dear.example".to_owned(),
            Found::Record(Box::new(dear)),
        ),
    ];
    for number in 0..7 {
        let term = format!("include:l{number}.example");
        text = format!("{text} {term}");
        let name = format!("l{number}.example.");
        found.push((term, leaf(&name, &format!("198.51.100.{number}"))));
    }
    text.push_str(" ~all");
    let found: Vec<(&str, Found)> = found
        .iter()
        .map(|(term, found)| (term.as_str(), found.clone()))
        .collect();
    let tree = node("a.example.", &text, &found);
    assert_eq!(tree.lookups(), 12);
    let rest: Vec<String> = (0..7)
        .map(|number| format!("include:l{number}.example"))
        .collect();
    assert_eq!(
        flattened(&tree).unwrap(),
        format!(
            "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 ip4:203.0.113.9 {} ~all",
            rest.join(" ")
        )
    );
    let by_sender = node("m.example.", "v=spf1 exists:%{i}.m.example -all", &[]);
    let only = node(
        "b.example.",
        "v=spf1 include:m.example -all",
        &[("include:m.example", Found::Record(Box::new(by_sender)))],
    );
    assert_eq!(flattened(&only).unwrap(), "v=spf1 include:m.example -all");
}
