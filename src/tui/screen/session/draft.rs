//! The message that is written for a live session, and what goes along with it.

use crate::case::Case;
use crate::engine::message::{File, From, Outline, Signature, Specimen, SpecimenKind, Text};
use crate::smtp::data::{self, LineEnds};
use crate::tui::widget::Field;
use std::path::Path;

#[derive(Clone, Debug)]
pub struct Draft {
    pub from: Field,
    pub to: Field,
    pub subject: Field,
    pub body: Field,
    /// Headers of a template that have no field here.
    pub others: Vec<(String, String)>,
    /// It was begun from a template: `{{from}}` and the like are filled in.
    pub has_gaps: bool,
    /// A file that is sent as it is, in the place of what is written.
    pub whole: Option<Whole>,
    pub files: Vec<Enclosed>,
    pub gtube: Placed,
    pub eicar: Placed,
    pub signature: Option<Signature>,
}

/// A file that goes along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enclosed {
    /// `FILE` or `FILE:TYPE`.
    pub path: String,
    pub octets: u64,
}

/// A message that stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    pub path: String,
    pub octets: u64,
    pub ends: LineEnds,
}

/// Where a test for filters stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Placed {
    #[default]
    Nowhere,
    Text,
    File,
}

impl Placed {
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Nowhere => Self::Text,
            Self::Text => Self::File,
            Self::File => Self::Nowhere,
        }
    }

    fn specimen(self, kind: SpecimenKind) -> Option<Specimen> {
        (self != Self::Nowhere).then_some(Specimen {
            kind,
            attached: self == Self::File,
        })
    }
}

impl Enclosed {
    /// Without its folder.
    pub fn name(&self) -> String {
        let file = File::named(&self.path, false);
        let name = file.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// As base64, in lines of 76 (RFC 2045 section 6.8).
    fn encoded(&self) -> u64 {
        self.octets.div_ceil(57).saturating_mul(78)
    }
}

impl Draft {
    pub fn new(case: &Case) -> Self {
        let mut draft = Self {
            from: Field::line(""),
            to: Field::line(""),
            subject: Field::line("Test message"),
            body: Field::area("Hello,\n\nthis is a test message.\n"),
            others: Vec::new(),
            has_gaps: false,
            whole: None,
            files: Vec::new(),
            gtube: Placed::Nowhere,
            eicar: Placed::Nowhere,
            signature: None,
        };
        draft.fill(case);
        draft
    }

    /// Fills what is still empty with what the case knows.
    pub fn fill(&mut self, case: &Case) {
        let to = case
            .to
            .clone()
            .or_else(|| case.target.as_ref().and_then(crate::case::Target::address));
        fill(&mut self.from, case.from.as_ref().map(ToString::to_string));
        fill(&mut self.to, to.map(|to| to.to_string()));
    }

    /// Fills what is still empty from the envelope of the transaction.
    pub fn take_envelope(&mut self, sender: &str, recipients: &[String]) {
        fill(&mut self.from, Some(sender.to_owned()));
        fill(&mut self.to, Some(recipients.join(", ")));
    }

    /// Starts anew from headers, an empty line and a text.
    pub fn take_template(&mut self, text: &str) {
        let template = data::Draft::parse(text);
        self.whole = None;
        self.others.clear();
        for (name, value) in template.headers {
            let field = match name.to_ascii_lowercase().as_str() {
                "from" => &mut self.from,
                "to" => &mut self.to,
                "subject" => &mut self.subject,
                _ => {
                    self.others.push((name, value));
                    continue;
                }
            };
            field.set(&value);
        }
        self.body.set(&template.body);
        self.has_gaps = text.contains("{{");
    }

    /// Takes a text, and leaves the headers.
    pub fn take_text(&mut self, text: &str) {
        self.whole = None;
        self.has_gaps = false;
        self.body.set(text);
    }

    /// `3 lines, 40 octets`: what is written here, with its line ends; or the whole file.
    pub fn size(&self) -> String {
        if let Some(whole) = &self.whole {
            return octets(whole.octets);
        }
        let lines = self.body.lines();
        let written: usize = lines.iter().map(|line| line.len() + 2).sum();
        let files: u64 = self.files.iter().map(Enclosed::encoded).sum();
        let count = match lines.len() {
            1 => "1 line".to_owned(),
            count => format!("{count} lines"),
        };
        let text = format!("{count}, {}", octets(u64::try_from(written).unwrap_or(0)));
        if files == 0 {
            text
        } else {
            format!("{text}; files as base64: {}", octets(files))
        }
    }

    /// What goes along with the text, as a list for the reader.
    pub fn enclosures(&self) -> Vec<String> {
        let files = self.files.iter();
        let files = files.map(|file| format!("{} ({})", file.name(), octets(file.octets)));
        let specimens = [(self.gtube, "gtube.txt"), (self.eicar, "eicar.com")];
        let specimens = specimens
            .into_iter()
            .filter(|(placed, _)| *placed == Placed::File);
        files
            .chain(specimens.map(|(_, name)| name.to_owned()))
            .collect()
    }

    /// `s1._domainkey.example.org`, where it is signed.
    pub fn signed_as(&self) -> Option<String> {
        let signature = self.signature.as_ref()?;
        let domain = signature.domain.as_deref().unwrap_or_default();
        Some(format!("{}._domainkey.{domain}", signature.selector))
    }

    /// Headers, an empty line, text. The connection adds the headers that RFC 5322 section 3.6
    /// demands beside them.
    fn text(&self) -> String {
        let fields = [
            ("From", &self.from),
            ("To", &self.to),
            ("Subject", &self.subject),
        ];
        let fields = fields.map(|(name, field)| (name, field.text()));
        let others = self.others.iter();
        let others = others.map(|(name, value)| (name.as_str(), value.clone()));
        let mut text = String::new();
        for (name, value) in fields.into_iter().chain(others) {
            let value = value.trim();
            if value.is_empty() {
                continue;
            }
            text.push_str(name);
            text.push_str(": ");
            // One header is one line; a break in it would begin another.
            text.push_str(&value.replace(['\r', '\n'], " "));
            text.push('\n');
        }
        text.push('\n');
        text.push_str(&self.body.text());
        text
    }

    /// All of it, for the connection.
    pub fn outline(&self) -> Outline {
        if let Some(whole) = &self.whole {
            return Outline {
                signature: self.signature.clone(),
                ..Outline::new(Text::AsItIs {
                    from: From::File(Path::new(&whole.path).to_path_buf()),
                    ends: whole.ends,
                })
            };
        }
        let text = if self.has_gaps {
            Text::Template(self.text())
        } else {
            Text::Draft(self.text())
        };
        let files = self.files.iter();
        let specimens = [
            self.gtube.specimen(SpecimenKind::Gtube),
            self.eicar.specimen(SpecimenKind::Eicar),
        ];
        Outline {
            files: files.map(|file| File::named(&file.path, false)).collect(),
            specimens: specimens.into_iter().flatten().collect(),
            signature: self.signature.clone(),
            ..Outline::new(text)
        }
    }
}

/// `340 octets`, `24.1 KiB`, `3.0 MiB`.
pub fn octets(count: u64) -> String {
    let tenths = |unit: u64| {
        let tenths = count.saturating_mul(10) / unit;
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    match count {
        1 => "1 octet".to_owned(),
        0..4096 => format!("{count} octets"),
        4096..0x10_0000 => format!("{} KiB", tenths(1 << 10)),
        _ => format!("{} MiB", tenths(1 << 20)),
    }
}

fn fill(field: &mut Field, text: Option<String>) {
    if let Some(text) = text.filter(|text| field.is_empty() && !text.is_empty()) {
        field.set(&text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn draft() -> Draft {
        Draft::new(&Case::new(Timestamp::UNIX_EPOCH))
    }

    #[test]
    fn a_template_fills_its_fields_and_keeps_its_other_headers() {
        let mut draft = draft();
        draft.from.set("me@example.net");
        draft.take_template("Subject: {{n}}\nX-Test: a\n b\n\nHello {{to}}\n");
        assert_eq!(draft.from.text(), "me@example.net");
        let outline = draft.outline();
        let text = "From: me@example.net\nSubject: {{n}}\nX-Test: a b\n\nHello {{to}}";
        assert_eq!(outline.text, Text::Template(text.to_owned()));
        draft.take_text("{{no}} gap");
        let Text::Draft(text) = draft.outline().text else {
            panic!("gaps in a text that somebody wrote");
        };
        assert!(text.ends_with("X-Test: a b\n\n{{no}} gap"), "{text}");
    }

    #[test]
    fn a_line_break_in_a_field_begins_no_header() {
        let mut draft = draft();
        draft
            .others
            .push(("X-A".to_owned(), "b\r\nBcc: c".to_owned()));
        assert!(draft.text().contains("X-A: b  Bcc: c\n"));
    }

    #[test]
    fn what_goes_along_is_counted_and_named() {
        let mut draft = draft();
        draft.files.push(Enclosed {
            path: "/tmp/a b.pdf".to_owned(),
            octets: 57_000,
        });
        draft.eicar = Placed::File;
        draft.gtube = Placed::Text;
        assert_eq!(draft.enclosures(), ["a b.pdf (55.6 KiB)", "eicar.com"]);
        assert!(
            draft.size().ends_with("as base64: 76.1 KiB"),
            "{}",
            draft.size()
        );
        let outline = draft.outline();
        assert_eq!(outline.files.len(), 1);
        assert_eq!(outline.specimens.len(), 2);
        assert!(!outline.specimens[0].attached && outline.specimens[1].attached);
    }

    #[test]
    fn sizes_are_short() {
        for (count, words) in [
            (1, "1 octet"),
            (4095, "4095 octets"),
            (4096, "4.0 KiB"),
            (3 << 20, "3.0 MiB"),
        ] {
            assert_eq!(octets(count), words);
        }
    }
}
