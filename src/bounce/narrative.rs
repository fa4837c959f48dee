//! What a report says in plain words: recipients, each with its words, and the dialogue that
//! is quoted.

use super::address;
use super::phrases::KNOWN;
use super::status;
use crate::knowledge::stage::Stage;

/// Recipients that are read from one text.
const MOST: usize = 1_000;
/// Octets of words that are kept of one recipient, and in common.
const LONGEST: usize = 8_192;
/// Lines that are read.
const MOST_LINES: usize = 20_000;

/// A recipient that the text names.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub(super) address: String,
    /// The address that it came from: expanded, generated, forwarded.
    pub(super) was: Option<String>,
    pub(super) words: String,
    /// The line that introduced it.
    pub(super) said: String,
    indent: usize,
    /// The line ended in a colon: everything up to the blank line is about this recipient.
    whole_paragraph: bool,
    /// It stands in `To:`, as Exchange quotes whom the message was written to: a list, perhaps.
    addressed: bool,
}

/// A reply in a quoted dialogue.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) stage: Stage,
    pub(super) address: Option<String>,
    pub(super) words: String,
}

#[derive(Debug, Default)]
pub(super) struct Narrative {
    pub(super) entries: Vec<Entry>,
    /// What is said of no recipient in particular.
    pub(super) common: String,
    pub(super) answers: Vec<Answer>,
    pub(super) host: Option<String>,
}

/// Reads the text in front of the returned message.
pub(super) fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Narrative {
    let mut reader = Reader::default();
    for line in lines.take(MOST_LINES) {
        reader.line(line);
    }
    settle(&mut reader.narrative.answers);
    let entries = &mut reader.narrative.entries;
    if entries.iter().any(|entry| !entry.addressed) {
        entries.retain(|entry| !entry.addressed);
    }
    reader.narrative
}

/// With pipelining Sendmail quotes the answers to RCPT behind `>>> DATA`. If DATA was then
/// refused for want of a recipient, they were; else it is the message that was refused.
fn settle(answers: &mut [Answer]) {
    let wants_recipient = |answer: &Answer| {
        let words = answer.words.to_ascii_lowercase();
        answer.stage == Stage::Data
            && (words.starts_with("503") || words.contains("no valid recipient"))
    };
    let of_recipient = answers.iter().any(wants_recipient);
    for answer in answers
        .iter_mut()
        .filter(|answer| answer.stage == Stage::Data)
    {
        answer.stage = if of_recipient {
            Stage::Rcpt
        } else {
            Stage::Message
        };
    }
}

#[derive(Default)]
struct Reader {
    narrative: Narrative,
    current: Option<usize>,
    /// Inside a quoted dialogue: the command last seen, and the recipient in it.
    dialogue: Option<(Stage, Option<String>)>,
    /// The last line was a status field, which may go on.
    field: bool,
}

impl Reader {
    fn line(&mut self, line: &str) {
        let text = line.trim();
        if text.is_empty() {
            self.current = None;
            self.field = false;
            return;
        }
        if self.field && line.starts_with([' ', '\t']) {
            return;
        }
        self.field = status::is_field(text);
        if self.field || self.is_dialogue(text) {
            return;
        }
        let indent = line.len() - line.trim_start().len();
        if text.contains('@') && self.recipient(text, indent) {
            return;
        }
        let narrative = &mut self.narrative;
        let current = self
            .current
            .and_then(|place| narrative.entries.get_mut(place));
        if let Some(entry) = current {
            entry.go_on(text);
            return;
        }
        add(&mut narrative.common, text);
        narrative.common.push('\n');
        if text
            .to_ascii_lowercase()
            .contains("transcript of session follows")
        {
            self.dialogue = Some((Stage::Unknown, None));
        }
    }

    /// Sendmail and its kin quote the session: `>>> RCPT To:<a@b>`, `<<< 550 no`.
    fn is_dialogue(&mut self, text: &str) -> bool {
        if let Some(host) = text.strip_prefix("... while talking to ") {
            self.narrative.host = Some(host.trim_end_matches([':', '.', ' ']).to_owned());
            self.dialogue = Some((Stage::Connect, None));
            self.current = None;
            return true;
        }
        if let Some(command) = text.strip_prefix(">>> ") {
            let stage = Stage::of_line(command);
            let address = (stage == Stage::Rcpt)
                .then(|| address::first(command).map(str::to_owned))
                .flatten();
            self.dialogue = Some((stage, address));
            self.current = None;
            return true;
        }
        let answer = text.strip_prefix("<<< ");
        let begins_with_code = text.get(..3).is_some_and(|code| {
            code.starts_with(['4', '5']) && code.bytes().all(|byte| byte.is_ascii_digit())
        }) && text.get(3..4).is_none_or(|next| next == " " || next == "-");
        let Some((stage, address)) = self.dialogue.clone() else {
            return false;
        };
        let Some(words) = answer.or_else(|| begins_with_code.then_some(text)) else {
            return false;
        };
        let address = address.or_else(|| address::first(words).map(str::to_owned));
        if self.narrative.answers.len() < MOST {
            self.narrative.answers.push(Answer {
                // Sendmail's own conclusion is no answer to a command.
                stage: if answer.is_some() {
                    stage
                } else {
                    Stage::Unknown
                },
                address,
                words: words.to_owned(),
            });
        }
        true
    }

    /// Takes a line that names a recipient.
    fn recipient(&mut self, text: &str, indent: usize) -> bool {
        if let Some(entry) = self
            .current
            .and_then(|place| self.narrative.entries.get_mut(place))
            && (indent > entry.indent || (entry.whole_paragraph && !is_heading(text)))
        {
            entry.go_on(text);
            return true;
        }
        let head = at_head(text);
        // What introduces a recipient may say what is wrong: `Unknown user: a@b.example`.
        let said = if head.is_none() { text } else { "" };
        let Some((address, rest)) = head.or_else(|| introduced(text)) else {
            return false;
        };
        let entries = &mut self.narrative.entries;
        let known = entries
            .iter()
            .position(|entry| address::same(&entry.address, address));
        let place = known.unwrap_or(entries.len());
        if known.is_none() {
            if entries.len() >= MOST {
                return false;
            }
            entries.push(Entry {
                address: address.to_owned(),
                indent,
                addressed: true,
                ..Entry::default()
            });
        }
        if let Some(entry) = entries.get_mut(place) {
            entry.addressed &= is_addressed(text);
            entry.indent = indent;
            let rest = rest.trim_start_matches([' ', '\t']);
            entry.whole_paragraph = rest.trim_end() == ":";
            let rest = rest.trim_start_matches([':', ',', ';', '.', ' ', '\t']);
            entry.go_on(rest);
            if entry.said.is_empty() {
                said.clone_into(&mut entry.said);
            }
        }
        self.current = Some(place);
        true
    }
}

impl Entry {
    /// A line about this recipient.
    fn go_on(&mut self, text: &str) {
        if self.was.is_none()
            && let Some((_, after)) = KNOWN.was.first(text)
            && let Some(address) = address::first(after)
        {
            self.was = Some(address.to_owned());
            // Postfix goes on behind it: `(expanded from <a@b>): host c said:`.
            let said = after.split_once("):").map(|(_, said)| said);
            add(&mut self.words, said.unwrap_or_default().trim());
            return;
        }
        add(&mut self.words, text);
    }
}

fn add(words: &mut String, text: &str) {
    // A line of dashes says nothing.
    if words.len() > LONGEST || !text.chars().any(char::is_alphanumeric) {
        return;
    }
    if !words.is_empty() && !words.ends_with('\n') {
        words.push(' ');
    }
    words.push_str(text);
}

/// `To: a@example.org`, and no more.
fn is_addressed(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(name, _)| name.eq_ignore_ascii_case("to") || name.eq_ignore_ascii_case("cc"))
}

/// qmail: `<a@example.org>:` and nothing else.
fn is_heading(text: &str) -> bool {
    address::at_head(text).is_some_and(|(_, rest)| rest == ":")
}

/// An address at the beginning of a line, after a bullet.
fn at_head(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches(['*', '-', '•', ' ', '\t', '\'', '(', '・', '·', '●', '#']);
    let (address, rest) = address::at_head(text).or_else(|| named(text))?;
    let next = rest.trim_start_matches(['\'', '"', ')']).trim_start();
    let separate = next.is_empty()
        || next.starts_with([':', '(', '[', ',', ';', '-', '<', '.', '/', '|', '…'])
        || rest.starts_with([' ', '\t']);
    // "a@example.org wrote:", "a@example.org said:" is somebody's mail.
    let wrote = [" wrote", " writes", " schrieb", " a écrit"]
        .iter()
        .any(|verb| rest.starts_with(verb));
    (separate && !wrote).then_some((address, next))
}

/// An address in quotes, or behind a name in quotes: `"a@b.example" <a@b.example>`.
fn named(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('"')?;
    let (name, rest) = inside.split_once('"')?;
    let behind = rest.trim_start_matches(' ');
    if behind.starts_with('<') {
        return address::at_head(behind);
    }
    let (address, after) = address::at_head(name)?;
    after.is_empty().then_some((address, rest))
}

/// An address behind words that introduce a recipient.
fn introduced(text: &str) -> Option<(&str, &str)> {
    KNOWN.introduces.after(text).find_map(|after| {
        let after = after.trim_start_matches([':', ' ', '\t', '"', '\'', '(', '=']);
        address::at_head(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Vec<(String, String)> {
        read(text.lines())
            .entries
            .into_iter()
            .map(|entry| (entry.address, entry.words))
            .collect()
    }

    #[test]
    fn indented_lines_belong_to_the_recipient_above() {
        let exim = "failed:\n\n  a@b.example\n    SMTP error after RCPT TO:<a@b.example>:\n    550 no\n  c@d.example\n    unrouteable\n";
        assert_eq!(
            entries(exim),
            [
                (
                    "a@b.example".into(),
                    "SMTP error after RCPT TO:<a@b.example>: 550 no".into()
                ),
                ("c@d.example".into(), "unrouteable".into())
            ]
        );
        let postfix = "<a@b.example> (expanded from <x@y.example>): host mx[192.0.2.1] said: 550\n    <s@t.example>: Sender rejected\n";
        let read = read(postfix.lines());
        assert_eq!(read.entries.len(), 1);
        assert_eq!(read.entries[0].was.as_deref(), Some("x@y.example"));
        assert!(
            read.entries[0]
                .words
                .ends_with("<s@t.example>: Sender rejected")
        );
    }

    #[test]
    fn a_dialogue_is_read_by_its_commands() {
        let text = "... while talking to mx.b.example.:\n>>> RCPT To:<a@b.example>\n<<< 550 5.1.1 unknown\n550 5.1.1 <a@b.example>... User unknown\n";
        let read = read(text.lines());
        assert_eq!(read.host.as_deref(), Some("mx.b.example"));
        assert_eq!(read.answers[0].stage, Stage::Rcpt);
        assert_eq!(read.answers[0].address.as_deref(), Some("a@b.example"));
        assert_eq!(read.answers[1].stage, Stage::Unknown);
        assert!(read.entries.is_empty());
    }
}
