//! The named tests, at a Postfix as it comes and at one that is set up against what they find.

use super::automatic;
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
fn outcomes(port: u16) -> (BTreeMap<String, String>, String) {
    let fixed = ["--to", "jane@example.org", "--yes", "--format", "json"];
    let tests = TESTS.iter().flat_map(|test| ["--test", test]);
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

#[test]
fn the_named_tests_say_of_postfix_what_is_so() {
    let hardened = ["smtpd_forbid_bare_newline=normalize -o disable_vrfy_command=yes"];
    let settings = "smtpd_forbid_bare_newline = no\nmessage_size_limit = 5000\n";
    let Some(postfix) = Postfix::start_with(settings, &hardened) else {
        return;
    };
    // Where VRFY is not off, the Postfix of Debian 12 tells who exists.
    for (port, vrfy, smuggling) in [
        (postfix.port, "bad", "bad"),
        (postfix.more[0], "fine", "fine"),
    ] {
        let (outcomes, text) = outcomes(port);
        for (test, wanted) in [
            ("open-relay", "fine"),
            ("postmaster", "fine"),
            ("vrfy", vrfy),
            ("early-talker", "warning"),
            ("size", "fine"),
            ("eight-bit", "fine"),
            ("starttls-injection", "fine"),
            ("smuggling", smuggling),
        ] {
            let outcome = outcomes.get(test).map(String::as_str);
            assert_eq!(outcome, Some(wanted), "{test}: {text}");
        }
    }
}
