//! Authentication-Results (RFC 8601): what a receiver found out about who sent the message.

use crate::text::SafeText;
use serde::Serialize;

/// Results that are read of one header.
const MOST: usize = 50;

/// One header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Authentication {
    /// Who says so. Only a header of one's own receiver can be believed: whoever sends can
    /// write one too (section 5).
    pub by: SafeText,
    pub methods: Vec<Method>,
}

/// `spf=pass smtp.mailfrom=example.org`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Method {
    /// spf, dkim, dmarc, arc, iprev, auth …
    pub method: SafeText,
    /// pass, fail, softfail, neutral, none, temperror, permerror, policy …
    pub result: SafeText,
    pub reason: Option<SafeText>,
    /// `smtp.mailfrom=example.org`, `header.d=example.org`.
    pub properties: Vec<SafeText>,
    /// What stood in parentheses beside it.
    pub comment: Option<SafeText>,
}

impl Method {
    /// Whether it speaks for the message, against it, or says nothing.
    pub fn speaks(&self) -> Option<bool> {
        match self.result.to_ascii_lowercase().as_str() {
            "pass" | "bestguesspass" => Some(true),
            "fail" | "hardfail" | "softfail" | "permerror" | "policy" => Some(false),
            _ => None,
        }
    }
}

impl Method {
    /// The colour of a report for it.
    pub fn class(&self) -> &'static str {
        match self.speaks() {
            Some(true) => "passed",
            Some(false) => "failed",
            None => "dim",
        }
    }
}

impl Authentication {
    pub(super) fn read(value: &str) -> Option<Self> {
        let mut parts = split(value, ';').into_iter();
        let head = words(&parts.next()?);
        let by = head.plain.first()?.as_str().into();
        let methods = parts.take(MOST).filter_map(|part| method(&part)).collect();
        Some(Self { by, methods })
    }
}

fn method(part: &str) -> Option<Method> {
    let words = words(part);
    let mut plain = words.plain.iter();
    // `method/version=result`; `none` alone says that nothing was done.
    let (name, result) = plain.next()?.split_once('=')?;
    let name = name.split('/').next().unwrap_or(name);
    let mut reason = None;
    let mut properties = Vec::new();
    for word in plain {
        match word.split_once('=') {
            Some((key, text)) if key.eq_ignore_ascii_case("reason") => reason = Some(text.into()),
            Some(_) => properties.push(word.as_str().into()),
            None => {}
        }
    }
    Some(Method {
        method: name.to_ascii_lowercase().into(),
        result: result.into(),
        reason,
        properties,
        comment: words.comment.map(Into::into),
    })
}

struct Words {
    plain: Vec<String>,
    comment: Option<String>,
}

/// Words outside comments, quotes taken off; a space around `=` belongs to the word.
fn words(part: &str) -> Words {
    let mut words = Words {
        plain: Vec::new(),
        comment: None,
    };
    let mut word = String::new();
    let mut comment = String::new();
    let (mut depth, mut quoted) = (0_u32, false);
    let mut chars = part.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if quoted || depth > 0 => {
                let behind = chars.next();
                if depth == 0 {
                    word.extend(behind);
                }
            }
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if depth > 0 => depth -= 1,
            _ if depth > 0 => comment.push(c),
            c if c.is_whitespace() && !quoted => {
                let glued = chars.peek().is_some_and(|next| *next == '=') || word.ends_with('=');
                if !word.is_empty() && !glued {
                    words.plain.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.plain.push(word);
    }
    let comment = comment.split_whitespace().collect::<Vec<_>>().join(" ");
    words.comment = Some(comment).filter(|comment| !comment.is_empty());
    words
}

/// The parts between `at`, outside of comments and quotes.
fn split(text: &str, at: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut depth, mut quoted, mut escaped) = (0_u32, false, false);
    for c in text.chars() {
        match c {
            _ if escaped => {}
            '"' if depth == 0 => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        if c == at && depth == 0 && !quoted {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    parts
}
