//! What the lines of a session before a reply say about it.

use super::{From, Line};
use crate::knowledge::explain::{Explanation, Question};
use crate::knowledge::situation::{self, Situation};
use crate::knowledge::software::{self, Software};
use crate::knowledge::stage::Stage;

/// What `line` means, as the reply at `stage`, behind the lines `before`.
pub fn explained(before: &[Line], line: &Line, stage: Stage) -> Explanation {
    let software = software(before);
    situation::explain(&Situation {
        question: Question {
            text: &line.line,
            code: line.code,
            enhanced: line.enhanced,
            stage,
        },
        software: software.map(|software| &*software.name),
        refused: refused(before, stage),
        encrypted: line.encrypted,
    })
}

/// Lines of a session that are read for what its server is.
const LOOKED_AT: usize = 200;

/// The software of the server, by its greeting, else by what it offers, else by its words.
pub fn software(lines: &[Line]) -> Option<&'static Software> {
    let said = || {
        let lines = lines.iter().take(LOOKED_AT);
        lines.filter(|line| line.from == From::Server)
    };
    // The greeting ends where the client speaks.
    let greeting = lines
        .iter()
        .take_while(|line| line.from != From::Client)
        .filter(|line| line.from == From::Server)
        .take(20);
    let keyword = |line: &Line| {
        let text: String = line.line.chars().skip(4).collect();
        software::of_keyword(&text)
    };
    greeting
        .into_iter()
        .find_map(|line| software::of_greeting(&line.line))
        .or_else(|| said().find_map(keyword))
        .or_else(|| said().find_map(|line| software::of_reply(&line.line)))
}

/// What was refused before the command at `stage`, and explains its refusal: in this
/// transaction MAIL or each RCPT; in the session, the last AUTH.
fn refused(before: &[Line], stage: Stage) -> Option<Stage> {
    let mut asked = Stage::Connect;
    let (mut login, mut mail, mut rcpt) = (None, None, None);
    for line in before {
        match line.from {
            From::Client => asked = Stage::of_line(&line.line),
            From::Server => {
                let Some(code) = line.code else { continue };
                let taken = Some(code.is_positive());
                match asked {
                    Stage::Auth => login = taken,
                    Stage::Mail => (mail, rcpt) = (taken, None),
                    Stage::Rcpt => rcpt = Some(rcpt == Some(true) || code.is_positive()),
                    Stage::Rset => (mail, rcpt) = (None, None),
                    _ => {}
                }
            }
            From::Event => {}
        }
    }
    match stage {
        Stage::Data if rcpt == Some(false) => Some(Stage::Rcpt),
        Stage::Rcpt | Stage::Data if mail == Some(false) => Some(Stage::Mail),
        Stage::Mail | Stage::Rcpt if login == Some(false) => Some(Stage::Auth),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::code::{EnhancedCode, ReplyCode};

    fn line(text: &str) -> Line {
        let (from, text) = match text.strip_prefix("C: ") {
            Some(text) => (From::Client, text),
            None => (From::Server, text),
        };
        let code = text.get(..3).and_then(|code| code.parse().ok());
        Line {
            at_ms: 0,
            from,
            line: text.into(),
            code: code
                .filter(|_| from == From::Server)
                .and_then(ReplyCode::new),
            enhanced: text.get(4..).and_then(EnhancedCode::at_start_of),
            encrypted: false,
        }
    }

    #[test]
    fn what_came_before_explains() {
        let lines: Vec<Line> = [
            "220 mx.example.org ESMTP",
            "C: EHLO a.example",
            "250 mx.example.org",
            "C: MAIL FROM:<a@b.example>",
            "250 2.1.0 Ok",
            "C: RCPT TO:<c@d.example>",
            "554 5.7.1 <c@d.example>: Relay access denied",
            "C: DATA",
            "554 5.5.1 Error: no valid recipients",
        ]
        .map(line)
        .into();
        assert_eq!(software(&lines).unwrap().name, "Postfix");
        let (last, before) = lines.split_last().unwrap();
        let said = explained(before, last, Stage::Data).meaning;
        assert!(said.contains("no recipient was accepted"), "{said}");
        // One taken is enough; and a new transaction forgets.
        let mut taken = before.to_vec();
        taken.splice(7..7, ["C: RCPT TO:<e@d.example>", "250 Ok"].map(line));
        assert_eq!(refused(&taken, Stage::Data), None);
        let again = [before, &["C: RSET", "250 Ok"].map(line)[..]].concat();
        assert_eq!(refused(&again, Stage::Data), None);
    }
}
