//! What is known of the selected group or message, and a message's whole story.

use super::rows::{Row, became, time};
use super::{Logs, Shown, Whom};
use crate::maillog::{Action, Cause, Failed, Failing, Place, Story, minute};
use crate::text::{SafeText, grouped};
use crate::tui::state::State;
use crate::tui::theme::Role;
use crate::tui::widget::Doc;
use std::fmt::Write as _;

/// Causes of one reason beside the most frequent.
const CAUSES: usize = 12;

pub fn doc(state: &State) -> Doc {
    let logs = &state.logs;
    let mut doc = Doc::default();
    if logs.unread {
        unread(logs, &mut doc);
        return doc;
    }
    if let Some(shown) = &logs.shown {
        stories(shown, &mut doc);
        return doc;
    }
    match logs.selected_row() {
        Some(Row::Reason(failed)) => reason(failed, &mut doc),
        Some(Row::Place(place)) => named(place, &mut doc),
        Some(Row::Message(message)) => of_message(message, &mut doc),
        None => nothing(state, &mut doc),
    }
    doc
}

fn nothing(state: &State, doc: &mut Doc) {
    let logs = &state.logs;
    if let Some(why) = &logs.failed {
        doc.item(Role::Bad, "✗", why);
        doc.blank();
        doc.para("`o` reads another log.");
    } else if logs.opened.is_some() {
        doc.text(Role::Running, "Looking for the messages…");
    } else if logs.source.is_none() {
        doc.para(
            "A mail server writes into its log whom it could not deliver to, and why. `o` reads \
             one: of Postfix, Exim, Sendmail, OpenSMTPD or qmail, packed or not, or a journal.",
        );
        doc.blank();
        doc.text(
            Role::Dim,
            "It is only read, and nothing of it leaves this machine.",
        );
    } else if logs.is_reading() {
        doc.text(Role::Running, "Nothing failed so far.");
    } else if logs.account.as_ref().is_some_and(|account| {
        let lines = account.lines;
        lines.lines > 0 && lines.lines == lines.unread + lines.foreign
    }) {
        doc.item(
            Role::Bad,
            "✗",
            "None of the lines is one of a mail server. `u` shows those that are not understood.",
        );
    } else if logs.filter == crate::maillog::Filter::default() {
        doc.item(Role::Good, "✓", "Nothing failed.");
    } else {
        doc.para("Nothing of what failed fits the filter. `c` clears it.");
    }
}

/// How often each thing happened, in words; nothing of what did not.
pub(super) fn counts(parts: [(u64, &str); 5]) -> String {
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{} {words}", grouped(count)))
        .collect();
    parts.join(", ")
}

pub(super) fn counts_of(failed: &Failed) -> String {
    counts([
        (failed.bounced, "bounced"),
        (failed.expired, "expired"),
        (failed.waiting, "waiting"),
        (failed.delivered_later, "delivered late"),
        (failed.rejected, "turned away at the door"),
    ])
}

pub(super) fn counts_at(place: &Place) -> String {
    counts([
        (place.bounced, "bounced"),
        (place.expired, "expired"),
        (place.deferred_events, "put off"),
        (place.rejected, "turned away at the door"),
        (place.sent, "delivered"),
    ])
}

fn span(first: &str, last: &str) -> String {
    let (first, last) = (minute(Some(first)), minute(Some(last)));
    if first == last {
        format!("At {first} UTC.")
    } else {
        format!("From {first} to {last} UTC.")
    }
}

fn reason(failed: &Failed, doc: &mut Doc) {
    doc.spans(vec![
        (Role::Title, format!("{}: ", failed.reason)),
        (Role::Text, counts_of(failed)),
    ]);
    doc.text(Role::Dim, &span(&failed.first, &failed.last));
    if let Some((first, more)) = failed.causes.split_first() {
        explained(&first.cause, doc);
        if !more.is_empty() {
            doc.heading("Also for this reason");
        }
        for one in more.iter().take(CAUSES) {
            let words = format!(
                "{}: {} {}",
                grouped(one.count),
                one.cause.meaning,
                one.cause.fix
            );
            doc.item(Role::Note, "•", &words);
        }
    }
    example(&failed.example, doc);
}

fn named(place: &Place, doc: &mut Doc) {
    doc.spans(vec![
        (Role::Title, format!("{}: ", place.name)),
        (Role::Text, counts_at(place)),
    ]);
    doc.text(Role::Dim, &span(&place.first, &place.last));
    if let Some(reason) = &place.reason {
        doc.para(&format!("Most often: {reason}."));
    }
    if let Some(explanation) = &place.explanation {
        doc.heading("What it means");
        doc.para(explanation);
    }
    if let Some(fix) = &place.fix {
        doc.heading("What to do");
        doc.para(fix);
    }
    example(&place.example, doc);
}

fn explained(cause: &Cause, doc: &mut Doc) {
    doc.heading("What it means");
    doc.para(&cause.meaning);
    doc.heading("What to do");
    doc.para(&cause.fix);
    doc.text(Role::Dim, &format!("Whose move: {}.", cause.whose.words()));
}

fn example(line: &SafeText, doc: &mut Doc) {
    if !line.is_empty() {
        doc.heading("A line that shows it");
        doc.verbatim(Role::Note, line);
    }
}

fn of_message(message: &Failing, doc: &mut Doc) {
    let (role, word) = became(message);
    doc.spans(vec![
        (role, format!("{word}: ")),
        (Role::Title, message.recipient.to_string()),
    ]);
    if let Some(id) = &message.id {
        doc.text(Role::Dim, &format!("Queue id {id}."));
    }
    about(message, doc);
    explained(&message.cause, doc);
    put_off(message, doc);
    example(&message.line, doc);
}

fn about(message: &Failing, doc: &mut Doc) {
    let mut words = Vec::new();
    if let Some(sender) = &message.sender {
        let sender = if sender.is_empty() { "<>" } else { sender };
        words.push(format!("from {sender}"));
    }
    if let Some(host) = &message.host {
        words.push(format!("at {host}"));
    }
    if !words.is_empty() {
        doc.para(&words.join(", "));
    }
    let times = match message.failures {
        1 => format!("Failed at {} UTC.", time(message.last)),
        count => format!(
            "Failed {} times, from {} to {} UTC.",
            grouped(count),
            time(message.first),
            time(message.last)
        ),
    };
    doc.text(Role::Dim, &times);
    if let Some(at) = message.delivered {
        let words = format!("Delivered after all at {} UTC.", time(at));
        doc.item(Role::Good, "✓", &words);
    }
}

/// Why it was put off before it was given up.
fn put_off(message: &Failing, doc: &mut Doc) {
    if let Some(before) = &message.before {
        doc.heading(&format!("It was put off for: {}", before.reason));
        doc.para(&before.meaning);
        doc.para(&before.fix);
    }
}

fn stories(shown: &Shown, doc: &mut Doc) {
    let Some(stories) = &shown.stories else {
        if let Some(message) = shown.message() {
            of_message(message, doc);
            doc.blank();
        }
        doc.text(Role::Running, "Looking for its lines…");
        return;
    };
    match (&shown.whom, stories.len()) {
        (Whom::Message(_), _) => {}
        (Whom::Typed(wanted), 0) => {
            doc.para(&format!("No message fits `{}`.", SafeText::from(&**wanted)));
        }
        (Whom::Typed(wanted), count) => {
            let words = match count {
                1 => "1 message fits".to_owned(),
                count => format!("{} messages fit", grouped(count as u64)),
            };
            doc.text(
                Role::Dim,
                &format!("{words} `{}`.", SafeText::from(&**wanted)),
            );
        }
    }
    for story in stories {
        if !doc.is_empty() {
            doc.blank();
        }
        doc.text(Role::Title, &story.title());
        if let Some(message) = shown.message() {
            about(message, doc);
            put_off(message, doc);
        }
        whom(story, doc);
        doc.heading("All lines of it");
        for line in &story.lines {
            doc.verbatim(Role::Note, line);
        }
    }
}

/// Every recipient of it, and why it did not get there.
fn whom(story: &Story, doc: &mut Doc) {
    if !story.deliveries.is_empty() {
        doc.heading("Who got it");
    }
    for delivery in &story.deliveries {
        let (role, symbol) = match delivery.action {
            Action::Delivered => (Role::Good, "✓"),
            Action::Delayed => (Role::Warn, "!"),
            Action::Failed => (Role::Bad, "✗"),
        };
        doc.item(role, symbol, &delivery.outcome());
        if delivery.action != Action::Delivered {
            doc.hanging(2, 2, vec![(Role::Text, delivery.explanation.clone())]);
            doc.hanging(2, 2, vec![(Role::Text, delivery.to_do())]);
        }
    }
}

fn unread(logs: &Logs, doc: &mut Doc) {
    let Some(account) = &logs.account else {
        return;
    };
    let lines = &account.lines;
    let (all, shown) = (lines.unread, account.unread.len() as u64);
    if all == 0 {
        doc.item(Role::Good, "✓", "Every line is understood.");
        return;
    }
    let mut words = format!("{} lines are not understood", grouped(all));
    if lines.too_long > 0 {
        let _ = write!(
            words,
            ", {} of them too long to be one",
            grouped(lines.too_long)
        );
    }
    if shown < all {
        let _ = write!(words, "; the first {} are here", grouped(shown));
    }
    doc.text(Role::Title, &format!("{words}."));
    for line in &account.unread {
        doc.verbatim(Role::Note, line);
    }
}
