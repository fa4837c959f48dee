//! Two transcripts side by side, aligned by step, their differences marked.

use crate::case::{From, Line};
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// Lines of each that are compared; nobody reads more, and a hostile server sends more.
pub(super) const MOST: usize = 2_000;

/// A session that has been.
#[derive(Clone, Debug, Default)]
pub struct Held {
    pub host: String,
    pub port: String,
    pub lines: Vec<Line>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Same,
    /// Other words, the same code.
    Words,
    /// Another code.
    Code,
    /// Only the one or the other has it.
    Left,
    Right,
}

impl Mark {
    /// The sign that stands between the two; colour says no more than it.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Same => " ",
            Self::Words => "~",
            Self::Code => "!",
            Self::Left => "<",
            Self::Right => ">",
        }
    }
}

/// A row of the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// A step, and the milliseconds until its answer began.
    Step {
        name: String,
        left: Option<u64>,
        right: Option<u64>,
    },
    /// A line of the one beside its like in the other.
    Pair {
        mark: Mark,
        left: Option<Line>,
        right: Option<Line>,
    },
}

/// What was said in one go, and what came in answer.
struct Step<'a> {
    name: String,
    lines: Vec<&'a Line>,
}

impl Step<'_> {
    fn took_ms(&self) -> Option<u64> {
        let answer = self.lines.iter().find(|line| line.from == From::Server)?;
        let sent = self.lines.iter().rev();
        let mut sent = sent.filter(|line| line.from == From::Client);
        let since = sent.next().map_or(0, |line| line.at_ms);
        Some(answer.at_ms.saturating_sub(since))
    }
}

fn steps(lines: &[Line]) -> Vec<Step<'_>> {
    let mut steps = vec![Step {
        name: "connect".to_owned(),
        lines: Vec::new(),
    }];
    let mut answered = true;
    for line in lines.iter().take(MOST) {
        if line.from == From::Client && answered {
            let verb = line.line.split_whitespace().next().unwrap_or_default();
            steps.push(Step {
                name: match verb {
                    "." => "message".to_owned(),
                    verb => verb.to_ascii_uppercase(),
                },
                lines: Vec::new(),
            });
        }
        answered = line.from == From::Server || (answered && line.from == From::Event);
        if let Some(step) = steps.last_mut() {
            step.lines.push(line);
        }
    }
    steps
}

/// The rows, the earlier session left.
pub(super) fn rows(left: &Held, right: &Held) -> Vec<Row> {
    let (left_steps, right_steps) = (steps(&left.lines), steps(&right.lines));
    let names = |steps: &[Step<'_>]| -> Vec<String> {
        steps.iter().map(|step| step.name.clone()).collect()
    };
    let mut rows = Vec::new();
    for (a, b) in paired(&names(&left_steps), &names(&right_steps)) {
        let a = a.and_then(|at| left_steps.get(at));
        let b = b.and_then(|at| right_steps.get(at));
        let Some(name) = a.or(b).map(|step| step.name.clone()) else {
            continue;
        };
        rows.push(Row::Step {
            name,
            left: a.and_then(Step::took_ms),
            right: b.and_then(Step::took_ms),
        });
        let of = |step: Option<&Step<'_>>| -> Vec<Line> {
            let lines = step.iter().flat_map(|step| step.lines.iter());
            lines.map(|line| (*line).clone()).collect()
        };
        pair_lines(&of(a), &left.host, &of(b), &right.host, &mut rows);
    }
    rows
}

fn pair_lines(
    left: &[Line],
    left_host: &str,
    right: &[Line],
    right_host: &str,
    rows: &mut Vec<Row>,
) {
    // A host's own name is no difference.
    let without = |lines: &[Line], host: &str| -> Vec<String> {
        let replaced = |line: &Line| match host {
            "" => line.line.to_string(),
            host => line.line.replace(host, "\u{0}"),
        };
        lines.iter().map(replaced).collect()
    };
    let (a, b) = (without(left, left_host), without(right, right_host));
    for (at, with) in paired(&a, &b) {
        let same = at.and_then(|at| a.get(at)) == with.and_then(|at| b.get(at));
        let left = at.and_then(|at| left.get(at)).cloned();
        let right = with.and_then(|at| right.get(at)).cloned();
        let mark = match (&left, &right) {
            (Some(_), None) => Mark::Left,
            (None, _) => Mark::Right,
            _ if same => Mark::Same,
            (Some(left), Some(right)) if left.code == right.code && left.from == right.from => {
                Mark::Words
            }
            _ => Mark::Code,
        };
        rows.push(Row::Pair { mark, left, right });
    }
}

/// Which belongs to which, in order; what stands in the place of something else is its pair.
fn paired(left: &[String], right: &[String]) -> Vec<(Option<usize>, Option<usize>)> {
    let mut pairs = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, left, right) {
        let (old, new) = match op {
            DiffOp::Equal {
                old_index,
                new_index,
                len,
            } => (old_index..old_index + len, new_index..new_index + len),
            DiffOp::Delete {
                old_index, old_len, ..
            } => (old_index..old_index + old_len, 0..0),
            DiffOp::Insert {
                new_index, new_len, ..
            } => (0..0, new_index..new_index + new_len),
            DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            } => (
                old_index..old_index + old_len,
                new_index..new_index + new_len,
            ),
        };
        let count = old.len().max(new.len());
        let (mut old, mut new) = (old, new);
        pairs.extend((0..count).map(|_| (old.next(), new.next())));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::code::ReplyCode;

    fn held(host: &str, text: &str) -> Held {
        let line = |line: &str| {
            let mut words = line.splitn(3, ' ');
            let at_ms = words.next().unwrap().parse().unwrap();
            let from = match words.next().unwrap() {
                "C" => From::Client,
                "S" => From::Server,
                _ => From::Event,
            };
            let text = words.next().unwrap();
            let code = text.get(..3).and_then(|c| c.parse().ok());
            Line {
                at_ms,
                from,
                line: text.into(),
                code: code.and_then(ReplyCode::new),
                enhanced: None,
                encrypted: false,
            }
        };
        Held {
            host: host.to_owned(),
            port: "25".to_owned(),
            lines: text.lines().map(line).collect(),
        }
    }

    fn shown(rows: &[Row]) -> Vec<String> {
        let text = |line: &Option<Line>| {
            line.as_ref()
                .map_or("", |line| line.line.as_str())
                .to_owned()
        };
        let row = |row: &Row| match row {
            Row::Step { name, left, right } => format!("{name} {left:?} {right:?}"),
            Row::Pair { mark, left, right } => {
                format!("{}|{}|{}", text(left), mark.sign(), text(right))
            }
        };
        rows.iter().map(row).collect()
    }

    #[test]
    fn steps_stand_beside_their_like_and_differences_are_marked() {
        let left = held(
            "mx1.example",
            "0 E connected\n9 S 220 mx1.example ready\n10 C EHLO me\n12 S 250-mx1.example\n\
             12 S 250 STARTTLS\n20 C STARTTLS\n25 S 220 go\n30 C MAIL FROM:<>\n31 S 250 ok\n40 C QUIT\n41 S 221 bye",
        );
        let right = held(
            "mx2.example",
            "0 E connected\n90 S 220 mx2.example ready\n100 C EHLO me\n102 S 250-mx2.example\n\
             102 S 250 SIZE\n130 C MAIL FROM:<>\n931 S 550 no\n940 C QUIT\n941 S 221 ciao",
        );
        assert_eq!(
            shown(&rows(&left, &right)),
            [
                "connect Some(9) Some(90)",
                "connected| |connected",
                "220 mx1.example ready| |220 mx2.example ready",
                "EHLO Some(2) Some(2)",
                "EHLO me| |EHLO me",
                "250-mx1.example| |250-mx2.example",
                "250 STARTTLS|~|250 SIZE",
                "STARTTLS Some(5) None",
                "STARTTLS|<|",
                "220 go|<|",
                "MAIL Some(1) Some(801)",
                "MAIL FROM:<>| |MAIL FROM:<>",
                "250 ok|!|550 no",
                "QUIT Some(1) Some(1)",
                "QUIT| |QUIT",
                "221 bye|~|221 ciao",
            ]
        );
    }

    #[test]
    fn nothing_beside_nothing_is_nothing_much() {
        let rows = rows(&Held::default(), &Held::default());
        assert_eq!(shown(&rows), ["connect None None"]);
    }
}
