//! How long each step took: a bar each, and in words who was slow.

use super::{Replied, Session};
use crate::text::columns;
use crate::tui::screen::checks;
use crate::tui::theme::Role;
use crate::tui::widget::{Spans, plain};

/// Milliseconds from which an answer is worth a word, and from which it is slow.
const WORTH_A_WORD: u64 = 1_000;
const SLOW: u64 = 5_000;
/// Upper bounds of the bars in milliseconds: each step is a few times the one before, so that
/// a fast and a slow server are both seen.
const BARS: [(u64, &str); 7] = [
    (3, "▁"),
    (15, "▂"),
    (60, "▃"),
    (250, "▄"),
    (1_000, "▅"),
    (5_000, "▆"),
    (30_000, "▇"),
];

fn bar(ms: u64) -> &'static str {
    let found = BARS.iter().find(|(bound, _)| ms < *bound);
    found.map_or("█", |(_, bar)| bar)
}

fn name(reply: &Replied) -> &str {
    match reply.to.as_str() {
        "" => "connect",
        crate::engine::live::MESSAGE => "message",
        verb => verb,
    }
}

/// `▁connect 16 ms ▁EHLO 1 ms …`, the last that fit.
pub(super) fn bars(session: &Session, room: usize) -> Spans {
    let (all, is_whole) = bars_of(session, room, false);
    if is_whole {
        all
    } else {
        bars_of(session, room, true).0
    }
}

/// The bars, `short` without units of milliseconds; and whether every step has one.
fn bars_of(session: &Session, room: usize, short: bool) -> (Spans, bool) {
    let mut taken: Vec<Spans> = Vec::new();
    let mut left = room.saturating_sub(2);
    let mut all = true;
    let gap = if short { " " } else { "  " };
    let took = |ms: u64| match ms {
        0..WORTH_A_WORD if short => ms.to_string(),
        ms => checks::duration(ms),
    };
    for reply in session.replies.iter().rev() {
        let role = match reply.took_ms {
            SLOW.. => Role::Warn,
            WORTH_A_WORD.. => Role::Note,
            _ => Role::Good,
        };
        let spans = vec![
            (role, bar(reply.took_ms).to_owned()),
            (Role::Text, name(reply).to_owned()),
            (Role::Dim, format!(" {}{gap}", took(reply.took_ms))),
        ];
        let wide = columns(&plain(&spans));
        if wide > left {
            all = false;
            break;
        }
        left -= wide;
        taken.push(spans);
    }
    if !all {
        taken.push(vec![(Role::Dim, "… ".to_owned())]);
    }
    (taken.into_iter().rev().flatten().collect(), all)
}

/// What is to be said of the time that an answer took.
pub(super) fn of_reply(session: &Session, reply: &Replied) -> Option<String> {
    if reply.took_ms < WORTH_A_WORD {
        return None;
    }
    let took = checks::duration(reply.took_ms);
    let others = session.replies.len().saturating_sub(1);
    let is_slowest = session
        .replies
        .iter()
        .all(|own| own.took_ms <= reply.took_ms);
    let rest: u64 = session.replies.iter().map(|own| own.took_ms).sum::<u64>() - reply.took_ms;
    let against = match u64::try_from(others) {
        Ok(others @ 1..) if is_slowest => format!(
            " No other answer took that long; the others took {} each.",
            checks::duration(rest / others)
        ),
        _ => String::new(),
    };
    let standard = if reply.took_ms >= SLOW {
        " That is within the standard (RFC 5321, 4.5.3.2), yet unusual: mostly a deliberate delay."
    } else {
        ""
    };
    Some(format!("The server took {took}.{against}{standard}"))
}

/// Who was slow, once the session is over.
pub(super) fn whole(session: &Session) -> Option<String> {
    let slowest = session.replies.iter().max_by_key(|reply| reply.took_ms)?;
    let server: u64 = session.replies.iter().map(|reply| reply.took_ms).sum();
    let all = session.lines.last()?.at_ms.max(server);
    Some(format!(
        "The session took {}. The server took {} of it for its answers, the longest for {}: {}. \
         The rest was ours.",
        checks::duration(all),
        checks::duration(server),
        name(slowest),
        checks::duration(slowest.took_ms)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Case, From, Line};

    fn session(took: &[(&str, u64)]) -> Session {
        let mut session = Session::new(&Case::new(jiff::Timestamp::UNIX_EPOCH));
        for (at, (to, took_ms)) in took.iter().enumerate() {
            session.lines.push(Line {
                at_ms: 60_000,
                from: From::Server,
                line: "250 x".into(),
                code: None,
                enhanced: None,
                encrypted: false,
            });
            session.replies.push(Replied {
                lines: (at, at + 1),
                to: (*to).to_owned(),
                took_ms: *took_ms,
            });
        }
        session
    }

    #[test]
    fn the_last_steps_that_fit_have_bars() {
        let session = session(&[("", 16), ("EHLO", 1), ("MAIL", 7_000)]);
        assert_eq!(
            plain(&bars(&session, 80)),
            "▃connect 16 ms  ▁EHLO 1 ms  ▇MAIL 7.0 s  "
        );
        assert_eq!(
            plain(&bars(&session, 36)),
            "▃connect 16 ▁EHLO 1 ▇MAIL 7.0 s "
        );
        assert_eq!(plain(&bars(&session, 26)), "… ▁EHLO 1 ▇MAIL 7.0 s ");
        assert_eq!(plain(&bars(&session, 3)), "… ");
    }

    #[test]
    fn who_was_slow_is_said() {
        let session = session(&[("", 10), ("EHLO", 30), ("RCPT", 7_000)]);
        assert_eq!(of_reply(&session, &session.replies[0]), None);
        let words = of_reply(&session, &session.replies[2]).unwrap();
        assert!(
            words.starts_with(
                "The server took 7.0 s. No other answer took that long; the others took 20 ms each."
            ),
            "{words}"
        );
        let words = whole(&session).unwrap();
        assert!(
            words.contains("1 m 00 s. The server took 7.0 s of it")
                && words.contains("RCPT: 7.0 s"),
            "{words}"
        );
    }
}
