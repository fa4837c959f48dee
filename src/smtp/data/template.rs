//! Messages with gaps: `{{from}}` and the like, filled in for each message that is sent.

use super::draft::Stamp;
use crate::smtp::error::LocalError;
use crate::smtp::path::ForwardPath;
use mail_builder::headers::date::Date;

/// What fills the gaps. It is made of parts that were checked before, so none brings a line
/// break into a header.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    pub stamp: Stamp<'a>,
    /// The name that EHLO says.
    pub helo: &'a str,
    /// Counts the messages of a run, from 1.
    pub n: u32,
}

impl Values<'_> {
    /// What stands in the place of a gap of this name.
    ///
    /// * `from`: the sender of the envelope, empty for `<>`
    /// * `to`: the recipients of the envelope, with commas
    /// * `date`: as the header Date has it
    /// * `message-id`: as the header Message-ID has it, with angle brackets
    /// * `helo`, `n`
    fn get(&self, name: &str) -> Option<String> {
        let stamp = &self.stamp;
        Some(match name {
            "from" => {
                let mailbox = stamp.from.mailbox();
                mailbox.map_or_else(String::new, ToString::to_string)
            }
            "to" => {
                let to = stamp.to.iter().filter_map(ForwardPath::mailbox);
                to.map(ToString::to_string).collect::<Vec<_>>().join(", ")
            }
            "date" => Date::new(stamp.date.as_second()).to_rfc822(),
            "message-id" => format!("<{}>", stamp.message_id),
            "helo" => self.helo.to_owned(),
            "n" => self.n.to_string(),
            _ => return None,
        })
    }
}

/// The names of the gaps.
pub const NAMES: [&str; 6] = ["from", "to", "date", "message-id", "helo", "n"];

/// Fills every `{{name}}`; spaces beside the name do not count. An unknown name is an error, so
/// that none goes out by mistake; braces without an end are text.
pub fn fill(template: &str, values: &Values<'_>) -> Result<String, LocalError> {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once("{{") {
        text.push_str(before);
        let Some((name, after)) = behind.split_once("}}") else {
            rest = behind;
            text.push_str("{{");
            continue;
        };
        let value = values
            .get(name.trim())
            .ok_or_else(|| LocalError::Malformed {
                part: "placeholder of a template",
                text: name.trim().into(),
                why: "known are from, to, date, message-id, helo and n",
            })?;
        text.push_str(&value);
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn filled(template: &str) -> Result<String, LocalError> {
        let values = Values {
            stamp: Stamp {
                date: Timestamp::from_second(1_700_000_000).unwrap(),
                message_id: "1@me.example",
                from: &"me@a.example".parse().unwrap(),
                to: &[
                    "b@c.example".parse().unwrap(),
                    "d@e.example".parse().unwrap(),
                ],
            },
            helo: "me.example",
            n: 7,
        };
        fill(template, &values)
    }

    #[test]
    fn every_gap_is_filled() {
        assert_eq!(
            filled("{{from}}|{{ to }}|{{date}}|{{message-id}}|{{helo}}|{{n}}{{n}}|{x}").unwrap(),
            "me@a.example|b@c.example, d@e.example|Tue, 14 Nov 2023 22:13:20 +0000|\
             <1@me.example>|me.example|77|{x}"
        );
        for name in NAMES {
            assert!(filled(&format!("{{{{{name}}}}}")).is_ok(), "{name}");
        }
        let error = filled("{{form}}").unwrap_err().to_string();
        assert!(error.contains("`form`") && NAMES.iter().all(|name| error.contains(name)));
        assert_eq!(filled("a {{ b").unwrap(), "a {{ b");
    }

    proptest! {
        #[test]
        fn what_has_no_gap_stays(text in "[^{]{0,80}") {
            prop_assert_eq!(filled(&text).unwrap(), text);
        }
    }
}
