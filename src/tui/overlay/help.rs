//! The keys that work here, from the one table.

use super::Overlay;
use crate::tui::keys::{self, Place, Row};
use crate::tui::state::State;
use crate::tui::theme::Role;
use crate::tui::update::offers_on_screen;
use crate::tui::widget::Doc;

pub(super) fn doc(state: &State) -> Doc {
    let mut doc = Doc::default();
    let under = state
        .overlays
        .iter()
        .rev()
        .find(|overlay| !matches!(overlay, Overlay::Help));
    let places = under.map_or_else(|| state.screen_places(), Overlay::places);
    doc.para(
        "What can be pressed here. Everything can also be clicked, and every command is in the \
         list of Ctrl-P.",
    );
    for place in &places {
        let rows: Vec<_> = keys::table()
            .iter()
            .filter(|row| row.place == *place)
            .collect();
        if rows.is_empty() {
            continue;
        }
        doc.heading(place.title());
        if *place == Place::Choices {
            entry(&mut doc, "its letter", "takes that answer", Role::Text);
        }
        for row in rows {
            let role = if under.is_some() || offers_on_screen(state, row.action) {
                Role::Text
            } else {
                Role::Dim
            };
            entry(&mut doc, &keys_of(row), &row.words, role);
        }
    }
    symbols(&mut doc);
    doc
}

fn keys_of(row: &Row) -> String {
    let keys: Vec<_> = row.keys.iter().map(ToString::to_string).collect();
    keys.join(", ")
}

fn entry(doc: &mut Doc, keys: &str, words: &str, role: Role) {
    doc.hanging(
        2,
        20,
        vec![(Role::Key, format!("{keys:<18}")), (role, words.to_owned())],
    );
}

fn symbols(doc: &mut Doc) {
    doc.heading("The symbols");
    for (role, symbol, words) in [
        (Role::Good, "✓", "passed, healthy"),
        (Role::Bad, "✗", "failed, broken"),
        (Role::Warn, "!", "a warning, degraded"),
        (Role::Note, "?", "could not be found out"),
        (Role::Running, "…", "under way"),
        (Role::Dim, "-", "not asked for, not answered"),
    ] {
        doc.hanging(
            2,
            20,
            vec![
                (role, format!("{symbol:<18}")),
                (Role::Text, words.to_owned()),
            ],
        );
    }
}
