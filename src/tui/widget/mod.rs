//! What the screens are drawn with.

mod canvas;
mod doc;
mod field;
mod secret_field;
mod spans;

pub use canvas::Canvas;
pub use doc::Doc;
pub(in crate::tui) use field::AREA_LIMIT;
pub use field::Field;
pub use secret_field::SecretField;
pub use spans::{Spans, plain, shown};

/// The first row that is drawn so that `selected` is seen, moving as little as can be.
pub fn offset_for(before: usize, selected: usize, height: usize, total: usize) -> usize {
    let last = total.saturating_sub(height);
    let lowest = (selected + 1).saturating_sub(height);
    before.clamp(lowest, selected.max(lowest)).min(last)
}

#[cfg(test)]
mod tests {
    use super::offset_for;

    #[test]
    fn moves_as_little_as_can_be() {
        assert_eq!(offset_for(0, 3, 5, 20), 0);
        assert_eq!(offset_for(0, 5, 5, 20), 1);
        assert_eq!(offset_for(9, 5, 5, 20), 5);
        assert_eq!(offset_for(9, 1, 5, 3), 0);
        assert_eq!(offset_for(7, 0, 0, 0), 0);
    }
}
