//! Service extensions of a host that offers them: their parameters, limits and chunks. A host
//! keeps to what its answer to EHLO says.

use super::dialogue::{Carriage, Dialogue};
use super::turn::{Next, Turn};
use crate::knowledge::parameter::parameter;
use crate::lab::setting::{Ehlo, StartTls, Weakness};

/// Octets of the largest message that an ordinary host takes.
const SIZE: u64 = 52_428_800;
/// The priorities that are told apart where `MIXER` is offered (RFC 6710 appendix B).
const MIXER: [i8; 3] = [-4, 0, 4];

impl Dialogue<'_> {
    /// The keywords of the answer to EHLO, besides those of TLS and login.
    pub(super) fn offered(&self) -> Vec<String> {
        let offered = match &self.host.script.ehlo {
            Some(Ehlo::Keywords(keywords)) => keywords.clone(),
            _ => vec![
                "PIPELINING".to_owned(),
                format!("SIZE {SIZE}"),
                "8BITMIME".to_owned(),
                "ENHANCEDSTATUSCODES".to_owned(),
            ],
        };
        // It makes no sense in clear, so it is offered inside TLS alone (RFC 8689 section 2).
        let hidden = |keyword: &str| !self.tls && keyword == "REQUIRETLS";
        offered
            .into_iter()
            .filter(|keyword| !hidden(keyword))
            .collect()
    }

    /// What stands behind a keyword that is offered.
    fn offer(&self, keyword: &str) -> Option<String> {
        self.offered().into_iter().find_map(|offered| {
            let (own, behind) = offered.split_once(' ').unwrap_or((&offered, ""));
            own.eq_ignore_ascii_case(keyword).then(|| behind.to_owned())
        })
    }

    /// What LIMITS says of one of them (RFC 9422).
    pub(super) fn limit_of(&self, limit: &str) -> Option<usize> {
        let limits = self.offer("LIMITS")?;
        let mut pairs = limits.split(' ').filter_map(|pair| pair.split_once('='));
        pairs.find(|(own, _)| *own == limit)?.1.parse().ok()
    }

    /// What a parameter of MAIL or RCPT is refused for.
    pub(super) fn parameters_refused(&self, argument: &str) -> Option<Turn> {
        argument
            .split_whitespace()
            .skip(1)
            .find_map(|parameter| self.parameter_refused(parameter))
    }

    fn parameter_refused(&self, text: &str) -> Option<Turn> {
        let unsupported = || Some(Turn::say(format!("555 5.5.4 Unsupported option: {text}")));
        let (keyword, value) = text.split_once('=').unwrap_or((text, ""));
        let keyword = keyword.to_ascii_uppercase();
        if keyword == "BODY" && self.host.is_weak(Weakness::EightBit) && value != "7BIT" {
            return unsupported();
        }
        let known = parameter(text).filter(|known| match known.extension.as_str() {
            "AUTH" => self.logged_in,
            extension => self.offer(extension).is_some(),
        });
        if known.is_none() {
            return unsupported();
        }
        let is_bad = match keyword.as_str() {
            "SIZE" => match value.parse::<u64>() {
                Ok(size) => {
                    let limit = self.offer("SIZE").and_then(|limit| limit.parse().ok());
                    let over = limit.is_some_and(|limit: u64| limit > 0 && size > limit);
                    if over && !self.host.is_weak(Weakness::Size) {
                        return Some(Turn::say("552 5.3.4 Message size exceeds fixed limit"));
                    }
                    false
                }
                Err(_) => true,
            },
            "MT-PRIORITY" => priority(value).is_none(),
            "REQUIRETLS" | "SMTPUTF8" => text.contains('='),
            _ => value.is_empty(),
        };
        is_bad.then(|| Turn::say(format!("501 5.5.4 Syntax error in {keyword}")))
    }

    /// What the sender is told who is taken: the priority that it gets, where it is another
    /// than the one asked for (RFC 6710 section 4.1).
    pub(super) fn taken(&self, argument: &str) -> String {
        let asked = argument
            .split_whitespace()
            .filter_map(|text| text.split_once('='))
            .find(|(keyword, _)| keyword.eq_ignore_ascii_case("MT-PRIORITY"))
            .and_then(|(_, value)| priority(value));
        let given = asked.and_then(|asked| {
            let profile = self.offer("MT-PRIORITY")?;
            let steps = profile.contains("MIXER").then_some(MIXER)?;
            let below = steps.into_iter().rev().find(|step| *step <= asked);
            Some(below.unwrap_or(MIXER[0]))
        });
        match given {
            Some(given) if Some(given) != asked => {
                format!("250 2.3.6 {given} is the priority that it gets")
            }
            _ => "250 2.1.0 Ok".to_owned(),
        }
    }

    /// BDAT (RFC 3030 section 2). The octets follow whatever the answer will be.
    pub(super) fn bdat(&mut self, argument: &str) -> Turn {
        if self.offer("CHUNKING").is_none() {
            return Turn::say("502 5.5.1 BDAT is not offered here");
        }
        let mut words = argument.split_whitespace();
        let octets = words.next().and_then(|octets| octets.parse().ok());
        let last = match words.next() {
            None => Some(false),
            Some(word) => word.eq_ignore_ascii_case("LAST").then_some(true),
        };
        let (Some(octets), Some(last), None) = (octets, last, words.next()) else {
            // Nobody knows what follows: it cannot be told from commands any more.
            return Turn::say("501 5.5.4 Syntax: BDAT octets [LAST]").then(Next::Close);
        };
        Turn::lines(Vec::new()).then(Next::Chunk { octets, last })
    }

    /// A chunk has been taken in.
    pub(super) fn chunk(&mut self, octets: u64, last: bool) -> Turn {
        if self.recipients.is_empty() {
            return Turn::say("503 5.5.1 Need RCPT command");
        }
        if last {
            return self.message();
        }
        self.carriage = Carriage::Begun;
        Turn::say(format!("250 2.0.0 {octets} octets received"))
    }

    /// Whether DATA would come too late, or be no way for this message (RFC 3030 sections 2
    /// and 3).
    pub(super) fn data_is_out_of_order(&self) -> Option<Turn> {
        match self.carriage {
            Carriage::Any => None,
            Carriage::Begun => Some(Turn::say("503 5.5.1 The message has begun with BDAT")),
            Carriage::Binary => Some(Turn::say("503 5.5.1 A binary message comes by BDAT")),
        }
    }

    /// Whether there is a handshake to offer.
    pub(super) fn offers_tls(&self) -> bool {
        !self.tls && self.host.script.starttls != StartTls::None
    }
}

/// Whether the message is declared as one that only BDAT can carry.
pub(super) fn is_binary(argument: &str) -> bool {
    argument
        .split_whitespace()
        .any(|parameter| parameter.eq_ignore_ascii_case("BODY=BINARYMIME"))
}

fn priority(value: &str) -> Option<i8> {
    value.parse().ok().filter(|value| (-9..=9).contains(value))
}
