//! TXT records as text.

use crate::net::dns::{Ask, Dns, Name, Outcome, RData, RecordType, ResponseCode};
use std::sync::Arc;

/// What a TXT question came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Txt {
    /// There is an answer; the strings of each record are joined without a space (RFC 7208
    /// section 3.3).
    Records(Vec<String>),
    /// There is no such name, or it has no TXT record.
    None,
    /// There was no answer that says either.
    Unknown,
}

pub(super) async fn ask(dns: &Dns, name: Name) -> Arc<Outcome> {
    dns.resolve(Ask::recursive(name, RecordType::TXT)).await
}

pub(super) fn texts(outcome: &Outcome) -> Txt {
    let Some(answer) = outcome.answer().filter(|answer| answer.is_conclusive()) else {
        return Txt::Unknown;
    };
    let records: Vec<String> = answer
        .records(RecordType::TXT)
        .filter_map(|record| match &record.data {
            RData::TXT(txt) => {
                let octets: Vec<u8> = txt.txt_data.iter().flatten().copied().collect();
                Some(String::from_utf8_lossy(&octets).into_owned())
            }
            _ => None,
        })
        .collect();
    if answer.code() == ResponseCode::NXDomain || records.is_empty() {
        return Txt::None;
    }
    Txt::Records(records)
}

/// The records that are of interest: all of them that `of` takes.
pub(super) fn chosen(outcome: &Outcome, of: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    match texts(outcome) {
        Txt::Records(records) => Some(records.into_iter().filter(|text| of(text)).collect()),
        Txt::None => Some(Vec::new()),
        Txt::Unknown => None,
    }
}

/// A record as a zone file has it, to be put there.
pub(super) fn line(owner: &str, text: &str) -> String {
    let strings: Vec<String> = text
        .as_bytes()
        .chunks(250)
        .map(|part| {
            let part = String::from_utf8_lossy(part).replace('\\', "\\\\");
            format!("\"{}\"", part.replace('"', "\\\""))
        })
        .collect();
    format!("{owner}. TXT {}", strings.join(" "))
}
