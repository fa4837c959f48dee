use super::tables::Tables;
use super::*;
use rstest::rstest;

const STAGES: [(&str, Stage); 18] = [
    ("connect", Stage::Connect),
    ("ehlo", Stage::Ehlo),
    ("helo", Stage::Helo),
    ("starttls", Stage::StartTls),
    ("auth", Stage::Auth),
    ("mail", Stage::Mail),
    ("rcpt", Stage::Rcpt),
    ("data", Stage::Data),
    ("bdat", Stage::Bdat),
    ("message", Stage::Message),
    ("vrfy", Stage::Vrfy),
    ("expn", Stage::Expn),
    ("help", Stage::Help),
    ("rset", Stage::Rset),
    ("noop", Stage::Noop),
    ("quit", Stage::Quit),
    ("etrn", Stage::Etrn),
    ("unknown", Stage::Unknown),
];

fn stage(name: &str) -> Stage {
    let (_, stage) = STAGES.iter().find(|(known, _)| *known == name).unwrap();
    *stage
}

/// The lines of a table, without its comments.
fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split('\t').collect())
}

#[test]
fn every_registered_enhanced_code_is_explained_with_its_source() {
    let registry = include_str!("../../../tests/data/iana-enhanced-codes.tsv");
    let tables = Tables::read().unwrap();
    let mut registered = 0;
    for row in rows(registry) {
        let [code, title, basic, reference] = row[..] else {
            panic!("{row:?}");
        };
        let place = tables.enhanced[code];
        let entry = &tables.registry.codes[place];
        assert!(entry.title.eq_ignore_ascii_case(title), "X.{code}");
        assert!(entry.source.contains(reference), "X.{code}");
        assert!(!entry.meaning.is_empty() && !entry.fix.is_empty());
        for basic in basic.split(", ").filter(|basic| *basic != "-") {
            let known = tables.replies.contains_key(&basic.parse().unwrap());
            assert!(known, "{basic}, which goes with X.{code}");
        }
        registered += 1;
    }
    assert_eq!(registered, 81);
    assert_eq!(tables.enhanced.len(), registered, "none is made up");
}

#[test]
fn every_reply_code_of_smtp_and_its_extensions_is_explained_with_its_source_and_commands() {
    let tables = Tables::read().unwrap();
    for entry in tables.replies.values() {
        let code = entry.code;
        assert!(!entry.meaning.is_empty() && !entry.fix.is_empty(), "{code}");
        let known = ["RFC", "IANA", "seen: ", "draft"];
        assert!(
            known.iter().any(|word| entry.source.starts_with(word)),
            "{code}: {}",
            entry.source
        );
        let documented = entry.source.starts_with("RFC");
        // Of RFC 876 and ATRN there is no command here; 533 and 555 stand in the registry.
        assert!(
            !documented || !entry.answers.is_empty() || [200, 453].contains(&code),
            "{code} answers nothing"
        );
    }
    let documents = include_str!("../../../tests/data/replies-by-command.tsv");
    let mut answers = 0;
    for row in rows(documents) {
        let [command, codes, source] = row[..] else {
            panic!("{row:?}");
        };
        for code in codes.split(' ') {
            let entry = &tables.replies[&code.parse().unwrap()];
            let answered = entry.answers.contains(&stage(command));
            assert!(answered, "{code} answers {command} by {source}");
            answers += 1;
        }
    }
    let listed: usize = tables.replies.values().map(|e| e.answers.len()).sum();
    assert_eq!(listed, answers, "none is made up");
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

fn explained(line: &str, at: &str) -> Explanation {
    let code = line.get(..3).and_then(|code| code.parse().ok());
    let after = line.get(3..).filter(|_| code.is_some()).unwrap_or(line);
    explain(&Question {
        text: line,
        code: code.and_then(ReplyCode::new),
        enhanced: EnhancedCode::at_start_of(after.trim_start_matches([' ', '-'])),
        stage: stage(at),
    })
}

#[rstest]
#[case(include_str!("../../../tests/data/said.tsv"))]
#[case(include_str!("../../../tests/data/said-in-other-words.tsv"))]
fn words_of_servers_and_software_mean_a_reason(#[case] said: &str) {
    let mut wrong = Vec::new();
    for row in rows(said) {
        let [want, at, text] = row[..] else {
            panic!("{row:?}");
        };
        let found = explained(text, at).reason.map(Reason::as_str);
        if found != Some(want) {
            wrong.push(format!("{found:?} for {want} {at} {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_provider_or_software_says_is_told_as_its_own() {
    let said = include_str!("../../../tests/data/said-by.tsv");
    let mut wrong = Vec::new();
    for row in rows(said) {
        let [want, at, by, text] = row[..] else {
            panic!("{row:?}");
        };
        let explanation = explained(text, at);
        let found = explanation.reason.map(Reason::as_str);
        if found != Some(want) || !explanation.source.starts_with(by) {
            let source = explanation.source;
            wrong.push(format!(
                "{found:?} by {source} for {want} {at} {by}: {text}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[rstest]
// Words before the enhanced code, which goes before the reply code.
#[case("550 5.1.1 Mailbox full", "mailboxfull", "the words go before it")]
#[case("552 5.1.1 Something", "userunknown", "")]
#[case("535 5.2.2", "mailboxfull", "goes before the reply code")]
// Codes, or words and codes, that contradict each other.
#[case("451 5.7.1 Message refused", "", "contradict each other")]
#[case("550 5.7.1 Greylisted, come back", "greylisted", "something temporary")]
#[case("450 4.1.1 User unknown", "userunknown", "something permanent")]
#[case("550 Kontingent vorübergehend", "", "something temporary")]
#[case("552 5.2.2 Mailbox full", "mailboxfull", "")]
fn what_goes_before_and_what_contradicts_is_told(
    #[case] line: &str,
    #[case] reason: &str,
    #[case] told: &str,
) {
    let explanation = explained(line, "unknown");
    if !reason.is_empty() {
        assert_eq!(
            explanation.reason.map(Reason::as_str),
            Some(reason),
            "{line}"
        );
    }
    let meaning = explanation.meaning;
    assert!(meaning.contains(told), "{meaning}");
    let contradiction = ["contradict", "before"]
        .iter()
        .any(|word| meaning.contains(word));
    assert_eq!(contradiction, !told.is_empty(), "{meaning}");
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

#[rstest]
#[case("235 2.7.0 Authentication successful", "login succeeded")]
#[case("251 2.1.5 User not local; will forward", "forwards the message")]
#[case("252 2.5.2 Cannot VRFY user", "does not verify")]
#[case("250 2.1.5 Recipient ok", "Destination address valid")]
fn a_positive_reply_is_no_failure(#[case] line: &str, #[case] words: &str) {
    let explanation = explained(line, "unknown");
    assert!(explanation.meaning.contains(words), "{explanation:?}");
    assert_eq!(explanation.reason, None);
    assert_eq!(explanation.finding, None);
    assert_eq!(explanation.permanent, None);
}
