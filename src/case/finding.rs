//! What a check concluded.

use crate::knowledge::finding::{FindingId, Service, Severity};
use crate::text::SafeText;
use serde::{Deserialize, Serialize};

/// One conclusion with its evidence. `summary` and `fix` are the catalogue's sentences with
/// their places filled; see [`crate::knowledge::finding`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub id: FindingId,
    pub severity: Severity,
    /// What it is about: a domain, a nameserver, an MX host, an address with its port.
    pub subject: SafeText,
    pub summary: SafeText,
    /// What was asked and what came back, verbatim.
    pub evidence: Vec<SafeText>,
    pub reproduce: SafeText,
    /// The finding of this case of which it is only a consequence.
    #[serde(default)]
    pub explained_by: Option<FindingId>,
    pub fix: SafeText,
}

impl Finding {
    /// A finding with the catalogue's sentences, their `{places}` filled from `places`.
    ///
    /// `{subject}` is always known. A place that nobody filled is a bug of the check; tests
    /// stop at it, a user sees the name of the place.
    pub fn new(id: FindingId, subject: impl Into<SafeText>, places: &[(&str, &str)]) -> Self {
        Self::at(Service::Transfer, id, subject, places)
    }

    /// The same in the words for what the port is for.
    pub fn at(
        service: Service,
        id: FindingId,
        subject: impl Into<SafeText>,
        places: &[(&str, &str)],
    ) -> Self {
        let subject = subject.into();
        let entry = id.entry();
        let fill = |template: &str| -> SafeText {
            let filled = filled(template, |place| match place {
                "subject" => Some(subject.as_str()),
                _ => places
                    .iter()
                    .find(|(name, _)| *name == place)
                    .map(|(_, value)| *value),
            });
            filled.into()
        };
        Self {
            id,
            severity: entry.severity,
            summary: fill(entry.summary(service)),
            evidence: Vec::new(),
            reproduce: fill(&entry.reproduce),
            explained_by: None,
            fix: fill(entry.fix(service)),
            subject,
        }
    }

    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    #[must_use]
    pub fn evidence(mut self, line: impl Into<SafeText>) -> Self {
        self.evidence.push(line.into());
        self
    }
}

/// `template` with each `{place}` replaced; values are not looked at again.
fn filled<'a>(template: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((place, behind)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        if let Some(value) = value(place) {
            out.push_str(value);
        } else {
            debug_assert!(false, "nobody fills `{{{place}}}` of: {template}");
            out.push_str(place);
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::filled;

    #[test]
    fn fills_places_once() {
        let value = |place: &str| match place {
            "host" => Some("mx.{code}"),
            "code" => Some("550"),
            _ => None,
        };
        assert_eq!(filled("{host} said {code}", value), "mx.{code} said 550");
        assert_eq!(filled("no places, a lone {", value), "no places, a lone {");
    }
}
