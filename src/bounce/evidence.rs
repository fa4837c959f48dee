//! Is it a bounce? And which lines of it are the mail system's own.

use super::document::{Document, Kind};
use super::phrases::KNOWN;
use super::status::{self, Fields};
use crate::bounce::address;

/// Lines in front of the returned message, and what the rest tells.
#[derive(Debug, Default)]
pub(super) struct Own {
    pub(super) text: String,
    /// From where the returned message begins.
    pub(super) returned: String,
}

/// Parts the text of the report from the message that it returns.
pub(super) fn own(document: &Document) -> Own {
    let mut own = Own::default();
    for text in document.of_kind(Kind::Text) {
        let begin = returned_at(text);
        let (mine, rest) = text.split_at_checked(begin).unwrap_or((text, ""));
        // A second part of text is the returned message, unless it reads like a report.
        let further = !own.text.trim().is_empty();
        if !further || KNOWN.marks.is_in(mine) || has_field(mine) {
            // What is quoted is somebody else's; `>>> ` is a dialogue.
            for line in mine.lines() {
                if !line.starts_with('>') || line.starts_with(">>> ") {
                    own.text.push_str(line);
                }
                own.text.push('\n');
            }
            own.text.push('\n');
            own.returned.push_str(rest);
        } else {
            own.returned.push_str(text);
        }
    }
    own
}

/// Where the line stands that says that the returned message begins.
fn returned_at(text: &str) -> usize {
    let mut at = 0;
    let mut seen_text = false;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_matches(|c: char| c.is_whitespace() || "-=*_#>.~|+<".contains(c));
        if !bare.is_empty() {
            if seen_text && KNOWN.returned.begins(bare) {
                return at;
            }
            seen_text = true;
        }
        at += line.len();
    }
    text.len()
}

fn has_field(text: &str) -> bool {
    text.lines().any(status::is_field)
}

/// The status fields of a report, of its own part or else of its text.
pub(super) fn fields(document: &Document) -> (Vec<Fields>, bool) {
    let groups: Vec<_> = document
        .of_kind(Kind::Status)
        .flat_map(status::groups)
        .collect();
    if groups.iter().any(Fields::has_recipient) {
        return (groups, true);
    }
    let in_text: Vec<_> = document
        .of_kind(Kind::Text)
        .flat_map(status::groups)
        .filter(Fields::is_telling)
        .collect();
    (if in_text.is_empty() { groups } else { in_text }, false)
}

/// What speaks for a bounce besides its recipients.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a sign of its own")]
pub(super) struct Signs {
    /// A sentence that only reports hold.
    pub(super) mark: bool,
    /// It says of mail that it was not delivered, as people may say it too.
    states: bool,
    /// It is made as a report (RFC 3462), whatever it holds.
    report: bool,
    /// It greets, asks or thanks, as people do.
    personal: bool,
    /// It comes from a mail system, or from nobody.
    pub(super) sender: bool,
    pub(super) subject: bool,
    /// A text without headers of its own.
    pub(super) pasted: bool,
    /// It begins with an address.
    heading: bool,
    /// Mail to many.
    list: bool,
    /// Somebody's answer.
    reply: bool,
}

impl Signs {
    pub(super) fn of(document: &Document, own: &str) -> Self {
        let has = |name: &str| document.header(name).is_some();
        let from = document.header("from").unwrap_or_default();
        let return_path = document.header("return-path").unwrap_or_default();
        let lower = own.to_lowercase();
        Self {
            mark: KNOWN.marks.is_in(&lower),
            states: KNOWN.states.is_in(&lower),
            report: document
                .header("content-type")
                .is_some_and(|kind| kind.to_ascii_lowercase().contains("delivery-status")),
            personal: KNOWN.personal.is_in(&lower),
            sender: KNOWN.senders.is_in(from)
                || return_path.trim() == "<>"
                || KNOWN.senders.is_in(return_path)
                    && return_path.to_ascii_lowercase().contains("daemon")
                || has("x-failed-recipients"),
            subject: KNOWN.subjects.is_in(&document.subject.to_lowercase()),
            pasted: !has("from") && !has("subject") && !has("received"),
            heading: own
                .lines()
                .map(str::trim_start)
                .find(|line| !line.is_empty())
                .is_some_and(|line| address::at_head(line).is_some()),
            list: has("list-id") || has("list-unsubscribe") || has("list-post"),
            reply: document
                .subject
                .trim_start()
                .to_ascii_lowercase()
                .starts_with("re:"),
        }
    }

    /// Whether fields of a status that stand in the text count.
    pub(super) fn believes_fields(self) -> bool {
        self.mark || self.sender || self.subject || self.pasted
    }

    /// Whether plain words make it a bounce.
    pub(super) fn is_bounce(self, has_recipient: bool) -> bool {
        if self.mark && (self.sender || self.subject && !self.reply) && (!self.list || self.sender)
        {
            return true;
        }
        if self.sender && (self.subject || self.report) && has_recipient {
            return true;
        }
        // qmail's paragraph about a recipient, by itself.
        if self.pasted && self.heading && (self.mark || self.states) {
            return true;
        }
        if self.states && self.sender && !self.list && !self.reply {
            return true;
        }
        // Nobody in particular wrote it, but what it says is said to nobody in particular.
        let plain = self.states && !self.personal && !self.list && !self.reply;
        if has_recipient && (plain && self.subject || self.report) {
            return true;
        }
        self.mark && has_recipient && !self.list && (!self.reply || self.sender || self.pasted)
    }
}

/// The addresses in the first field of that name, in lower case, of the returned message.
pub(super) fn addresses(document: &Document, own: &Own, name: &str) -> Vec<String> {
    let sources = document
        .of_kind(Kind::Headers)
        .chain(document.of_kind(Kind::Message))
        .chain(std::iter::once(own.returned.as_str()));
    for text in sources {
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let Some(value) = field(line, name) else {
                continue;
            };
            let more = lines
                .clone()
                .take_while(|line| line.starts_with([' ', '\t']) && !line.trim().is_empty())
                .take(20);
            let whole = std::iter::once(value)
                .chain(more)
                .collect::<Vec<_>>()
                .join(" ");
            let found: Vec<_> = address::all(&whole).take(20).map(str::to_owned).collect();
            if !found.is_empty() {
                return found;
            }
        }
    }
    Vec::new()
}

/// The recipients of a report that introduces none: the one address in its own words, where
/// there is one, or else whom the returned message was addressed to.
pub(super) fn meant(document: &Document, own: &Own) -> Vec<String> {
    let to = addresses(document, own, "to");
    let of_report: Vec<&str> = ["from", "to", "reply-to", "cc"]
        .iter()
        .filter_map(|name| document.header(name))
        .flat_map(address::all)
        .collect();
    let mut named: Vec<&str> = Vec::new();
    for found in own.text.lines().take(100).flat_map(address::all) {
        let local = found.split('@').next().unwrap_or_default();
        let known = of_report
            .iter()
            .chain(&named)
            .any(|it| address::same(it, found));
        if !known && !KNOWN.senders.is_in(local) {
            named.push(found);
        }
    }
    match named[..] {
        [only] => vec![only.to_owned()],
        [first, ..] if to.is_empty() => vec![first.to_owned()],
        _ => to,
    }
}

/// The value of a header line, if it has that name.
fn field<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (key, value) = line.split_once(':')?;
    key.trim_matches(['>', ' '])
        .eq_ignore_ascii_case(name)
        .then_some(value)
}

/// A forwarded or quoted text without its quote marks, if it has them.
pub(super) fn unquoted(text: &str) -> Option<String> {
    let quoted = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .filter(|line| line.starts_with('>'))
        .count();
    if quoted < 3 {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        // `>>>> DATA` is a quoted `>>> DATA`.
        let bare = line.strip_prefix('>').unwrap_or(line);
        out.push_str(
            bare.strip_prefix(' ')
                .filter(|_| line.starts_with('>'))
                .unwrap_or(bare),
        );
        out.push('\n');
    }
    Some(out)
}

/// Whether somebody passes a message on, and does not discuss it.
pub(super) fn is_forwarded(document: &Document, text: &str) -> bool {
    let subject = document.subject.trim_start().to_lowercase();
    let by_subject = ["fwd:", "fw:", "wg:", "tr:", "rv:", "i:", "enc:", "转发"]
        .iter()
        .any(|prefix| subject.starts_with(prefix));
    let head: String = text
        .lines()
        .take(30)
        .collect::<Vec<_>>()
        .join("\n")
        .to_lowercase();
    by_subject
        || [
            "begin forwarded message",
            "forwarded message",
            "weitergeleitete nachricht",
            "message transféré",
            "mensaje reenviado",
            "anfang der weitergeleiteten",
            "début du message réexpédié",
            "inizio messaggio inoltrato",
            "пересылаемое сообщение",
            "転送",
        ]
        .iter()
        .any(|phrase| head.contains(phrase))
}
