//! A line of text in pieces, each with its role.

use crate::tui::theme::Role;

pub type Spans = Vec<(Role, String)>;

/// The line without its roles.
pub fn plain(spans: &Spans) -> String {
    spans.iter().map(|(_, text)| text.as_str()).collect()
}

/// Text with its tabs as spaces, for a cell cannot hold one.
pub fn shown(text: &str) -> String {
    if !text.contains('\t') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for (index, part) in text.split('\t').enumerate() {
        if index > 0 {
            let used = crate::text::columns(&out);
            out.extend(std::iter::repeat_n(' ', 8 - used % 8));
        }
        out.push_str(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_tab_goes_to_the_next_stop() {
        assert_eq!(shown("a\tb"), "a       b");
        assert_eq!(shown("12345678\tb"), "12345678        b");
        assert_eq!(shown("plain"), "plain");
    }
}
