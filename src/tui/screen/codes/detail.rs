//! One entry of the reference, whole.

use super::entry::role;
use super::{found, selected};
use crate::tui::state::State;
use crate::tui::theme::Role;
use crate::tui::widget::Doc;

pub fn doc(state: &State) -> Doc {
    let mut doc = Doc::default();
    let Some((at, _)) = selected(state) else {
        return doc;
    };
    let found = found(state);
    let Some(entry) = found.get(at) else {
        return doc;
    };
    doc.spans(vec![
        (role(entry), format!("{}  ", entry.code)),
        (Role::Title, entry.title.clone()),
    ]);
    doc.blank();
    doc.para(&entry.meaning);
    let more = [entry.answered(), entry.permanence().map(str::to_owned)];
    for more in more.iter().flatten() {
        doc.para(more);
    }
    if let Some(whose) = entry.whose {
        doc.blank();
        doc.para(&format!("Whose move: {}.", whose.words()));
        doc.para(&entry.fix);
    }
    if entry.code.starts_with("X.") {
        doc.blank();
        doc.text(
            Role::Dim,
            "An enhanced code is class.subject.detail: the first number is the outcome (2, 4 or \
             5), the second is the subject.",
        );
    }
    doc.blank();
    doc.text(Role::Dim, &entry.source);
    doc
}
