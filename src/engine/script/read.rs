//! A script's text to its steps; an error says which step, and which line of the file.

use super::step::Step;
use serde::de::{Deserialize, Deserializer, Error as _, SeqAccess, Visitor};
use std::fmt;

/// Reads a script: a YAML list of steps.
pub fn read(text: &str) -> Result<Vec<Step>, serde_yaml::Error> {
    serde_yaml::from_str(text).map(|Steps(steps)| steps)
}

struct Steps(Vec<Step>);

impl<'de> Deserialize<'de> for Steps {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Vec<Step>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of steps")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Vec<Step>, A::Error> {
        let mut steps: Vec<Step> = Vec::new();
        loop {
            let number = steps.len() + 1;
            let step = seq
                .next_element::<Step>()
                .map_err(|error| A::Error::custom(format!("step {number}: {error}")))?;
            let Some(step) = step else {
                return Ok(steps);
            };
            if let Some(flaw) = step.flaw() {
                return Err(A::Error::custom(format!("step {number}: {flaw}")));
            }
            steps.push(step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("- {quit: true}\n- {say: x}\n", "step 2", "line 2")]
    #[case("- {send: NOOP, expect: 250}\n\n- {raw: '\\q'}\n", "step 2", "line 3")]
    #[case("- expect: 999\n", "step 1", "line 1")]
    #[case("- {matches: '('}\n", "step 1", "line 1")]
    #[case("- {send: [a, b], expect: [250]}\n", "step 1", "as many")]
    #[case("- {send: a, quit: true}\n", "step 1", "more than one")]
    fn an_error_says_where(#[case] script: &str, #[case] step: &str, #[case] words: &str) {
        let error = read(script).unwrap_err().to_string();
        assert!(error.contains(step) && error.contains(words), "{error}");
        assert!(error.matches(" at line").count() < 2, "{error}");
    }
}
