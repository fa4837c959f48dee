//! The named tests, at servers as they come, at some that are set up against what they find, and
//! at some that are set up to be found out. What no server of today does any more, such as taking
//! commands that stood behind STARTTLS, the lab does: see `tests/trials.rs`.

use super::automatic;
use super::exim::Exim;
use super::opensmtpd::OpenSmtpd;
use super::postfix::Postfix;
use std::collections::BTreeMap;

const TESTS: [&str; 8] = [
    "open-relay",
    "postmaster",
    "vrfy",
    "early-talker",
    "size",
    "eight-bit",
    "starttls-injection",
    "smuggling",
];

/// The outcome of each, and the whole answer.
fn outcomes(port: u16, tests: &[&'static str]) -> (BTreeMap<String, String>, String) {
    let fixed = ["--to", "jane@example.org", "--yes", "--format", "json"];
    let tests = tests.iter().flat_map(|test| ["--test", test]);
    let options: Vec<&str> = fixed.into_iter().chain(tests).collect();
    let (_, text) = automatic(port, &options);
    let all: serde_json::Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let each = all["tests"].as_array().into_iter().flatten().map(|ran| {
        let word = |name: &str| ran[name].as_str().unwrap_or_default().to_owned();
        (word("test"), word("outcome"))
    });
    (each.collect(), text)
}

/// Asserts that each test that is named has that outcome, and every other one is fine.
#[track_caller]
fn all_fine_but(port: u16, others: &[(&str, &str)]) {
    let (outcomes, text) = outcomes(port, &TESTS);
    for test in TESTS {
        let other = others.iter().find(|(named, _)| *named == test);
        let wanted = other.map_or("fine", |(_, outcome)| outcome);
        let outcome = outcomes.get(test).map(String::as_str);
        assert_eq!(outcome, Some(wanted), "{test}: {text}");
    }
}

#[test]
fn the_named_tests_say_of_postfix_what_is_so() {
    let hardened = ["smtpd_forbid_bare_newline=normalize -o disable_vrfy_command=yes"];
    let relays = [
        "mynetworks=127.0.0.0/8 -o smtpd_relay_restrictions=permit_mynetworks,reject_unauth_destination",
        "{ virtual_mailbox_maps = inline:{ { jane@example.org = jane/ } } }",
    ];
    let settings = "smtpd_forbid_bare_newline = no\nmessage_size_limit = 5000\n";
    let services = [&hardened[..], &relays].concat();
    let Some(postfix) = Postfix::start_with(settings, &services) else {
        return;
    };
    // Where VRFY is not off, the Postfix of Debian 12 tells who exists.
    let early = ("early-talker", "warning");
    let (vrfy, smuggling) = (("vrfy", "bad"), ("smuggling", "bad"));
    all_fine_but(postfix.port, &[early, vrfy, smuggling]);
    all_fine_but(postfix.more[0], &[early]);
    // One relays for us, one has no postmaster.
    let relays = ("open-relay", "bad");
    all_fine_but(postfix.more[1], &[early, vrfy, smuggling, relays]);
    let none = ("postmaster", "bad");
    all_fine_but(postfix.more[2], &[early, vrfy, smuggling, none]);
}

#[test]
fn the_named_tests_say_of_exim_what_is_so() {
    let Some(exim) = Exim::start("") else {
        return;
    };
    // It offers PIPECONNECT, so whoever talks before it may do so.
    all_fine_but(exim.port, &[("early-talker", "warning")]);
    let lax = "RELAYS == yes
acl_smtp_vrfy = accept
";
    let strict = "pipelining_connect_advertise_hosts =
acl_smtp_connect = connect
";
    // A greeting that waits, so that the EHLO is there before it.
    let connect = "connect:\n  accept delay = 2s\n";
    let (Some(lax), Some(strict)) = (Exim::start(lax), Exim::start_with(strict, connect)) else {
        return;
    };
    let found = [
        ("open-relay", "bad"),
        ("vrfy", "bad"),
        ("early-talker", "warning"),
    ];
    all_fine_but(lax.port, &found);
    let (outcomes, text) = outcomes(strict.port, &["early-talker"]);
    assert_eq!(outcomes["early-talker"], "fine", "{text}");
}

#[test]
fn the_named_tests_say_of_opensmtpd_what_is_so() {
    let Some(opensmtpd) = OpenSmtpd::start() else {
        return;
    };
    // No TLS is offered; nobody is postmaster of the host itself; and a size that is announced is
    // looked at only when the message is there.
    let found = [
        ("starttls-injection", "unclear"),
        ("early-talker", "warning"),
        ("postmaster", "warning"),
        ("size", "warning"),
    ];
    all_fine_but(opensmtpd.port, &found);
}
