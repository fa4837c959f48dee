//! The keys that matter now, from the one table.

use crate::text::columns;
use crate::tui::hits::Target;
use crate::tui::keys::{self, OnLine, Row};
use crate::tui::state::State;
use crate::tui::theme::Role;
use crate::tui::update::offers_now;
use crate::tui::widget::Canvas;
use ratatui::layout::Rect;

/// The rows that the key line shows in so many columns: those that would do something, the
/// innermost place first; room is kept for those that always stand there.
pub fn shown(state: &State, room: u16) -> Vec<&'static Row> {
    let places = state.places();
    let mut wanted: Vec<&Row> = Vec::new();
    for row in keys::rows(&places) {
        let known = wanted.iter().any(|other| other.action == row.action);
        let reached = row
            .keys
            .first()
            .is_some_and(|key| keys::action(&places, *key) == Some(row.action));
        if row.line != OnLine::No && !known && reached && offers_now(state, row.action) {
            wanted.push(row);
        }
    }
    let wide = |row: &Row| columns(&row.shown()) + columns(&row.words) + 3;
    let mut left = usize::from(room).saturating_sub(
        wanted
            .iter()
            .filter(|row| row.line == OnLine::Always)
            .map(|r| wide(r))
            .sum(),
    );
    wanted.retain(|row| {
        if row.line == OnLine::Always {
            return true;
        }
        let fits = wide(row) <= left;
        left = if fits { left - wide(row) } else { 0 };
        fits
    });
    wanted
}

pub(super) fn draw(state: &State, canvas: &mut Canvas<'_>, area: Rect) {
    let mut x = area.x;
    for row in shown(state, area.width) {
        let key = row.shown();
        let wide = u16::try_from(columns(&key) + columns(&row.words) + 3).unwrap_or(u16::MAX);
        let place = Rect::new(x, area.y, wide, 1).intersection(area);
        canvas.spans(
            place,
            &vec![
                (Role::Text, " ".to_owned()),
                (Role::Key, key),
                (Role::Dim, format!(" {} ", row.words)),
            ],
        );
        canvas.hits.add(place, Target::Action(row.action));
        x = x.saturating_add(wide).min(area.right());
    }
}
