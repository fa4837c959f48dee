//! What goes into the message beside what is typed: templates, files, tests for filters, a
//! signature.

use super::view::sized;
use super::{Ask, Asked, Form, Overlay};
use crate::knowledge::letter::letters;
use crate::smtp::data::LineEnds;
use crate::tui::effect::{Effect, Look};
use crate::tui::event::Found;
use crate::tui::hits::Target;
use crate::tui::screen::session::{Draft, Enclosed, Placed, Whole, octets};
use crate::tui::state::{Pane, State};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Doc, Spans};
use ratatui::layout::{Constraint, Layout, Rect};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Item {
    Attach,
    /// Takes that file out again.
    TakeOut(usize),
    Template,
    Text,
    Whole,
    Ends,
    Written,
    Gtube,
    Eicar,
    Sign,
    Unsign,
}

fn items(draft: &Draft) -> Vec<Item> {
    let sign = if draft.signature.is_some() {
        Item::Unsign
    } else {
        Item::Sign
    };
    if draft.whole.is_some() {
        return vec![Item::Written, Item::Ends, Item::Whole, sign];
    }
    let mut items = vec![Item::Attach];
    items.extend((0..draft.files.len()).map(Item::TakeOut));
    items.extend([
        Item::Template,
        Item::Text,
        Item::Whole,
        Item::Gtube,
        Item::Eicar,
        sign,
    ]);
    items
}

/// What a row says, how it stands now, and what it is for.
fn about(draft: &Draft, item: Item) -> (String, &'static str, &'static str) {
    let place = |placed| match placed {
        Placed::Nowhere => "no",
        Placed::Text => "in the text",
        Placed::File => "as a file",
    };
    let (words, now, help) = match item {
        Item::Attach => (
            "Attach a file",
            "",
            "It is read while it is sent, however large it is.",
        ),
        Item::TakeOut(at) => {
            let file = draft.files.get(at);
            let name = file.map_or_else(String::new, |file| {
                format!("  {} ({})", file.name(), octets(file.octets))
            });
            return (name, "attached", "Enter takes it out again.");
        }
        Item::Template => (
            "Start from a template",
            "",
            "A message that is there, or a file of your own: headers, an empty line, text, with \
             gaps such as {{date}}. It takes the place of what is written.",
        ),
        Item::Text => (
            "Text from a file",
            "",
            "The text takes the place of what is written; the headers stay.",
        ),
        Item::Whole => (
            "Send a whole message from a file",
            "",
            "A message with its headers, such as an .eml, is sent as it is, and read while it is \
             sent.",
        ),
        Item::Ends => (
            "Its line ends",
            match draft.whole.as_ref().map(|whole| whole.ends) {
                Some(LineEnds::Kept) => "as they are",
                _ => "made CRLF",
            },
            "As they are, a bare CR or LF goes over the wire, which no mail program may do.",
        ),
        Item::Written => (
            "Back to the message that is written here",
            "",
            "The file is left out; what was written is still there.",
        ),
        Item::Gtube => (
            "GTUBE",
            place(draft.gtube),
            "The line that every spam filter takes for spam: what does it do with it?",
        ),
        Item::Eicar => (
            "EICAR",
            place(draft.eicar),
            "What every virus scanner takes for a virus, and is none. In the text it is all of \
             it, because scanners want it at the start.",
        ),
        Item::Sign => (
            "Sign with DKIM",
            "not signed",
            "With a private key of your own, whose public half stands in the DNS.",
        ),
        Item::Unsign => (
            "Signed with DKIM",
            "signed",
            "Enter takes the signature off.",
        ),
    };
    (words.to_owned(), now, help)
}

pub(super) fn count(state: &State) -> usize {
    items(&state.session.draft).len()
}

pub(super) fn view(state: &State, canvas: &mut Canvas<'_>, body: Rect, selected: usize) {
    let draft = &state.session.draft;
    let items = items(draft);
    let mut doc = Doc::default();
    if let Some(item) = items.get(selected) {
        doc.para(about(draft, *item).2);
    }
    let row = |at: usize| -> Spans {
        let Some(item) = items.get(at) else {
            return Spans::new();
        };
        let (words, now, _) = about(draft, *item);
        vec![
            (Role::Text, format!(" {words:<46}")),
            (Role::Key, now.to_owned()),
        ]
    };
    let (pane, title) = (Pane::Letter, "What goes into the message");
    list_with_words(
        canvas,
        body,
        pane,
        title,
        (items.len(), selected),
        row,
        &doc,
    );
}

/// A list, and below it what the selected row is for.
fn list_with_words(
    canvas: &mut Canvas<'_>,
    body: Rect,
    pane: Pane,
    title: &str,
    (count, selected): (usize, usize),
    row: impl FnMut(usize) -> Spans,
    doc: &Doc,
) {
    let rows = u16::try_from(count).unwrap_or(u16::MAX);
    let area = sized(body, 66, rows.saturating_add(6));
    canvas.cover(area);
    let inner = canvas.frame(pane, area, title);
    canvas.hits.add(inner, Target::Nothing);
    let [list, rule, below] = Layout::vertical([
        Constraint::Length(rows.min(inner.height.saturating_sub(4))),
        Constraint::Length(1),
        Constraint::Min(0),
    ])
    .areas(inner);
    canvas.list(pane, list, count, Some(selected), row);
    canvas.text(rule, Role::Border, &"─".repeat(usize::from(rule.width)));
    canvas.doc(Pane::Notice, below, doc);
}

pub(super) fn chosen(state: &mut State, selected: usize) -> Vec<Effect> {
    let draft = &mut state.session.draft;
    let Some(item) = items(draft).get(selected).copied() else {
        return Vec::new();
    };
    match item {
        Item::Attach => push(state, Asked::Attachment),
        Item::Text => push(state, Asked::Text),
        Item::Whole => push(state, Asked::Whole),
        Item::Template => state.overlays.push(Overlay::Templates { selected: 0 }),
        Item::Sign => {
            let form = Form::signature(state);
            state.overlays.push(Overlay::Form(Box::new(form)));
        }
        Item::Unsign => draft.signature = None,
        Item::TakeOut(at) => {
            draft.files.remove(at);
        }
        Item::Written => draft.whole = None,
        Item::Ends => {
            if let Some(whole) = &mut draft.whole {
                whole.ends = match whole.ends {
                    LineEnds::Made => LineEnds::Kept,
                    LineEnds::Kept => LineEnds::Made,
                };
            }
        }
        Item::Gtube => draft.gtube = draft.gtube.next(),
        Item::Eicar => draft.eicar = draft.eicar.next(),
    }
    let last = count(state).saturating_sub(1);
    for overlay in &mut state.overlays {
        if let Overlay::Letter { selected } = overlay {
            *selected = last.min(*selected);
        }
    }
    Vec::new()
}

fn push(state: &mut State, asked: Asked) {
    state
        .overlays
        .push(Overlay::Ask(Box::new(Ask::file(asked))));
}

/// Those that are there, and a file.
pub(super) fn template_count() -> usize {
    letters().len() + 1
}

pub(super) fn view_templates(canvas: &mut Canvas<'_>, body: Rect, selected: usize) {
    let mut doc = Doc::default();
    doc.para(letters().get(selected).map_or(
        "Headers, an empty line, text; gaps such as {{from}} and {{date}} are filled in.",
        |letter| letter.means.as_str(),
    ));
    let row = |at: usize| -> Spans {
        let letter = letters().get(at);
        let title = letter.map_or("A file of your own …", |letter| letter.title.as_str());
        vec![(Role::Text, format!(" {title}"))]
    };
    let (pane, title) = (Pane::Templates, "Start from which message?");
    let rows = (template_count(), selected);
    list_with_words(canvas, body, pane, title, rows, row, &doc);
}

pub(super) fn template_chosen(state: &mut State, selected: usize) {
    let Some(letter) = letters().get(selected) else {
        return push(state, Asked::Template);
    };
    state.session.draft.take_template(&letter.text);
    back_to_the_editor(state);
    state.say(format!("the message is now: {}", letter.title));
}

fn back_to_the_editor(state: &mut State) {
    state.overlays.retain(|overlay| {
        !matches!(
            overlay,
            Overlay::Letter { .. } | Overlay::Templates { .. } | Overlay::Ask(_) | Overlay::Form(_)
        )
    });
    crate::tui::screen::session::settle_focus(state);
}

/// A file that was named has been looked at.
pub fn looked(state: &mut State, look: Look, found: Result<Found, String>) -> Vec<Effect> {
    let found = match found {
        Ok(found) => found,
        Err(why) => {
            match state.overlays.last_mut() {
                Some(Overlay::Ask(ask)) => ask.complaint = Some(why),
                Some(Overlay::Form(form)) => form.complaint = Some(why),
                _ => state.complain(why),
            }
            return Vec::new();
        }
    };
    let draft = &mut state.session.draft;
    let said = match (look, found) {
        (Look::Attachment(_), Found::File { path, octets }) => {
            let file = Enclosed { path, octets };
            let said = format!("attached {}", file.name());
            draft.whole = None;
            draft.files.push(file);
            said
        }
        (Look::Whole(_), Found::File { path, octets }) => {
            draft.whole = Some(Whole {
                path,
                octets,
                ends: LineEnds::Made,
            });
            "the file is sent as it is".to_owned()
        }
        (Look::Text(_), Found::Text(text)) => {
            draft.take_text(&text);
            "the text of the file has taken the place of what was written".to_owned()
        }
        (Look::Template(_), Found::Text(text)) => {
            draft.take_template(&text);
            "the message now is that of the template".to_owned()
        }
        (_, Found::Key(signature)) => {
            draft.signature = Some(signature);
            "the message will be signed".to_owned()
        }
        _ => return Vec::new(),
    };
    back_to_the_editor(state);
    state.say(said);
    Vec::new()
}
