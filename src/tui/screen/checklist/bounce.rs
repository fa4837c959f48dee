//! What a pasted bounce says: every code in it, explained below it, and the keys that the
//! signatures in it name.

use crate::check::Selector;
use crate::policy::signature::signatures;
use crate::trace::{self, Tone, Trace};
use crate::tui::screen::codes::explain;
use crate::tui::state::State;
use crate::tui::theme::Role;
use crate::tui::widget::Doc;

/// The most codes that are explained; a log that was pasted instead of a bounce has thousands.
const MOST: usize = 40;

pub fn doc(state: &State) -> Doc {
    let mut doc = Doc::default();
    if state.checklist.bounces.is_empty() {
        return doc;
    }
    let text = state.checklist.bounces.text();
    signed(state, &text, &mut doc);
    way(&text, &mut doc);
    let found = explain::codes_in(&text);
    if !found.is_empty() && !doc.is_empty() {
        doc.blank();
    }
    if found.is_empty() && doc.is_empty() {
        doc.text(
            Role::Dim,
            "No reply code and no enhanced code stands in it so far. They look like 550 and \
             5.1.1.",
        );
    }
    for (index, code) in found.iter().take(MOST).enumerate() {
        if index > 0 {
            doc.blank();
        }
        doc.append(explain::short(code));
    }
    if found.len() > MOST {
        doc.text(Role::Dim, &format!("and {} more codes", found.len() - MOST));
    }
    doc
}

/// Columns for the way of the message; longer lines of it are cut, not broken.
const COLUMNS: usize = 76;

/// The way that the message took, server by server, and who vouched for it.
fn way(text: &str, doc: &mut Doc) {
    let Some(trace) = Trace::of(text) else { return };
    doc.heading("The way of the message");
    for line in trace::lines(&trace, COLUMNS) {
        let spans = line.into_iter().map(|(tone, text)| (role(tone), text));
        doc.spans(spans.collect());
    }
}

fn role(tone: Tone) -> Role {
    match tone {
        Tone::Plain => Role::Text,
        Tone::Dim => Role::Dim,
        Tone::Good => Role::Good,
        Tone::Bad => Role::Bad,
        Tone::Warn => Role::Warn,
    }
}

/// Who signed the message, and whether that says something about the domain of the case.
fn signed(state: &State, text: &str, doc: &mut Doc) {
    let target = state.case.target.as_ref();
    let ours = target.map_or_else(Vec::new, |it| Selector::of_message(text, it.domain()));
    for signature in signatures(text) {
        let (domain, name) = (&signature.domain, &signature.selector);
        let is_ours = ours.iter().any(|selector| {
            let at = selector.domain.as_deref();
            let at = at.or(target.map(crate::case::Target::domain));
            selector.name == *name && at == Some(domain.as_str())
        });
        let then = if is_ours {
            "the checks look for its key"
        } else {
            "that is not the domain of this case"
        };
        let words = format!("Signed with DKIM by {domain}, selector {name}; {then}.");
        doc.item(Role::Note, "•", &words);
    }
}
