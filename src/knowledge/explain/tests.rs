use super::*;
use rstest::rstest;

#[test]
fn every_registered_enhanced_code_is_explained_with_its_source() {
    let registry = include_str!("../../../tests/data/iana-enhanced-codes.tsv");
    let tables = Tables::read().unwrap();
    let mut registered = 0;
    for line in registry.lines().filter(|line| !line.starts_with('#')) {
        let [code, title, reference] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let place = tables.enhanced[code];
        let entry = &tables.registry.codes[place];
        assert!(entry.title.eq_ignore_ascii_case(title), "X.{code}");
        assert!(entry.source.contains(reference), "X.{code}");
        assert!(!entry.meaning.is_empty() && !entry.fix.is_empty());
        registered += 1;
    }
    assert_eq!(registered, 81);
    assert_eq!(tables.enhanced.len(), registered, "none is made up");
}

#[test]
fn every_reply_code_of_smtp_and_its_extensions_is_explained_with_its_source() {
    let tables = Tables::read().unwrap();
    let by_document: [(&str, &[u16]); 8] = [
        (
            "5321",
            &[
                211, 214, 220, 221, 250, 251, 252, 354, 421, 450, 451, 452, 455, 500, 501, 502,
                503, 504, 550, 551, 552, 553, 554, 555,
            ],
        ),
        ("4954", &[235, 334, 432, 454, 530, 534, 535, 538]),
        ("3207", &[220, 454, 530]),
        ("1985", &[253, 458, 459]),
        ("7504", &[521, 556]),
        ("5248", &[523, 525]),
        ("3030", &[503]),
        ("6531", &[550, 553]),
    ];
    for (document, codes) in by_document {
        for code in codes {
            let entry = &tables.replies[code];
            assert!(!entry.meaning.is_empty() && !entry.fix.is_empty());
            // What several documents define is listed under one of them.
            assert!(
                ["RFC", "observed", "draft"]
                    .iter()
                    .any(|word| entry.source.contains(word)),
                "{code} of RFC {document}"
            );
        }
    }
}

#[rstest]
#[case(
    "550 5.1.1 <a@b.example>: Recipient address rejected: User unknown",
    "rcpt.user-unknown"
)]
#[case("550 Unrouteable address", "rcpt.user-unknown")]
#[case("554 5.7.1 <a@b.example>: Relay access denied", "rcpt.relay-denied")]
#[case("550 relay not permitted", "rcpt.relay-denied")]
#[case(
    "550-5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org",
    "rcpt.client-blocked"
)]
#[case("452 4.2.2 Mailbox full", "rcpt.mailbox-full")]
#[case(
    "450 4.2.0 Greylisted, see http://postgrey.example/help",
    "rcpt.greylisted"
)]
#[case(
    "450 4.7.25 Client host rejected: cannot find your hostname",
    "rcpt.client-no-ptr"
)]
#[case(
    "550 5.7.23 The message was rejected because of Sender Policy Framework violation",
    "rcpt.authentication-failed"
)]
#[case(
    "450 4.1.8 <a@b.example>: Sender address rejected: Domain not found",
    "rcpt.sender-rejected"
)]
#[case("530 5.7.0 Must issue a STARTTLS command first", "rcpt.tls-required")]
#[case("530 5.7.0 Authentication required", "rcpt.auth-required")]
#[case("550 5.2.1 The account is disabled", "rcpt.mailbox-disabled")]
fn words_say_more_than_codes(#[case] line: &str, #[case] finding: &str) {
    let (code, text) = line.split_at(3);
    let explanation = explain(&Question {
        text,
        code: ReplyCode::new(code.parse().unwrap()),
        enhanced: EnhancedCode::at_start_of(text.trim_start_matches([' ', '-'])),
        stage: Stage::Rcpt,
    });
    assert_eq!(
        explanation.finding.map(FindingId::as_str),
        Some(finding),
        "{explanation:?}"
    );
    assert_eq!(explanation.permanent, Some(code.starts_with('5')));
}

#[test]
fn words_of_servers_and_software_mean_a_reason() {
    let stages = [
        ("connect", Stage::Connect),
        ("ehlo", Stage::Ehlo),
        ("starttls", Stage::StartTls),
        ("auth", Stage::Auth),
        ("mail", Stage::Mail),
        ("rcpt", Stage::Rcpt),
        ("message", Stage::Message),
        ("unknown", Stage::Unknown),
    ];
    let said = include_str!("../../../tests/data/said.tsv");
    let mut wrong = Vec::new();
    for line in said.lines().filter(|line| !line.starts_with('#')) {
        let [want, at, text] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let (_, stage) = stages.iter().find(|(name, _)| *name == at).unwrap();
        let code = text.get(..3).and_then(|code| code.parse().ok());
        let after = text.get(3..).filter(|_| code.is_some()).unwrap_or(text);
        let explanation = explain(&Question {
            text,
            code: code.and_then(ReplyCode::new),
            enhanced: EnhancedCode::at_start_of(after.trim_start_matches([' ', '-'])),
            stage: *stage,
        });
        let found = explanation.reason.map(Reason::as_str);
        if found != Some(want) {
            wrong.push(format!("{found:?} for {line}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_same_code_means_another_thing_at_another_step() {
    let meaning = |stage| {
        explain(&Question {
            text: "250 2.1.0 Ok",
            code: ReplyCode::new(250),
            enhanced: "2.1.0".parse().ok(),
            stage,
        })
        .meaning
    };
    assert!(meaning(Stage::Ehlo).contains("keyword"));
    assert!(meaning(Stage::Mail).contains("sender"));
    assert!(meaning(Stage::Message).contains("responsible"));
    let tables = Tables::read().unwrap();
    for (code, stage) in tables.stages.keys() {
        assert!(tables.replies.contains_key(code), "{code} at {stage}");
    }
}
