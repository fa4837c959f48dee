//! What a pasted bounce tells: of each recipient, or else every code in it, explained below it;
//! where it leads, and the keys that the signatures in it name.

use super::pasted;
use crate::check::Selector;
use crate::policy::signature::signatures;
use crate::report::{CameBack, Delivery};
use crate::trace::{self, Tone, Trace};
use crate::tui::screen::codes::explain;
use crate::tui::state::State;
use crate::tui::theme::Role;
use crate::tui::widget::Doc;

/// The most codes and recipients that are explained; a log that was pasted instead of a bounce has thousands.
const MOST: usize = 40;

pub fn doc(state: &State) -> Doc {
    let mut doc = Doc::default();
    if state.checklist.bounces.is_empty() {
        return doc;
    }
    let text = state.checklist.bounces.text();
    if let Some(told) = state
        .checklist
        .came_back
        .as_ref()
        .filter(|told| names_somebody(told))
    {
        further(state, told, &mut doc);
        for delivery in told.deliveries.iter().take(MOST) {
            of(told, delivery, &mut doc);
        }
        if let Some(more @ 1..) = told.deliveries.len().checked_sub(MOST) {
            doc.text(Role::Dim, &format!("and {more} more recipients"));
        }
        signed(state, &text, &mut doc);
    } else {
        signed(state, &text, &mut doc);
        codes(&text, &mut doc);
    }
    way(&text, &mut doc);
    doc
}

/// Whether it tells of deliveries, and not of codes alone.
fn names_somebody(told: &CameBack) -> bool {
    told.deliveries
        .iter()
        .any(|one| told.headline(one).is_some())
}

/// Who did not get it, why, and what to do.
fn of(told: &CameBack, delivery: &Delivery, doc: &mut Doc) {
    if !doc.is_empty() {
        doc.blank();
    }
    if let Some(headline) = told.headline(delivery) {
        doc.text(Role::Title, &headline);
    }
    if let Some(said) = delivery.said() {
        doc.text(Role::Text, &said);
    }
    doc.item(Role::Note, "•", &delivery.why());
    doc.item(Role::Good, "→", &delivery.fix);
}

/// Where the bounce leads.
fn further(state: &State, told: &CameBack, doc: &mut Doc) {
    let Some(lead) = &told.lead else { return };
    if let Some(target) = pasted::target_of(state) {
        let words = format!(
            "t, once typing has ended, checks {}, {}.",
            target.unicode_domain(),
            pasted::why(Some(lead))
        );
        doc.item(Role::Note, "→", &words);
    }
    if let Some(host) = &lead.host {
        let words = format!("The session (F4) offers to connect to {host}, which refused.");
        doc.item(Role::Note, "→", &words);
    }
}

/// Every code in the text.
fn codes(text: &str, doc: &mut Doc) {
    let found = explain::codes_in(text);
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
