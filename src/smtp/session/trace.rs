//! A secret, and whatever piece of it stands in a text.

use crate::text::Secret;
use std::cmp::Ordering;
use std::ops::Range;

/// What is shorter is part of ordinary words, and masking those would tell more than it hides.
pub(super) const SHORTEST: usize = 4;
/// A run of so many octets is a piece of a secret, however long that is.
const LONGEST_RUN: usize = 32;

/// A secret with its runs in order, so that a long text is searched for a long token in time.
#[derive(Debug)]
pub(super) struct Trace {
    secret: Secret,
    /// Octets of a run: half the secret, at least [`SHORTEST`].
    run: usize,
    /// Where runs begin, in their order.
    starts: Vec<usize>,
}

impl Trace {
    /// The whole of it.
    pub(super) fn whole(&self) -> &str {
        self.secret.expose()
    }

    /// None for what is too short to be told from ordinary words.
    pub(super) fn of(text: &str) -> Option<Self> {
        let octets = text.as_bytes();
        if octets.len() < SHORTEST {
            return None;
        }
        let run = octets.len().div_ceil(2).clamp(SHORTEST, LONGEST_RUN);
        let mut starts: Vec<usize> = (0..=octets.len() - run).collect();
        let at = |start: &usize| octets.get(*start..start + run).unwrap_or_default();
        starts.sort_by(|a, b| compare(at(a), at(b)));
        Some(Self {
            secret: Secret::new(text.to_owned()),
            run,
            starts,
        })
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.secret.expose() == text
    }

    /// Whether half of the secret, or more, stands in `octets`, in whatever case.
    pub(super) fn is_in(&self, octets: &[u8]) -> bool {
        octets.windows(self.run).any(|window| self.has(window))
    }

    /// Where pieces of the secret stand in `text`; neighbours and overlapping ones as one.
    pub(super) fn found_in(&self, text: &str) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for (start, window) in text.as_bytes().windows(self.run).enumerate() {
            if !self.has(window) {
                continue;
            }
            let end = start + self.run;
            match found.last_mut() {
                Some(last) if last.end >= start => last.end = end,
                _ => found.push(start..end),
            }
        }
        found
    }

    fn has(&self, window: &[u8]) -> bool {
        let octets = self.secret.expose().as_bytes();
        self.starts
            .binary_search_by(|start| {
                compare(
                    octets.get(*start..start + self.run).unwrap_or_default(),
                    window,
                )
            })
            .is_ok()
    }
}

fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let lower = |octets: &[u8]| {
        octets
            .iter()
            .map(u8::to_ascii_lowercase)
            .collect::<Vec<_>>()
    };
    match (a.first(), b.first()) {
        // Most differ here, and nothing need be copied.
        (Some(a), Some(b)) if !a.eq_ignore_ascii_case(b) => {
            a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase())
        }
        _ => lower(a).cmp(&lower(b)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn half_of_it_is_found_wherever_it_stands() {
        let trace = Trace::of("orange-tree").unwrap();
        assert_eq!(trace.found_in("an ORANGE-tree.").first(), Some(&(3..14)));
        assert_eq!(trace.found_in("orange / e-tree"), [0..6, 9..15]);
        assert!(trace.found_in("range trees").is_empty());
        assert!(Trace::of("abc").is_none());
    }

    proptest! {
        #[test]
        fn a_secret_is_found_in_what_holds_it(before: String, secret in ".{4,80}", after: String) {
            if let Some(trace) = Trace::of(&secret) {
                let text = format!("{before}{secret}{after}");
                let whole = before.len()..before.len() + secret.len();
                let found = trace.found_in(&text);
                prop_assert!(found.iter().any(|f| f.start <= whole.start && f.end >= whole.end));
                prop_assert!(trace.is_in(text.as_bytes()));
            }
        }
    }
}
