//! Reply lines and codes, as somebody copies them.

use super::Delivery;
use super::delivery::fix;
use crate::case::MailAddress;
use crate::knowledge::code::{EnhancedCode, ReplyCode};
use crate::knowledge::explain::{Explanation, Question, explain};
use crate::knowledge::stage::Stage;
use crate::text::SafeText;

/// Lines of one input that are explained.
const MOST: usize = 10_000;

/// A reply a line; the lines of one reply of several are one.
pub(super) fn explained(text: &str) -> (&'static str, Vec<Delivery>) {
    let replies = replies(text);
    let only_codes = replies.iter().all(|reply| is_only_codes(reply));
    let kind = if only_codes { "code" } else { "reply" };
    (kind, replies.iter().map(|reply| delivery(reply)).collect())
}

/// `550-a` and `550 b` on lines of their own are one reply (RFC 5321 section 4.2.1).
fn replies(text: &str) -> Vec<String> {
    let mut replies: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text
        .split(['\n', '\r'])
        .map(str::trim)
        .filter(|line| !line.is_empty())
    {
        if goes_on && let Some(reply) = replies.last_mut() {
            reply.push(' ');
            reply.push_str(line);
        } else if replies.len() < MOST {
            replies.push(line.to_owned());
        } else {
            break;
        }
        let mut characters = line.chars();
        let has_code = characters
            .by_ref()
            .take(3)
            .filter(char::is_ascii_digit)
            .count()
            == 3;
        goes_on = has_code && characters.next() == Some('-');
    }
    if replies.is_empty() {
        replies.push(String::new());
    }
    replies
}

fn is_only_codes(line: &str) -> bool {
    line.split([' ', '\t', '-']).all(|word| {
        word.parse::<u16>().is_ok()
            || word
                .trim_matches(['(', ')', '#'])
                .parse::<EnhancedCode>()
                .is_ok()
    })
}

fn delivery(line: &str) -> Delivery {
    let (code, enhanced) = codes(line);
    let explanation = explain(&Question {
        text: line,
        code,
        enhanced,
        stage: Stage::Unknown,
    });
    of(line, code, enhanced, explanation)
}

fn of(
    line: &str,
    code: Option<ReplyCode>,
    enhanced: Option<EnhancedCode>,
    explanation: Explanation,
) -> Delivery {
    let action = explanation
        .permanent
        .map(|permanent| if permanent { "failed" } else { "delayed" });
    Delivery {
        recipient: recipient(line, &explanation),
        original_recipient: None,
        action,
        reply_code: code,
        enhanced_code: enhanced,
        reason: explanation.reason,
        permanent: explanation.permanent,
        finding: explanation.finding,
        remote_host: None,
        diagnostic: line.into(),
        fix: fix(&explanation.fix, Some(explanation.whose)),
        explanation: explanation.meaning.into(),
        source: explanation.source,
    }
}

/// The one address in a refusal that is about its recipient.
fn recipient(line: &str, explanation: &Explanation) -> Option<SafeText> {
    let reason = explanation.reason?;
    if !matches!(
        reason.as_str(),
        "userunknown" | "mailboxfull" | "suspend" | "hasmoved" | "filtered" | "exceedlimit"
    ) {
        return None;
    }
    let mut addresses = line
        .split(|c: char| c.is_whitespace() || "<>()[]\"';,".contains(c))
        .map(|word| word.trim_matches([':', '.']))
        .filter(|word| word.parse::<MailAddress>().is_ok());
    let first = addresses.next()?;
    addresses.next().is_none().then(|| first.into())
}

/// The reply code and the enhanced code that a line begins with: `550 5.1.1 …`, `550-5.1.1 …`,
/// `5.1.1`, qmail's `(#5.1.1)`.
fn codes(line: &str) -> (Option<ReplyCode>, Option<EnhancedCode>) {
    let mut words = line
        .trim_start()
        .splitn(2, |c: char| c == '-' || c.is_whitespace());
    let first = words.next().unwrap_or_default();
    let code = (first.len() == 3)
        .then(|| first.parse().ok().and_then(ReplyCode::new))
        .flatten();
    let quoted = if code.is_some() { None } else { quoted(line) };
    let rest = match (code, quoted) {
        (Some(_), _) => words.next().unwrap_or_default(),
        (None, Some((_, rest))) => rest,
        (None, None) => line,
    };
    let enhanced = rest
        .split(|c: char| c.is_whitespace() || c == '=')
        .find_map(|word| {
            word.trim_matches(['(', ')', '[', ']', '<', '>', '#', ':', ',', ';'])
                .parse()
                .ok()
        });
    let code = code.or(quoted.map(|(code, _)| code));
    (code, enhanced)
}

/// The refusal that a line quotes, and what is behind its code: `host mx.example.org said: 550
/// no`, `smtp;550 no`.
fn quoted(line: &str) -> Option<(ReplyCode, &str)> {
    line.match_indices([':', ';']).find_map(|(at, _)| {
        let reply = line.get(at + 1..)?.trim_start();
        let (code, rest) = reply.split_at_checked(3)?;
        let ends = rest.is_empty() || rest.starts_with([' ', '-', '\t']);
        let refuses = ends && code.starts_with(['4', '5']);
        let code = code.parse().ok().filter(|_| refuses)?;
        Some((ReplyCode::new(code)?, rest.get(1..).unwrap_or_default()))
    })
}

#[cfg(test)]
mod tests {
    use super::{codes, replies};

    #[test]
    fn finds_the_codes_at_the_beginning() {
        let found = |line| {
            let (code, enhanced) = codes(line);
            (code.map(u16::from), enhanced.map(|code| code.to_string()))
        };
        assert_eq!(
            found("550 5.1.1 no such user"),
            (Some(550), Some("5.1.1".into()))
        );
        assert_eq!(
            found("550-5.7.1 refused"),
            (Some(550), Some("5.7.1".into()))
        );
        assert_eq!(found("(#4.4.1)"), (None, Some("4.4.1".into())));
        assert_eq!(found("dsn=4.4.1"), (None, Some("4.4.1".into())));
        assert_eq!(found("[5.7.1]"), (None, Some("5.7.1".into())));
        assert_eq!(found("smtp;550 no"), (Some(550), None));
        assert_eq!(
            found("host mx.b.example[192.0.2.1] said: 452 4.2.2 full"),
            (Some(452), Some("4.2.2".into()))
        );
        assert_eq!(found("port 25: 5500 tries"), (None, None));
        assert_eq!(found("2.7.0"), (None, Some("2.7.0".into())));
        assert_eq!(found("hello"), (None, None));
    }

    #[test]
    fn lines_of_one_reply_are_one() {
        assert_eq!(
            replies("550-5.7.1 a\r\n550 5.7.1 b\n\n450 c\n"),
            ["550-5.7.1 a 550 5.7.1 b", "450 c"]
        );
        assert_eq!(replies(""), [""]);
    }
}
