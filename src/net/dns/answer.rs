//! What came back to a DNS question.

use super::ask::{Ask, Flags};
use crate::case::Exchange;
use crate::net::Transport;
use crate::text::SafeText;
use hickory_resolver::proto::op::{Message, ResponseCode};
use hickory_resolver::proto::rr::rdata::opt::{EdnsCode, EdnsOption};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// A response, of whatever code, and how it was got.
#[derive(Clone, Debug)]
pub struct Answer {
    pub ask: Ask,
    pub server: SocketAddr,
    /// What carried the answer in the end: TCP after a truncated UDP answer.
    pub transport: Transport,
    pub message: Message,
    pub took: Duration,
    /// The answer came only when asked without EDNS, after this had come with it.
    pub without_edns: Option<SafeText>,
    /// The UDP answer was truncated.
    pub truncated: bool,
}

/// Why a question got no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("no answer within {} s", .0.as_secs_f32())]
    TimedOut(Duration),
    #[error("the port is closed")]
    Refused,
    #[error("no way there: {0}")]
    Unreachable(String),
    #[error("{0}")]
    Other(String),
    #[error("no resolver is configured")]
    NoResolver,
    #[error("the run was cancelled")]
    Cancelled,
}

/// A question and what became of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub ask: Ask,
    pub server: Option<SocketAddr>,
    pub transport: Transport,
    pub took: Duration,
    pub result: Result<Answer, Failure>,
}

impl Answer {
    pub fn code(&self) -> ResponseCode {
        self.message.metadata.response_code
    }

    pub fn is_authoritative(&self) -> bool {
        self.message.metadata.authoritative
    }

    pub fn is_authentic(&self) -> bool {
        self.message.metadata.authentic_data
    }

    /// Records of the answer section with this owner and type, the owner being the last of a
    /// chain of CNAMEs that begins at the question.
    pub fn records(&self, rtype: RecordType) -> impl Iterator<Item = &Record> {
        let owner = self.canonical_name();
        self.message
            .answers
            .iter()
            .filter(move |record| record.record_type() == rtype && record.name == owner)
    }

    /// Where the chain of CNAMEs in the answer ends; the name asked for, without one.
    pub fn canonical_name(&self) -> Name {
        let mut name = self.ask.name.clone();
        // A loop of CNAMEs ends here: no chain is longer than the answer.
        for _ in 0..self.message.answers.len() {
            let next = self
                .message
                .answers
                .iter()
                .find_map(|record| match &record.data {
                    RData::CNAME(target) if record.name == name => Some(target.0.clone()),
                    _ => None,
                });
            match next {
                Some(target) if self.ask.rtype != RecordType::CNAME => name = target,
                _ => break,
            }
        }
        name
    }

    pub fn addresses(&self) -> Vec<IpAddr> {
        let owner = self.canonical_name();
        self.message
            .answers
            .iter()
            .filter(|record| record.name == owner)
            .filter_map(|record| match &record.data {
                RData::A(address) => Some(IpAddr::V4(address.0)),
                RData::AAAA(address) => Some(IpAddr::V6(address.0)),
                _ => None,
            })
            .collect()
    }

    /// The smallest TTL of the records that answer, in seconds.
    pub fn ttl(&self) -> Option<u32> {
        self.message.answers.iter().map(|record| record.ttl).min()
    }

    /// NOERROR or NXDOMAIN: an answer about the name, not about the server's trouble.
    pub fn is_conclusive(&self) -> bool {
        matches!(self.code(), ResponseCode::NoError | ResponseCode::NXDomain)
    }

    /// The extended errors (RFC 8914) as `code (text)`.
    pub fn extended_errors(&self) -> Vec<SafeText> {
        let Some(edns) = &self.message.edns else {
            return Vec::new();
        };
        edns.options()
            .as_ref()
            .iter()
            .filter_map(|(code, option)| match option {
                EdnsOption::Unknown(15, data) => Some(extended_error(data)),
                _ if *code == EdnsCode::Unknown(15) => Some("extended error".into()),
                _ => None,
            })
            .collect()
    }

    /// The response in the shape that dig prints, as safe lines.
    pub fn lines(&self) -> Vec<SafeText> {
        let meta = &self.message.metadata;
        let mut flags = String::from("qr");
        for (set, word) in [
            (meta.authoritative, " aa"),
            (meta.truncation || self.truncated, " tc"),
            (meta.recursion_desired, " rd"),
            (meta.recursion_available, " ra"),
            (meta.authentic_data, " ad"),
            (meta.checking_disabled, " cd"),
        ] {
            if set {
                flags.push_str(word);
            }
        }
        let mut lines = vec![SafeText::from(format!(
            ";; status: {}, flags: {flags}; answer: {}, authority: {}, additional: {}",
            code_word(self.code()),
            self.message.answers.len(),
            self.message.authorities.len(),
            self.message.additionals.len(),
        ))];
        for error in self.extended_errors() {
            lines.push(format!(";; EDE: {error}").into());
        }
        for (title, records) in [
            ("ANSWER", &self.message.answers),
            ("AUTHORITY", &self.message.authorities),
            ("ADDITIONAL", &self.message.additionals),
        ] {
            if !records.is_empty() {
                lines.push(format!(";; {title} SECTION:").into());
                lines.extend(records.iter().take(64).map(record_line));
            }
        }
        lines
    }
}

/// A record as dig writes it.
pub(crate) fn record_line(record: &Record) -> SafeText {
    format!(
        "{} {} {} {} {}",
        record.name,
        record.ttl,
        record.dns_class,
        record.record_type(),
        record.data
    )
    .into()
}

/// The code as dig writes it.
pub(crate) fn code_word(code: ResponseCode) -> String {
    match code {
        ResponseCode::NoError => "NOERROR".into(),
        ResponseCode::FormErr => "FORMERR".into(),
        ResponseCode::ServFail => "SERVFAIL".into(),
        ResponseCode::NXDomain => "NXDOMAIN".into(),
        ResponseCode::NotImp => "NOTIMP".into(),
        ResponseCode::Refused => "REFUSED".into(),
        ResponseCode::NotAuth => "NOTAUTH".into(),
        other => format!("RCODE{}", u16::from(other)),
    }
}

fn extended_error(data: &[u8]) -> SafeText {
    let (code, text) = match data {
        [high, low, text @ ..] => (u16::from_be_bytes([*high, *low]), text),
        _ => (0, data),
    };
    let meaning = match code {
        1 => "unsupported DNSKEY algorithm",
        3 => "stale answer",
        6 => "DNSSEC bogus",
        7 => "signature expired",
        8 => "signature not yet valid",
        9 => "DNSKEY missing",
        10 => "RRSIGs missing",
        18 => "prohibited",
        22 => "no reachable authority",
        23 => "network error",
        _ => "",
    };
    let mut line = format!("{code}");
    if !meaning.is_empty() {
        let _ = write!(line, " {meaning}");
    }
    if !text.is_empty() {
        let _ = write!(line, ": {}", SafeText::from_bytes(text));
    }
    line.into()
}

impl Outcome {
    pub fn answer(&self) -> Option<&Answer> {
        self.result.as_ref().ok()
    }

    /// The question with its answer, for the pane beside a check.
    pub fn exchange(&self) -> Exchange {
        let server = self.server.map_or_else(
            || "the resolver".to_owned(),
            |server| server.ip().to_string(),
        );
        let transport = match self.transport {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
        };
        let recursion = if self.ask.flags.recursion {
            ""
        } else {
            ", no recursion"
        };
        let checking = if self.ask.flags.checking_disabled {
            ", checking disabled"
        } else {
            ""
        };
        Exchange {
            asked: format!(
                "{} {} @{server} ({transport}{recursion}{checking})",
                self.ask.name, self.ask.rtype
            )
            .into(),
            answered: match &self.result {
                Ok(answer) => answer.lines(),
                Err(failure) => vec![failure.to_string().into()],
            },
            took_ms: u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
        }
    }

    /// One line of evidence: the question, and the code or the records that came.
    pub fn evidence(&self) -> SafeText {
        let exchange = self.exchange();
        let answer = match &self.result {
            Ok(answer) => {
                let records: Vec<String> = answer
                    .message
                    .answers
                    .iter()
                    .take(8)
                    .map(|record| record_line(record).into_string())
                    .collect();
                if records.is_empty() {
                    let aa = if answer.is_authoritative() {
                        "aa"
                    } else {
                        "no aa"
                    };
                    format!("{}, {aa}, no answer records", code_word(answer.code()))
                } else {
                    records.join("; ")
                }
            }
            Err(failure) => failure.to_string(),
        };
        format!("{} -> {answer}", exchange.asked).into()
    }
}

impl Flags {
    /// dig's options for the same question.
    pub fn dig(self) -> String {
        let mut out = String::new();
        if !self.recursion {
            out.push_str("+norecurse ");
        }
        if self.checking_disabled {
            out.push_str("+cd ");
        }
        if self.dnssec {
            out.push_str("+dnssec ");
        }
        if self.tcp {
            out.push_str("+tcp ");
        }
        out
    }
}
