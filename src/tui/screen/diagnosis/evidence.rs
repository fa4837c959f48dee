//! How the cause is known: the lines that decide, not all that was said.

use crate::case::Finding;
use crate::text::SafeText;
use crate::tui::theme::Role;
use crate::tui::widget::Doc;

/// Lines that are shown; a session has more, and the details of its check have them all.
const MOST: usize = 6;

pub(super) fn write(finding: &Finding, doc: &mut Doc) {
    let shown = decisive(finding);
    for line in &shown {
        doc.hanging(2, 4, vec![(Role::Note, line.to_string())]);
    }
    let left = finding.evidence.len() - shown.len();
    if left > 0 {
        let words = format!("{left} more lines stand in the details of the check.");
        doc.hanging(2, 4, vec![(Role::Dim, words)]);
    }
    if !finding.reproduce.is_empty() {
        doc.hanging(
            2,
            4,
            vec![
                (Role::Key, "$ ".to_owned()),
                (Role::Text, finding.reproduce.to_string()),
            ],
        );
    }
}

/// The lines around the one that the summary quotes, and what stands behind the dialogue; the
/// first ones where it quotes none.
fn decisive(finding: &Finding) -> Vec<&SafeText> {
    let lines = &finding.evidence[..];
    if lines.len() <= MOST {
        return lines.iter().collect();
    }
    let quoted = lines.iter().rposition(|line| {
        line.strip_prefix("S: ")
            .is_some_and(|said| !said.is_empty() && finding.summary.contains(said))
    });
    let Some(at) = quoted else {
        return lines.iter().take(MOST).collect();
    };
    let spoken = |line: &SafeText| {
        ["S: ", "C: ", "-- "]
            .iter()
            .any(|who| line.starts_with(who))
    };
    lines
        .iter()
        .enumerate()
        // The command before it, and what the one before that was answered.
        .filter(|(place, line)| (at.saturating_sub(3)..=at).contains(place) || !spoken(line))
        .map(|(_, line)| line)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::finding::id;

    #[test]
    fn of_a_long_session_the_refusal_is_shown() {
        let places = [
            ("host", "mx.example.org"),
            ("to", "a@example.org"),
            ("domain", "example.org"),
            ("what", "550 no such user"),
            ("address", "192.0.2.1"),
            ("from", ""),
        ];
        let mut finding = Finding::new(id::RCPT_USER_UNKNOWN, "mx.example.org", &places);
        let said = [
            "S: 220 ready",
            "C: EHLO me",
            "S: 250 mx",
            "C: MAIL FROM:<>",
            "S: 250 ok",
            "C: RCPT TO:<a@example.org>",
            "S: 550 no such user",
            "C: QUIT",
            "S: 221 bye",
            "asked once more",
        ];
        finding.evidence = said.iter().map(|line| SafeText::from(*line)).collect();
        finding.summary = "mx.example.org says: 550 no such user".into();
        let shown: Vec<_> = decisive(&finding)
            .into_iter()
            .map(SafeText::as_str)
            .collect();
        assert_eq!(shown, [said[3], said[4], said[5], said[6], said[9]]);
        finding.summary = "something else".into();
        assert_eq!(decisive(&finding).len(), MOST);
    }
}
