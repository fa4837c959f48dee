//! Lists of `tag=value` between semicolons (RFC 6376 section 3.2).

/// The tags in order, trimmed. A part without `=` has itself as name and no value.
pub(super) fn tags(text: &str) -> Vec<(&str, Option<&str>)> {
    text.split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| match part.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim())),
            None => (part, None),
        })
        .collect()
}

/// The value of the first tag of this name, without regard to case.
pub(super) fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    tags(text)
        .into_iter()
        .find(|(tag, _)| tag.eq_ignore_ascii_case(name))
        .and_then(|(_, value)| value)
}

/// Joins tags again, as they are usually written.
pub(super) fn joined(tags: &[(String, String)]) -> String {
    tags.iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("; ")
}
