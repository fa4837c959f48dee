//! Explanations of replies and of codes in a pasted text.

use crate::case::Line;
use crate::case::situation::{explained, software};
use crate::knowledge::code::{EnhancedCode, ReplyCode};
use crate::knowledge::explain::{Explanation, Question, explain};
use crate::knowledge::stage::Stage;
use crate::text::SafeText;
use crate::tui::theme::Role;
use crate::tui::widget::Doc;

/// A code that stands in a pasted text, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub code: Option<ReplyCode>,
    pub enhanced: Option<EnhancedCode>,
    pub line: SafeText,
}

/// What the live session calls the message, which no command stands for.
const MESSAGE: &str = crate::engine::live::MESSAGE;

/// Characters of one line that are looked at.
const MOST: usize = 2_000;

/// The codes of a text, line by line: an enhanced code anywhere, a reply code where one can
/// stand, at the beginning or right before an enhanced code or behind a colon.
pub fn codes_in(text: &str) -> Vec<Found> {
    text.lines().filter_map(in_line).collect()
}

fn in_line(line: &str) -> Option<Found> {
    let line: String = line.chars().take(MOST).collect();
    let words: Vec<&str> = line
        .split(|c: char| {
            c.is_whitespace() || matches!(c, '-' | ';' | '(' | ')' | '#' | ',' | '"' | '<' | '>')
        })
        .filter(|word| !word.is_empty())
        .collect();
    let enhanced_at = words
        .iter()
        .position(|word| word.trim_end_matches(':').parse::<EnhancedCode>().is_ok());
    let enhanced = enhanced_at.and_then(|at| words.get(at)?.trim_end_matches(':').parse().ok());
    let code_of = |word: &str| {
        let word = word.trim_end_matches(':');
        (word.len() == 3)
            .then(|| word.parse().ok().and_then(ReplyCode::new))
            .flatten()
    };
    let before = enhanced_at
        .and_then(|at| words.get(at.checked_sub(1)?))
        .and_then(|word| code_of(word));
    let behind_colon = words
        .windows(2)
        .find(|pair| matches!(pair, [before, _] if before.ends_with(':')))
        .and_then(|pair| code_of(pair.get(1)?));
    let code = before.or_else(|| code_of(words.first()?)).or(behind_colon);
    (code.is_some() || enhanced.is_some()).then(|| Found {
        code,
        enhanced,
        line: line.trim().into(),
    })
}

/// One code of a pasted text, in a few lines.
pub fn short(found: &Found) -> Doc {
    let mut doc = Doc::default();
    doc.text(Role::Title, &found.line);
    append(
        &mut doc,
        &explain(&Question {
            text: &found.line,
            code: found.code,
            enhanced: found.enhanced,
            stage: Stage::Unknown,
        }),
    );
    doc
}

/// The stage that the name of a step of a dialogue stands for.
pub fn stage(to: &str) -> Stage {
    match to {
        "" => Stage::Connect,
        MESSAGE => Stage::Message,
        command => Stage::of_line(command),
    }
}

/// A line of a server, as the answer to the command `to`, behind the lines `before`.
pub fn reply(before: &[Line], to: &str, line: &Line) -> Doc {
    let mut doc = Doc::default();
    append(&mut doc, &explained(before, line, stage(to)));
    doc
}

/// Which software the server of these lines is taken for, and where its administrator sets things.
pub fn taken_for(lines: &[Line], doc: &mut Doc) {
    if let Some(software) = software(lines) {
        let words = format!("Taken for {}: {}.", software.name, software.place);
        doc.text(Role::Dim, &words);
    }
}

fn append(doc: &mut Doc, explanation: &Explanation) {
    doc.para(&explanation.meaning);
    doc.para(&explanation.fix);
    doc.text(
        Role::Dim,
        &format!("Whose move: {}.", explanation.whose.words()),
    );
}

/// What a command of ours does, for who reads along.
pub fn command(line: &str) -> Option<&'static str> {
    Some(match Stage::of_line(line) {
        Stage::Ehlo => "We say our name, and ask what the server can do.",
        Stage::Helo => "We say our name in the old way.",
        Stage::StartTls => "We ask for encryption from here on.",
        Stage::Mail => "The sender of the envelope: where a bounce would go.",
        Stage::Rcpt => "The recipient of the envelope.",
        Stage::Data => "We announce the message; nothing of it is sent before the server says 354.",
        Stage::Rset => "The transaction ends, the session goes on.",
        Stage::Quit => "We say goodbye.",
        Stage::Vrfy => "We ask whether an address exists; most servers do not tell.",
        Stage::Noop => "Nothing; the server shows that it is awake.",
        Stage::Help => "We ask for help.",
        _ => return None,
    })
}
