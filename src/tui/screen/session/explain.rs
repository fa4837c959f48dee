//! What the selected line means, in the words that fit the command that it answers.

use super::timing;
use crate::case::{From, Line};
use crate::knowledge::extension::{extension, missing};
use crate::knowledge::stage::Stage;
use crate::smtp::Extensions;
use crate::tui::screen::checks;
use crate::tui::screen::codes::explain;
use crate::tui::state::State;
use crate::tui::symbols;
use crate::tui::theme::Role;
use crate::tui::widget::Doc;

/// Lines of an answer to EHLO that are read; no server has a tenth of them to say.
const MOST_KEYWORDS: usize = 200;

pub fn doc(state: &State) -> Doc {
    let mut doc = Doc::default();
    let session = &state.session;
    let Some((at, _)) = super::selected(state) else {
        if session.phase == super::Phase::Idle {
            first_steps(&mut doc);
        } else {
            doc.text(
                Role::Dim,
                "Each reply is explained here as it comes: what the code means after this \
                 command, and what can be done.",
            );
        }
        return doc;
    };
    // The dialogue has gone on, and our own command is the last line: the answer is awaited.
    let Some(line) = session.lines.get(at) else {
        return doc;
    };
    match line.from {
        From::Server => reply(state, at, line, &mut doc),
        From::Client => {
            doc.spans(vec![
                (Role::Dim, "you sent  ".to_owned()),
                (Role::Title, line.line.to_string()),
            ]);
            if let Some(words) = explain::command(&line.line) {
                doc.para(words);
            }
        }
        From::Event => {
            doc.para(&line.line);
            let is_last = at + 1 == session.lines.len();
            if let Some(words) = timing::whole(session)
                && is_last
                && session.phase == super::Phase::Closed
            {
                doc.blank();
                doc.para(&words);
                doc.text(
                    Role::Dim,
                    "In the transcript: c connects again, r says the same to another host, v shows \
                     the last two sessions side by side.",
                );
            }
        }
    }
    doc
}

/// For whoever is here for the first time; in a small pane the first lines say it.
fn first_steps(doc: &mut Doc) {
    doc.para(
        "To send a test message: Enter connects. Then the next command stands ready below, with \
         the reason for it, and Enter sends it. Nothing but commands leaves before you have \
         written the message and said yes.",
    );
    doc.blank();
    doc.text(Role::Dim, "Each reply is explained here as it comes.");
    for (key, words) in [
        ("F10", "sender, recipients and what is asked of the server"),
        ("F8", "the message, once a recipient is taken"),
        ("Ctrl-G", "logs in, once connected"),
        ("Ctrl-F", "sends what is typed as it is, whatever it breaks"),
        ("F1", "all keys"),
    ] {
        doc.hanging(
            2,
            10,
            vec![
                (Role::Key, format!("{key:<8}")),
                (Role::Text, words.to_owned()),
            ],
        );
    }
}

fn reply(state: &State, at: usize, line: &Line, doc: &mut Doc) {
    let session = &state.session;
    let reply = session.reply_at(at);
    let to = reply.map(|reply| reply.to.as_str()).unwrap_or_default();
    if let Some(code) = line.code {
        let answered = if to.is_empty() {
            "the greeting".to_owned()
        } else {
            format!("in answer to {to}")
        };
        doc.spans(vec![
            (symbols::class(code.class()), code.to_string()),
            (
                Role::Dim,
                line.enhanced
                    .map(|enhanced| format!(" {enhanced}"))
                    .unwrap_or_default(),
            ),
            (Role::Dim, format!("  {answered}")),
            (
                Role::Dim,
                reply
                    .map(|reply| format!(", after {}", checks::duration(reply.took_ms)))
                    .unwrap_or_default(),
            ),
        ]);
    }
    let first = reply.map_or(at, |reply| reply.lines.0);
    let before = session.lines.get(..first).unwrap_or_default();
    doc.append(explain::reply(before, to, line));
    explain::taken_for(&session.lines, doc);
    if let Some(reply) = reply.filter(|_| Stage::of_line(to) == Stage::Ehlo) {
        let (first, end) = reply.lines;
        let lines = session.lines.get(first..end).unwrap_or_default();
        offered(lines, doc);
    }
    if let Some(words) = reply.and_then(|reply| timing::of_reply(session, reply)) {
        doc.item(Role::Note, "?", &words);
    }
    doc.blank();
    doc.text(Role::Dim, "as received:");
    let (from, to) = reply.map_or((at, at + 1), |reply| reply.lines);
    for line in session
        .lines
        .get(from..to)
        .unwrap_or_default()
        .iter()
        .take(60)
    {
        doc.verbatim(Role::Note, &line.line);
    }
}

/// The EHLO keywords among the server's `lines`, which are one reply.
pub(super) fn extensions(lines: &[Line]) -> Extensions {
    let positive = lines.iter().take(MOST_KEYWORDS).filter(|line| {
        line.from == From::Server && line.code.is_some_and(|code| code.get() == 250)
    });
    Extensions::of_lines(positive.map(|line| {
        // Behind the code and the hyphen or space.
        let mut text = line.line.as_str().chars();
        text.nth(3);
        text.as_str()
    }))
}

/// Each keyword and what is offered by it; then those whose absence says something.
pub(in crate::tui::screen) fn offered(lines: &[Line], doc: &mut Doc) {
    let extensions = extensions(lines);
    if extensions.domain.is_empty() {
        return;
    }
    doc.heading("What the server offers");
    for keyword in &extensions.keywords {
        let parameters: String = keyword
            .parameters
            .iter()
            .fold(String::new(), |all, one| all + " " + one);
        let words = extension(&keyword.name).map_or_else(
            || "not a registered keyword; nothing has to be done about it".to_owned(),
            |known| format!("{} ({})", known.offers, known.source),
        );
        doc.hanging(
            0,
            2,
            vec![
                (Role::Key, format!("{}{parameters}  ", keyword.name)),
                (Role::Text, words),
            ],
        );
    }
    let names: Vec<&str> = extensions
        .keywords
        .iter()
        .map(|keyword| keyword.name.as_str())
        .collect();
    // Inside TLS it is not offered again (RFC 3207 section 4.2).
    let inside = lines.iter().any(|line| line.encrypted);
    let missing = missing(&names).filter(|(keyword, _)| !(inside && *keyword == "STARTTLS"));
    for (keyword, means) in missing {
        doc.hanging(
            0,
            2,
            vec![
                (Role::Dim, format!("no {keyword}  ")),
                (Role::Text, means.to_owned()),
            ],
        );
    }
}
