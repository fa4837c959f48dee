//! What is typed or pasted into the field of an overlay.

use super::Overlay;
use crate::tui::effect::Effect;
use crate::tui::pane;
use crate::tui::state::State;
use crate::tui::widget::Field;
use crossterm::event::KeyEvent;

/// The field of the overlay on top.
fn field(state: &mut State) -> Option<&mut Field> {
    match state.overlays.last_mut()? {
        Overlay::Palette(palette) => Some(&mut palette.text),
        Overlay::Export(export) => Some(&mut export.name),
        Overlay::Find(find) => Some(&mut find.text),
        Overlay::Ask(ask) => {
            ask.complaint = None;
            Some(&mut ask.line)
        }
        Overlay::OpenLog(open) => Some(&mut open.line),
        Overlay::LogIn(login) if !login.on_password => Some(&mut login.user),
        Overlay::Envelope(envelope) => Some(envelope.field()),
        _ => None,
    }
}

/// Types into the field of the overlay, where it has one.
pub fn typed(state: &mut State, key: KeyEvent) -> Vec<Effect> {
    if let Some(Overlay::LogIn(login)) = state.overlays.last_mut()
        && login.on_password
    {
        login.password.key(key);
    } else if let Some(Overlay::Form(form)) = state.overlays.last_mut() {
        form.key(key);
    } else if field(state).is_some_and(|field| field.key(key)) {
        return changed(state);
    }
    Vec::new()
}

pub fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    if let Some(Overlay::LogIn(login)) = state.overlays.last_mut()
        && login.on_password
    {
        login.password.insert(text);
    } else if let Some(Overlay::Form(form)) = state.overlays.last_mut() {
        form.insert(text);
    } else if let Some(field) = field(state) {
        field.insert(text);
        return changed(state);
    }
    Vec::new()
}

fn changed(state: &mut State) -> Vec<Effect> {
    match state.overlays.last_mut() {
        Some(Overlay::Palette(palette)) => palette.selected = 0,
        Some(Overlay::OpenLog(open)) => return vec![open.typed()],
        Some(Overlay::Find(find)) => {
            let (text, pane) = (find.text.text(), find.pane);
            state.needle = text;
            pane::find(state, pane, true, true);
        }
        _ => {}
    }
    Vec::new()
}
