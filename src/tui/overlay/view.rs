//! How overlays are drawn.

use super::{
    Ask, Confirm, Envelope, Export, Find, LogIn, Overlay, Palette, come_back, guess, palette,
    scenarios,
};
use crate::text::columns;
use crate::tui::hits::Target;
use crate::tui::keys::Action;
use crate::tui::screen::report::{self, Format};
use crate::tui::state::{Pane, State};
use crate::tui::theme::Role;
use crate::tui::widget::{Canvas, Doc};
use ratatui::layout::{Constraint, Layout, Rect};

/// Draws every overlay of the stack over `body`, the last on top.
pub fn view(state: &State, canvas: &mut Canvas<'_>, body: Rect) {
    for (at, overlay) in state.overlays.iter().enumerate() {
        // Only what lies on top is read; what is below it shows that it is there.
        if at + 1 == state.overlays.len() {
            draw(state, canvas, body, overlay);
        }
    }
}

fn draw(state: &State, canvas: &mut Canvas<'_>, body: Rect, overlay: &Overlay) {
    let text = |canvas: &mut Canvas<'_>, pane: Pane, title: &str| {
        let doc = super::doc(state, pane).unwrap_or_default();
        let area = sized(body, 78, doc_height(&doc, body, 78));
        canvas.cover(area);
        let inner = canvas.frame(pane, area, title);
        canvas.doc(pane, inner, &doc);
    };
    match overlay {
        Overlay::Help => text(canvas, Pane::Help, "Keys"),
        Overlay::Newcomers => text(canvas, Pane::Newcomers, "How mail travels"),
        Overlay::Notice { title, .. } => text(canvas, Pane::Notice, title),
        Overlay::Palette(palette) => commands(state, canvas, body, palette),
        Overlay::Confirm(confirm) => question(canvas, body, confirm),
        Overlay::Export(export) => exporting(state, canvas, body, export),
        Overlay::LogIn(login) => logging_in(canvas, body, login),
        Overlay::Form(form) => super::form::view(canvas, body, form),
        Overlay::Letter { selected } => super::letter::view(state, canvas, body, *selected),
        Overlay::Templates { selected } => super::letter::view_templates(canvas, body, *selected),
        Overlay::Ask(ask) => asking(canvas, body, ask),
        Overlay::OpenLog(open) => super::opening::view(canvas, body, open),
        Overlay::Envelope(envelope) => naming(canvas, body, envelope),
        Overlay::ComeBack { .. } => coming_back(state, canvas, body),
        Overlay::Scenarios { .. } => chooser(state, canvas, body),
        Overlay::Trials { selected } => super::trials::view(canvas, body, *selected),
        Overlay::Replay { selected } => super::replay::view(canvas, body, *selected),
        Overlay::Guess { .. } => guesses(state, canvas, body),
        Overlay::Find(find) => finding(canvas, body, find),
        Overlay::Stepping(stepping) => steps(state, canvas, body, *stepping),
    }
}

pub(super) fn sized(body: Rect, width: u16, height: u16) -> Rect {
    body.centered(
        Constraint::Length(width.min(body.width)),
        Constraint::Length(height.min(body.height)),
    )
}

/// The rows that `doc` takes in a frame as wide as this, the frame included.
pub(super) fn doc_height(doc: &Doc, body: Rect, width: u16) -> u16 {
    let inside = width.min(body.width).saturating_sub(3).max(1);
    let rows = doc.wrapped(usize::from(inside)).len();
    u16::try_from(rows).unwrap_or(u16::MAX).saturating_add(2)
}

/// A row of buttons: what they say, whether Enter takes them, what they do.
pub(super) fn buttons(canvas: &mut Canvas<'_>, area: Rect, buttons: &[(&str, bool, Action)]) {
    let mut x = area.x;
    for (words, chosen, action) in buttons {
        let label = format!("[ {words} ]");
        let wide = u16::try_from(columns(&label)).unwrap_or(u16::MAX);
        let place = Rect::new(x, area.y, wide, 1).intersection(area);
        let role = if *chosen { Role::Selected } else { Role::Text };
        canvas.text(place, role, &label);
        canvas.hits.add(place, Target::Action(*action));
        x = x.saturating_add(wide).saturating_add(2).min(area.right());
    }
}

fn question(canvas: &mut Canvas<'_>, body: Rect, confirm: &Confirm) {
    let doc = confirm.doc();
    let area = sized(body, 64, doc_height(&doc, body, 64).saturating_add(2));
    canvas.cover(area);
    let inner = canvas.frame(Pane::Confirm, area, &confirm.title);
    canvas.hits.add(inner, Target::Nothing);
    let [above, _, below] = Layout::vertical([
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(inner);
    canvas.doc(Pane::Confirm, above, &doc);
    buttons(
        canvas,
        below,
        &[
            (&confirm.yes, confirm.on_yes, Action::Yes),
            (&confirm.no, !confirm.on_yes, Action::No),
        ],
    );
}

fn steps(state: &State, canvas: &mut Canvas<'_>, body: Rect, stepping: super::Stepping) {
    let doc = super::stepping::doc(state, stepping);
    let area = sized(body, 66, doc_height(&doc, body, 66).saturating_add(2));
    canvas.cover(area);
    let inner = canvas.frame(Pane::Stepping, area, "Webmail, step by step");
    let [above, _, below] = Layout::vertical([
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(inner);
    canvas.doc(Pane::Stepping, above, &doc);
    buttons(
        canvas,
        below,
        &[("Yes", true, Action::Yes), ("No", false, Action::No)],
    );
}

fn commands(state: &State, canvas: &mut Canvas<'_>, body: Rect, palette: &Palette) {
    let area = sized(body, 60, 18);
    canvas.cover(area);
    let inner = canvas.frame(Pane::PaletteLine, area, "All commands");
    let [line, list] = Layout::vertical([Constraint::Length(1), Constraint::Min(0)]).areas(inner);
    canvas.field(Pane::PaletteLine, line, &palette.text, "type to search");
    let found = palette::matches(state, palette);
    let at = super::selected(state, Pane::Palette).map(|(at, _)| at);
    let wide = usize::from(list.width);
    canvas.list(Pane::Palette, list, found.len(), at, |index| {
        found
            .get(index)
            .map(|command| {
                let gap = wide
                    .saturating_sub(columns(command.words) + columns(&command.key) + 2)
                    .max(1);
                vec![
                    (Role::Text, format!("{}{}", command.words, " ".repeat(gap))),
                    (Role::Key, command.key.clone()),
                ]
            })
            .unwrap_or_default()
    });
}

fn exporting(state: &State, canvas: &mut Canvas<'_>, body: Rect, export: &Export) {
    let area = sized(body, 70, 9);
    canvas.cover(area);
    let inner = canvas.frame(Pane::ExportName, area, "Export the report");
    let [format, redact, gap, label, name, _, button] =
        Layout::vertical([Constraint::Length(1); 7]).areas(inner);
    canvas.spans(format, &report::formats(state));
    report_hits(canvas, format);
    let mask = if state.report.redact {
        "Addresses and local parts: masked (Ctrl-R)"
    } else {
        "Addresses and local parts: as they are (Ctrl-R masks them)"
    };
    canvas.text(redact, Role::Text, mask);
    canvas.hits.add(redact, Target::Action(Action::Redact));
    canvas.text(gap, Role::Text, "");
    canvas.text(label, Role::Dim, "File:");
    canvas.field(Pane::ExportName, name, &export.name, "a file name");
    buttons(
        canvas,
        button,
        &[
            ("Write the file", true, Action::Choose),
            ("Close", false, Action::Close),
        ],
    );
}

/// A frame with a text, and below it two labels with their fields, and the buttons.
fn two_fields(
    canvas: &mut Canvas<'_>,
    body: Rect,
    pane: Pane,
    title: &str,
    doc: &Doc,
) -> [Rect; 5] {
    let area = sized(body, 66, doc_height(doc, body, 66).saturating_add(6));
    canvas.cover(area);
    let inner = canvas.frame(pane, area, title);
    canvas.hits.add(inner, Target::Nothing);
    let [above, first_label, first, second_label, second, _, button] = Layout::vertical([
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(inner);
    canvas.doc(Pane::Notice, above, doc);
    [first_label, first, second_label, second, button]
}

fn logging_in(canvas: &mut Canvas<'_>, body: Rect, login: &LogIn) {
    let mut doc = Doc::default();
    doc.para(
        "The submission port is asked again, with one login. The password goes through verified \
         TLS only, and is kept nowhere.",
    );
    let title = "Log in to the submission port";
    let [user_label, user, password_label, password, button] =
        two_fields(canvas, body, login.pane(), title, &doc);
    canvas.text(user_label, Role::Dim, "User name:");
    canvas.field(
        Pane::LoginUser,
        user,
        &login.user,
        "often the whole address",
    );
    canvas.text(password_label, Role::Dim, "Password:");
    login
        .password
        .draw(canvas, Pane::LoginPassword, password, "is not shown");
    buttons(
        canvas,
        button,
        &[
            ("Log in", true, Action::Choose),
            ("Close", false, Action::Close),
        ],
    );
}

/// One line, with what it is for.
fn asking(canvas: &mut Canvas<'_>, body: Rect, ask: &Ask) {
    let mut doc = Doc::default();
    doc.para(ask.words());
    if let Some(complaint) = &ask.complaint {
        doc.item(Role::Bad, "✗", complaint);
    }
    let area = sized(body, 66, doc_height(&doc, body, 66).saturating_add(4));
    canvas.cover(area);
    let inner = canvas.frame(Pane::AskLine, area, ask.title());
    canvas.hits.add(inner, Target::Nothing);
    let [above, label, line, _, button] = Layout::vertical([
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
    ])
    .areas(inner);
    canvas.doc(Pane::Notice, above, &doc);
    canvas.text(label, Role::Dim, ask.label());
    canvas.field(Pane::AskLine, line, &ask.line, "");
    buttons(
        canvas,
        button,
        &[
            ("Take it", true, Action::Choose),
            ("Close", false, Action::Close),
        ],
    );
}

fn naming(canvas: &mut Canvas<'_>, body: Rect, envelope: &Envelope) {
    let mut doc = Doc::default();
    doc.para(
        "Every mail host is asked whether it takes this mail: MAIL FROM, RCPT TO, then RSET and \
         QUIT. It never goes further, and no message is sent.",
    );
    match &envelope.complaint {
        Some(complaint) => doc.item(Role::Bad, "✗", complaint),
        None => doc.text(
            Role::Dim,
            "Without a recipient the hosts are only greeted; without a sender they are asked as \
             for a bounce.",
        ),
    };
    let [from_label, from, to_label, to, button] = two_fields(
        canvas,
        body,
        envelope.pane(),
        "Which mail does not arrive?",
        &doc,
    );
    canvas.text(from_label, Role::Dim, "Sender (MAIL FROM):");
    canvas.field(Pane::EnvelopeFrom, from, &envelope.from, "<>");
    canvas.text(to_label, Role::Dim, "Recipient (RCPT TO):");
    canvas.field(
        Pane::EnvelopeTo,
        to,
        &envelope.to,
        "an address of the domain",
    );
    buttons(
        canvas,
        button,
        &[
            ("Ask the mail hosts", true, Action::Choose),
            ("Close", false, Action::Close),
        ],
    );
}

fn coming_back(state: &State, canvas: &mut Canvas<'_>, body: Rect) {
    let doc = come_back::doc(state);
    let choices = u16::try_from(come_back::COUNT).unwrap_or_default();
    let height = doc_height(&doc, body, 66).saturating_add(choices + 1);
    let area = sized(body, 66, height);
    canvas.cover(area);
    let inner = canvas.frame(Pane::ComeBack, area, "Ask once more, when?");
    let [above, _, list] = Layout::vertical([
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(choices),
    ])
    .areas(inner);
    canvas.doc(Pane::Notice, above, &doc);
    let at = super::selected(state, Pane::ComeBack).map(|(at, _)| at);
    canvas.list(Pane::ComeBack, list, come_back::COUNT, at, come_back::row);
}

/// The zones of the formats in the line that [`report::formats`] gives.
pub(crate) fn report_hits(canvas: &mut Canvas<'_>, area: Rect) {
    let mut x = area.x.saturating_add(8);
    for (index, format) in Format::ALL.into_iter().enumerate() {
        let wide = u16::try_from(columns(format.title()) + 2).unwrap_or_default();
        let place = Rect::new(x, area.y, wide, 1).intersection(area);
        canvas.hits.add(place, Target::Choice(index));
        x = x.saturating_add(wide + 1);
    }
}

fn chooser(state: &State, canvas: &mut Canvas<'_>, body: Rect) {
    let area = sized(body, 100, body.height);
    canvas.cover(area);
    let inner = canvas.frame(
        Pane::Scenarios,
        area,
        "The practice world: whose mail is it today?",
    );
    let at = super::selected(state, Pane::Scenarios).map(|(at, _)| at);
    let story = scenarios::story(state, at.unwrap_or(0));
    let height = (inner.height / 3).clamp(3, 8);
    let [list, rule, below] = Layout::vertical([
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(height),
    ])
    .areas(inner);
    canvas.list(Pane::Scenarios, list, state.scenarios.len(), at, |index| {
        scenarios::row(state, index)
    });
    canvas.text(rule, Role::Border, &"─".repeat(usize::from(rule.width)));
    canvas.doc(Pane::Notice, below, &story);
}

fn guesses(state: &State, canvas: &mut Canvas<'_>, body: Rect) {
    let area = sized(body, 110, body.height);
    canvas.cover(area);
    let inner = canvas.frame(Pane::Guess, area, "What do you think is the cause?");
    let all = guess::all();
    let at = super::selected(state, Pane::Guess).map(|(at, _)| at);
    canvas.list(Pane::Guess, inner, all.len(), at, |index| {
        all.get(index).map(|g| guess::row(*g)).unwrap_or_default()
    });
}

/// A line at the bottom, so that what is found stays in sight.
fn finding(canvas: &mut Canvas<'_>, body: Rect, find: &Find) {
    let area = Rect::new(
        body.x,
        body.bottom().saturating_sub(1),
        body.width,
        1.min(body.height),
    );
    canvas.cover(area);
    let [label, line] = Layout::horizontal([Constraint::Length(9), Constraint::Min(0)]).areas(area);
    canvas.text(label, Role::Focus, " Search: ");
    canvas.field(Pane::FindLine, line, &find.text, "what to look for");
}
