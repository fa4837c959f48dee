//! What is asked in the envelope beside the recipient, on the lab's servers.

use crate::scenarios::played;
use smtp_tui::diagnosis::Status;
use smtp_tui::knowledge::finding::id;
use smtp_tui::lab::Scenario;

fn scenario(more: &str) -> Scenario {
    let text = format!(
        "{{name: envelope, title: x, story: x, hints: [x], domain: envelope-test.org, speed: 100, \
         from: someone@elsewhere.org, to: info@envelope-test.org, {more}, \
         expect: {{status: healthy, cause: none}}, explanation: x}}"
    );
    Scenario::from_yaml(&text).expect("a scenario")
}

#[tokio::test(flavor = "multi_thread")]
async fn greylisting_is_confirmed_by_coming_back_once() {
    let world = "world: {mail_hosts: [{name: mx1.$domain, smtp: {greylist: 300}}]}";
    for (come_back, words) in [
        (
            300,
            "asked once more after 300 s, it took the recipient: 250",
        ),
        (60, "asked once more after 60 s: 450"),
    ] {
        let (case, diagnosis) =
            played(&scenario(&format!("come_back: {come_back}, {world}"))).await;
        let cause = diagnosis.cause().expect("a cause");
        assert_eq!(cause.id, id::RCPT_GREYLISTED);
        assert_eq!(diagnosis.verdict.status, Status::Degraded);
        assert!(
            cause.evidence.iter().any(|line| line.starts_with(words)),
            "{:?}",
            cause.evidence
        );
        let said = case.sessions.iter().flat_map(|session| &session.transcript);
        let asked = said.filter(|line| line.line.as_str() == "RCPT TO:<info@envelope-test.org>");
        assert_eq!(asked.count(), 2, "asked, and asked once more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_message_is_sent_and_the_relay_is_tried_only_on_request() {
    let world = "world: {mail_hosts: [{name: mx1.$domain, smtp: \
                 {rcpt: {someone@elsewhere.org: \"250 2.1.5 Ok\"}}}]}";
    for (relay_test, found) in [(true, true), (false, false)] {
        let text = format!("relay_test: {relay_test}, {world}");
        let (case, diagnosis) = played(&scenario(&text)).await;
        let is = |finding: &smtp_tui::case::Finding| finding.id == id::RCPT_OPEN_RELAY;
        assert_eq!(diagnosis.findings.iter().any(is), found);
        let said: Vec<&str> = case
            .sessions
            .iter()
            .flat_map(|session| &session.transcript)
            .map(|line| line.line.as_str())
            .collect();
        let tried = said.contains(&"RCPT TO:<someone@elsewhere.org>");
        assert_eq!(tried, relay_test);
        assert!(
            said.contains(&"RSET") && !said.contains(&"DATA"),
            "{said:?}"
        );
    }
}
