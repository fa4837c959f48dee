//! What to change, with the record in it that can be copied into a zone.

use crate::case::Finding;
use crate::tui::theme::Role;
use crate::tui::widget::Doc;

/// Types of record that a fix can hold, and how many words one has, owner and type included;
/// none where it ends with its last quoted string.
const TYPES: [(&str, Option<usize>); 8] = [
    ("TXT", None),
    ("MX", Some(4)),
    ("TLSA", Some(6)),
    ("A", Some(3)),
    ("AAAA", Some(3)),
    ("NS", Some(3)),
    ("CNAME", Some(3)),
    ("PTR", Some(3)),
];

/// The words of a fix around the record that it gives, where it gives one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fix<'a> {
    pub(super) before: &'a str,
    /// `example.org. TXT "v=spf1 mx -all"`
    pub(super) record: Option<&'a str>,
    pub(super) behind: &'a str,
}

impl<'a> Fix<'a> {
    pub(super) fn of(finding: &'a Finding) -> Self {
        let text: &str = &finding.fix;
        let found = text
            .match_indices(": ")
            .find_map(|(at, colon)| record_at(text, at + colon.len()));
        match found {
            Some((start, end)) => Self {
                before: text.get(..start).unwrap_or_default().trim_end(),
                record: text.get(start..end),
                behind: text.get(end..).unwrap_or_default().trim_start(),
            },
            None => Self {
                before: text,
                record: None,
                behind: "",
            },
        }
    }

    /// What is worth having on the clipboard: the record, else the whole advice.
    pub(super) fn copied(&self) -> &'a str {
        self.record.unwrap_or(self.before)
    }

    pub(super) fn write(&self, doc: &mut Doc) {
        doc.hanging(2, 2, vec![(Role::Text, self.before.to_owned())]);
        if let Some(record) = self.record {
            doc.hanging(4, 6, vec![(Role::Key, record.to_owned())]);
        }
        if !self.behind.is_empty() {
            doc.hanging(2, 2, vec![(Role::Text, self.behind.to_owned())]);
        }
    }
}

/// Where the record that begins at `start` begins and ends, if one begins there.
fn record_at(text: &str, start: usize) -> Option<(usize, usize)> {
    let rest = text.get(start..)?;
    let mut words = rest.split(' ');
    let owner = words.next()?;
    let kind = words.next()?;
    let (_, count) = TYPES.iter().find(|(name, _)| *name == kind)?;
    // A sentence may end in front of "A".
    if !owner.strip_suffix('.')?.contains('.') {
        return None;
    }
    let length = match count {
        None => rest.rfind('"')? + 1,
        Some(count) => {
            let words: Vec<_> = rest.split(' ').take(*count).collect();
            if words.len() < *count {
                return None;
            }
            words.join(" ").len()
        }
    };
    Some((start, start + length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::finding::id;

    fn fix(text: &str) -> Finding {
        let places = [("domain", "example.org"), ("what", ""), ("record", "")];
        let mut finding = Finding::new(id::SPF_MULTIPLE, "example.org", &places);
        finding.fix = text.into();
        finding
    }

    #[test]
    fn the_record_stands_apart() {
        for (text, before, record, behind) in [
            (
                "Join them: example.org. TXT \"v=spf1 mx -all\"",
                "Join them:",
                Some("example.org. TXT \"v=spf1 mx -all\""),
                "",
            ),
            (
                "Replace the record `0 .` by the mail host: example.org. MX 10 mail.example.org. \
                 If not, nothing needs a change: write elsewhere.",
                "Replace the record `0 .` by the mail host:",
                Some("example.org. MX 10 mail.example.org."),
                "If not, nothing needs a change: write elsewhere.",
            ),
            (
                "Start it: now. A short word",
                "Start it: now. A short word",
                None,
                "",
            ),
            ("Load the zone", "Load the zone", None, ""),
        ] {
            let finding = fix(text);
            let fix = Fix::of(&finding);
            assert_eq!(
                (fix.before, fix.record, fix.behind),
                (before, record, behind)
            );
        }
    }
}
