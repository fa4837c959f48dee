//! How many terminal columns a text takes, and cutting it to fit.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr;

/// Terminal columns that `text` takes.
pub fn columns(text: &str) -> usize {
    text.width()
}

/// `text`, or as much of it as fits `max` columns with an ellipsis at the end.
pub fn truncated(text: &str, max: usize) -> String {
    if columns(text) <= max {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        let wide = columns(grapheme);
        if used + wide + 1 > max {
            break;
        }
        used += wide;
        out.push_str(grapheme);
    }
    if max > 0 {
        out.push('…');
    }
    out
}

/// The same, cut between two words where that keeps at least half; a longer name is cut
/// where the room ends.
pub fn truncated_at_word(text: &str, max: usize) -> String {
    if columns(text) <= max {
        return text.to_owned();
    }
    let cut = truncated(text, max);
    let kept = cut.strip_suffix('…').unwrap_or(&cut);
    let goes_on = text
        .get(kept.len()..)
        .is_some_and(|rest| !rest.starts_with(char::is_whitespace));
    let whole = match kept.rfind(char::is_whitespace) {
        Some(end) if goes_on => kept.get(..end).unwrap_or(kept),
        _ => kept,
    };
    let whole = whole.trim_end();
    match columns(whole) {
        wide if wide * 2 < max => cut,
        wide if wide + 2 <= max => format!("{whole} …"),
        _ => format!("{whole}…"),
    }
}

/// `text` in lines of at most `max` columns, broken at spaces, and inside a word only when the
/// word alone is wider. An empty text is one empty line.
pub fn wrapped(text: &str, max: usize) -> Vec<String> {
    let max = max.max(1);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in words(text) {
        let wide = columns(word);
        if used + wide > max && used > 0 {
            lines.push(line.trim_end().to_owned());
            line = String::new();
            used = 0;
            if word.trim().is_empty() {
                continue;
            }
        }
        if wide <= max {
            line.push_str(word);
            used += wide;
            continue;
        }
        for grapheme in word.graphemes(true) {
            let wide = columns(grapheme);
            if used + wide > max && used > 0 {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push_str(grapheme);
            used += wide;
        }
    }
    lines.push(line.trim_end().to_owned());
    lines
}

/// The words and the spaces between them. A name, an address, a command's option stay whole: a
/// line that ends in the middle of one cannot be copied.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let space = rest.starts_with(char::is_whitespace);
        let end = rest
            .find(|c: char| c.is_whitespace() != space)
            .unwrap_or(rest.len());
        let (word, behind) = rest.split_at_checked(end)?;
        rest = behind;
        (!word.is_empty()).then_some(word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cuts_with_an_ellipsis_and_counts_wide_characters() {
        assert_eq!(truncated("mx1.example.org", 8), "mx1.exa…");
        assert_eq!(truncated("日本語", 5), "日本…");
        assert_eq!(truncated("short", 8), "short");
        assert_eq!(truncated("short", 0), "");
        assert_eq!(
            truncated_at_word("no answer within 10 s", 16),
            "no answer …"
        );
        assert_eq!(
            truncated_at_word("no answer within 10 s", 18),
            "no answer within …"
        );
        assert_eq!(
            truncated_at_word("no answer within 10 s", 17),
            "no answer within…"
        );
        assert_eq!(truncated_at_word("on mx1.example.org", 12), "on mx1.exam…");
        assert_eq!(truncated_at_word("short", 8), "short");
    }

    #[test]
    fn breaks_at_spaces() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("", 7), [""]);
        assert_eq!(wrapped("abcdefghij", 4), ["abcd", "efgh", "ij"]);
    }

    proptest! {
        #[test]
        fn every_line_fits(text in "[a-z日 .]{0,80}", max in 2usize..40) {
            for line in wrapped(&text, max) {
                prop_assert!(columns(&line) <= max);
            }
            prop_assert!(columns(&truncated(&text, max)) <= max);
            prop_assert!(columns(&truncated_at_word(&text, max)) <= max);
        }
    }
}
