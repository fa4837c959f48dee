//! The reference: every code, and what providers and software say, to be looked up.

use super::explain::{TABLES, Whose};
use super::stage::Stage;
use super::wording;
use std::sync::LazyLock;

/// One entry of the reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// `550`, or `X.1.1`; of a wording the codes that it comes with, `550 5.1.1`.
    pub code: String,
    pub title: String,
    /// The words of a server that it is about; empty for a code.
    pub words: String,
    pub meaning: String,
    pub whose: Option<Whose>,
    pub fix: String,
    pub source: String,
    /// The commands that it answers, as far as a document says so.
    pub answers: Vec<Stage>,
}

impl Listed {
    /// Whether it is something that a server says, not a code.
    pub fn is_wording(&self) -> bool {
        !self.words.is_empty()
    }

    /// What the first digit says about trying again, for people.
    pub fn permanence(&self) -> Option<&'static str> {
        match self.code.chars().next()? {
            '4' => Some("Temporary: a mail server tries again by itself."),
            '5' => Some("Permanent: the same again will fail again."),
            _ => None,
        }
    }

    /// The commands that it answers, for people.
    pub fn answered(&self) -> Option<String> {
        let names: Vec<_> = self
            .answers
            .iter()
            .map(|stage| match stage {
                Stage::Connect => "the connection",
                Stage::Message => "the message",
                stage => stage.verb().unwrap_or("any command"),
            })
            .collect();
        (!names.is_empty()).then(|| format!("Answers {}.", names.join(", ")))
    }
}

/// The whole reference: reply codes, then classes, subjects and enhanced codes, then wordings.
pub fn listed() -> impl ExactSizeIterator<Item = &'static Listed> {
    INDEX.iter().map(|indexed| &indexed.listed)
}

/// What `query` finds, the best first: a code, its beginning, words. Where no entry holds all
/// of the words, those that hold the most of them.
pub fn found(query: &str) -> Vec<&'static Listed> {
    let query = query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let mut hits: Vec<(usize, u32, &'static Listed)> = INDEX
        .iter()
        .map(|entry| {
            let weights = words.iter().map(|word| entry.weight(word));
            let (held, sum) = weights.fold((0, 0), |(held, sum), weight| {
                (held + usize::from(weight > 0), sum + weight)
            });
            (held, sum + entry.is_called(&words), &entry.listed)
        })
        .collect();
    let most = hits.iter().map(|(held, ..)| *held).max().unwrap_or(0);
    if most == 0 && !words.is_empty() {
        return Vec::new();
    }
    hits.retain(|(held, ..)| *held == most);
    // Stable: what is found alike stays in the order of the reference.
    hits.sort_by_key(|(_, sum, _)| std::cmp::Reverse(*sum));
    hits.into_iter().map(|(.., listed)| listed).collect()
}

/// An entry with what the search looks at, in small letters.
struct Indexed {
    listed: Listed,
    code: String,
    title: String,
    words: String,
    text: String,
}

static INDEX: LazyLock<Vec<Indexed>> = LazyLock::new(|| {
    let codes = replies().chain(headings()).chain(enhanced());
    codes.chain(wordings()).map(Indexed::of).collect()
});

/// Weights of a hit, so far apart that a better place counts more than a better fit there.
const EXACT_CODE: u32 = 1000;
const IN_CODES: u32 = 200;
const CODE_BEGINS: u32 = 100;
const TITLE: u32 = 12;
const WORDING: u32 = 8;
const TEXT: u32 = 4;
/// What a title of nothing but the words weighs.
const TITLE_WORDS: usize = 10;
/// How a word fits that stands by itself.
const WHOLE_WORD: u32 = 3;

impl Indexed {
    fn of(listed: Listed) -> Self {
        Self {
            code: listed.code.to_lowercase(),
            // Of a wording only who says it: its words are weighed apart.
            title: listed
                .title
                .strip_suffix(listed.words.as_str())
                .unwrap_or(&listed.title)
                .to_lowercase(),
            words: listed.words.to_lowercase(),
            text: format!("{} {} {}", listed.meaning, listed.fix, listed.source).to_lowercase(),
            listed,
        }
    }

    /// More the nearer the words come to being the whole title.
    fn is_called(&self, words: &[&str]) -> u32 {
        let whole = words
            .iter()
            .all(|word| fit(&self.title, word) == WHOLE_WORD);
        let length = self.title.split_whitespace().count().max(1);
        if whole && !words.is_empty() {
            u32::try_from(TITLE_WORDS * words.len() / length).unwrap_or_default()
        } else {
            0
        }
    }

    /// How well a word of the search fits, none if it does not.
    fn weight(&self, word: &str) -> u32 {
        if word.starts_with(|c: char| c.is_ascii_digit()) || word.starts_with("x.") {
            let code = self.code_weight(word);
            if code > 0 {
                return code;
            }
        }
        let place = |text: &str, weight| match fit(text, word) {
            0 => 0,
            fit => weight + fit,
        };
        // The title of a code says what its text says; the best place counts.
        place(&self.title, TITLE)
            .max(place(&self.words, WORDING))
            .max(place(&self.text, TEXT))
    }

    /// `5.1.1` is `X.1.1` too, `5.7` begins it, and of the codes of a wording each counts.
    fn code_weight(&self, word: &str) -> u32 {
        let registered = word
            .strip_prefix(['2', '4', '5'])
            .filter(|rest| rest.starts_with('.') && rest.len() > 1)
            .map(|rest| format!("x{rest}"));
        let is = |code: &str| code == word || registered.as_deref() == Some(code);
        let begins = |code: &str| {
            let from = |with: &str| {
                let rest = code.strip_prefix(with)?;
                // Of 5.7.1 no digit goes on, or it would be another number.
                (!with.contains('.') || rest.starts_with('.')).then_some(())
            };
            from(word).is_some() || registered.as_deref().and_then(from).is_some()
        };
        if self.listed.is_wording() {
            let mut codes = self.code.split(' ');
            if codes.clone().any(|code| code == word) {
                return IN_CODES;
            }
            return if codes.any(begins) {
                CODE_BEGINS / 2
            } else {
                0
            };
        }
        match () {
            () if is(&self.code) => EXACT_CODE,
            () if begins(&self.code) => CODE_BEGINS,
            () => 0,
        }
    }
}

/// 3 for a whole word, 2 for the beginning of one, 1 for a longer piece within one.
fn fit(text: &str, word: &str) -> u32 {
    /// Shorter pieces stand in nearly every text.
    const PIECE: usize = 4;
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word)
        .map(|(at, _)| {
            let before = text.get(..at).and_then(|text| text.chars().next_back());
            let after = text.get(at + word.len()..);
            match (letter(before), letter(after.and_then(|t| t.chars().next()))) {
                (false, false) => WHOLE_WORD,
                (false, true) => 2,
                _ => u32::from(word.chars().count() >= PIECE),
            }
        })
        .max()
        .unwrap_or(0)
}

fn replies() -> impl Iterator<Item = Listed> {
    TABLES.replies.values().map(|entry| Listed {
        code: entry.code.to_string(),
        title: entry.meaning.clone(),
        words: String::new(),
        meaning: entry.meaning.clone(),
        whose: Some(entry.whose),
        fix: entry.fix.clone(),
        source: entry.source.clone(),
        answers: entry.answers.clone(),
    })
}

fn headings() -> impl Iterator<Item = Listed> {
    let heading = |code: String, title: &str, meaning: &str, source: &str| Listed {
        code,
        title: title.to_owned(),
        words: String::new(),
        meaning: meaning.to_owned(),
        whose: None,
        fix: String::new(),
        source: source.to_owned(),
        answers: Vec::new(),
    };
    let registry = &TABLES.registry;
    let classes = registry.classes.iter().map(move |(class, entry)| {
        heading(
            format!("{class}.X.X"),
            &entry.title,
            &entry.meaning,
            "RFC 3463 section 2: the first number, the outcome",
        )
    });
    let subjects = registry.subjects.iter().map(move |(subject, entry)| {
        heading(
            format!("X.{subject}.X"),
            &entry.title,
            &entry.meaning,
            "RFC 3463 section 2: the second number, the subject. Many guides list these as \"general classes\".",
        )
    });
    classes.chain(subjects)
}

fn enhanced() -> impl Iterator<Item = Listed> {
    TABLES.registry.codes.iter().map(|entry| Listed {
        code: format!("X.{}", entry.code),
        title: entry.title.clone(),
        words: String::new(),
        meaning: entry.meaning.clone(),
        whose: Some(entry.whose),
        fix: entry.fix.clone(),
        source: entry.source.clone(),
        answers: Vec::new(),
    })
}

fn wordings() -> impl Iterator<Item = Listed> {
    wording::quoted().map(|(quoted, wording)| Listed {
        code: quoted.code.clone(),
        title: format!("{}: {}", quoted.by, quoted.words),
        words: quoted.words.clone(),
        meaning: wording.meaning().to_owned(),
        whose: Some(wording.whose()),
        fix: wording.fix().to_owned(),
        source: wording.source.clone(),
        answers: wording.at().to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(query: &str) -> Vec<&'static str> {
        found(query)
            .into_iter()
            .filter(|entry| !entry.is_wording())
            .map(|entry| entry.code.as_str())
            .collect()
    }

    #[test]
    fn an_exact_code_comes_first() {
        assert_eq!(found("550")[0].code, "550");
        assert_eq!(found("5.7.1")[0].code, "X.7.1");
        assert_eq!(found("x.7.1")[0].code, "X.7.1");
        assert!(!codes("5.7.1").contains(&"X.7.10"));
        assert!(codes("5.7").contains(&"X.7.10"));
        assert!(codes("45").iter().all(|code| code.starts_with("45")));
    }

    #[test]
    fn the_title_goes_before_the_text_and_more_words_before_fewer() {
        assert_eq!(found("mailbox full")[0].code, "X.2.2");
        assert_eq!(codes("greylisting")[0], "450");
        assert_eq!(codes("null mx")[..2], ["X.1.10", "X.7.27"]);
        // No entry holds all three.
        assert_eq!(codes("reverse dns xyzzy")[0], "X.7.25");
        assert!(found("xyzzy").is_empty());
        assert_eq!(found("").len(), listed().len());
    }

    #[test]
    fn a_whole_word_fits_better_than_a_piece() {
        assert_eq!(fit("the mailbox is full", "full"), 3);
        assert_eq!(fit("blocked", "block"), 2);
        assert_eq!(fit("overquota", "quota"), 1);
        assert_eq!(fit("carefully", "ful"), 0);
        assert_eq!(fit("é full", "full"), 3);
    }
}
