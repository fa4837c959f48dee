//! What a view draws on: the buffer, and the record of what was drawn where.

use super::spans::{Spans, shown};
use super::{Doc, offset_for};
use crate::text::{truncated, truncated_at_word};
use crate::tui::hits::{Hits, Seen, Target};
use crate::tui::state::{Pane, Panes};
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::widgets::{Block, Borders, Clear, Widget};

#[derive(Debug)]
pub struct Canvas<'a> {
    pub buffer: &'a mut Buffer,
    pub hits: Hits,
    theme: &'a Theme,
    panes: &'a Panes,
    focus: Pane,
    /// What is searched for, to be marked where it is found.
    needle: &'a str,
}

impl<'a> Canvas<'a> {
    pub fn new(
        buffer: &'a mut Buffer,
        theme: &'a Theme,
        panes: &'a Panes,
        focus: Pane,
        needle: &'a str,
    ) -> Self {
        Self {
            buffer,
            hits: Hits::default(),
            theme,
            panes,
            focus,
            needle,
        }
    }

    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    pub fn has_focus(&self, pane: Pane) -> bool {
        self.focus == pane
    }

    /// Draws `text` from the left of the first row of `area`, cut with an ellipsis where it
    /// does not fit, between words where that can be, and says how many columns it took.
    pub fn text(&mut self, area: Rect, role: Role, text: &str) -> u16 {
        self.spans(area, &vec![(role, text.to_owned())])
    }

    /// Draws the pieces of one line; see [`Canvas::text`].
    pub fn spans(&mut self, area: Rect, spans: &Spans) -> u16 {
        self.styled(area, spans, Style::default())
    }

    fn styled(&mut self, area: Rect, spans: &Spans, over: Style) -> u16 {
        let area = area.intersection(self.buffer.area);
        if area.is_empty() {
            return 0;
        }
        let mut used = 0;
        for (role, text) in spans {
            let room = area.width - used;
            if room == 0 {
                break;
            }
            let whole = shown(text);
            let text = truncated_at_word(&whole, usize::from(room));
            let is_cut = text != whole;
            let style = self.theme.style(*role).patch(over);
            let (end, _) =
                self.buffer
                    .set_stringn(area.x + used, area.y, text, usize::from(room), style);
            used = end - area.x;
            if is_cut {
                break;
            }
        }
        used
    }

    /// A frame with a title around `area`, brighter when `pane` has the focus. Gives what is
    /// inside of it.
    pub fn frame(&mut self, pane: Pane, area: Rect, title: &str) -> Rect {
        let area = area.intersection(self.buffer.area);
        let role = if self.has_focus(pane) {
            Role::Focus
        } else {
            Role::Border
        };
        let title_role = if self.has_focus(pane) {
            Role::Focus
        } else {
            Role::Title
        };
        let set =
            if self.has_focus(pane) && self.theme.look().depth == crate::tui::theme::Depth::None {
                border::THICK
            } else {
                border::PLAIN
            };
        let block = Block::new()
            .borders(Borders::ALL)
            .border_set(set)
            .border_style(self.style(role));
        let inner = block.inner(area);
        block.render(area, self.buffer);
        if !title.is_empty() && area.width > 6 {
            let row = Rect::new(area.x + 1, area.y, area.width - 2, 1);
            self.text(
                row,
                title_role,
                &truncated(&format!(" {title} "), usize::from(row.width)),
            );
        }
        self.hits.add(area, Target::Pane(pane));
        inner
    }

    /// Wipes `area` for something that lies over the rest, and takes the clicks there.
    pub fn cover(&mut self, area: Rect) {
        Clear.render(area.intersection(self.buffer.area), self.buffer);
        self.hits.add(area, Target::Nothing);
    }

    /// Draws the rows of a list that are seen; `row` gives one. Says which is the first.
    pub fn list(
        &mut self,
        pane: Pane,
        area: Rect,
        total: usize,
        selected: Option<usize>,
        mut row: impl FnMut(usize) -> Spans,
    ) -> usize {
        let area = area.intersection(self.buffer.area);
        if area.is_empty() {
            return 0;
        }
        self.hits.add(area, Target::Pane(pane));
        let height = usize::from(area.height);
        let before = self.panes.get(pane).offset;
        let offset = match selected {
            Some(selected) => offset_for(before, selected, height, total),
            None => before.min(total.saturating_sub(height)),
        };
        let wide = self.scrollbar(pane, area, offset, total);
        for (line, index) in (offset..total).take(height).enumerate() {
            let y = area.y + u16::try_from(line).unwrap_or_default();
            let place = Rect::new(area.x, y, wide, 1);
            self.hits.add(place, Target::Row(pane, index));
            let spans = self.marked(row(index));
            if selected == Some(index) {
                let role = if self.has_focus(pane) {
                    Role::Selected
                } else {
                    Role::Focus
                };
                let over = self.style(role);
                self.buffer.set_style(place, over);
                self.styled(place, &spans, over);
            } else {
                self.spans(place, &spans);
            }
        }
        offset
    }

    /// Draws the part of a text that is seen.
    pub fn doc(&mut self, pane: Pane, area: Rect, doc: &Doc) {
        let area = area.intersection(self.buffer.area);
        if area.is_empty() {
            return;
        }
        self.hits.add(area, Target::Pane(pane));
        let rows = doc.wrapped(usize::from(area.width.saturating_sub(1).max(1)));
        let height = usize::from(area.height);
        let offset = self
            .panes
            .get(pane)
            .offset
            .min(rows.len().saturating_sub(height));
        let wide = self.scrollbar(pane, area, offset, rows.len());
        for (line, spans) in rows.into_iter().skip(offset).take(height).enumerate() {
            let y = area.y + u16::try_from(line).unwrap_or_default();
            let spans = self.marked(spans);
            self.spans(Rect::new(area.x, y, wide, 1), &spans);
        }
    }

    /// A frame with a text in it. Where the heading of what is read first has been scrolled away,
    /// it stands in the title.
    pub fn framed_doc(&mut self, pane: Pane, area: Rect, title: &str, doc: &Doc) {
        let width = usize::from(area.width.saturating_sub(3).max(1));
        let height = usize::from(area.height.saturating_sub(2));
        let last = doc.wrapped(width).len().saturating_sub(height);
        let offset = self.panes.get(pane).offset.min(last);
        let inner = match doc.heading_above(width, offset) {
            Some(heading) => self.frame(pane, area, &format!("{heading}, continued")),
            None => self.frame(pane, area, title),
        };
        self.doc(pane, inner, doc);
    }

    /// A field with the zone that puts the cursor into it.
    pub fn field(&mut self, pane: Pane, area: Rect, field: &super::Field, hint: &str) {
        let area = area.intersection(self.buffer.area);
        let focused = self.has_focus(pane);
        field.draw(self, area, focused, hint);
        self.hits.add(area, Target::Pane(pane));
        self.hits.seen.push((
            pane,
            Seen {
                width: area.width,
                height: area.height,
                offset: 0,
                total: 0,
            },
        ));
    }

    /// Records what of the pane is seen, and draws at its right border where in the whole it
    /// lies. Gives the width that is left.
    fn scrollbar(&mut self, pane: Pane, area: Rect, offset: usize, total: usize) -> u16 {
        self.hits.seen.push((
            pane,
            Seen {
                width: area.width,
                height: area.height,
                offset,
                total,
            },
        ));
        let height = usize::from(area.height);
        if total <= height || area.width < 4 {
            return area.width;
        }
        let thumb = (height * height / total).max(1);
        let last = total - height;
        let at = (offset * (height - thumb))
            .div_ceil(last)
            .min(height - thumb);
        for line in 0..height {
            let y = area.y + u16::try_from(line).unwrap_or_default();
            let (role, symbol) = if (at..at + thumb).contains(&line) {
                (Role::Focus, "┃")
            } else {
                (Role::Border, "│")
            };
            self.text(Rect::new(area.right() - 1, y, 1, 1), role, symbol);
        }
        area.width - 1
    }

    /// The line with every occurrence of what is searched for set off.
    fn marked(&self, spans: Spans) -> Spans {
        if self.needle.is_empty() {
            return spans;
        }
        let mut out = Spans::with_capacity(spans.len());
        for (role, text) in spans {
            let mut rest = text.as_str();
            while let Some(at) = find_ignoring_case(rest, self.needle) {
                let (before, from) = rest.split_at(at);
                let (found, after) = from.split_at(self.needle.len());
                out.push((role, before.to_owned()));
                out.push((Role::Selected, found.to_owned()));
                rest = after;
            }
            out.push((role, rest.to_owned()));
        }
        out
    }
}

/// Where `needle` stands in `text`, ASCII letters in either case.
pub(super) fn find_ignoring_case(text: &str, needle: &str) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).find(|at| {
        text.as_bytes()
            .get(*at..*at + needle.len())
            .is_some_and(|part| part.eq_ignore_ascii_case(needle.as_bytes()))
    })
}
